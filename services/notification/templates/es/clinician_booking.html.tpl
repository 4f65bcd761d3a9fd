<!DOCTYPE html>
<html lang="es">
<head>
  <meta charset="utf-8">
  <meta name="viewport" content="width=device-width, initial-scale=1">
  <title>Visita reservada o cambiada</title>
</head>
<body style="margin: 0; padding: 24px; background: #ffffff; color: #1a1a1a; font: 16px/1.5 Arial, Helvetica, sans-serif">
<main style="max-width: 560px; margin: 0 auto">
  <h1 style="font-size: 22px; line-height: 1.3">Una visita con usted está reservada o cambió de hora</h1>
  <p>Hola, {{CLINICIAN_NAME:h}}:</p>
  <p>Una visita virtual con usted en {{PRACTICE:h}} está reservada, o pasó a la hora que ve abajo.</p>
  <dl>
    <dt style="font-weight: bold; margin-top: 8px">Día</dt>
    <dd style="margin: 0">{{VISIT_DAY:h}}</dd>
    <dt style="font-weight: bold; margin-top: 8px">Hora</dt>
    <dd style="margin: 0">{{VISIT_TIME:h}}</dd>
    <dt style="font-weight: bold; margin-top: 8px">Duración</dt>
    <dd style="margin: 0">{{DURATION_MINUTES:h}} minutos</dd>
    <dt style="font-weight: bold; margin-top: 8px">Referencia de la visita</dt>
    <dd style="margin: 0">{{APPOINTMENT:h}}</dd>
  </dl>
  <p>El archivo de calendario que acompaña este correo tiene la misma hora y sustituye a uno anterior de la misma visita. Quién es el paciente lo ve donde aparecen sus visitas. Nadie lee las respuestas a este correo.</p>
  <p>{{PRACTICE:h}}</p>
</main>
</body>
</html>
