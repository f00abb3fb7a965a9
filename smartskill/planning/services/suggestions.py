"""Skills suggested from a person's own words: theirs alone to see, accept, reject or put off."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import timedelta
from typing import Any

from sqlalchemy import Select, func, or_, select
from sqlalchemy.dialects.postgresql import insert

from smartskill.database import now
from smartskill.experience.models import Experience
from smartskill.experience.services import change_experience
from smartskill.extensions import db
from smartskill.kit.errors import Conflict, NotFound
from smartskill.kit.transaction import defer
from smartskill.planning.models.suggestions import SkillSuggestion, WordsReading
from smartskill.qualification.models import Qualification
from smartskill.skills.models.catalogue import Skill
from smartskill.skills.models.levels import UserSkill
from smartskill.skills.services.levels import write_level
from smartskill.user.models import User
from smartskill.user.services.dated import today

LATER_DAYS = 30
READ = "smartskill.planning.tasks.read_words_of"
CHANGED_WITHIN = timedelta(hours=36)  # the nightly reading looks a little further back than a night
FOUND = ("score", "reasons", "experience_id", "qualification_id")


class AnsweredAlready(Conflict):
    """This suggestion was accepted or rejected already."""


def search_suggestions(me: User) -> Select:
    """One's open suggestions, best first, as rows for `show_suggestion`."""
    is_open = ~SkillSuggestion.is_rejected & ~SkillSuggestion.is_accepted
    is_due = or_(SkillSuggestion.later_until.is_(None), SkillSuggestion.later_until <= today())
    return (
        _rows()
        .where(SkillSuggestion.user_id == me.id, is_open, is_due, Skill.status != "retired")
        .order_by(SkillSuggestion.score.desc(), SkillSuggestion.id)
    )


def get_suggestion(suggestion_id: int, me: User, *, is_locked: bool = False) -> SkillSuggestion:
    """A suggestion of one's own. Raises: NotFound."""
    row = db.session.get(SkillSuggestion, suggestion_id, with_for_update=is_locked or None, populate_existing=is_locked)
    if row is None or row.user_id != me.id:
        raise NotFound()
    return row


def show_suggestion(row: Any) -> dict[str, Any]:
    """A row as JSON."""
    facts = dict(row._mapping)
    one = facts.pop("SkillSuggestion")
    state = "accepted" if one.is_accepted else "rejected" if one.is_rejected else "open"
    if state == "open" and one.later_until and one.later_until > today():
        state = "later"
    said = {"id": one.id, "skill_id": one.skill_id, "score": round(one.score, 4), "state": state}
    source = {"experience_id": one.experience_id, "qualification_id": one.qualification_id}
    return {**said, **facts, **source, "later_until": one.later_until, "reasons": one.reasons}


def shown_suggestion(row: SkillSuggestion) -> dict[str, Any]:
    """One suggestion as JSON."""
    return show_suggestion(db.session.execute(_rows().where(SkillSuggestion.id == row.id)).one())


def accept_suggestion(row: SkillSuggestion, data: Mapping[str, Any], by: User) -> None:
    """Rate oneself in the skill, and link it to the experience whose words named it.

    Raises:
        AnsweredAlready; SkillRetired.
    """
    _check_open(row)
    row.is_accepted, row.later_until = True, None
    wishes = {"interest": data["interest"]} if data.get("interest") is not None else {}
    write_level(by.id, row.skill_id, {"level": data["level"], **wishes}, by)
    place = db.session.get(Experience, row.experience_id, with_for_update=True) if row.experience_id else None
    if data["link"] and place is not None and row.skill_id not in place.skill_ids:
        change_experience(place, {"skill_ids": [*place.skill_ids, row.skill_id]}, by=by)
    db.session.flush()


def reject_suggestion(row: SkillSuggestion) -> None:
    """Never again. Raises: AnsweredAlready (accepted before)."""
    if row.is_accepted:
        raise AnsweredAlready()
    row.is_rejected, row.later_until = True, None
    db.session.flush()


