Hello {{PATIENT_NAME}},

This is a reminder of your virtual visit with {{PRACTICE}}.

  Day: {{VISIT_DAY}}
  Time: {{VISIT_TIME}}
  Length: {{DURATION_MINUTES}} minutes
  Clinician: {{CLINICIAN_NAME}}
  Visit reference: {{APPOINTMENT}}

Please be in the state you gave us when you booked. If you will be somewhere else, tell us before the visit.

It helps to test your camera and sound today, and to write down what you would like to ask.

To change or cancel this visit, go to where you booked it or contact {{PRACTICE}} directly. Nobody reads replies to this e-mail.

If your symptoms suddenly get worse, or you think this may be an emergency, please don't wait for the visit. Call 911 or go to the nearest emergency room.

{{PRACTICE}}
