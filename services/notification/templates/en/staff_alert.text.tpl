A patient sent a text that may be about an emergency. The answer was to call 911 at once.

Open the conversation now, and reach the patient:

  {{CONVERSATION}}

What the patient wrote is not in this e-mail, nor is the number.

{{PRACTICE}}
