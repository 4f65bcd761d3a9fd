<!DOCTYPE html>
<html lang="es">
<head>
  <meta charset="utf-8">
  <meta name="viewport" content="width=device-width, initial-scale=1">
  <title>Una consulta espera más de lo debido</title>
</head>
<body style="margin: 0; padding: 24px; background: #ffffff; color: #1a1a1a; font: 16px/1.5 Arial, Helvetica, sans-serif">
<main style="max-width: 560px; margin: 0 auto">
  <h1 style="font-size: 22px; line-height: 1.3">Una consulta espera más de lo debido</h1>
  <p>Un paciente pidió una visita, no se le pudo ofrecer ninguna y nadie del personal se ha hecho cargo de la consulta.</p>
  <p>Abra la consulta, hágase cargo de ella y contacte al paciente ahora:<br><strong>{{CONSULT:h}}</strong></p>
  <p>Lo que dijo el paciente no está en este correo.</p>
  <p>{{PRACTICE:h}}</p>
</main>
</body>
</html>
