"""Writing occupations as templates: staged by COPY, then compared and written by whole sets.

A template is its source's: the import adds, changes and (where it has the whole source) drops templates, and a version
moves only where something changed. Profiles derived from one are never touched. An occupation of whose skills the
catalogue has none makes no template.
"""

import csv
import io
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import text

from smartskill.extensions import db
from smartskill.kit.errors import Invalid
from smartskill.planning.services.occupations.occupation import Occupations
from smartskill.skills.models.catalogue import SkillSource

CHUNK = 20_000  # rows
FILLED = 1_000  # roles at a time, so that there is something to tell
Tell = Callable[[str, int, int], Any]  # what is being written, rows done, rows in all

STAGE = """
DROP TABLE IF EXISTS staged_roles, staged_demands, wanted, touched;
CREATE TEMPORARY TABLE staged_roles (uri text PRIMARY KEY, name text, description text) ON COMMIT DROP;
CREATE TEMPORARY TABLE staged_demands (uri text, skill_uri text, level int, weight float, must bool) ON COMMIT DROP;
"""
# Two skills of the source may be one here: then the stricter of its demands counts.
RESOLVE = """
CREATE TEMPORARY TABLE wanted ON COMMIT DROP AS
SELECT d.uri, o.skill_id, max(d.level) AS level, max(d.weight) AS weight, bool_or(d.must) AS must
FROM staged_demands d JOIN skill_origins o ON o.uri = d.skill_uri JOIN skills s ON s.id = o.skill_id
WHERE s.status <> 'retired'
GROUP BY d.uri, o.skill_id;
DELETE FROM staged_roles r WHERE NOT EXISTS (SELECT FROM wanted w WHERE w.uri = r.uri);
ANALYZE staged_roles; ANALYZE wanted;
CREATE TEMPORARY TABLE touched (role_id int) ON COMMIT DROP;
"""
UNKNOWN = """
SELECT count(*) FILTER (WHERE s.id IS NULL) AS unknown, count(*) FILTER (WHERE s.status = 'retired') AS retired
FROM staged_demands d LEFT JOIN skill_origins o ON o.uri = d.skill_uri LEFT JOIN skills s ON s.id = o.skill_id
"""
DROP = """
DELETE FROM role_profiles p
WHERE p.status = 'template' AND p.source = :source
AND NOT EXISTS (SELECT FROM staged_roles r WHERE r.uri = p.external_uri)
RETURNING p.name
"""
RENAME = """
WITH renamed AS (
    UPDATE role_profiles p SET name = r.name, description = r.description FROM staged_roles r
    WHERE p.status = 'template' AND p.external_uri = r.uri
    AND (p.name, p.description) IS DISTINCT FROM (r.name, r.description)
    RETURNING p.id
)
INSERT INTO touched SELECT id FROM renamed
"""
LOSE = """
WITH lost AS (
    DELETE FROM role_requirements q USING role_profiles p
    WHERE q.role_id = p.id AND p.status = 'template' AND p.external_uri IN (SELECT uri FROM staged_roles)
    AND NOT EXISTS (SELECT FROM wanted w WHERE w.uri = p.external_uri AND w.skill_id = q.skill_id)
    RETURNING q.role_id
)
INSERT INTO touched SELECT role_id FROM lost
"""
GAIN = """
WITH gained AS (
    INSERT INTO role_requirements (role_id, skill_id, level, weight, must)
    SELECT p.id, w.skill_id, w.level, w.weight, w.must
    FROM wanted w JOIN role_profiles p ON p.status = 'template' AND p.external_uri = w.uri
    WHERE NOT EXISTS (
        SELECT FROM role_requirements q WHERE q.role_id = p.id AND q.skill_id = w.skill_id
        AND (q.level, q.weight, q.must) = (w.level, w.weight, w.must)
    )
    ON CONFLICT (role_id, skill_id) DO UPDATE
    SET level = excluded.level, weight = excluded.weight, must = excluded.must
    WHERE (role_requirements.level, role_requirements.weight, role_requirements.must)
    IS DISTINCT FROM (excluded.level, excluded.weight, excluded.must)
    RETURNING role_id
)
INSERT INTO touched SELECT role_id FROM gained
"""
BUMP = """
UPDATE role_profiles SET version = version + 1, updated_at = now() WHERE id IN (SELECT role_id FROM touched)
"""
ADD = """
INSERT INTO role_profiles (name, description, status, external_uri, source)
SELECT r.name, r.description, 'template', r.uri, :source FROM staged_roles r
WHERE NOT EXISTS (SELECT FROM role_profiles p WHERE p.status = 'template' AND p.external_uri = r.uri)
ORDER BY r.name, r.uri
RETURNING id
"""
FILL = """
INSERT INTO role_requirements (role_id, skill_id, level, weight, must)
SELECT p.id, w.skill_id, w.level, w.weight, w.must
FROM role_profiles p JOIN wanted w ON w.uri = p.external_uri
WHERE p.id = ANY(:fresh) AND p.status = 'template'
ORDER BY p.id, w.must DESC, w.weight DESC, w.skill_id
"""


