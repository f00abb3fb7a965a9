"""The printed accounts, and the password that the demo shares: made at the first fill, kept in `instance/demo.json`."""

import json
import os
import secrets
from pathlib import Path
from typing import Any

from flask import current_app
from sqlalchemy import select

from smartskill.commands.demo.sources import read_table
from smartskill.extensions import db
from smartskill.user.models import User

ALPHABET = "abcdefghjkmnpqrstuvwxyz23456789"  # nothing that is mistaken for something else
Accounts = dict[str, dict[str, str]]


def find_accounts() -> dict[str, User]:
    """The printed accounts that exist, by their name."""
    organisation = read_table("organisation")
    emails = {f"{account}@{organisation['domain']}": account for account in organisation["accounts"]}
    found = {user.email: user for user in db.session.scalars(select(User).where(User.email.in_(emails)))}
    return {account: found[email] for email, account in emails.items() if email in found}


def make_password() -> str:
    """Three times four characters: 59 bits."""
    return "-".join("".join(secrets.choice(ALPHABET) for _ in range(4)) for _ in range(3))


def read_password() -> str | None:
    """The password that was kept, if it was."""
    accounts = _read().get("accounts") or {}
    return next((account["password"] for account in accounts.values() if account.get("password")), None)


def keep(accounts: Accounts) -> None:
    """Write `demo.json`, readable by its owner only; addresses that `flask up` wrote stay."""
    path = _path()
    path.parent.mkdir(parents=True, exist_ok=True)
    content = {"url": current_app.config["PUBLIC_URL"] + "/", "mail_url": None} | _read() | {"accounts": accounts}
    draft = path.with_suffix(".json.new")
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
        json.dump(content, file, indent=2)
    draft.replace(path)


def _read() -> dict[str, Any]:
    try:
        return json.loads(_path().read_text())
    except (FileNotFoundError, ValueError):
        return {}


def _path() -> Path:
    return Path(current_app.instance_path) / "demo.json"
