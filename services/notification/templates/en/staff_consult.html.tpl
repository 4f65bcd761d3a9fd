<!DOCTYPE html>
<html lang="en">
<head>
  <meta charset="utf-8">
  <meta name="viewport" content="width=device-width, initial-scale=1">
  <title>A consult waits for you</title>
</head>
<body style="margin: 0; padding: 24px; background: #ffffff; color: #1a1a1a; font: 16px/1.5 Arial, Helvetica, sans-serif">
<main style="max-width: 560px; margin: 0 auto">
  <h1 style="font-size: 22px; line-height: 1.3">A consult waits for you</h1>
  <p>A patient asked for a visit, and no visit could be offered: a person has to look at it now.</p>
  <p>Open the consult, take it on, and reach the patient:<br><strong>{{CONSULT:h}}</strong></p>
  <p>What the patient said is not in this e-mail.</p>
  <p>{{PRACTICE:h}}</p>
</main>
</body>
</html>
