"""One click and no more mail of a kind: by programs, by people, and never by scanners."""

import re
from uuid import uuid4

import pytest

from smartskill.activity.models import InteractionEvent
from smartskill.extensions import db
from smartskill.notifications.models import Notification
from smartskill.notifications.services.inbox import notify
from smartskill.notifications.services.preferences import get_preferences
from smartskill.notifications.services.rendering import register
from smartskill.notifications.services.tokens import unsubscribe_token
from tests.factories import make_user
from tests.notifications.conftest import plan, send_all, words

pytestmark = pytest.mark.usefixtures("kinds")
ONE_CLICK = {"data": "List-Unsubscribe=One-Click", "content_type": "application/x-www-form-urlencoded"}
BROWSER = {"Accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"}


@pytest.fixture(params=["/u/{}", "/api/notifications/unsubscribe/{}", "/api/notifications/unsubscribe/{}/"])
def link(request):
    return lambda row: request.param.format(unsubscribe_token(row))


def wanted(user) -> dict[str, bool]:
    return {choice["kind"]: choice["is_wanted"] for choice in get_preferences(user.id, "en")["kinds"]}


def test_one_click_stops_the_kind_and_what_waits_of_it(client, link):
    user = make_user()
    sent, waiting, other = plan(user), plan(user, key="k2"), plan(user, "duty", "k3")
    response = client.post(link(sent), **ONE_CLICK)
    assert (response.status_code, response.json) == (200, {"kind": "hint", "kinds": ["hint"], "is_wanted": False})
    assert wanted(user)["hint"] is False
    assert wanted(user)["duty"] is True
    assert (waiting.state, waiting.reason, other.state) == ("cancelled", "unwanted", "queued")
    assert "Set-Cookie" not in response.headers


def test_opening_the_link_changes_nothing_and_shows_a_button(client, link):
    user = make_user(locale="de")
    row = plan(user)
    response = client.get(link(row), headers=BROWSER)
    assert response.status_code == 200
    assert response.mimetype == "text/html"
    assert '<html lang="de">' in response.text
    assert re.search(r'<form method="post">.*<button type="submit">', response.text, re.DOTALL)
    assert wanted(user)["hint"] is True
    policy = response.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "form-action 'self'" in policy
    assert "unsafe" not in policy


def test_the_pages_style_is_the_one_its_policy_allows(client):
    import base64
    import hashlib

    response = client.get(f"/u/{unsubscribe_token(plan(make_user()))}")
    style = re.search(r"<style>(.*)</style>", response.text, re.DOTALL)[1]
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    assert f"style-src 'sha256-{digest}'" in response.headers["Content-Security-Policy"]


def test_a_browser_gets_a_page_that_says_it_is_done(client):
    row = plan(make_user(), "duty")
    response = client.post(f"/u/{unsubscribe_token(row)}", **ONE_CLICK, headers=BROWSER)
    assert response.mimetype == "text/html"
    assert "You get no more mail of this kind: Duty." in response.text
    assert "stay in your inbox" in response.text


@pytest.mark.parametrize(
    "body",
    [{}, {"json": {}}, {"data": b"\xff\x00"}, {"data": "x", "content_type": "multipart/form-data"}, {"data": "{"}],
)
def test_any_body_will_do(client, body):
    user = make_user()
    assert client.post(f"/u/{unsubscribe_token(plan(user))}", **body).status_code == 200
    assert wanted(user)["hint"] is False


def test_twice_is_once(client):
    user = make_user()
    row = plan(user)
    for _ in range(2):
        assert client.post(f"/u/{unsubscribe_token(row)}", **ONE_CLICK).status_code == 200
    [event] = db.session.scalars(db.select(InteractionEvent).filter_by(user_id=user.id))
    assert (event.kind, event.source, event.subject_id) == ("unsubscribed", "email", row.id)


@pytest.mark.parametrize("token", ["A" * 22, "x", "%00", "é" * 22, "A" * 5000])
def test_an_unknown_link_is_404(client, token):
    for method in (client.get, client.post):
        response = method(f"/u/{token}")
        assert response.status_code == 404
        assert response.mimetype == "application/problem+json"


def test_account_mail_cannot_be_unsubscribed_from(client):
    assert client.post(f"/u/{unsubscribe_token(plan(make_user(), 'reset'))}").status_code == 404


def test_a_service_kind_stops_mailing_and_stays_in_the_inbox(client, sink):
    user = make_user()
    client.post(f"/u/{unsubscribe_token(plan(user, 'duty'))}", **ONE_CLICK)
    next_one = plan(user, "duty", "k2")
    notify(user.id, "duty", campaign_key="k2", evidence={"what": "First Aid"}, delivery=next_one)
    assert send_all() == {"cancelled": 1}
    assert db.session.scalar(db.select(Notification).filter_by(user_id=user.id)).delivery.reason == "unwanted"


def test_a_mail_that_joined_two_service_kinds_says_both_and_ends_both(client):
    register("task", words, mail_class="service")
    user = make_user()
    mail = plan(user, "duty")
    for kind in ("duty", "task", "duty"):
        notify(user.id, kind, campaign_key=f"{kind}{mail.id}", evidence={}, delivery=mail)
    assert "Duty, Task" in client.get(f"/u/{unsubscribe_token(mail)}", headers=BROWSER).text
    waiting = plan(user, "task", "k2")
    answer = client.post(f"/u/{unsubscribe_token(mail)}", **ONE_CLICK)
    assert answer.json == {"kind": "duty", "kinds": ["duty", "task"], "is_wanted": False}
    assert (wanted(user)["duty"], wanted(user)["task"], wanted(user)["hint"]) == (False, False, True)
    assert waiting.state == "cancelled"


def test_a_digest_ends_the_digest_as_it_says(client):
    user = make_user()
    mail = plan(user, "hint")
    notify(user.id, "endorsed", campaign_key="one", evidence={}, delivery=mail)
    assert client.post(f"/u/{unsubscribe_token(mail)}", **ONE_CLICK).json["kinds"] == ["hint"]


def test_a_stranger_cannot_guess(client):
    plan(make_user())
    import base64

    guess = base64.urlsafe_b64encode(uuid4().bytes).decode().rstrip("=")
    assert client.post(f"/u/{guess}").status_code == 404
