"""Badges as their owners see them: handed in, listed, checked again, taken back."""

import hashlib

from sqlalchemy import Select, select

from smartskill.exchange.models import Badge
from smartskill.exchange.services.badges.checking import looks_like_badge
from smartskill.extensions import db
from smartskill.kit.errors import Invalid, NotFound
from smartskill.kit.transaction import defer
from smartskill.user.models import User

MAX_BYTES = 1_048_576
CHECK = "smartskill.exchange.tasks.check_badge"


def hand_in_badge(owner: User, content: bytes) -> Badge:
    """Keep a badge and have it checked; the same one again is the same row, checked anew.

    Raises:
        Invalid: empty, larger than a mebibyte, or by its bytes no JWT, JSON, PNG or SVG.
    """
    if not content:
        raise Invalid.field("file", "The file is empty.")
    if len(content) > MAX_BYTES:
        raise Invalid.field("file", f"The file is larger than {MAX_BYTES} bytes.")
    if not looks_like_badge(content):
        raise Invalid.field("file", "Not a badge: give a JWT, a JSON-LD document, or a PNG or SVG with one baked in.")
    digest = hashlib.sha256(content).hexdigest()
    row = db.session.scalars(select(Badge).filter_by(user_id=owner.id, digest=digest)).first()
    if row is None:
        row = Badge(user_id=owner.id, content=content, digest=digest)
        db.session.add(row)
        db.session.flush()
    return check_again(row)


def check_again(row: Badge) -> Badge:
    """Have a badge checked in the background."""
    row.state, row.reason = "queued", None
    db.session.flush()
    defer(CHECK, row.id, job_id=f"badge-{row.id}")
    return row


def search_badges(owner: User) -> Select:
    """A person's badges, newest first."""
    return select(Badge).filter_by(user_id=owner.id).order_by(Badge.id.desc())


def get_badge(badge_id: int, me: User, *, is_locked: bool = False) -> Badge:
    """A badge of one's own. Raises: NotFound."""
    row = db.session.get(Badge, badge_id, with_for_update=is_locked or None, populate_existing=is_locked)
    if row is None or row.user_id != me.id:
        raise NotFound()
    return row


def take_back_badge(row: Badge) -> Badge:
    """Forget a badge; the qualification it filled in stays, and can be deleted by itself."""
    db.session.delete(row)
    db.session.flush()
    return row
