"""Suggestions: what is named, what is only a word, what goes together, and nothing about the few."""

import pytest

from ml.suggesting.catalogue import Catalogue
from ml.suggesting.matching import LabelMatcher
from ml.suggesting.suggest import Suggester, suggest_popular
from ml.suggesting.together import SUPPORT, Together
from ml.suggesting.words import tokens

SKILLS = {
    "PostgreSQL": ["postgres"],
    "C++": [],
    "C#": [],
    "C": [],
    "Go": ["golang"],
    "Machine learning": ["ML"],
    "Learning": [],
    "Kubernetes": ["k8s"],
    ".NET": [],
    "Welding": [],
}
NAMES = list(SKILLS)
CATALOGUE = Catalogue(
    list(range(100, 100 + len(SKILLS))),
    [[name, *aliases] for name, aliases in SKILLS.items()],
    ["Join metal parts with heat and a torch." if name == "Welding" else "" for name in SKILLS],
)


def named(text: str) -> list[str]:
    return [NAMES[match.skill] for match in LabelMatcher(CATALOGUE).find(text)]


def test_symbols_stay_with_their_words():
    assert tokens("C++, C# (.NET), Node.js; CI/CD. It's") == ["C++", "C#", ".NET", "Node.js", "CI/CD", "It's"]


@pytest.mark.parametrize(
    ("text", "skills"),
    [
        ("Ran Postgres and k8s clusters", ["PostgreSQL", "Kubernetes"]),
        ("machine learning in C++", ["Machine learning", "C++"]),  # the longest label, not Learning
        ("a C# shop on .NET", ["C#", ".NET"]),
        ("We go home and see C level people", []),
        ("Services in Go on Kubernetes", ["Go", "Kubernetes"]),
        ("Go", []),  # one doubtful word alone proves nothing
        ("golang", ["Go"]),
        ("Docker/Kubernetes", ["Kubernetes"]),
        ("", []),
    ],
)
def test_a_text_names_skills(text, skills):
    assert named(text) == skills


def test_cosines_by_hand():
    """10 people have skill 0, 8 have 1, 6 both: 6 ÷ √(10 · 8) = 0.6708; alone it says 1 − e^−0.6708 = 0.4887."""
    people = [[0, 1]] * 6 + [[0]] * 4 + [[1]] * 2 + [[2]] * 8
    together = Together(people, 3)
    places, both, cosines = together.cosines(0)
    assert (places.tolist(), both.tolist()) == ([1], [6])
    assert cosines[0] == pytest.approx(0.6708, abs=1e-4)
    assert together.of([0, 2]) == {1: (pytest.approx(0.4887, abs=1e-4), 0, 6)}


def test_what_few_people_share_is_not_told():
    people = [[0, 1]] * (SUPPORT - 1) + [[0]] * 50
    assert Together(people, 2).of([0]) == {}


def test_names_come_before_likeness_and_company():
    people = [[0, 7]] * 30 + [[9]] * 30
    found = Suggester(CATALOGUE, people).suggest(["Tuned Postgres", "join metal parts with a torch"], held=[])
    assert [NAMES[one.place] for one in found] == ["PostgreSQL", "Welding", "Kubernetes"]
    first, second, third = found
    assert (first.words, first.text) == ("Postgres", 0)
    assert (second.is_alike, second.text) == (True, 1)
    assert (NAMES[third.goes_with], third.both) == ("PostgreSQL", 30)


def test_what_is_held_is_not_suggested():
    assert Suggester(CATALOGUE, []).suggest(["Postgres"], held=[0]) == []


def test_the_baseline_knows_nobody():
    assert suggest_popular(Together([[1], [1], [2]], 4), held=[1], most=2) == [2, 0]


def test_a_catalogue_is_parallel():
    with pytest.raises(ValueError, match="differ"):
        Catalogue([1], [], [])
