<!DOCTYPE html>
<html lang="en">
<head>
  <meta charset="utf-8">
  <meta name="viewport" content="width=device-width, initial-scale=1">
  <title>A text waits for its answer</title>
</head>
<body style="margin: 0; padding: 24px; background: #ffffff; color: #1a1a1a; font: 16px/1.5 Arial, Helvetica, sans-serif">
<main style="max-width: 560px; margin: 0 auto">
  <h1 style="font-size: 22px; line-height: 1.3">A text waits for its answer</h1>
  <p>A patient who sent a text waits longer for an answer than promised.</p>
  <p>Open the conversation and answer:<br><strong>{{CONVERSATION:h}}</strong></p>
  <p>What the patient wrote is not in this e-mail, nor is the number.</p>
  <p>{{PRACTICE:h}}</p>
</main>
</body>
</html>
