"""A newer edition of a taxonomy over an older one: what is new, changed or gone, and nothing of ours lost."""

import pytest
from sqlalchemy import select

from smartskill.exchange.services.taxonomy.plan import summary
from smartskill.exchange.services.taxonomy.sources import TaxonomyShrunk, import_taxonomy
from smartskill.extensions import db
from smartskill.skills.models.catalogue import Skill, SkillAlias, SkillOrigin
from smartskill.skills.models.levels import Rating
from smartskill.skills.services.projection import find_user_skill
from smartskill.skills.services.rating import rate_skill
from tests.factories import make_skill, make_user, sign_in

URI = "http://data.europa.eu/esco/skill/"
HEADER = "conceptUri,preferredLabel,altLabels,description\n"
ANCHORS = "Element ID\tScale ID\tAnchor Value\tAnchor Description\n"


@pytest.fixture
def esco(app, tmp_path):
    """Import these rows, each `uri,name,aliases,description`, as the whole of ESCO; what happened, by kind."""

    def run(*rows: str, name: str = "skills_en.csv", **more):
        (tmp_path / name).write_text(HEADER + "".join(f"{URI}{row}\n" for row in rows))
        plan = import_taxonomy("esco", tmp_path / name, **more)
        db.session.expire_all()
        return {kind: number for kind, number in summary(plan).items() if number}, plan

    return run


@pytest.fixture
def hr(app):
    return sign_in(make_user("hr"))


def named(name: str) -> Skill | None:
    return db.session.scalars(select(Skill).filter_by(name=name)).one_or_none()


def test_an_upgrade_adds_changes_and_drops_and_keeps_every_rating(esco, client, hr):
    esco("1,Stays,,", "2,Old name,old,", "3,Used and gone,,", "4,Never used,,")
    holder, used = make_user(), named("Used and gone")
    rate_skill(holder.id, used.id, 4, source="self", rater_id=holder.id)
    newer = ("1,Stays,,", "2,New name,new,said", "5,Added,,")
    told, _ = esco(*newer, is_dry_run=True)
    counts, plan = esco(*newer)
    assert counts == told == {"read": 3, "added": 1, "changed": 1, "dropped": 2, "unchanged": 1}
    assert {drop.name: drop.end for drop in plan.dropped} == {"Used and gone": "retired", "Never used": "deleted"}
    assert named("Never used") is None
    db.session.refresh(used)
    assert (used.status, find_user_skill(holder.id, used.id).level) == ("retired", 4)
    assert client.get(f"/api/users/{holder.id}/skills/{used.id}", headers=hr).json["level"] == 4
    assert sorted(named("New name").aliases) == ["Old name", "new", "old"]
    assert esco(*newer)[0] == {"read": 3, "unchanged": 3}


def test_an_entry_that_comes_back_makes_its_skill_active_again(esco):
    esco("1,Stays,,", "2,Comes back,,")
    holder, skill = make_user(), named("Comes back")
    rate_skill(holder.id, skill.id, 2, source="self", rater_id=holder.id)
    esco("1,Stays,,")
    assert named("Comes back").status == "retired"
    assert esco("1,Stays,,", "2,Comes back,,now said")[0] == {"read": 2, "changed": 1, "unchanged": 1}
    assert (named("Comes back").status, named("Comes back").description) == ("active", "now said")
    assert esco("1,Stays,,", "2,Comes back,,now said")[0] == {"read": 2, "unchanged": 2}


def test_what_people_curated_is_never_overwritten_and_the_rest_follows_the_source(esco, client, hr):
    esco("1,Kubernets,,Old")
    address = f"/api/skills/{named('Kubernets').id}"
    client.patch(address, json={"description": "Ours."}, headers=hr)
    counts, plan = esco("1,Kubernetes,,New")
    assert (counts["changed"], plan.changed[0].curated) == (1, ["description"])
    assert (named("Kubernetes").description, named("Kubernetes").aliases) == ("Ours.", ["Kubernets"])
    esco("1,Kubernetes,,Newer")
    assert named("Kubernetes").description == "Ours."  # still ours the second time
    client.patch(address, json={"name": "K8s", "description": "Newer"}, headers=hr)
    esco("1,Kubernetes clusters,,Newest")
    assert (named("K8s").description, "Kubernetes clusters" in named("K8s").aliases) == ("Newer", True)


def test_what_was_curated_or_belongs_to_another_source_is_not_deleted(esco, client, hr, tmp_path):
    make_skill("Here before", status="proposed")
    esco("1,Curated,,", "2,In two lists,,", "3,Here before,,", "4,Stays,,")
    client.patch(f"/api/skills/{named('Curated').id}", json={"aliases": ["ours"]}, headers=hr)
    own = tmp_path / "own.csv"
    own.write_text("name\nIn two lists\n")
    import_taxonomy("csv", own)
    _, plan = esco("4,Stays,,")
    assert {drop.name: drop.end for drop in plan.dropped} == {
        "Curated": "retired", "In two lists": "released", "Here before": "released",
    }  # fmt: skip
    states = {name: named(name).status for name in ("Curated", "In two lists", "Here before")}
    assert states == {"Curated": "retired", "In two lists": "active", "Here before": "proposed"}
    assert esco("4,Stays,,")[0] == {"read": 1, "unchanged": 1}


def test_what_people_retired_stays_retired_when_it_is_dropped_and_comes_back(esco, client, hr):
    esco("1,Stays,,", "2,Retired by us,,")
    client.patch(f"/api/skills/{named('Retired by us').id}", json={"status": "retired"}, headers=hr)
    esco("1,Stays,,")
    esco("1,Stays,,", "2,Retired by us,,")
    assert named("Retired by us").status == "retired"


