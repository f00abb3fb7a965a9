"""The CV's skills beside a person's levels. A skill with a level becomes a rating; others stay words."""

from typing import Any

from sqlalchemy import func, select

from smartskill.exchange.services.resume.catalogue import match_skills
from smartskill.exchange.services.resume.steps import Step
from smartskill.exchange.services.resume.words import level_of
from smartskill.extensions import db
from smartskill.skills.models.catalogue import Skill
from smartskill.skills.models.levels import Rating, UserSkill
from smartskill.skills.services.rating import rate_skill
from smartskill.user.models import User


def plan_levels(owner: User, entries: list[dict[str, Any]], *, source: str) -> list[Step]:
    """A step for each entry of the skills section; of two entries for one skill the first counts."""
    names = [name if isinstance(name := entry.get("name"), str) else "" for entry in entries]
    skills, done, steps = match_skills(names), set(), []
    for place, (entry, name) in enumerate(zip(entries, names, strict=True)):
        path, skill, level = f"skills.{place}", skills.get(name), level_of(entry.get("level"))
        if skill is None or skill.id in done or level is None:
            steps.append(Step(path, "kept", _why_kept(skill, skill is not None and skill.id in done)))
            continue
        done.add(skill.id)
        steps.append(_step(path, owner, skill, level, source))
    return steps


def shown_levels(user_id: int, *, is_whole: bool) -> dict[int, tuple[str, int]]:
    """The levels a CV shows, by skill id: name and level; whole, as the person rates it, else as it is held to be."""
    level: Any = func.coalesce(UserSkill.self_level, UserSkill.level) if is_whole else UserSkill.level
    rows = db.session.execute(
        select(Skill.id, Skill.name, level)
        .join(UserSkill, UserSkill.skill_id == Skill.id)
        .where(UserSkill.user_id == user_id, UserSkill.is_shown, UserSkill.level.is_not(None))
    )
    return {skill_id: (name, level) for skill_id, name, level in rows}


def _step(path: str, owner: User, skill: Skill, level: int, source: str) -> Step:
    held = db.session.scalar(select(UserSkill).filter_by(user_id=owner.id, skill_id=skill.id))
    shown = held and (held.self_level or held.level)
    if level in (shown, _latest(owner.id, skill.id, source)):
        return Step(path, "unchanged")
    rater_id = owner.id if source == "self" else None

    def take() -> None:
        rate_skill(owner.id, skill.id, level, source=source, rater_id=rater_id, evidence={"from": "resume"})

    return Step(path, "changed" if shown else "added", f"{skill.name}: level {level}", take)


def _latest(user_id: int, skill_id: int, source: str) -> int | None:
    given = select(Rating.level).filter_by(user_id=user_id, skill_id=skill_id, source=source, retracted_at=None)
    return db.session.scalar(given.order_by(Rating.effective_on.desc(), Rating.id.desc()).limit(1))


def _why_kept(skill: Skill | None, is_repeated: bool) -> str:
    if skill is None:
        return "The catalogue has no skill of this name."
    return "The skill was named before." if is_repeated else "It has no level."
