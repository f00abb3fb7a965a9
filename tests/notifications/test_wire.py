"""A letter as bytes: read back it is what was written, whatever the words hold."""

import email
import email.policy
from datetime import UTC, datetime

import pytest

from smartskill.notifications.services.transport import Letter
from smartskill.notifications.services.wire import HeaderTooLong, encoded, quoted

WORDS = [
    "Plain words",
    "Stimmen Ihre Stufen in 2 Fähigkeiten noch, und noch, und länger als eine einzige Zeile es zuließe?",
    "日本語の件名はとても長いので何行にもなりますがどの文字も途中で切れてはいけません",
    "🎓" * 60,
    '=?utf-8?q?not_an_encoded_word?= = ? _ \t"quoted"',
    "a" * 300,
]


def letter(**given) -> Letter:
    facts = {
        "message_id": "<abc-1@mail.example.com>", "return_path": "bounce@example.com", "subject": "Hello",
        "sender": ("Smart-Skill", "hello@example.com"), "recipients": ["to@example.com"],
        "body": "text", "html": "<p>x",
    }  # fmt: skip
    return Letter(**facts | given)


def read(raw: bytes):
    return email.message_from_bytes(raw, policy=email.policy.default)


@pytest.mark.parametrize("subject", WORDS)
def test_a_subject_comes_back_as_it_was(app, subject):
    raw = letter(subject=subject.replace("\t", " ")).as_bytes()
    assert read(raw)["Subject"] == subject.replace("\t", " ")
    assert raw.isascii()


@pytest.mark.parametrize("words", WORDS)
def test_no_encoded_word_is_longer_than_the_standard_allows(words):
    if not words.isascii():
        assert all(len(line) <= 76 for line in encoded(words).split("\r\n"))


@pytest.mark.parametrize(
    "body",
    [
        "ä\n.\n..\nFrom here\n",
        "trailing  \n \n",
        "x" * 2000,
        "--=_abc1mailexamplecom--\n",
        "a\rb\r\nc\n",
        "=20 =3D ",
        "",
    ],
)
def test_a_body_comes_back_as_it_was(app, body):
    got = read(letter(body=body, html=f"<p>{body}</p>").as_bytes())
    expected = body.replace("\r\n", "\n").replace("\r", "\n")
    plain, html = got.get_body(("plain",)), got.get_body(("html",))
    assert plain.get_payload(decode=True).decode().replace("\r\n", "\n") == expected
    assert html.get_payload(decode=True).decode().replace("\r\n", "\n") == f"<p>{expected}</p>"
    lines = b"".join(quoted(body)).split(b"\r\n")
    assert all(len(line) <= 76 for line in lines)
    assert not any(line.startswith(b"--=_") for line in lines)


def test_the_same_letter_is_the_same_bytes_and_has_its_date(app):
    one = letter()
    one.date = datetime(2026, 11, 28, 12, tzinfo=UTC).timestamp()
    assert one.as_bytes() == one.as_bytes()
    assert read(one.as_bytes())["Date"] == "Sat, 28 Nov 2026 12:00:00 +0000"


def test_a_name_and_a_foreign_domain_are_written_as_a_server_takes_them(app):
    got = read(letter(sender=("Jürgen Groß", "j@example.com"), recipients=["a@bücher.example"]).as_bytes())
    [sender], [to] = got["From"].addresses, got["To"].addresses
    assert (sender.display_name, sender.addr_spec) == ("Jürgen Groß", "j@example.com")
    assert to.addr_spec == "a@xn--bcher-kva.example"


def test_a_header_that_fits_on_no_line_is_refused(app):
    with pytest.raises(HeaderTooLong):
        letter(extra_headers={"List-ID": "x" * 1000}).as_bytes()
