"""The CV's jobs, studies, projects and volunteering beside the profile's: which are new, which say something else."""

from typing import Any

from sqlalchemy import select

from smartskill.exchange.services.resume.catalogue import match_skills
from smartskill.exchange.services.resume.matching import finer, fold, match
from smartskill.exchange.services.resume.reading import SECTION_OF, Reading
from smartskill.exchange.services.resume.steps import Step
from smartskill.exchange.services.resume.writing import rest_of, write_experience
from smartskill.experience.models import Experience
from smartskill.experience.services import add_experience, change_experience, remove_experience
from smartskill.extensions import db
from smartskill.skills.models.catalogue import Skill
from smartskill.user.models import User


def plan_experience(owner: User, section: str, readings: list[Reading], *, is_replacing: bool) -> list[Step]:
    """A step for each entry, and with `is_replacing` one for each item of the CV that has no entry."""
    rows = find_experience(owner.id, section)
    entries = [reading for reading in readings if not reading.is_blank and not reading.kept_because]
    found = match([entry.facts for entry in entries], rows, _names, lambda item: _fact(item, "start"))
    row_of = {entries[place].path: row for place, row in found.items()}
    skills = match_skills({word for entry in entries for word in entry.keywords or []})
    linker = _Linker(owner, {word: skill.id for word, skill in skills.items()}, skill_names(rows), is_replacing)
    steps = [_step(reading, row_of.get(reading.path), linker) for reading in readings]
    if is_replacing:
        steps += [_removal(row) for row in rows if row.show_in_cv and row not in found.values()]
    return steps


def find_experience(user_id: int, section: str) -> list[Experience]:
    """A person's experience of a section, the newest first."""
    kinds = [kind for kind, home in SECTION_OF.items() if home == section]
    found = select(Experience).where(Experience.user_id == user_id, Experience.kind.in_(kinds))
    order = (Experience.start_on.desc(), Experience.organisation, Experience.title, Experience.id)
    return list(db.session.scalars(found.order_by(*order)))


def _step(reading: Reading, row: Experience | None, linker: "_Linker") -> Step:
    if reading.is_blank:
        return Step(reading.path, "skipped", "It says nothing.")
    if reading.kept_because:
        return Step(reading.path, "kept", reading.kept_because)
    if row is None:
        return Step(reading.path, "added", take=lambda: linker.add(reading))
    changes = linker.changes(reading, row)
    if not changes:
        return Step(reading.path, "unchanged")
    take = lambda: change_experience(row, changes, by=None)  # noqa: E731
    return Step(reading.path, "changed", ", ".join(sorted(changes)), take)


def _removal(row: Experience) -> Step:
    detail = f"{row.organisation}, {row.title}, {row.start}"
    return Step(f"experience/{row.id}", "removed", detail, lambda: remove_experience(row))


class _Linker:
    """Turns readings into fields of rows, their keywords into links to skills."""

    def __init__(self, owner: User, ids: dict[str, int], names: dict[int, str], is_replacing: bool) -> None:
        self.owner, self.ids, self.names, self.is_replacing = owner, ids, names, is_replacing

    def add(self, reading: Reading) -> Experience:
        words = [(word, self.ids.get(word)) for word in reading.keywords or []]
        rest = rest_of(reading.extra, words, reading.assumed)
        facts = reading.facts | {"skill_ids": self._linked(words), "resume_rest": rest}
        return add_experience(self.owner, facts, by=None)

    def changes(self, reading: Reading, row: Experience) -> dict[str, Any]:
        """What the entry says otherwise. A summary that is left out stays, unless the CV replaces."""
        facts = dict(reading.facts)
        facts |= {"start": finer(row.start, facts["start"]), "end": finer(row.end, facts["end"])}
        if facts["summary"] is None and not self.is_replacing:
            del facts["summary"]
        old = row.resume_rest or {}
        extra = reading.extra if self.is_replacing else old.get("extra", {}) | reading.extra
        words = [tuple(pair) for pair in old.get("keywords", [])]
        given = [(word, self.ids.get(word)) for word in reading.keywords or []]
        if reading.keywords is not None and self._is_other(row, given):
            facts["skill_ids"], words = self._linked(given), given
        facts["resume_rest"] = rest_of(extra, words, reading.assumed)
        return {name: value for name, value in facts.items() if getattr(row, name) != value}

    def _is_other(self, row: Experience, given: list[tuple[str, int | None]]) -> bool:
        written = write_experience(row, self.names)[1].get("keywords", [])
        return [word for word, _ in given] != written or self._linked(given) != row.skill_ids

    def _linked(self, words: list[tuple[str, int | None]]) -> list[int]:
        return sorted({skill_id for _, skill_id in words if skill_id is not None})


def skill_names(rows: list[Experience]) -> dict[int, str]:
    """The names of the skills that these are linked to, by id."""
    ids = {skill_id for row in rows for skill_id in row.skill_ids}
    return dict(db.session.execute(select(Skill.id, Skill.name).where(Skill.id.in_(ids))).all()) if ids else {}


def _fact(item: Any, name: str) -> Any:
    return item[name] if isinstance(item, dict) else getattr(item, name)


def _names(item: Any) -> tuple[str, str]:
    return fold(_fact(item, "organisation")), fold(_fact(item, "title"))
