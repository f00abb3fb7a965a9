"""Mails to look at: the samples of the registered kinds, in every language; without a sample, the newest real one."""

from collections.abc import Iterable, Iterator
from uuid import uuid4

from sqlalchemy import select

from smartskill.extensions import db
from smartskill.notifications.models import Delivery
from smartskill.notifications.services.recipients import Recipient, find_recipient
from smartskill.notifications.services.rendering import get_kind, letter_of, write_letter
from smartskill.notifications.services.texts import LANGUAGES
from smartskill.notifications.services.transport import Letter


def previews(kinds: Iterable[str]) -> Iterator[tuple[str, Letter]]:
    """Name and mail of each preview; nothing is stored or sent."""
    for kind in kinds:
        sample = get_kind(kind).sample
        if sample is None:
            yield from _newest(kind)
            continue
        for language in LANGUAGES:
            recipient = Recipient(None, "sam.sample@example.com", "Sam Sample", locale=language)
            yield f"{kind}-{language}", letter_of(sample(language), _unsaved(kind), recipient)


def _newest(kind: str) -> Iterator[tuple[str, Letter]]:
    row = db.session.scalar(select(Delivery).filter_by(kind=kind).order_by(Delivery.id.desc()).limit(1))
    recipient = find_recipient(row) if row else None
    letter = write_letter(row, recipient) if row and recipient else None
    if letter is not None:
        yield f"{kind}-newest", letter


def _unsaved(kind: str) -> Delivery:
    return Delivery(
        kind=kind,
        mail_class=get_kind(kind).mail_class,
        message_id="<preview@localhost>",
        unsubscribe_key=uuid4(),
        content={},
    )
