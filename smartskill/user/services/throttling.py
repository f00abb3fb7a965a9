"""How often one network may register or have mails sent. Signing in has rules of its own, in `signing_in`."""

from smartskill.kit.attempts import seconds_left, spend
from smartskill.kit.errors import TooMany
from smartskill.kit.settings import setting
from smartskill.user.services.signing_in import network_of


def admit_registration(address: str) -> None:
    """Count a registration.

    Raises:
        TooMany: enough from this network for now.
    """
    _admit(setting("REGISTRATIONS_PER_ADDRESS"), "register", network_of(address))


def admit_mail_request(address: str) -> None:
    """Count a request that may send somebody a mail.

    Raises:
        TooMany: enough from this network for now.
    """
    _admit(setting("MAIL_REQUESTS_PER_ADDRESS"), "mail", network_of(address))


def _admit(limit: str, *key: str) -> None:
    if not spend(limit, *key):
        raise TooMany(headers={"Retry-After": str(seconds_left(limit, *key) or 1)})
