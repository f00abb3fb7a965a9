"""What the notices came to, on a handful of people whose figures can be reckoned by hand."""

import random
from datetime import timedelta

import pytest

from smartskill.engagement.insights.aftermath import load_aftermath
from smartskill.engagement.insights.measuring import measure_outcomes
from smartskill.engagement.insights.valuing import value_logged
from smartskill.engagement.models import Decision
from smartskill.engagement.services.outcomes import find_outcomes, keep_outcomes
from smartskill.extensions import db
from smartskill.notifications.models import MailSettings
from tests.engagement.samples import MONDAY, act, refuse
from tests.factories import make_user, sign_in

DECIDED = MONDAY - timedelta(days=60)
YEAR = timedelta(days=365)


def decided(user, drawn: str = "skill_stale", *, held_out: bool = False, at=DECIDED, **given) -> Decision:
    facts = {"propensity": 0.5, "propensities": {"none": 0.5, drawn: 0.5}, "mail_class": "subscription", **given}
    action = "none" if held_out else drawn
    row = Decision(
        user_id=user.id, decision_key=f"subscription:{user.id}:{at:%G-W%V}", action=action, drawn_action=drawn,
        is_held_out=held_out, decided_at=at, stage=0, **facts,
    )  # fmt: skip
    db.session.add(row)
    db.session.flush()
    return row


@pytest.fixture
def story(app):
    """Four people were told of stale skills, three of whom came back and two confirmed; of three held out one came."""
    told, held = [make_user() for _ in range(4)], [make_user() for _ in range(3)]
    for user in told:
        decided(user)
    for user in held:
        decided(user, held_out=True)
    for user, kind in (
        (told[0], "skill_confirmed"),
        (told[1], "skill_rated"),
        (told[2], "search"),
        (held[0], "search"),
    ):
        act(user, DECIDED + timedelta(days=3), kind)
    act(told[3], DECIDED + timedelta(days=8))  # too late to be a return
    act(told[3], DECIDED + timedelta(days=2), "unsubscribed")
    act(told[0], DECIDED - timedelta(days=5))  # before: what its reader does anyway
    return told, held


def test_a_kind_is_told_against_those_for_whom_it_was_drawn_and_who_got_nothing(story):
    [kind] = measure_outcomes(MONDAY)["kinds"]
    assert (kind["kind"], kind["decided"], kind["matured"]) == ("skill_stale", 4, 4)
    assert (kind["acted"], kind["unsubscribed"]) == (2, 1)
    # acted: 2 of 4 told, 0 of 3 held out; returned: 3 of 4 and 1 of 3
    assert (kind["act"]["others_share"], kind["act"]["held_out_share"], kind["act"]["lift"]) == (0.5, 0.0, 0.5)
    assert (kind["return"]["others_share"], kind["return"]["held_out_share"]) == (0.75, 0.3333)
    assert kind["return"]["lift"] == 0.4167
    assert kind["return"]["low"] < 0.4167 < kind["return"]["high"]
    assert kind["return"]["verdict"] == "no effect shown"


def test_over_all_the_past_is_taken_out(story):
    report = measure_outcomes(MONDAY)
    found = report["return"]
    assert (found["matured"], found["others"], found["held_out"]) == (7, 4, 3)
    assert (found["lift"], found["adjusted"]["verdict"]) == (0.4167, "no effect shown")
    assert found["adjusted"]["lift"] != found["lift"]  # only somebody told had done anything before
    assert found["adjusted"]["smallest_detectable"] > 0
    assert (report["decided"], report["held_out"], report["synthetic"]) == (7, 3, 0)


def test_who_cannot_be_held_out_or_was_not_drawn_for_is_compared_with_nobody(story):
    told, _ = story
    db.session.add(MailSettings(user_id=told[0].id, is_in_holdout_allowed=False))
    decided(make_user(), propensity=None, propensities=None)
    decided(make_user(), "qualification_expiring", propensity=None, propensities=None, mail_class="service")
    report = measure_outcomes(MONDAY)
    assert (report["return"]["others"], report["return"]["held_out"]) == (3, 3)
    assert {kind["kind"]: kind["decided"] for kind in report["kinds"]} == {
        "qualification_expiring": 1,
        "skill_stale": 5,
    }


def test_of_who_refused_nothing_is_read(story):
    told, _ = story
    refuse(told[0], "prediction")
    assert told[0].id not in load_aftermath(MONDAY - YEAR, MONDAY).user_ids
    [kind] = measure_outcomes(MONDAY)["kinds"]
    assert (kind["decided"], kind["matured"], kind["acted"]) == (4, 3, 1)  # that it was decided is no secret


def test_what_has_not_matured_counts_for_nothing(story):
    soon = DECIDED + timedelta(days=10)  # returns are final, acts are not
    [kind] = measure_outcomes(soon)["kinds"]
    assert (kind["matured"], kind["act"]["matured"], kind["return"]["matured"]) == (0, 0, 7)


def test_decisions_of_more_than_a_year_ago_are_left_out(story):
    decided(make_user(), "endorsed", at=MONDAY - timedelta(days=400))
    report = measure_outcomes(MONDAY)
    assert report["decided"] == 7
    assert [kind["kind"] for kind in report["kinds"]] == ["skill_stale"]


def test_policies_are_valued_once_enough_has_matured(app):
    users, rng = [make_user() for _ in range(60)], random.Random(4)
    for week in range(5):
        for user in users:
            at = DECIDED - timedelta(weeks=week)
            is_told = rng.random() < 0.5
            row = decided(user, "skill_stale" if is_told else "none", at=at)
            row.propensities = {"none": 0.5, "skill_stale": 0.5}
            if is_told:  # whoever is told comes back, and nobody else
                act(user, at + timedelta(days=1))
    db.session.flush()
    assert value_logged(DECIDED - timedelta(weeks=4), MONDAY - YEAR) == []
    values = {one["policy"]: one for one in value_logged(MONDAY, MONDAY - YEAR)}
    assert list(values) == ["serving", "rule", "silence"]
    silence, rule = values["silence"], values["rule"]
    assert silence["decisions"] == 300
    assert silence["low"] <= 0.05
    assert rule["value"] > silence["high"]
    assert silence["is_weight_right"] == (abs(silence["mean_weight"] - 1) <= 0.05)
    assert silence["ips"]["value"] == silence["snips"]["value"] == 0.0


def test_admins_read_all_of_it(story, client):
    keep_outcomes(measure_outcomes(MONDAY))
    answer = client.get("/api/notifications/outcomes", headers=sign_in(make_user(role="admin"))).json
    assert answer["return"]["adjusted"]["smallest_detectable"] > 0
    assert answer["policies"] == []
    assert answer["policy"] == find_outcomes()["policy"]
    assert answer["policy"]["stage"] == 0
    assert (answer["policy"]["weekly_budget"], answer["policy"]["holdout_share"]) == (0.3, 0.1)
    assert answer["kinds"][0]["act"]["lift"] == 0.5
