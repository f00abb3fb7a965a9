"""The mail catcher: what SMTP takes is kept, and shown so that a hostile mail does nothing."""

import json
import os
import random
import smtplib
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from email.message import EmailMessage
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from smartskill.commands.mail_catcher.mailbox import Mailbox
from smartskill.commands.mail_catcher.page import create_page
from smartskill.commands.mail_catcher.smtp import Server

PICTURE = b"\x89PNG\r\n\x1a\n" + bytes(20)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture
def mailbox(tmp_path: Path) -> Mailbox:
    return Mailbox(tmp_path / "mailbox")


@pytest.fixture
def reader(mailbox: Mailbox) -> FlaskClient:
    return create_page(mailbox.folder).test_client()


def make_mail(**headers: str) -> EmailMessage:
    mail = EmailMessage()
    mail["From"] = "Smart-Skill <service@example.org>"
    mail["To"] = "ada@example.org"
    mail["Subject"] = headers.pop("subject", "Your certificate expires")
    for name, value in headers.items():
        mail[name.replace("_", "-")] = value
    mail.set_content("Renew it: https://example.org/renew?a=1&b=2\n")
    mail.add_alternative(
        '<p>Renew <a href="https://example.org/renew">it</a><img src="cid:logo@x"></p>', subtype="html"
    )
    mail.get_payload()[1].add_related(PICTURE, "image", "png", cid="<logo@x>")
    mail.add_attachment(b"a,b\n1,2\n", maintype="text", subtype="csv", filename="skills.csv")
    return mail


def keep(mailbox: Mailbox, mail: EmailMessage | bytes, recipients: tuple[str, ...] = ("ada@example.org",)) -> str:
    raw = mail if isinstance(mail, bytes) else mail.as_bytes()
    return mailbox.store(raw, "service@example.org", list(recipients))


@pytest.fixture
def smtp(tmp_path: Path) -> Iterator[smtplib.SMTP]:
    server = Server(tmp_path / "mailbox", "127.0.0.1", free_port())
    server.start()
    with smtplib.SMTP("127.0.0.1", server.port, timeout=5) as client:
        yield client
    server.stop()


def test_what_smtp_accepts_is_kept_byte_for_byte(smtp: smtplib.SMTP, mailbox: Mailbox) -> None:
    raw_mail = make_mail(Message_ID="<1@example.org>").as_bytes().replace(b"\n", b"\r\n") + b".a line with a dot\r\n"
    smtp.sendmail("service@example.org", ["ada@example.org", "hidden@example.org"], raw_mail)
    (found,) = mailbox.search()
    assert found.recipients == ["ada@example.org", "hidden@example.org"]
    assert (found.subject, found.message_id) == ("Your certificate expires", "<1@example.org>")
    raw = mailbox.find_raw(found.id)
    assert raw is not None
    assert raw.endswith(b"Delivered-To: hidden@example.org\r\n" + raw_mail)
    assert os.stat(mailbox.folder).st_mode & 0o777 == 0o700


def test_an_address_that_bounces_is_refused_for_good_and_one_that_waits_for_now(
    smtp: smtplib.SMTP, mailbox: Mailbox
) -> None:
    with pytest.raises(smtplib.SMTPRecipientsRefused) as refusal:
        smtp.send_message(make_mail(), to_addrs=["bounce@example.org"])
    assert refusal.value.recipients["bounce@example.org"][0] == 550
    with pytest.raises(smtplib.SMTPRecipientsRefused) as refusal:
        smtp.send_message(make_mail(), to_addrs=["later@example.org"])
    assert refusal.value.recipients["later@example.org"][0] == 451
    assert mailbox.names() == []


def test_the_list_has_the_newest_first_and_is_searched(mailbox: Mailbox, reader: FlaskClient) -> None:
    keep(mailbox, make_mail(subject="Welcome"), ("bob@example.org",))
    keep(mailbox, make_mail(subject="Skills to confirm"))
    page = reader.get("/").text
    assert page.index("Skills to confirm") < page.index("Welcome")
    assert [mail["subject"] for mail in reader.get("/api/messages?q=CONFIRM+skills").json] == ["Skills to confirm"]
    assert [mail["subject"] for mail in reader.get("/api/messages?to=Bob@example.org").json] == ["Welcome"]
    assert len(reader.get("/api/messages?page=2&page_size=1").json) == 1
    assert "No mail matches" in reader.get("/?q=nothing").text


def test_a_mail_is_shown_with_text_headers_and_attachments(mailbox: Mailbox, reader: FlaskClient) -> None:
    name = keep(mailbox, make_mail(List_Unsubscribe="<https://example.org/u/1>"))
    page = reader.get(f"/messages/{name}").text
    assert "List-Unsubscribe: &lt;https://example.org/u/1&gt;" in page
    assert 'href="https://example.org/renew?a=1&amp;b=2"' in page
    assert "skills.csv" in page
    found = reader.get(f"/api/messages/{name}").json
    assert ["List-Unsubscribe", "<https://example.org/u/1>"] in found["headers"]
    assert found["text"].startswith("Renew it:")
    assert [part["filename"] for part in found["attachments"]] == ["part-1", "skills.csv"]
    raw = reader.get(f"/messages/{name}/raw")
    assert (raw.data, raw.content_type) == (mailbox.find_raw(name), "message/rfc822")


