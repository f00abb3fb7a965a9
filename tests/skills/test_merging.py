"""What refers to two skills that are one: what a merge takes of it and its undo gives back, by hand-worked numbers."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from smartskill.experience.models import ExperienceSkill
from smartskill.extensions import db
from smartskill.qualification.models import GrantedSkill, QualificationType
from smartskill.skills.models.levels import Endorsement, Rating
from smartskill.skills.models.merges import SkillMergeRow
from smartskill.skills.services.endorsing import endorse
from smartskill.skills.services.projection import find_user_skill
from smartskill.skills.services.standing import levels_on
from tests.factories import make_experience, make_user, sign_in
from tests.skills.catalogue_state import state_of
from tests.skills.merges import TODAY, URL, merge, said, undo


@pytest.fixture
def hr(app):
    return sign_in(make_user("hr"))


def test_levels_history_and_past_days_agree_after_a_merge_and_after_its_undo(client, hr, pair):
    double, real = pair
    both, only, boss = make_user(), make_user(), make_user()
    said(both, double, 4, days=10)
    said(both, real, 2, days=30)
    said(both, real, 3, days=20, source="manager", rater=boss)
    said(only, double, 5, days=5)
    before = state_of(double.id, real.id)
    done = merge(client, hr, double, real).json
    # Two people; of `both` the manager's 3 decides still, so nobody's level in PostgreSQL changes.
    assert (done["people"], done["levels_changed"]) == (2, 0)
    assert done["moved"]["ratings"] == 2
    assert (done["moved"]["holders"], done["folded"]["holders"]) == (1, 1)
    row = find_user_skill(both.id, real.id)
    assert (row.level, row.self_level, row.manager_level) == (3, 4, 3)
    assert row.last_confirmed_on == TODAY - timedelta(days=10)
    assert find_user_skill(both.id, double.id) is None
    assert find_user_skill(only.id, real.id).level == 5
    on = {
        days: {s.user_id: s.level for s in levels_on(TODAY - timedelta(days=days), [both.id, only.id])}
        for days in (25, 7)
    }
    assert on == {25: {both.id: 2}, 7: {both.id: 3}}
    history = client.get(f"/api/users/{both.id}/skills/{real.id}/history", headers=hr).json
    assert [entry["level"] for entry in history] == [4, 3, 2]
    assert client.get(f"/api/users/{both.id}/skills/{double.id}", headers=hr).status_code == 404

    assert undo(client, hr, done["id"]).json["undone_at"]
    assert state_of(double.id, real.id) == before


def test_a_preview_says_the_same_and_does_nothing(client, hr, pair):
    double, real = pair
    both = make_user()
    said(both, double, 4)
    said(both, real, 2, days=9)
    before = state_of(double.id, real.id)
    told = merge(client, hr, double, real, dry_run=True)
    assert told.status_code == 200
    assert state_of(double.id, real.id) == before
    assert client.get(f"{URL}merges/", headers=hr).json == []
    done = merge(client, hr, double, real).json
    apart = ("id", "merged_at")
    assert {k: v for k, v in told.json.items() if k not in apart} == {k: v for k, v in done.items() if k not in apart}
    assert done["levels_changed"] == 1  # the newer 4 takes the place of the 2


def test_what_was_said_since_stays_with_the_other(client, hr, pair):
    double, real = pair
    person, other = make_user(), make_user()
    said(person, double, 2, days=50)
    number = merge(client, hr, double, real).json["id"]
    said(person, real, 4)
    said(other, real, 1)
    assert undo(client, hr, number).status_code == 200
    assert find_user_skill(person.id, double.id).level == 2
    assert find_user_skill(person.id, real.id).level == 4
    assert find_user_skill(other.id, real.id).level == 1
    assert db.session.scalars(select(Rating.level).filter_by(skill_id=real.id).order_by(Rating.id)).all() == [4, 1]


def test_wishes_meet_without_loss_and_part_again(client, hr, pair):
    double, real = pair
    both, only = make_user(), make_user()
    own = {person.id: sign_in(person) for person in (both, only)}

    def wish(person, skill, **wishes):
        answer = client.put(f"/api/users/me/skills/{skill.id}", json=wishes, headers=own[person.id])
        assert answer.status_code == 200, answer.json

    wish(both, double, interest=5, target_level=4, note="from the double", is_shown=False)
    wish(both, real, interest=1)
    wish(only, double, interest=2, note="mine")
    before = state_of(double.id, real.id)
    number = merge(client, hr, double, real).json["id"]
    row = find_user_skill(both.id, real.id)
    assert (row.interest, row.target_level, row.note) == (1, 4, "from the double")
    assert row.is_shown is False  # what somebody hid stays hidden
    refused = client.put(f"/api/users/me/skills/{double.id}", json={"interest": 3}, headers=own[both.id])
    assert (refused.status_code, refused.json["merged_into_id"]) == (409, real.id)
    undo(client, hr, number)
    assert state_of(double.id, real.id) == before

    number = merge(client, hr, double, real).json["id"]
    wish(only, real, interest=4, note="new")
    wish(both, real, interest=0, target_level=4, note="changed")
    undo(client, hr, number)
    assert (find_user_skill(only.id, double.id).interest, find_user_skill(only.id, double.id).note) == (2, "mine")
    assert (find_user_skill(only.id, real.id).interest, find_user_skill(only.id, real.id).note) == (4, "new")
    assert (find_user_skill(both.id, double.id).interest, find_user_skill(both.id, double.id).target_level) == (5, 4)
    assert (find_user_skill(both.id, real.id).interest, find_user_skill(both.id, real.id).note) == (0, "changed")


def test_one_colleagues_two_endorsements_are_one_and_withdrawn_as_one(client, hr, pair):
    double, real = pair
    owner, friend, other = make_user(), make_user(), make_user()
    for skill in pair:
        said(owner, skill, 3, days=3)
        endorse(find_user_skill(owner.id, skill.id, is_locked=True), friend, level=4)
    endorse(find_user_skill(owner.id, double.id, is_locked=True), other, level=5)
    before = state_of(double.id, real.id)
    done = merge(client, hr, double, real).json
    assert (done["moved"]["endorsements"], done["folded"]["endorsements"]) == (1, 1)
    assert len(db.session.scalars(select(Endorsement).filter_by(skill_id=real.id)).all()) == 2
    undo(client, hr, done["id"])
    assert state_of(double.id, real.id) == before

    number = merge(client, hr, double, real).json["id"]
    address = f"/api/users/{owner.id}/skills/{real.id}/endorsements"
    assert client.delete(address, headers=sign_in(friend)).status_code == 200
    voices = find_user_skill(owner.id, real.id).voices
    assert sorted(weight for weight, _ in voices) == [
        0.4,
        0.5,
    ]  # oneself and the other: nothing of the friend's is left
    undo(client, hr, number)
    assert db.session.scalars(select(Endorsement.endorser_id).filter_by(skill_id=double.id)).all() == [other.id]


def test_experience_and_granting_types_move_and_their_etags_change(client, hr, pair):
    double, real = pair
    owner = make_user()
    headers = sign_in(owner)
    one, two = make_experience(owner), make_experience(owner)
    kinds = [QualificationType(name="A"), QualificationType(name="B")]
    db.session.add_all(kinds)
    db.session.flush()
    for job, skills in ((one, (double,)), (two, (double, real))):
        db.session.add_all([ExperienceSkill(experience_id=job.id, skill_id=skill.id) for skill in skills])
    grants = [(kinds[0], double, 4), (kinds[0], real, 2), (kinds[1], double, 3)]
    db.session.add_all(
        [GrantedSkill(qualification_type_id=kind.id, skill_id=skill.id, level=level) for kind, skill, level in grants]
    )
    db.session.flush()
    db.session.expire_all()
    before, tag = state_of(double.id, real.id), client.get(f"/api/experience/{one.id}", headers=headers).headers["ETag"]
    number = merge(client, hr, double, real).json["id"]
    again = client.get(f"/api/experience/{one.id}", headers={**headers, "If-None-Match": tag})
    assert (again.status_code, again.json["skill_ids"]) == (200, [real.id])
    assert client.get(f"/api/experience/{two.id}", headers=headers).json["skill_ids"] == [real.id]
    levels = db.session.execute(
        select(GrantedSkill.qualification_type_id, GrantedSkill.level).filter_by(skill_id=real.id)
    )
    assert dict(levels.all()) == {kinds[0].id: 4, kinds[1].id: 3}  # the higher of two
    undo(client, hr, number)
    assert state_of(double.id, real.id) == before
    assert client.get(f"/api/experience/{two.id}", headers=headers).json["skill_ids"] == [double.id, real.id]


def test_another_review_period_is_felt_by_those_who_moved(client, hr, pair):
    double, real = pair
    real.review_months = 1
    person, boss = make_user(), make_user()
    said(person, double, 2, days=100, source="manager", rater=boss)
    said(person, double, 4, days=1)
    assert find_user_skill(person.id, double.id).level == 2
    number = merge(client, hr, double, real).json["id"]
    assert find_user_skill(person.id, real.id).level == 4  # 100 days are beyond twice a month
    undo(client, hr, number)
    assert find_user_skill(person.id, double.id).level == 2


def test_what_a_merge_kept_of_a_person_goes_with_them(client, hr, pair):
    double, real = pair
    owner, friend = make_user(), make_user()
    for skill in pair:
        said(owner, skill, 3)
        endorse(find_user_skill(owner.id, skill.id, is_locked=True), friend, level=4)
    number = merge(client, hr, double, real).json["id"]
    kept = select(SkillMergeRow).where(SkillMergeRow.kept.is_not(None))
    assert len(db.session.scalars(kept.where(SkillMergeRow.author_id == friend.id)).all()) == 1
    shown = client.get("/api/users/me/data", headers=sign_in(friend)).json
    assert len(shown["rows_of_mine_folded_by_merges"]) == 1
    db.session.delete(friend)
    db.session.flush()
    db.session.expire_all()
    assert db.session.scalars(kept.where(SkillMergeRow.table_name == "endorsements")).all() == []
    assert undo(client, hr, number).status_code == 200
    assert find_user_skill(owner.id, double.id).level == 4  # the rating stays, by nobody
