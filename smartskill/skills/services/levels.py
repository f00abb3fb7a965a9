"""Writing a level: its owner a self rating and wishes, a manager above a manager's rating and nothing else."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import select

from smartskill.extensions import db
from smartskill.kit.errors import Forbidden, Invalid, NotFound
from smartskill.skills.models.catalogue import Skill
from smartskill.skills.models.levels import UserSkill
from smartskill.skills.services.policy import voice_of
from smartskill.skills.services.profile import NotYours, get_level
from smartskill.skills.services.projection import find_user_skill, has_wish, lock_user_skill, refresh_user_skill
from smartskill.skills.services.rating import SkillRetired, check_stands, rate_skill, retract_ratings

WISHES: dict[str, Any] = {"interest": None, "target_level": None, "is_shown": True, "note": None}
MANAGER_FIELDS = {"level", "note", "effective_on"}


class OwnersFields(Forbidden):
    """Interest, target, visibility and note of a level are its owner's to write."""


def load_for_write(owner_id: int, skill_id: int, asker: Any) -> UserSkill | None:
    """The locked row that the asker is about to write; None where they may make it.

    Raises:
        NotFound: no such skill, or for someone who may not write: no level that they may see.
        NotYours: they may see it, not write it.
    """
    if voice_of(asker, owner_id) is None:
        get_level(owner_id, skill_id, asker)
        raise NotYours()
    if db.session.get(Skill, skill_id) is None:
        raise NotFound()
    return find_user_skill(owner_id, skill_id, is_locked=True)


def write_level(owner_id: int, skill_id: int, data: Mapping[str, Any], by: Any) -> UserSkill:
    """Write what `data` names: a level (null takes it back), and the owner's wishes.

    Raises:
        OwnersFields: a manager named something else than a level, its note and its day.
        NotYours: neither the owner nor a manager above.
        NotFound: nothing is left: the level was taken back and nothing else is known.
        Invalid, SkillRetired: as `rate_skill`.
    """
    voice = voice_of(by, owner_id)
    if voice is None:
        raise NotYours()
    if voice == "manager" and set(data) - MANAGER_FIELDS:
        raise OwnersFields()
    if data.get("level") is None and (voice == "manager" or data.get("effective_on")):
        raise Invalid.field("level", "This needs a level.")
    if voice == "self":
        _write_wishes(owner_id, skill_id, data)
    if data.get("level") is not None:
        note = data.get("note") if voice == "manager" else None
        facts = {"effective_on": data.get("effective_on"), "note": note}
        return rate_skill(owner_id, skill_id, data["level"], source=voice, rater_id=by.id, **facts)
    if "level" in data:
        retract_ratings(owner_id, skill_id, by.id, voice)
    row = refresh_user_skill(owner_id, skill_id)
    if row is None:
        raise Invalid.field("level", "Say a level, an interest, a target or a note; to take a level back, delete it.")
    return row


def replace_level(owner_id: int, skill_id: int, data: Mapping[str, Any], by: Any) -> UserSkill:
    """Write the whole: an owner's wishes left out are forgotten. A level left out stays: it is a stated fact."""
    defaults = WISHES if voice_of(by, owner_id) == "self" else {}
    return write_level(owner_id, skill_id, {**defaults, **data}, by)


def write_levels(owner_id: int, entries: Sequence[Mapping[str, Any]], by: Any) -> list[UserSkill]:
    """Write many, all or none; what an entry does not name stays.

    Raises:
        Invalid: unknown or repeated skills, and what `write_level` refuses, each under its place in the list.
        SkillRetired: some are retired, each under its place too.
    """
    ids = [entry["skill_id"] for entry in entries]
    known = set(db.session.scalars(select(Skill.id).where(Skill.id.in_(ids))))
    errors = {f"{place}.skill_id": ["There is no such skill."] for place, key in enumerate(ids) if key not in known}
    repeated = [place for place, key in enumerate(ids) if key in ids[:place]]
    errors |= {f"{place}.skill_id": ["This skill is in the list already."] for place in repeated}
    if errors:
        raise Invalid(errors=errors)
    rows: dict[int, UserSkill] = {}
    retired: dict[str, list[str]] = {}
    for place, entry in sorted(enumerate(entries), key=lambda numbered: numbered[1]["skill_id"]):
        # in the order of ids, so that two lists at once wait for each other instead of locking each other out
        data = {name: value for name, value in entry.items() if name != "skill_id"}
        try:
            rows[place] = write_level(owner_id, entry["skill_id"], data, by)
        except Invalid as error:
            errors |= {f"{place}.{name}": words for name, words in (error.errors or {}).items()}
        except SkillRetired as error:
            retired[f"{place}.skill_id"] = [error.detail]
    if errors:
        raise Invalid(errors=errors | retired)
    if retired:
        raise SkillRetired("Some of these skills take no new ratings.", errors=retired)
    return [rows[place] for place in range(len(entries))]


def remove_level(row: UserSkill, by: Any) -> UserSkill | None:
    """Take back what the asker said: the owner's ratings and wishes, or a manager's ratings. What others said stays.

    Raises:
        NotYours: nothing here was said by them.
    """
    voice = voice_of(by, row.user_id)
    said = retract_ratings(row.user_id, row.skill_id, by.id, voice) if voice else 0
    if voice == "self":
        if not (said or has_wish(row)):
            raise NotYours("This level was stated by others only; it is theirs to take back.")
        row.interest = row.target_level = row.note = None
    elif not said:
        raise NotYours()
    return refresh_user_skill(row.user_id, row.skill_id)


def _write_wishes(owner_id: int, skill_id: int, data: Mapping[str, Any]) -> None:
    wishes = {name: value for name, value in data.items() if name in WISHES}
    if wishes:
        row = lock_user_skill(owner_id, skill_id)
        check_stands(row.skill)
        for name, value in wishes.items():
            setattr(row, name, value)
