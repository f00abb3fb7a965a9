"""Whose profile a file about one person is: that of the address in it, where nobody says otherwise."""

from typing import Any

from smartskill.exchange.services.files.people import valid_address
from smartskill.exchange.services.files.reading import DOCUMENTS, format_of, read_document
from smartskill.exchange.services.files.unreadable import FileUnreadable
from smartskill.user.models import User
from smartskill.user.services.accounts import find_user
from smartskill.user.services.invitations import add_person


def find_owner(content: bytes, asked: str, *, creates_people: bool) -> User | None:
    """The person that a file is about; None for a file about many.

    Raises:
        FileUnreadable: it cannot be read, names no address, or one that is nobody's and no account is to be made.
    """
    kind, _ = format_of(content, asked)
    if kind not in DOCUMENTS:
        return None
    basics: Any = read_document(content, kind).sections.get("basics")
    basics = basics if isinstance(basics, dict) else {}
    address = valid_address(str(basics.get("email") or ""))
    if address is None:
        raise FileUnreadable.because("The file names no address: say whose profile it is.")
    owner = find_user(address)
    if owner is None and not creates_people:
        raise FileUnreadable.because(f"Nobody here has the address {address}.")
    name = str(basics.get("name") or "").replace("\x00", "").strip()[:200]
    return owner or add_person({"email": address} | ({"full_name": name} if name else {}))
