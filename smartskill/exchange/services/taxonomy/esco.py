"""ESCO's CSV download: `skills_en.csv`, its groups and broader relations; or one of the small collections.

A skill goes on the shelf of its first skill group; one that only has broader skills goes where the nearest of those is.
"""

from collections import defaultdict, deque
from collections.abc import Iterable
from pathlib import Path

from smartskill.exchange.services.taxonomy.entries import Entry, Shelf, Taxonomy, clean, clean_aliases, clean_text
from smartskill.exchange.services.taxonomy.tables import find_table, get_table, read_rows

ATTRIBUTION = (
    "This service uses the ESCO classification of the European Commission. ESCO v1.1.1 © European Union, reused under "
    "Commission Decision 2011/833/EU (CC BY 4.0). Labels were cleaned of surplus white space and may have been changed "
    "by this organisation: this is a modified version of ESCO."
)
ROOT = Shelf("http://data.europa.eu/esco/concept-scheme/skills", "ESCO")
PARTS = ("digital", "language", "transversal", "digComp")
LABELS = ("conceptUri", "preferredLabel", "altLabels", "description")
Broader = dict[str, list[tuple[bool, str]]]  # URI → (whether it is a group, URI)


def read_esco(folder: Path, only: Iterable[str] = ()) -> Taxonomy:
    """Read the folder: all skills, or the collections named in `only`.

    Raises:
        TaxonomyUnreadable: a file is missing or not what it should be.
    """
    parts = [part for part in PARTS if part.lower() in {name.lower() for name in only}]
    found = Taxonomy("esco", "ESCO", ATTRIBUTION, "https://esco.ec.europa.eu/", is_whole=not parts)
    names = [f"{part}SkillsCollection_en.csv" for part in parts]
    wanted, paths = None, [get_table(folder, name) for name in names or ["skills_en.csv"]]
    whole = find_table(folder, "skills_en.csv")
    if (
        parts and whole
    ):  # the collections lack the hidden labels: they say which skills, the whole file says what of them
        wanted = {row["conceptUri"].strip() for path in paths for _, row in read_rows(path, LABELS, found)}
        paths = [whole]
    broader = _read_broader(folder, found)
    found.shelves = _read_shelves(folder, broader, found)
    _read_skills(paths, wanted, broader, found)
    return found


def _read_skills(paths: list[Path], wanted: set[str] | None, broader: Broader, found: Taxonomy) -> None:
    groups = {shelf.uri for shelf in found.shelves}
    seen: dict[str, str] = {}
    for path in paths:
        for where, row in read_rows(path, LABELS, found):
            uri = row["conceptUri"].strip()
            if uri not in seen and (wanted is None or uri in wanted):
                found.add(where, _entry(uri, row, _shelf(uri, broader, groups)))
            elif seen.get(uri) == path.name:
                found.refuse(where, "repeats an earlier row's URI")
            seen.setdefault(uri, path.name)


def _entry(uri: str, row: dict[str, str], shelf: str | None) -> Entry:
    name = clean(row["preferredLabel"])
    labels = _labels(row["altLabels"]) + _labels(row.get("hiddenLabels") or "")
    return Entry(uri, name, clean_text(row["description"]), clean_aliases(name, labels), shelf, uri)


def _labels(text: str) -> list[str]:
    """Labels are on lines of their own in the full file, between ` | ` in the collections."""
    return text.replace(" | ", "\n").splitlines()


def _read_broader(folder: Path, found: Taxonomy) -> Broader:
    broader: Broader = defaultdict(list)
    path = find_table(folder, "broaderRelationsSkillPillar.csv")
    for _, row in read_rows(path, ("conceptUri", "broaderType", "broaderUri"), found) if path else ():
        broader[row["conceptUri"]].append((row["broaderType"] == "SkillGroup", row["broaderUri"]))
    return broader


def _read_shelves(folder: Path, broader: Broader, found: Taxonomy) -> list[Shelf]:
    """The groups below our root, parents first; a group whose parent is unknown hangs from the root."""
    path = find_table(folder, "skillGroups_en.csv")
    names: dict[str, str] = {}
    for where, row in read_rows(path, ("conceptUri", "preferredLabel"), found) if path else ():
        if clean(row["preferredLabel"]):
            names.setdefault(row["conceptUri"].strip(), clean(row["preferredLabel"]))
        else:
            found.refuse(where, "has no name")
    children: dict[str, list[str]] = defaultdict(list)
    for uri in names:
        above = next((up for is_group, up in broader.get(uri, ()) if is_group and up in names and up != uri), None)
        children[above or ROOT.uri].append(uri)
    shelves, waiting = [ROOT], deque([ROOT.uri])
    while waiting:
        parent = waiting.popleft()
        shelves += [Shelf(uri, names[uri], parent) for uri in children[parent]]
        waiting.extend(children[parent])
    return shelves


def _shelf(uri: str, broader: Broader, groups: set[str]) -> str:
    """The nearest skill group above, searched breadth first; the root where there is none."""
    waiting, seen = deque([uri]), {uri}
    while waiting:
        above = broader.get(waiting.popleft(), ())
        for is_group, up in above:
            if is_group and up in groups:
                return up
        fresh = [up for _, up in above if up not in seen]
        seen.update(fresh)
        waiting.extend(fresh)
    return ROOT.uri
