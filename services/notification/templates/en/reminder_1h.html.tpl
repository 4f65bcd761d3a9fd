<!DOCTYPE html>
<html lang="en">
<head>
  <meta charset="utf-8">
  <meta name="viewport" content="width=device-width, initial-scale=1">
  <title>Your visit is near</title>
</head>
<body style="margin: 0; padding: 24px; background: #ffffff; color: #1a1a1a; font: 16px/1.5 Arial, Helvetica, sans-serif">
<main style="max-width: 560px; margin: 0 auto">
  <h1 style="font-size: 22px; line-height: 1.3">Your visit is near</h1>
  <p>Hello {{PATIENT_NAME:h}},</p>
  <p>Your virtual visit with {{PRACTICE:h}} starts at the time below.</p>
  <dl>
    <dt style="font-weight: bold; margin-top: 8px">Day</dt>
    <dd style="margin: 0">{{VISIT_DAY:h}}</dd>
    <dt style="font-weight: bold; margin-top: 8px">Time</dt>
    <dd style="margin: 0">{{VISIT_TIME:h}}</dd>
    <dt style="font-weight: bold; margin-top: 8px">Length</dt>
    <dd style="margin: 0">{{DURATION_MINUTES:h}} minutes</dd>
    <dt style="font-weight: bold; margin-top: 8px">Clinician</dt>
    <dd style="margin: 0">{{CLINICIAN_NAME:h}}</dd>
    <dt style="font-weight: bold; margin-top: 8px">Visit reference</dt>
    <dd style="margin: 0">{{APPOINTMENT:h}}</dd>
  </dl>
  <p>Be ready a few minutes early where you booked the visit, in a quiet place with good light. Keep your medicines, or a list of them, within reach.</p>
  <p>To change or cancel this visit, go to where you booked it or contact {{PRACTICE:h}} directly. Nobody reads replies to this e-mail.</p>
  <p style="padding: 12px 16px; border-left: 4px solid #1a5fb4; background: #f2f6fb">If your symptoms suddenly get worse, or you think this may be an emergency, please don't wait for the visit. Call 911 or go to the nearest emergency room.</p>
  <p>{{PRACTICE:h}}</p>
</main>
</body>
</html>
