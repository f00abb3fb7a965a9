"""The taxonomies that can be imported, by name."""

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import NamedTuple

from smartskill.exchange.services.taxonomy import esco, linguist, onet, plain_csv
from smartskill.exchange.services.taxonomy.entries import Taxonomy, TaxonomyUnreadable
from smartskill.exchange.services.taxonomy.plan import Plan, plan_import
from smartskill.exchange.services.taxonomy.write import Tell, lock_catalogue, write_plan


class Source(NamedTuple):
    """How a kind of taxonomy is read, and which parts of it can be asked for alone."""

    read: Callable[[Path, Iterable[str]], Taxonomy]
    parts: tuple[str, ...]


SOURCES = {
    "esco": Source(esco.read_esco, esco.PARTS),
    "onet": Source(onet.read_onet, onet.PARTS),
    "linguist": Source(linguist.read_linguist, linguist.PARTS),
    "csv": Source(plain_csv.read_plain_csv, plain_csv.PARTS),
}


def import_taxonomy(
    source: str,
    path: Path,
    *,
    only: Iterable[str] = (),
    is_dry_run: bool = False,
    tell: Tell = lambda what, done, total: None,
) -> Plan:
    """Bring a taxonomy into the catalogue and say what was (or, on a dry run, would be) done.

    Raises:
        TaxonomyUnreadable: its files are not there or not what they should be, or it has no such part.
    """
    kind = SOURCES[source]
    strange = [part for part in only if part.lower() not in {known.lower() for known in kind.parts}]
    if strange:
        raise TaxonomyUnreadable(f"{source} has no part {strange[0]}; it has {', '.join(kind.parts) or 'none'}.")
    taxonomy = kind.read(path, [part.lower() for part in only])
    tell("read", len(taxonomy.entries), len(taxonomy.entries))
    lock_catalogue()
    plan = plan_import(taxonomy)
    if not is_dry_run:
        write_plan(plan, tell)
    return plan
