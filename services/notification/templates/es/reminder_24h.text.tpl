Hola, {{PATIENT_NAME}}:

Le recordamos su visita virtual con {{PRACTICE}}.

  Día: {{VISIT_DAY}}
  Hora: {{VISIT_TIME}}
  Duración: {{DURATION_MINUTES}} minutos
  Profesional: {{CLINICIAN_NAME}}
  Referencia de la visita: {{APPOINTMENT}}

Durante la visita, esté en el estado que nos indicó al reservar. Si va a estar en otro lugar, avísenos antes de la visita.

Conviene probar hoy la cámara y el sonido, y anotar lo que quiera preguntar.

Para cambiar o cancelar esta visita, vaya a donde la reservó o comuníquese directamente con {{PRACTICE}}. Nadie lee las respuestas a este correo.

Si sus síntomas empeoran de repente, o cree que puede ser una emergencia, no espere a la visita. Llame al 911 o vaya a la sala de emergencias más cercana.

{{PRACTICE}}
