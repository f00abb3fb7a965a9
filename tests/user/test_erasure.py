"""Erasing an account: by whom, and what goes and what stays."""

from datetime import timedelta

import pytest
from sqlalchemy import func, select, update

from smartskill.activity.models import InteractionEvent
from smartskill.activity.services.noting import LOOKS
from smartskill.database import Base, now
from smartskill.extensions import db
from smartskill.kit.later import later
from smartskill.kit.models import IdempotencyKey
from smartskill.skills.models.levels import Rating, UserSkill
from smartskill.user.models import User, UserSession
from tests.factories import make_experience, make_qualification, make_skill, make_user, make_user_skill, sign_in
from tests.user.people import PASSWORD, login, make_account


@pytest.mark.parametrize(("who", "status"), [("employee", 403), ("manager", 403), ("hr", 403), ("admin", 200)])
def test_others_are_erased_by_admins_only(client, who, status):
    user = make_user()
    assert client.delete(f"/api/users/{user.id}", headers=sign_in(make_user(who))).status_code == status


def test_a_manager_above_does_not_erase(client):
    boss = make_user("manager")
    user = make_user(manager_id=boss.id)
    assert client.delete(f"/api/users/{user.id}", headers=sign_in(boss)).status_code == 403


def test_one_erases_oneself_shortly_after_signing_in(client):
    user = make_account()
    answer = login(client, user.email)
    headers = {"Authorization": f"Bearer {answer.json['access_token']}"}
    response = client.delete("/api/users/me", headers=headers)
    assert response.status_code == 200
    assert (response.json["id"], response.json["email"]) == (answer.json["user"]["id"], answer.json["user"]["email"])
    assert client.get("/api/users/me", headers=headers).status_code == 401
    assert login(client, answer.json["user"]["email"], PASSWORD).status_code == 401


def test_an_old_session_is_not_enough_to_erase(client):
    user = make_user()
    headers = sign_in(user)
    db.session.execute(update(UserSession).values(created_at=now() - timedelta(minutes=16)))
    response = client.delete("/api/users/me", headers=headers)
    assert response.status_code == 403
    assert "sign in again" in response.json["detail"]
    assert db.session.get(User, user.id) is not None


def test_somebody_who_is_not_there_is_404(client):
    assert client.delete("/api/users/2147483647", headers=sign_in(make_user("admin"))).status_code == 404


def test_nothing_about_the_person_is_left_and_what_they_gave_others_stays(client):
    user, other = make_user(), make_user()
    below = make_user(manager_id=user.id)
    make_experience(user)
    make_qualification(user)
    make_user_skill(user, make_skill())
    make_user_skill(other, skill := make_skill(proposed_by_id=user.id))
    given = Rating(
        user_id=other.id, skill_id=skill.id, level=4, source="manager", rater_id=user.id, effective_on=now().date()
    )
    db.session.add(given)
    user_id, headers = user.id, {**sign_in(user), "Idempotency-Key": "resend"}
    client.get(f"/api/users/{other.id}", headers=sign_in(user))
    user.verified_at = None
    assert client.post("/api/users/verify-email/resend", headers=headers).status_code == 200
    assert client.delete("/api/users/me", headers=sign_in(user)).status_code == 200
    left = {
        f"{table.name}.{column.name}": count
        for table in Base.metadata.sorted_tables
        for column in table.columns
        if any(key.column.table.name == "users" for key in column.foreign_keys)
        if (count := db.session.scalar(select(func.count()).select_from(table).where(column == user_id)))
    }
    assert left == {}
    assert (
        db.session.scalar(select(func.count()).select_from(IdempotencyKey).where(IdempotencyKey.user_id == user_id))
        == 0
    )
    assert db.session.get(Rating, given.id).rater_id is None
    assert db.session.scalar(select(func.count()).select_from(UserSkill).where(UserSkill.user_id == other.id)) == 1
    assert below.manager_id is None
    assert db.session.scalar(select(func.count()).select_from(InteractionEvent)) == 0


def test_looking_at_somebody_is_recorded_and_at_oneself_is_not(client):
    user, other = make_user(), make_user()
    headers = sign_in(user)
    client.get(f"/api/users/{other.id}", headers=headers)
    client.get("/api/users/me", headers=headers)
    later(LOOKS).write()
    [event] = db.session.scalars(select(InteractionEvent)).all()
    assert (event.kind, event.user_id, event.subject_type, event.subject_id) == (
        "profile_viewed",
        user.id,
        "user",
        other.id,
    )


def test_changing_ones_profile_is_recorded_with_a_number_only(client):
    user = make_user()
    client.patch("/api/users/me", json={"title": "Lead", "locale": "de"}, headers=sign_in(user))
    [event] = db.session.scalars(select(InteractionEvent)).all()
    assert (event.kind, event.props) == ("profile_updated", {"field_count": 2})
