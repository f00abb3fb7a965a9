"""What a searcher may see, looked up once: the people below them, whose hidden levels and experience are theirs to see.

A search asks several times, and a recursion inside each would cost more than the search.
"""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import ARRAY, ColumnElement, Integer, Select, String, cast, func, select

from smartskill.experience.services import visible_to
from smartskill.extensions import db
from smartskill.kit.access import has_role
from smartskill.kit.arrays import array_of
from smartskill.skills.services.policy import visible_levels
from smartskill.user.models import User
from smartskill.user.services.organisation import reports_of


@dataclass(frozen=True)
class Sight:
    """A searcher, and who is below them; for HR that is not looked up, since they see all."""

    asker: Any
    below: Any = "{}"  # an array of their ids as text, or a parameter that is one

    @property
    def levels(self) -> ColumnElement[bool]:
        """The condition that a level is one that they may see."""
        return visible_levels(self.asker, self._below())

    @property
    def experience(self) -> ColumnElement[bool]:
        """The condition that an experience is one that they may see."""
        return visible_to(self.asker, self._below())

    def _below(self) -> Select:
        """As a query: of a list so long the planner would weigh every id, each time that it stands in a statement."""
        return select(func.unnest(array_of(self.below)))


def sight_of(asker: Any) -> Sight:
    """Look up what a person may see, now. Most people are above nobody, which is quicker asked than walked."""
    directly = select(User.id).filter_by(manager_id=asker.id).limit(1)
    if has_role(asker, "hr") or db.session.scalar(directly) is None:
        return Sight(asker)
    below = func.array(
        reports_of(asker.id).scalar_subquery(), type_=ARRAY(Integer)
    )  # thousands of rows would take longer
    return Sight(asker, db.session.scalar(select(cast(below, String))))
