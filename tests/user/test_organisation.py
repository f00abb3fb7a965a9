"""Who reports to whom and who is where, today and on any day before."""

import threading
from datetime import timedelta
from itertools import pairwise

import pytest
from sqlalchemy import select

from smartskill.extensions import db
from smartskill.user.models import ReportingLine, Team, TeamMembership, User
from smartskill.user.services.dated import today
from smartskill.user.services.organisation import is_manager_above, members_of, place_user, reports_of, team_tree
from smartskill.user.services.teams import create_team
from tests.factories import make_user, sign_in


def ago(days: int):
    return today() - timedelta(days=days)


def ids(found) -> set[int]:
    return set(db.session.scalars(found))


def line(*people: User, on=None) -> None:
    """Each reports to the one before."""
    for boss, person in pairwise(people):
        place_user(person, manager_id=boss.id, effective_on=on)


def test_the_whole_tree_below_reports(app):
    top, left, right, leaf, other = (make_user() for _ in range(5))
    line(top, left, leaf)
    line(top, right)
    assert ids(reports_of(top.id)) == {left.id, right.id, leaf.id}
    assert ids(reports_of(left.id)) == {leaf.id}
    assert ids(reports_of(other.id)) == ids(reports_of(leaf.id)) == set()
    assert is_manager_above(top.id, leaf.id)
    assert not is_manager_above(leaf.id, top.id)
    assert not is_manager_above(right.id, leaf.id)
    assert not is_manager_above(top.id, top.id)


def test_the_line_of_an_earlier_day(app):
    old, new, person = (make_user() for _ in range(3))
    place_user(person, manager_id=old.id, effective_on=ago(100))
    place_user(person, manager_id=new.id, effective_on=ago(10))
    assert person.manager_id == new.id
    assert ids(reports_of(old.id)) == set()
    assert ids(reports_of(old.id, ago(11))) == {person.id}
    assert ids(reports_of(new.id, ago(10))) == {person.id}
    assert ids(reports_of(old.id, ago(101))) == set()
    assert is_manager_above(old.id, person.id, as_of=ago(50))


def test_leaving_is_dated_too(app):
    boss, person = make_user(), make_user()
    place_user(person, manager_id=boss.id, effective_on=ago(20))
    place_user(person, manager_id=None, effective_on=ago(5))
    assert person.manager_id is None
    assert ids(reports_of(boss.id, ago(6))) == {person.id}
    assert ids(reports_of(boss.id, ago(5))) == set()


def test_saying_it_again_changes_nothing(app):
    boss, person = make_user(), make_user()
    for days in (20, 10, 20, 0):
        place_user(person, manager_id=boss.id, effective_on=ago(days))
    [row] = db.session.scalars(select(ReportingLine)).all()
    assert (row.valid.lower, row.valid.upper) == (ago(20), None)


def test_saying_it_for_an_earlier_day_extends_it(app):
    boss, person = make_user(), make_user()
    for days in (10, 20):
        place_user(person, manager_id=boss.id, effective_on=ago(days))
    [row] = db.session.scalars(select(ReportingLine)).all()
    assert (row.valid.lower, row.valid.upper) == (ago(20), None)


def test_members_of_a_team_and_of_those_below(app):
    top = create_team("Top", effective_on=ago(50))
    below = create_team("Below", parent_id=top.id, effective_on=ago(50))
    person, chief, gone = make_user(), make_user(), make_user()
    place_user(person, team_id=below.id, effective_on=ago(30))
    place_user(chief, team_id=top.id, effective_on=ago(30))
    place_user(gone, team_id=top.id, effective_on=ago(30))
    place_user(gone, team_id=None, effective_on=ago(10))
    assert ids(members_of(top.id)) == {person.id, chief.id}
    assert ids(members_of(top.id, ago(11))) == {person.id, chief.id, gone.id}
    assert ids(members_of(below.id)) == {person.id}
    assert ids(members_of(top.id, ago(40))) == set()
    assert {row.name for row in db.session.execute(team_tree(ago(40)))} == {"Top", "Below"}


def test_the_day_and_the_row_of_a_person_agree(app):
    teams = [create_team(f"Team {number}", effective_on=ago(90)) for number in range(3)]
    person = make_user()
    for days, team in ((60, teams[0]), (30, teams[1]), (45, teams[2]), (2, None), (1, teams[0])):
        place_user(person, team_id=team.id if team else None, effective_on=ago(days))
        open_rows = select(TeamMembership.team_id).where(TeamMembership.valid.contains(today()))
        assert db.session.scalar(open_rows) == person.team_id


