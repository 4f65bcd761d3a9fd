<!DOCTYPE html>
<html lang="en">
<head>
  <meta charset="utf-8">
  <meta name="viewport" content="width=device-width, initial-scale=1">
  <title>A visit is no longer yours</title>
</head>
<body style="margin: 0; padding: 24px; background: #ffffff; color: #1a1a1a; font: 16px/1.5 Arial, Helvetica, sans-serif">
<main style="max-width: 560px; margin: 0 auto">
  <h1 style="font-size: 22px; line-height: 1.3">A visit is no longer yours</h1>
  <p>Hello,</p>
  <p>The virtual visit with the reference {{APPOINTMENT:h}} at {{PRACTICE:h}} is canceled, or is now with another clinician. Its time is free again.</p>
  <p>The calendar file that comes with this e-mail takes it out of your calendar. Nobody reads replies to this e-mail.</p>
  <p>{{PRACTICE:h}}</p>
</main>
</body>
</html>
