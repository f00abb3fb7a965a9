"""Occupations of ESCO and O*NET as templates: added, changed, dropped, never against what people made of them."""

from pathlib import Path

import pytest
from sqlalchemy import func, select

from smartskill.exchange.services.occupations.importing import import_occupations
from smartskill.exchange.services.taxonomy.entries import TaxonomyUnreadable
from smartskill.exchange.services.taxonomy.sources import import_taxonomy
from smartskill.extensions import db
from smartskill.planning.models.roles import RoleProfile, RoleRequirement
from smartskill.planning.services.occupations.templates import SkillsNotImported
from smartskill.skills.models.catalogue import Skill, SkillOrigin, SkillSource
from tests.factories import make_role, make_skill, make_user, make_user_skill, sign_in

DATA = Path(__file__).parents[2].resolve().parent / "shared" / "data" / "taxonomy"
ESCO, ONET = DATA / "esco-v1.1.1-en", DATA / "onet-29.3-part"
real = pytest.mark.skipif(not DATA.is_dir(), reason=f"the taxonomies are not at {DATA}")
SITE = "https://www.onetonline.org"
BAKER, MILLER, GHOST = "urn:occupation:baker", "urn:occupation:miller", "urn:occupation:ghost"
OCCUPATIONS = "conceptUri,preferredLabel,altLabels,description,code\r\n"
RELATIONS = "occupationUri,relationType,skillType,skillUri\r\n"


def known(name: str, uri: str, source: str = "esco", **given) -> Skill:
    """A skill that came from a source."""
    if db.session.get(SkillSource, source) is None:
        db.session.add(SkillSource(key=source, name=source.upper(), attribution=f"From {source}."))
    skill = make_skill(name, **given)
    db.session.add(SkillOrigin(uri=uri, skill_id=skill.id, source=source, digest="", is_maker=True))
    db.session.flush()
    return skill


@pytest.fixture
def esco(app, tmp_path):
    """Import ESCO files of these lines."""

    def run(occupations: list[str], relations: list[tuple[str, str, str]], *chosen: str):
        lines = [f"{uri},{kind},knowledge,{skill}" for uri, kind, skill in relations]
        for name, head, rows in (
            ("occupations_en", OCCUPATIONS, occupations),
            ("occupationSkillRelations", RELATIONS, lines),
        ):
            text = head + "".join(row + "\r\n" for row in rows)
            (tmp_path / f"{name}.csv").write_text(text, encoding="utf-8", newline="")
        return import_occupations("esco", tmp_path, chosen)

    return run


def asked(uri: str) -> list[tuple]:
    rows = db.session.execute(
        select(Skill.name, RoleRequirement.level, RoleRequirement.weight, RoleRequirement.must)
        .join(Skill, Skill.id == RoleRequirement.skill_id)
        .join(RoleProfile, RoleProfile.id == RoleRequirement.role_id)
        .where(RoleProfile.external_uri == uri, RoleProfile.status == "template")
        .order_by(Skill.name)
    )
    return [tuple(row) for row in rows]


def find(uri: str) -> RoleProfile:
    return db.session.execute(select(RoleProfile).filter_by(external_uri=uri, status="template")).scalar_one()


LINES = [f'{BAKER},"baker\xa0 ","pastry baker\nbun baker",Bakes.,7512.1', f"{MILLER},miller,,Mills.,8160.2"]
RELATED = [(BAKER, "essential", "urn:knead"), (BAKER, "optional", "urn:sell"), (MILLER, "essential", "urn:mill")]


@pytest.fixture
def skills(app):
    return {name: known(name, f"urn:{name}") for name in ("knead", "sell", "mill")}


def test_essential_becomes_a_must_and_optional_none(esco, skills):
    outcome = esco(LINES, RELATED)
    assert (outcome.read, outcome.added, outcome.requirements) == (2, 2, 3)
    assert asked(BAKER) == [("knead", 3, 2.0, True), ("sell", 2, 1.0, False)]
    baker = find(BAKER)
    assert (baker.name, baker.description, baker.source, baker.version) == ("baker", "Bakes.", "esco", 1)
    assert outcome.attribution == "From esco."


def test_a_repeated_import_changes_nothing(esco, skills):
    esco(LINES, RELATED)
    before = db.session.execute(select(RoleRequirement.id).order_by(RoleRequirement.id)).all()
    outcome = esco(LINES, RELATED)
    assert (outcome.added, outcome.changed, outcome.unchanged, outcome.dropped) == (0, 0, 2, [])
    assert db.session.execute(select(RoleRequirement.id).order_by(RoleRequirement.id)).all() == before
    assert [role.version for role in db.session.scalars(select(RoleProfile))] == [1, 1]


