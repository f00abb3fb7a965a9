"""Mails to look at: the samples of the registered kinds, in every language; without a sample, the newest real one.

A sample is made of invented evidence by the code that makes the real mails, so what one sees is what people get.
"""

from collections.abc import Iterable, Iterator, Sequence
from datetime import timedelta
from uuid import UUID, uuid5

from sqlalchemy import select

from smartskill.database import now
from smartskill.extensions import db
from smartskill.kit.settings import setting
from smartskill.notifications.models import Delivery
from smartskill.notifications.services.recipients import Recipient, find_recipient
from smartskill.notifications.services.rendering import get_kind, letter_of, write_letter
from smartskill.notifications.services.texts import LANGUAGES
from smartskill.notifications.services.transport import Letter

SAMPLE_KEYS = UUID("5a3c7d0e-6f0b-4f5c-9a52-3a0f1a2b4c6d")


def previews(kinds: Iterable[str], languages: Sequence[str] = LANGUAGES) -> Iterator[tuple[str, Letter]]:
    """Name and mail of each preview; nothing is stored or sent."""
    for kind in kinds:
        if get_kind(kind).sample is None:
            yield from _newest(kind)
            continue
        for language in languages:
            yield f"{kind}-{language}", compose(kind, language)


def compose(kind: str, language: str) -> Letter:
    """The sample of a kind, as it would go to somebody who was mailed once this month."""
    sample = get_kind(kind).sample
    assert sample is not None  # asked by the caller
    mailed = (now() - timedelta(days=7),)
    recipient = Recipient(None, "sam.sample@example.com", "Sam Sample", locale=language, mailed_at=mailed)
    return letter_of(sample(language), _unsaved(kind, language), recipient)


def _newest(kind: str) -> Iterator[tuple[str, Letter]]:
    row = db.session.scalar(select(Delivery).filter_by(kind=kind).order_by(Delivery.id.desc()).limit(1))
    recipient = find_recipient(row) if row else None
    letter = write_letter(row, recipient) if row and recipient else None
    if letter is not None:
        yield f"{kind}-newest", letter


def _unsaved(kind: str, language: str) -> Delivery:
    key = uuid5(SAMPLE_KEYS, f"{kind}-{language}")
    return Delivery(
        kind=kind,
        mail_class=get_kind(kind).mail_class,
        message_id=f"<{key.hex}@{setting('MAIL_DOMAIN')}>",
        unsubscribe_key=key,
        content={},
    )
