"""Kept searches: one's own only, and a watched one tells of who newly matches, once, and never of what was hidden."""

from datetime import timedelta

import pytest
from sqlalchemy import func, select

from smartskill.database import now
from smartskill.extensions import db
from smartskill.notifications.models import Delivery, Notification
from smartskill.notifications.services.preferences import want
from smartskill.notifications.services.recipients import find_recipient
from smartskill.notifications.services.rendering import get_kind, write_letter
from smartskill.notifications.services.texts import LANGUAGES
from smartskill.planning.models.searches import SavedSearch, SearchMatch
from smartskill.planning.services.watching import (
    matches as watching_matches,
)
from smartskill.planning.services.watching import (
    searches as watching,
)
from smartskill.planning.services.watching import (
    words as watching_words,
)
from smartskill.planning.tasks import watch_searches_of
from smartskill.skills.models.levels import UserSkill
from smartskill.user.services.organisation import place_user
from tests.factories import make_experience, make_skill, make_user, make_user_skill, sign_in

PATH = "/api/skills/experts/saved/"


@pytest.fixture
def owner(app):
    return make_user(full_name="Owner")


@pytest.fixture
def skill(app):
    return make_skill()


def keep(client, owner, skill, **more):
    data = {"name": "Database people", "query": {"need": [f"{skill.id}:3"]}, "is_watched": True, **more}
    return client.post(PATH, json=data, headers=sign_in(owner))


def look(days=1):
    """The daily job, as of some days ahead."""
    day = (now() + timedelta(days=days)).date()
    watchers = watching_matches.find_watchers(1, 2**31 - 1, day)
    return sum(watching_matches.tell_watcher(user_id, day) for user_id in watchers)


def inbox(client, owner):
    return [entry["text"] for entry in client.get("/api/notifications/", headers=sign_in(owner)).json]


def test_a_search_is_kept_changed_and_deleted(client, owner, skill):
    made = keep(client, owner, skill, is_watched=False)
    assert made.status_code == 200, made.json
    assert made.json["query"] == {"need": [f"{skill.id}:3"], "not": [], "match": "all"}
    headers, place = sign_in(owner), made.headers["Location"]
    query = {"text": "kafka", "not": [f"{skill.id}:2"], "match": "any"}
    body, held = {"name": "Kafka", "query": query}, {**headers, "If-Match": made.headers["ETag"]}
    put = client.put(place, json=body, headers=held)
    assert put.json["query"] == {"need": [], **query}
    assert client.patch(place, json={"name": "Kafka people"}, headers=headers).json["name"] == "Kafka people"
    assert [row["name"] for row in client.get(PATH, headers=headers).json] == ["Kafka people"]
    assert client.get(f"{PATH}?is_watched=true", headers=headers).json == []
    stale = client.patch(place, json={"name": "x"}, headers={**headers, "If-Match": made.headers["ETag"]})
    assert stale.status_code == 412
    assert client.delete(place, headers=headers).status_code == 200
    assert client.get(place, headers=headers).status_code == 404


def test_nobody_elses_search_is_there(client, owner, skill):
    place = keep(client, owner, skill).headers["Location"]
    other = sign_in(make_user("admin"))
    assert [client.open(place, method=method, json={"name": "x"}, headers=other).status_code
            for method in ("GET", "PATCH")] == [404, 404]  # fmt: skip
    assert client.delete(place, headers=other).status_code == 404
    assert client.get(PATH, headers=other).json == []


def test_names_are_ones_own_and_once(client, owner, skill):
    assert keep(client, owner, skill).status_code == 200
    assert keep(client, owner, skill, name="database PEOPLE").status_code == 409
    assert keep(client, make_user(), skill).status_code == 200


def test_what_a_query_names_must_exist(client, owner, skill):
    answer = keep(client, owner, skill, query={"need": [f"{skill.id}:1", "2000000000:1"]})
    assert (answer.status_code, list(answer.json["errors"])) == (400, ["query.need.1"])
    assert keep(client, owner, skill, query={}).json["errors"].keys() == {"query.need"}


def test_a_search_for_half_the_organisation_is_not_watched(client, owner, skill, monkeypatch):
    monkeypatch.setattr(watching, "MOST_MATCHES", 1)
    for _ in range(2):
        make_user_skill(make_user(), skill, 4)
    assert list(keep(client, owner, skill).json["errors"]) == ["is_watched"]
    assert keep(client, owner, skill, is_watched=False).status_code == 200


def test_only_who_newly_matches_is_told_and_only_once(client, owner, skill):
    make_user_skill(make_user(full_name="Old"), skill, 4)
    keep(client, owner, skill)
    assert (look(1), inbox(client, owner)) == (0, [])
    ada, ben = make_user(full_name="Ada"), make_user(full_name="Ben")
    make_user_skill(ada, skill, 3)
    make_user_skill(ben, skill, 2)  # too low
    make_user_skill(owner, skill, 5)  # nobody needs to be told of themselves
    assert look(2) == 1
    assert inbox(client, owner) == ["Ada now matches your search “Database people”"]
    assert [look(2), look(3)] == [0, 0]
    row = db.session.scalar(select(UserSkill).filter_by(user_id=ada.id))
    row.level = 1
    assert look(4) == 0
    row.level = 5
    assert look(5) == 0  # told of before
    assert len(inbox(client, owner)) == 1
    assert db.session.scalar(select(func.count()).select_from(Delivery)) == 1