class SkillsNotImported(Invalid):
    """The catalogue has none of the skills that these occupations ask for: import the skills of the source first."""


@dataclass(slots=True)
class Outcome:
    """What an import did (or, rolled back, would do)."""

    read: int
    requirements: int = 0
    added: int = 0
    changed: int = 0
    unchanged: int = 0
    dropped: list[str] = field(default_factory=list)
    without_skills: int = 0  # occupations that make no template
    unknown_demands: int = 0  # whose skill the catalogue lacks
    retired_demands: int = 0  # whose skill is retired here
    refused: dict[str, int] = field(default_factory=dict)
    attribution: str | None = None


def put_templates(given: Occupations, tell: Tell = lambda what, done, total: None) -> Outcome:
    """Hold the templates of a source to its occupations, within the caller's transaction.

    Raises:
        SkillsNotImported: none of the skills is known.
    """
    outcome = Outcome(read=len(given.found), refused=dict(given.refused))
    source = db.session.get(SkillSource, given.source)
    _stage(given, tell)
    outcome.unknown_demands, outcome.retired_demands = db.session.execute(text(UNKNOWN)).one()
    db.session.execute(text(RESOLVE))
    kept = db.session.execute(text("SELECT count(*) FROM staged_roles")).scalar_one()
    if source is None or not kept:
        raise SkillsNotImported(f"{SkillsNotImported.__doc__} `flask skills import {given.source} PATH`")
    outcome.attribution, outcome.without_skills = source.attribution, outcome.read - kept
    if given.is_whole:
        outcome.dropped = sorted(db.session.scalars(text(DROP), {"source": given.source}))
    _change(outcome)
    _add(given.source, outcome, tell)
    outcome.unchanged = kept - outcome.added - outcome.changed
    outcome.requirements = db.session.execute(text("SELECT count(*) FROM wanted")).scalar_one()
    _refresh()
    return outcome


def _stage(given: Occupations, tell: Tell) -> None:
    db.session.execute(text(STAGE))
    roles = [(one.uri, one.name, one.description) for one in given.found.values()]
    demands = [(one.uri, *demand) for one in given.found.values() for demand in one.demands]
    _copy("staged_roles", roles, tell)
    _copy("staged_demands", demands, tell)
    db.session.execute(text("ANALYZE staged_demands"))


def _change(outcome: Outcome) -> None:
    """Bring the templates that are there up to the source."""
    for statement in (RENAME, LOSE, GAIN):
        db.session.execute(text(statement))
    db.session.execute(text(BUMP))
    outcome.changed = db.session.execute(text("SELECT count(DISTINCT role_id) FROM touched")).scalar_one()


def _add(source: str, outcome: Outcome, tell: Tell) -> None:
    """The new ones come last, so that what is written for them is compared with nothing."""
    fresh = list(db.session.scalars(text(ADD), {"source": source}))
    for start in range(0, len(fresh), FILLED):
        db.session.execute(text(FILL), {"fresh": fresh[start : start + FILLED]})
        tell("role_profiles", min(start + FILLED, len(fresh)), len(fresh))
    outcome.added = len(fresh)


def _refresh() -> None:
    """Let the planner and the session know what is there now."""
    db.session.execute(text("SELECT gin_clean_pending_list('ix_role_profiles_name_trgm')"))
    db.session.execute(text("ANALYZE role_profiles, role_requirements"))
    db.session.expire_all()


def _copy(table: str, rows: Sequence[Iterable], tell: Tell) -> None:
    cursor = db.session.connection().connection.cursor()
    for start in range(0, len(rows), CHUNK):
        buffer = io.StringIO()
        csv.writer(buffer, lineterminator="\n").writerows(rows[start : start + CHUNK])
        buffer.seek(0)
        cursor.copy_expert(f"COPY {table} FROM STDIN WITH (FORMAT csv)", buffer)
        tell(table, min(start + CHUNK, len(rows)), len(rows))
