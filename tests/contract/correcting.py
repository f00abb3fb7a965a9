"""Rules that a specification can't express, kept for data that is meant to be right.

A reference must exist, an end lies after its start, a password must not be guessable, a zone must be one there is.
"""

from typing import Any

from smartskill.kit.schemas import UNSTORABLE
from tests.contract.company import PASSWORD
from tests.contract.requests import LEVELS as LEVEL_NAMES
from tests.contract.requests import NEW_PASSWORD, REQUESTS, filled

REFERENCES = {
    "skill_id": "skill_id",
    "skill_ids": "skill_id",
    "category_id": "category_id",
    "type_id": "type_id",
    "team_id": "team_id",
    "user_id": "user_id",
    "subject_id": "user_id",
    "user_ids": "user_id",
    "without": "user_id",
    "role_id": "role_id",
    "from_id": "role_id",
    "into_id": "new_skill_id",
    "scale_id": "scale_id",
    "qualification_type_id": "type_id",
}
NOWHERE = ("parent_id", "manager_id", "renews_id")  # may be left empty, and is wrong as a circle
FIXED = {
    "password": NEW_PASSWORD,
    "new_password": NEW_PASSWORD,
    "current_password": PASSWORD,
    "timezone": "Europe/Berlin",
    "locale": "de",
    "quiet_hours": "20-8",
    "effective_on": "2024-05-01",
    "as_of": "2024-05-01",
    "start": "2001",
    "end": "2021-05",
    "issued_on": "2001",
    "expires_on": "2030-05-01",
}
LEVELS = {"putUserSkill", "changeUserSkill", "rateUserSkills"}
OWN_PASSWORD = {"login", "requestEmailChange", "eraseMyData"}
EXPERTS = {"findExperts", "createSavedSearch", "replaceSavedSearch", "changeSavedSearch"}
ONE_OF_TWO = {"createTarget", "replaceTarget", "changeTarget", "grantExemption"}  # a skill, or a kind of qualification
# What is right as a whole or not at all: lists that name each thing once, parts that exclude each other.
WHOLE: dict[tuple[str, str], Any] = {
    ("createRole", "requirements"): [],
    ("replaceRole", "requirements"): [],
    ("changeRole", "requirements"): [],
    ("createLevelScale", "levels"): [],
    ("replaceLevelScale", "levels"): [],
    ("changeLevelScale", "levels"): LEVEL_NAMES,
    ("replaceSkillLevels", "levels"): [],
    ("composeTeam", "needs"): [],
    ("composeTeam", "pool"): {},
    ("startImport", "mapping"): "{}",
    ("createBadgeIssuer", "identifier"): "",
    ("replaceBadgeIssuer", "identifier"): "",
    ("createBadgeIssuer", "public_key"): None,
    ("replaceBadgeIssuer", "public_key"): None,
}


def corrected(body: Any, names: dict[str, Any], operation_id: str) -> Any:
    """The body with those fields put right; every other field stays as it was made."""
    if operation_id == "importResume":
        return storable(body)
    fixed = FIXED | ({"password": PASSWORD} if operation_id in OWN_PASSWORD else {})
    if isinstance(body, list):
        return _each_once([corrected(item, names, operation_id) for item in body])
    if not isinstance(body, dict):
        return body
    right = {name: _right(name, value, names, fixed, operation_id) for name, value in body.items()}
    right |= _together(right, operation_id, names)
    if operation_id == "login":
        right.pop("username", None)  # one of two
    tokens = filled(REQUESTS.get(operation_id, {}).get("json", {}), names)
    return right | {name: tokens[name] for name in ("token", "refresh_token") if name in right and name in tokens}


def _together(body: dict[str, Any], operation_id: str, names: dict[str, Any]) -> dict[str, Any]:
    """What must be said where something else is, or is not."""
    if operation_id == "login":
        return {"email": names["email"]}
    if operation_id in LEVELS and ("note" in body or "effective_on" in body) and body.get("level") is None:
        return {"level": 3}
    if operation_id == "findExperts":
        return {"need": [names["need"]]}
    if operation_id in ONE_OF_TWO:
        days = {"starts_on": names["today"], "ends_on": names["next_year"]} if operation_id == "grantExemption" else {}
        return {"skill_id": names["skill_id"], "qualification_type_id": None, **days}
    if operation_id == "reviewQualification":
        return {"note": "The register does not know it."}
    if operation_id in ("createQualification", "replaceQualification") and not body.get("type_id"):
        return {"title": body.get("title") or "First aid"}
    if operation_id == "replacePreferences" and body.get("kinds"):
        return {"kinds": [{"kind": "digest", "is_wanted": True}]}
    return {}


def storable(value: Any) -> Any:
    """A free document without the characters that text cannot hold, and with keys that are texts of some length."""
    if isinstance(value, dict):
        return {storable(key) or "key": storable(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [storable(inner) for inner in value]
    return UNSTORABLE.sub("", value) if isinstance(value, str) else value


def _right(name: str, value: Any, names: dict[str, Any], fixed: dict[str, Any], operation_id: str) -> Any:
    if name in NOWHERE:
        return None
    if (operation_id, name) in WHOLE:
        return filled(REQUESTS[operation_id].get("json", {}), names).get(name, WHOLE[operation_id, name])
    if operation_id in EXPERTS and name in ("need", "not", "query"):
        need = [names["need"]]
        return {"need": need, "not": [str(names["free_skill_id"])], "query": {"need": need}}[name]
    if name == "file" and "file" in REQUESTS.get(operation_id, {}):
        return REQUESTS[operation_id]["file"][1]
    if name in REFERENCES and value is not None:
        known = names[REFERENCES[name]]
        return [known] if isinstance(value, list) else known
    if name in fixed and value is not None:
        return fixed[name]
    return corrected(value, names, operation_id) if isinstance(value, dict | list) else value


def _each_once(items: list[Any]) -> list[Any]:
    """A list of levels names each skill once."""
    kept, seen = [], set()
    for item in items:
        key = item.get("skill_id") if isinstance(item, dict) else None
        if key is None or key not in seen:
            kept.append(item)
            seen.add(key)
    return kept
