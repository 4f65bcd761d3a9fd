Un paciente pidió una visita, no se le pudo ofrecer ninguna y nadie del personal se ha hecho cargo de la consulta.

Abra la consulta, hágase cargo de ella y contacte al paciente ahora:

  {{CONSULT}}

Lo que dijo el paciente no está en este correo.

{{PRACTICE}}
