"""What stands behind a level: which rating decides it, what each rater adds to the confidence, and what speaks for it.

Whoever sees all of a person sees all of it. A colleague sees what they see elsewhere too: the level, its confidence,
who endorsed it, the experience that is shown in the CV. Who rated what, and certificates, are then null.
"""

import math
from collections.abc import Sequence
from datetime import date
from typing import Any

from sqlalchemy import or_, select

from smartskill.experience.models import Experience, ExperienceSkill
from smartskill.experience.services import count_months, visible_to
from smartskill.extensions import db
from smartskill.qualification.models import GrantedSkill, Qualification
from smartskill.qualification.services.granting import find_grants
from smartskill.skills.models.catalogue import Skill
from smartskill.skills.models.levels import Rating, UserSkill
from smartskill.skills.services import formulas
from smartskill.skills.services.endorsing import search_endorsements, shown_endorsement
from smartskill.skills.services.policy import sees_all_of
from smartskill.skills.services.profile import get_level, wants_confirming
from smartskill.skills.services.projection import today
from smartskill.user.models import User

MOST_SHOWN = 100  # of each kind of evidence


def describe_evidence(owner_id: int, skill_id: int, asker: Any) -> dict[str, Any]:
    """All that is known about a person's level in a skill, as the asker may see it.

    Raises:
        NotFound: not rated, or hidden from them.
    """
    row, day, is_whole = get_level(owner_id, skill_id, asker), today(), sees_all_of(asker, owner_id)
    ratings = _ratings(row)
    voices = [formulas.Voice(said.id, said.level, said.source, said.rater_id, said.effective_on) for said in ratings]
    trust = formulas.confidence(row.voices, row.review_months, day)
    return {
        "user_id": row.user_id,
        "skill_id": row.skill_id,
        "skill_name": row.skill_name,
        "level": row.level,
        "confidence": round(trust, 4),
        "is_fresh": trust >= formulas.FRESH,
        "is_stale": wants_confirming(row, day),
        "review_months": row.review_months,
        "last_confirmed_on": row.last_confirmed_on,
        "decided_by": _decision(row, voices, ratings, day) if is_whole else None,
        "voices": weigh_voices(voices, ratings, row.review_months, day) if is_whole else None,
        "endorsements": _endorsements(row, asker),
        "experience": _experience(row, asker, day),
        "certificates": _certificates(row, ratings, day) if is_whole else None,
    }


def weigh_voices(
    voices: Sequence[formulas.Voice], ratings: Sequence[Any], review_months: int, day: date
) -> list[dict[str, Any]]:
    """The latest rating of each rater with what it adds to the confidence, the weightiest first.

    `strength` is weight · 2^(−age ÷ review_months): the confidence that this voice alone would give. `contribution` is
    its part of the whole: strengths multiply as doubts, so each one's part is that of its doubt's logarithm. The
    contributions add up to the confidence, in whatever order they are taken.
    """
    by_id = {said.id: said for said in ratings}
    spoken = formulas.latest_of_each_rater(voices)
    strengths = [_strength(voice, review_months, day) for voice in spoken]
    doubts = [-math.log1p(-strength) for strength in strengths]
    whole = sum(doubts)
    trust = -math.expm1(-whole)
    found = [
        {
            **_named(by_id[voice.id], day),
            "weight": formulas.WEIGHTS[voice.source],
            "strength": round(strength, 4),
            "contribution": round(trust * doubt / whole, 4) if whole else 0.0,
        }
        for voice, strength, doubt in zip(spoken, strengths, doubts, strict=True)
    ]
    return sorted(found, key=lambda one: (-one["strength"], one["rating_id"]))[:MOST_SHOWN]


def _strength(voice: formulas.Voice, review_months: int, day: date) -> float:
    return formulas.confidence([(formulas.WEIGHTS[voice.source], voice.effective_on.isoformat())], review_months, day)


def _decision(row: UserSkill, voices: list[formulas.Voice], ratings: Sequence[Any], day: date) -> dict | None:
    """The rating that decides the level, why it does, and on which day another one will."""
    decisive = formulas.deciding_rating(voices, row.review_months, day)
    if decisive is None:
        return None
    is_heard = formulas.is_within_window(decisive.effective_on, row.review_months, day)
    said = next(said for said in ratings if said.id == decisive.id)
    because = "most_trusted_within_window" if is_heard else "newest_of_any"
    window = formulas.WINDOW * row.review_months
    return {**_named(said, day), "because": because, "window_months": window, "next_change_on": row.next_change_on}


