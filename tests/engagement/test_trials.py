"""Models tried beside what serves, promoted, rolled back, watched, and their draws repeated."""

from datetime import timedelta

import numpy as np
import pytest
from sqlalchemy import delete, select
from sqlalchemy.exc import IntegrityError

from ml.policy.draw import draw_arm, uniform_of
from smartskill.activity.models import InteractionEvent
from smartskill.engagement.insights import replaying, training, watching
from smartskill.engagement.insights.champion import find_serving
from smartskill.engagement.insights.weighing import ARMS, secret
from smartskill.engagement.services.registry import (
    GateRefused,
    ServesAlready,
    find_champion,
    find_shadow,
    promote_model,
    roll_back_model,
    shadow_model,
)
from smartskill.extensions import db
from tests.engagement.planned import decisions_about, plan_at, settled
from tests.engagement.samples import MONDAY, act, fill_company, make_model, make_return_model, make_stale_skill
from tests.engagement.test_stages import with_matured
from tests.factories import make_user


@pytest.fixture
def person(app):
    return settled(make_user())


def quietly(done: int, total: int) -> None:
    """Nobody follows this job."""


def decide_on(person):
    make_stale_skill(person)
    act(person, MONDAY - timedelta(days=9))
    counts = plan_at(MONDAY, person, is_forced=True)
    return decisions_about(person, "subscription")[0], counts


# --- the registry ---------------------------------------------------------------------------------------------------


def test_names_have_champions_and_predecessors_of_their_own(app):
    lapse, returns = make_model("candidate", seed=31), make_return_model("candidate", seed=32)
    promote_model(lapse.id)
    promote_model(returns.id)
    assert (find_champion("lapse").id, find_champion("return").id) == (lapse.id, returns.id)
    assert roll_back_model("return") == (returns, None)
    assert (lapse.state, returns.state) == ("champion", "archived")


def test_one_champion_and_one_shadow_of_a_name_are_the_databases_last_word(app):
    for state in ("champion", "shadow"):
        make_return_model(state, seed=41)
        with pytest.raises(IntegrityError, match=f"uq_model_versions_{state}"), db.session.begin_nested():
            make_return_model(state, seed=42)


def test_what_was_refused_may_be_a_shadow_and_is_never_promoted(app):
    refused, other = make_return_model("candidate", highest_stage=0, seed=51), make_return_model("candidate", seed=52)
    assert shadow_model(refused.id).state == "shadow"
    with pytest.raises(GateRefused, match="slope"):
        promote_model(refused.id)
    shadow_model(other.id)
    assert (refused.state, find_shadow("return").id) == ("archived", other.id)
    promote_model(other.id)
    assert find_shadow("return") is None
    with pytest.raises(ServesAlready):
        shadow_model(other.id)


def test_a_shadow_is_written_down_and_decides_nothing(person):
    with_matured(1000)
    make_stale_skill(person)
    act(person, MONDAY - timedelta(days=9))
    twin = settled(make_user())
    with db.session.begin_nested() as undone:
        plan_at(MONDAY, person, is_forced=True)
        alone = decisions_about(person, "subscription")[0]
        before = (alone.propensities, alone.scores, alone.action)
        undone.rollback()
    shadow = make_return_model("shadow", highest_stage=0)
    plan_at(MONDAY, person, twin, is_forced=True)
    [beside] = decisions_about(person, "subscription")
    assert (beside.propensities, beside.scores, beside.action, beside.stage) == (*before, 0)
    told = beside.shadow["return"]
    assert (told["model_id"], told["stage"]) == (shadow.id, 2)
    assert set(told["propensities"]) == {"none", "skill_stale"}
    assert sum(told["propensities"].values()) == pytest.approx(1)
    assert told["propensities"]["skill_stale"] > beside.propensities["skill_stale"]
    act(person, MONDAY + timedelta(days=2))
    assert watching.watch_models(MONDAY + timedelta(days=8)) == {"return shadow": "compared"}
    report = shadow.watch["shadow"]
    assert (report["decisions"], report["failed"]) == (1, 0)
    assert 0 < report["distance"] < 1
    assert report["shadow_mails_per_decision"] > report["mails_per_decision"]
    assert report["matured"] == (0 if beside.is_held_out else 1)


def test_a_broken_shadow_harms_nothing(person):
    shadow = make_return_model("shadow", digest="0" * 64)
    decision, counts = decide_on(person)
    assert decision.shadow == {"return": {"model_id": shadow.id, "stage": 2, "error": "DigestMismatch"}}
    assert (decision.fallback, counts["fallbacks"]) == (None, 0)


# --- drift ----------------------------------------------------------------------------------------------------------


def test_scores_that_stop_coming_true_take_a_model_out_and_ageing_features_do_not(app):
    at, _ = fill_company(people=150)
    version = training.train(at, 0, quietly, 20)
    version.is_gate_passed = True  # whatever the invented company's verdict: what follows is about drift
    promote_model(version.id)
    with_matured(1000)
    assert watching.watch_models(at) == {"lapse": "steady"}
    assert (version.is_alarmed, find_serving(ARMS).stage) == (False, version.card["gate"]["highest_stage"])
    silence = at - timedelta(days=34)
    db.session.execute(delete(InteractionEvent).where(InteractionEvent.occurred_at > silence))
    for one in db.session.scalars(select(type(make_user())).order_by("id").limit(25)):
        act(one, at - timedelta(days=1))  # a few come back
    assert watching.watch_models(at) == {"lapse": "alarm"}
    assert version.watch["drift"]["ratio"]["high"] < 0.9
    serving = find_serving(ARMS)
    assert (version.is_alarmed, serving.stage, serving.fallback) == (True, 0, "drift")


def test_a_later_look_that_finds_nothing_lets_the_model_serve_again(app):
    at, _ = fill_company(people=150)
    version = training.train(at, 0, quietly, 20)
    version.is_gate_passed = version.is_alarmed = True
    version.state, version.promoted_at = "champion", at
    watching.watch_models(at)
    assert not version.is_alarmed


# --- replay ---------------------------------------------------------------------------------------------------------


def test_every_decision_can_be_drawn_again_and_a_changed_one_shows(app):
    people = [settled(make_user()) for _ in range(25)]
    for one in people:
        make_stale_skill(one)
    plan_at(MONDAY, *people, is_forced=True)
    assert replaying.replay(1000, MONDAY) == {"checked": 25, "differ": 0, "ids": []}
    row = decisions_about(people[3])[0]
    odds = sorted(row.propensities)
    drawn = odds[
        draw_arm(np.array([row.propensities[arm] for arm in odds]), uniform_of(secret(), "draw", row.decision_key))
    ]
    assert drawn == row.drawn_action
    row.drawn_action = row.action = next(arm for arm in ("none", "skill_stale") if arm != drawn)
    db.session.flush()
    assert replaying.replay(1000, MONDAY, people[3].id) == {"checked": 1, "differ": 1, "ids": [row.id]}
