"""From people's own words to suggestions, by `ml.suggesting`: rows in, rows out.

What goes together is learned from shown levels of active people only, and never from fewer than `ml` asks for.
"""

from collections.abc import Sequence
from typing import Any, NamedTuple

from sqlalchemy import select

from ml.suggesting.catalogue import Catalogue
from ml.suggesting.suggest import Suggester, Suggestion
from smartskill.database import now
from smartskill.experience.models import Experience
from smartskill.extensions import db
from smartskill.planning.services.suggestions import held_skills, write_suggestions
from smartskill.qualification.models import Qualification
from smartskill.skills.models.catalogue import Skill, SkillAlias
from smartskill.skills.models.levels import UserSkill
from smartskill.user.models import User


class Text(NamedTuple):
    """A person's own words, and where they stand."""

    words: str
    title: str
    experience_id: int | None = None
    qualification_id: int | None = None


class Reader:
    """Reads people's words over the catalogue as it is now; made once for a job, since fitting takes seconds."""

    def __init__(self) -> None:
        self.ids, self.names, catalogue = _catalogue()
        self.places = {skill_id: place for place, skill_id in enumerate(self.ids)}
        self.suggester = Suggester(catalogue, _people(self.places)) if self.ids else None

    def read(self, user_ids: Sequence[int]) -> int:
        """Write these people's suggestions anew; returns how many are open."""
        held, total = held_skills(user_ids), 0
        for user_id in user_ids:
            read_at, texts = now(), find_texts(user_id)
            has = {self.places[skill_id] for skill_id in held.get(user_id, ()) if skill_id in self.places}
            found = self.suggester.suggest([text.words for text in texts], has) if self.suggester and texts else []
            total += write_suggestions(user_id, [self._row(one, texts) for one in found], read_at)
        return total

    def _row(self, one: Suggestion, texts: Sequence[Text]) -> dict[str, Any]:
        text = texts[one.text] if one.text is not None else None
        return {
            "skill_id": self.ids[one.place],
            "score": float(one.score),
            "reasons": self._reasons(one, text),
            "experience_id": text.experience_id if text else None,
            "qualification_id": text.qualification_id if text else None,
        }

    def _reasons(self, one: Suggestion, text: Text | None) -> list[str]:
        said = []
        if one.words is not None and text is not None:
            said.append(f"“{text.title}” mentions “{one.words}”.")
        elif one.is_alike and text is not None:
            said.append(f"“{text.title}” reads like what the skill is described as.")
        if one.goes_with is not None:
            said.append(f"{one.both} people with {self.names[one.goes_with]} have it too.")
        elif not said:
            said.append(f"{one.holders} people here have it.")
        return said


def find_texts(user_id: int) -> list[Text]:
    """What a person wrote about themselves. Organisations are left out: their names are often products'."""
    jobs = select(Experience.id, Experience.title, Experience.summary).where(Experience.user_id == user_id)
    found = [
        Text("\n".join(filter(None, (title, summary))), title, experience_id=id_)
        for id_, title, summary in db.session.execute(jobs.order_by(Experience.start_on.desc(), Experience.id))
    ]
    held = select(Qualification.id, Qualification.title).where(Qualification.user_id == user_id)
    return found + [
        Text(title, title, qualification_id=id_) for id_, title in db.session.execute(held.order_by(Qualification.id))
    ]


def _catalogue() -> tuple[list[int], list[str], Catalogue]:
    rows = db.session.execute(
        select(Skill.id, Skill.name, Skill.description).where(Skill.status == "active").order_by(Skill.id)
    ).all()
    labels: dict[int, list[str]] = {row.id: [row.name] for row in rows}
    for skill_id, name in db.session.execute(select(SkillAlias.skill_id, SkillAlias.name).order_by(SkillAlias.id)):
        if skill_id in labels:
            labels[skill_id].append(name)
    ids, names = [row.id for row in rows], [row.name for row in rows]
    return ids, names, Catalogue(ids, [labels[id_] for id_ in ids], [row.description or "" for row in rows])


def _people(places: dict[int, int]) -> list[list[int]]:
    shown = (
        select(UserSkill.user_id, UserSkill.skill_id)
        .join(User, User.id == UserSkill.user_id)
        .where(UserSkill.is_shown, UserSkill.level.is_not(None), User.is_active)
    )
    people: dict[int, list[int]] = {}
    for user_id, skill_id in db.session.execute(shown):
        if skill_id in places:
            people.setdefault(user_id, []).append(places[skill_id])
    return list(people.values())
