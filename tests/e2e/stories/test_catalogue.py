"""A catalogue that stays clean: from a proposal to a merge that can be undone, and taxonomies that come and go."""

import pytest

from tests.e2e.stories.days import ago

ESCO = "http://data.europa.eu/esco/skill/story-"


@pytest.fixture
def esco(demo, tmp_path):
    """Run `flask skills import esco` on these rows (`number,name`) as the whole of it; what it printed."""

    def run(*rows: str, options: tuple[str, ...] = ()) -> str:
        lines = [f"{ESCO}{number},{name},," for number, name in (row.split(",") for row in rows)]
        (tmp_path / "skills_en.csv").write_text("\n".join(["conceptUri,preferredLabel,altLabels,description", *lines]))
        done = demo.flask("skills", "import", "esco", str(tmp_path / "skills_en.csv"), *options)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    return run


def test_an_employees_skill_is_proposed_and_hr_makes_it_active(mia, hr):
    proposed = mia.post("/skills/", {"name": "Chart reading", "level": 3})
    assert (proposed["status"], proposed["proposed_by_id"]) == ("proposed", mia.id)
    assert mia.get(f"/users/me/skills/{proposed['id']}")["level"] == 3
    waiting = hr.get("/skills/?status=proposed&page_size=100")
    assert proposed["id"] in [one["id"] for one in waiting]
    mia.refused(403, "PATCH", f"/skills/{proposed['id']}", {"status": "active"})
    assert hr.patch(f"/skills/{proposed['id']}", {"status": "active"})["status"] == "active"
    mia.refused(403, "PATCH", f"/skills/{proposed['id']}", {"name": "Charts"})  # no longer hers to change


def test_who_adds_a_skill_is_told_of_the_one_they_may_mean(mia, hr):
    real = hr.find_skill("PostgreSQL")
    taken = mia.refused(409, "POST", "/skills/", {"name": "postgresql"})
    assert str(real) in str(taken) or "PostgreSQL" in taken["detail"]
    double = mia.post("/skills/", {"name": "PostgresSQL"})
    assert [(one["id"], one["name"], one["reason"]) for one in double["similar"]] == [
        (real, "PostgreSQL", "Its name is nearly the same.")
    ]
    mia.delete(f"/skills/{double['id']}")


def test_categories_are_a_tree_and_a_scale_names_the_levels_below_it(hr, new_skill):
    scale = hr.post("/skills/scales/", {
        "name": "Ropes", "levels": [{"level": level, "name": name} for level, name in enumerate(
            ("Landlubber", "Deckhand", "Seaman", "Boatswain", "Master"), 1)]})  # fmt: skip
    trades = hr.post("/skills/categories/", {"name": "Ship's trades", "scale_id": scale["id"]})
    ropes = hr.post("/skills/categories/", {"name": "Rope work", "parent_id": trades["id"]})
    splicing = new_skill("Splicing", category_id=ropes["id"], aliases=["Rope splicing"])
    row = next(one for one in hr.get("/skills/categories/?page_size=100") if one["id"] == ropes["id"])
    assert (row["path"], row["depth"], row["skills"]) == ("Ship's trades > Rope work", 1, 1)
    hr.put(f"/skills/{splicing}/levels", {"levels": [{"level": 3, "wording": "Splices wire."}]})
    levels = hr.get(f"/skills/{splicing}/levels")
    assert [(one["level"], one["name"], one["is_own"]) for one in levels] == [
        (1, "Landlubber", False), (2, "Deckhand", False), (3, "Seaman", True), (4, "Boatswain", False),
        (5, "Master", False),
    ]  # fmt: skip
    assert levels[2]["wording"] == "Splices wire."
    assert [one["id"] for one in hr.get(f"/skills/?category_id={trades['id']}")] == [splicing]
    assert hr.get("/skills/?q=rope%20splicing")[0]["id"] == splicing
    hr.refused(409, "DELETE", f"/skills/categories/{trades['id']}")


def seen(hr, *people_and_skills):
    """Everything that the API tells of two skills and of who has them."""
    people, skills = people_and_skills
    told = {}
    for skill in skills:
        told[skill, "skill"] = {k: v for k, v in hr.get(f"/skills/{skill}").items() if k != "updated_at"}
        told[skill, "usage"] = hr.get(f"/skills/{skill}/usage")
        told[skill, "people"] = hr.get(f"/skills/{skill}/people?page_size=100")
        told[skill, "past"] = hr.get(f"/skills/matrix?skill_id={skill}&as_of={ago(20)}")["cells"]
        for person in people:
            for part in ("", "/history", "/endorsements", "/evidence"):
                told[skill, person, part] = hr.ask("GET", f"/users/{person}/skills/{skill}{part}")[2]
                if isinstance(told[skill, person, part], dict):
                    told[skill, person, part].pop("request_id", None)
    return told


