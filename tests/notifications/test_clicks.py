"""Links of mails: where they lead, what they remember, and that they are good for nothing else."""

import base64
from datetime import timedelta

import pytest

from smartskill.activity.models import InteractionEvent
from smartskill.activity.services import set_consents
from smartskill.database import now
from smartskill.extensions import db
from smartskill.kit.settings import setting
from smartskill.notifications.models import Click
from smartskill.notifications.services.clicks import PAGES, click_url
from tests.factories import make_user
from tests.notifications.conftest import plan

pytestmark = pytest.mark.usefixtures("kinds")
PERSON = {"User-Agent": "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"}


def sent(kind="hint", ago=3600):
    row = plan(make_user(), kind)
    row.state, row.sent_at = "sent", now() - timedelta(seconds=ago)
    db.session.flush()
    return row


def link(row, path="/profile") -> str:
    url = click_url(row, path)
    assert url.startswith(f"{setting('PUBLIC_URL')}/c/")
    return url.removeprefix(setting("PUBLIC_URL"))


def events() -> list:
    return list(db.session.scalars(db.select(InteractionEvent).filter_by(kind="email_clicked")))


@pytest.mark.parametrize("page", PAGES)
def test_every_page_of_the_list_is_reached(client, page):
    path = page.format(4711)
    response = client.get(link(sent(), path), headers=PERSON)
    assert (response.status_code, response.headers["Location"]) == (302, f"{setting('PUBLIC_URL')}{path}")
    assert "Set-Cookie" not in response.headers
    assert response.headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize("path", ["/verify?token=x", "https://elsewhere.example/", "/skills/0", "/profile/../x", "//x"])
def test_what_is_not_in_the_list_is_not_led_through_us(app, path):
    assert "/c/" not in click_url(sent(), path)


def test_links_of_account_mail_are_left_alone(app):
    assert click_url(sent("reset"), "/profile") == f"{setting('PUBLIC_URL')}/profile"


def test_a_click_counts_once_for_a_mail_and_page(client):
    row = sent()
    for path in ("/profile", "/profile", "/inbox"):
        client.get(link(row, path), headers=PERSON)
    assert [(event.user_id, event.source, event.is_automated) for event in events()] == [
        (row.user_id, "email", False)
    ] * 2


@pytest.mark.parametrize(
    ("ago", "headers"),
    [
        (2, PERSON),
        (3600, {"User-Agent": ""}),
        (3600, {"User-Agent": "SomeLinkScanner/1.0"}),
        (3600, PERSON | {"Purpose": "prefetch"}),
    ],
)
def test_what_looks_like_a_scanner_is_marked_and_does_not_use_up_the_persons_click(client, ago, headers):
    row = sent(ago=ago)
    for _ in range(2):
        client.get(link(row), headers=headers)
    assert [event.is_automated for event in events()] == [True]
    row.sent_at = now() - timedelta(hours=1)
    client.get(link(row), headers=PERSON)
    assert [event.is_automated for event in events()] == [True, False]


def test_head_is_answered_and_not_remembered(client):
    assert client.head(link(sent()), headers=PERSON).status_code == 302
    assert events() == []


def test_without_consent_nothing_is_kept(client):
    row = sent()
    set_consents(row.user_id, {"tracking": False})
    assert client.get(link(row), headers=PERSON).status_code == 302
    assert events() == []
    assert db.session.scalar(db.select(Click)) is None


def test_no_changed_token_is_taken(client):
    token = link(sent()).removeprefix("/c/")
    raw = base64.urlsafe_b64decode(token)
    for place in range(len(raw) * 8):
        flipped = bytearray(raw)
        flipped[place // 8] ^= 1 << place % 8
        assert client.get(f"/c/{base64.urlsafe_b64encode(bytes(flipped)).decode()}").status_code == 404
    for other in ("x", "A" * 24, token[:-4], f"{token}AAAA", "%00", "é" * 24, "A" * 4000):
        assert client.get(f"/c/{other}").status_code == 404


def test_a_link_signs_nobody_in_and_outlives_its_mail(client):
    row = sent()
    address = link(row)
    db.session.delete(row)
    db.session.flush()
    assert client.get(address, headers=PERSON).status_code == 302
    assert client.get("/api/users/me").status_code in (401, 404)
