"""From recorded events to a candidate: columns by COPY, facts of the past, training, the registry, scores, outcomes."""

from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
from sqlalchemy import delete, func, select, text

from ml.artefact import load_artefact
from ml.events import KINDS, kind_code
from smartskill.activity import models as activity
from smartskill.engagement.insights.columns import load_events
from smartskill.engagement.insights.copying import DOUBLE, INTEGER, CopyMalformed, copy_columns
from smartskill.engagement.insights.known import load_facts
from smartskill.engagement.insights.measuring import measure_outcomes
from smartskill.engagement.insights.scoring import score_people
from smartskill.engagement.insights.training import TooLittleHistory, evaluate, gather, train
from smartskill.engagement.models import ModelVersion, Prediction
from smartskill.engagement.services.people import EVERYBODY, IdRange
from smartskill.engagement.services.registry import (
    GateRefused,
    NoChampion,
    NothingToPromote,
    find_champion,
    promote_model,
    roll_back_model,
)
from smartskill.extensions import db
from smartskill.kit.settings import instance_folder
from smartskill.notifications.models import Delivery
from smartskill.skills.models.levels import Rating
from smartskill.user.models import User
from tests.engagement.samples import MONDAY, act, fill_company, make_model, refuse
from tests.factories import make_qualification, make_skill, make_user


def quietly(done: int, total: int) -> None:
    """Nobody follows this job."""


def test_the_kinds_are_those_of_the_events_and_one_for_all_others():
    assert set(KINDS) == {*activity.KINDS, "other_act"}


def test_events_come_as_columns_with_the_offset_of_their_day(app):
    user = make_user(timezone="Europe/Berlin")
    winter, summer = datetime(2026, 1, 5, 9, tzinfo=UTC), datetime(2026, 7, 6, 9, tzinfo=UTC)
    act(user, winter, "search")
    act(user, summer, "skill_rated", is_automated=True)
    act(user, MONDAY, "search")  # not before the moment
    log = load_events(IdRange(user.id, user.id), MONDAY)
    order = np.argsort(log.occurred_at)
    assert log.user_id.tolist() == [user.id, user.id]
    assert log.occurred_at[order].tolist() == [int(winter.timestamp()), int(summer.timestamp())]
    assert log.kind[order].tolist() == [kind_code("search"), kind_code("skill_rated")]
    assert log.is_automated[order].tolist() == [False, True]
    assert log.utc_offset_s[order].tolist() == [3600, 7200]


def test_a_zone_that_the_database_does_not_know_is_utc(app):
    user = make_user(timezone="Mars/Olympus")
    act(user, MONDAY - timedelta(days=1))
    assert load_events(EVERYBODY, MONDAY).utc_offset_s.tolist() == [0]


def test_only_people_who_allow_both_are_read(app):
    people = [make_user() for _ in range(3)]
    for user in people:
        act(user, MONDAY - timedelta(days=1))
    refuse(people[0], "tracking")
    refuse(people[1], "prediction")
    assert load_events(None, MONDAY).user_id.tolist() == [people[2].id]
    assert load_facts(MONDAY, is_present=True).user_ids.tolist() == [people[2].id]


def test_each_mail_counts_once(app):
    """The outbox knows what was mailed; the event that repeats it is left out, one of the demo's past is not."""
    user, at = make_user(), MONDAY - timedelta(days=1)
    facts = {"kind": "digest", "mail_class": "subscription", "state": "sent", "sent_at": at, "due_at": at}
    mail = Delivery(user_id=user.id, campaign_key="a", message_id="<a@x>", **facts)
    db.session.add(mail)
    db.session.flush()
    act(user, at, "email_sent", props={"delivery_id": mail.id}, source="email")
    act(user, at - timedelta(days=9), "email_sent", props={"synthetic": True}, source="email")
    log = load_events(EVERYBODY, MONDAY)
    assert sorted(log.occurred_at.tolist()) == [int((at - timedelta(days=9)).timestamp()), int(at.timestamp())]
    assert set(log.kind.tolist()) == {kind_code("email_sent")}


def test_a_null_in_the_columns_is_refused_by_name(app):
    fields = {"user_id": INTEGER, "value": DOUBLE}
    assert copy_columns(select(text("7::int4, 0.5::float8")), fields).tolist() == [(2, 4, 7, 8, 0.5)]
    for malformed in ("NULL::int4, 0.5::float8", "7::int8, 0.5::float8", "7::int4, 0.5::float8, 1::int4"):
        with pytest.raises(CopyMalformed):
            copy_columns(select(text(malformed)), fields)


