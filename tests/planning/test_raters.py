"""How strict raters are: hand-worked, and silent where too little is known."""

import pytest
from scipy import stats

from smartskill.database import now
from smartskill.extensions import db
from smartskill.planning.services.raters import t_quantile
from smartskill.skills.models.levels import Rating
from tests.factories import make_skill, make_user, sign_in


def say(person, skill, rater, level, source="peer", **given):
    facts = {"effective_on": now().date(), **given}
    db.session.add(Rating(user_id=person.id, skill_id=skill.id, level=level, source=source, rater_id=rater.id, **facts))


def listed(client) -> dict[int, dict]:
    answer = client.get("/api/skills/raters?page_size=100", headers=sign_in(make_user("hr")))
    assert answer.status_code == 200, answer.json
    return {row["rater_id"]: row for row in answer.json}


def judged(strict_levels=((3, 3), (3, 3), (3, 3), (2, 4), (4, 4)), others=3):
    """Five people, two skills; a manager gives these levels, each of the others a 4."""
    skills, people = [make_skill(), make_skill()], [make_user() for _ in strict_levels]
    strict, mild = make_user("manager"), [make_user() for _ in range(others)]
    for person, levels in zip(people, strict_levels, strict=True):
        for skill, level in zip(skills, levels, strict=True):
            say(person, skill, strict, level, "manager")
            for rater in mild:
                say(person, skill, rater, 4)
    return strict, mild, people, skills


def test_severity_and_its_interval_by_hand(client):
    """The strict one: deviations from 4 are −1 six times, −2, 0, 0, 0: mean −8 ÷ 10 = −0.8.

    By person: −2, −2, −2, −2, 0 less 2 · −0.8 leaves −0.4 four times and 1.6: squares 4 · 0.16 + 2.56 = 3.2.
    √(5 ÷ 4 · 3.2) ÷ 10 = 0.2; t with 4 degrees 2.776: ± 0.555.
    Each of the others, beside the strict one and two 4s: 4 − (8 + level) ÷ 3 = 1/3 six times, 2/3, 0, 0, 0: mean 0.267.
    By person 2/3 four times and 0, less 0.533: 0.1333 four times and −0.5333: squares 0.3556.
    √(5 ÷ 4 · 0.3556) ÷ 10 = 0.0667: ± 0.185.
    """
    strict, mild, *_ = judged()
    found = listed(client)
    assert next(iter(found)) == strict.id
    counts = {"pair_count": 10, "people_count": 5, "other_count": 3, "state": "reported"}
    assert counts.items() <= found[strict.id].items()
    assert found[strict.id]["mean_deviation"] == -0.8
    assert found[strict.id]["interval"] == pytest.approx([-1.355, -0.245], abs=0.002)
    for rater in mild:
        assert found[rater.id]["mean_deviation"] == 0.267
        assert found[rater.id]["interval"] == pytest.approx([0.082, 0.452], abs=0.002)


@pytest.mark.parametrize(
    ("levels", "others"),
    [
        (((3, 3),) * 4, 3),  # 8 levels over 4 people
        (((3, 3),) * 5, 2),  # beside two others
    ],
)
def test_too_little_is_said_to_be_too_little(client, levels, others):
    strict, *_ = judged(levels, others)
    found = listed(client)[strict.id]
    assert (found["state"], found["mean_deviation"], found["interval"]) == ("not enough", None, None)
    assert (found["pair_count"], found["people_count"], found["other_count"]) == (2 * len(levels), len(levels), others)


def test_ten_levels_over_five_people_beside_three_others_are_enough_and_nine_are_not(client):
    strict, _, people, _ = judged()
    assert listed(client)[strict.id]["state"] == "reported"
    gone = db.session.scalars(db.select(Rating).filter_by(rater_id=strict.id, user_id=people[0].id)).first()
    gone.retracted_at = now()
    db.session.flush()
    assert (listed(client)[strict.id]["pair_count"], listed(client)[strict.id]["state"]) == (9, "not enough")


def test_own_words_certificates_and_earlier_words_are_not_compared(client):
    strict, _, people, skills = judged()
    before = listed(client)
    for person in people:
        for skill in skills:
            say(person, skill, person, 5, "self")
            say(person, skill, strict, 5, "manager", effective_on=now().date().replace(year=2020))
            db.session.add(
                Rating(user_id=person.id, skill_id=skill.id, level=1, source="assessment", effective_on=now().date())
            )
    assert listed(client) == before


def test_who_rates_alone_is_not_compared(client):
    lonely = make_user()
    say(make_user(), make_skill(), lonely, 3)
    assert lonely.id not in listed(client)


@pytest.mark.parametrize("role", ["employee", "manager"])
def test_it_is_for_hr_only(client, role):
    assert client.get("/api/skills/raters", headers=sign_in(make_user(role))).status_code == 403


@pytest.mark.parametrize("degrees", [4, 5, 8, 15, 30, 200])
def test_students_quantile_is_near_enough(degrees):
    assert t_quantile(degrees) == pytest.approx(stats.t.ppf(0.975, degrees), abs=0.004)
