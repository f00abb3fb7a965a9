"""What is said of who newly matches a watched search: the inbox's line and the mail, in each language."""

from collections.abc import Sequence
from typing import Any

from babel.lists import format_list

from smartskill.notifications.services.rendering import Content, Item
from smartskill.notifications.services.texts import Catalogue, say

MOST_NAMED = 3
MOST_ITEMS = 10
TEXTS: Catalogue = {
    "en": {
        "line": ("{names} now matches your search “{search}”", "{names} now match your search “{search}”"),
        "nobody": "Nobody new matches your search “{search}” any more",
        "more": "{count} more",
        "subject": ("Somebody new for your search “{search}”", "{count} new people for your searches"),
        "text": "These people match what you watch and did not before:",
        "detail": "{title} – “{search}”",
        "untitled": "“{search}”",
        "rest": "And {count} more: open the search to see them.",
        "button": "Open your searches",
        "reason": "you asked to be told when somebody new matches a search that you keep.",
    },
    "de": {
        "line": ("{names} passt jetzt zu Ihrer Suche „{search}“", "{names} passen jetzt zu Ihrer Suche „{search}“"),
        "nobody": "Zu Ihrer Suche „{search}“ passt niemand Neues mehr",
        "more": "{count} weitere",
        "subject": ("Ein neuer Treffer Ihrer Suche „{search}“", "{count} neue Treffer Ihrer Suchen"),
        "text": "Diese Personen passen zu Ihren beobachteten Suchen und taten es bisher nicht:",
        "detail": "{title} – „{search}“",
        "untitled": "„{search}“",
        "rest": "Und {count} weitere: Öffnen Sie die Suche, um sie zu sehen.",
        "button": "Suchen öffnen",
        "reason": "Sie bei neuen Treffern einer gespeicherten Suche benachrichtigt werden möchten.",
    },
}
Told = Sequence[tuple[str, Sequence[Any]]]  # each search's name with the people it tells of


def line(search_name: str, people: Sequence[Any], language: str) -> str:
    """One line: who matches which search."""
    if not people:
        return say(TEXTS, language, "nobody", search=search_name)
    names = [person.full_name for person in people[:MOST_NAMED]]
    if len(people) > MOST_NAMED:
        names.append(say(TEXTS, language, "more", count=len(people) - MOST_NAMED))
    return say(
        TEXTS, language, "line", count=len(people), search=search_name, names=format_list(names, locale=language)
    )


def letter(told: Told, language: str) -> Content:
    """The mail about all searches of a person that found somebody."""
    hits = [(name, person) for name, people in told for person in people]
    content: Content = {
        "subject": say(TEXTS, language, "subject", count=len(hits), search=told[0][0]),
        "preheader": line(told[0][0], told[0][1], language),
        "paragraphs": [say(TEXTS, language, "text")],
        "items": [_item(name, person, language) for name, person in hits[:MOST_ITEMS]],
        "button": {"text": say(TEXTS, language, "button"), "url": "/experts"},
        "reason": say(TEXTS, language, "reason"),
    }
    if len(hits) > MOST_ITEMS:
        content["closing"] = [say(TEXTS, language, "rest", count=len(hits) - MOST_ITEMS)]
    return content


def _item(search_name: str, person: Any, language: str) -> Item:
    key = "detail" if person.title else "untitled"
    detail = say(TEXTS, language, key, title=person.title, search=search_name)
    return {"title": person.full_name, "detail": detail, "url": f"/people/{person.id}"}
