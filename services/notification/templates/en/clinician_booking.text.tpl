Hello {{CLINICIAN_NAME}},

A virtual visit with you at {{PRACTICE}} is booked, or moved to the time below.

  Day: {{VISIT_DAY}}
  Time: {{VISIT_TIME}}
  Length: {{DURATION_MINUTES}} minutes
  Visit reference: {{APPOINTMENT}}

The calendar file that comes with this e-mail has the same time, and replaces an earlier one of the same visit. Who the patient is, you see where your visits are listed. Nobody reads replies to this e-mail.

{{PRACTICE}}
