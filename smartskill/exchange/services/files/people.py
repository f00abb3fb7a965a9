"""Who the people of a file are: by what the mapping says, else by address, id in the other system, user name, or name.

Nobody is made in silence. A name counts where one active person alone is called so; an address that is given and
nobody's is not made up for by a name.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from email_validator import EmailNotValidError, validate_email
from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import insert as upsert

from smartskill.exchange.models import ExternalPerson
from smartskill.exchange.services.files.columns import Column
from smartskill.extensions import db
from smartskill.user.models import User
from smartskill.user.services.invitations import add_person

CHUNK = 1_000
MAX_ID = 200


class Who(NamedTuple):
    """What a row says of its person; the texts as given, or empty."""

    email: str = ""
    employee_id: str = ""
    username: str = ""
    name: str = ""

    @property
    def label(self) -> str:
        """How the file calls the person."""
        return next((text for text in self if text), "")


def who_is_in(cells: Sequence[str], places: Mapping[str, int]) -> Who:
    """The person of a row, by the places of the columns that name one."""

    def text(meaning: str) -> str:
        place = places.get(meaning)
        return " ".join(cells[place].split()) if place is not None and place < len(cells) else ""

    parts = " ".join(filter(None, map(text, ("first_name", "middle_name", "last_name"))))
    return Who(text("email"), text("employee_id"), text("username"), text("name") or parts)


def person_places(columns: Iterable[Column]) -> dict[str, int]:
    """Where the columns are that name a person."""
    meanings = {*Who._fields, "first_name", "middle_name", "last_name"}
    return {str(column.meaning): column.index for column in columns if column.meaning in meanings}


class People:
    """The people of a file, looked up once for all rows."""

    def __init__(self, asked: Iterable[Who], system: str, own: Mapping[str, str]) -> None:
        self.system = system
        self.own = {key.casefold(): address for key, address in own.items()}
        self.asked = Counter(asked)
        self.created = 0
        addresses = {who.email.lower() for who in self.asked} | {address.lower() for address in own.values()}
        self.by_email = _find(func.lower(User.email), addresses)
        self.by_username = _find(func.lower(User.username), {who.username.lower() for who in self.asked})
        self.by_id = self._external({who.employee_id for who in self.asked})
        self.by_name, self.shared = _find_names({who.name for who in self.asked})
        self.found: dict[Who, int | None] = {who: self._look(who) for who in self.asked}

    def _external(self, ids: set[str]) -> dict[str, int]:
        wanted = [text[:MAX_ID] for text in ids if text]
        rows = select(ExternalPerson.external_id, ExternalPerson.user_id).where(
            ExternalPerson.system == self.system, ExternalPerson.external_id.in_(wanted)
        )
        return dict(db.session.execute(rows).all()) if wanted else {}

    def _look(self, who: Who) -> int | None:
        for text in who:
            if text and text.casefold() in self.own:
                return self.by_email.get(self.own[text.casefold()].lower())
        if who.email:
            return self.by_email.get(who.email.lower())
        known = self.by_id.get(who.employee_id) or self.by_username.get(who.username.lower())
        return known or self.by_name.get(who.name.casefold())

    def why_unknown(self, who: Who) -> str:
        """Why a row has no person here."""
        if not who.label:
            return "The row names nobody."
        if not who.email and who.name.casefold() in self.shared:
            return f"More than one person is called “{who.name}”: add their addresses, or say in `people` who it is."
        return f"Nobody here is “{who.label}”: say in the mapping's `people` who it is."

    def unknown(self, most: int) -> list[dict[str, Any]]:
        """Those nobody was found for, the most frequent first."""
        rows: Counter[str] = Counter()
        for who, count in self.asked.items():
            if self.found[who] is None and who.label:
                rows[who.label] += count
        return [{"value": label[:254], "rows": count, "candidates": []} for label, count in rows.most_common(most)]

    def create_missing(self) -> None:
        """Make accounts for those who have an address that is one; the others stay unknown."""
        made: dict[str, int] = {}
        for who in [who for who, user_id in self.found.items() if user_id is None and who.email]:
            address = valid_address(who.email)
            if address is None:
                continue
            if address.lower() not in made:
                user = add_person({"email": address} | ({"full_name": who.name[:200]} if who.name else {}))
                made[address.lower()] = user.id
            self.found[who] = made[address.lower()]
        self.created = len(made)

    def remember(self) -> None:
        """Keep who the ids of the other system are."""
        facts = [
            {"system": self.system, "external_id": who.employee_id[:MAX_ID], "user_id": user_id}
            for who, user_id in self.found.items()
            if who.employee_id and user_id is not None
        ]
        if facts:
            unique = {fact["external_id"]: fact for fact in facts}
            row = upsert(ExternalPerson)
            renewed = {"user_id": row.excluded.user_id}
            db.session.execute(
                row.on_conflict_do_update(index_elements=["system", "external_id"], set_=renewed), list(unique.values())
            )


def _find(column: Any, texts: set[str]) -> dict[str, int]:
    wanted = sorted(texts - {""})
    found: dict[str, int] = {}
    for place in range(0, len(wanted), CHUNK):
        rows = select(column, User.id).where(column.in_(wanted[place : place + CHUNK]), User.is_active)
        found |= dict(db.session.execute(rows).all())
    return found


def _find_names(names: set[str]) -> tuple[dict[str, int], set[str]]:
    """Whom a name alone is enough for, and the names that more than one person bears."""
    wanted = {name.casefold() for name in names if name}
    if not wanted:
        return {}, set()
    found: dict[str, list[int]] = {}
    rows = select(func.lower(User.full_name), User.id).where(
        func.lower(User.full_name).in_(sorted(wanted)), User.is_active
    )
    for name, user_id in db.session.execute(rows):
        found.setdefault(name, []).append(user_id)
    alone = {name: ids[0] for name, ids in found.items() if len(ids) == 1}
    return alone, {name for name, ids in found.items() if len(ids) > 1}


def valid_address(address: str) -> str | None:
    """An address in its usual form; None where it is none."""
    try:
        return validate_email(address, check_deliverability=False, test_environment=True).normalized
    except EmailNotValidError:
        return None
