"""The JSON Resume standard: its schema, its sections, the older names of its keys, and what counts as said at all.

`jsonresume/schema.json` is the standard's own file (MIT, its licence lies beside it).
"""

import json
from functools import cache
from pathlib import Path
from typing import Any

SCHEMA = Path(__file__).parents[2] / "jsonresume" / "schema.json"
SCHEMA_URL = "https://raw.githubusercontent.com/jsonresume/resume-schema/v1.0.0/schema.json"
VERSION = "v1.0.0"
ORDER = (
    "$schema", "basics", "work", "volunteer", "education", "awards", "certificates", "publications", "skills",
    "languages", "interests", "references", "projects", "meta",
)  # fmt: skip
LISTS = ("work", "volunteer", "education", "certificates", "skills", "projects")
OLD_NAMES = {
    "basics": {"website": "url", "picture": "image"},
    "work": {"company": "name", "website": "url"},
    "volunteer": {"website": "url"},
    "education": {"gpa": "score", "website": "url"},
    "projects": {"website": "url"},
    "certificates": {"website": "url"},
}
MAX_ERRORS = 100


def is_blank(value: Any) -> bool:
    """Whether a value says nothing: null, an empty text, or a list or object of such."""
    if isinstance(value, str):
        return not value.strip()
    if isinstance(value, dict):
        return all(map(is_blank, value.values()))
    if isinstance(value, list):
        return all(map(is_blank, value))
    return value is None


def renamed(section: str, entry: dict[str, Any]) -> dict[str, Any]:
    """The entry with the names of 1.0.0; an old name beside a new one that says something stays as it is."""
    found = dict(entry)
    for old, new in OLD_NAMES.get(section, {}).items():
        if old in found and is_blank(found.get(new)):
            found[new] = found.pop(old)
    return found


def shape_errors(document: Any) -> dict[str, list[str]]:
    """What can't be read at all, by dotted path: sections that are no lists of objects, or no objects."""
    if not isinstance(document, dict):
        return {"_body": ["A JSON Resume is an object."]}
    wrong = {name: ["Not an object."] for name in ("basics", "meta") if not isinstance(document.get(name), dict | None)}
    for name in LISTS:
        entries = document.get(name)
        if not isinstance(entries, list | None):
            wrong[name] = ["Not a list."]
        for place, entry in enumerate(entries if isinstance(entries, list) else []):
            if not isinstance(entry, dict):
                wrong[f"{name}.{place}"] = ["Not an object."]
    return wrong


def schema_errors(document: Any) -> dict[str, list[str]]:
    """What the schema refuses, by dotted path. Of the formats only `email` counts: published samples break `uri`."""
    errors: dict[str, list[str]] = {}
    for error in _validator().iter_errors(document):
        path = ".".join(str(part) for part in error.absolute_path) or "_body"
        errors.setdefault(path, []).append(error.message[:300])
        if len(errors) >= MAX_ERRORS:
            break
    return errors


@cache
def _validator() -> Any:
    from jsonschema import Draft7Validator, FormatChecker  # slow to import, and few requests need it

    schema = json.loads(SCHEMA.read_text(encoding="utf-8"))
    return Draft7Validator(schema, format_checker=FormatChecker(formats=("email",)))


def text_errors(value: Any, path: str = "") -> dict[str, list[str]]:
    """Texts anywhere that PostgreSQL cannot hold (NUL, lone surrogates), by dotted path."""
    if isinstance(value, str):
        return {} if _is_storable(value) else {path or "_body": ["Holds a character that text cannot hold."]}
    if isinstance(value, dict):
        inner = [(str(key), below) for key, below in value.items()]
        keys = {path or "_body": ["A key holds a character that text cannot hold."]}
        errors = {} if all(_is_storable(key) for key, _ in inner) else keys
    elif isinstance(value, list):
        inner, errors = [(str(place), below) for place, below in enumerate(value)], {}
    else:
        return {}
    for key, below in inner:
        errors |= text_errors(below, f"{path}.{key}" if path else key)
    return errors


def _is_storable(text: str) -> bool:
    return not any(char == "\x00" or "\ud800" <= char <= "\udfff" for char in text)
