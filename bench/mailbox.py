"""Every kind of mail through a real Postfix into a real mailbox, read back by IMAP from Dovecot, byte for byte.

Both are Debian's (`postfix`, `dovecot-imapd`), started here with settings of their own in a temporary folder, on free
ports of 127.0.0.1, and stopped again; it needs root, and says what is missing. Mails go out by the product's own
transport.
"""

import contextlib
import email
import email.policy
import imaplib
import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from bench.stack import free_port, print_table

OWNER = 65534  # nobody: neither server delivers to or reads for root
ADDED = {"return-path", "x-original-to", "delivered-to", "received"}  # by the servers on the way
POSTFIX = """
compatibility_level = 3.6
queue_directory = {queue}
data_directory = {data}
mail_owner = postfix
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
myhostname = mail.example.com
mydestination =
mynetworks = 127.0.0.0/8
smtpd_relay_restrictions = permit_mynetworks, reject
alias_maps =
alias_database =
local_recipient_maps =
virtual_mailbox_domains = example.com
virtual_mailbox_base = {mail}
virtual_mailbox_maps = static:box/
virtual_uid_maps = static:{owner}
virtual_gid_maps = static:{owner}
virtual_minimum_uid = 1
default_transport = error:no mail leaves this machine
relay_transport = error:no mail leaves this machine
biff = no
maillog_file = {log}
maillog_file_prefixes = {folder}
"""
MASTER = """
127.0.0.1:{port} inet n - n - - smtpd
cleanup unix n - n - 0 cleanup
qmgr unix n - n 300 1 qmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
verify unix - - n - 1 verify
proxymap unix - - n - - proxymap
error unix - - n - - error
virtual unix - n n - - virtual
anvil unix - - n - 1 anvil
postlog unix-dgram n - n - 1 postlogd
"""
DOVECOT = """
protocols = imap
listen = 127.0.0.1
base_dir = {folder}/dovecot-run
log_path = {folder}/dovecot.log
ssl = no
disable_plaintext_auth = no
first_valid_uid = 1
mail_location = maildir:{mail}/box
passdb {{
  driver = static
  args = password=mailbox
}}
userdb {{
  driver = static
  args = uid={owner} gid={owner} home={mail}
}}
service imap-login {{
  inet_listener imap {{
    port = {port}
  }}
  inet_listener imaps {{
    port = 0
  }}
}}
"""


def run(arguments: list[str]) -> dict:
    """Send one of each, read them back, compare."""
    absent = [name for name in ("postfix", "dovecot") if shutil.which(name) is None]
    if absent or os.geteuid() != 0:
        why = f"{', '.join(absent)} not installed: apt-get install postfix dovecot-imapd" if absent else "needs root"
        print(f"Left out: {why}.")
        return {"bench": "mailbox", "skipped": why}
    with (
        tempfile.TemporaryDirectory(prefix="smart-skill-mailbox-") as folder,
        _servers(Path(folder)) as (smtp_port, imap_port),
    ):
        sent = _send(smtp_port)
        started = time.monotonic()
        received = _read(imap_port, len(sent))
        seconds = time.monotonic() - started
    rows = [_compare(name, raw, received.get(_id_of(raw))) for name, raw in sent.items()]
    print_table(rows)
    return {
        "bench": "mailbox", "sent": len(sent), "read_back": len(received), "in_s": round(seconds, 1),
        "same_headers": sum(row["headers"] == "same" for row in rows),
        "same_bodies": sum(row["body"] == "same" for row in rows),
    }  # fmt: skip


