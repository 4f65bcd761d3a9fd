"""Prints the letters of a maildir as JSON, oldest first, as Python's own parser understands them."""
import email.policy
import json
import mailbox
import sys

letters = []
folder = mailbox.Maildir(sys.argv[1])
for key in sorted(folder.keys()):
    message = email.message_from_bytes(folder.get_bytes(key), policy=email.policy.default)
    letters.append({
        "headers": {name: [str(value) for value in message.get_all(name)] for name in message.keys()},
        "type": message.get_content_type(),
        "parts": [{"type": part.get_content_type(), "charset": part.get_content_charset(),
                   "method": part.get_param("method"), "text": part.get_content()}
                  for part in message.iter_parts()],
        "to": [[a.display_name, a.addr_spec] for a in message["To"].addresses],
        "from": [[a.display_name, a.addr_spec] for a in message["From"].addresses],
        "defects": [str(d) for h in message.values() for d in getattr(h, "defects", [])] + [str(d) for d in message.defects],
    })
json.dump(letters, sys.stdout)
