Hello {{PATIENT_NAME}},

Your virtual visit with {{PRACTICE}} is booked. Here are the details.

  Day: {{VISIT_DAY}}
  Time: {{VISIT_TIME}}
  Length: {{DURATION_MINUTES}} minutes
  Clinician: {{CLINICIAN_NAME}}
  Visit reference: {{APPOINTMENT}}

Please be in the state you gave us when you booked. Your clinician is licensed to see you there. If you will be somewhere else, tell us before the visit.

Find a quiet, well-lit place, and keep a list of your medicines close by. If there is time, we will remind you a day before and an hour before.

To change or cancel this visit, go to where you booked it or contact {{PRACTICE}} directly. Nobody reads replies to this e-mail.

If your symptoms suddenly get worse, or you think this may be an emergency, please don't wait for the visit. Call 911 or go to the nearest emergency room.

{{PRACTICE}}
