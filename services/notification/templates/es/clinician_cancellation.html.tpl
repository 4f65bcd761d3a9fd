<!DOCTYPE html>
<html lang="es">
<head>
  <meta charset="utf-8">
  <meta name="viewport" content="width=device-width, initial-scale=1">
  <title>Una visita ya no es suya</title>
</head>
<body style="margin: 0; padding: 24px; background: #ffffff; color: #1a1a1a; font: 16px/1.5 Arial, Helvetica, sans-serif">
<main style="max-width: 560px; margin: 0 auto">
  <h1 style="font-size: 22px; line-height: 1.3">Una visita ya no es suya</h1>
  <p>Hola:</p>
  <p>La visita virtual con la referencia {{APPOINTMENT:h}} en {{PRACTICE:h}} está cancelada, o ahora es de otro profesional. Su hora vuelve a estar libre.</p>
  <p>El archivo de calendario que acompaña este correo la quita de su calendario. Nadie lee las respuestas a este correo.</p>
  <p>{{PRACTICE:h}}</p>
</main>
</body>
</html>
