"""O*NET's occupations and what they ask for, from its text download.

Of the 35 elements of `skills` those count whose importance (IM, 1–5) is at least 3, the scale's own word for it being
“important”; the importance is the weight, and from 4 (“very important”) the element is a must. The required level (LV,
0–7) is brought to ours. What O*NET marks as not relevant, or as too uncertain to be used, is left out. Technologies in
demand or hot are asked for at level 2 with weight 2 or 1; the others are examples only.
"""

from collections.abc import Collection
from pathlib import Path
from urllib.parse import quote_plus

from smartskill.exchange.services.taxonomy.entries import Taxonomy, clean, clean_text
from smartskill.exchange.services.taxonomy.onet import SITE
from smartskill.exchange.services.taxonomy.tables import find_table, get_table, read_rows
from smartskill.planning.services.occupations.occupation import Demand, Occupation, Occupations
from smartskill.skills.services.foreign_scales import MOST_ONET, level_from_onet

CODE = "O*NET-SOC Code"
IMPORTANT, VERY_IMPORTANT = 3.0, 4.0
TECHNOLOGY_LEVEL = 2


def read_onet_occupations(folder: Path, chosen: Collection[str] = ()) -> Occupations:
    """Read the folder: all occupations, or those of the `chosen` codes and URIs.

    Raises:
        TaxonomyUnreadable: a file is missing or not what it should be.
    """
    found, problems = Occupations("onet", is_whole=not chosen), Taxonomy("onet", "O*NET")
    path = get_table(folder, "occupation_data.tsv")
    for _, row in read_rows(path, (CODE, "Title", "Description"), problems, is_tsv=True):
        code = row[CODE].strip()
        uri = f"{SITE}/link/summary/{code}"
        if not chosen or code in chosen or uri in chosen:
            found.add(Occupation(uri, code, clean(row["Title"]), clean_text(row["Description"])))
    by_code = {one.code: one for one in found.found.values()}
    _read_elements(folder, by_code, found, problems)
    _read_technologies(folder, by_code, problems)
    found.refused.update(refusal.reason for refusal in problems.refused)
    return found


def _read_elements(folder: Path, by_code: dict[str, Occupation], found: Occupations, problems: Taxonomy) -> None:
    """Importance and level stand in rows of their own."""
    importance: dict[tuple[str, str], float] = {}
    levels: dict[tuple[str, str], float] = {}
    columns = (CODE, "Element ID", "Scale ID", "Data Value", "Recommend Suppress", "Not Relevant")
    for _, row in read_rows(get_table(folder, "skills.tsv"), columns, problems, is_tsv=True):
        key, value = (row[CODE].strip(), row["Element ID"].strip()), _number(row["Data Value"])
        if key[0] not in by_code:
            continue
        if "Y" in (row["Recommend Suppress"], row["Not Relevant"]):
            found.refused["is marked as not relevant or too uncertain"] += 1
        elif value is None:
            found.refused[f"its value is none between 0 and {MOST_ONET}"] += 1
        elif row["Scale ID"] in ("IM", "LV"):
            (importance if row["Scale ID"] == "IM" else levels)[key] = value
    for (code, element), weight in importance.items():
        level = levels.get((code, element), 0)
        if level > 0 and weight >= IMPORTANT:
            uri = f"{SITE}/find/descriptor/result/{element}"
            demand = Demand(uri, level_from_onet(level), weight, weight >= VERY_IMPORTANT)
            by_code[code].demands.append(demand)


def _read_technologies(folder: Path, by_code: dict[str, Occupation], problems: Taxonomy) -> None:
    path = find_table(folder, "technology_skills.tsv")
    columns = (CODE, "Example", "Hot Technology", "In Demand")
    for _, row in read_rows(path, columns, problems, is_tsv=True) if path else ():
        occupation, is_wanted = by_code.get(row[CODE].strip()), row["In Demand"] == "Y"
        if occupation and (is_wanted or row["Hot Technology"] == "Y"):
            uri = f"{SITE}/search/tech/example?e={quote_plus(clean(row['Example']))}"
            occupation.demands.append(Demand(uri, TECHNOLOGY_LEVEL, 2.0 if is_wanted else 1.0, False))


def _number(text: str) -> float | None:
    try:
        value = float(text)
    except ValueError:
        return None
    return value if 0 <= value <= MOST_ONET else None
