"""Words that the search knows something about: short forms, makers of software, words that say little.

Curated from general knowledge of the field, not from any catalogue; to teach the search a short form, add a line to
`synonyms.txt`.
"""

from functools import cache
from pathlib import Path

MOST_MEANINGS = 2


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


# Said about a skill rather than naming it: left out of a second reading of what was typed.
FILLERS = _words("""
    able ability advanced background basic basics beginner certified competence competency dev developer development do
    doing engineer engineering experience experienced expert expertise familiar familiarity fluent fluently good having
    how intermediate job know knowing knowledge lang language learn learning making practical professional proficiency
    proficient program programmer programming senior skill skilled skills software specialist strong tool tools
    understanding use using work worker working
""")
# Words without a say of their own, English only: the catalogue's language.
STOPS = _words("a an and as at by for from in into is of on or our the their to us via with your")
# In a label, these matter less than the others when one asks how much of it was meant.
LIGHT = _words("""
    application apply carry computer conduct create design develop do enterprise execute framework handle language make
    manage operate out package perform platform prepare principles product professional program programming provide run
    service skills software studio suite system systems technique techniques tend tool tools undertake use using utilise
    utilize
""")
# Whoever types a product's name mostly leaves these out.
MAKERS = _words("""
    adobe amazon apache apple atlassian autodesk avid bentley cadence cisco citrix corel dassault esri facebook google
    graphisoft hashicorp hat hewlett ibm instruments intuit jetbrains linkedin mathworks mcneel meta microsoft
    microsystems mozilla national oracle packard pearson ptc qlik quest red redhat sage salesforce sap siemens sun
    symantec synopsys systemes systems tibco trimble veritas vmware
""")


@cache
def synonyms() -> dict[str, tuple[str, ...]]:
    """What each short form stands for, the likeliest first."""
    found: dict[str, tuple[str, ...]] = {}
    for line in Path(__file__).with_name("synonyms.txt").read_text(encoding="utf-8").splitlines():
        if line and not line.startswith("#"):
            short, meanings = line.split(": ", 1)
            found[short] = tuple(meaning.strip() for meaning in meanings.split("|")[:MOST_MEANINGS])
    return found
