A patient asked for a visit, no visit could be offered, and nobody of the staff has taken the consult on.

Open the consult, take it on, and reach the patient now:

  {{CONSULT}}

What the patient said is not in this e-mail.

{{PRACTICE}}
