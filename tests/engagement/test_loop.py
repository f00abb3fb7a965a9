"""The loop: learned from what was drawn, tried beside what serves, watched, and taken out where it is wrong."""

from datetime import timedelta

import numpy as np
import pytest
from sqlalchemy import select

from ml.facts import Facts
from ml.features import FEATURE_NAMES
from smartskill.engagement.insights import returning
from smartskill.engagement.insights.champion import find_serving
from smartskill.engagement.insights.columns import load_events
from smartskill.engagement.insights.costs import find_costs
from smartskill.engagement.insights.decided import load_outcomes
from smartskill.engagement.insights.known import load_facts
from smartskill.engagement.insights.weighing import ARMS
from smartskill.engagement.models import ModelVersion
from smartskill.engagement.services.people import EVERYBODY, sample_people
from smartskill.extensions import db
from smartskill.notifications.models import MailSettings
from tests.engagement.planned import decisions_about, plan_at, settled
from tests.engagement.samples import MONDAY, act, fill_company, make_model, make_return_model, make_stale_skill, refuse
from tests.engagement.test_stages import with_matured
from tests.factories import make_user
from tests.ml.reference import describe_person


@pytest.fixture
def person(app):
    return settled(make_user())


def decide_on(person):
    make_stale_skill(person)
    act(person, MONDAY - timedelta(days=9))
    counts = plan_at(MONDAY, person, is_forced=True)
    return decisions_about(person, "subscription")[0], counts


# --- learning -------------------------------------------------------------------------------------------------------


def test_a_return_model_is_entered_with_both_verdicts_whatever_they_are(app):
    at, ids = fill_company()
    refuse(db.session.get_one(type(make_user()), ids[0]), "prediction")
    version = returning.train(at, 0, 20)
    assert (version.name, version.state) == ("return", "candidate")
    card = version.card
    assert set(card["metrics"]) == {"model", "recency_only", "rule", "prevalence"}
    assert {"policy_beats_incumbent", "policy_beats_rule", "effective_sample", "unsubscribes_no_worse", "slope"} <= {
        condition["name"] for condition in card["gate"]["conditions"]
    }
    assert version.is_gate_passed == (card["gate"]["highest_stage"] >= 2)
    for policy in ("candidate", "incumbent", "rule"):
        assert 0 < card["policy"][policy]["value"] < 1
        assert card["policy"][policy]["effective_sample"] > 100
    assert card["policy"]["over_rule"]["low"] < card["policy"]["over_rule"]["high"]
    assert set(card["costs"]) >= set(ARMS)
    assert "## Policy" in version.card_page
    parts = card["parts"]
    assert parts["train"]["last_as_of"] + 7 * 86_400 <= parts["calibration"]["first_as_of"]
    assert parts["calibration"]["last_as_of"] + 7 * 86_400 <= parts["test"]["first_as_of"]
    again = returning.train(at, 0, 20)
    assert (again.card["data_fingerprint"], again.card["policy"]) == (card["data_fingerprint"], card["policy"])


def test_too_few_decisions_are_said_by_name_and_enter_nothing(app):
    act(make_user(), MONDAY - timedelta(days=30))
    with pytest.raises(returning.TooFewDecisions, match="0 decisions have matured"):
        returning.train(MONDAY, 0, 20)
    assert db.session.scalars(select(ModelVersion)).all() == []


def test_what_was_known_at_each_decision_is_described_and_nothing_later(app):
    at, ids = fill_company(people=30)
    refuse(db.session.get_one(type(make_user()), ids[4]), "tracking")
    logged = load_outcomes(EVERYBODY, at, at - timedelta(days=60), ARMS).logged
    rows = logged.rows
    assert ids[4] not in rows.user_ids
    assert rows.decided_at.max() + 7 * 86_400 <= int(at.timestamp())
    events = load_events(EVERYBODY, at)
    for row in range(0, rows.arm.size, 23):
        moment = int(rows.decided_at[row])
        facts = load_facts(at.fromtimestamp(moment, at.tzinfo), EVERYBODY, is_present=False)
        assert isinstance(facts, Facts)
        place = facts.user_ids.tolist().index(int(rows.user_ids[row]))
        expected = describe_person(events.before(moment), facts, place, moment)
        np.testing.assert_array_equal(rows.values[row], [expected[name] for name in FEATURE_NAMES])
    drawn = ~logged.is_held_out
    assert logged.is_eligible[np.arange(rows.arm.size), rows.arm][drawn].all()
    assert {rows.arms[arm] for arm in rows.arm[logged.is_held_out]} == {"none"}


