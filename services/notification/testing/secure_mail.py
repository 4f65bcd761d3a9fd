"""The mail server of scripted_mail, with encryption and log-in: python3 secure_mail.py PORT FOLDER CERTIFICATE KEY MODE.
MODE is starttls, which asks for it before anything else, or smtps. Who logs in is "clinic" with "s3cret word"."""
import asyncio
import ssl
import sys

from aiosmtpd.smtp import SMTP, AuthResult, LoginPassword
from scripted_mail import Scripted

port, folder, certificate, key, mode = sys.argv[1:]


def authenticate(server, session, envelope, mechanism, credentials):
    genuine = credentials == LoginPassword(b"clinic", b"s3cret word")
    return AuthResult(success=genuine, handled=False)


async def main():
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(certificate, key)
    wrapped = mode == "smtps"

    def protocol():
        return SMTP(Scripted(folder), authenticator=authenticate, auth_required=True, auth_require_tls=not wrapped,
                    tls_context=None if wrapped else context, require_starttls=not wrapped)

    loop = asyncio.get_running_loop()
    server = await loop.create_server(protocol, "127.0.0.1", int(port), ssl=context if wrapped else None)
    print("is listening", flush=True)
    await server.serve_forever()


asyncio.run(main())
