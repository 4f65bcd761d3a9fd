Un paciente envió un texto que puede ser de una emergencia. La respuesta fue llamar enseguida al 911.

Abra la conversación ahora y llame al paciente:

  {{CONVERSATION}}

Lo que escribió el paciente y su número no están en este correo.

{{PRACTICE}}
