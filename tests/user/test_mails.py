"""What account mails say, in every language."""

import pytest

from smartskill.extensions import db
from smartskill.notifications.models import Delivery
from smartskill.notifications.services.recipients import find_recipient
from smartskill.notifications.services.rendering import KINDS, render
from smartskill.user.mails import LINKLESS, PAGES, TEXTS, make_content, still_holds
from smartskill.user.models import User
from tests.factories import make_user


@pytest.mark.parametrize("kind", [*PAGES, *LINKLESS])
@pytest.mark.parametrize("locale", ["en", "de-AT"])
def test_every_account_mail_can_be_written_in_every_language(app, kind, locale):
    user = make_user(locale=locale, full_name="Anna")
    mail = Delivery(
        user_id=user.id, kind=kind, mail_class="account", campaign_key=kind, message_id=kind,
        content={"email": "new@example.org"},
    )  # fmt: skip
    db.session.add(mail)
    db.session.flush()
    text, html = render(make_content(mail), mail, find_recipient(mail))
    assert "Anna" in text
    assert ("http" in text) == (kind in PAGES)
    assert "{" not in text
    assert "<html" in html
    assert KINDS[kind].mail_class == "account"


def test_both_languages_say_the_same_things():
    assert TEXTS["en"].keys() == TEXTS["de"].keys()


def test_a_mail_with_nothing_left_to_say_is_not_sent(app):
    user = make_user()
    facts = {"user_id": user.id, "mail_class": "account", "content": {}}
    assert not still_holds(Delivery(kind="verify_email", **facts))
    user.verified_at = None
    assert still_holds(Delivery(kind="verify_email", **facts))
    assert still_holds(Delivery(kind="invitation", **facts))
    user.password_hash = "hash"
    assert not still_holds(Delivery(kind="invitation", **facts))
    assert db.session.get(User, user.id) is user
