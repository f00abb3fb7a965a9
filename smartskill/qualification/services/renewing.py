"""Chains of renewals: each a new row that points at the one before; of several for one, at most one is live.

What was rejected or revoked renews nothing. The chain closes over a link that is revoked or deleted, so that what came
after it goes on renewing what came before.
"""

from datetime import date, timedelta
from functools import cache
from typing import Any

from sqlalchemy import ColumnElement, exists, or_, select
from sqlalchemy.orm import aliased

from smartskill.extensions import db
from smartskill.kit.errors import Conflict, Invalid
from smartskill.qualification.models import DEAD, Qualification


class RenewedAlready(Conflict):
    """This was renewed already."""


@cache
def is_live() -> ColumnElement[bool]:
    """The condition that a qualification counts: not rejected, not revoked, not replaced by a newer one.

    A newer one is its renewal, or one of the same type that is valid for longer.
    """
    newer = aliased(Qualification)
    is_another = (newer.id != Qualification.id) & newer.review_state.not_in(DEAD)
    is_same = (newer.user_id == Qualification.user_id) & (newer.type_id == Qualification.type_id)
    is_later = or_(newer.expires_on.is_(None), newer.expires_on > Qualification.expires_on)
    # Asked one by one, since each has an index; together they would be a look at all rows for each row.
    is_renewed = exists().where(is_another, newer.renews_id == Qualification.id)
    is_outlived = exists().where(is_another, is_same, is_later)
    return Qualification.review_state.not_in(DEAD) & ~is_renewed & ~is_outlived


def check_renewal(row: Qualification, renews_id: int | None) -> None:
    """A predecessor is the same holder's, counts, has no other live successor, and does not follow this one.

    Raises:
        Invalid: it is none of theirs, was rejected or revoked, or follows this one.
        RenewedAlready
    """
    if renews_id is None:
        return
    old = db.session.get(Qualification, renews_id)
    if old is None or old.user_id != row.user_id:
        raise Invalid.field("renews_id", "They hold no such qualification.")
    if old.review_state in DEAD:
        raise Invalid.field("renews_id", f"It was {old.review_state}: name the one before it, or none.")
    while old is not None:
        if row.id is not None and old.id == row.id:
            raise Invalid.field("renews_id", "It would renew itself.")
        old = db.session.get(Qualification, old.renews_id) if old.renews_id else None
    is_other = (Qualification.renews_id == renews_id) & (Qualification.id != (row.id or 0))
    if db.session.scalar(select(exists().where(is_other, Qualification.review_state.not_in(DEAD)))):
        raise RenewedAlready()


def close_over(row: Qualification, *, is_deleted: bool = False) -> None:
    """Let what renewed this one renew what this one renewed: it no longer counts. (One that is rejected and submitted
    again renews nothing that was renewed meanwhile: the database says so.)

    Args:
        is_deleted: whether its row is gone already, and with it what pointed at it.
    """
    next_id = row.renewed_by_id
    if next_id is None or (is_deleted and row.renews_id is None):
        return
    following = db.session.get(Qualification, next_id, with_for_update=True, populate_existing=True)
    if following is not None:
        following.renews_id = row.renews_id
        db.session.flush()


def describe_chain(row: Qualification, day: date) -> dict[str, Any]:
    """The chain that a qualification is part of, the first one first, and how its newest stands on a day.

    `overlap_days` and `gap_days` compare the first valid day of a renewal with the last one of what it renews; both are
    None where a date is missing.
    """
    rows = {held.id: held for held in db.session.scalars(select(Qualification).filter_by(user_id=row.user_id))}
    links = _chain_of(row, rows)
    newest = next((held for held in reversed(links) if held.review_state not in DEAD), None)
    nagging = set(db.session.scalars(select(Qualification.id).where(Qualification.id.in_(rows), is_live())))
    return {
        "newest_id": newest.id if newest else None,
        "status": newest.status_on(day) if newest else None,
        "review_state": newest.review_state if newest else None,
        "verified_status": _best_verified(links, day),
        "links": [
            {
                "qualification_id": held.id,
                "title": held.title,
                "issued_on": held.issued_on,
                "expires_on": held.expires_on,
                "status": held.status_on(day),
                "review_state": held.review_state,
                "renews_id": held.renews_id,
                "is_newest": held is newest,
                "is_reminded_of": held.id in nagging and held.expires_on is not None,
                **_seam(rows.get(held.renews_id or 0), held),
            }
            for held in links
        ],
    }


def _chain_of(row: Qualification, rows: dict[int, Qualification]) -> list[Qualification]:
    """The whole chain with what was turned down in it: each after what it renews, by issue and id."""
    first, seen = row, {row.id}
    while first.renews_id in rows and first.renews_id not in seen:
        first = rows[first.renews_id]
        seen.add(first.id)
    links, open_ids = [first], {first.id}
    while True:
        following = [held for held in rows.values() if held.renews_id in open_ids and held not in links]
        if not following:
            return links
        links += sorted(following, key=lambda held: (held.review_state not in DEAD, held.id))
        open_ids = {held.id for held in following}


def _seam(old: Qualification | None, new: Qualification) -> dict[str, int | None]:
    if old is None or old.expires_on is None or new.issued_on is None:
        return {"overlap_days": None, "gap_days": None}
    between = (new.issued_on.first - (old.expires_on + timedelta(days=1))).days
    return {"overlap_days": max(-between, 0), "gap_days": max(between, 0)}


def _best_verified(links: list[Qualification], day: date) -> str | None:
    """The best status among those that HR verified: what compliance sees."""
    found = {held.status_on(day) for held in links if held.review_state == "verified"}
    return next((status for status in ("valid", "expiring", "expired") if status in found), None)