def test_a_merge_is_previewed_done_and_undone_whole(mia, lead, colleague, hr, new_skill):
    real, double = new_skill("Celestial navigation", aliases=["Astro"]), new_skill("Star navigation", aliases=["Stars"])
    mia.put(f"/users/me/skills/{double}", {"level": 4, "interest": 5, "effective_on": ago(10)})
    mia.put(f"/users/me/skills/{real}", {"level": 2, "target_level": 5, "effective_on": ago(30)})
    colleague.put(f"/users/me/skills/{double}", {"level": 3})
    lead.post(f"/users/{mia.id}/skills/{double}/endorsements", {"level": 3})
    mia.post("/experience/", {
        "organisation": "Regatta", "title": "Navigator", "start": "2020", "end": "2021", "skill_ids": [double],
    })  # fmt: skip
    role = hr.post("/skills/roles/", {"name": "Navigator", "requirements": [{"skill_id": double, "level": 3}]})
    before = seen(hr, (mia.id, colleague.id), (real, double))
    preview = hr.post(f"/skills/{double}/merge", {"into_id": real, "dry_run": True})
    assert seen(hr, (mia.id, colleague.id), (real, double)) == before
    # Two people had the double. Of Mia, who had both, the lead's 3 takes the place of her own 2; the colleague's 3 goes
    # over as it is.
    assert (preview["id"], preview["people"], preview["levels_changed"]) == (None, 2, 1)
    assert (preview["moved"]["holders"], preview["folded"]["holders"]) == (1, 1)
    done = hr.post(f"/skills/{double}/merge", {"into_id": real})
    assert done["moved"] == preview["moved"]
    assert hr.get(f"/skills/{double}")["merged_into_id"] == real
    assert hr.get("/skills/?q=star%20navigation")[0]["id"] == real
    assert hr.get(f"/users/{colleague.id}/skills/{real}")["level"] == 3
    assert hr.get(f"/users/{mia.id}/skills/{real}")["level"] == 3
    assert hr.get(f"/skills/roles/{role['id']}")["requirements"][0]["skill_id"] == real
    undone = hr.post(f"/skills/merges/{done['id']}/undo")
    assert undone["undone_at"]
    assert seen(hr, (mia.id, colleague.id), (real, double)) == before
    assert hr.get(f"/skills/roles/{role['id']}")["requirements"][0]["skill_id"] == double


def test_a_skill_in_use_is_retired_and_takes_no_new_ratings(mia, hr, new_skill):
    telex = new_skill("Telex")
    mia.put(f"/users/me/skills/{telex}", {"level": 2})
    assert hr.get(f"/skills/{telex}/usage")["holders"] == 1
    assert "retire" in hr.refused(409, "DELETE", f"/skills/{telex}")["detail"].lower()
    hr.patch(f"/skills/{telex}", {"status": "retired"})
    mia.refused(409, "PUT", f"/users/me/skills/{telex}", {"level": 3})
    assert mia.get(f"/users/me/skills/{telex}")["level"] == 2
    assert telex not in [one["id"] for one in mia.get("/skills/?q=telex")]


def test_a_taxonomy_is_imported_and_its_next_edition_says_what_it_drops(esco, mia, hr):
    assert "added            3" in esco("1,stow cargo by crane", "2,weigh an anchor", "3,scrub a deck")
    crane = hr.find_skill("stow cargo by crane")
    mia.put(f"/users/me/skills/{crane}", {"level": 4})
    dry = esco("2,heave an anchor", "4,paint a hull", options=("--dry-run", "--allow-drops"))
    assert "dry run, nothing written" in dry
    told = esco("2,heave an anchor", "4,paint a hull", options=("--allow-drops",))
    for line in ("added            1", "changed          1", "dropped          2"):
        assert line in dry
        assert line in told
    assert "stow cargo by crane (retired: in use)" in told
    assert "scrub a deck (deleted: never used)" in told
    assert hr.get(f"/skills/{crane}")["status"] == "retired"
    assert mia.get(f"/users/me/skills/{crane}")["level"] == 4
    assert hr.get("/skills/?q=weigh%20an%20anchor")[0]["name"] == "heave an anchor"  # the former name still finds it
    assert hr.get(f"/skills/{hr.find_skill('heave an anchor')}")["external_uri"] == f"{ESCO}2"
    source = next(one for one in hr.get("/skills/sources/") if one["key"] == "esco")
    assert source["attribution"]


def test_a_list_of_ones_own_is_mapped_and_its_bad_rows_come_back(demo, hr, tmp_path):
    skills, rejects = tmp_path / "list.csv", tmp_path / "rejects.csv"
    skills.write_text("Skill;Area;Also\nLace making;Crafts;Bobbin lace\n;Crafts;\nFelting;Crafts;\n")
    columns = ("--map", "name=Skill", "--map", "category=Area", "--map", "aliases=Also")
    refused = demo.flask("skills", "import", "csv", str(skills), *columns, "--rejects", str(rejects))
    assert refused.returncode != 0
    assert "3" in refused.stderr
    assert not [one for one in hr.get("/skills/?q=lace%20making") if one["name"] == "Lace making"]  # all or nothing
    assert rejects.read_text().count("Crafts") == 1
    taken = demo.flask("skills", "import", "csv", str(skills), *columns, "--skip-errors")
    assert taken.returncode == 0, taken.stderr
    lace = hr.get(f"/skills/{hr.find_skill('Lace making')}")
    assert lace["aliases"] == ["Bobbin lace"]
    path = {one["id"]: one["path"] for one in hr.get("/skills/categories/?page_size=100")}
    assert path[lace["category_id"]] == "Crafts"
