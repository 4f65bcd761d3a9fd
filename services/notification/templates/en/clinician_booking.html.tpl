<!DOCTYPE html>
<html lang="en">
<head>
  <meta charset="utf-8">
  <meta name="viewport" content="width=device-width, initial-scale=1">
  <title>Visit booked or moved</title>
</head>
<body style="margin: 0; padding: 24px; background: #ffffff; color: #1a1a1a; font: 16px/1.5 Arial, Helvetica, sans-serif">
<main style="max-width: 560px; margin: 0 auto">
  <h1 style="font-size: 22px; line-height: 1.3">A visit with you is booked or moved</h1>
  <p>Hello {{CLINICIAN_NAME:h}},</p>
  <p>A virtual visit with you at {{PRACTICE:h}} is booked, or moved to the time below.</p>
  <dl>
    <dt style="font-weight: bold; margin-top: 8px">Day</dt>
    <dd style="margin: 0">{{VISIT_DAY:h}}</dd>
    <dt style="font-weight: bold; margin-top: 8px">Time</dt>
    <dd style="margin: 0">{{VISIT_TIME:h}}</dd>
    <dt style="font-weight: bold; margin-top: 8px">Length</dt>
    <dd style="margin: 0">{{DURATION_MINUTES:h}} minutes</dd>
    <dt style="font-weight: bold; margin-top: 8px">Visit reference</dt>
    <dd style="margin: 0">{{APPOINTMENT:h}}</dd>
  </dl>
  <p>The calendar file that comes with this e-mail has the same time, and replaces an earlier one of the same visit. Who the patient is, you see where your visits are listed. Nobody reads replies to this e-mail.</p>
  <p>{{PRACTICE:h}}</p>
</main>
</body>
</html>
