"""The invented company is believable, repeatable, and its propensities are real."""

import numpy as np
import pytest

from ml.estimators.weighting import estimate_ips
from ml.events import kind_code
from ml.labels import label_return
from ml.policy.draw import draw_arm, uniform_of
from ml.synthetic import World, make_company
from ml.timeline import DAY_S
from tests.ml.samples import AS_OF


@pytest.fixture(scope="module")
def company():
    return make_company(seed=1, started_at=AS_OF)


def test_enough_decisions_mature_for_a_model(company):
    decisions = company.decisions
    _, matured = label_return(company.events, decisions.user_id, decisions.decided_at, company.ended_at)
    assert matured.sum() >= 1000
    assert company.ended_at - company.started_at >= 26 * 7 * DAY_S


def test_the_same_seed_tells_the_same_story(company):
    again, other = make_company(seed=1, started_at=AS_OF), make_company(seed=2, started_at=AS_OF)
    np.testing.assert_array_equal(again.events.occurred_at, company.events.occurred_at)
    np.testing.assert_array_equal(again.decisions.propensities, company.decisions.propensities)
    assert len(other.events) != len(company.events)


def test_every_draw_can_be_repeated_from_its_key_and_propensities(company):
    decisions = company.decisions
    for row in range(0, decisions.arm.size, 50):
        point = uniform_of(b"synthetic-1", "draw", decisions.decision_keys[row])
        assert draw_arm(decisions.propensities[row], point) == decisions.drawn_arm[row]
    assert len(set(decisions.decision_keys)) == decisions.arm.size


def test_propensities_are_those_of_what_was_drawn(company):
    decisions = company.decisions
    rows = np.arange(decisions.arm.size)
    np.testing.assert_allclose(decisions.propensities.sum(axis=1), 1)
    assert (decisions.propensities[~decisions.is_eligible] == 0).all()
    assert (decisions.propensities[rows, decisions.drawn_arm] > 0).all()
    assert not decisions.arm[decisions.is_held_out].any()
    expected, drawn = decisions.propensities.sum(axis=0), np.bincount(decisions.drawn_arm, minlength=6)
    spread = np.sqrt((decisions.propensities * (1 - decisions.propensities)).sum(axis=0))
    assert (np.abs(drawn - expected) < 4 * spread).all()


def test_every_mail_is_an_event_and_every_event_is_in_time(company):
    events, decisions = company.events, company.decisions
    sent = decisions.arm > 0
    assert (events.kind == kind_code("email_sent")).sum() == sent.sum()
    assert events.occurred_at.max() < company.ended_at
    assert 0.05 < decisions.is_held_out.mean() < 0.16


def test_nobody_is_written_to_after_unsubscribing(company):
    events = company.events
    for user in events.user_id[events.kind == kind_code("unsubscribed")]:
        own = events.take(events.user_id == user)
        left = own.occurred_at[own.kind == kind_code("unsubscribed")].min()
        assert not (own.since(left).kind == kind_code("email_sent")).any()


def test_people_keep_office_hours_on_their_own_clock(company):
    acts = company.events.take(company.events.is_meaningful)
    local = acts.occurred_at + acts.utc_offset_s
    assert ((local // 3600 % 24 >= 5) & (local // 3600 % 24 <= 21)).all()
    assert ((local // DAY_S + 3) % 7 >= 5).mean() < 0.06


def test_people_differ(company):
    acts = company.events.take(company.events.is_meaningful)
    counts = np.sort(np.bincount(acts.user_id, minlength=201)[1:])
    assert counts[:50].mean() * 5 < counts[-50:].mean()


def gain_of_mailing(strength):
    """Return the estimated gain of what was done over never writing, in standard errors."""
    company = make_company(seed=3, started_at=AS_OF, people=1500, weeks=12, world=World(mail_strength=strength))
    decisions = company.decisions
    returned, matured = label_return(company.events, decisions.user_id, decisions.decided_at, company.ended_at)
    rows = np.flatnonzero(matured & ~decisions.is_held_out & (decisions.propensities[:, 0] < 1))
    logged = decisions.propensities[rows, decisions.arm[rows]]
    silent = (decisions.arm[rows] == 0).astype(float)
    # the difference of two policies is itself estimated by their difference of probabilities
    gain = estimate_ips(returned[rows] - returned[rows].mean(), logged, logged - silent, decisions.user_id[rows])
    return gain.value / gain.standard_error


def test_mails_help_in_a_world_where_they_do():
    assert gain_of_mailing(1.0) > 3


def test_mails_do_nothing_in_the_null_world():
    assert abs(gain_of_mailing(0.0)) < 2.6