def put_off_suggestion(row: SkillSuggestion) -> None:
    """Not now: it returns in a month. Raises: AnsweredAlready."""
    _check_open(row)
    row.later_until = today() + timedelta(days=LATER_DAYS)
    db.session.flush()


def ask_reading(me: User) -> WordsReading:
    """Have one's words read in the background."""
    made = insert(WordsReading).values(user_id=me.id, asked_at=now())
    db.session.execute(made.on_conflict_do_update(index_elements=["user_id"], set_={"asked_at": now()}))
    defer(READ, me.id, job_id=f"words-{me.id}")
    return get_reading(me)


def get_reading(me: User) -> WordsReading:
    """When one's words were asked to be read, and read. Raises: NotFound (never)."""
    row = db.session.get(WordsReading, me.id, populate_existing=True)
    if row is None:
        raise NotFound()
    return row


def show_reading(row: WordsReading) -> dict[str, Any]:
    """A reading as JSON."""
    is_done = row.read_at is not None and row.read_at >= row.asked_at
    return {"state": "done" if is_done else "queued", "asked_at": row.asked_at, "read_at": row.read_at}


def find_changed_writers(limit: int, after: int) -> list[int]:
    """Active people after an id whose experience or qualifications changed of late, or whose reading was lost."""
    since = now() - CHANGED_WITHIN
    wrote = select(Experience.user_id).where(Experience.updated_at >= since)
    holds = select(Qualification.user_id).where(Qualification.updated_at >= since)
    lost = select(WordsReading.user_id).where(func.coalesce(WordsReading.read_at, since) < WordsReading.asked_at)
    found = select(User.id).where(User.is_active, User.id > after, User.id.in_(wrote.union(holds, lost)))
    return list(db.session.scalars(found.order_by(User.id).limit(limit)))


def write_suggestions(user_id: int, found: Sequence[Mapping[str, Any]], read_at: Any) -> int:
    """Hold a person's open suggestions to what was found now; what they answered stays answered. Returns how many."""
    answered = SkillSuggestion.is_rejected | SkillSuggestion.is_accepted
    mine = {
        row.skill_id: row
        for row in db.session.scalars(select(SkillSuggestion).filter_by(user_id=user_id).with_for_update())
    }
    closed = set(
        db.session.scalars(select(SkillSuggestion.skill_id).where(SkillSuggestion.user_id == user_id, answered))
    )
    wanted = {one["skill_id"]: one for one in found if one["skill_id"] not in closed}
    for skill_id, row in mine.items():
        if skill_id not in wanted and skill_id not in closed and row.later_until is None:
            db.session.delete(row)
    for skill_id, one in wanted.items():
        row = mine.get(skill_id) or SkillSuggestion(user_id=user_id, skill_id=skill_id)
        for name in FOUND:
            setattr(row, name, one.get(name))
        db.session.add(row)
    made = insert(WordsReading).values(user_id=user_id, asked_at=read_at, read_at=read_at)
    db.session.execute(made.on_conflict_do_update(index_elements=["user_id"], set_={"read_at": read_at}))
    db.session.flush()
    return len(wanted)


def held_skills(user_ids: Iterable[int]) -> dict[int, set[int]]:
    """What each of these people has a level in."""
    found: dict[int, set[int]] = {}
    rows = select(UserSkill.user_id, UserSkill.skill_id).where(
        UserSkill.user_id.in_(list(user_ids)), UserSkill.level.is_not(None)
    )
    for user_id, skill_id in db.session.execute(rows):
        found.setdefault(user_id, set()).add(skill_id)
    return found


def _rows() -> Select:
    return select(SkillSuggestion, Skill.name.label("skill_name")).join(Skill, Skill.id == SkillSuggestion.skill_id)


def _check_open(row: SkillSuggestion) -> None:
    if row.is_accepted or row.is_rejected:
        raise AnsweredAlready()
