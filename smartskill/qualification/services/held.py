"""Qualifications that people hold: filled in from their type, renewed by a new row, their status never stored."""

from datetime import date, timedelta
from typing import Any

from dateutil.relativedelta import relativedelta
from sqlalchemy import Select, or_, select

from smartskill.activity.services.recording import record
from smartskill.database import now
from smartskill.extensions import db
from smartskill.kit.errors import Conflict, Invalid, NotFound
from smartskill.kit.pagination import ordered
from smartskill.kit.partial_date import PartialDate
from smartskill.qualification.models import EXPIRING_DAYS, Qualification, QualificationType
from smartskill.qualification.services.files import discard
from smartskill.qualification.services.granting import settle_grants
from smartskill.qualification.services.policy import may_see, visible_to
from smartskill.qualification.services.renewing import check_renewal, close_over
from smartskill.user.models import User

SORTS = {
    "title": Qualification.title,
    "issued_on": Qualification.issued_first_on,
    "expires_on": Qualification.expires_on,
    "submitted_at": Qualification.submitted_at,
    "created_at": Qualification.created_at,
    "updated_at": Qualification.updated_at,
}
PLAIN_FILTERS = ("kind", "type_id", "review_state")


class QualificationRevoked(Conflict):
    """It was revoked and does not change any more: add a new one."""


def status_is(status: str, day: date) -> Any:
    """`Qualification.status_on` as a condition."""
    last = Qualification.expires_on
    horizon = day + timedelta(days=EXPIRING_DAYS)
    return {
        "expired": last < day,
        "expiring": last.between(day, horizon),
        "valid": or_(last.is_(None), last > horizon),
    }[status]


def search_qualifications(query: dict[str, Any], me: User) -> Select:
    """The qualifications that `me` may see and that pass the filters, ordered."""
    found = select(Qualification).where(visible_to(me))
    if "user_id" in query:
        found = found.where(Qualification.user_id == (me.id if query["user_id"] == "me" else int(query["user_id"])))
    if "status" in query:
        found = found.where(status_is(query["status"], now().date()))
    for name in PLAIN_FILTERS:
        if name in query:
            found = found.where(getattr(Qualification, name) == query[name])
    if "q" in query:
        columns = (Qualification.title, Qualification.issuer)
        found = found.where(or_(*(column.icontains(query["q"], autoescape=True) for column in columns)))
    if "expires_before" in query:
        found = found.where(Qualification.expires_on < query["expires_before"])
    if "expires_after" in query:
        found = found.where(Qualification.expires_on > query["expires_after"])
    return ordered(found, query["sort"], SORTS, Qualification.id)


def get_qualification(qualification_id: int, me: User, *, is_locked: bool = False) -> Qualification:
    """A qualification, its row locked if it is about to be written.

    Raises:
        NotFound: there is none, or none that this person may see.
    """
    row = db.session.get(
        Qualification, qualification_id, with_for_update=is_locked or None, populate_existing=is_locked
    )
    if row is None or not may_see(row, me):
        raise NotFound()
    return row


def add_qualification(holder: User, data: dict[str, Any], *, by: User | None) -> Qualification:
    """Add a qualification, or a renewal of another one.

    Args:
        data: what the schema loaded; what it leaves out comes from the type.
        by: whose act it is; None as a part of an import, which records itself.
    Raises:
        Invalid: neither title nor type; no such type or predecessor; expires before it was issued.
        RenewedAlready: the predecessor has a successor.
    """
    facts = _filled(data)
    row = Qualification(user_id=holder.id, review_state="draft")
    check_renewal(row, facts.get("renews_id"))
    for name, value in facts.items():
        setattr(row, name, value)
    db.session.add(row)
    db.session.flush()
    if by is not None:
        kind = "qualification_renewed" if row.renews_id else "qualification_added"
        props = {} if row.renews_id else {"has_expiry": row.expires_on is not None, "via": "api"}
        record(by.id, kind, subject_type="qualification", subject_id=row.id, props=props)
    return row


def replace_qualification(row: Qualification, data: dict[str, Any]) -> Qualification:
    """Give it these facts and no others; what is left out comes from the type, as for a new one.

    Raises as `change_…`.
    """
    return change_qualification(row, _filled(data))


def change_qualification(row: Qualification, data: dict[str, Any]) -> Qualification:
    """Change the given fields. A change of what was submitted, verified or rejected makes it a draft again.

    Raises:
        Invalid: no such type or predecessor; expires before it was issued.
        RenewedAlready: the predecessor has another successor.
        QualificationRevoked: it was revoked.
    """
    _check_type(data.get("type_id"))
    if data.get("renews_id") != row.renews_id:
        check_renewal(row, data.get("renews_id"))
    _check_dates(data.get("issued_on", row.issued_on), data.get("expires_on", row.expires_on))
    for name, value in data.items():
        setattr(row, name, value)
    if db.session.is_modified(row):
        reopen(row)
        db.session.flush()
    return row


def reopen(row: Qualification) -> None:
    """Make it a draft: what was reviewed is no longer what it says, and shows no skills until it is verified again.

    Raises:
        QualificationRevoked: it was revoked.
    """
    if row.review_state == "revoked":
        raise QualificationRevoked()
    was_verified = row.review_state == "verified"
    row.review_state = "draft"
    row.submitted_at = row.reviewed_by_id = row.reviewed_at = row.review_note = None
    if was_verified:
        settle_grants(row.user_id)


def remove_qualification(row: Qualification) -> Qualification:
    """Delete a qualification, its evidence and the ratings it came to; one that renewed it renews its predecessor."""
    for file in row.evidence_files:
        discard(file)
    _ = row.renewed_by_id  # answered as it was
    db.session.delete(row)
    db.session.flush()
    close_over(row, is_deleted=True)
    if row.review_state == "verified":
        settle_grants(row.user_id)
    return row


def expiry(issued_on: PartialDate, validity_months: int) -> date:
    """The last valid day, from the latest day that the date of issue can mean; 31 January + 1 month = 28 February."""
    return issued_on.last + relativedelta(months=validity_months)


def _filled(data: dict[str, Any]) -> dict[str, Any]:
    """All facts, those left out taken from the type."""
    kind = _check_type(data.get("type_id"))
    facts = {"type_id": None, "issuer": kind and kind.issuer, "kind": kind.kind if kind else "certification"} | data
    if "title" not in facts:
        if kind is None:
            raise Invalid(errors={"title": ["Give a title or a type_id."], "type_id": ["Give a title or a type_id."]})
        facts["title"] = kind.name
    if "expires_on" not in facts:
        issued_on, months = facts.get("issued_on"), kind.validity_months if kind else None
        facts["expires_on"] = expiry(issued_on, months) if issued_on and months else None
    _check_dates(facts.get("issued_on"), facts["expires_on"])
    return facts


def _check_type(type_id: int | None) -> QualificationType | None:
    if type_id is None:
        return None
    found = db.session.get(QualificationType, type_id)
    if found is None:
        raise Invalid.field("type_id", "There is no such type.")
    return found


def _check_dates(issued_on: PartialDate | None, expires_on: date | None) -> None:
    if issued_on is not None and expires_on is not None and expires_on < issued_on.first:
        raise Invalid.field("expires_on", f"{expires_on} lies before it was issued, {issued_on}.")
