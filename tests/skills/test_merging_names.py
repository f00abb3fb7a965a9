"""Names, entries of taxonomies and the order of merges; what cannot be merged, and what a merged skill refuses."""

from datetime import date

import pytest

from smartskill.experience.models import ExperienceSkill
from smartskill.extensions import db
from smartskill.skills.models.catalogue import Skill, SkillOrigin, SkillSource
from smartskill.skills.services.projection import find_user_skill
from tests.factories import make_experience, make_skill, make_user, sign_in
from tests.skills.catalogue_state import state_of
from tests.skills.merges import URL, aliases_of, merge, said, undo


@pytest.fixture
def hr(app):
    return sign_in(make_user("hr"))


def test_the_names_of_the_one_lead_to_the_other(client, hr, pair):
    double, real = pair
    done = merge(client, hr, double, real)
    assert done.status_code == 200, done.json
    assert (done.json["skill_name"], done.json["into_name"]) == ("Postgres", "PostgreSQL")
    assert sorted(done.json["aliases"]) == ["Postgre", "Postgres"]  # it had “pg” in another case
    assert aliases_of(real) == ["PG", "Postgre", "Postgres", "psql"]
    gone = client.get(f"{URL}{double.id}", headers=hr).json
    assert (gone["status"], gone["merged_into_id"], gone["aliases"]) == ("retired", real.id, [])
    assert [row["id"] for row in client.get(f"{URL}?q=postgres", headers=hr).json] == [real.id]
    taken = client.post(URL, json={"name": "postgres"}, headers=hr)
    assert (taken.status_code, taken.json["existing"]) == (409, {"id": real.id, "name": "PostgreSQL"})


def test_merges_never_chain_and_are_undone_in_order(client, hr, pair):
    double, real = pair
    third = make_skill("Pgsql")
    person = make_user()
    for skill, level in ((double, 1), (real, 2), (third, 3)):
        said(person, skill, level, days=10 * level)
    everything = (double.id, real.id, third.id)
    before = state_of(*everything)
    first = merge(client, hr, double, real).json["id"]
    between = state_of(*everything)
    second = merge(client, hr, real, third).json["id"]
    assert db.session.get(Skill, double.id).merged_into_id == third.id
    assert find_user_skill(person.id, third.id).level == 1  # the newest of three
    refused = undo(client, hr, first)
    assert (refused.status_code, refused.json["undo_first"]) == (409, [second])
    assert str(second) in refused.json["detail"]
    assert undo(client, hr, second).status_code == 200
    assert state_of(*everything) == between
    assert undo(client, hr, first).status_code == 200
    assert state_of(*everything) == before
    assert undo(client, hr, first).status_code == 409


def test_a_second_merge_into_the_same_skill_is_undone_before_the_first(client, hr, pair):
    double, real = pair
    third, job = make_skill("Pgsql"), make_experience(make_user())
    for skill in (double, third):
        db.session.add(ExperienceSkill(experience_id=job.id, skill_id=skill.id))
    db.session.flush()
    before = state_of(double.id, real.id, third.id)
    first = merge(client, hr, double, real).json["id"]
    second = merge(client, hr, third, real).json["id"]
    assert undo(client, hr, first).json["undo_first"] == [second]
    for number in (second, first):
        assert undo(client, hr, number).status_code == 200
    assert state_of(double.id, real.id, third.id) == before


@pytest.mark.parametrize(
    ("state", "status", "words"),
    [("same", 400, "itself"), ("missing", 400, "no such"), ("retired", 409, "retired"), ("merged", 409, "part of")],
)
def test_what_cannot_be_merged_is_refused(client, hr, pair, state, status, words):
    double, real = pair
    into = {"same": double.id, "missing": 2_000_000_000}.get(state, real.id)
    if state == "retired":
        real.status = "retired"
    if state == "merged":
        real.merged_into_id, real.status = make_skill("Databases").id, "retired"
    db.session.flush()
    answer = client.post(f"{URL}{double.id}/merge", json={"into_id": into}, headers=hr)
    assert answer.status_code == status
    assert words in answer.get_data(as_text=True)


def test_a_merged_skill_is_neither_merged_again_nor_changed_nor_deleted_nor_rated(client, hr, pair):
    double, real = pair
    merge(client, hr, double, real)
    address = f"{URL}{double.id}"
    assert merge(client, hr, double, make_skill()).status_code == 409
    assert client.patch(address, json={"status": "active"}, headers=hr).status_code == 409
    assert client.delete(address, headers=hr).status_code == 409
    assert client.delete(f"{URL}{real.id}", headers=hr).status_code == 409
    rated = client.put(f"/api/users/me/skills/{double.id}", json={"level": 3}, headers=hr)
    assert (rated.status_code, rated.json["merged_into_id"]) == (409, real.id)


def test_after_its_undo_an_unused_skill_can_be_deleted(client, hr, pair):
    double, real = pair
    undo(client, hr, merge(client, hr, double, real).json["id"])
    assert client.delete(f"{URL}{double.id}", headers=hr).status_code == 200
    assert client.get(f"{URL}merges/", headers=hr).json == []


def test_aliases_come_back_whatever_became_of_them_meanwhile(client, hr, pair):
    double, real = pair
    number = merge(client, hr, double, real).json["id"]
    client.patch(f"{URL}{real.id}", json={"aliases": ["elephant"]}, headers=hr)
    undo(client, hr, number)
    assert (aliases_of(double), aliases_of(real)) == (["Postgre", "pg"], ["elephant"])


def test_facts_that_the_other_lacked_are_taken_over_and_given_back(client, hr, pair):
    double, real = pair
    double.critical, double.description, double.status = True, "A database.", "proposed"
    db.session.flush()
    before = state_of(double.id, real.id)
    number = merge(client, hr, double, real).json["id"]
    shown = client.get(f"{URL}{real.id}", headers=hr).json
    assert (shown["critical"], shown["description"]) == (True, "A database.")
    undo(client, hr, number)
    assert state_of(double.id, real.id) == before
    number = merge(client, hr, double, real).json["id"]
    client.patch(f"{URL}{real.id}", json={"description": "Ours."}, headers=hr)
    undo(client, hr, number)
    shown = client.get(f"{URL}{real.id}", headers=hr).json
    assert (shown["critical"], shown["description"]) == (False, "Ours.")


def test_a_taxonomys_entry_leads_to_the_skill_that_stays(client, hr, pair):
    double, real = pair
    db.session.add(SkillSource(key="csv", name="Own list"))
    db.session.flush()
    db.session.add(SkillOrigin(uri="urn:pg", skill_id=double.id, source="csv", digest="1", is_maker=True))
    db.session.flush()
    before = state_of(double.id, real.id)
    number = merge(client, hr, double, real).json["id"]
    origin = db.session.get(SkillOrigin, "urn:pg")
    assert (origin.skill_id, origin.is_maker) == (real.id, False)
    undo(client, hr, number)
    assert state_of(double.id, real.id) == before


def test_merges_are_listed_with_what_they_took(client, hr, pair):
    double, real = pair
    number = merge(client, hr, double, real).json["id"]
    [listed] = client.get(f"{URL}merges/?skill_id={real.id}", headers=hr).json
    assert (listed["id"], listed["skill_name"], listed["into_name"]) == (number, "Postgres", "PostgreSQL")
    assert client.get(f"{URL}merges/?is_undone=true", headers=hr).json == []
    undo(client, hr, number)
    assert [row["id"] for row in client.get(f"{URL}merges/?is_undone=true", headers=hr).json] == [number]
    assert isinstance(date.fromisoformat(listed["merged_at"][:10]), date)
