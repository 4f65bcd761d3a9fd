"""A mail server that keeps letters in a maildir and misbehaves on demand, by the first word of sender or recipient."""
import asyncio

from aiosmtpd.handlers import Mailbox


class Scripted(Mailbox):
    def __init__(self, *args):
        super().__init__(*args)
        self.waiting = 0
        self.pair = asyncio.Event()

    async def handle_MAIL(self, server, session, envelope, address, mail_options):
        if address.startswith("unwelcome@"):
            return "550 5.7.1 sender not allowed"
        if address.startswith("hasty@"):
            return "450 4.7.1 too many letters from you"
        envelope.mail_from = address
        envelope.mail_options.extend(mail_options)
        return "250 OK"

    async def handle_RCPT(self, server, session, envelope, address, rcpt_options):
        word = address.split("@")[0]
        if word == "refused":
            return "550 5.1.1 no such mailbox"
        if word == "relayed":
            return "554 5.7.1 relay access denied"
        if word == "deferred":
            return "451 4.7.1 try again later"
        if word == "closing":
            return "421 4.4.5 too busy, closing"
        if word == "unauthorised":
            return "530 5.7.0 authentication required"
        if word == "pair":
            # Until two letters are here at once.
            self.waiting += 1
            if self.waiting == 2:
                self.pair.set()
            await self.pair.wait()
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):
        word = envelope.rcpt_tos[0].split("@")[0]
        if word == "spam":
            return "554 5.7.1 not wanted"
        if word == "busy":
            return "452 4.3.1 no room"
        answer = await super().handle_DATA(server, session, envelope)
        if word == "vanishing":
            server.transport.abort()
        return answer