def put(client, user, what, headers, **body):
    return client.put(f"/api/users/{user.id}/{what}", json=body, headers=headers)


def test_hr_places_people_by_http(client):
    headers = sign_in(make_user("hr"))
    boss, person, team = make_user(), make_user(), create_team("Data", effective_on=ago(9))
    response = put(client, person, "manager", headers, manager_id=boss.id, effective_on=ago(3).isoformat())
    assert (response.status_code, response.json["manager_id"]) == (200, boss.id)
    response = put(client, person, "team", headers, team_id=team.id, effective_on=ago(3).isoformat())
    assert (response.status_code, response.json["team_id"]) == (200, team.id)
    members = client.get(f"/api/users/teams/{team.id}/members?as_of={ago(4)}", headers=headers)
    assert members.json == []
    assert put(client, person, "manager", headers).status_code == 400


def test_circles_are_409(client):
    headers = sign_in(make_user("hr"))
    top, middle, leaf = (make_user() for _ in range(3))
    line(top, middle, leaf)
    for person, boss in ((top, leaf), (top, middle), (top, top)):
        assert put(client, person, "manager", headers, manager_id=boss.id).status_code == 409
        assert client.patch(f"/api/users/{person.id}", json={"manager_id": boss.id}, headers=headers).status_code == 409


def test_a_circle_in_the_past_is_409_too(client):
    headers = sign_in(make_user("hr"))
    boss, person = make_user(), make_user()
    place_user(person, manager_id=boss.id, effective_on=ago(50))
    place_user(person, manager_id=None, effective_on=ago(10))
    response = put(client, boss, "manager", headers, manager_id=person.id, effective_on=ago(40).isoformat())
    assert response.status_code == 409
    assert put(client, boss, "manager", headers, manager_id=person.id).status_code == 200


@pytest.mark.parametrize(("what", "field"), [("team", "team_id"), ("manager", "manager_id")])
def test_who_and_what_must_be_there(client, what, field):
    headers = sign_in(make_user("hr"))
    response = put(client, make_user(), what, headers, **{field: 2_147_483_647})
    assert (response.status_code, list(response.json["errors"])) == (400, [field])
    assert client.put(f"/api/users/2147483647/{what}", json={field: None}, headers=headers).status_code == 404


def test_two_changes_at_once_make_no_circle(app, committed):
    hr, first, second = make_user("hr"), make_user(), make_user()
    headers, pairs = sign_in(hr), [(first.id, second.id), (second.id, first.id)]
    db.session.commit()
    for _ in range(5):
        codes, gate = [], threading.Barrier(2)

        def swap(person, boss, codes=codes, gate=gate):
            with app.app_context():
                gate.wait()
                answer = app.test_client().put(
                    f"/api/users/{person}/manager", json={"manager_id": boss}, headers=headers
                )
                codes.append(answer.status_code)

        threads = [threading.Thread(target=swap, args=pair) for pair in pairs]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert sorted(codes) == [200, 409]
        for person, _ in pairs:
            with app.app_context():
                answer = app.test_client().put(
                    f"/api/users/{person}/manager", json={"manager_id": None}, headers=headers
                )
                assert answer.status_code == 200


def test_a_deep_line_is_walked_to_its_end(app):
    people = [make_user() for _ in range(60)]
    for boss, person in pairwise(people):
        person.manager_id = boss.id
    db.session.flush()
    assert is_manager_above(people[0].id, people[-1].id)
    assert len(ids(reports_of(people[0].id))) == 59


def test_a_member_who_is_switched_off_is_listed_for_hr_only(client):
    team, person = create_team("Data"), make_user(is_active=False)
    place_user(person, team_id=team.id)
    address = f"/api/users/teams/{team.id}/members"
    assert client.get(address, headers=sign_in(make_user())).json == []
    assert len(client.get(address, headers=sign_in(make_user("hr"))).json) == 1


def test_only_the_team_itself_where_within_is_off(client):
    top = create_team("Top")
    below = create_team("Below", parent_id=top.id)
    place_user(make_user(), team_id=below.id)
    headers = sign_in(make_user())
    assert len(client.get(f"/api/users/teams/{top.id}/members", headers=headers).json) == 1
    assert client.get(f"/api/users/teams/{top.id}/members?within=false", headers=headers).json == []
    assert db.session.get(Team, top.id) is top
