"""Batches of events from clients: taken once, in time, with consent, and nothing that is not on the lists."""

from datetime import timedelta

import pytest

from smartskill.activity.models import InteractionEvent
from smartskill.activity.services.consent import set_consents
from smartskill.database import now
from smartskill.extensions import db
from tests.factories import make_user, sign_in


def event(number: int = 1, **given) -> dict:
    facts = {"kind": "skill_viewed", "occurred_at": now().isoformat(), "client_event_id": f"e{number}"}
    return {**facts, "subject_type": "skill", "subject_id": 3, "props": {"view": "list"}, **given}


@pytest.fixture
def me(app):
    return make_user()


@pytest.fixture
def post(client, me):
    headers = sign_in(me)
    return lambda *events, **more: client.post(
        "/api/notifications/events", json={"events": list(events)}, headers=more.get("headers", headers)
    )


def kept(user) -> list[InteractionEvent]:
    return list(db.session.scalars(db.select(InteractionEvent).filter_by(user_id=user.id)))


def test_a_batch_is_kept_and_a_repeat_of_it_changes_nothing(post, me):
    batch = [event(number) for number in range(3)]
    assert post(*batch).json == {"accepted": 3, "duplicates": 0, "out_of_time": 0, "is_tracked": True}
    assert post(*batch).json == {"accepted": 0, "duplicates": 3, "out_of_time": 0, "is_tracked": True}
    assert post(*batch, event(9)).json["accepted"] == 1
    assert len(kept(me)) == 4
    assert kept(me)[0].props == {"view": "list"}
    assert {one.source for one in kept(me)} == {"web"}


def test_the_same_event_twice_in_one_batch_is_one(post):
    one = event()
    answer = post(one, one).json
    assert (answer["accepted"], answer["duplicates"]) == (1, 1)


def test_nobody_can_use_up_anothers_ids(post, client, me):
    other, batch = make_user(), event()
    assert post(batch, headers=sign_in(other)).json["accepted"] == 1
    assert post(batch).json["accepted"] == 1


def test_times_outside_the_window_are_counted_and_left_out(post, me):
    times = [now() - timedelta(days=29, hours=23), now() - timedelta(days=30, minutes=1), now() + timedelta(minutes=4)]
    times.append(now() + timedelta(minutes=6))
    batch = [event(number, occurred_at=at.isoformat()) for number, at in enumerate(times)]
    assert post(*batch).json == {"accepted": 2, "duplicates": 0, "out_of_time": 2, "is_tracked": True}
    assert {one.client_event_id for one in kept(me)} == {f"{me.id}:e0", f"{me.id}:e2"}


def test_without_consent_nothing_is_kept_and_the_answer_says_so(post, me):
    set_consents(me.id, {"tracking": False})
    assert post(event()).json == {"accepted": 0, "duplicates": 0, "out_of_time": 0, "is_tracked": False}
    assert kept(me) == []


def test_properties_of_other_kinds_are_left_out(post, me):
    post(event(props={"view": "list", "result_count": 3}))
    assert kept(me)[0].props == {"view": "list"}


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"kind": "email_clicked"}, "kind"),
        ({"kind": "signed_in"}, "kind"),
        ({"occurred_at": "2026-11-22T10:00:00"}, "occurred_at"),
        ({"occurred_at": "yesterday"}, "occurred_at"),
        ({"client_event_id": ""}, "client_event_id"),
        ({"client_event_id": "x" * 51}, "client_event_id"),
        ({"props": {"text": "free"}}, "props.text"),
        ({"props": {"view": "the wall"}}, "props.view"),
        ({"props": {"rank": "1"}}, "props.rank"),
        ({"subject_id": 2**31}, "subject_id"),
        ({"user_id": 1}, "user_id"),
        ({"source": "email"}, "source"),
    ],
)
def test_what_is_wrong_in_itself_is_refused_and_named(post, me, given, field):
    response = post(event(1), event(2, **given))
    assert response.status_code == 400
    assert f"events.1.{field}" in response.json["errors"]
    assert kept(me) == []


def test_a_batch_holds_one_to_a_hundred(post):
    assert post().status_code == 400
    assert post(*(event(number) for number in range(101))).status_code == 400
    assert post(*(event(number) for number in range(100))).json["accepted"] == 100


def test_strangers_are_not_admitted(client):
    assert client.post("/api/notifications/events", json={"events": [event()]}).status_code == 401
