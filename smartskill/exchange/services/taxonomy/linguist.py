"""The languages that linguist knows, from `languages.json`: programming and markup languages, with their aliases."""

from collections.abc import Iterable
from pathlib import Path

import orjson

from smartskill.exchange.services.taxonomy.entries import (
    Entry,
    Shelf,
    Taxonomy,
    TaxonomyUnreadable,
    clean,
    clean_aliases,
)

ATTRIBUTION = "Languages from linguist-languages 9.5.0 and github-linguist (MIT licence), © GitHub, Inc."
SITE = "https://github.com/github-linguist/linguist"
KINDS = {"programming": "Programming languages", "markup": "Markup languages"}
PARTS = tuple(KINDS)


def read_linguist(folder: Path, only: Iterable[str] = ()) -> Taxonomy:
    """Read `languages.json` in the folder (or that file itself); data and prose formats are nobody's skill.

    Raises:
        TaxonomyUnreadable: it is missing or no array of languages.
    """
    path = folder / "languages.json" if folder.is_dir() else folder
    try:
        languages = orjson.loads(path.read_bytes())
    except (OSError, orjson.JSONDecodeError) as error:
        raise TaxonomyUnreadable(f"{path} cannot be read: {error}.") from error
    if not isinstance(languages, list) or not all(isinstance(language, dict) for language in languages):
        raise TaxonomyUnreadable(f"{path} is not an array of languages.")
    kinds = [kind for kind in KINDS if kind in only] or list(KINDS)
    found = Taxonomy("linguist", "linguist", ATTRIBUTION, SITE, is_whole=len(kinds) == len(KINDS))
    found.shelves = [Shelf(f"{SITE}#{kind}", KINDS[kind]) for kind in kinds]
    for number, language in enumerate(languages, 1):
        if language.get("type") in kinds:
            found.add(f"{path.name}, language {number}", _entry(language))
    return found


def _entry(language: dict) -> Entry:
    name = clean(str(language.get("name") or ""))
    uri = f"{SITE}#language-{language.get('languageId')}"
    aliases = clean_aliases(name, [str(alias) for alias in language.get("aliases") or ()])
    return Entry(uri, name, None, aliases, f"{SITE}#{language['type']}", uri)
