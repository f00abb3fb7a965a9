"""From a row to its entry of a JSON Resume. Pure, and the inverse of reading: what came in goes out."""

from typing import Any

from smartskill.exchange.services.resume.reading import HOMES, SECTION_OF
from smartskill.exchange.services.resume.words import NAMES, level_of

Words = list[tuple[str, int | None]]  # keywords, each with the skill it was taken for


def rest_of(extra: dict[str, Any], keywords: Words, assumed: list[str]) -> dict[str, Any] | None:
    """What a row keeps of its entry beyond its own columns."""
    rest = {"extra": extra, "keywords": [list(pair) for pair in keywords], "assumed": assumed}
    return {key: value for key, value in rest.items() if value} or None


def write_experience(row: Any, skill_names: dict[int, str]) -> tuple[str, dict[str, Any]]:
    """The section and the entry of an experience.

    Args:
        skill_names: the names of the linked skills, by id.
    """
    section, rest = SECTION_OF[row.kind], row.resume_rest or {}
    home, extra = HOMES[section], dict(rest.get("extra", {}))
    entry = {home.organisation: row.organisation, home.title: row.title, home.summary: row.summary}
    for key in rest.get("assumed", []):
        if entry.get(key) == home.assumed[key]:
            del entry[key]
    if section == "education":
        _split_title(entry, extra)
    entry |= {"startDate": str(row.start), "endDate": str(row.end) if row.end else None}
    entry["keywords"] = _keywords(rest.get("keywords", []), row.skill_ids, skill_names)
    if row.kind == "talk":
        extra.setdefault("type", "talk")
    entry = {key: value for key, value in entry.items() if value not in (None, [])}
    return section, extra | entry


def _split_title(entry: dict[str, Any], extra: dict[str, Any]) -> None:
    """Study type and area apart again, unless the title was changed since."""
    area, title = extra.pop("area", None), entry.get("studyType")
    if area is None or title is None:
        return
    if title == area:
        entry |= {"studyType": None, "area": area}
    elif title.endswith(f", {area}"):
        entry |= {"studyType": title.removesuffix(f", {area}"), "area": area}


def _keywords(given: Words, skill_ids: list[int], skill_names: dict[int, str]) -> list[str]:
    """The words as they came, without those whose skill is no longer linked; then the names of skills linked since."""
    words = [word for word, skill_id in given if skill_id is None or skill_id in skill_ids]
    known = {skill_id for _, skill_id in given}
    return words + sorted(skill_names[skill_id] for skill_id in skill_ids if skill_id not in known)


def write_certificate(row: Any) -> dict[str, Any]:
    """The entry of a qualification."""
    entry = {"name": row.title, "issuer": row.issuer, "url": row.url}
    entry |= {"date": str(row.issued_on) if row.issued_on else None}
    entry |= {"kind": None if row.kind == "certification" else row.kind}
    entry |= {"expiryDate": row.expires_on.isoformat() if row.expires_on else None}
    entry = {key: value for key, value in entry.items() if value is not None}
    return (row.resume_rest or {}).get("extra", {}) | entry


def write_skills(kept: list[dict], levels: dict[str, tuple[int, str, int]]) -> list[dict[str, Any]]:
    """The skills section: what came in, with the level as it is now, then the other skills by name.

    Args:
        kept: the section as it came in.
        levels: by each name in `kept`, and each skill's own name, in lower case: id, name, level.
    """
    written, done = [], set()
    for entry in kept:
        found = levels.get(str(entry.get("name", "")).strip().lower())
        if found and found[0] not in done and level_of(entry.get("level")) != found[2]:
            entry = entry | {"level": NAMES[found[2]]}
        done |= {found[0]} if found else set()
        written.append(entry)
    others = sorted({found for found in levels.values() if found[0] not in done}, key=lambda found: found[1].lower())
    return written + [{"name": name, "level": NAMES[level]} for _, name, level in others]
