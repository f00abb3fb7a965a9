"""Readiness by its definition: pure cases, and every set-based answer held against a slow reference."""

from datetime import UTC, datetime, timedelta
from fractions import Fraction

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select
from sqlalchemy.dialects.postgresql import Range

from smartskill.extensions import db
from smartskill.planning.models.roles import Exemption, RoleAssignment, RoleProfile
from smartskill.planning.services.gaps.fits import list_candidates, list_fits
from smartskill.planning.services.gaps.person import measure_person
from smartskill.planning.services.gaps.team import measure_team
from smartskill.planning.services.readiness.formulas import Requirement, Target, compliance, judge, readiness, strictest
from smartskill.planning.services.readiness.ranking import rank
from smartskill.qualification.models import QualificationType
from smartskill.skills.models.levels import UserSkill
from smartskill.user.models import User
from smartskill.user.services.dated import today
from tests.factories import make_qualification, make_role, make_skill, make_user, make_user_skill

A, B = Target(1, None), Target(None, 1)
WHOLE = {"page": 1, "page_size": 100}


def test_surplus_in_one_never_makes_up_for_another():
    asked = [Requirement(A, 1, 1.0, False), Requirement(B, 1, 1.0, True)]
    judged = judge(asked, {A: 5}, ())
    assert (readiness(judged), compliance(judged)) == (0.5, 0.5)
    assert [one.requirement.target for one in judged if one.is_failed_must] == [B]


def test_nothing_asked_is_neither_nought_nor_one():
    excused = judge([Requirement(A, 3, 2.0, True)], {A: 3}, {A})
    for judged in ([], excused):
        assert (readiness(judged), compliance(judged)) == (None, None)


def test_several_roles_ask_once_at_the_highest():
    several = [Requirement(A, 2, 3.0, False), Requirement(A, 4, 1.0, True), Requirement(B, 1, 1.0, False)]
    assert strictest(several) == [Requirement(A, 4, 3.0, True), Requirement(B, 1, 1.0, False)]


# A small world: targets 0–2 are skills, 3–4 are kinds of qualification.
TARGETS, SKILLS, PEOPLE, ROLES = 5, 3, 3, 3
requirement = st.tuples(st.integers(1, 5), st.sampled_from([0.25, 1.0, 3.0]), st.booleans())
world = st.fixed_dictionaries(
    {
        "asks": st.lists(
            st.dictionaries(st.integers(0, TARGETS - 1), requirement, max_size=TARGETS), min_size=ROLES, max_size=ROLES
        ),
        "levels": st.dictionaries(
            st.tuples(st.integers(0, PEOPLE - 1), st.integers(0, SKILLS - 1)), st.none() | st.integers(1, 5)
        ),
        "certificates": st.lists(
            st.tuples(
                st.integers(0, PEOPLE - 1),
                st.integers(SKILLS, TARGETS - 1),
                st.sampled_from(["verified", "verified", "submitted", "revoked"]),
                st.sampled_from([None, -1, 0, 1]),
            ),
            max_size=6,
        ),
        "exemptions": st.lists(
            st.tuples(
                st.integers(0, PEOPLE - 1),
                st.integers(0, TARGETS - 1),
                st.sampled_from([(-2, -1), (-2, 0), (0, 3), (1, 3)]),
                st.booleans(),
            ),
            max_size=5,
        ),
        "has": st.sets(st.tuples(st.integers(0, PEOPLE - 1), st.integers(0, ROLES - 1))),
    }
)


def founded(facts):
    """The world's rows: people, targets and roles."""
    people = [make_user() for _ in range(PEOPLE)]
    targets = [make_skill() for _ in range(SKILLS)]
    for number in range(SKILLS, TARGETS):
        targets.append(QualificationType(name=f"Kind {people[0].id} {number}"))
    db.session.add_all(targets)
    db.session.flush()
    roles = [
        make_role(asks=[(targets[at], level if at < SKILLS else 1, *rest) for at, (level, *rest) in asks.items()])
        for asks in facts["asks"]
    ]
    for (who, what), level in facts["levels"].items():
        if level is None:  # a wish without a level
            db.session.add(UserSkill(user_id=people[who].id, skill_id=targets[what].id, interest=3))
        else:
            make_user_skill(people[who], targets[what], level=level)
    now, day = datetime.now(UTC), today()
    for who, what, state, left in facts["certificates"]:
        expires_on = None if left is None else day + timedelta(days=left)
        dates = {"reviewed_at": now, "expires_on": expires_on}
        make_qualification(people[who], type_id=targets[what].id, review_state=state, **dates)
    for who, what, (first, last), is_withdrawn in facts["exemptions"]:
        column = "skill_id" if what < SKILLS else "qualification_type_id"
        days = {"starts_on": day + timedelta(days=first), "ends_on": day + timedelta(days=last)}
        more = {column: targets[what].id, "withdrawn_at": now if is_withdrawn else None}
        db.session.add(Exemption(user_id=people[who].id, reason="?", **days, **more))
    for who, which in facts["has"]:
        db.session.add(RoleAssignment(user_id=people[who].id, role_id=roles[which].id, valid=Range(day, None)))
    db.session.flush()
    return people, targets, roles