def _ratings(row: UserSkill) -> Sequence[Any]:
    return db.session.execute(
        select(
            Rating.id,
            Rating.level,
            Rating.source,
            Rating.rater_id,
            User.full_name.label("rater_name"),
            Rating.effective_on,
            Rating.note,
            Rating.evidence,
        )
        .outerjoin(User, User.id == Rating.rater_id)
        .where(Rating.user_id == row.user_id, Rating.skill_id == row.skill_id, Rating.retracted_at.is_(None))
        .order_by(Rating.effective_on, Rating.id)
    ).all()


def _named(said: Any, day: date) -> dict[str, Any]:
    return {
        "rating_id": said.id,
        "source": said.source,
        "rater_id": said.rater_id,
        "rater_name": said.rater_name,
        "level": said.level,
        "effective_on": said.effective_on,
        "age_months": round(formulas.age_months(said.effective_on, day), 1),
        "note": said.note,
        "qualification_id": (said.evidence or {}).get("qualification_id"),
    }


def _endorsements(row: UserSkill, asker: Any) -> list[dict[str, Any]]:
    found = search_endorsements(row.user_id, row.skill_id).limit(MOST_SHOWN)
    return [shown_endorsement(given, asker) for given in db.session.execute(found)]


def _experience(row: UserSkill, asker: Any, day: date) -> dict[str, Any]:
    """What used the skill, the newest first, and for how many months in all, each counted once."""
    rows = db.session.scalars(
        select(Experience)
        .join(ExperienceSkill, ExperienceSkill.experience_id == Experience.id)
        .where(Experience.user_id == row.user_id, ExperienceSkill.skill_id == row.skill_id, visible_to(asker))
        .order_by(Experience.start_on.desc(), Experience.id)
    ).all()
    months = count_months([(used.start, used.end) for used in rows], day)
    items = [
        {
            "experience_id": used.id,
            "kind": used.kind,
            "organisation": used.organisation,
            "title": used.title,
            "start": used.start,
            "end": used.end,
            "duration_months": count_months([(used.start, used.end)], day),
        }
        for used in rows[:MOST_SHOWN]
    ]
    return {"duration_months": months, "years": round(months / 12, 1), "items": items}


def _certificates(row: UserSkill, ratings: Sequence[Any], day: date) -> list[dict[str, Any]]:
    """Certificates whose type shows the skill, whatever became of them, and what each comes to here."""
    merged = or_(Skill.id == row.skill_id, Skill.merged_into_id == row.skill_id)
    held = db.session.execute(
        select(Qualification, GrantedSkill.level)
        .join(GrantedSkill, GrantedSkill.qualification_type_id == Qualification.type_id)
        .where(Qualification.user_id == row.user_id, GrantedSkill.skill_id.in_(select(Skill.id).where(merged)))
        .order_by(Qualification.issued_first_on.desc().nulls_last(), Qualification.id.desc())
        .limit(MOST_SHOWN)
    ).all()
    counting = {
        grant.statement.qualification_id: is_heard for grant, is_heard in find_grants(row.user_id, row.skill_id)
    }
    spoken = {(said.evidence or {}).get("qualification_id"): said.id for said in ratings if said.source == "assessment"}
    return [
        {
            "qualification_id": paper.id,
            "title": paper.title,
            "issuer": paper.issuer,
            "issued_on": paper.issued_on,
            "expires_on": paper.expires_on,
            "status": paper.status_on(day),
            "review_state": paper.review_state,
            "level": level,
            "rating_id": spoken.get(paper.id),
            "effect": _effect(paper, counting, day),
        }
        for paper, level in held
    ]


def _effect(paper: Qualification, counting: dict[int, bool], day: date) -> str:
    if paper.review_state != "verified":
        return "not_verified"
    if counting.get(paper.id):
        return "counts"
    return "not_yet" if paper.issued_on is not None and paper.issued_on.first > day else "outranked"
