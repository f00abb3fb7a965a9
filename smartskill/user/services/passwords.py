"""Passwords: hashed with Argon2id, a bounded number at a time; guessable ones refused with the reason and a way out.

The libraries are imported when first needed: a process that never sees a password shall not wait for them.
"""

import re
import unicodedata
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from threading import BoundedSemaphore
from typing import TYPE_CHECKING

from smartskill.kit.errors import Invalid, Unavailable
from smartskill.kit.settings import setting

if TYPE_CHECKING:
    from argon2 import PasswordHasher

READ_BY_ZXCVBN = 72  # characters; its effort grows steeply with the length
MOST_SECONDS_WAITED = 10
OURS = ("smart-skill", "smartskill", "skill")


class PasswordGuessable(Invalid):
    """This password is too easy to guess."""


class TooManyAtOnce(Unavailable):
    """Many people are signing in at this moment; try again in some seconds."""


@cache
def _hasher() -> "PasswordHasher":
    from argon2 import PasswordHasher

    return PasswordHasher()  # RFC 9106, low memory: 64 MiB, 3 passes, 4 lanes


@cache
def _slots(number: int) -> BoundedSemaphore:
    return BoundedSemaphore(number)


@contextmanager
def _slot() -> Iterator[None]:
    """One of the `HASHING_SLOTS` of this process, so that many sign-ins at once wait instead of filling the memory."""
    slots = _slots(setting("HASHING_SLOTS"))
    if not slots.acquire(timeout=MOST_SECONDS_WAITED):
        raise TooManyAtOnce()
    try:
        yield
    finally:
        slots.release()


def hash_password(password: str) -> str:
    """The hash to store, with its salt and parameters (PHC string)."""
    with _slot():
        return _hasher().hash(_normal(password))


def is_right(password: str, stored: str | None) -> bool:
    """Whether the password is the stored one. Without a stored one it takes as long, and is not."""
    from argon2.exceptions import InvalidHashError, VerificationError

    with _slot():
        try:
            matches = _hasher().verify(stored or _nobodys(), _normal(password))
        except (VerificationError, InvalidHashError):
            return False
    return matches and stored is not None


@cache
def _nobodys() -> str:
    return _hasher().hash("a password that nobody has, so that nobody's account takes as long as one's")


def is_outdated(stored: str) -> bool:
    """Whether a hash was made with other parameters than today's."""
    return _hasher().check_needs_rehash(stored)


def check_password(password: str, *, words: list[str], field: str = "password") -> None:
    """Refuse a guessable password.

    Args:
        words: what the person is known by; a password made of it is guessable.
        field: the name of the field that the refusal is about.
    Raises:
        PasswordGuessable: below `PASSWORD_MIN_SCORE`; it gives the reason and a suggestion.
    """
    from zxcvbn import zxcvbn

    with _slot():  # the cleverest input takes it two seconds
        found = zxcvbn(_normal(password)[:READ_BY_ZXCVBN], user_inputs=[*_parts(words), *OURS])
    if found["score"] >= setting("PASSWORD_MIN_SCORE"):
        return
    feedback = found["feedback"]
    reason = feedback["warning"] or "It is too easy to guess."
    advice = feedback["suggestions"] or ["Add another word or two. Uncommon words are better."]
    raise PasswordGuessable(errors={field: [reason, *advice]})


def _parts(words: list[str]) -> list[str]:
    """The words, and the parts of them: `anna.schmidt@example.org` is also anna and schmidt."""
    parts = [part for word in words for part in re.split(r"[\W_]+", word) if len(part) > 2]
    return [*words, *parts]


def _normal(password: str) -> str:
    # One password whichever keyboard composed its accents (NIST SP 800-63B, 3.1.1.2).
    return unicodedata.normalize("NFKC", password)
