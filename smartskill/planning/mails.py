"""How planning's notices are worded, and whether what they say still holds."""

from typing import Any, NamedTuple

from smartskill.notifications.models import Delivery
from smartskill.notifications.services.recipients import find_recipient
from smartskill.notifications.services.rendering import Content, register
from smartskill.planning.services.watching import words as watching_words
from smartskill.planning.services.watching.matches import KIND, find_told


class Sample(NamedTuple):
    """Somebody invented."""

    id: int
    full_name: str
    title: str | None


def told_by(delivery: Delivery) -> list[tuple[str, Any]]:
    """What a mail tells still: each search's name with the people."""
    entries = [entry.evidence for entry in delivery.notifications if entry.kind == KIND]
    found = ((evidence["search_name"], find_told(evidence)) for evidence in entries)
    return [(name, people) for name, people in found if people]


def expert_match(delivery: Delivery) -> Content | None:
    """The mail about people who newly match."""
    told, recipient = told_by(delivery), find_recipient(delivery)
    return watching_words.letter(told, recipient.language) if told and recipient else None


def expert_match_line(evidence: dict[str, Any], language: str) -> str:
    """The inbox's line."""
    return watching_words.line(evidence["search_name"], find_told(evidence), language)


def expert_match_sample(language: str) -> Content:
    """An invented mail."""
    people = [Sample(1, "Ada Example", "Data engineer"), Sample(2, "Ben Example", None)]
    return watching_words.letter([("Kafka", people)], language)


register(
    KIND,
    expert_match,
    still_holds=lambda delivery: bool(told_by(delivery)),
    make_line=expert_match_line,
    sample=expert_match_sample,
)
