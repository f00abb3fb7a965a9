"""The kinds of notices: who words them, and whether what they say still holds when they are sent."""

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

from smartskill.database import now
from smartskill.engagement.services.confirming import make_confirm_token
from smartskill.engagement.services.still_so import Told, narrow
from smartskill.engagement.services.wording import letters
from smartskill.engagement.services.wording.samples import sample_parts
from smartskill.engagement.services.wording.sentences import Part, line
from smartskill.notifications.models import Delivery
from smartskill.notifications.services.gathering import gathered
from smartskill.notifications.services.recipients import find_recipient
from smartskill.notifications.services.rendering import Content, register

CONFIRM = "/api/notifications/confirm/"
Letter = Callable[..., Content]


def gather(deliveries: Sequence[Delivery]) -> dict[int, list[Part]]:
    """What these mails carry and what is still so, each in the order of its writing."""
    carried = [(delivery.id, notice) for delivery in deliveries for notice in delivery.notifications]
    told = [Told(notice.user_id, notice.kind, notice.evidence) for _, notice in carried]
    found: dict[int, list[Part]] = {delivery.id: [] for delivery in deliveries}
    for (delivery_id, notice), evidence in zip(carried, narrow(told, now().date()), strict=True):
        if evidence is not None:
            found[delivery_id].append((notice.kind, evidence))
    return found


def parts_of(delivery: Delivery) -> list[Part]:
    """What a mail carries and what is still so."""
    found = gathered(delivery)
    return gather([delivery])[delivery.id] if found is None else found


def still_holds(delivery: Delivery) -> bool:
    """Whether anything is left to tell."""
    return bool(parts_of(delivery))


def write(write_letter: Letter, delivery: Delivery) -> Content | None:
    """The content of a mail, on the reader's day and in their language."""
    parts, recipient = parts_of(delivery), find_recipient(delivery)
    if not parts or recipient is None:
        return None
    return write_letter(parts, recipient.language, now().astimezone(recipient.zone).date())


def write_stale(delivery: Delivery) -> Content | None:
    """As `write`, with the link that confirms: its token is made here, when the mail is sent, and stored nowhere."""

    def letter(parts: list[Part], language: str, today: Any) -> Content:
        token = make_confirm_token(delivery.user_id or 0, parts[0][1]["skills"])
        return letters.stale_letter(parts, language, today, CONFIRM + token)

    return write(letter, delivery)


def inbox_line(kind: str, evidence: dict[str, Any], language: str) -> str:
    """The inbox's one line."""
    return line([(kind, evidence)], language, now().date())


def sample(kind: str, write_letter: Letter, language: str) -> Content:
    """An invented mail."""
    today = now().date()
    return write_letter(sample_parts(kind, today), language, today)


LETTERS: dict[str, Letter] = {
    "qualification_expiring": letters.service_letter,
    "review_pending": letters.service_letter,
    "welcome": letters.welcome_letter,
    "endorsed": letters.endorsed_letter,
    "skill_stale": partial(letters.stale_letter, confirm_url=f"{CONFIRM}sample"),
    "team_need": letters.need_letter,
    "role_gap": letters.gap_letter,
    "skill_recommended": letters.recommended_letter,
    "digest": letters.digest_letter,
}
for _kind, _letter in LETTERS.items():
    register(
        _kind,
        write_stale if _kind == "skill_stale" else partial(write, _letter),
        still_holds=still_holds,
        make_line=partial(inbox_line, _kind),
        sample=partial(sample, _kind, _letter),
        gather=gather,
    )
