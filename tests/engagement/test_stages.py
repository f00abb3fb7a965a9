"""Which stage decides, and how a model that cannot serve falls back to the rules."""

from datetime import timedelta

import pytest

from smartskill.engagement.models import Decision
from smartskill.extensions import db
from smartskill.kit.settings import instance_folder
from tests.engagement.planned import decisions_about, plan_at, settled
from tests.engagement.samples import MONDAY, make_model, make_stale_skill
from tests.factories import make_user
from tests.ml.samples import rows_of_chance


@pytest.fixture
def person(app):
    return settled(make_user())


def with_matured(count: int) -> None:
    """So many decisions of the past with known odds."""
    about = make_user()
    db.session.add_all(
        Decision(
            user_id=about.id, decision_key=f"past:{number}", mail_class="subscription", action="none", propensity=0.5,
            decided_at=MONDAY - timedelta(days=400), is_synthetic=True,
        )
        for number in range(count)
    )  # fmt: skip
    db.session.flush()


def test_the_champion_orders_from_a_thousand_matured_decisions(person):
    champion = make_model()
    with_matured(1000)
    make_stale_skill(person)
    plan_at(MONDAY, person, is_forced=True)
    [decision] = decisions_about(person)
    assert (decision.stage, decision.model_version_id, decision.fallback) == (1, champion.id, None)


def test_before_that_the_rules_decide(person):
    make_model()
    with_matured(999)
    make_stale_skill(person)
    plan_at(MONDAY, person, is_forced=True)
    assert decisions_about(person)[0].stage == 0


def test_a_flipped_byte_falls_back_to_the_rules_and_says_so(person):
    champion = make_model(seed=7)
    path = instance_folder() / champion.path
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)
    with_matured(1000)
    make_stale_skill(person)
    counts = plan_at(MONDAY, person, is_forced=True)
    [decision] = decisions_about(person)
    assert (decision.stage, decision.fallback, decision.model_version_id) == (0, "DigestMismatch", None)
    assert counts["fallbacks"] == 1
    assert sum(decision.propensities.values()) == pytest.approx(1)


def test_a_model_of_other_features_falls_back(person):
    make_model(seed=11, rows_of=rows_of_chance)
    with_matured(1000)
    make_stale_skill(person)
    plan_at(MONDAY, person, is_forced=True)
    assert (decisions_about(person)[0].stage, decisions_about(person)[0].fallback) == (0, "SkewedFeatures")


def test_a_fault_in_scoring_costs_no_decision(person, monkeypatch):
    make_model(seed=9)
    with_matured(1000)
    make_stale_skill(person)

    def fail(*args):
        raise ZeroDivisionError

    monkeypatch.setattr("ml.lapse.predict_lapse", fail)
    plan_at(MONDAY, person, is_forced=True)
    assert (decisions_about(person)[0].stage, decisions_about(person)[0].fallback) == (0, "ZeroDivisionError")
