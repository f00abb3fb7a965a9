"""The sections without a home of their own: kept verbatim, entry beside entry, and given back."""

from typing import Any

from smartskill.exchange.services.resume.matching import fold
from smartskill.exchange.services.resume.reading import HOMES, said
from smartskill.exchange.services.resume.standard import SCHEMA_URL, VERSION, is_blank, renamed
from smartskill.user.models import User

HOUSED = (*HOMES, "certificates")
NAMED_BY = {  # by which key an entry replaces an earlier one of its section
    "awards": "title",
    "publications": "name",
    "skills": "name",
    "languages": "language",
    "interests": "name",
    "references": "name",
}


def derived_sections(owner: User) -> dict[str, Any]:
    """What the account itself says, where the CV did not say otherwise."""
    basics = {"name": owner.full_name, "label": owner.title, "email": owner.email}
    return {
        "$schema": SCHEMA_URL,
        "basics": {key: value for key, value in basics.items() if value},
        "meta": {"version": VERSION},
    }


def merged_sections(
    old: dict[str, Any], document: dict[str, Any], kept: dict[str, list[dict]], owner: User, *, is_replacing: bool
) -> dict[str, Any]:
    """The sections to keep after an import.

    Args:
        old: those kept so far.
        document: the CV.
        kept: entries of sections that have a home, which lack what an item needs.
    """
    given = {key: value for key, value in document.items() if key not in HOUSED and not is_blank(value)}
    given |= {section: entries for section, entries in kept.items() if entries}
    if "basics" in given:
        given["basics"] = renamed("basics", given["basics"])
    given = {key: _without_blanks(value) for key, value in given.items()}
    sections = given if is_replacing else old | {key: _merged(key, old.get(key), value) for key, value in given.items()}
    return _without_derived(sections, derived_sections(owner))


def with_derived(sections: dict[str, Any], owner: User) -> dict[str, Any]:
    """The kept sections, completed by what the account says."""
    found = derived_sections(owner)
    for key, value in sections.items():
        is_both = isinstance(value, dict) and isinstance(found.get(key), dict)
        found[key] = found[key] | value if is_both else value
    return found


def _without_blanks(value: Any) -> Any:
    if isinstance(value, list):
        return [entry for entry in value if not is_blank(entry)]
    return said(value) if isinstance(value, dict) else value


def _without_derived(sections: dict[str, Any], derived: dict[str, Any]) -> dict[str, Any]:
    found = {}
    for key, value in sections.items():
        if isinstance(value, dict) and isinstance(derived.get(key), dict):
            value = {name: said for name, said in value.items() if derived[key].get(name) != said}
        if value != derived.get(key) and not is_blank(value):
            found[key] = value
    return found


def _merged(section: str, old: Any, new: Any) -> Any:
    """Objects by key; lists entry by entry, a new one in the place of the old one of its name."""
    if isinstance(old, dict) and isinstance(new, dict):
        return old | new
    if not (isinstance(old, list) and isinstance(new, list)):
        return new
    found = list(old)
    for entry in new:
        place = next((i for i, known in enumerate(found) if _is_same(section, known, entry)), None)
        if place is None:
            found.append(entry)
        else:
            found[place] = entry
    return found


def _is_same(section: str, one: Any, other: Any) -> bool:
    name = NAMED_BY.get(section)
    if one == other or name is None or not (isinstance(one, dict) and isinstance(other, dict)):
        return one == other
    return isinstance(one.get(name), str) and isinstance(other.get(name), str) and fold(one[name]) == fold(other[name])
