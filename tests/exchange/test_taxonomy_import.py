"""Taxonomies into the catalogue: added once, changed only where the source changed, and never against people's will."""

import pytest
from sqlalchemy import select

from smartskill.exchange.services.taxonomy.plan import summary
from smartskill.exchange.services.taxonomy.sources import import_taxonomy
from smartskill.extensions import db
from smartskill.skills.models.catalogue import Skill, SkillAlias, SkillCategory, SkillOrigin, SkillSource
from tests.factories import make_skill, make_user, sign_in

HEADER = "name,category,aliases,description,external_uri\n"


@pytest.fixture
def load(app, tmp_path):
    """Import a CSV of these lines; what happened, by kind."""

    def run(*lines: str, **more) -> dict[str, int]:
        path = tmp_path / "skills.csv"
        path.write_text(HEADER + "".join(line + "\n" for line in lines))
        return {kind: number for kind, number in summary(import_taxonomy("csv", path, **more)).items() if number}

    return run


def skill(name: str) -> Skill:
    return db.session.execute(select(Skill).filter_by(name=name)).scalar_one()


def test_a_list_is_imported_and_a_second_time_changes_nothing(load):
    lines = ("Kubernetes,Data > Clusters,k8s|kube,Runs things,", "Helm,Data > Clusters,,,urn:helm")
    assert load(*lines) == {"read": 2, "added": 2}
    found = skill("Kubernetes")
    assert (found.aliases, found.description, found.status, found.category.name) == (
        ["k8s", "kube"],
        "Runs things",
        "active",
        "Clusters",
    )
    assert (found.external_uri, skill("Helm").external_uri) == (None, "urn:helm")
    assert load(*lines) == {"read": 2, "unchanged": 2}
    assert (found.version, len(db.session.scalars(select(SkillCategory)).all())) == (1, 2)


def test_a_dry_run_counts_and_writes_nothing(load):
    assert load("Kubernetes,Data,,,", is_dry_run=True) == {"read": 1, "added": 1}
    for table in (Skill, SkillCategory, SkillOrigin, SkillSource):
        assert db.session.scalars(select(table)).all() == []


def test_what_changed_at_the_source_is_changed_here_and_its_former_name_is_still_known(load):
    load("Kubernets,Data,k8s,Old,urn:k", "Helm,,,,urn:h")
    version = skill("Kubernets").version
    assert load("Kubernetes,Clusters,kube,New,urn:k", "Helm,,,,urn:h") == {"read": 2, "changed": 1, "unchanged": 1}
    found = skill("Kubernetes")
    assert (found.description, found.category.name) == ("New", "Clusters")
    assert sorted(found.aliases) == ["Kubernets", "k8s", "kube"]
    assert found.version > version


def test_what_people_curated_stays_until_the_source_says_something_else(load):
    load("Kubernetes,,k8s,Old,urn:k")
    found = skill("Kubernetes")
    found.name, found.description, found.status = "Cluster running", "Ours", "retired"
    db.session.flush()
    assert load("Kubernetes,,k8s,Old,urn:k") == {"read": 1, "unchanged": 1}
    assert (found.name, found.description, found.status) == ("Cluster running", "Ours", "retired")


def test_a_skill_that_was_there_is_adopted_and_left_as_it_was(load):
    found = make_skill("Python", description="ours", status="proposed")
    assert load("PYTHON,Languages,py,theirs,urn:python") == {"read": 1, "adopted": 1}
    db.session.refresh(found)
    assert (found.name, found.description, found.status, found.category_id) == ("Python", "ours", "proposed", None)
    assert (found.external_uri, found.aliases) == ("urn:python", ["py"])
    assert load("PYTHON,Languages,py,theirs,urn:python") == {"read": 1, "unchanged": 1}
    assert load("PYTHON,Languages,py,other words,urn:python") == {"read": 1, "unchanged": 1}
    assert found.description == "ours"


