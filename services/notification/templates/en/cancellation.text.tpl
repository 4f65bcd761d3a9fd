Hello {{PATIENT_NAME}},

The virtual visit below with {{PRACTICE}} is canceled. You don't need to do anything, and we won't send more reminders for it.

  Day: {{VISIT_DAY}}
  Time: {{VISIT_TIME}}
  Length: {{DURATION_MINUTES}} minutes
  Clinician: {{CLINICIAN_NAME}}
  Visit reference: {{APPOINTMENT}}

If you still want to be seen, or you didn't expect this message, book a new time where you booked this one, or contact {{PRACTICE}} directly. Nobody reads replies to this e-mail.

If your symptoms suddenly get worse, or you think this may be an emergency, please don't wait for a new visit. Call 911 or go to the nearest emergency room.

{{PRACTICE}}
