"""The catalogue: proposing, curating and listing skills.

An employee's new skill is a proposal, which they may change or take back until somebody else uses it; HR's is active at
once. What is in use is never deleted, but retired.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError

from smartskill.activity.services.noting import note
from smartskill.activity.services.recording import record
from smartskill.database import now
from smartskill.extensions import db
from smartskill.kit.cache import drop_generation
from smartskill.kit.errors import Conflict, Forbidden, Invalid, NotFound
from smartskill.skills.models.catalogue import Skill, SkillAlias, SkillCategory
from smartskill.skills.services.policy import can_curate, is_own_proposal
from smartskill.skills.services.projection import forget_skill_of, refresh_holders
from smartskill.skills.services.rating import rate_skill
from smartskill.skills.services.scales import check_scale
from smartskill.skills.services.similar import find_similar
from smartskill.skills.services.usage import is_in_use

FIELDS = ("name", "description", "category_id", "status", "review_months", "critical", "external_uri", "scale_id")


class SkillNameTaken(Conflict):
    """A skill of this name exists."""


class SkillInUse(Conflict):
    """This skill is in use: retire it instead."""


class SkillMerged(Conflict):
    """This skill is part of another now: undo the merge before you change it."""


class NotACurator(Forbidden):
    """The catalogue is kept by HR; others may change proposals of their own that nobody else has used."""


class StatusIsCurated(Forbidden):
    """HR decides whether a skill is proposed, active or retired."""


def get_skill(skill_id: int, *, is_locked: bool = False) -> Skill:
    """Raises NotFound where there is none."""
    lock: dict[str, Any] = {"with_for_update": {"of": Skill}, "populate_existing": True} if is_locked else {}
    skill = db.session.get(Skill, skill_id, **lock)
    if skill is None:
        raise NotFound()
    return skill


def propose_skill(data: Mapping[str, Any], by: Any) -> Skill:
    """Make a skill: active from HR, else a proposal. `level` in `data` also rates oneself.

    The skill's `similar` says which others have nearly this name, or know it as an alias; it is made all the same.

    Raises:
        SkillNameTaken: with the `existing` one.
        StatusIsCurated: someone else than HR named another status than `proposed`.
        Invalid: no such category.
    """
    start = "active" if can_curate(by) else "proposed"
    status = data.get("status") or start
    if status != start and not can_curate(by):
        raise StatusIsCurated()
    facts = {name: data[name] for name in FIELDS if name in data} | {"status": status}
    return add_skill(facts, aliases=data.get("aliases", ()), by_id=by.id, level=data.get("level"))


def add_skill(
    facts: Mapping[str, Any], *, aliases: Sequence[str] = (), by_id: int | None = None, level: int | None = None
) -> Skill:
    """Make a skill without asking who may: for views through `propose_skill`, and for those who fill a catalogue."""
    _check(facts)
    skill = Skill(**facts, proposed_by_id=by_id)
    _put_aliases(skill, aliases)
    db.session.add(skill)
    db.session.flush()
    skill.similar = find_similar(skill)  # type: ignore[misc]
    if by_id is not None:
        record(by_id, "skill_proposed", subject_type="skill", subject_id=skill.id)
        if level is not None:
            rate_skill(by_id, skill.id, level, source="self", rater_id=by_id)
    drop_generation("skills")
    return skill


def change_skill(skill: Skill, data: Mapping[str, Any], by: Any) -> Skill:
    """Change what `data` names.

    Raises:
        NotACurator: not HR, and no untouched proposal of one's own.
        StatusIsCurated, SkillNameTaken, Invalid: as `propose_skill`.
        SkillMerged: it was merged into another.
    """
    _check_may_change(skill, by)
    if skill.merged_into_id is not None:
        raise SkillMerged(extra={"merged_into_id": skill.merged_into_id})
    if data.get("status", skill.status) != skill.status and not can_curate(by):
        raise StatusIsCurated()
    facts = {name: data[name] for name in FIELDS if name in data}
    _check(facts, skill)
    is_reviewed_anew = facts.get("review_months", skill.review_months) != skill.review_months
    for name, value in facts.items():
        setattr(skill, name, value)
    if "aliases" in data or "name" in facts:
        _put_aliases(skill, data.get("aliases", skill.aliases))
    skill.updated_at = now()  # aliases alone would not raise the version
    db.session.flush()
    if is_reviewed_anew:
        refresh_holders(skill)
    drop_generation("skills")
    return skill


def remove_skill(skill: Skill, by: Any) -> None:
    """Delete a skill that nobody uses; a proposer's own rating goes with their proposal.

    Raises:
        NotACurator: not HR, and no untouched proposal of one's own.
        SkillInUse: somebody or something refers to it.
    """
    _check_may_change(skill, by)
    if is_in_use(skill, but_for=by.id if is_own_proposal(by, skill) else None):
        raise SkillInUse()
    try:
        with db.session.begin_nested():
            if is_own_proposal(by, skill):
                forget_skill_of(by.id, skill.id)
            db.session.delete(skill)
            db.session.flush()
    except IntegrityError as error:  # since a moment ago
        raise SkillInUse() from error
    drop_generation("skills")


def record_view(user_id: int, skill: Skill) -> None:
    """Note that somebody looked."""
    note(user_id, "skill_viewed", subject_type="skill", subject_id=skill.id, props={"view": "detail"})


def _check_may_change(skill: Skill, by: Any) -> None:
    if not can_curate(by) and (not is_own_proposal(by, skill) or is_in_use(skill, but_for=by.id)):
        raise NotACurator()


def _check(facts: Mapping[str, Any], skill: Skill | None = None) -> None:
    if "name" in facts:
        taken = db.session.scalars(select(Skill).where(func.lower(Skill.name) == facts["name"].lower())).first()
        if taken and (skill is None or taken.id != skill.id):
            existing = db.session.get_one(Skill, taken.merged_into_id or taken.id)
            raise SkillNameTaken(extra={"existing": {"id": existing.id, "name": existing.name}})
    if facts.get("category_id") is not None and db.session.get(SkillCategory, facts["category_id"]) is None:
        raise Invalid.field("category_id", "There is no such category.")
    check_scale(facts.get("scale_id"))


def _put_aliases(skill: Skill, aliases: Sequence[str]) -> None:
    """Hold the skill to these aliases, each once in any case; its own name is none."""
    wanted = {alias.lower(): alias for alias in reversed(aliases) if alias.lower() != skill.name.lower()}
    kept = {row.name.lower(): row for row in skill.alias_rows}
    skill.alias_rows = [kept.get(key) or SkillAlias(name=alias) for key, alias in reversed(wanted.items())]
