"""What people did is recorded where they allow it, and only what the allow-lists hold."""

from datetime import timedelta

import pytest

from smartskill.activity.models import KINDS, Consent, InteractionEvent
from smartskill.activity.schemas import CHANNELS, CLIENT_KINDS, VIEWS
from smartskill.activity.services.consent import allowing, may, set_consents
from smartskill.activity.services.recording import PROPS, WORDS, record
from smartskill.database import now
from smartskill.extensions import db
from tests.factories import make_user, sign_in


def events(user) -> list[InteractionEvent]:
    return list(db.session.scalars(db.select(InteractionEvent).filter_by(user_id=user.id)))


def test_an_act_is_recorded_with_what_it_was_about(app):
    user = make_user()
    record(user.id, "skill_rated", subject_type="skill", subject_id=7, props={"level": 3, "source": "self"})
    [event] = events(user)
    assert (event.kind, event.subject_type, event.subject_id, event.source) == ("skill_rated", "skill", 7, "api")
    assert event.props == {"level": 3, "source": "self"}
    assert event.is_automated is False
    assert now() - event.occurred_at < timedelta(seconds=5)


@pytest.mark.parametrize(("default", "said", "kept"), [
    (True, None, 1), (True, True, 1), (True, False, 0), (False, None, 0), (False, True, 1), (False, False, 0),
])  # fmt: skip
def test_consent_decides_and_the_operators_default_holds_until_somebody_says(app, monkeypatch, default, said, kept):
    monkeypatch.setitem(app.config, "TRACKING_DEFAULT", default)
    user = make_user()
    if said is not None:
        set_consents(user.id, {"tracking": said})
    record(user.id, "search", props={"result_count": 3})
    assert len(events(user)) == kept
    assert may(user.id, "tracking") is bool(kept)


def test_switching_off_takes_effect_within_the_transaction(app):
    user = make_user()
    record(user.id, "search")
    set_consents(user.id, {"tracking": False})
    record(user.id, "search")
    set_consents(user.id, {"tracking": True})
    assert len(events(user)) == 1


def test_tracking_and_prediction_are_two_switches(app):
    user = make_user()
    set_consents(user.id, {"prediction": False})
    record(user.id, "search")
    assert len(events(user)) == 1
    assert not may(user.id, "prediction")


def test_many_people_are_asked_at_once(app):
    yes, no, silent = make_user(), make_user(), make_user()
    set_consents(yes.id, {"prediction": True})
    set_consents(no.id, {"prediction": False})
    from smartskill.user.models import User

    found = db.session.scalars(db.select(User.id).where(allowing("prediction", User.id)).order_by(User.id)).all()
    assert found == [yes.id, silent.id]


def test_free_text_and_unknown_properties_never_get_in(app):
    user = make_user()
    record(user.id, "skill_rated", props={"level": 3, "note": "hates Java", "source": "my boss said so"})
    record(user.id, "skill_rated", props={"level": "three"})
    record(user.id, "skill_rated", props={"level": True})
    assert [event.props for event in events(user)] == [{"level": 3}, None, None]


@pytest.mark.parametrize("given", [{"kind": "no_such_kind"}, {"kind": "search", "source": "elsewhere"}])
def test_a_wrong_kind_costs_the_record_and_not_the_caller(app, caplog, given):
    user = make_user()
    record(user.id, **given)
    assert events(user) == []
    assert "not recorded" in caplog.text


def test_what_others_or_machines_did_is_marked_automated(app):
    user = make_user()
    record(user.id, "endorsement_received")
    record(user.id, "qualification_renewed", source="system")
    assert all(event.is_automated for event in events(user))


def test_a_rolled_back_act_leaves_no_record(app):
    user = make_user()
    db.session.commit()
    record(user.id, "search")
    db.session.rollback()
    assert events(user) == []


def test_the_lists_agree():
    assert set(PROPS) <= set(KINDS)
    assert set(CLIENT_KINDS) <= set(KINDS)
    assert set(VIEWS) == WORDS["view"]
    assert set(CHANNELS) <= WORDS["via"]


def test_consents_over_http_are_replaced_whole(client):
    user = make_user()
    headers = sign_in(user)
    first = client.get("/api/users/me/consents", headers=headers).json
    assert first == {
        "tracking": True, "prediction": True, "tracking_changed_at": None, "prediction_changed_at": None,
    }  # fmt: skip
    answer = client.put("/api/users/me/consents", json={"prediction": True}, headers=headers)
    assert answer.status_code == 200
    assert (answer.json["tracking"], answer.json["prediction"]) == (False, True)
    assert answer.json["tracking_changed_at"].endswith("Z")
    assert db.session.scalar(db.select(db.func.count()).select_from(Consent)) == 2
    assert client.put("/api/users/me/consents/", json={"tracking": "yes"}, headers=headers).status_code == 400
    assert client.get("/api/users/me/consents").status_code == 401
