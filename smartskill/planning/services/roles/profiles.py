"""Role profiles: what a job asks for, kept by HR. Templates are occupations of a taxonomy, which one derives from.

A template is never changed by people and a derived profile never by an import, so neither can undo the other's work.
"""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Select, exists, func, literal, or_, select
from sqlalchemy.exc import IntegrityError

from smartskill.database import now
from smartskill.extensions import db
from smartskill.kit.errors import Conflict, Invalid, NotFound
from smartskill.kit.pagination import ordered
from smartskill.planning.models.roles import RoleAssignment, RoleProfile, RoleRequirement
from smartskill.planning.services.roles.requirements import (
    as_requirement,
    asked_by,
    check_requirements,
    put_requirements,
    show_requirements,
)
from smartskill.skills.models.catalogue import SkillSource
from smartskill.skills.services.search import contains

FIELDS = ("name", "description", "status")
REQUIREMENT_COUNT = (
    select(func.count()).where(RoleRequirement.role_id == RoleProfile.id).correlate(RoleProfile).scalar_subquery()
)
COLUMNS = (
    RoleProfile.id,
    RoleProfile.name,
    RoleProfile.description,
    RoleProfile.status,
    RoleProfile.external_uri,
    RoleProfile.source,
    SkillSource.attribution,
    REQUIREMENT_COUNT.label("requirement_count"),
    RoleProfile.created_at,
    RoleProfile.updated_at,
)


class RoleNameTaken(Conflict):
    """A role of this name exists."""


class RoleInUse(Conflict):
    """People have or had this role: retire it instead."""


class TemplateIsKept(Conflict):
    """A template is kept as its source has it: derive a profile of your own from it (`from_id`)."""


class ShownRole(dict):
    """A role as it is answered; `row` is what it was made from, for the ETag."""

    row: RoleProfile


def search_roles(query: Mapping[str, Any]) -> Select:
    """Rows of the role profiles that pass the filters, ordered; with `q` those that begin with it come first."""
    found = select(*COLUMNS).join(SkillSource, SkillSource.key == RoleProfile.source, isouter=True)
    found = found.where(RoleProfile.status.in_(query.get("status") or ("active",)))
    if query.get("source"):
        found = found.where(RoleProfile.source == query["source"])
    columns = {
        "name": func.lower(RoleProfile.name),
        "created_at": RoleProfile.created_at,
        "updated_at": RoleProfile.updated_at,
    }
    key, is_descending = query["sort"]
    sort = ("name", False) if key == "relevance" else (key, is_descending)
    if query.get("q"):
        found = found.where(_is_called(query["q"]))
        if key == "relevance":
            text, name = query["q"].lower(), func.lower(RoleProfile.name)
            starts = name.startswith(text, autoescape=True)
            found = found.order_by(starts.desc(), func.strict_word_similarity(text, name).desc(), func.length(name))
    return ordered(found, sort, columns, RoleProfile.id)


def _is_called(words: str) -> Any:
    typo = literal(words.lower()).op("<%", is_comparison=True)(func.lower(RoleProfile.name))
    return or_(contains(RoleProfile.name, words), typo)


def get_role(role_id: int, *, is_locked: bool = False) -> RoleProfile:
    """Raises NotFound where there is none."""
    lock: dict[str, Any] = {"with_for_update": True, "populate_existing": True} if is_locked else {}
    role = db.session.get(RoleProfile, role_id, **lock)
    if role is None:
        raise NotFound()
    return role


def show_role(role: RoleProfile) -> ShownRole:
    """A role with its requirements, musts first, and the names of what they ask for."""
    source = db.session.get(SkillSource, role.source) if role.source else None
    names = ("id", "name", "description", "status", "external_uri", "source", "created_at", "updated_at")
    requirements = show_requirements(role)
    shown = ShownRole(
        {name: getattr(role, name) for name in names},
        attribution=source.attribution if source else None,
        requirement_count=len(requirements),
        requirements=requirements,
    )
    shown.row = role
    return shown


def add_role(data: Mapping[str, Any]) -> RoleProfile:
    """Make a role; with `from_id` it takes what `data` leaves out from that one, and remembers where that was from.

    Raises:
        RoleNameTaken: with the `existing` one.
        Invalid: there is no profile to derive from, or a requirement is wrong; each is named.
    """
    origin = _get_origin(data.get("from_id"))
    facts = {name: data[name] for name in FIELDS if name in data}
    copied = asked_by(origin) if origin else []
    given = data.get("requirements")
    if given is not None:
        check_requirements(given, {one.target for one in copied})
    if origin is not None:
        facts = {"description": origin.description, **facts}
        facts |= {"external_uri": origin.external_uri, "source": origin.source}
    _check_name(facts["name"])
    role = RoleProfile(**facts)
    db.session.add(role)
    db.session.flush()
    put_requirements(role, copied if given is None else [as_requirement(one) for one in given])
    return role


def change_role(role: RoleProfile, data: Mapping[str, Any]) -> RoleProfile:
    """Change what `data` names; `requirements` replaces them all.

    Raises:
        TemplateIsKept: it is a template.
        RoleNameTaken, Invalid: as `add_role`.
    """
    if role.status == "template":
        raise TemplateIsKept()
    if "requirements" in data:
        check_requirements(data["requirements"], {one.target for one in asked_by(role)})
    if "name" in data:
        _check_name(data["name"], role)
    for name in FIELDS:
        if name in data:
            setattr(role, name, data[name])
    if "requirements" in data and put_requirements(role, [as_requirement(one) for one in data["requirements"]]):
        role.updated_at = now()  # the requirements are part of the item, so its version moves
    db.session.flush()
    return role


def remove_role(role: RoleProfile) -> None:
    """Delete a role that nobody has or had. Raises: RoleInUse."""
    if db.session.scalar(select(exists().where(RoleAssignment.role_id == role.id))):
        raise RoleInUse()
    try:
        with db.session.begin_nested():
            db.session.delete(role)
            db.session.flush()
    except IntegrityError as error:  # another feature refers to it, or somebody just got it
        raise RoleInUse() from error


def _get_origin(role_id: int | None) -> RoleProfile | None:
    origin = db.session.get(RoleProfile, role_id) if role_id else None
    if role_id and origin is None:
        raise Invalid.field("from_id", "There is no such role.")
    return origin


def _check_name(name: str, role: RoleProfile | None = None) -> None:
    taken = db.session.execute(
        select(RoleProfile.id, RoleProfile.name).where(
            func.lower(RoleProfile.name) == name.lower(),
            RoleProfile.status != "template",
            RoleProfile.id != (role.id if role else 0),
        )
    ).first()
    if taken:
        raise RoleNameTaken(extra={"existing": {"id": taken.id, "name": taken.name}})
