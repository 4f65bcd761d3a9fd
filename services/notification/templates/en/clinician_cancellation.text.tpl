Hello,

The virtual visit with the reference {{APPOINTMENT}} at {{PRACTICE}} is canceled, or is now with another clinician. Its time is free again.

The calendar file that comes with this e-mail takes it out of your calendar. Nobody reads replies to this e-mail.

{{PRACTICE}}
