"""Everything stored about a person: read as one document, erased as one act.

Only they themselves read it: scores and decisions about a person are shown to nobody else.
"""

from typing import Any

from sqlalchemy import delete, func, select
from sqlalchemy.dialects.postgresql import Range

from smartskill.database import now
from smartskill.extensions import db
from smartskill.privacy.services.places import PLACES, Place
from smartskill.qualification.models import EvidenceFile, Qualification
from smartskill.qualification.services.files import discard
from smartskill.user.models import User
from smartskill.user.services.accounts import erase_user
from smartskill.user.services.credentials import confirm_password


def collect_data(user: User) -> dict[str, Any]:
    """All rows about a person, by section; what is stored once for a person is an object, else a list."""
    found: dict[str, Any] = {"exported_at": now()}
    for place in PLACES:
        if place.section is not None:
            found[place.section] = _rows(place, user)
    [found["profile"]] = found["profile"]
    for section in ("resume_remainder", "mail_settings"):
        found[section] = found[section][0] if found[section] else None
    return found


def _rows(place: Place, user: User) -> list[dict[str, Any]]:
    table = place.source
    columns = [column for column in table.columns if column.name not in place.hidden]
    rows = db.session.execute(select(*columns).where(place.rows_of(user)).order_by(*table.primary_key))
    return [{name: _plain(value) for name, value in row._mapping.items()} for row in rows]


def _plain(value: Any) -> Any:
    if isinstance(value, Range):
        return {"from": value.lower, "until": value.upper}  # until: the first day that no longer counts
    return value


def erase_data(user: User, password: str, scope: str) -> dict[str, int]:
    """Erase what is stored about a person; answers how many rows went, by section.

    `everything` is the account with all that hangs on it, files of evidence included; ratings given to others stay,
    without the rater. `activity` is what was collected and concluded to decide on notices: events, decisions,
    predictions.

    Raises:
        PasswordWrong: it is not their password.
        LastAdmin: nobody would be left to run this.
    """
    confirm_password(user, password, "password")
    return _erase_learned(user) if scope == "activity" else _erase_all(user)


def _erase_learned(user: User) -> dict[str, int]:
    places = [place for place in PLACES if place.is_learned]
    return {place.section: _delete(place, user) for place in places if place.section is not None}


def _erase_all(user: User) -> dict[str, int]:
    counts = {
        place.section: _count(place, user)
        for place in PLACES
        if place.section is not None and place.erasing != "unlink"
    }
    held = select(EvidenceFile).join(Qualification).where(Qualification.user_id == user.id)
    for file in db.session.scalars(held):
        discard(file)
    for place in PLACES:
        if place.erasing == "by hand":
            _delete(place, user)
    erase_user(user)
    return {section: count for section, count in counts.items() if count}


def _count(place: Place, user: User) -> int:
    return db.session.scalar(select(func.count()).select_from(place.source).where(place.rows_of(user))) or 0


def _delete(place: Place, user: User) -> int:
    count = _count(place, user)
    db.session.execute(delete(place.source).where(place.rows_of(user)))
    return count