def test_an_adopted_skills_own_uri_is_kept(load):
    found = make_skill("Python", external_uri="urn:esco")
    load("Python,,,,urn:onet")
    db.session.refresh(found)
    assert found.external_uri == "urn:esco"
    assert load("Python,,,,urn:onet") == {"read": 1, "unchanged": 1}


def test_a_skill_is_known_again_by_its_uri_under_another_name(load):
    found = make_skill("Container orchestration", external_uri="urn:k")
    assert load("Kubernetes,,,,urn:k") == {"read": 1, "adopted": 1}
    db.session.refresh(found)
    assert (found.name, found.aliases) == ("Container orchestration", ["Kubernetes"])


def test_of_two_entries_with_one_name_the_second_is_skipped_and_a_rename_onto_another_too(load):
    lines = ("Helm,,,,urn:a", "HELM,,,,urn:b", "Kube,,,,urn:c")
    assert load(*lines, is_skipping=True) == {"read": 3, "added": 2, "skipped": 1}
    lines = ("Helm,,,,urn:a", "Helm ,,,,urn:c")
    assert load(*lines, is_skipping=True) == {"read": 2, "skipped": 1, "unchanged": 1}
    make_skill("Taken")
    lines = ("Helm,,,,urn:a", "Taken,,,,urn:c")
    assert load(*lines, is_skipping=True) == {"read": 2, "skipped": 1, "unchanged": 1}
    assert skill("Kube").id


def test_an_alias_that_is_another_skills_name_is_kept(load):
    load("Kubernetes,,k8s,,", "K8s,,Kubernetes,,")
    assert (skill("Kubernetes").aliases, skill("K8s").aliases) == (["k8s"], ["Kubernetes"])


def test_signs_that_mean_something_to_copy_come_through(load):
    load('"\\. back\\slash ""quoted"", comma",,"a\\tb|N|\\N",x,')
    found = skill('\\. back\\slash "quoted", comma')
    assert found.aliases == ["a\\tb", "N", "\\N"]


def test_an_import_is_found_and_its_source_shown(load, client):
    load("Kubernetes,,k8s,,")
    headers = sign_in(make_user())
    assert [row["name"] for row in client.get("/api/skills/?q=k8s", headers=headers).json] == ["Kubernetes"]
    sources = client.get("/api/skills/sources/", headers=headers).json
    assert [(source["key"], source["skills"]) for source in sources] == [("csv", 1)]


def test_the_command_reports_and_fails_honestly(app, tmp_path):
    path, run = tmp_path / "skills.csv", app.test_cli_runner().invoke
    path.write_text(HEADER + "Kubernetes,,k8s,,\n,,,nameless,\n")
    dry = run(args=["skills", "import", "csv", str(path), "--dry-run"])
    assert dry.exit_code == 0
    assert "nothing written" in dry.output
    assert db.session.scalars(select(Skill)).all() == []
    rejects = tmp_path / "rejects.csv"
    refused = run(args=["skills", "import", "csv", str(path), "--rejects", str(rejects)])
    assert refused.exit_code != 0
    assert "skills.csv, line 3: has no name" in refused.output
    assert db.session.scalars(select(Skill)).all() == []
    handed_back = "where,reason," + HEADER + '"skills.csv, line 3",has no name,,,,nameless,\n'
    assert rejects.read_text() == handed_back
    rejects.write_text(handed_back.replace(",,,,nameless,", ",Mended,,,,"))
    done = run(args=["skills", "import", "csv", str(path), "--skip-errors"])
    assert done.exit_code == 0
    assert run(args=["skills", "import", "csv", str(rejects)]).exit_code == 0
    assert sorted(db.session.scalars(select(Skill.name))) == ["Kubernetes", "Mended"]
    assert "skills.csv, line 3: has no name" in done.output
    assert db.session.scalars(select(SkillAlias.name)).all() == ["k8s"]
    path.write_text("wrong\n")
    for args in (["csv", str(path)], ["csv", str(path), "--only", "x"], ["esco", str(tmp_path)], ["csv", "/nowhere"]):
        failed = run(args=["skills", "import", *args])
        assert failed.exit_code != 0
        assert failed.output.strip()
        assert "Traceback" not in failed.output