@contextlib.contextmanager
def _servers(folder: Path) -> Iterator[tuple[int, int]]:
    """Postfix and Dovecot, as (SMTP port, IMAP port)."""
    folder.chmod(0o755)
    config, places = folder / "postfix", {name: folder / name for name in ("queue", "data", "mail")}
    for place in (config, *places.values()):
        place.mkdir()
    os.chown(places["mail"], OWNER, OWNER)
    shutil.chown(places["data"], "postfix")
    smtp_port, imap_port = free_port(), free_port()
    facts: dict[str, Any] = {**places, "folder": folder, "log": folder / "postfix.log", "owner": OWNER}
    (config / "main.cf").write_text(POSTFIX.format(**facts))
    (config / "master.cf").write_text(MASTER.format(port=smtp_port))
    (folder / "dovecot.conf").write_text(DOVECOT.format(**facts, port=imap_port))
    commands = (["postfix", "-c", str(config)], ["dovecot", "-c", str(folder / "dovecot.conf")])
    try:
        for command in ([*commands[0], "start"], commands[1]):
            if _call(command, folder / "start.log") != 0:
                raise RuntimeError("\n".join(log.read_text() for log in folder.glob("*.log")))
        yield smtp_port, imap_port
    finally:
        for command in commands:
            _call([*command, "stop"], folder / "stop.log")


def _call(command: list[str], log: Path) -> int:
    """Run it with its words in a file: a daemon keeps what it was given, and a pipe would never end."""
    with log.open("ab") as words:
        return subprocess.run(command, check=False, stdout=words, stderr=words, timeout=60).returncode


def _send(port: int) -> dict[str, bytes]:
    """One of each kind and language by the product's transport; what was handed over, by name."""
    from smartskill import create_app
    from smartskill.notifications.services.post import open_post
    from smartskill.notifications.services.previews import previews
    from smartskill.notifications.services.rendering import KINDS

    app = create_app(
        {
            "MAIL_SERVER": "127.0.0.1",
            "MAIL_PORT": port,
            "MAIL_DOMAIN": "example.com",
            "PUBLIC_URL": "https://skills.example.com",
        }
    )
    sent = {}
    with app.app_context(), open_post() as post:
        for name, letter in previews(sorted(KINDS)):
            post.open()
            post.carry(letter)
            sent[name] = letter.as_bytes()
    return sent


def _read(port: int, wanted: int, patience: float = 60) -> dict[str, bytes]:
    """What is in the mailbox once all has come, by Message-ID."""
    ends_at, found = time.monotonic() + patience, {}
    with imaplib.IMAP4("127.0.0.1", port, timeout=30) as box:
        box.login("sam", "mailbox")
        while len(found) < wanted and time.monotonic() < ends_at:
            time.sleep(0.2)
            box.select("INBOX", readonly=True)
            for number in box.search(None, "ALL")[1][0].split():
                [(_, raw), *_] = box.fetch(number, "(RFC822)")[1]
                found[_id_of(raw)] = raw
    return found


def _id_of(raw: bytes) -> str:
    return str(email.message_from_bytes(raw)["Message-ID"])


def _compare(name: str, sent: bytes, received: bytes | None) -> dict[str, Any]:
    """A row: whether headers and body came as they were sent, and what the servers added."""
    if received is None:
        return {"mail": name, "headers": "missing", "body": "missing", "bytes": len(sent), "added": "-"}
    (head, _, body), (got_head, _, got_body) = (raw.partition(b"\r\n\r\n") for raw in (sent, received))
    before, after = (_fields(one) for one in (head, got_head))
    added = [one for one in after if one not in before]
    names = sorted({one.partition(b":")[0].decode().lower() for one in added})
    is_same = [one for one in after if one in before] == before and set(names) <= ADDED
    strict = email.message_from_bytes(received, policy=email.policy.default)
    sound = not any(value.defects for _, value in strict.items()) and not strict.defects
    return {
        "mail": name, "headers": "same" if is_same and sound else "changed",
        "body": "same" if body == got_body else "changed", "bytes": len(sent), "added": ", ".join(names),
    }  # fmt: skip


def _fields(head: bytes) -> list[bytes]:
    """The header fields, folded as they are."""
    fields: list[bytes] = []
    for line in head.split(b"\r\n"):
        if line[:1] in (b" ", b"\t") and fields:
            fields[-1] += b"\r\n" + line
        else:
            fields.append(line)
    return fields
