"""Endorsements over HTTP."""

import pytest
from sqlalchemy import select

from smartskill.activity.models import Consent, InteractionEvent
from smartskill.extensions import db
from smartskill.skills.models.levels import Endorsement, Rating
from smartskill.skills.schemas.levels import EndorsementSchema
from tests.factories import make_skill, make_user, make_user_skill, sign_in


@pytest.fixture
def owner(app):
    return make_user()


@pytest.fixture
def url(owner):
    skill = make_skill()
    make_user_skill(owner, skill, 3)
    return f"/api/users/{owner.id}/skills/{skill.id}"


def test_an_endorsement_is_a_peer_rating_at_the_present_level(client, owner, url):
    colleague = make_user()
    answer = client.post(f"{url}/endorsements", json={"note": "great"}, headers=sign_in(colleague))
    assert answer.status_code == 200
    assert (answer.json["endorser_id"], answer.json["level"], answer.json["note"]) == (colleague.id, 3, "great")
    rating = db.session.execute(select(Rating).filter_by(source="peer")).scalar_one()
    assert (rating.user_id, rating.rater_id, rating.level) == (owner.id, colleague.id, 3)
    # self and peer today: 1 − 0.6 × 0.5
    assert client.get(url, headers=sign_in(colleague)).json["confidence"] == pytest.approx(0.7)


def test_a_peer_outweighs_the_self_rating(client, url):
    client.post(f"{url}/endorsements", json={"level": 5}, headers=sign_in(make_user()))
    assert client.get(url, headers=sign_in(make_user())).json["level"] == 5


def test_nobody_endorses_themselves_or_twice_or_nothing(client, owner, url):
    assert client.post(f"{url}/endorsements", json={}, headers=sign_in(owner)).status_code == 403
    headers = sign_in(make_user())
    assert client.post(f"{url}/endorsements", json={}, headers=headers).status_code == 200
    assert client.post(f"{url}/endorsements", json={}, headers=headers).status_code == 409
    absent = f"/api/users/{owner.id}/skills/{make_skill().id}/endorsements"
    assert client.post(absent, json={}, headers=headers).status_code == 404
    wish = make_skill()
    client.put(f"/api/users/me/skills/{wish.id}", json={"interest": 4}, headers=sign_in(owner))
    assert (
        client.post(f"/api/users/{owner.id}/skills/{wish.id}/endorsements", json={}, headers=headers).status_code == 409
    )


def test_a_hidden_level_cannot_be_endorsed(client, owner, url):
    client.patch(url, json={"is_shown": False}, headers=sign_in(owner))
    assert client.post(f"{url}/endorsements", json={}, headers=sign_in(make_user())).status_code == 404
    assert client.post(f"{url}/endorsements", json={}, headers=sign_in(make_user("hr"))).status_code == 200


def test_a_withdrawn_endorsement_takes_its_rating_with_it(client, url):
    headers = sign_in(make_user())
    given = client.post(f"{url}/endorsements", json={"level": 5}, headers=headers).json
    assert client.delete(f"{url}/endorsements", headers=sign_in(make_user())).status_code == 404
    assert client.delete(f"{url}/endorsements", headers=headers).json == given
    assert client.get(f"{url}/endorsements", headers=headers).json == []
    assert client.get(url, headers=headers).json["level"] == 3
    assert db.session.scalars(select(Endorsement)).all() == []
    assert client.post(f"{url}/endorsements", json={}, headers=headers).status_code == 200


def test_level_and_note_are_for_the_two_and_those_above(client, owner, url):
    giver = make_user()
    client.post(f"{url}/endorsements", json={"level": 4, "note": "private"}, headers=sign_in(giver))
    for reader, sees in ((owner, True), (giver, True), (make_user("hr"), True), (make_user(), False)):
        row = client.get(f"{url}/endorsements", headers=sign_in(reader)).json[0]
        assert (row["level"], row["note"]) == ((4, "private") if sees else (None, None))
        assert row["endorser_name"] == giver.full_name
        assert set(row) == set(EndorsementSchema().dump_fields)


def test_giving_and_receiving_are_recorded_each_with_its_persons_consent(client, owner, url):
    giver = make_user()
    db.session.add_all(Consent(user_id=user.id, purpose="tracking", is_granted=True) for user in (owner, giver))
    client.post(f"{url}/endorsements", json={}, headers=sign_in(giver))
    found = select(InteractionEvent.user_id, InteractionEvent.kind).order_by(InteractionEvent.id)
    assert [tuple(row) for row in db.session.execute(found)] == [
        (giver.id, "endorsement_given"), (owner.id, "endorsement_received"),
    ]  # fmt: skip
