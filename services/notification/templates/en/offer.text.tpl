Hello {{PATIENT_NAME}},

You asked {{PRACTICE}} to tell you when a time comes free. This one has, and it is kept for you until {{ANSWER_BY}}. It is not booked yet.

  Day: {{VISIT_DAY}}
  Time: {{VISIT_TIME}}
  Length: {{DURATION_MINUTES}} minutes
  Clinician: {{CLINICIAN_NAME}}
  Waitlist reference: {{APPOINTMENT}}

To take it or to let it pass, go to where you asked for it. If we don't hear from you by then, it goes to the next person. Nobody reads replies to this e-mail.

Please be in the state you gave us during the visit. The clinician is licensed to see you there.

If your symptoms suddenly get worse, or you think this may be an emergency, please don't wait for a visit. Call 911 or go to the nearest emergency room.

{{PRACTICE}}
