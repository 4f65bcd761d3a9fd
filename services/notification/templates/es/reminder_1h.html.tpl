<!DOCTYPE html>
<html lang="es">
<head>
  <meta charset="utf-8">
  <meta name="viewport" content="width=device-width, initial-scale=1">
  <title>Su visita está cerca</title>
</head>
<body style="margin: 0; padding: 24px; background: #ffffff; color: #1a1a1a; font: 16px/1.5 Arial, Helvetica, sans-serif">
<main style="max-width: 560px; margin: 0 auto">
  <h1 style="font-size: 22px; line-height: 1.3">Su visita está cerca</h1>
  <p>Hola, {{PATIENT_NAME:h}}:</p>
  <p>Su visita virtual con {{PRACTICE:h}} empieza a la hora que ve abajo.</p>
  <dl>
    <dt style="font-weight: bold; margin-top: 8px">Día</dt>
    <dd style="margin: 0">{{VISIT_DAY:h}}</dd>
    <dt style="font-weight: bold; margin-top: 8px">Hora</dt>
    <dd style="margin: 0">{{VISIT_TIME:h}}</dd>
    <dt style="font-weight: bold; margin-top: 8px">Duración</dt>
    <dd style="margin: 0">{{DURATION_MINUTES:h}} minutos</dd>
    <dt style="font-weight: bold; margin-top: 8px">Profesional</dt>
    <dd style="margin: 0">{{CLINICIAN_NAME:h}}</dd>
    <dt style="font-weight: bold; margin-top: 8px">Referencia de la visita</dt>
    <dd style="margin: 0">{{APPOINTMENT:h}}</dd>
  </dl>
  <p>Tenga todo listo unos minutos antes donde reservó la visita, en un lugar tranquilo y con buena luz. Tenga a mano sus medicinas, o una lista de ellas.</p>
  <p>Para cambiar o cancelar esta visita, vaya a donde la reservó o comuníquese directamente con {{PRACTICE:h}}. Nadie lee las respuestas a este correo.</p>
  <p style="padding: 12px 16px; border-left: 4px solid #1a5fb4; background: #f2f6fb">Si sus síntomas empeoran de repente, o cree que puede ser una emergencia, no espere a la visita. Llame al 911 o vaya a la sala de emergencias más cercana.</p>
  <p>{{PRACTICE:h}}</p>
</main>
</body>
</html>
