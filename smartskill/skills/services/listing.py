"""Pages of the catalogue: the same for everyone, so they are cached, and dropped when the catalogue changes."""

import hashlib
from collections.abc import Mapping
from typing import Any

import orjson
from sqlalchemy import ARRAY, Select, String, cast, func, select
from sqlalchemy.dialects.postgresql import aggregate_order_by, array

from smartskill.activity.services import record
from smartskill.extensions import db
from smartskill.kit.cache import cached, generation
from smartskill.kit.json import OPTIONS
from smartskill.kit.pagination import describe, ordered, page_of
from smartskill.skills.models import Skill, SkillAlias, SkillOrigin, SkillSource
from smartskill.skills.services.categories import within_category
from smartskill.skills.services.search import ALL_WORDS, look_wider, rank_skills

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
    Skill.created_at,
    Skill.updated_at,
)


def list_skills(query: dict[str, Any], by_id: int) -> tuple[str, dict[str, str]]:
    """A page of the catalogue as JSON text, and its headers; with `q` and no other sort the best come first."""
    digest = hashlib.sha256(orjson.dumps(query, option=orjson.OPT_SORT_KEYS)).hexdigest()[:32]
    body, headers = cached(f"skills:{generation('skills')}:{digest}", lambda: _page(query))
    if query.get("q"):
        total = orjson.loads(headers["X-Pagination"])["total"]
        record(by_id, "search", subject_type="skill", props={"result_count": total, "view": "list"})
    return body, headers


def search_skills(query: Mapping[str, Any]) -> Select:
    """The catalogue, filtered and sorted, as rows."""
    found = select(*COLUMNS, ALIASES.label("aliases")).where(Skill.status.in_(query.get("status") or SHOWN))
    if query.get("category_id"):
        found = found.where(within_category(query["category_id"]))
    if query.get("q"):
        ranked = rank_skills(query["q"])
        found = found.join(ranked, ranked.c.skill_id == Skill.id)
        found = found.add_columns(func.max(ranked.c.score).over().label("best"))
        if query["sort"][0] == "relevance":
            return found.order_by(ranked.c.score.desc(), func.length(Skill.name), Skill.name, Skill.id)
    columns = {"name": func.lower(Skill.name), "created_at": Skill.created_at, "updated_at": Skill.updated_at}
    key, is_descending = query["sort"]
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


def _page(query: dict[str, Any]) -> tuple[str, dict[str, str]]:
    if query.get("q"):
        rows, headers = _found(query)
        if not _is_met(rows if query["page"] == 1 else _found({**query, "page": 1})[0]):
            look_wider()
            rows, headers = _found(query)
    else:
        rows, headers = page_of(search_skills(query), query, scalars=False)
    names = [column.name for column in COLUMNS] + ["aliases"]
    items = [{name: getattr(row, name) for name in names} for row in rows]
    return orjson.dumps(items, option=OPTIONS).decode(), headers


def _is_met(rows: list) -> bool:
    """Whether something holds the very words, not only something like them."""
    return bool(rows) and rows[0].best >= ALL_WORDS


def _found(query: dict[str, Any]) -> tuple[list, dict[str, str]]:
    """A page of a search with its total. Ranking looked at all hits: to count them again would double the work."""
    page, size = query["page"], query["page_size"]
    found = search_skills(query)
    counted = found.add_columns(func.count().over().label("total")).limit(size).offset((page - 1) * size)
    rows = list(db.session.execute(counted))
    if not rows and page > 1:
        return page_of(found, query, scalars=False)
    return rows, {"X-Pagination": describe(rows[0].total if rows else 0, page, size)}
