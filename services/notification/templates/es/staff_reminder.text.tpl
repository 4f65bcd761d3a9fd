Un paciente que envió un texto espera respuesta más tiempo de lo prometido.

Abra la conversación y conteste:

  {{CONVERSATION}}

Lo que escribió el paciente y su número no están en este correo.

{{PRACTICE}}
