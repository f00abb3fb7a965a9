"""Pages of the catalogue: the same for everyone, so they are cached, and dropped when the catalogue changes."""

import hashlib
from collections.abc import Mapping
from typing import Any

import orjson
from sqlalchemy import ARRAY, ColumnElement, Select, String, cast, func, select
from sqlalchemy.dialects.postgresql import aggregate_order_by, array
from sqlalchemy.sql.expression import Subquery

from smartskill.activity.services.noting import note
from smartskill.extensions import db
from smartskill.kit.cache import cached, generation
from smartskill.kit.json import OPTIONS
from smartskill.kit.pagination import describe, ordered, page_of
from smartskill.skills.models.catalogue import Skill, SkillAlias, SkillOrigin, SkillSource
from smartskill.skills.models.levels import UserSkill
from smartskill.skills.services.categories import within_category
from smartskill.skills.services.search import find_hits

SHOWN = ("proposed", "active")
ALIASES = (
    select(
        func.coalesce(
            func.array_agg(aggregate_order_by(SkillAlias.name, SkillAlias.id)), cast(array([]), ARRAY(String))
        )
    )
    .where(SkillAlias.skill_id == Skill.id)
    .correlate(Skill)
    .scalar_subquery()
)
COLUMNS = (
    Skill.id,
    Skill.name,
    Skill.description,
    Skill.category_id,
    Skill.status,
    Skill.review_months,
    Skill.critical,
    Skill.external_uri,
    Skill.proposed_by_id,
    Skill.merged_into_id,
    Skill.scale_id,
    Skill.created_at,
    Skill.updated_at,
)


def list_skills(query: dict[str, Any], by_id: int) -> tuple[str, dict[str, str]]:
    """A page of the catalogue as JSON text, and its headers; with `q` and no other sort the best come first."""
    digest = hashlib.sha256(orjson.dumps(query, option=orjson.OPT_SORT_KEYS)).hexdigest()[:32]
    body, headers = cached(f"skills:{generation('skills')}:{digest}", lambda: _page(query))
    if query.get("q"):
        total = orjson.loads(headers["X-Pagination"])["total"]
        note(by_id, "search", subject_type="skill", props={"result_count": total, "view": "list"})
    return body, headers


def search_skills(query: Mapping[str, Any]) -> Select:
    """The catalogue, filtered and sorted, as rows; by relevance see `_found`."""
    found = _rows().where(*_among(query))
    if query.get("q"):
        found = found.where(find_hits(query["q"], _among(query)).condition())
    columns = {"name": func.lower(Skill.name), "created_at": Skill.created_at, "updated_at": Skill.updated_at}
    key, is_descending = query["sort"]
    if key == "holders":
        held = _holders()
        found = found.outerjoin(held, held.c.skill_id == Skill.id)
        columns["holders"] = func.coalesce(held.c.holders, 0)
    sort = ("name", False) if key == "relevance" else (key, is_descending)
    return ordered(found, sort, columns, Skill.id)


def list_sources() -> list[dict]:
    """The taxonomies in the catalogue, each with its licence's sentence and how many skills it touches."""
    touched = select(func.count()).where(SkillOrigin.source == SkillSource.key).scalar_subquery()
    rows = db.session.execute(
        select(
            SkillSource.key,
            SkillSource.name,
            SkillSource.attribution,
            SkillSource.url,
            SkillSource.imported_at,
            touched.label("skills"),
        ).order_by(SkillSource.key)
    )
    return [dict(row._mapping) for row in rows]


def _holders() -> Subquery:
    """How many have a level, by skill: one pass over an index for all of them."""
    held = select(UserSkill.skill_id, func.count(UserSkill.level).label("holders"))
    return held.group_by(UserSkill.skill_id).subquery("held")


def _rows() -> Select:
    return select(*COLUMNS, ALIASES.label("aliases"))


def _among(query: Mapping[str, Any]) -> list[ColumnElement[bool]]:
    """The filters that say nothing about words."""
    among: list[ColumnElement[bool]] = [Skill.status.in_(query.get("status") or SHOWN)]
    if query.get("category_id"):
        among.append(within_category(query["category_id"]))
    return among


def _page(query: dict[str, Any]) -> tuple[str, dict[str, str]]:
    if query.get("q") and query["sort"][0] == "relevance":
        rows, headers = _found(query)
    else:
        rows, headers = page_of(search_skills(query), query, scalars=False)
    names = [column.name for column in COLUMNS] + ["aliases"]
    items = [{name: getattr(row, name) for name in names} for row in rows]
    return orjson.dumps(items, option=OPTIONS).decode(), headers


def _found(query: dict[str, Any]) -> tuple[list, dict[str, str]]:
    """A page of a search, the best first, with its total."""
    page, size = query["page"], query["page_size"]
    hits = find_hits(query["q"], _among(query))
    ids = hits.page(page, size)
    rows = {row.id: row for row in db.session.execute(_rows().where(Skill.id.in_(ids)))} if ids else {}
    return [rows[skill_id] for skill_id in ids], {"X-Pagination": describe(hits.total, page, size)}
