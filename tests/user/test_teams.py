"""Teams: a tree whose every day can be asked."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from smartskill.extensions import db
from smartskill.user.models import Team, TeamPlacement
from smartskill.user.services.dated import today
from tests.factories import make_user, sign_in

TEAMS = "/api/users/teams/"


def ago(days: int) -> str:
    return (today() - timedelta(days=days)).isoformat()


@pytest.fixture
def hr(app):
    return sign_in(make_user("hr"))


@pytest.fixture
def make_team(client, hr):
    def make(name, **given):
        response = client.post(TEAMS, json={"name": name, **given}, headers=hr)
        assert response.status_code == 200, response.json
        return response.json["id"]

    return make


def tree(client, headers, as_of=None):
    query = f"?as_of={as_of}" if as_of else ""
    return {team["name"]: team["parent_id"] for team in client.get(f"{TEAMS}{query}", headers=headers).json}


def test_a_team_is_made_read_renamed_and_removed(client, hr):
    response = client.post(TEAMS, json={"name": "Data"}, headers=hr)
    assert response.headers["Location"] == f"{TEAMS}{response.json['id']}"
    address, etag = response.headers["Location"], response.headers["ETag"]
    assert client.get(address, headers=hr).json == response.json
    renamed = client.patch(address, json={"name": "Data platform"}, headers={**hr, "If-Match": etag})
    assert (renamed.status_code, renamed.json["name"]) == (200, "Data platform")
    assert client.patch(address, json={"name": "X"}, headers={**hr, "If-Match": etag}).status_code == 412
    assert client.delete(address, headers=hr).json["name"] == "Data platform"
    assert client.get(address, headers=hr).status_code == 404


@pytest.mark.parametrize("role", ["employee", "manager"])
def test_teams_are_read_by_everybody_and_written_by_hr(client, make_team, role):
    team_id, headers = make_team("Data"), sign_in(make_user(role))
    assert client.get(f"{TEAMS}{team_id}", headers=headers).status_code == 200
    assert client.get(f"{TEAMS}{team_id}/members", headers=headers).status_code == 200
    answers = [
        client.post(TEAMS, json={"name": "X"}, headers=headers),
        client.put(f"{TEAMS}{team_id}", json={"name": "X"}, headers=headers),
        client.patch(f"{TEAMS}{team_id}", json={"name": "X"}, headers=headers),
        client.delete(f"{TEAMS}{team_id}", headers=headers),
        client.put("/api/users/me/team", json={"team_id": team_id}, headers=headers),
        client.put("/api/users/me/manager", json={"manager_id": None}, headers=headers),
    ]
    assert {answer.status_code for answer in answers} == {403}


def test_a_name_belongs_to_one_living_team(client, hr, make_team):
    make_team("Data")
    response = client.post(TEAMS, json={"name": "DATA"}, headers=hr)
    assert (response.status_code, response.json["detail"]) == (409, "A team of this name exists.")


def test_a_parent_must_exist_and_not_be_below(client, hr, make_team):
    top = make_team("Top")
    below = make_team("Below", parent_id=make_team("Middle", parent_id=top))
    for parent in (below, top):
        assert client.patch(f"{TEAMS}{top}", json={"parent_id": parent}, headers=hr).status_code == 409
    response = client.patch(f"{TEAMS}{top}", json={"parent_id": 2_147_483_647}, headers=hr)
    assert (response.status_code, list(response.json["errors"])) == (400, ["parent_id"])


def test_the_tree_of_any_day_can_be_asked(client, hr, make_team):
    old, new = make_team("Old", effective_on=ago(100)), make_team("New", effective_on=ago(50))
    moved = make_team("Moved", parent_id=old, effective_on=ago(80))
    client.patch(f"{TEAMS}{moved}", json={"parent_id": new, "effective_on": ago(20)}, headers=hr)
    assert tree(client, hr, ago(90)) == {"Old": None}
    assert tree(client, hr, ago(60)) == {"Old": None, "Moved": old}
    assert tree(client, hr, ago(21)) == {"Old": None, "New": None, "Moved": old}
    assert tree(client, hr, ago(20)) == tree(client, hr) == {"Old": None, "New": None, "Moved": new}


def test_replacing_without_a_parent_moves_to_the_top(client, hr, make_team):
    team_id = make_team("Below", parent_id=make_team("Top"))
    assert client.put(f"{TEAMS}{team_id}", json={"name": "Below"}, headers=hr).json["parent_id"] is None
    assert tree(client, hr)["Below"] is None


def test_changes_are_not_dated_ahead(client, hr, make_team):
    team_id = make_team("Data")
    tomorrow = (today() + timedelta(days=1)).isoformat()
    for method, address, body in (
        ("post", TEAMS, {"name": "X"}),
        ("patch", f"{TEAMS}{team_id}", {"parent_id": None}),
        ("put", "/api/users/me/team", {"team_id": team_id}),
        ("put", "/api/users/me/manager", {"manager_id": None}),
    ):
        response = client.open(address, method=method, json={**body, "effective_on": tomorrow}, headers=hr)
        assert (response.status_code, list(response.json["errors"])) == (400, ["effective_on"])


def test_a_team_with_people_or_teams_stays_and_one_with_history_ends(client, hr, make_team):
    user, top = make_user(), make_team("Top", effective_on=ago(30))
    below = make_team("Below", parent_id=top)
    client.put(f"/api/users/{user.id}/team", json={"team_id": below, "effective_on": ago(10)}, headers=hr)
    assert client.delete(f"{TEAMS}{top}", headers=hr).status_code == 409
    assert client.delete(f"{TEAMS}{below}", headers=hr).status_code == 409
    client.put(f"/api/users/{user.id}/team", json={"team_id": top}, headers=hr)
    ended = client.delete(f"{TEAMS}{below}", headers=hr)
    assert (ended.status_code, ended.json["ended_on"]) == (200, today().isoformat())
    assert "Below" not in tree(client, hr)
    members = client.get(f"{TEAMS}{below}/members?as_of={ago(5)}", headers=hr)
    assert [member["id"] for member in members.json] == [user.id]
    again = make_team("Below")
    assert again != below
    for refused in (
        client.delete(f"{TEAMS}{below}", headers=hr),
        client.patch(f"{TEAMS}{below}", json={"name": "X"}, headers=hr),
        client.put(f"/api/users/{user.id}/team", json={"team_id": below}, headers=hr),
        client.post(TEAMS, json={"name": "Y", "parent_id": below}, headers=hr),
    ):
        assert refused.status_code == 409


def test_stretches_never_overlap_and_are_joined_where_nothing_changed(client, hr, make_team):
    top, team_id = make_team("Top"), make_team("Data", effective_on=ago(30))
    for days, parent in ((20, top), (25, top), (25, top), (10, None), (5, top)):
        body = {"parent_id": parent, "effective_on": ago(days)}
        assert client.patch(f"{TEAMS}{team_id}", json=body, headers=hr).status_code == 200
    found = select(TeamPlacement).where(TeamPlacement.team_id == team_id).order_by(TeamPlacement.valid)
    stretches = [(row.parent_id, row.valid.lower.isoformat()) for row in db.session.scalars(found)]
    assert stretches == [(None, ago(30)), (top, ago(25)), (None, ago(10)), (top, ago(5))]
    assert db.session.get(Team, team_id).parent_id == top


def test_filters_of_teams(client, hr, make_team):
    top = make_team("Top")
    make_team("Data platform", parent_id=top)
    names = [team["name"] for team in client.get(f"{TEAMS}?q=PLAT", headers=hr).json]
    assert names == ["Data platform"]
    assert [team["name"] for team in client.get(f"{TEAMS}?parent_id={top}", headers=hr).json] == ["Data platform"]
    assert [team["name"] for team in client.get(f"{TEAMS}?sort=-name", headers=hr).json] == ["Top", "Data platform"]