def test_of_very_many_people_an_even_sample_is_learned_from(app):
    people = [make_user() for _ in range(12)]
    sample = sample_people(5)
    chosen = db.session.scalars(select(type(people[0]).id).where(sample.holds(type(people[0]).id))).all()
    assert sample.every == 3
    assert len(chosen) == 4
    assert load_facts(MONDAY, sample, is_present=True).user_ids.tolist() == sorted(chosen)
    assert sample_people(12).every == 1


def test_a_kind_that_nobody_was_sent_costs_what_mails_cost(app):
    assert find_costs(ARMS).rate[ARMS.index("digest")] == pytest.approx(0.004)
    model = make_return_model()
    counted = {arm: one | {"rate": 0.02} for arm, one in model.card["costs"].items() if arm not in ("none", "digest")}
    model.card = model.card | {"costs": counted | {"none": {"rate": 0.0, "mails": 0, "unsubscribes": 0}}}
    db.session.flush()
    costs = dict(zip(ARMS, find_costs(ARMS).rate.tolist(), strict=True))
    assert (costs["none"], costs["digest"], costs["welcome"]) == (0.0, pytest.approx(0.02), 0.02)


# --- stages ---------------------------------------------------------------------------------------------------------


def test_what_a_notice_adds_decides_from_four_thousand_matured_decisions(person):
    lapse, returns = make_model(), make_return_model()
    with_matured(4000)
    decision, counts = decide_on(person)
    assert (decision.stage, decision.model_version_id, decision.fallback) == (2, returns.id, None)
    assert decision.scores["skill_stale"] > 0.2  # as it was made to be
    assert counts["stage:2"] == 1
    returns.state = "archived"
    db.session.flush()
    assert find_serving(ARMS).stage == 1
    assert find_serving(ARMS).models.version_at(1) == lapse.id


@pytest.mark.parametrize(("matured", "stage"), [(999, 0), (3999, 1), (16_000, 3)])
def test_stages_begin_at_their_counts(app, matured, stage):
    make_model()
    make_return_model()
    with_matured(matured)
    assert find_serving(ARMS).stage == stage


def test_a_fault_of_the_return_model_falls_to_the_rules_and_is_counted(person, monkeypatch):
    make_return_model()
    with_matured(4000)

    def fail(*args):
        raise ZeroDivisionError

    monkeypatch.setattr("ml.returns.predict_effects", fail)
    decision, counts = decide_on(person)
    assert (decision.stage, decision.fallback, decision.model_version_id) == (0, "ZeroDivisionError", None)
    assert counts["fallbacks"] == counts["fallback:ZeroDivisionError"] == counts["stage:0"] == 1


def test_a_score_that_is_no_number_costs_only_its_own_decision(app, monkeypatch):
    people = [settled(make_user()) for _ in range(2)]
    for one in people:
        make_stale_skill(one)
        act(one, MONDAY - timedelta(days=9))
    make_return_model()
    with_matured(4000)
    monkeypatch.setattr(
        "ml.returns.predict_effects",
        lambda model, names, values: np.where(np.arange(len(values))[:, None] == 0, np.nan, 0.1) * np.ones(len(ARMS)),
    )
    plan_at(MONDAY, *people, is_forced=True)
    stages = [decisions_about(one, "subscription")[0].stage for one in people]
    assert stages == [0, 2]


# --- people's choices -------------------------------------------------------------------------------------------------


def test_what_people_chose_holds_when_models_serve(app, monkeypatch):
    monkeypatch.setitem(app.config, "HOLDOUT_SHARE", 1.0)
    make_model()
    make_return_model()
    make_model("shadow", seed=9)
    with_matured(4000)
    free, unpredicted, held = people = [settled(make_user()) for _ in range(3)]
    refuse(unpredicted, "prediction")
    db.session.add(MailSettings(user_id=free.id, is_in_holdout_allowed=False))
    for one in people:
        make_stale_skill(one)
        act(one, MONDAY - timedelta(days=9))
    for week in range(3):
        plan_at(MONDAY + timedelta(weeks=week), *people, is_forced=True)
    drawn = {one.id: [row for row in decisions_about(one, "subscription") if row.propensities] for one in people}
    assert not drawn[unpredicted.id]
    assert all(row.scores is row.shadow is row.stage is None for row in decisions_about(unpredicted))
    assert drawn[free.id]
    assert not any(row.is_held_out for row in drawn[free.id])
    assert {row.stage for row in drawn[free.id]} == {2}
    assert len(drawn[held.id]) == 3
    assert all(row.is_held_out and row.action == "none" and row.shadow for row in drawn[held.id])
