"""Where personal data lives: one line for each column of each table that leads to a person.

A test holds it against the tables: a new one that leads to a person and has no line here fails it. So does a line whose
`erasing` is not what the database does.
"""

from dataclasses import dataclass
from typing import Literal

from sqlalchemy import ColumnElement, MetaData, Table, select

from smartskill.database import Base
from smartskill.user.models import User

Erasing = Literal["row", "unlink", "by hand"]
BY_RULE: dict[str | None, Erasing] = {"CASCADE": "row", "SET NULL": "unlink"}  # of a foreign key's ON DELETE


@dataclass(frozen=True)
class Place:
    """A column that leads to a person.

    `section` is the key in the export, or None where the row is another's or a tool's, which `because` says.
    `erasing`: with the account the row goes, or only its link to the person; or the erasure has to see to it.
    """

    table: str
    column: str
    section: str | None
    erasing: Erasing = "row"
    hidden: tuple[str, ...] = ()  # columns that are secrets or repeat the person's id
    through: str | None = None  # the table to whose primary key the column points, on the way to the person
    because: str = ""
    is_learned: bool = False  # what is collected and concluded to decide on notices

    def rows_of(self, user: User) -> ColumnElement[bool]:
        """The condition that selects a person's rows."""
        column = self.source.c[self.column]
        if self.through is not None:
            way = next(place for place in PLACES if place.table == self.through and place.erasing == "row")
            [key] = way.source.primary_key
            return column.in_(select(key).where(way.rows_of(user)))
        return column == (user.email if self.column == "email" else user.id)

    @property
    def source(self) -> Table:
        """The table."""
        return Base.metadata.tables[self.table]


