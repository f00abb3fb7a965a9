"""ESCO's CSV download: `skills_en.csv`, its groups and broader relations; or one of the small collections.

The English edition makes skills. One in another language only gives those their names in that language.
A skill goes on the shelf of its first skill group; one that only has broader skills goes where the nearest of those is.
"""

from collections import defaultdict, deque
from collections.abc import Iterable
from pathlib import Path

from smartskill.exchange.services.taxonomy.contents import ESCO, choose_part, language_of, list_others
from smartskill.exchange.services.taxonomy.entries import (
    Entry,
    Shelf,
    Taxonomy,
    TaxonomyUnreadable,
    clean,
    clean_aliases,
    clean_text,
)
from smartskill.exchange.services.taxonomy.tables import find_table, get_table, read_rows

ATTRIBUTION = (
    "This service uses the ESCO classification of the European Commission. ESCO v1.1.1 © European Union, reused under "
    "Commission Decision 2011/833/EU (CC BY 4.0). Labels were cleaned of surplus white space and may have been changed "
    "by this organisation: this is a modified version of ESCO."
)
ROOT = Shelf("http://data.europa.eu/esco/concept-scheme/skills", "ESCO")
PARTS = ("digital", "language", "transversal", "digComp")
OWN_LANGUAGE = "en"
FILES = {"skills": ""} | {f"{part}SkillsCollection": part for part in PARTS}
LABELS = ("conceptUri", "preferredLabel", "altLabels", "description")
Broader = dict[str, list[tuple[bool, str]]]  # URI → (whether it is a group, URI)


def read_esco(path: Path, only: Iterable[str] = (), language: str | None = None) -> Taxonomy:
    """Read the folder, or one file of it: all skills, or the collections named in `only`.

    Args:
        language: the edition's; by default English, or that of the file, or of a folder that has no English.
    Raises:
        TaxonomyUnreadable: a file is missing or not what it should be, or holds something else than skills.
    """
    folder = path
    if path.is_file():
        part, language, folder = choose_part(path, FILES, ESCO, "ESCO"), language or language_of(path), path.parent
        only = [part] if part else []
    language = language or _edition(folder)
    if language != OWN_LANGUAGE:
        return _read_labels(folder, only, language)
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
    found.beside = list_others(folder, ESCO)
    return found


def _edition(folder: Path) -> str:
    """The language of a folder: English where it has that, else its only one.

    Raises:
        TaxonomyUnreadable: it has several, none of them English.
    """
    named = {language_of(path) for path in folder.iterdir() if path.name.partition("_")[0] in FILES} - {None}
    if OWN_LANGUAGE in named or not named:
        return OWN_LANGUAGE
    if len(named) > 1:
        raise TaxonomyUnreadable(f"{folder} has several languages: say which with --language.")
    return str(named.pop())


def _read_labels(folder: Path, only: Iterable[str], language: str) -> Taxonomy:
    """The names that an edition in another language has for skills."""
    wanted = {name.lower() for name in only}
    found = Taxonomy("esco", f"ESCO ({language})", ATTRIBUTION, "https://esco.ec.europa.eu/", False, language=language)
    names = [stem for stem, part in FILES.items() if not wanted or part.lower() in wanted]
    paths = [path for name in names if (path := find_table(folder, f"{name}_{language}.csv"))]
    if not paths:
        raise TaxonomyUnreadable(f"{folder} holds no skills in the language {language}.")
    _read_skills(paths, None, {}, found)
    found.beside = list_others(folder, ESCO)
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
