<!DOCTYPE html>
<html lang="es">
<head>
  <meta charset="utf-8">
  <meta name="viewport" content="width=device-width, initial-scale=1">
  <title>Hay una hora libre</title>
</head>
<body style="margin: 0; padding: 24px; background: #ffffff; color: #1a1a1a; font: 16px/1.5 Arial, Helvetica, sans-serif">
<main style="max-width: 560px; margin: 0 auto">
  <h1 style="font-size: 22px; line-height: 1.3">Hay una hora libre</h1>
  <p>Hola, {{PATIENT_NAME:h}}:</p>
  <p>Usted pidió a {{PRACTICE:h}} que le avisara cuando hubiera una hora libre. Esta lo está, y se guarda para usted hasta las <strong>{{ANSWER_BY:h}}</strong>. Todavía no está reservada.</p>
  <dl>
    <dt style="font-weight: bold; margin-top: 8px">Día</dt>
    <dd style="margin: 0">{{VISIT_DAY:h}}</dd>
    <dt style="font-weight: bold; margin-top: 8px">Hora</dt>
    <dd style="margin: 0">{{VISIT_TIME:h}}</dd>
    <dt style="font-weight: bold; margin-top: 8px">Duración</dt>
    <dd style="margin: 0">{{DURATION_MINUTES:h}} minutos</dd>
    <dt style="font-weight: bold; margin-top: 8px">Profesional</dt>
    <dd style="margin: 0">{{CLINICIAN_NAME:h}}</dd>
    <dt style="font-weight: bold; margin-top: 8px">Referencia de la lista de espera</dt>
    <dd style="margin: 0">{{APPOINTMENT:h}}</dd>
  </dl>
  <p>Para tomarla o dejarla pasar, vaya a donde la pidió. Si hasta entonces no sabemos de usted, pasa a la siguiente persona. Nadie lee las respuestas a este correo.</p>
  <p>Durante la visita, esté en el estado que nos indicó: el profesional tiene licencia para atenderle allí.</p>
  <p style="padding: 12px 16px; border-left: 4px solid #1a5fb4; background: #f2f6fb">Si sus síntomas empeoran de repente, o cree que puede ser una emergencia, no espere a una visita. Llame al 911 o vaya a la sala de emergencias más cercana.</p>
  <p>{{PRACTICE:h}}</p>
</main>
</body>
</html>
