"""Which people a job looks at: ranges of ids, so that a job's arguments are two numbers however many they are."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import and_, func, or_, select

from smartskill.activity.services import allowing
from smartskill.extensions import db
from smartskill.user.models import User


@dataclass(frozen=True)
class IdRange:
    """People from one id to another, both included; of these every so-manieth, where not all are needed."""

    first: int
    last: int
    every: int = 1

    def holds(self, column: Any) -> Any:
        """The SQL condition."""
        within = column.between(self.first, self.last)
        return within if self.every == 1 else and_(within, column % self.every == 0)


EVERYBODY = IdRange(1, 2**31 - 1)


def is_here() -> Any:
    """The SQL condition that somebody has an active account and took it up."""
    return and_(User.is_active, or_(User.invited_at.is_(None), User.password_hash.is_not(None)))


def who_allows(column: Any) -> Any:
    """The SQL condition that a person lets us learn from what they do: tracking and prediction both."""
    return and_(allowing("tracking", column), allowing("prediction", column))


def find_people(people: IdRange) -> Sequence[User]:
    """The people of a range who may be told something, by id."""
    return db.session.scalars(select(User).where(people.holds(User.id), is_here()).order_by(User.id)).all()


def find_allowing(people: IdRange) -> set[int]:
    """Those of a range about whom we may learn."""
    return set(db.session.scalars(select(User.id).where(people.holds(User.id), who_allows(User.id))))


def sample_people(most: int) -> IdRange:
    """Everybody, or an even sample of about so many where they are more."""
    count = db.session.scalar(select(func.count()).select_from(User)) or 0
    return IdRange(EVERYBODY.first, EVERYBODY.last, max(-(-count // most), 1))


def split_people(size: int) -> list[tuple[IdRange, int]]:
    """Everybody in ranges of about `size` people, each with how many there are."""
    numbered = select(User.id, ((func.row_number().over(order_by=User.id) - 1) / size).label("part")).where(is_here())
    part = numbered.subquery()
    found = select(func.min(part.c.id), func.max(part.c.id), func.count()).group_by(func.floor(part.c.part))
    return [
        (IdRange(first, last), count) for first, last, count in db.session.execute(found.order_by(func.min(part.c.id)))
    ]
