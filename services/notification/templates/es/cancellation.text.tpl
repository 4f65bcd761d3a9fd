Hola, {{PATIENT_NAME}}:

La visita virtual con {{PRACTICE}} que ve abajo está cancelada. No tiene que hacer nada, y no le enviaremos más recordatorios de ella.

  Día: {{VISIT_DAY}}
  Hora: {{VISIT_TIME}}
  Duración: {{DURATION_MINUTES}} minutos
  Profesional: {{CLINICIAN_NAME}}
  Referencia de la visita: {{APPOINTMENT}}

Si todavía quiere que le atiendan, o no esperaba este mensaje, reserve otra hora donde reservó esta, o comuníquese directamente con {{PRACTICE}}. Nadie lee las respuestas a este correo.

Si sus síntomas empeoran de repente, o cree que puede ser una emergencia, no espere a una visita nueva. Llame al 911 o vaya a la sala de emergencias más cercana.

{{PRACTICE}}
