"""Bringing the occupations of a taxonomy in as templates of role profiles."""

from collections.abc import Callable, Collection
from pathlib import Path

from smartskill.exchange.services.occupations.esco import read_esco_occupations
from smartskill.exchange.services.occupations.onet import read_onet_occupations
from smartskill.exchange.services.taxonomy.copying import Tell
from smartskill.exchange.services.taxonomy.entries import TaxonomyUnreadable
from smartskill.exchange.services.taxonomy.write import lock_catalogue
from smartskill.planning.services.occupations.occupation import Occupations
from smartskill.planning.services.occupations.templates import Outcome, put_templates

READERS: dict[str, Callable[[Path, Collection[str]], Occupations]] = {
    "esco": read_esco_occupations,
    "onet": read_onet_occupations,
}


def import_occupations(
    source: str, folder: Path, chosen: Collection[str] = (), *, tell: Tell = lambda what, done, total: None
) -> Outcome:
    """Hold the templates of a source to its files; a caller who only wants to know rolls back.

    Args:
        chosen: only the occupations of these codes and URIs; then nothing is dropped.
    Raises:
        TaxonomyUnreadable: a file is missing or not what it should be, or a chosen occupation is in none.
        SkillsNotImported: the catalogue has none of their skills.
    """
    found = READERS[source](folder, set(chosen))
    named = {name for one in found.found.values() for name in (one.uri, one.code)}
    strange = [one for one in chosen if one not in named]
    if strange:
        raise TaxonomyUnreadable(f"{folder} has no occupation {', '.join(strange)}.")
    tell("read", len(found.found), len(found.found))
    lock_catalogue()
    return put_templates(found, tell)
