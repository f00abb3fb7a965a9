"""ESCO's occupations and which skills they ask for, from its CSV download.

ESCO says whether a skill is essential or optional, and no level. What is essential becomes a must at level 3, which is
where our scale begins to mean working without help, with weight 2; what is optional is asked for at level 2 with
weight 1. They are where a profile derived from the template starts.
"""

from collections.abc import Collection
from pathlib import Path

from smartskill.exchange.services.taxonomy.entries import Taxonomy, clean, clean_text
from smartskill.exchange.services.taxonomy.tables import get_table, read_rows
from smartskill.planning.services.occupations.occupation import Demand, Occupation, Occupations

DEMANDS = {"essential": (3, 2.0, True), "optional": (2, 1.0, False)}  # level, weight, must


def read_esco_occupations(folder: Path, chosen: Collection[str] = ()) -> Occupations:
    """Read the folder: all occupations, or those of the `chosen` codes and URIs.

    Raises:
        TaxonomyUnreadable: a file is missing or not what it should be.
    """
    found, problems = Occupations("esco", is_whole=not chosen), Taxonomy("esco", "ESCO")
    known = _read_occupations(folder, chosen, found, problems)
    path = get_table(folder, "occupationSkillRelations.csv")
    for _, row in read_rows(path, ("occupationUri", "relationType", "skillUri"), problems):
        uri, kind = row["occupationUri"].strip(), row["relationType"].strip()
        if uri not in known:
            found.refused["belongs to an occupation that the file of occupations lacks"] += 1
        elif kind not in DEMANDS:
            found.refused["is neither essential nor optional"] += 1
        elif uri in found.found:
            found.found[uri].demands.append(Demand(row["skillUri"].strip(), *DEMANDS[kind]))
    found.refused.update(refusal.reason for refusal in problems.refused)
    return found


def _read_occupations(folder: Path, chosen: Collection[str], found: Occupations, problems: Taxonomy) -> set[str]:
    """Take in those that were chosen; returns the URIs of all."""
    known = set()
    for _, row in read_rows(
        get_table(folder, "occupations_en.csv"), ("conceptUri", "preferredLabel", "description", "code"), problems
    ):
        uri, code = row["conceptUri"].strip(), row["code"].strip()
        known.add(uri)
        if not chosen or uri in chosen or code in chosen:
            found.add(Occupation(uri, code, clean(row["preferredLabel"]), clean_text(row["description"])))
    return known
