"""Suggestions from one's own words: read, accepted, rejected for good, put off; nobody else's business."""

from datetime import timedelta

import pytest
import time_machine

from smartskill.database import now
from smartskill.extensions import db
from smartskill.planning.models.suggestions import SkillSuggestion
from smartskill.planning.services.suggestions import LATER_DAYS
from smartskill.planning.tasks import read_words, read_words_of
from smartskill.skills.models.catalogue import SkillAlias
from smartskill.skills.services.merging import merge_skills, undo_merge
from tests.factories import make_experience, make_qualification, make_skill, make_user, make_user_skill, sign_in

PATH = "/api/users/me/suggestions/"


@pytest.fixture
def ada(app):
    return make_user()


@pytest.fixture
def postgres(app):
    skill = make_skill("PostgreSQL")
    db.session.add(SkillAlias(skill_id=skill.id, name="postgres"))
    db.session.flush()
    return skill


@pytest.fixture
def job(ada):
    return make_experience(ada, title="Database engineer", summary="Ran Postgres for a bank.")


def listed(client, user):
    return client.get(PATH, headers=sign_in(user)).json


@pytest.mark.usefixtures("job", "postgres")
def test_ones_words_are_read_when_one_asks(client, ada, postgres, job):
    headers = sign_in(ada)
    assert client.get(f"{PATH}refresh", headers=headers).status_code == 404
    asked = client.post(f"{PATH}refresh", headers=headers)
    assert (asked.status_code, asked.json["state"]) == (202, "queued")
    read_words_of(ada.id)
    assert client.get(asked.headers["Location"], headers=headers).json["state"] == "done"
    [found] = listed(client, ada)
    assert (found["skill_id"], found["skill_name"], found["state"]) == (postgres.id, "PostgreSQL", "open")
    assert (found["experience_id"], found["reasons"]) == (job.id, ["“Database engineer” mentions “Postgres”."])


@pytest.mark.usefixtures("postgres")
def test_a_certificate_counts_as_words(client, ada):
    held = make_qualification(ada, title="PostgreSQL Associate")
    read_words_of(ada.id)
    assert [one["qualification_id"] for one in listed(client, ada)] == [held.id]


def test_accepting_rates_and_links(client, ada, postgres, job):
    read_words_of(ada.id)
    [found] = listed(client, ada)
    path, headers = f"{PATH}{found['id']}/accept", sign_in(ada)
    assert client.post(path, json={"level": 6}, headers=headers).status_code == 400
    done = client.post(path, json={"level": 4, "interest": 5}, headers=headers)
    assert (done.status_code, done.json["state"]) == (200, "accepted")
    level = client.get(f"/api/users/me/skills/{postgres.id}", headers=headers).json
    assert (level["self_level"], level["interest"]) == (4, 5)
    assert client.get(f"/api/experience/{job.id}", headers=headers).json["skill_ids"] == [postgres.id]
    assert client.post(path, json={"level": 4}, headers=headers).status_code == 409
    read_words_of(ada.id)
    assert listed(client, ada) == []


def test_a_rejected_one_never_returns(client, ada, postgres, job):
    read_words_of(ada.id)
    [found] = listed(client, ada)
    assert client.post(f"{PATH}{found['id']}/reject", headers=sign_in(ada)).json["state"] == "rejected"
    make_experience(ada, title="DBA", summary="More PostgreSQL.")
    make_qualification(ada, title="PostgreSQL Associate")
    read_words_of(ada.id)
    assert listed(client, ada) == []


def test_a_rejected_one_does_not_return_by_another_name(client, ada, postgres, job):
    """The skill is merged into another that is suggested too: the answer goes along, and back with an undo."""
    other, hr = make_skill("Relational databases"), make_user("hr")
    make_experience(ada, title="Relational databases")
    read_words_of(ada.id)
    by_skill = {one["skill_id"]: one for one in listed(client, ada)}
    assert set(by_skill) == {postgres.id, other.id}
    client.post(f"{PATH}{by_skill[postgres.id]['id']}/reject", headers=sign_in(ada))
    merge = merge_skills(postgres.id, other.id, hr)
    read_words_of(ada.id)
    assert listed(client, ada) == []
    undo_merge(merge.id, hr)
    assert [one["skill_id"] for one in listed(client, ada)] == [other.id]


@pytest.mark.usefixtures("postgres", "job")
def test_later_is_a_month_later(client, ada):
    read_words_of(ada.id)
    [found] = listed(client, ada)
    assert client.post(f"{PATH}{found['id']}/later", headers=sign_in(ada)).json["state"] == "later"
    read_words_of(ada.id)
    assert listed(client, ada) == []
    with time_machine.travel(now() + timedelta(days=LATER_DAYS), tick=False):
        assert [one["id"] for one in listed(client, ada)] == [found["id"]]


def test_what_one_has_is_not_suggested_and_what_no_longer_holds_goes(client, ada, postgres, job):
    read_words_of(ada.id)
    assert len(listed(client, ada)) == 1
    make_user_skill(ada, postgres)
    read_words_of(ada.id)
    assert db.session.query(SkillSuggestion).count() == 0


def test_hidden_levels_teach_nothing(client, ada, postgres, job):
    secret = make_skill("Kubernetes")
    for _ in range(8):
        peer = make_user()
        make_user_skill(peer, postgres)
        make_user_skill(peer, secret, is_shown=False)
    read_words_of(ada.id)
    assert [one["skill_id"] for one in listed(client, ada)] == [postgres.id]


def test_what_goes_together_is_told_with_its_number(client, ada, postgres, job):
    other = make_skill("Kubernetes")
    for number in range(20):
        peer = make_user()
        for skill in (postgres, other) if number < 8 else ():
            make_user_skill(peer, skill)
        if number >= 8:
            make_user_skill(peer, make_skill())
    read_words_of(ada.id)
    found = {one["skill_id"]: one["reasons"] for one in listed(client, ada)}
    assert found[other.id] == ["8 people with PostgreSQL have it too."]


def test_what_many_have_is_told_with_its_number_and_what_they_hide_does_not_count(client, ada, postgres, job):
    common, rare, hidden = make_skill("Safety"), make_skill("Lace"), make_skill("Yoga")
    for number in range(20):
        make_user_skill(make_user(), common if number < 4 else rare if number < 5 else make_skill())
        make_user_skill(make_user(), hidden, is_shown=False)
    read_words_of(ada.id)
    found = {one["skill_id"]: one["reasons"] for one in listed(client, ada)}
    assert set(found) == {postgres.id, common.id}
    assert found[common.id] == ["4 people here have it."]


def test_the_nightly_reading_takes_who_wrote_of_late(client, ada, postgres, job):
    other = make_user()
    with time_machine.travel(now() - timedelta(days=9), tick=False):
        make_experience(other, title="Postgres administrator", updated_at=now())
    assert read_words() == 1
    assert (len(listed(client, ada)), listed(client, other)) == (1, [])


def test_it_is_nobody_elses(client, ada, postgres, job):
    read_words_of(ada.id)
    [found] = listed(client, ada)
    for role in ("employee", "hr", "admin"):
        assert client.post(f"{PATH}{found['id']}/reject", headers=sign_in(make_user(role))).status_code == 404
