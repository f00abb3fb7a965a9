"""A search box that knows what is meant."""

import pytest


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("postgersql", "PostgreSQL"),  # two letters changed places
        ("kuberntes", "Kubernetes"),  # one is missing
        ("pyhton", "Python"),
        ("javasript", "JavaScript"),
        ("soldring", "Soldering"),
        ("machine lerning", "Machine learning"),
        ("k8s", "Kubernetes"),  # by its alias
        ("typescr", "TypeScript"),  # not yet typed to its end
        ("POSTGRESQL", "PostgreSQL"),
    ],
)
def test_what_is_typed_finds_what_is_meant_first(mia, typed, meant):
    found = mia.get(f"/skills/?q={typed.replace(' ', '%20')}")
    assert found[0]["name"] == meant


def test_the_best_comes_first_and_nonsense_finds_nothing(mia):
    names = [skill["name"] for skill in mia.get("/skills/?q=java")]
    assert names[0] == "Java"
    assert "JavaScript" in names[1:]
    assert mia.get("/skills/?q=qzxwvk") == []


def test_colleagues_are_found_by_a_name_without_its_accents(mia, hr):
    sousa = next(one for one in hr.get(f"/users/teams/{mia.team_id}/members") if one["full_name"] == "João Sousa")
    assert [one["id"] for one in mia.get("/users/?q=joao%20sousa")] == [sousa["id"]]