def test_the_job_is_told_by_ids_and_repeats_harmlessly(client, owner, skill):
    keep(client, owner, skill)
    db.session.execute(SavedSearch.__table__.update().values(checked_on=now().date() - timedelta(days=1)))
    make_user_skill(make_user(full_name="Ada"), skill, 3)
    [(first, last)] = watching_matches.split_watchers(now().date())
    assert [watch_searches_of(first, last), watch_searches_of(first, last)] == [1, 0]
    assert watching_matches.split_watchers(now().date()) == []


def test_looking_is_no_change_of_the_search(client, owner, skill):
    made = keep(client, owner, skill)
    look()
    read = client.get(made.headers["Location"], headers=sign_in(owner))
    assert (read.headers["ETag"], read.json["updated_at"]) == (made.headers["ETag"], made.json["updated_at"])


def test_another_query_begins_anew(client, owner, skill):
    place = keep(client, owner, skill).headers["Location"]
    make_user_skill(make_user(full_name="Low"), skill, 2)
    client.patch(place, json={"query": {"need": [f"{skill.id}:2"]}}, headers=sign_in(owner))
    assert look() == 0  # Low matched when it was changed
    make_user_skill(make_user(full_name="New"), skill, 2)
    assert look(2) == 1


def test_words_of_experience_are_watched_too(client, owner, skill):
    keep(client, owner, skill, query={"text": "kafka"})
    ada = make_user(full_name="Ada")
    make_experience(ada, title="Kafka engineer", show_in_cv=False)
    assert look(1) == 0  # not theirs to see
    make_experience(ada, title="Kafka engineer")
    assert look(2) == 1


def test_a_hidden_level_is_found_by_the_manager_only(client, owner, skill):
    boss = make_user()
    for person in (owner, boss):
        keep(client, person, skill)
    ada = make_user(full_name="Ada")
    place_user(ada, manager_id=boss.id)
    make_user_skill(ada, skill, 4, is_shown=False)
    assert look() == 1
    assert (inbox(client, owner), len(inbox(client, boss))) == ([], 1)


def test_what_was_hidden_meanwhile_is_told_neither_in_the_inbox_nor_by_mail(client, owner, skill):
    keep(client, owner, skill)
    ada, ben = make_user(full_name="Ada"), make_user(full_name="Ben")
    make_user_skill(ada, skill, 4)
    make_user_skill(ben, skill, 4)
    assert look() == 2
    delivery = db.session.scalars(select(Delivery)).one()
    kind = get_kind("expert_match")
    db.session.scalar(select(UserSkill).filter_by(user_id=ada.id)).is_shown = False
    db.session.flush()
    assert inbox(client, owner) == ["Ben now matches your search “Database people”"]
    [entry] = client.get("/api/notifications/", headers=sign_in(owner)).json
    assert set(entry["evidence"]) == {"search_id", "search_name", "found_on"}
    letter = write_letter(delivery, find_recipient(delivery))
    assert "Ben" in letter.body
    assert "Ada" not in letter.body + letter.html
    db.session.scalar(select(UserSkill).filter_by(user_id=ben.id)).is_shown = False
    db.session.flush()
    assert kind.still_holds(delivery) is False
    assert inbox(client, owner) == ["Nobody new matches your search “Database people” any more"]


def test_one_mail_tells_of_all_searches_and_minds_the_choice(client, owner, skill):
    other = make_skill()
    keep(client, owner, skill)
    keep(client, owner, other, name="Others", query={"need": [f"{other.id}:1"]})
    ada = make_user(full_name="Ada", title="DBA")
    make_user_skill(ada, skill, 4)
    make_user_skill(ada, other, 4)
    assert look() == 2
    delivery = db.session.scalars(select(Delivery)).one()
    letter = write_letter(delivery, find_recipient(delivery))
    assert letter.subject == "2 new people for your searches"
    assert "DBA – “Others”" in letter.body
    assert len(delivery.notifications) == 2
    unwilling = make_user()
    keep(client, unwilling, skill)
    want(unwilling.id, "expert_match", False, source="api")
    make_user_skill(make_user(full_name="Ben"), skill, 4)
    look(2)
    assert len(inbox(client, unwilling)) == 1
    assert db.session.scalar(select(Delivery).filter_by(user_id=unwilling.id)) is None


def test_the_kind_can_be_switched_off_and_has_a_sample_in_each_language(client, owner):
    kinds = client.get("/api/notifications/preferences", headers=sign_in(owner)).json["kinds"]
    assert {"kind": "expert_match", "name": "New people for your searches", "mail_class": "subscription",
            "is_wanted": True} in kinds  # fmt: skip
    assert {get_kind("expert_match").sample(language)["subject"] for language in LANGUAGES} == {
        "2 new people for your searches", "2 neue Treffer Ihrer Suchen",
    }  # fmt: skip
    assert watching_words.TEXTS["en"].keys() == watching_words.TEXTS["de"].keys()


def test_many_names_are_shortened(app):
    people = [make_user(full_name=name) for name in ("Ada", "Ben", "Cleo", "Dan", "Eve")]
    assert watching_words.line("X", people, "en") == "Ada, Ben, Cleo, and 2 more now match your search “X”"
    assert watching_words.line("X", people[:2], "de") == "Ada und Ben passen jetzt zu Ihrer Suche „X“"


def test_with_the_owner_goes_the_search_and_with_a_person_the_match(client, owner, skill):
    keep(client, owner, skill)
    ada = make_user()
    make_user_skill(ada, skill, 4)
    look()
    db.session.delete(ada)
    db.session.flush()
    assert db.session.scalar(select(func.count()).select_from(SearchMatch)) == 0
    assert db.session.scalar(select(func.count()).select_from(Notification)) == 1
    db.session.delete(owner)
    db.session.flush()
    assert db.session.scalar(select(func.count()).select_from(SavedSearch)) == 0
