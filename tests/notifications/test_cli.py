"""`flask notify send` and `flask notify preview`."""

import email
import email.policy
from datetime import timedelta

import pytest

from smartskill.database import now
from smartskill.extensions import mail
from smartskill.notifications.services.rendering import register
from tests.factories import make_user
from tests.notifications.conftest import plan, words

pytestmark = pytest.mark.usefixtures("kinds")


def run(app, *args):
    return app.test_cli_runner().invoke(args=["notify", *args])


def test_send_sends_what_is_due_without_a_worker(app, sink):
    row = plan(make_user(), due_at=now() + timedelta(minutes=1))
    assert "Nothing is due." in run(app, "send").output
    row.due_at = now()
    result = run(app, "send")
    assert (result.exit_code, "1 sent" in result.output) == (0, True)
    assert row.state == "sent"


def test_send_now_does_not_wait_for_the_hour(app, sink):
    row = plan(make_user(), "duty", due_at=now() + timedelta(days=2), is_past_hours=False)
    assert run(app, "send", "--now").exit_code == 0
    assert row.state == "sent"


def test_send_says_that_the_server_is_away_and_fails(app, sink):
    mail.connect().mail.port = 1
    row = plan(make_user(), due_at=now() + timedelta(seconds=0.01))
    row.due_at = now()
    result = run(app, "send")
    assert result.exit_code == 1
    assert "127.0.0.1" in result.output
    assert row.state == "deferred"


def test_preview_writes_every_language_and_sends_nothing(app, sink, tmp_path):
    def sample(language):
        row = plan(make_user())
        return {**words(row), "subject": f"Sample {language}"}

    register("hint", words, sample=sample)
    result = run(app, "preview", "hint", "--to", str(tmp_path / "out"))
    assert result.exit_code == 0
    found = {
        path.name: email.message_from_bytes(path.read_bytes(), policy=email.policy.default)
        for path in (tmp_path / "out").iterdir()
    }
    assert {name: letter["Subject"] for name, letter in found.items()} == {
        "hint-en.eml": "Sample en",
        "hint-de.eml": "Sample de",
    }
    assert not sink.seen


def test_preview_of_one_language_with_its_html(app, tmp_path):
    result = run(app, "preview", "welcome", "--language", "de", "--html", "--to", str(tmp_path))
    assert result.exit_code == 0
    assert sorted(path.name for path in tmp_path.iterdir()) == ["welcome-de.eml", "welcome-de.html"]
    assert str(tmp_path / "welcome-de.eml") in result.output
    assert '<html lang="de"' in (tmp_path / "welcome-de.html").read_text(encoding="utf-8")
    assert run(app, "preview", "--language", "fr", "--to", str(tmp_path)).exit_code == 2


def test_preview_without_a_sample_shows_the_newest_mail(app, tmp_path):
    assert run(app, "preview", "duty", "--to", str(tmp_path)).exit_code == 1
    plan(make_user(), "duty")
    assert run(app, "preview", "duty", "--to", str(tmp_path)).exit_code == 0
    assert [path.name for path in tmp_path.iterdir()] == ["duty-newest.eml"]


def test_preview_names_the_kinds_there_are(app, tmp_path):
    result = run(app, "preview", "nothing", "--to", str(tmp_path))
    assert result.exit_code == 1
    assert all(kind in result.output for kind in ("duty", "hint", "reset"))
