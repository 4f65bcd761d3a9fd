Hola, {{PATIENT_NAME}}:

Su visita virtual con {{PRACTICE}} empieza a la hora que ve abajo.

  Día: {{VISIT_DAY}}
  Hora: {{VISIT_TIME}}
  Duración: {{DURATION_MINUTES}} minutos
  Profesional: {{CLINICIAN_NAME}}
  Referencia de la visita: {{APPOINTMENT}}

Tenga todo listo unos minutos antes donde reservó la visita, en un lugar tranquilo y con buena luz. Tenga a mano sus medicinas, o una lista de ellas.

Para cambiar o cancelar esta visita, vaya a donde la reservó o comuníquese directamente con {{PRACTICE}}. Nadie lee las respuestas a este correo.

Si sus síntomas empeoran de repente, o cree que puede ser una emergencia, no espere a la visita. Llame al 911 o vaya a la sala de emergencias más cercana.

{{PRACTICE}}
