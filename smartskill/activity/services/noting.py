"""Acts that only look (a page opened, a search): written after the answer, so that recording never slows a request.

A process that is killed loses the looks of its last second: that does no harm, a slow page does. What people *do* is
recorded in the transaction that does it.
"""

from typing import Any

import orjson
from sqlalchemy import Boolean, DateTime, Integer, Text, cast, column, func, insert, literal, select, table
from sqlalchemy.dialects.postgresql import JSONB

from smartskill.activity.services.consent import said
from smartskill.activity.services.recording import EVENTS, facts_of
from smartskill.database import now
from smartskill.extensions import db
from smartskill.kit.json import OPTIONS
from smartskill.kit.later import later

LOOKS = "looks"
COLUMNS: dict[str, Any] = {
    "user_id": Integer, "kind": Text, "subject_type": Text, "subject_id": Integer, "source": Text,
    "occurred_at": DateTime(timezone=True), "props": JSONB, "is_automated": Boolean,
}  # fmt: skip


def note(
    user_id: int,
    kind: str,
    *,
    subject_type: str | None = None,
    subject_id: int | None = None,
    props: dict[str, Any] | None = None,
) -> None:
    """Note that somebody looked; it is written shortly, if they allow it, whatever becomes of this transaction."""
    facts = facts_of(kind, "api", props)
    if facts is not None:
        about = {"user_id": user_id, "subject_type": subject_type, "subject_id": subject_id, "occurred_at": now()}
        later(LOOKS).add(facts | about)


def write_looks(looks: list[dict[str, Any]]) -> None:
    """Write the looks of people who are still here and allowed it when they looked."""
    written = literal(orjson.dumps(looks, option=OPTIONS).decode(), Text)
    given = func.jsonb_to_recordset(cast(written, JSONB))
    look = given.table_valued(*(column(name, kind) for name, kind in COLUMNS.items()), name="look")
    look = look.render_derived(with_types=True)
    users = table("users", column("id"))
    found = select(*(look.c[name] for name in COLUMNS)).join(users, users.c.id == look.c.user_id)
    allowed = found.where(said(look.c.user_id, "tracking", since=look.c.occurred_at))
    db.session.execute(insert(EVENTS).from_select([EVENTS.c[name] for name in COLUMNS], allowed))
