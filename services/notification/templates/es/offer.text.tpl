Hola, {{PATIENT_NAME}}:

Usted pidió a {{PRACTICE}} que le avisara cuando hubiera una hora libre. Esta lo está, y se guarda para usted hasta las {{ANSWER_BY}}. Todavía no está reservada.

  Día: {{VISIT_DAY}}
  Hora: {{VISIT_TIME}}
  Duración: {{DURATION_MINUTES}} minutos
  Profesional: {{CLINICIAN_NAME}}
  Referencia de la lista de espera: {{APPOINTMENT}}

Para tomarla o dejarla pasar, vaya a donde la pidió. Si hasta entonces no sabemos de usted, pasa a la siguiente persona. Nadie lee las respuestas a este correo.

Durante la visita, esté en el estado que nos indicó: el profesional tiene licencia para atenderle allí.

Si sus síntomas empeoran de repente, o cree que puede ser una emergencia, no espere a una visita. Llame al 911 o vaya a la sala de emergencias más cercana.

{{PRACTICE}}
