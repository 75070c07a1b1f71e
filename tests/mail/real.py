"""The desk against another mail server: aiosmtpd, with TLS and authentication, over dropped connections.

Usage: real.py CONNECT_DESK. Fails at the first difference.
"""

import email
import email.policy
import logging
import pathlib
import re
import socket
import ssl
import subprocess
import sys
import tempfile

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult

USER, PASSWORD = b"desk@example.org", b"correct horse battery staple"
ADD = "/connect add Erika Muster email:erika.muster@example.com like:jose.garcia"
PRACTICE = pathlib.Path(__file__).parents[2] / "src/bot/practice.toml"


class Mailbox:
    """Stores what arrives, and drops the connection where requested, once for each item in `drops`."""

    def __init__(self):
        self.arrived = []
        self.drops = []

    def dropped(self, server, where):
        if self.drops[:1] != [where]:
            return False
        self.drops.pop(0)
        server.transport.abort()
        return True

    async def handle_RCPT(self, server, session, envelope, address, options):
        if self.dropped(server, "recipient"):
            return "421 gone"
        envelope.rcpt_tos.append(address)
        return "250 fine"

    async def handle_DATA(self, server, session, envelope):
        assert session.ssl is not None and session.authenticated, "an email came unencrypted or without a login"
        if self.drops[:1] != ["before taking"]:
            self.arrived.append((envelope.rcpt_tos, email.message_from_bytes(envelope.content, policy=email.policy.default)))
        if self.dropped(server, "before taking") or self.dropped(server, "after taking"):
            return "421 gone"
        return "250 taken"


def authenticate(server, session, envelope, mechanism, data):
    known = (data.login, data.password) == (USER, PASSWORD)
    return AuthResult(success=known, handled=known)


def certificate(folder):
    key, pem = folder / "key.pem", folder / "ca.pem"
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=localhost",
         "-addext", "subjectAltName=DNS:localhost", "-addext", "basicConstraints=critical,CA:FALSE",
         "-keyout", key, "-out", pem],
        check=True, capture_output=True,
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(pem, key)
    return pem, context


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Case:
    def __init__(self, desk, folder, pem, context):
        self.desk, self.folder = desk, folder
        self.mailbox = Mailbox()
        self.server = Controller(
            self.mailbox, hostname="127.0.0.1", port=free_port(), tls_context=context, require_starttls=True,
            authenticator=authenticate, auth_required=True, auth_require_tls=True,
        )
        self.server.start()
        (folder / "password").write_bytes(PASSWORD)
        (folder / "password").chmod(0o600)
        (folder / "desk.toml").write_text(
            PRACTICE.read_text()
            + "\n[email]\nfrom = \"Help desk <helpdesk@example.org>\"\ncc = \"copies@example.org\"\n\n[email.smtp]\n"
            + f"host = \"localhost\"\nport = {self.server.port}\nusername = \"{USER.decode()}\"\n"
            + f"password_file = \"{folder / 'password'}\"\nca_file = \"{pem}\"\n"
        )

    def plays(self, *lines):
        ran = subprocess.run(
            [self.desk, "play", "--unthrottled", "--config", self.folder / "desk.toml", "--state", self.folder / "state"],
            input="\n".join(lines) + "\n", capture_output=True, text=True, timeout=120,
        )
        assert ran.returncode == 0, ran.stdout + ran.stderr
        # The lines of a card are one text again.
        return " ".join(re.sub(r"[│╭╮╰╯─]", " ", ran.stdout).split())

    def arrived_once(self, screen, ended):
        assert ended in screen, screen
        assert len(self.mailbox.arrived) == 1, f"{len(self.mailbox.arrived)} emails arrived: {screen}"
        to, arrived = self.mailbox.arrived[0]
        assert to == ["erika.muster@example.com", "copies@example.org"], to
        assert arrived["To"] == "erika.muster@example.com" and arrived["Cc"] == "copies@example.org", arrived
        assert "User ID (case sensitive): Erika.Muster" in arrived.get_content(), arrived


def main(desk):
    logging.getLogger("mail.log").setLevel(logging.ERROR)
    cases = [
        ([], "· completed", None),
        (["recipient", "recipient"], "· completed", None),
        (["after taking"], "· needs attention", "/desk done 1"),
        (["before taking"], "· needs attention", "/desk retry 1"),
    ]
    with tempfile.TemporaryDirectory() as root:
        pem, context = certificate(pathlib.Path(root))
        for number, (drops, ends, answer) in enumerate(cases):
            folder = pathlib.Path(root) / str(number)
            folder.mkdir()
            case = Case(desk, folder, pem, context)
            try:
                case.mailbox.drops = list(drops)
                screen = case.plays(ADD, "/desk confirm 1")
                assert ends in screen, screen
                before = len(case.mailbox.arrived)
                case.plays("/desk requests")
                assert len(case.mailbox.arrived) == before, "a restart sent an email again"
                if answer:
                    screen = case.plays(answer)
                case.arrived_once(screen, "· completed")
            finally:
                case.server.stop()
            print(f"line drops {drops or 'never'}: {ends}, then exactly one email")


main(sys.argv[1])
