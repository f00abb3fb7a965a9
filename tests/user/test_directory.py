"""The list of people: filters, order, pages."""

import json

import pytest

from smartskill.extensions import db
from smartskill.user.models import Team
from tests.factories import make_user, sign_in


@pytest.fixture
def people(app):
    boss = make_user("manager", full_name="Carla Boss", title="Head of data")
    team = Team(name="Data")
    db.session.add(team)
    db.session.flush()
    anna = make_user(full_name="Anna Schmidt", title="Data engineer", manager_id=boss.id, team_id=team.id)
    ben = make_user(full_name="Ben 100% Müller", email="engineer@example.org")
    return {"boss": boss, "anna": anna, "ben": ben, "team": team}


def names(client, query, asker):
    response = client.get(f"/api/users/{query}", headers=sign_in(asker))
    assert response.status_code == 200
    return [user["full_name"] for user in response.json]


def test_people_come_by_name(client, people):
    assert names(client, "", people["anna"]) == ["Anna Schmidt", "Ben 100% Müller", "Carla Boss"]
    assert names(client, "?sort=-name", people["anna"]) == ["Carla Boss", "Ben 100% Müller", "Anna Schmidt"]
    assert names(client, "?sort=-created_at", people["anna"])[0] == "Ben 100% Müller"


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("?q=anna", ["Anna Schmidt"]),
        ("?q=schm+DATA", ["Anna Schmidt"]),
        ("?q=data", ["Anna Schmidt", "Carla Boss"]),
        ("?q=100%25", ["Ben 100% Müller"]),
        ("?q=%25", ["Ben 100% Müller"]),
        ("?q=_", []),
        ("?q=muller", ["Ben 100% Müller"]),
        ("?q=MÜLLER", ["Ben 100% Müller"]),
        ("?q=m/ller", []),
        ("?q=nobody", []),
        ("?role=manager", ["Carla Boss"]),
        ("?is_active=true&q=anna", ["Anna Schmidt"]),
    ],
)
def test_filters(client, people, query, found):
    assert names(client, query, people["boss"]) == found


def test_team_and_manager(client, people):
    assert names(client, f"?team_id={people['team'].id}", people["ben"]) == ["Anna Schmidt"]
    assert names(client, f"?manager_id={people['boss'].id}", people["ben"]) == ["Anna Schmidt"]


def test_an_address_is_searched_by_those_only_who_may_see_it(client, people):
    assert names(client, "?q=engineer@", people["boss"]) == []
    assert names(client, "?q=engineer@", make_user("hr")) == ["Ben 100% Müller"]


def test_pages(client, people):
    response = client.get("/api/users/?page_size=2&page=2", headers=sign_in(people["anna"]))
    assert [user["full_name"] for user in response.json] == ["Carla Boss"]
    facts = json.loads(response.headers["X-Pagination"])
    assert (facts["total"], facts["total_pages"], facts["page"], facts["previous_page"]) == (3, 2, 2, 1)


@pytest.mark.parametrize("query", ["?sort=email", "?role=boss", "?page=0", "?page_size=101", "?team_id=x", "?q="])
def test_what_is_no_filter_is_400(client, query):
    assert client.get(f"/api/users/{query}", headers=sign_in(make_user())).status_code == 400


def test_without_a_token_there_is_no_directory(client):
    assert client.get("/api/users/").status_code == 401


@pytest.mark.parametrize("user_id", ["0", "2147483648", "99999999999999999999", "abc", "-1", "Me"])
def test_who_cannot_be_is_404(client, user_id):
    assert client.get(f"/api/users/{user_id}", headers=sign_in(make_user())).status_code == 404
