<!DOCTYPE html>
<html lang="en">
<head>
  <meta charset="utf-8">
  <meta name="viewport" content="width=device-width, initial-scale=1">
  <title>An emergency text waits</title>
</head>
<body style="margin: 0; padding: 24px; background: #ffffff; color: #1a1a1a; font: 16px/1.5 Arial, Helvetica, sans-serif">
<main style="max-width: 560px; margin: 0 auto">
  <h1 style="font-size: 22px; line-height: 1.3">An emergency text waits</h1>
  <p>A patient sent a text that may be about an emergency. The answer was to call 911 at once.</p>
  <p>Open the conversation now, and reach the patient:<br><strong>{{CONVERSATION:h}}</strong></p>
  <p>What the patient wrote is not in this e-mail, nor is the number.</p>
  <p>{{PRACTICE:h}}</p>
</main>
</body>
</html>
