Hola, {{CLINICIAN_NAME}}:

Una visita virtual con usted en {{PRACTICE}} está reservada, o pasó a la hora que ve abajo.

  Día: {{VISIT_DAY}}
  Hora: {{VISIT_TIME}}
  Duración: {{DURATION_MINUTES}} minutos
  Referencia de la visita: {{APPOINTMENT}}

El archivo de calendario que acompaña este correo tiene la misma hora y sustituye a uno anterior de la misma visita. Quién es el paciente lo ve donde aparecen sus visitas. Nadie lee las respuestas a este correo.

{{PRACTICE}}
