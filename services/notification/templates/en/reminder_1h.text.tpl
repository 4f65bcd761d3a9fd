Hello {{PATIENT_NAME}},

Your virtual visit with {{PRACTICE}} starts at the time below.

  Day: {{VISIT_DAY}}
  Time: {{VISIT_TIME}}
  Length: {{DURATION_MINUTES}} minutes
  Clinician: {{CLINICIAN_NAME}}
  Visit reference: {{APPOINTMENT}}

Be ready a few minutes early where you booked the visit, in a quiet place with good light. Keep your medicines, or a list of them, within reach.

To change or cancel this visit, go to where you booked it or contact {{PRACTICE}} directly. Nobody reads replies to this e-mail.

If your symptoms suddenly get worse, or you think this may be an emergency, please don't wait for the visit. Call 911 or go to the nearest emergency room.

{{PRACTICE}}
