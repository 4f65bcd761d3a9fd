A patient who sent a text waits longer for an answer than promised.

Open the conversation and answer:

  {{CONVERSATION}}

What the patient wrote is not in this e-mail, nor is the number.

{{PRACTICE}}
