"""The taxonomies that can be imported, by name."""

from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from smartskill.exchange.services.taxonomy import esco, linguist, onet, plain_csv
from smartskill.exchange.services.taxonomy.copying import Tell
from smartskill.exchange.services.taxonomy.entries import Taxonomy, TaxonomyUnreadable
from smartskill.exchange.services.taxonomy.plan import Plan, plan_import
from smartskill.exchange.services.taxonomy.write import lock_catalogue, write_plan

MOST_DROPPED_SHARE, FEW = 0.2, 20  # of what the catalogue has of a source; fewer entries than FEW are never too many


class TaxonomyShrunk(TaxonomyUnreadable):
    """The taxonomy lacks much of what it had: is the file whole?"""


class Source(NamedTuple):
    """How a kind of taxonomy is read, and which parts of it can be asked for alone."""

    read: Callable[..., Taxonomy]
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
    is_skipping: bool = False,
    is_dropping: bool = False,
    tell: Tell = lambda what, done, total: None,
    **options: Any,
) -> Plan:
    """Bring a taxonomy into the catalogue and say what was (or, on a dry run, would be) done.

    Raises:
        TaxonomyUnreadable: as `plan_taxonomy`, which takes the `options`, and `apply_taxonomy`.
    """
    plan = plan_taxonomy(source, path, only=only, tell=tell, **options)
    if not is_dry_run:
        apply_taxonomy(plan, is_skipping=is_skipping, is_dropping=is_dropping, tell=tell)
    return plan


def plan_taxonomy(
    source: str,
    path: Path,
    *,
    only: Iterable[str] = (),
    mapping: Mapping[str, str] | None = None,
    language: str | None = None,
    tell: Tell = lambda what, done, total: None,
) -> Plan:
    """Read a taxonomy and compare it with the catalogue; other imports wait until the transaction ends.

    Args:
        mapping: for a CSV, which column is which of ours.
        language: of ESCO, the edition's.
    Raises:
        TaxonomyUnreadable: its files are not there or not what they should be, it has no such part or no such option.
    """
    kind = SOURCES[source]
    strange = [part for part in only if part.lower() not in {known.lower() for known in kind.parts}]
    if strange:
        raise TaxonomyUnreadable(f"{source} has no part {strange[0]}; it has {', '.join(kind.parts) or 'none'}.")
    given = {"mapping": mapping, "language": language}
    options = {name: value for name, value in given.items() if value}
    taken = {"csv": {"mapping"}, "esco": {"language"}}.get(source, set())
    if set(options) - taken:
        raise TaxonomyUnreadable(f"{source} takes no {', '.join(sorted(set(options) - taken))}.")
    taxonomy = kind.read(path, [part.lower() for part in only], **options)
    tell("read", len(taxonomy.entries), len(taxonomy.entries))
    lock_catalogue()
    return plan_import(taxonomy)


def apply_taxonomy(
    plan: Plan,
    *,
    is_skipping: bool = False,
    is_dropping: bool = False,
    tell: Tell = lambda what, done, total: None,
) -> None:
    """Do what a plan says. Of an own list, a row that cannot be taken refuses all, unless `is_skipping`.

    Raises:
        RowsRefused: there are such rows.
        TaxonomyShrunk: a fifth of what the catalogue has of the source would go, unless `is_dropping`.
    """
    if len(plan.dropped) > max(FEW, MOST_DROPPED_SHARE * plan.known) and not is_dropping:
        raise TaxonomyShrunk(
            f"{len(plan.dropped):,} of {plan.known:,} entries are gone from {plan.taxonomy.name}: "
            "is the file whole? If it is, allow it with --allow-drops."
        )
    if plan.taxonomy.key == "csv":
        plain_csv.apply_list(plan, is_skipping=is_skipping, tell=tell)
    else:
        write_plan(plan, tell)
