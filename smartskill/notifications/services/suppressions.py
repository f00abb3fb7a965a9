"""Addresses that are not written to: `all` stops every mail, `subscription` only what a person did not have to get."""

from sqlalchemy import Select, select
from sqlalchemy.dialects.postgresql import insert

from smartskill.database import now
from smartskill.extensions import db
from smartskill.kit.errors import NotFound
from smartskill.notifications.models import Suppression

SCOPES = ("all", "subscription")


class SuppressionMissing(NotFound):
    """There is no such suppression."""


def suppress(email: str, scope: str, reason: str) -> Suppression:
    """Stop mail to an address; said twice, it is done once, and one that was lifted holds again."""
    facts = {"email": email.lower(), "scope": scope, "reason": reason, "created_at": now()}
    again = {"reason": reason, "created_at": now(), "lifted_at": None, "lifted_because": None}
    statement = insert(Suppression).values(facts)
    db.session.execute(
        statement.on_conflict_do_update(
            index_elements=["email", "scope"], set_=again, where=Suppression.lifted_at.is_not(None)
        )
    )
    mine = select(Suppression).filter_by(email=email.lower(), scope=scope)
    return db.session.scalars(mine.execution_options(populate_existing=True)).one()


def search_suppressions(*, email: str | None = None, scope: str | None = None, is_lifted: bool = False) -> Select:
    """The suppressions that hold, or those that were lifted; the newest first."""
    found = select(Suppression).where(
        Suppression.lifted_at.is_not(None) if is_lifted else Suppression.lifted_at.is_(None)
    )
    if email is not None:
        found = found.where(Suppression.email == email.lower())
    if scope is not None:
        found = found.where(Suppression.scope == scope)
    return found.order_by(Suppression.created_at.desc(), Suppression.id.desc())


def get_suppression(suppression_id: int, *, for_update: bool = False) -> Suppression:
    """One of them.

    Raises:
        SuppressionMissing
    """
    row = db.session.get(Suppression, suppression_id, with_for_update=for_update, populate_existing=for_update)
    if row is None:
        raise SuppressionMissing()
    return row


def lift(row: Suppression, because: str) -> Suppression:
    """Let mail go to the address again; the row stays, with the reason. Lifted twice, the first holds."""
    if row.lifted_at is None:
        row.lifted_at, row.lifted_because = now(), because
        db.session.flush()
    return row
