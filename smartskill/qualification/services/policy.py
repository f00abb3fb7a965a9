"""Who sees and changes qualifications: the holder; to read, managers above and HR. HR reviews, never their own."""

from typing import Any

from sqlalchemy import or_, select, true

from smartskill.extensions import db
from smartskill.kit.access import has_role
from smartskill.kit.errors import Forbidden, Invalid, NotFound
from smartskill.qualification.models import Qualification
from smartskill.user.models import User
from smartskill.user.services.accounts import get_user
from smartskill.user.services.organisation import reports_of
from smartskill.user.services.policy import may_see_inactive, may_see_private


class NotYourQualification(Forbidden):
    """Only its holder changes a qualification."""


class NotTheirManager(Forbidden):
    """Only they themselves, a manager above them or HR may do this for a person."""


class OnlyHrReviews(Forbidden):
    """Only HR verifies, rejects and revokes."""


class OwnReview(Forbidden):
    """Nobody reviews their own qualification."""


def visible_to(me: User) -> Any:
    """The condition under which rows may be seen by a person."""
    if has_role(me, "hr"):
        return true()
    is_active = Qualification.user_id.not_in(select(User.id).where(~User.is_active))  # these are few, and indexed
    return or_(Qualification.user_id == me.id, is_active & Qualification.user_id.in_(reports_of(me.id)))


def may_see(row: Qualification, me: User) -> bool:
    """Whether `visible_to` holds for one row."""
    is_there = db.session.get_one(User, row.user_id).is_active or may_see_inactive(me)
    return is_there and may_see_private(me, row.user_id)


def require_holder(row: Qualification, me: User) -> None:
    """Raises: NotYourQualification."""
    if row.user_id != me.id:
        raise NotYourQualification()


def get_holder(data: dict[str, Any], me: User) -> User:
    """For whom a new one is: `me` unless the body names another.

    Raises:
        Invalid: there is no such person.
        NotTheirManager: it is another, and `me` is neither above them nor HR.
    """
    user_id = data.pop("user_id", me.id)
    try:
        holder = get_user(user_id, me)
    except NotFound as error:
        raise Invalid.field("user_id", "There is no such person.") from error
    if not acts_for(holder.id, me):
        raise NotTheirManager()
    return holder


def acts_for(user_id: int, me: User) -> bool:
    """Whether `me` may add and submit for a person: it is they, or `me` is HR or above them."""
    return may_see_private(me, user_id)


def require_reviewer(row: Qualification, me: User, decision: str) -> None:
    """Raises: NotTheirManager (submit), OnlyHrReviews, OwnReview."""
    if decision == "submit":
        if not acts_for(row.user_id, me):
            raise NotTheirManager()
    elif not has_role(me, "hr"):
        raise OnlyHrReviews()
    elif row.user_id == me.id:
        raise OwnReview()
