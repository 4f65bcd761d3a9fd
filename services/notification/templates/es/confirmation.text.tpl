Hola, {{PATIENT_NAME}}:

Su visita virtual con {{PRACTICE}} está reservada. Estos son los detalles.

  Día: {{VISIT_DAY}}
  Hora: {{VISIT_TIME}}
  Duración: {{DURATION_MINUTES}} minutos
  Profesional: {{CLINICIAN_NAME}}
  Referencia de la visita: {{APPOINTMENT}}

Durante la visita, esté en el estado que nos indicó al reservar: su profesional tiene licencia para atenderle allí. Si va a estar en otro lugar, avísenos antes de la visita.

Busque un lugar tranquilo y bien iluminado, y tenga a mano una lista de sus medicinas. Si hay tiempo, le recordaremos la visita un día antes y una hora antes.

Para cambiar o cancelar esta visita, vaya a donde la reservó o comuníquese directamente con {{PRACTICE}}. Nadie lee las respuestas a este correo.

Si sus síntomas empeoran de repente, o cree que puede ser una emergencia, no espere a la visita. Llame al 911 o vaya a la sala de emergencias más cercana.

{{PRACTICE}}
