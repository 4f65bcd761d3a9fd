<!DOCTYPE html>
<html lang="es">
<head>
  <meta charset="utf-8">
  <meta name="viewport" content="width=device-width, initial-scale=1">
  <title>Espera un texto de emergencia</title>
</head>
<body style="margin: 0; padding: 24px; background: #ffffff; color: #1a1a1a; font: 16px/1.5 Arial, Helvetica, sans-serif">
<main style="max-width: 560px; margin: 0 auto">
  <h1 style="font-size: 22px; line-height: 1.3">Espera un texto de emergencia</h1>
  <p>Un paciente envió un texto que puede ser de una emergencia. La respuesta fue llamar enseguida al 911.</p>
  <p>Abra la conversación ahora y llame al paciente:<br><strong>{{CONVERSATION:h}}</strong></p>
  <p>Lo que escribió el paciente y su número no están en este correo.</p>
  <p>{{PRACTICE:h}}</p>
</main>
</body>
</html>
