"""Endorsements: a colleague's word for a level they can see, with a peer rating inside; one per colleague and skill."""

from typing import Any

from sqlalchemy import Select, select

from smartskill.activity.services.recording import record
from smartskill.extensions import db
from smartskill.kit.errors import Conflict, Forbidden, NotFound
from smartskill.skills.models.levels import Endorsement, Rating, UserSkill
from smartskill.skills.services.policy import sees_all_of
from smartskill.skills.services.projection import hold_skill, refresh_user_skill
from smartskill.skills.services.rating import retract_ratings, write_rating
from smartskill.user.models import User


class OwnSkill(Forbidden):
    """Nobody endorses themselves."""


class NothingToEndorse(Conflict):
    """There is no level here to endorse."""


class EndorsedAlready(Conflict):
    """You endorsed this already."""


def search_endorsements(owner_id: int, skill_id: int) -> Select:
    """The endorsements of a level, newest first, as rows with the endorser's name and the level they gave."""
    return (
        select(
            Endorsement.id,
            Endorsement.user_id,
            Endorsement.skill_id,
            Endorsement.endorser_id,
            User.full_name.label("endorser_name"),
            Rating.level,
            Endorsement.note,
            Endorsement.created_at,
        )
        .join(User, User.id == Endorsement.endorser_id)
        .outerjoin(Rating, Rating.id == Endorsement.rating_id)
        .where(Endorsement.user_id == owner_id, Endorsement.skill_id == skill_id)
        .order_by(Endorsement.created_at.desc(), Endorsement.id.desc())
    )


def shown_endorsement(row: Any, asker: Any) -> dict[str, Any]:
    """A row as JSON; level and note are a rating's, and so not for other colleagues."""
    facts = dict(row._mapping)
    is_whole = asker.id == row.endorser_id or sees_all_of(asker, row.user_id)
    return facts if is_whole else {**facts, "level": None, "note": None}


def get_endorsement(owner_id: int, skill_id: int, asker: Any) -> dict[str, Any]:
    """The asker's own endorsement as JSON.

    Raises:
        NotFound: they gave none.
    """
    row = db.session.execute(search_endorsements(owner_id, skill_id).where(Endorsement.endorser_id == asker.id)).first()
    if row is None:
        raise NotFound()
    return shown_endorsement(row, asker)


def endorse(row: UserSkill, by: Any, level: int | None = None, note: str | None = None) -> dict[str, Any]:
    """Endorse a level that the asker sees: a peer rating at the given level, or the present one. Lock the row before.

    Raises:
        OwnSkill: it is theirs.
        NothingToEndorse: not rated.
        EndorsedAlready: they did before.
        SkillRetired: the skill takes no ratings any more.
    """
    if row.user_id == by.id:
        raise OwnSkill()
    if row.level is None:
        raise NothingToEndorse()
    place = {"user_id": row.user_id, "skill_id": row.skill_id}
    if db.session.scalar(select(Endorsement.id).filter_by(**place, endorser_id=by.id)):
        raise EndorsedAlready()
    rating = write_rating(row.user_id, row.skill_id, level or row.level, "peer", by.id, note=note)
    db.session.add(Endorsement(**place, endorser_id=by.id, rating_id=rating.id, note=note))
    refresh_user_skill(**place)
    about: dict[str, Any] = {"subject_type": "skill", "subject_id": row.skill_id, "props": {"level": rating.level}}
    record(by.id, "endorsement_given", **about)
    record(row.user_id, "endorsement_received", **about, source="system")
    return get_endorsement(row.user_id, row.skill_id, by)


def withdraw_endorsement(owner_id: int, skill_id: int, by: Any) -> dict[str, Any]:
    """Take one's own endorsement back, and what one rated as a peer with it; returns what it was.

    Raises:
        NotFound: they gave none.
    """
    hold_skill(skill_id)
    given = get_endorsement(owner_id, skill_id, by)
    row = db.session.get(Endorsement, given["id"], with_for_update=True)
    if row is None:
        raise NotFound()
    retract_ratings(owner_id, skill_id, by.id, "peer")  # of a merged skill there may be another, of the double
    db.session.delete(row)
    refresh_user_skill(owner_id, skill_id)
    return given