def test_an_upgrade_adds_changes_and_drops_and_leaves_derived_profiles_alone(client, esco, skills):
    esco(LINES, RELATED)
    hr = sign_in(make_user("hr"))
    derived = client.post("/api/skills/roles/", json={"name": "Our baker", "from_id": find(BAKER).id}, headers=hr)
    kept = client.get(derived.headers["Location"], headers=hr).json
    brewer = "urn:occupation:brewer"
    outcome = esco(
        [f"{BAKER},master baker,,Bakes.,7512.1", f"{brewer},brewer,,,1"],
        [(BAKER, "optional", "urn:knead"), (BAKER, "essential", "urn:mill"), (brewer, "essential", "urn:mill")],
    )
    assert (outcome.added, outcome.changed, outcome.unchanged, outcome.dropped) == (1, 1, 0, ["miller"])
    assert asked(BAKER) == [("knead", 2, 1.0, False), ("mill", 3, 2.0, True)]
    assert (find(BAKER).name, find(BAKER).version) == ("master baker", 2)
    assert client.get(derived.headers["Location"], headers=hr).json == kept


def test_chosen_ones_are_imported_alone_and_drop_nothing(esco, skills):
    assert esco(LINES, RELATED, "7512.1").added == 1
    outcome = esco(LINES, RELATED, MILLER)
    assert (outcome.read, outcome.added, outcome.dropped, outcome.refused) == (1, 1, [], {})
    assert len(db.session.scalars(select(RoleProfile)).all()) == 2
    with pytest.raises(TaxonomyUnreadable, match="no occupation 9999"):
        esco(LINES, RELATED, "9999")


def test_what_cannot_be_placed_is_counted_and_told(esco, skills):
    known("fire with coal", "urn:coal", status="retired")
    more = [
        (GHOST, "essential", "urn:knead"),
        (GHOST, "optional", "urn:sell"),
        (BAKER, "nice to have", "urn:mill"),
        (BAKER, "essential", "urn:never-heard-of"),
        (MILLER, "essential", "urn:coal"),
    ]
    outcome = esco([*LINES, "urn:occupation:idler,idler,,,1", f"{BAKER},baker again,,,2"], RELATED + more)
    assert outcome.refused == {
        "belongs to an occupation that the file of occupations lacks": 2,
        "is neither essential nor optional": 1,
        "repeats an earlier row's URI": 1,
    }
    assert (outcome.unknown_demands, outcome.retired_demands, outcome.without_skills) == (1, 1, 1)
    assert (outcome.added, outcome.requirements) == (2, 3)


def test_two_skills_of_the_source_that_are_one_here_are_asked_once_as_the_stricter_says(esco, skills):
    db.session.add(
        SkillOrigin(uri="urn:knead-2", skill_id=skills["knead"].id, source="esco", digest="", is_maker=False)
    )
    db.session.flush()
    esco(LINES, [(BAKER, "optional", "urn:knead"), (BAKER, "essential", "urn:knead-2")])
    assert asked(BAKER) == [("knead", 3, 2.0, True)]


def test_without_the_skills_nothing_is_imported(esco, app):
    with pytest.raises(SkillsNotImported, match="flask skills import esco"):
        esco(LINES, RELATED)
    known("other", "urn:other")
    with pytest.raises(SkillsNotImported):
        esco(LINES, RELATED)


def test_a_file_that_is_missing_or_lacks_a_column_is_named(app, tmp_path):
    with pytest.raises(TaxonomyUnreadable, match=r"occupations_en\.csv"):
        import_occupations("esco", tmp_path)
    (tmp_path / "occupations_en.csv").write_text("conceptUri,preferredLabel\n")
    with pytest.raises(TaxonomyUnreadable, match="description"):
        import_occupations("esco", tmp_path)


ONET_SKILLS = """\
11-1.00\tA\t2.A.1.a\tReading\tIM\tImportance\t4.12\tN\t
11-1.00\tA\t2.A.1.a\tReading\tLV\tLevel\t4.62\tN\tN
11-1.00\tA\t2.A.1.b\tListening\tIM\tImportance\t3\tN\t
11-1.00\tA\t2.A.1.b\tListening\tLV\tLevel\t2.8\tN\tN
11-1.00\tA\t2.A.1.c\tWriting\tIM\tImportance\t2.99\tN\t
11-1.00\tA\t2.A.1.c\tWriting\tLV\tLevel\t5\tN\tN
11-1.00\tA\t2.A.1.d\tSpeaking\tIM\tImportance\t5\tN\t
11-1.00\tA\t2.A.1.d\tSpeaking\tLV\tLevel\t6\tY\tN
11-1.00\tA\t2.A.1.e\tScience\tIM\tImportance\t3.5\tN\t
11-1.00\tA\t2.A.1.e\tScience\tLV\tLevel\t0\tN\tY
11-1.00\tA\t2.A.1.f\tMath\tIM\tImportance\tmuch\tN\t
"""
ONET_COLUMNS = "O*NET-SOC Code\tTitle\tElement ID\tElement Name\tScale ID\tScale Name\tData Value"


