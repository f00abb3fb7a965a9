"""A profile as a JSON Resume: whole for the person, managers above and HR; else what colleagues may see."""

from typing import Any

from smartskill.exchange.models import ResumeRemainder
from smartskill.exchange.services.resume.catalogue import match_skills
from smartskill.exchange.services.resume.certificates import find_certificates
from smartskill.exchange.services.resume.experience import find_experience, skill_names
from smartskill.exchange.services.resume.levels import shown_levels
from smartskill.exchange.services.resume.reading import HOMES
from smartskill.exchange.services.resume.remainder import derived_sections, with_derived
from smartskill.exchange.services.resume.standard import ORDER
from smartskill.exchange.services.resume.writing import write_certificate, write_experience, write_skills
from smartskill.extensions import db
from smartskill.user.models import User
from smartskill.user.services.policy import may_see_private


def make_resume(owner: User, me: User) -> dict[str, Any]:
    """The CV of a person: what is shown in it, empty sections left out."""
    if may_see_private(me, owner.id):
        found = _whole(owner)
    else:
        found = derived_sections(owner) | _experience(owner) | {"skills": _skills(owner, [], is_whole=False)}
        found["basics"].pop("email", None)
    names = [name for name in ORDER if name in found] + sorted(set(found) - set(ORDER))
    return {name: found[name] for name in names if found[name]}


def _whole(owner: User) -> dict[str, Any]:
    row = db.session.get(ResumeRemainder, owner.id)
    kept = dict(row.sections) if row else {}
    found = with_derived({key: value for key, value in kept.items() if key not in HOMES}, owner)
    for section, entries in _experience(owner).items():
        found[section] = entries + kept.get(section, [])
    certificates = [write_certificate(row) for row in find_certificates(owner.id)]
    found["certificates"] = certificates + kept.get("certificates", [])
    found["skills"] = _skills(owner, kept.get("skills", []), is_whole=True)
    return found


def _experience(owner: User) -> dict[str, list[dict]]:
    rows = [row for section in HOMES for row in find_experience(owner.id, section) if row.show_in_cv]
    names = skill_names(rows)
    found: dict[str, list[dict]] = {section: [] for section in HOMES}
    for row in rows:
        section, entry = write_experience(row, names)
        found[section].append(entry)
    return found


def _skills(owner: User, kept: list[dict], *, is_whole: bool) -> list[dict]:
    shown = shown_levels(owner.id, is_whole=is_whole)
    levels = {skill_id: (skill_id, name, level) for skill_id, (name, level) in shown.items()}
    words = [entry["name"] for entry in kept if isinstance(entry.get("name"), str)]
    by_word = {word.strip().lower(): levels.get(skill.id) for word, skill in match_skills(words).items()}
    by_name = {found[1].lower(): found for found in levels.values()}
    return write_skills(kept, by_name | {word: found for word, found in by_word.items() if found})