def test_the_html_is_sandboxed_and_its_own_pictures_are_shown(mailbox: Mailbox, reader: FlaskClient) -> None:
    name = keep(mailbox, make_mail())
    assert 'sandbox="allow-popups allow-popups-to-escape-sandbox"' in reader.get(f"/messages/{name}").text
    response = reader.get(f"/messages/{name}/html")
    policy = response.headers["Content-Security-Policy"]
    assert policy.startswith("sandbox ")
    assert "default-src 'none'" in policy
    assert not any(word in policy for word in ("script-src", "allow-scripts", "allow-same-origin"))
    assert f'src="/messages/{name}/parts/1"' in response.text
    assert reader.get(f"/messages/{name}/parts/1").data == PICTURE
    csv = reader.get(f"/messages/{name}/parts/2")
    assert csv.headers["Content-Disposition"].startswith("attachment")
    assert csv.content_type == "application/octet-stream"


def test_a_hostile_mail_is_text_and_nothing_more(mailbox: Mailbox, reader: FlaskClient) -> None:
    attack = "<script>alert(1)</script>"
    mail = EmailMessage()
    mail["From"], mail["Subject"], mail["X-Note"] = f'"{attack}" <x@example.org>', attack, attack
    mail.set_content(attack)
    name = keep(mailbox, mail, (f"{attack}@example.org",))
    for path in ("/", f"/messages/{name}", f"/?q={attack}"):
        response = reader.get(path)
        assert response.status_code == 200
        assert "<script" not in response.text
        assert "script-src" not in response.headers["Content-Security-Policy"]
        assert "default-src 'none'" in response.headers["Content-Security-Policy"]
        assert response.headers["X-Content-Type-Options"] == "nosniff"


def test_only_this_machine_s_names_are_answered(reader: FlaskClient) -> None:
    assert reader.get("/", base_url="http://rebound.example:8025").status_code == 400
    assert reader.get("/", base_url="http://localhost:8025").status_code == 200
    assert reader.get("/", base_url="http://127.0.0.1:8025").status_code == 200


@pytest.mark.parametrize("name", ["..%2f..%2fsecrets", "20260101T000000000000-00000000", "x", "../secrets.json"])
def test_a_name_that_is_no_mail_is_not_found(name: str, mailbox: Mailbox, reader: FlaskClient) -> None:
    (mailbox.folder.parent / "secrets.json").write_text("{}")
    for path in (f"/messages/{name}", f"/messages/{name}/raw", f"/api/messages/{name}", f"/messages/{name}/html"):
        assert reader.get(path).status_code == 404


def test_whatever_arrives_can_be_shown(mailbox: Mailbox, reader: FlaskClient) -> None:
    rng = random.Random(7)
    odd = [
        b"", b"\r\n", b"Subject: =?utf-8?q?=ff=fe?=\r\n\r\n\xff\xfe", b"Subject: \xe4\xf6\r\nFrom: \xfc <a@b>\r\n\r\nx",
        b"Content-Type: text/html; charset=no-such\r\n\r\n<p>\xff", b"From: a@b <\r\nTo: ,,;\r\n\r\n",
        b"Content-Type: multipart/mixed; boundary=x\r\n\r\n--x\r\nContent-Type: message/rfc822\r\n\r\n--x--",
        b"Content-Type: text/plain\r\nContent-Transfer-Encoding: base64\r\n\r\n!!!!",
    ]  # fmt: skip
    base = make_mail().as_bytes()
    for _ in range(200):
        cut = bytearray(base)
        for _ in range(rng.randrange(1, 30)):
            cut[rng.randrange(len(cut))] = rng.randrange(256)
        odd.append(bytes(cut))
    for raw in odd:
        name = keep(mailbox, raw)
        for path in (f"/messages/{name}", f"/api/messages/{name}", f"/messages/{name}/raw"):
            assert reader.get(path).status_code == 200, raw
        assert reader.get(f"/messages/{name}/html").status_code in (200, 404)
    assert reader.get("/").status_code == 200
    assert len(reader.get("/api/messages?page_size=500").json) == len(odd)


def test_the_mailbox_is_emptied_by_delete_only(mailbox: Mailbox, reader: FlaskClient) -> None:
    keep(mailbox, make_mail())
    assert reader.post("/api/messages").status_code == 405
    assert reader.delete("/api/messages").json == {"deleted": 1}
    assert reader.get("/api/messages").json == []


def test_both_sides_run_in_one_process_and_end_on_sigterm(tmp_path: Path) -> None:
    smtp_port, page_port = free_port(), free_port()
    command = [sys.executable, "-m", "smartskill.commands.mail_catcher.server", str(tmp_path / "box"), "127.0.0.1"]
    process = subprocess.Popen([*command, str(smtp_port), str(page_port)], cwd=Path(__file__).parents[2])
    try:
        wait_for(page_port)
        with smtplib.SMTP("127.0.0.1", smtp_port, timeout=5) as client:
            client.send_message(make_mail())
        with urllib.request.urlopen(f"http://127.0.0.1:{page_port}/api/messages", timeout=5) as answer:
            assert [mail["subject"] for mail in json.load(answer)] == ["Your certificate expires"]
    finally:
        process.terminate()
        assert process.wait(60) == 0


def wait_for(port: int) -> None:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.05)
    raise AssertionError(f"nobody listens on {port}")
