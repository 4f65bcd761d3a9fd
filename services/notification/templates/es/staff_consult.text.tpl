Un paciente pidió una visita y no se le pudo ofrecer ninguna: una persona tiene que verlo ahora.

Abra la consulta, hágase cargo de ella y contacte al paciente:

  {{CONSULT}}

Lo que dijo el paciente no está en este correo.

{{PRACTICE}}