OTHERS = "The row is about another person."
PLACES: tuple[Place, ...] = (
    Place("users", "id", "profile", hidden=("password_hash",)),
    Place("users", "manager_id", None, "unlink", because=OTHERS),
    Place("user_sessions", "user_id", "sessions", hidden=("user_id", "network_digest")),
    Place("refresh_tokens", "session_id", None, through="user_sessions", because="Tokens; their sessions are shown."),
    Place("team_memberships", "user_id", "team_memberships", hidden=("user_id",)),
    Place("reporting_lines", "user_id", "reporting_lines", hidden=("user_id",)),
    Place("reporting_lines", "manager_id", None, because=OTHERS),
    Place("badges", "user_id", "badges", hidden=("user_id", "content")),
    Place("badge_issuers", "added_by_id", None, "unlink", because=OTHERS),
    Place("skill_suggestions", "user_id", "suggestions", hidden=("user_id",)),
    Place("words_readings", "user_id", None, because="When their words were read; see suggestions."),
    Place("user_skills", "user_id", "levels", hidden=("user_id",)),
    Place("ratings", "user_id", "ratings_received", hidden=("user_id",)),
    Place("ratings", "rater_id", "ratings_given", "unlink", hidden=("rater_id",)),
    Place("endorsements", "user_id", "endorsements_received", hidden=("user_id",)),
    Place("endorsements", "endorser_id", "endorsements_given", hidden=("endorser_id",)),
    Place("skills", "proposed_by_id", "skills_proposed", "unlink", hidden=("proposed_by_id",)),
    Place("skill_merges", "merged_by_id", None, "unlink", because="A merge is the catalogue's."),
    Place("skill_merges", "undone_by_id", None, "unlink", because="A merge is the catalogue's."),
    Place("skill_merge_rows", "user_id", "rows_folded_by_merges", hidden=("user_id",)),
    Place("skill_merge_rows", "author_id", "rows_of_mine_folded_by_merges", hidden=("author_id",)),
    Place("experiences", "user_id", "experience", hidden=("user_id", "words")),
    Place("experience_skills", "experience_id", "experience_skills", through="experiences"),
    Place("qualifications", "user_id", "qualifications", hidden=("user_id",)),
    Place("qualifications", "reviewed_by_id", None, "unlink", because=OTHERS),
    Place("evidence_files", "qualification_id", "evidence_files", through="qualifications"),
    Place("resume_remainders", "user_id", "resume_remainder", hidden=("user_id",)),
    Place("role_assignments", "user_id", "roles", hidden=("user_id",)),
    Place("exemptions", "user_id", "exemptions", hidden=("user_id",)),
    Place("exemptions", "granted_by_id", None, "unlink", because=OTHERS),
    Place("saved_searches", "user_id", "saved_searches", hidden=("user_id",)),
    Place("search_matches", "search_id", "saved_search_matches", through="saved_searches"),
    Place("search_matches", "user_id", None, because="It is a part of another person's search."),
    Place("team_plans", "user_id", "team_plans", hidden=("user_id", "result")),
    Place("dismissed_skills", "user_id", "dismissed_skills", hidden=("user_id",)),
    Place("file_imports", "requested_by_id", "files_handed_in", hidden=("requested_by_id", "preview", "mapping")),
    Place("file_imports", "owner_id", None, because="Handed in by the person themselves; see files_handed_in."),
    Place("import_faults", "import_id", None, through="file_imports", because="Rows to be corrected."),
    Place("external_people", "user_id", "ids_elsewhere", hidden=("user_id",)),
    Place("notifications", "user_id", "notifications", hidden=("user_id",)),
    Place("deliveries", "user_id", "deliveries", hidden=("user_id", "unsubscribe_key")),
    Place("clicks", "delivery_id", "mail_clicks", through="deliveries"),
    Place("bounces", "delivery_id", "mail_bounces", through="deliveries"),
    Place("bounces", "email", None, "by hand", because="Where a mail to them went; see mail_bounces."),
    Place("preferences", "user_id", "preferences", hidden=("user_id",)),
    Place("mail_settings", "user_id", "mail_settings", hidden=("user_id",)),
    Place("suppressions", "email", "mail_suppressions", "by hand"),
    Place("consents", "user_id", "consents", hidden=("user_id",)),
    Place("interaction_events", "user_id", "events", hidden=("user_id",), is_learned=True),
    Place("decisions", "user_id", "decisions", hidden=("user_id",), is_learned=True),
    Place("predictions", "user_id", "predictions", hidden=("user_id",), is_learned=True),
    Place(
        "plan_runs", "requested_by_id", None, "unlink", because="A run is the operator's; it holds nothing of a person."
    ),
    Place("plan_runs", "only_user_id", None, because="A run for one person holds no more than that; see decisions."),
    Place("plan_chunks", "run_id", None, through="plan_runs", because="Counts of a run."),
    Place("idempotency_keys", "user_id", None, "by hand", because="Answers to one's own requests, for a day."),
)


def missing_places(metadata: MetaData) -> list[str]:
    """The columns that lead to a person and have no line here, or one that says otherwise than the database does.

    A column leads there if its foreign key points at people or at rows that go with a person, or if it is called so.
    """
    known = {(place.table, place.column): place for place in PLACES}
    gone_with = {place.table for place in PLACES if place.erasing == "row"}
    missing = []
    for table in metadata.sorted_tables:
        for column in table.columns:
            place = known.get((table.name, column.name))
            rule = _rule(column, gone_with)
            if rule is not None and (place is None or place.erasing != rule):
                missing.append(f"{table.name}.{column.name}")
    return missing


def _rule(column: ColumnElement, gone_with: set[str]) -> Erasing | None:
    """What becomes of a person's row by this column; None if it leads to nobody."""
    for key in column.foreign_keys:
        target = key.column.table.name
        if target == "users" or (target in gone_with and key.ondelete == "CASCADE"):
            return BY_RULE.get(key.ondelete, "by hand")
    if column.table.name == "users":
        return "row" if column.primary_key else None
    return "by hand" if not column.foreign_keys and column.name in ("user_id", "email", "username") else None
