"""Planning as a worker does it, for tests."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select

from smartskill.database import now
from smartskill.engagement.insights import planning
from smartskill.engagement.models import Decision
from smartskill.engagement.services import runs
from smartskill.engagement.services.people import IdRange
from smartskill.engagement.services.slots import Window
from smartskill.engagement.services.still_so import Told, narrow
from smartskill.engagement.tasks import plan, plan_chunk
from smartskill.extensions import db
from smartskill.notifications.models import Delivery, Notification
from smartskill.user.models import User


def plan_now(user: User | None = None, *, is_forced: bool = True) -> dict:
    """A whole run through its jobs, as `flask notify plan --now` asks for it."""
    run = runs.start_run(is_forced=is_forced, only_user_id=user.id if user else None)
    db.session.commit()
    plan(run.id)
    for chunk in list(runs.get_run(run.id).chunks):
        plan_chunk(run.id, chunk.number)
    return runs.show_run(runs.get_run(run.id))


def plan_at(at: datetime, *people: User, is_forced: bool = False, price: float = 0.0) -> dict[str, int]:
    """Decide and write for some people as if it were another moment, with the window of a daily run."""
    one = IdRange(min(person.id for person in people), max(person.id for person in people))
    moment = planning.Moment(at, Window.after(None, at), is_forced)
    return planning.write_plan(planning.make_plan(one, moment, price), at, None)


def decisions_about(user: User, mail_class: str | None = None) -> Sequence[Decision]:
    found = select(Decision).where(Decision.user_id == user.id).order_by(Decision.id)
    return db.session.scalars(found.where(Decision.mail_class == mail_class) if mail_class else found).all()


def mails_to(user: User, mail_class: str | None = None) -> Sequence[Delivery]:
    found = select(Delivery).where(Delivery.user_id == user.id).order_by(Delivery.id)
    return db.session.scalars(found.where(Delivery.mail_class == mail_class) if mail_class else found).all()


def inbox_of(user: User) -> Sequence[Notification]:
    return db.session.scalars(select(Notification).filter_by(user_id=user.id).order_by(Notification.id)).all()


def narrowed(user: User, kind: str, evidence: dict) -> dict | None:
    """What is still so of what one person was told."""
    return narrow([Told(user.id, kind, evidence)], now().date())[0]


def settled(user: User) -> User:
    """Somebody who has been here for long, so that nobody welcomes them."""
    user.created_at = now().replace(year=now().year - 2)
    db.session.flush()
    return user