def test_a_new_uri_of_the_same_name_is_the_same_skill(esco):
    esco("1,Kubernetes,,Old", "2,Stays,,")
    number = named("Kubernetes").id
    counts, _ = esco("9,Kubernetes,,New", "2,Stays,,")
    assert counts == {"read": 2, "changed": 1, "unchanged": 1}
    found = named("Kubernetes")
    assert (found.id, found.external_uri, found.description) == (number, f"{URI}9", "New")
    assert db.session.scalars(select(SkillOrigin.uri).filter_by(skill_id=number)).all() == [f"{URI}9"]


def test_a_file_that_lacks_much_is_refused_unless_it_is_meant(esco):
    esco(*(f"{number},Skill {number},," for number in range(100)))
    with pytest.raises(TaxonomyShrunk, match="79 of 100"):
        esco(*(f"{number},Skill {number},," for number in range(21)))
    assert named("Skill 99") is not None
    esco(*(f"{number},Skill {number},," for number in range(21)), is_dropping=True)
    assert named("Skill 99") is None


def test_the_entry_of_a_merged_skill_leads_to_where_it_went_and_home_after_the_undo(esco, client, hr):
    real = make_skill("PostgreSQL", description="Ours.")
    esco("1,Postgres,pg,", "2,Stays,,")
    double = named("Postgres")
    merge = client.post(f"/api/skills/{double.id}/merge", json={"into_id": real.id}, headers=hr).json["id"]
    assert esco("1,Postgres,pg,", "2,Stays,,")[0] == {"read": 2, "unchanged": 2}
    assert esco("1,Postgres DB,pg,new", "2,Stays,,")[0] == {"read": 2, "unchanged": 2}
    db.session.expire_all()
    assert (real.name, real.description, "Postgres DB" in real.aliases) == ("PostgreSQL", "Ours.", True)
    client.post(f"/api/skills/merges/{merge}/undo", headers=hr)
    assert esco("1,Postgres DB,pg,new", "2,Stays,,")[0] == {"read": 2, "changed": 1, "unchanged": 1}
    assert named("Postgres DB").id == double.id


def test_a_merged_skill_is_known_by_its_name_and_its_uri(esco, client, hr):
    real = make_skill("PostgreSQL")
    for double in (make_skill("Postgres"), make_skill("Old PG", external_uri=f"{URI}7")):
        client.post(f"/api/skills/{double.id}/merge", json={"into_id": real.id}, headers=hr)
    assert esco("1,Postgres,psql,", "7,Elephant,,")[0] == {"read": 2, "adopted": 2}
    db.session.expire_all()
    assert {"psql", "Elephant"} <= set(real.aliases)


def test_names_in_another_language_are_found_and_told_apart(esco, client):
    esco("1,programming,coding,", "2,testing,,")
    french = ("1,programmation,coding | développement,", "2,testing,,", "3,inconnu,,")
    counts, plan = esco(*french, name="digitalSkillsCollection_fr.csv")
    assert counts == {"read": 3, "changed": 1, "skipped": 1, "unchanged": 1}
    assert "English edition" in plan.skipped[0].reason
    rows = db.session.execute(select(SkillAlias.name, SkillAlias.language).order_by(SkillAlias.id)).all()
    assert [tuple(row) for row in rows] == [("coding", None), ("programmation", "fr"), ("développement", "fr")]
    assert esco(*french, name="digitalSkillsCollection_fr.csv")[0]["unchanged"] == 2
    found = client.get("/api/skills/", query_string={"q": "programmation"}, headers=sign_in(make_user())).json
    assert [row["name"] for row in found] == ["programming"]
    assert esco("1,programming,coding,", "2,testing,,")[0] == {"read": 2, "unchanged": 2}


def test_levels_are_worded_by_onets_anchors_until_people_word_them(app, client, hr, tmp_path):
    def load(*anchors: str):
        (tmp_path / "skills.tsv").write_text("Element ID\tElement Name\n2.A\tWriting\n")
        (tmp_path / "level_scale_anchors.tsv").write_text(ANCHORS + "".join(f"2.A\tLV\t{one}\n" for one in anchors))
        import_taxonomy("onet", tmp_path / "skills.tsv")
        levels = client.get(f"/api/skills/{named('Writing').id}/levels", headers=hr).json
        return {level["level"]: level["wording"] for level in levels if level["is_own"]}

    # Anchors at 2, 3, 4 and 6 of 7 are our levels 2, 3, 3 and 5.
    first = load("2\tTake an order", "3\tNote", "4\tWrite a mail", "6\tWrite a novel")
    assert first == {2: "Take an order", 3: "Note; Write a mail", 5: "Write a novel"}
    assert load("2\tTake a big order") == {2: "Take a big order"}
    address = f"/api/skills/{named('Writing').id}/levels"
    client.put(address, json={"levels": [{"level": 1, "wording": "Ours"}]}, headers=hr)
    assert load("2\tTake another") == {1: "Ours"}


def test_no_import_ever_touches_a_rating(esco):
    esco("1,One,,", "2,Two,,")
    holder = make_user()
    for name in ("One", "Two"):
        rate_skill(holder.id, named(name).id, 3, source="self", rater_id=holder.id)
    before = [tuple(row) for row in db.session.execute(select(Rating.id, Rating.skill_id, Rating.level))]
    esco("2,Zwei,,changed", "3,Three,,")
    assert [tuple(row) for row in db.session.execute(select(Rating.id, Rating.skill_id, Rating.level))] == before