def reference(facts, who, asks):
    """Readiness, compliance and the failed musts, from the definition, one requirement after the other."""
    wanted = reached = required = met = Fraction(0)
    failed = set()
    for what, (asked_level, weight, must) in asks.items():
        level = asked_level if what < SKILLS else 1
        if any(
            (one, of) == (who, what) and first <= 0 <= last and not is_withdrawn
            for one, of, (first, last), is_withdrawn in facts["exemptions"]
        ):
            continue
        held = facts["levels"].get((who, what)) or 0
        for one, of, state, left in facts["certificates"]:
            if (one, of, state) == (who, what, "verified") and (left is None or left >= 0):
                held = 1
        wanted += Fraction(weight) * level
        reached += Fraction(weight) * min(held, level)
        required += 1
        met += held >= level
        if must and held < level:
            failed.add(what)
    return (float(reached / wanted), float(met / required), failed) if required else (None, None, failed)


def together(several):
    """What some roles ask at once."""
    found = {}
    for asks in several:
        for what, (level, weight, must) in asks.items():
            before = found.get(what, (0, 0, False))
            found[what] = (max(level, before[0]), max(weight, before[1]), must or before[2])
    return found


def measured(row, targets):
    places = {("q" if at >= SKILLS else "s", target.id): at for at, target in enumerate(targets)}
    failed = {
        places["s", one["skill_id"]] if one["skill_id"] else places["q", one["qualification_type_id"]]
        for one in row["failed_musts"]
    }
    return pytest.approx(row["readiness"]), pytest.approx(row["compliance"]), failed


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(facts=world)
def test_every_set_based_answer_is_the_definitions(app, facts):
    point = db.session.begin_nested()
    try:
        check(facts, *founded(facts))
    finally:
        point.rollback()
        db.session.expunge_all()


def check(facts, people, targets, roles):
    ids, role_ids = [one.id for one in people], [one.id for one in roles]
    everybody = select(User.id).where(User.id.in_(ids))
    expected = {
        (ids[who], role_ids[which]): reference(facts, who, facts["asks"][which])
        for who in range(PEOPLE)
        for which in range(ROLES)
    }
    of_roles = select(RoleProfile.id).where(RoleProfile.id.in_(role_ids))
    ranked = {(row.user_id, row.role_id): row for row in db.session.execute(select(rank(everybody, of_roles)))}
    assert ranked.keys() == expected.keys()
    for pair, (ready, compliant, failed) in expected.items():
        row = ranked[pair]
        figures = (pytest.approx(row.readiness), pytest.approx(row.compliance), row.failed_must_count)
        assert figures == (ready, compliant, len(failed)), pair
        assert measured(measure_person(*pair), targets) == (ready, compliant, failed)
    for user in people:
        rows, _ = list_fits(user.id, WHOLE)
        mine = {row["role_id"]: measured(row, targets) for row in rows if row["role_id"] in role_ids}
        assert mine == {role_id: expected[user.id, role_id] for role_id in role_ids}
    for role in roles:
        rows, _ = list_candidates(role, everybody, WHOLE)
        assert {row["user_id"]: measured(row, targets) for row in rows} == {id_: expected[id_, role.id] for id_ in ids}
        shares = [-1 if row["readiness"] is None else row["readiness"] for row in rows]
        assert shares == sorted(shares, reverse=True)
    check_team(facts, people, targets, everybody)


def check_team(facts, people, targets, everybody):
    answer, _ = measure_team(everybody, {**WHOLE, "sort": ("full_name", False)})
    numbers = {user.id: number for number, user in enumerate(people)}
    asked = {
        user.id: together(facts["asks"][which] for who, which in sorted(facts["has"]) if who == numbers[user.id])
        for user in people
    }
    assert {row["user_id"]: measured(row, targets) for row in answer["people"]} == {
        id_: reference(facts, numbers[id_], asks) for id_, asks in asked.items()
    }
    for row in answer["requirements"]:
        assert row["required"] == row["met"] + row["below"] + row["missing"] + row["exempt"]
        key = ("skill_id", targets[:SKILLS]) if row["skill_id"] else ("qualification_type_id", targets[SKILLS:])
        what = next(at for at, one in enumerate(targets) if one in key[1] and one.id == row[key[0]])
        assert row["required"] == sum(what in asks for asks in asked.values())
    assert len(answer["requirements"]) == len({what for asks in asked.values() for what in asks})
