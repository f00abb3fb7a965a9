"""O*NET's text download: technology examples on the shelves of their commodities, and the elements of `skills`.

An example listed under several commodities goes on the shelf it is listed under most often. O*NET gives examples no
identifier, so the address of their page at O*NET OnLine serves as one.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable
from pathlib import Path
from urllib.parse import quote_plus

from smartskill.exchange.services.taxonomy.contents import ONET, choose_part, list_others
from smartskill.exchange.services.taxonomy.entries import Entry, Shelf, Taxonomy, clean, clean_text
from smartskill.exchange.services.taxonomy.tables import find_table, get_table, read_rows
from smartskill.skills.services.foreign_scales import level_from_onet

ATTRIBUTION = (
    "This product includes information from the O*NET 29.3 Database by the U.S. Department of Labor, Employment and "
    "Training Administration (USDOL/ETA). Used under the CC BY 4.0 license. O*NET® is a trademark of USDOL/ETA. "
    "Smart-Skill has modified some of this information. USDOL/ETA has not approved, endorsed, or tested these "
    "modifications."
)
SITE = "https://www.onetonline.org"
ROOT = Shelf(f"{SITE}/", "O*NET")
TECHNOLOGY = Shelf(f"{SITE}/search/tech/", "Technology skills", ROOT.uri)
ELEMENTS = Shelf(f"{SITE}/find/descriptor/browse/2.A+2.B", "Basic and cross-functional skills", ROOT.uri)
PARTS = ("technology", "skills")


FILES = {"technology_skills": "technology", "skills": "skills"}


def read_onet(folder: Path, only: Iterable[str] = ()) -> Taxonomy:
    """Read the folder, or one file of it: technologies and elements, or the one named in `only`.

    Raises:
        TaxonomyUnreadable: a file is missing or not what it should be, or holds something else than skills.
    """
    if folder.is_file():
        only, folder = [choose_part(folder, FILES, ONET, "O*NET") or ""], folder.parent
    parts = [part for part in PARTS if part in only] or list(PARTS)
    found = Taxonomy("onet", "O*NET", ATTRIBUTION, f"{SITE}/", is_whole=len(parts) == len(PARTS))
    found.shelves = [ROOT]
    if "technology" in parts:
        _read_technologies(folder, found)
    if "skills" in parts:
        _read_elements(folder, found)
    found.beside = list_others(folder, ONET)
    return found


def _read_technologies(folder: Path, found: Taxonomy) -> None:
    commodities: dict[str, str] = {}
    shelves: dict[str, Counter[str]] = defaultdict(Counter)
    places: dict[str, str] = {}
    for where, row in read_rows(
        get_table(folder, "technology_skills.tsv"),
        ("Example", "Commodity Code", "Commodity Title"),
        found,
        is_tsv=True,
    ):
        name, code = clean(row["Example"]), clean(row["Commodity Code"])
        commodities.setdefault(code, clean(row["Commodity Title"]) or code)
        shelves[name][code] += 1
        places.setdefault(name, where)
    found.shelves.append(TECHNOLOGY)
    found.shelves += [Shelf(_commodity(code), title, TECHNOLOGY.uri) for code, title in commodities.items()]
    for name, codes in shelves.items():
        uri = f"{SITE}/search/tech/example?e={quote_plus(name)}"
        shelf = _commodity(min(codes, key=lambda code: (-codes[code], code)))
        found.add(places[name], Entry(uri, name, None, (), shelf, uri))


def _commodity(code: str) -> str:
    return f"https://www.unspsc.org/search-code?code={code}"


def _read_elements(folder: Path, found: Taxonomy) -> None:
    found.shelves.append(ELEMENTS)
    meanings: dict[str, str | None] = {}
    path = find_table(folder, "content_model_reference.tsv")
    for _, row in read_rows(path, ("Element ID", "Description"), found, is_tsv=True) if path else ():
        meanings[row["Element ID"]] = clean_text(row["Description"])
    seen, wordings = set[str](), _read_wordings(folder, found)
    for where, row in read_rows(get_table(folder, "skills.tsv"), ("Element ID", "Element Name"), found, is_tsv=True):
        element = row["Element ID"]
        if element not in seen:  # each element is repeated for every occupation and scale
            seen.add(element)
            uri = f"{SITE}/find/descriptor/result/{element}"
            name, words = clean(row["Element Name"]), tuple(wordings.get(element, ()))
            found.add(where, Entry(uri, name, meanings.get(element), (), ELEMENTS.uri, uri, words))


def _read_wordings(folder: Path, found: Taxonomy) -> dict[str, list[tuple[int, str]]]:
    """What levels mean, by element: O*NET's anchors on our scale, two that fall on one level together."""
    anchors: dict[str, dict[int, list[str]]] = defaultdict(lambda: defaultdict(list))
    path = find_table(folder, "level_scale_anchors.tsv")
    columns = ("Element ID", "Scale ID", "Anchor Value", "Anchor Description")
    for where, row in read_rows(path, columns, found, is_tsv=True) if path else ():
        if row["Scale ID"] == "LV":
            try:
                level = level_from_onet(float(row["Anchor Value"]))
            except ValueError:
                found.refuse(where, "its anchor is on no level from 0 to 7")
                continue
            anchors[row["Element ID"]][level].append(clean(row["Anchor Description"]))
    return {
        element: [(level, "; ".join(words)) for level, words in sorted(levels.items())]
        for element, levels in anchors.items()
    }
