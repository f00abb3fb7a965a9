"""Where in an experience the words stand: the field, and a snippet in pieces of plain text.

Pieces, not markup: whatever people wrote stays text, and the client marks the pieces that match.
"""

import re
from collections import defaultdict
from collections.abc import Iterable
from typing import Any

from sqlalchemy import ColumnElement, Select, any_, case, func, literal_column, select

from smartskill.experience.models import Experience
from smartskill.planning.services.experts.sight import Sight
from smartskill.planning.services.full_text.search import LANGUAGES, Words, any_of, meets, rank

Place = dict[str, Any]
MOST_OF_ONE = 3  # experiences shown of a person
FIELDS = ("title", "organisation", "summary")
FROM, TO = "\x02", "\x03"
MARKED = re.compile(f"{FROM}([^{TO}]*){TO}")
OPTIONS = f"StartSel={FROM}, StopSel={TO}, HighlightAll=true"  # the whole text: its own snippets drop what is a tag
BEFORE, AFTER = 80, 160  # characters shown around the first match


def search_places(words: Words, user_ids: Any, sight: Sight) -> Select:
    """The best experiences of these people (an array) that hold the words, with each field's text as it is marked."""
    best = func.row_number().over(
        partition_by=Experience.user_id, order_by=(rank(words).desc(), Experience.start_on.desc(), Experience.id)
    )
    numbered = select(Experience.id, best.label("place"))
    chosen = numbered.where(Experience.user_id == any_(user_ids), meets(words, sight)).subquery()
    marked = [_marked(name, words).label(f"marked_{name}") for name in FIELDS]
    return (
        select(Experience.id, Experience.user_id, Experience.title, Experience.organisation, *marked)
        .join(chosen, chosen.c.id == Experience.id)
        .where(chosen.c.place <= MOST_OF_ONE)
        .order_by(Experience.user_id, chosen.c.place)
    )


def gather_places(rows: Iterable[Any]) -> dict[int, list[Place]]:
    """For each person of `search_places` where the words stand, each with the experience's name in words."""
    places: dict[int, list[Place]] = defaultdict(list)
    for experience_id, user_id, title, organisation, *texts in rows:
        about = {"experience_id": experience_id, "experience": f"“{title}” at {organisation}"}
        for name, text in zip(FIELDS, texts, strict=True):
            if text and FROM in text:
                places[user_id].append({**about, "field": name, "snippet": pieces(snippet(text))})
    return places


def snippet(marked: str) -> str:
    """The part of a marked text around its first match, cut between words."""
    first = marked.index(FROM)
    start, end = max(first - BEFORE, 0), marked.index(TO, first) + 1 + AFTER
    start = marked.find(" ", start, first) + 1 if start else 0
    cut = marked[start:end]
    if end < len(marked):
        cut = cut[: max(cut.rfind(" "), cut.index(TO) + 1)]
        cut += "" if cut.count(FROM) == cut.count(TO) else TO
    return ("… " if start else "") + cut + (" …" if end < len(marked) else "")


def pieces(marked: str) -> list[dict[str, Any]]:
    """A marked text as pieces of plain text, each a match or not."""
    found, end = [], 0
    for match in MARKED.finditer(marked):
        found += [(marked[end : match.start()], False), (match.group(1), True)]
        end = match.end()
    found.append((marked[end:], False))
    return [{"text": text, "is_match": is_match} for text, is_match in found if text]


def _marked(name: str, words: Words) -> ColumnElement[str]:
    """A field with its matches marked, in the first language in which there are any; null where there are none."""
    text = func.translate(getattr(Experience, name), FROM + TO, "")
    choices = []
    for language in LANGUAGES:
        config: ColumnElement = literal_column(f"'{language}'::regconfig")
        wanted = any_of(words, language)
        holds = func.to_tsvector(config, text).op("@@", is_comparison=True)(wanted)
        choices.append((holds, func.ts_headline(config, text, wanted, OPTIONS)))
    return case(*choices, else_=None)
