"""The figures of `formulas` for people × roles at once, today, in SQL: for ordering what is too long to be looked at.

Nothing is asked of pairs that share no skill: what each role asks is summed once, what people have is summed over the
requirements they have something of, and exemptions are taken off both. So one person meets 3,007 templates, or one role
20,000 people, in one query; a test holds it against the definition.
"""

from typing import Any

from sqlalchemy import (
    CTE,
    Float,
    Integer,
    Numeric,
    Select,
    and_,
    case,
    cast,
    func,
    literal,
    null,
    select,
    true,
    union_all,
)

from smartskill.planning.models.roles import Exemption, RoleRequirement
from smartskill.planning.services.readiness.holdings import counts_on, exempts_on
from smartskill.qualification.models import Qualification
from smartskill.skills.models.levels import UserSkill
from smartskill.user.services.dated import today

NO_ID: Any = cast(null(), Integer)


def rank(people: Select, roles: Select) -> CTE:
    """A row for each pair: `user_id`, `role_id`, `readiness`, `compliance` (None where nothing is asked),
    `failed_must_count`.

    Args:
        people: a select of user ids.
        roles: a select of role ids.
    """
    someone = people.subquery("someone").columns[0]
    person = select(someone.label("user_id")).cte("person")
    role = select(roles.subquery("some_role").columns[0].label("role_id")).cte("role")
    asked = _asked(role)
    exempt = _exempt(person)
    total, reached, excused = _totals(asked), _reached(asked, _held(person, asked, exempt)), _excused(asked, exempt)
    pair = select(person.c.user_id, role.c.role_id).join_from(person, role, true()).subquery("pair")
    required = _or_0(total.c.required) - _or_0(excused.c.required)
    wanted = total.c.wanted - _or_0(excused.c.wanted)
    figures = select(
        pair.c.user_id,
        pair.c.role_id,
        case((required > 0, _or_0(reached.c.reached) / wanted)).label("readiness"),
        case((required > 0, cast(_or_0(reached.c.met), Float) / required)).label("compliance"),
        (_or_0(total.c.musts) - _or_0(excused.c.musts) - _or_0(reached.c.musts)).label("failed_must_count"),
    )
    found = figures.join_from(pair, total, total.c.role_id == pair.c.role_id, isouter=True)
    for part in (reached, excused):
        is_pair = and_(part.c.user_id == pair.c.user_id, part.c.role_id == pair.c.role_id)
        found = found.join(part, is_pair, isouter=True)
    return found.cte("ranked")


def best_first(ranked: CTE) -> list[Any]:
    """The order: by readiness, then fewer failed musts, then compliance; where nothing is asked, last.

    Sums of floats depend on their order in the last digit, which must not decide between equals.
    """
    return [
        func.round(cast(ranked.c.readiness, Numeric), 9).desc().nulls_last(),
        ranked.c.failed_must_count,
        ranked.c.compliance.desc().nulls_last(),
    ]


def _or_0(column: Any) -> Any:
    return func.coalesce(column, 0)


def _asked(role: CTE) -> CTE:
    return (
        select(
            RoleRequirement.role_id,
            RoleRequirement.skill_id,
            RoleRequirement.qualification_type_id,
            RoleRequirement.level,
            RoleRequirement.weight,
            RoleRequirement.must,
        )
        .join(role, role.c.role_id == RoleRequirement.role_id)
        .cte("asked")
    )


def _totals(asked: CTE) -> CTE:
    return (
        select(
            asked.c.role_id,
            func.sum(asked.c.weight * asked.c.level).label("wanted"),
            func.count().label("required"),
            func.count().filter(asked.c.must).label("musts"),
        )
        .group_by(asked.c.role_id)
        .cte("total")
    )


def _exempt(person: CTE) -> CTE:
    """Each person's exemptions of today, once per target however often it was granted."""
    return (
        select(Exemption.user_id, Exemption.skill_id, Exemption.qualification_type_id)
        .join(person, person.c.user_id == Exemption.user_id)
        .where(exempts_on(today()))
        .distinct()
        .cte("exempt")
    )


def _held(person: CTE, asked: CTE, exempt: CTE) -> CTE:
    """What people have of what is asked, but for what they are exempt from."""
    skills = (
        select(UserSkill.user_id, UserSkill.skill_id, NO_ID.label("qualification_type_id"), UserSkill.level)
        .join(person, person.c.user_id == UserSkill.user_id)
        .where(UserSkill.level.is_not(None), UserSkill.skill_id.in_(select(asked.c.skill_id)))
    )
    certificates = (
        select(Qualification.user_id, NO_ID, Qualification.type_id, literal(1))
        .join(person, person.c.user_id == Qualification.user_id)
        .where(counts_on(today()), Qualification.type_id.in_(select(asked.c.qualification_type_id)))
        .distinct()
    )
    every = union_all(skills, certificates).subquery("every")
    is_excused = (
        select(literal(1))
        .where(exempt.c.user_id == every.c.user_id, _same_target(exempt, every))
        .correlate(every)
        .exists()
    )
    return select(every).where(~is_excused).cte("held")


def _same_target(one: Any, other: Any) -> Any:
    return func.coalesce(one.c.skill_id, -one.c.qualification_type_id) == func.coalesce(
        other.c.skill_id, -other.c.qualification_type_id
    )


def _reached(asked: CTE, held: CTE) -> CTE:
    is_met = held.c.level >= asked.c.level
    return (
        select(
            held.c.user_id,
            asked.c.role_id,
            func.sum(asked.c.weight * func.least(held.c.level, asked.c.level)).label("reached"),
            func.count().filter(is_met).label("met"),
            func.count().filter(is_met, asked.c.must).label("musts"),
        )
        .join_from(held, asked, _same_target(held, asked))
        .group_by(held.c.user_id, asked.c.role_id)
        .cte("reached")
    )


def _excused(asked: CTE, exempt: CTE) -> CTE:
    return (
        select(
            exempt.c.user_id,
            asked.c.role_id,
            func.sum(asked.c.weight * asked.c.level).label("wanted"),
            func.count().label("required"),
            func.count().filter(asked.c.must).label("musts"),
        )
        .join_from(exempt, asked, _same_target(exempt, asked))
        .group_by(exempt.c.user_id, asked.c.role_id)
        .cte("excused")
    )