def test_facts_of_the_past_are_the_pasts(app):
    user = make_user(created_at=MONDAY - timedelta(days=900))
    skill = make_skill(review_months=12)
    for days in (800, 30):  # stale in between, confirmed again a month ago
        at = MONDAY - timedelta(days=days)
        facts = {"level": 3, "source": "self", "rater_id": user.id, "effective_on": at.date(), "created_at": at}
        db.session.add(Rating(user_id=user.id, skill_id=skill.id, **facts))
    old = make_qualification(user, expires_on=MONDAY.date(), created_at=MONDAY - timedelta(days=500))
    make_qualification(
        user, renews_id=old.id, expires_on=MONDAY.date() + timedelta(days=365), created_at=MONDAY - timedelta(days=10)
    )
    then, present = load_facts(MONDAY - timedelta(days=100), is_present=False), load_facts(MONDAY, is_present=True)
    assert (then.column("stale_skill_share")[0], present.column("stale_skill_share")[0]) == (1.0, 0.0)
    assert (then.column("days_to_nearest_expiry")[0], present.column("days_to_nearest_expiry")[0]) == (100.0, 365.0)
    assert np.isnan(then.column("open_reviews")[0])
    assert present.column("open_reviews")[0] == 0
    assert load_facts(MONDAY - timedelta(days=950), is_present=False).user_ids.size == 0


# --- the whole way ----------------------------------------------------------------------------------------------------


@pytest.fixture
def company(app) -> datetime:
    """Half a year of an invented company in the database, ended at the moment returned."""
    return fill_company()[0]


def test_training_leaves_a_candidate_with_its_card_and_the_rest_follows(company):
    version = train(company, seed=0, say=quietly, replicates=20)
    assert version.state == "candidate"
    path = instance_folder() / version.path
    assert load_artefact(path, version.digest).names
    card = version.card
    assert set(card["metrics"]) == {"model", "recency_only", "rule", "prevalence"}
    assert card["parts"]["test"]["windows"] == 4
    assert version.is_gate_passed == (card["gate"]["highest_stage"] > 0)
    assert "## Gate" in version.card_page
    assert [entry.name for entry in path.parent.iterdir() if entry.name.startswith("tmp")] == []

    again = train(company, seed=0, say=quietly, replicates=20)
    assert again.card["data_fingerprint"] == card["data_fingerprint"]  # the same data, the same figures
    assert again.card["metrics"] == card["metrics"]

    judged = evaluate(version, company, quietly, 20)
    assert judged["metrics"]["model"]["auc"][0] == pytest.approx(card["metrics"]["model"]["auc"]["value"], abs=1e-4)

    version.is_gate_passed = True  # whatever the invented company's verdict: what follows is about scores
    promote_model(version.id)
    assert score_people(EVERYBODY, company) == 90
    predictions = db.session.scalars(select(Prediction)).all()
    assert all(0 < row.value < 1 and len(row.reasons) == 3 for row in predictions)
    assert {row.model_version_id for row in predictions} == {version.id}

    report = measure_outcomes(company + timedelta(days=14))
    assert report["decided"] == report["synthetic"] > 1500
    assert report["return"]["matured"] == report["decided"]
    assert report["return"]["low"] < report["return"]["lift"] < report["return"]["high"]
    assert report["return"]["smallest_detectable"] > 0
    assert report["return"]["others"] >= report["return"]["held_out"] > 0
    assert {one["kind"] for one in report["kinds"]} == {
        "endorsed",
        "skill_stale",
        "role_gap",
        "skill_recommended",
        "digest",
    }


def test_too_little_history_is_said_by_name(app):
    with pytest.raises(TooLittleHistory, match="Nothing is recorded"):
        gather(MONDAY)
    act(make_user(), MONDAY - timedelta(weeks=6))
    with pytest.raises(TooLittleHistory, match="6 weeks are recorded"):
        gather(MONDAY)


def test_a_score_goes_with_the_consent(app):
    keeps, leaves = make_user(), make_user()
    make_model(seed=21)
    for user in (keeps, leaves):
        act(user, MONDAY - timedelta(days=3))
    assert score_people(EVERYBODY, MONDAY) == 2
    refuse(leaves, "prediction")
    assert score_people(EVERYBODY, MONDAY) == 1
    assert db.session.scalars(select(Prediction.user_id)).all() == [keeps.id]
    db.session.execute(delete(ModelVersion))
    assert score_people(EVERYBODY, MONDAY) == 0


# --- the registry -----------------------------------------------------------------------------------------------------


def test_one_model_serves_and_its_predecessor_comes_back(app):
    first, second = make_model("candidate", seed=31), make_model("candidate", seed=32)
    promote_model(first.id)
    promote_model(second.id)
    assert (first.state, second.state) == ("archived", "champion")
    assert find_champion().id == second.id
    assert roll_back_model() == (second, first)
    assert (first.state, second.state) == ("champion", "archived")
    assert roll_back_model() == (first, None)  # nothing before it: the rules serve
    assert find_champion() is None
    with pytest.raises(NoChampion):
        roll_back_model()


def test_what_the_gate_refused_is_not_promoted(app):
    refused = make_model("candidate", highest_stage=0, seed=33)
    with pytest.raises(GateRefused, match="slope"):
        promote_model(refused.id)
    with pytest.raises(NothingToPromote):
        promote_model()
    assert find_champion() is None
    assert db.session.scalar(select(func.count()).select_from(User)) == 0
