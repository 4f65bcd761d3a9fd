A patient asked for a visit, and no visit could be offered: a person has to look at it now.

Open the consult, take it on, and reach the patient:

  {{CONSULT}}

What the patient said is not in this e-mail.

{{PRACTICE}}