def test_onet_importance_is_the_weight_and_its_level_is_brought_to_ours(app, tmp_path):
    for letter, name in zip("abcdef", ("Reading", "Listening", "Writing", "Speaking", "Science", "Math"), strict=True):
        known(name, f"{SITE}/find/descriptor/result/2.A.1.{letter}", "onet")
    for name, query in (("C++", "C%2B%2B"), ("Excel", "Excel"), ("Lotus", "Lotus")):
        known(name, f"{SITE}/search/tech/example?e={query}", "onet")
    (tmp_path / "occupation_data.tsv").write_text(
        "O*NET-SOC Code\tTitle\tDescription\n11-1.00\tA\tDoes.\n11-2.00\tB\t\n"
    )
    (tmp_path / "skills.tsv").write_text(f"{ONET_COLUMNS}\tRecommend Suppress\tNot Relevant\n{ONET_SKILLS}")
    (tmp_path / "technology_skills.tsv").write_text(
        "O*NET-SOC Code\tExample\tHot Technology\tIn Demand\n"
        "11-1.00\tC++\tY\tY\n11-1.00\tExcel\tY\tN\n11-1.00\tLotus\tN\tN\n"
    )
    outcome = import_occupations("onet", tmp_path)
    assert (outcome.read, outcome.added, outcome.without_skills) == (2, 1, 1)
    # LV 4.62 of 7 is 66 %, in the fourth fifth; LV 2.8 is 40 %, the last of the second
    assert asked(f"{SITE}/link/summary/11-1.00") == [
        ("C++", 2, 2.0, False),
        ("Excel", 2, 1.0, False),
        ("Listening", 2, 3.0, False),
        ("Reading", 4, 4.12, True),
    ]
    assert outcome.refused == {
        "is marked as not relevant or too uncertain": 2,
        "its value is none between 0 and 7": 1,
    }


def test_the_command_tells_what_it_did_and_a_dry_run_writes_nothing(app, committed, tmp_path):
    known("knead", "urn:knead")
    db.session.commit()
    (tmp_path / "occupations_en.csv").write_text(f"{OCCUPATIONS}{BAKER},baker,,Bakes.,7512.1\n")
    (tmp_path / "occupationSkillRelations.csv").write_text(
        f"{RELATIONS}{BAKER},essential,knowledge,urn:knead\n{GHOST},optional,knowledge,urn:knead\n"
    )
    run = app.test_cli_runner().invoke
    for more, written in ((["--dry-run"], 0), ([], 1), ([], 1)):
        result = run(args=["skills", "import-roles", "esco", str(tmp_path), *more])
        assert result.exit_code == 0, result.output
        assert db.session.scalar(select(func.count()).select_from(RoleProfile)) == written
        db.session.rollback()
    assert "1 × belongs to an occupation that the file of occupations lacks" in result.output
    assert "From esco." in result.output
    assert "unchanged        1" in result.output
    failed = run(args=["skills", "import-roles", "esco", str(tmp_path), "--occupation", "none"])
    assert failed.exit_code == 1
    assert "no occupation none" in failed.output


@real
def test_all_of_esco_and_onet_and_which_occupations_fit_me_among_all(app, client):
    import_taxonomy("esco", ESCO)
    outcome = import_occupations("esco", ESCO)
    assert (outcome.read, outcome.added, outcome.requirements) == (3_007, 3_007, 123_788)
    assert outcome.refused == {"belongs to an occupation that the file of occupations lacks": 67}
    assert (outcome.unknown_demands, outcome.retired_demands, outcome.without_skills) == (0, 0, 0)
    counts = db.session.scalars(select(func.count(RoleRequirement.id)).group_by(RoleRequirement.role_id)).all()
    assert (min(counts), max(counts)) == (4, 340)
    again = import_occupations("esco", ESCO)
    assert (again.added, again.changed, again.unchanged, again.dropped) == (0, 0, 3_007, [])

    import_taxonomy("onet", ONET)
    onet = import_occupations("onet", ONET)
    assert onet.read == 411
    assert onet.added == 411 - onet.without_skills > 350

    person, origin = make_user(), find("http://data.europa.eu/esco/occupation/00030d09-2b3a-4efd-87cc-c4ea39d27c34")
    for requirement in origin.requirements:
        make_user_skill(person, db.session.get_one(Skill, requirement.skill_id), level=5)
    make_role("Ours", ((db.session.get_one(Skill, origin.requirements[0].skill_id), 5),))
    headers = sign_in(person)
    answer = client.get("/api/users/me/fits?include=templates&page_size=100", headers=headers)
    assert (answer.json[0]["readiness"], answer.json[1]["readiness"]) == (1.0, 1.0)
    assert {row["name"] for row in answer.json[:2]} == {"Ours", "technical director"}
    assert next(row for row in answer.json if row["source"] == "esco")["attribution"].startswith("This service uses")
    assert f'"total":{3_007 + onet.added + 1}' in answer.headers["X-Pagination"]
