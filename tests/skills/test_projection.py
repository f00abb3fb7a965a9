"""The projection in the database, against a model in memory, for sequences that nobody would think of."""

from datetime import date, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from smartskill.database import now
from smartskill.extensions import db
from smartskill.skills.models.catalogue import Skill
from smartskill.skills.models.levels import Rating, UserSkill
from smartskill.skills.services import projection
from smartskill.skills.services.formulas import confidence, confidence_sql, is_stale, stale_sql
from smartskill.skills.services.rating import rate_skill, retract_ratings
from smartskill.skills.tasks import refresh_due_levels
from tests.factories import make_skill, make_user

TRUST = {"assessment": 0.9, "manager": 0.8, "peer": 0.5, "self": 0.4, "import": 0.3}
acts = st.lists(
    st.one_of(
        st.tuples(
            st.just("rate"), st.sampled_from(list(TRUST)), st.integers(0, 2), st.integers(1, 5), st.integers(0, 1500)
        ),
        st.tuples(st.just("retract"), st.sampled_from(list(TRUST)), st.integers(0, 2)),
    ),
    max_size=12,
)


def model(said: list[dict], review_months: int, today: date) -> dict | None:
    """The contract in its own words, written anew and without regard to speed."""
    said = [statement for statement in said if not statement["gone"]]
    if not said:
        return None
    newest = lambda found: max(found, key=lambda statement: (statement["on"], statement["at"]))  # noqa: E731
    level = newest(said)["level"]
    for source in reversed(TRUST):
        mine = [statement for statement in said if statement["source"] == source]
        if mine and (today - newest(mine)["on"]).days / 30.4375 <= 2 * review_months:
            level = newest(mine)["level"]
    doubt = 1.0
    for rater in {statement["rater"] or statement["source"] for statement in said}:
        last = newest([statement for statement in said if (statement["rater"] or statement["source"]) == rater])
        doubt *= 1 - TRUST[last["source"]] * 0.5 ** ((today - last["on"]).days / 30.4375 / review_months)
    return {"level": level, "confidence": 1 - doubt, "last_confirmed_on": max(statement["on"] for statement in said)}


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(acts=acts, review_months=st.sampled_from([1, 6, 12, 24]), ahead=st.integers(0, 1600))
def test_the_projection_agrees_with_a_model(app, acts, review_months, ahead):
    today = now().date()
    owner, skill = make_user(), make_skill(review_months=review_months)
    raters = [owner, make_user(), make_user()]
    said: list[dict] = []
    for number, (kind, source, who, *more) in enumerate(acts):
        rater = None if source == "import" else raters[who].id
        if kind == "rate":
            level, days = more
            day = today - timedelta(days=days)
            rate_skill(owner.id, skill.id, level, source=source, rater_id=rater, effective_on=day, note=str(number))
            said.append({"level": level, "source": source, "rater": rater, "on": day, "at": number, "gone": False})
        elif rater is not None:
            retract_ratings(owner.id, skill.id, rater, source)
            projection.refresh_user_skill(owner.id, skill.id)
            for statement in said:
                statement["gone"] |= (statement["rater"], statement["source"]) == (rater, source)
    row, expected = projection.find_user_skill(owner.id, skill.id), model(said, review_months, today)
    assert (row is None) == (expected is None)
    if row:
        assert row.level == expected["level"]
        assert row.last_confirmed_on == expected["last_confirmed_on"]
        assert confidence(row.voices, review_months, today) == pytest.approx(expected["confidence"])
        later = today + timedelta(days=ahead)  # until the next change the level stands, and on that day it is another
        if row.next_change_on is None or later < row.next_change_on:
            assert model(said, review_months, later)["level"] == row.level
        if row.next_change_on:
            assert model(said, review_months, row.next_change_on)["level"] != row.level


def test_the_database_computes_confidence_and_staleness_as_python_does(app):
    today = now().date()
    owner = make_user()
    for days in (0, 1, 29, 366, 1000):
        skill = make_skill(review_months=1 + days % 24)
        for number, source in enumerate(("self", "peer", "manager")):
            rater = owner.id if source == "self" else make_user().id
            day = today - timedelta(days=days + number)
            rate_skill(owner.id, skill.id, 3, source=source, rater_id=rater, effective_on=day)
    make_wish = UserSkill(user_id=owner.id, skill_id=make_skill().id, interest=3)
    db.session.add(make_wish)
    rows = db.session.execute(
        select(
            UserSkill.voices, UserSkill.last_confirmed_on, Skill.review_months, confidence_sql(today), stale_sql(today)
        ).join(Skill, Skill.id == UserSkill.skill_id)
    ).all()
    assert len(rows) == 6
    for voices, confirmed, months, trust, stale in rows:
        assert trust == pytest.approx(confidence(voices, months, today))
        assert stale is is_stale(confirmed, months, today)


def test_a_level_changes_by_itself_when_the_deciding_rating_leaves_its_window(app, monkeypatch):
    owner, manager, skill = make_user(), make_user(), make_skill()
    rate_skill(owner.id, skill.id, 2, source="manager", rater_id=manager.id)
    row = rate_skill(owner.id, skill.id, 5, source="self", rater_id=owner.id)
    day = now().date()
    assert (row.level, row.next_change_on) == (2, day + timedelta(days=731))
    assert refresh_due_levels() == 0

    monkeypatch.setattr(projection, "today", lambda: day + timedelta(days=731))
    assert refresh_due_levels() == 1
    db.session.refresh(row)
    assert (row.level, row.next_change_on) == (5, None)
    assert refresh_due_levels() == 0


def test_refreshing_twice_changes_nothing(app):
    owner, skill = make_user(), make_skill()
    row = rate_skill(owner.id, skill.id, 3, source="self", rater_id=owner.id)
    version = row.version
    projection.refresh_user_skill(owner.id, skill.id)
    assert row.version == version


def test_the_same_statement_twice_is_one_rating(app):
    owner, skill = make_user(), make_skill()
    for _ in range(2):
        rate_skill(owner.id, skill.id, 3, source="self", rater_id=owner.id)
    rate_skill(owner.id, skill.id, 4, source="self", rater_id=owner.id)
    assert db.session.scalars(select(Rating.level).filter_by(user_id=owner.id).order_by(Rating.id)).all() == [3, 4]
