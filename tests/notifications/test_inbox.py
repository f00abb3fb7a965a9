"""The inbox and the preferences over HTTP."""

import pytest

from smartskill.extensions import db
from smartskill.notifications.models import Notification, Preference
from smartskill.notifications.services.inbox import count_unread, notify
from smartskill.notifications.services.rendering import register
from tests.factories import make_user, sign_in
from tests.notifications.conftest import plan, words

pytestmark = pytest.mark.usefixtures("kinds")


def tell(user, key="k1", kind="hint", **evidence):
    return notify(user.id, kind, campaign_key=key, evidence=evidence)


def test_a_person_lists_only_their_own_newest_first(client):
    me, other = make_user(), make_user()
    ids = [tell(me, f"k{number}").id for number in range(3)]
    tell(other)
    response = client.get("/api/notifications/?page_size=2", headers=sign_in(me))
    assert [entry["id"] for entry in response.json] == [ids[2], ids[1]]
    assert '"total":3' in response.headers["X-Pagination"].replace(" ", "")


def test_the_list_filters_by_kind_and_by_unread(client):
    me = make_user()
    read, unread = tell(me, "k1"), tell(me, "k2", "duty")
    headers = sign_in(me)
    client.patch(f"/api/notifications/{read.id}", json={"is_read": True}, headers=headers)
    ids = lambda query: [entry["id"] for entry in client.get(f"/api/notifications?{query}", headers=headers).json]  # noqa: E731
    assert ids("kind=duty") == [unread.id]
    assert ids("unread=true") == [unread.id]
    assert ids("unread=false") == [read.id]


def test_an_entry_is_worded_by_its_kind_in_the_readers_language(client):
    register("hint", words, make_line=lambda evidence, language: f"{evidence['what']} ({language})")
    me = make_user(locale="de-CH")
    entry, plain = tell(me, what="Erste Hilfe"), tell(me, "k2", "verify_email")
    get = lambda row: client.get(f"/api/notifications/{row.id}", headers=sign_in(me)).json  # noqa: E731
    assert get(entry)["text"] == "Erste Hilfe (de)"
    assert get(plain)["text"] == "Bestätigung Ihrer Adresse"


def test_reading_moves_the_etag_and_a_stale_change_is_refused(client):
    me = make_user()
    url, headers = f"/api/notifications/{tell(me).id}", sign_in(me)
    etag = client.get(url, headers=headers).headers["ETag"]
    changed = client.patch(url, json={"is_read": True}, headers={**headers, "If-Match": etag})
    assert (changed.status_code, changed.json["is_read"]) == (200, True)
    assert client.patch(url, json={"is_read": False}, headers={**headers, "If-Match": etag}).status_code == 412
    assert client.get(url, headers={**headers, "If-None-Match": changed.headers["ETag"]}).status_code == 304
    again = client.patch(url, json={}, headers=headers)
    assert again.json["read_at"] == changed.json["read_at"]


def test_another_persons_entry_does_not_exist(client):
    row = tell(make_user())
    headers = sign_in(make_user("admin"))
    for method, body in (("get", {}), ("patch", {"json": {"is_read": True}}), ("delete", {})):
        assert getattr(client, method)(f"/api/notifications/{row.id}", headers=headers, **body).status_code == 404


def test_removing_an_entry_answers_it_and_stops_its_mail(client):
    me = make_user()
    delivery = plan(me)
    row = notify(me.id, "hint", campaign_key="k1", evidence={}, delivery=delivery)
    row_id = row.id
    response = client.delete(f"/api/notifications/{row_id}", headers=sign_in(me))
    assert (response.status_code, response.json["id"]) == (200, row_id)
    assert db.session.get(Notification, row_id) is None
    assert (delivery.state, delivery.reason) == ("cancelled", "removed")


def test_read_all_marks_mine_and_only_mine(client):
    me, other = make_user(), make_user()
    tell(me, "k1"), tell(me, "k2"), tell(other)
    assert client.post("/api/notifications/read-all", headers=sign_in(me)).json == {"marked": 2}
    assert (count_unread(me.id), count_unread(other.id)) == (0, 1)


def test_a_campaign_is_told_once(app):
    me = make_user()
    assert tell(me, "k1") is not None
    assert tell(me, "k1") is None


def test_preferences_begin_with_the_operators_defaults(client):
    answer = client.get("/api/notifications/preferences", headers=sign_in(make_user())).json
    choices = {choice["kind"]: choice["is_wanted"] for choice in answer["kinds"]}
    assert choices.items() >= {"hint": True, "duty": True}.items()
    assert "reset" not in choices
    assert answer["quiet_hours"] is None
    assert answer["default_quiet_hours"] == "20-8"
    assert answer["working_days"] == [0, 1, 2, 3, 4]
    assert answer["is_in_holdout_allowed"] is True


def test_putting_preferences_replaces_the_whole_and_cancels_what_waits(client):
    me = make_user()
    waiting, headers = plan(me), sign_in(me)
    said = {
        "kinds": [{"kind": "hint", "is_wanted": False}],
        "quiet_hours": "22-6",
        "working_days": [6, 0, 0],
        "away_until": "2026-12-31",
        "is_in_holdout_allowed": False,
    }
    answer = client.put("/api/notifications/preferences", json=said, headers=headers).json
    assert waiting.state == "cancelled"
    assert {name: answer[name] for name in ("quiet_hours", "away_until", "is_in_holdout_allowed")} == {
        name: said[name] for name in ("quiet_hours", "away_until", "is_in_holdout_allowed")
    }
    assert answer["working_days"] == [0, 6]
    answer = client.put("/api/notifications/preferences", json={}, headers=headers).json
    assert all(choice["is_wanted"] for choice in answer["kinds"])
    assert (answer["quiet_hours"], answer["away_until"]) == (None, None)
    assert db.session.get(Preference, (me.id, "hint")).is_wanted is True


@pytest.mark.parametrize(
    ("said", "field"),
    [
        ({"kinds": [{"kind": "nothing", "is_wanted": False}]}, "kinds"),
        ({"kinds": [{"kind": "reset", "is_wanted": False}]}, "kinds"),
        ({"kinds": [{"kind": "hint", "is_wanted": False}, {"kind": "hint", "is_wanted": True}]}, "kinds"),
        ({"kinds": [{"kind": "hint", "is_wanted": False, "name": "x"}]}, "kinds.0.name"),
        ({"quiet_hours": "20-25"}, "quiet_hours"),
        ({"quiet_hours": "20-8\nx"}, "quiet_hours"),
        ({"working_days": []}, "working_days"),
        ({"working_days": [7]}, "working_days.0"),
        ({"away_until": "soon"}, "away_until"),
        ({"default_quiet_hours": "1-2"}, "default_quiet_hours"),
    ],
)
def test_preferences_that_make_no_sense_are_named(client, said, field):
    response = client.put("/api/notifications/preferences", json=said, headers=sign_in(make_user()))
    assert response.status_code == 400
    assert field in response.json["errors"]


@pytest.mark.parametrize("path", ["", "1", "preferences"])
def test_strangers_are_not_admitted(client, path):
    assert client.get(f"/api/notifications/{path}").status_code == 401
