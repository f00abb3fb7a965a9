"""People who can sign in, and what their clients do."""

import re
from functools import cache

from argon2 import PasswordHasher
from flask.testing import FlaskClient
from sqlalchemy import select

from smartskill.extensions import db
from smartskill.notifications.models import Delivery
from smartskill.user.mails import make_content
from smartskill.user.models import User
from tests.factories import make_user

PASSWORD = "quiet otter crosses nine rivers"
OTHER_PASSWORD = "seven lamps above a green harbour"


@cache
def stored() -> str:
    """One hash for all tests: making it takes a tenth of a second."""
    return PasswordHasher().hash(PASSWORD)


def make_account(role: str = "employee", **given) -> User:
    """A person whose password is `PASSWORD`."""
    return make_user(role, password_hash=stored(), **given)


def login(client: FlaskClient, email: str, password: str = PASSWORD, *, address: str = "192.0.2.1", **more):
    """The response to a sign-in from an address, without the cookies of earlier ones."""
    body = {"email": email, "password": password, **more}
    return client.post("/api/users/login", json=body, environ_overrides={"REMOTE_ADDR": address})


def bearer(response) -> dict[str, str]:
    """The header that goes with a sign-in's answer."""
    return {"Authorization": f"Bearer {response.json['access_token']}"}


def mails() -> list[Delivery]:
    """All mails in the outbox, oldest first."""
    return list(db.session.scalars(select(Delivery).order_by(Delivery.id)))


def link_of(mail: Delivery) -> tuple[str, str]:
    """Path and token of the link in a mail as it would be sent now."""
    address = make_content(mail)["button"]["url"]
    path, token = re.fullmatch(r"(/[a-z-]+)\?token=(.+)", address).groups()
    return path, token
