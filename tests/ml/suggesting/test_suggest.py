"""Suggestions: what is named, what is only a word, what goes together, and nothing about the few."""

import pytest

from ml.suggesting.catalogue import Catalogue
from ml.suggesting.matching import LabelMatcher
from ml.suggesting.similarity import Similarity
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


def test_names_come_before_company_and_that_before_likeness():
    people = [[0, 7]] * 30 + [[9]] * 30
    found = Suggester(CATALOGUE, people).suggest(["Tuned Postgres", "join metal parts with a torch"], held=[])
    assert [NAMES[one.place] for one in found] == ["PostgreSQL", "Kubernetes", "Welding"]
    first, second, third = found
    assert (first.words, first.text) == ("Postgres", 0)
    assert (NAMES[second.goes_with], second.both) == ("PostgreSQL", 30)
    assert (third.is_alike, third.text) == (True, 1)


def test_what_is_held_is_not_suggested():
    assert Suggester(CATALOGUE, []).suggest(["Postgres"], held=[0]) == []


def test_of_two_that_are_named_the_commoner_comes_first():
    both = Catalogue([1, 2], [["Docker"], ["Ansible"]], ["", ""])
    for common in (0, 1):
        found = Suggester(both, [[common]] * 3 + [[]]).suggest(["Docker and Ansible"], held=[])
        assert [one.place for one in found] == [common, 1 - common]


def test_where_nothing_else_speaks_what_is_common_does_and_what_one_person_has_does_not():
    people = [[1, 2]] * 2 + [[1]] * 2 + [[3]] + [[9]] * 5
    found = Suggester(CATALOGUE, people).suggest(["Sang in a choir"], held=[2])
    assert [(one.place, one.holders, one.voices) for one in found] == [(9, 5, {"common": 0.5}), (1, 4, {"common": 0.4})]


def test_words_that_no_skill_knows_count_against_a_likeness():
    similarity = Similarity(CATALOGUE)
    assert similarity.of("Welding")[9] > 0.5 > 0.25 > similarity.of("Welding for choirs, poets, painters and dogs")[9]


def test_the_likest_sentence_speaks_for_a_text():
    similarity, sentence = Similarity(CATALOGUE), "join metal parts with a torch"
    assert similarity.of(f"Sang in a choir for years.\n{sentence}. Wrote poems")[9] == similarity.of(sentence)[9] > 0.5


def test_the_baseline_knows_nobody():
    assert suggest_popular(Together([[1], [1], [2]], 4), held=[1], most=2) == [2, 0]


def test_a_catalogue_is_parallel():
    with pytest.raises(ValueError, match="differ"):
        Catalogue([1], [], [])
