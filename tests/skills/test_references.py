"""Usage and merging know every table that refers to skills; a new one that nobody thought of fails here."""

import pytest
from sqlalchemy import Column, ForeignKey, Integer, MetaData, PrimaryKeyConstraint, Table
from sqlalchemy.dialects.postgresql import ExcludeConstraint

import smartskill.models  # noqa: F401  every table
from smartskill.database import Base
from smartskill.extensions import db
from smartskill.planning.models.roles import Exemption, RoleProfile, RoleRequirement
from smartskill.planning.models.targets import CoverageTarget
from smartskill.skills.models.levels import UserSkill
from smartskill.skills.services.merge_rows import unique_sets
from smartskill.skills.services.references import KNOWN, OWN, list_references, unknown_references
from smartskill.user.services.teams import create_team
from tests.factories import make_skill, make_user, make_user_skill, sign_in
from tests.skills.catalogue_state import state_of

URL = "/api/skills/"


def test_every_reference_to_a_skill_is_known():
    assert unknown_references() == []


def test_what_is_known_exists():
    columns = {f"{table.name}.{column.name}" for table in Base.metadata.tables.values() for column in table.columns}
    assert columns >= OWN
    for reference in list_references():
        known = reference.known
        assert {*known.greatest, *known.either, *known.both, *known.first} <= set(reference.table.c.keys())


@pytest.mark.parametrize("rule", [None, "CASCADE"])
def test_a_planted_table_is_noticed(rule):
    metadata = MetaData()
    for table in Base.metadata.sorted_tables:
        table.to_metadata(metadata)
    Table(
        "planted",
        metadata,
        Column("id", Integer, primary_key=True),
        Column("wanted_id", Integer, ForeignKey("skills.id", ondelete=rule)),
    )
    assert unknown_references(metadata) == ["planted.wanted_id"]


def test_every_reference_is_read_by_an_index():
    for reference in list_references():
        led = [index.expressions[0] for index in reference.table.indexes]
        keys = [entry for entry in reference.table.constraints if isinstance(entry, PrimaryKeyConstraint)]
        led += [next(iter(key.columns)) for key in keys]
        assert any(column is reference.column for column in led), reference.name


def test_what_a_merge_folds_has_no_rows_of_its_own_and_clashes_in_ways_it_understands():
    folded = {reference.table.name for reference in list_references() if unique_sets(*reference)}
    assert {"user_skills", "endorsements", "experience_skills", "coverage_targets"} <= folded
    for table in Base.metadata.tables.values():
        for key in table.foreign_keys:
            assert key.column.table.name not in folded, f"{table.name} would lose what it points at"
    for reference in list_references():
        excluding = [entry for entry in reference.table.constraints if isinstance(entry, ExcludeConstraint)]
        assert all(reference.column.name not in entry.columns for entry in excluding), reference.name


def test_what_planning_asks_of_both_becomes_one_and_two_again(app, client):
    hr, person = sign_in(make_user("hr")), make_user()
    double, real, team = make_skill("Postgres"), make_skill("PostgreSQL"), create_team("Data")
    role, other = RoleProfile(name="DBA"), RoleProfile(name="Developer")
    db.session.add_all([role, other])
    db.session.flush()
    db.session.add_all(
        [
            RoleRequirement(role_id=role.id, skill_id=double.id, level=4, weight=1, must=True),
            RoleRequirement(role_id=role.id, skill_id=real.id, level=2, weight=3),
            RoleRequirement(role_id=other.id, skill_id=double.id, level=1),
            CoverageTarget(team_id=team.id, skill_id=double.id, level=3, heads=5),
            CoverageTarget(team_id=team.id, skill_id=real.id, level=3, heads=2),
            CoverageTarget(skill_id=double.id, level=3, heads=9),
            Exemption(user_id=person.id, skill_id=double.id, reason="x", starts_on="2026-01-01", ends_on="2027-01-01"),
        ]
    )
    db.session.flush()
    db.session.expire_all()
    before, version = state_of(double.id, real.id), role.version
    done = client.post(f"{URL}{double.id}/merge", json={"into_id": real.id}, headers=hr).json
    assert {name: done["moved"][name] for name in ("role_requirements", "targets", "exemptions")} == {
        "role_requirements": 1, "targets": 1, "exemptions": 1,
    }  # fmt: skip
    assert (done["folded"]["role_requirements"], done["folded"]["targets"]) == (1, 1)
    state = state_of(double.id, real.id)
    asked = [(row["level"], row["weight"], row["must"]) for row in state["role_requirements"]]
    assert sorted(asked) == [("1", "1.0", "False"), ("4", "3.0", "True")]
    assert sorted(row["heads"] for row in state["coverage_targets"]) == ["5", "9"]
    assert {row["skill_id"] for name in ("role_requirements", "exemptions") for row in state[name]} == {str(real.id)}
    db.session.refresh(role)
    assert role.version > version
    client.post(f"{URL}merges/{done['id']}/undo", headers=hr)
    assert state_of(double.id, real.id) == before


def test_usage_counts_each_kind(app, client):
    hr, skill = sign_in(make_user("hr")), make_skill()
    make_user_skill(make_user(), skill)
    make_user_skill(make_user(), skill, interest=4)
    db.session.add(UserSkill(user_id=make_user().id, skill_id=skill.id, target_level=2))
    db.session.add(CoverageTarget(skill_id=skill.id, level=3, heads=9))
    make_skill(merged_into_id=skill.id, status="retired")
    db.session.flush()
    usage = client.get(f"{URL}{skill.id}/usage", headers=hr).json
    assert {name: number for name, number in usage.items() if number} == {
        "skill_id": skill.id, "holders": 2, "wishes": 2, "ratings": 2, "targets": 1, "merged": 1,
    }  # fmt: skip
    assert set(usage) == {"skill_id", "wishes", "merged", "others", *(known.counts_as for known in KNOWN.values())}


def test_what_anything_refers_to_is_in_use(app, client):
    hr, skill = sign_in(make_user("hr")), make_skill()
    target = CoverageTarget(skill_id=skill.id, level=3, heads=9)
    db.session.add(target)
    db.session.flush()
    refused = client.delete(f"{URL}{skill.id}", headers=hr)
    assert (refused.status_code, "retire" in refused.json["detail"]) == (409, True)
    db.session.delete(target)
    db.session.flush()
    assert client.delete(f"{URL}{skill.id}", headers=hr).status_code == 200


def test_skills_are_listed_by_how_many_have_them(app, client):
    few, none, many = make_skill("few"), make_skill("none"), make_skill("many")
    for skill, people in ((few, 1), (many, 2)):
        for _ in range(people):
            make_user_skill(make_user(), skill)
    db.session.add(UserSkill(user_id=make_user().id, skill_id=none.id, interest=2))
    db.session.flush()
    listed = client.get(f"{URL}?sort=-holders", headers=sign_in(make_user())).json
    assert [row["name"] for row in listed] == ["many", "few", "none"]
