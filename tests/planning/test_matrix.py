"""The matrix: levels and organisation of any day, nothing for what is not known, and a past that stays as it was."""

import csv
from datetime import timedelta
from io import StringIO

import pytest

from smartskill.database import now
from smartskill.extensions import db
from smartskill.planning.models.targets import CoverageTarget
from smartskill.planning.services.matrix import answer as service
from smartskill.planning.services.matrix import columns
from smartskill.planning.services.matrix.writing import defused
from smartskill.skills.models.levels import Rating
from smartskill.skills.services.projection import refresh_user_skill
from smartskill.skills.services.standing import levels_on, search_past, search_standing
from smartskill.user.services.organisation import place_user
from smartskill.user.services.teams import change_team, create_team
from tests.factories import make_skill, make_user, sign_in

PATH = "/api/skills/matrix"


def days_ago(count):
    return (now() - timedelta(days=count)).date()


def said(user, skill, level, *, days=0, source="self", by=None):
    """A rating of some days ago, and the projection of all that were given."""
    row = Rating(
        user_id=user.id, skill_id=skill.id, level=level, source=source,
        rater_id=(by or user).id, effective_on=days_ago(days),
    )  # fmt: skip
    db.session.add(row)
    refresh_user_skill(user.id, skill.id)
    return row


def ask(client, asker, query="", **headers):
    return client.get(f"{PATH}?{query}", headers={**sign_in(asker), **headers})


def read(client, asker, query=""):
    answer = ask(client, asker, query)
    assert answer.status_code == 200, answer.json
    return answer.json


@pytest.fixture(autouse=True, params=[500, 0], ids=["few people", "many people"])
def many(request, monkeypatch):
    """From how many people on levels are counted skill by skill; every case holds both ways."""
    monkeypatch.setattr(columns, "MANY", request.param)


@pytest.fixture
def hr(app):
    return make_user("hr", full_name="Hana")


@pytest.fixture
def house(app):
    """A team, in another team, with two people who have been there for a year."""
    top = create_team("Top", effective_on=days_ago(400))
    team = create_team("Team", parent_id=top.id, effective_on=days_ago(400))
    side = create_team("Side", effective_on=days_ago(400))
    people = [make_user(full_name=name) for name in ("Ada", "Ben")]
    for person in people:
        place_user(person, team_id=team.id, effective_on=days_ago(365))
    db.session.flush()
    return top, team, side, *people


def test_cells_are_as_worked_by_hand(client, hr, house):
    _, team, _, ada, ben = house
    sql, go = make_skill("SQL", review_months=12), make_skill("Go", review_months=12)
    boss = make_user()
    said(ada, sql, 2, days=91)
    said(ada, sql, 4, days=30, source="manager", by=boss)
    said(ben, sql, 1)
    said(ben, go, 5, days=800)
    answer = read(client, hr, f"team_id={team.id}")
    # Ada: the manager's 4 counts before her own 2. Her own 0.4 · 2^(-91/30.4375/12) = 0.33656, the manager's
    # 0.8 · 2^(-30/30.4375/12) = 0.75574: 1 - 0.66344 · 0.24426 = 0.83795. Ben in Go: 0.4 · 2^(-800/365.25) = 0.08765.
    assert answer == {
        "as_of": days_ago(0).isoformat(), "people_total": 2, "skills_total": 2,
        "people": [{"user_id": ada.id, "full_name": "Ada", "team_id": team.id},
                   {"user_id": ben.id, "full_name": "Ben", "team_id": team.id}],
        "skills": [{"skill_id": sql.id, "name": "SQL"}, {"skill_id": go.id, "name": "Go"}],
        "cells": [{"user_id": ada.id, "skill_id": sql.id, "level": 4, "confidence": pytest.approx(0.8379, abs=2e-4)},
                  {"user_id": ben.id, "skill_id": sql.id, "level": 1, "confidence": 0.4},
                  {"user_id": ben.id, "skill_id": go.id, "level": 5, "confidence": pytest.approx(0.0877, abs=2e-4)}],
        "coverage": [{"skill_id": sql.id, "level": 1, "holders": 2, "required": None},
                     {"skill_id": go.id, "level": 1, "holders": 1, "required": None}],
    }  # fmt: skip


def test_a_past_day_knows_what_was_known_then(client, hr, house):
    _, team, _, ada, _ = house
    sql = make_skill("SQL")
    said(ada, sql, 2, days=200)
    said(ada, sql, 4, days=50, source="manager", by=make_user())
    levels = {days: [cell["level"] for cell in read(client, hr, f"team_id={team.id}&as_of={days_ago(days)}")["cells"]]
              for days in (300, 200, 51, 50, 0)}  # fmt: skip
    assert levels == {300: [], 200: [2], 51: [2], 50: [4], 0: [4]}


def test_what_happens_later_changes_no_past_answer_and_a_retraction_does(client, hr, house):
    top, team, side, ada, ben = house
    sql = make_skill("SQL")
    own = said(ada, sql, 2, days=200)
    said(ben, sql, 3, days=200)
    queries = [f"as_of={days_ago(90)}{more}" for more in ("", f"&team_id={top.id}", f"&skill_id={sql.id}")]
    before = [ask(client, hr, query).data for query in queries]
    assert all(b'"level":2' in answer and b'"level":3' in answer for answer in before)
    place_user(ada, team_id=side.id, manager_id=ben.id, effective_on=days_ago(20))
    change_team(team, {"parent_id": side.id, "effective_on": days_ago(10)})
    newcomer = make_user(full_name="Zoe")
    place_user(newcomer, team_id=top.id)
    said(newcomer, sql, 5)
    said(ben, sql, 5)
    ben.is_active = False
    db.session.flush()
    assert [ask(client, hr, query).data for query in queries] == before
    assert [person["full_name"] for person in read(client, hr, f"team_id={top.id}")["people"]] == ["Zoe"]
    own.retracted_at = now()
    refresh_user_skill(ada.id, sql.id)
    after = [ask(client, hr, query).data for query in queries]
    assert all(b'"level":2' not in answer and b'"level":3' in answer for answer in after)


def test_today_is_the_same_by_the_projection_and_by_the_ratings(hr, house):
    _, _, _, ada, ben = house
    skills = [make_skill(review_months=months) for months in (1, 12, 12, 24)]
    raters = [make_user() for _ in range(3)]
    for number, (person, skill) in enumerate((person, skill) for person in (ada, ben) for skill in skills):
        said(person, skill, 1 + number % 5, days=40 * number)
        for place, source in enumerate(("peer", "manager", "assessment")[: number % 4]):
            said(person, skill, 5 - number % 5, days=97 * place, source=source, by=raters[place])
    people, ids = [ada.id, ben.id], [skill.id for skill in skills]
    by_rows = sorted(levels_on(days_ago(0), people, ids))
    present = sorted(db.session.execute(search_standing(days_ago(0), people, ids)).all())
    joined = sorted(db.session.execute(search_standing(days_ago(0), people)).all())
    past = sorted(db.session.execute(search_past(days_ago(0), people, ids)).all())
    assert len(by_rows) == 8
    for other in (present, joined, past):
        assert [(row.user_id, row.skill_id, row.level, row.last_confirmed_on) for row in other] == [
            (row.user_id, row.skill_id, row.level, row.last_confirmed_on) for row in by_rows
        ]
        assert [row.confidence for row in other] == pytest.approx([row.confidence for row in by_rows])


def test_skills_come_as_asked_or_the_most_held_first(client, hr, house, monkeypatch):
    _, _, _, ada, ben = house
    rare, common, unheld = make_skill("A rare one"), make_skill("Common"), make_skill("Unheld")
    said(ada, rare, 3)
    said(ada, common, 3)
    said(ben, common, 3)
    assert [skill["name"] for skill in read(client, hr)["skills"]] == ["Common", "A rare one"]
    asked = read(client, hr, f"skill_id={unheld.id}&skill_id={rare.id}&skill_id={unheld.id}")
    assert [skill["name"] for skill in asked["skills"]] == ["Unheld", "A rare one"]
    assert [row["holders"] for row in asked["coverage"]] == [0, 1]
    monkeypatch.setattr(columns, "MOST_SKILLS", 1)
    short = read(client, hr)
    assert ([skill["name"] for skill in short["skills"]], short["skills_total"]) == (["Common"], 2)


def test_more_people_than_are_shown_are_counted(client, hr, house, monkeypatch):
    _, team, _, ada, ben = house
    skill = make_skill()
    said(ada, skill, 3)
    said(ben, skill, 4)
    monkeypatch.setattr(service, "MOST_PEOPLE", 1)
    answer = read(client, hr, f"team_id={team.id}")
    assert [person["full_name"] for person in answer["people"]] == ["Ada"]
    assert (answer["people_total"], len(answer["cells"]), answer["coverage"][0]["holders"]) == (2, 1, 2)


def test_coverage_counts_at_each_targets_level_for_the_very_team(client, hr, house):
    top, team, _, ada, ben = house
    skill, other = make_skill("SQL"), make_skill("Go")
    said(ada, skill, 4)
    said(ben, skill, 2)
    for target in ((team.id, 3, 2), (team.id, 2, 1), (top.id, 5, 7), (None, 1, 9)):
        db.session.add(CoverageTarget(team_id=target[0], skill_id=skill.id, level=target[1], heads=target[2]))
    db.session.flush()
    ids = f"skill_id={skill.id}&skill_id={other.id}"
    rows = {
        scope: [
            (row["level"], row["holders"], row["required"]) for row in read(client, hr, f"{ids}{scope}")["coverage"]
        ]
        for scope in (f"&team_id={team.id}", f"&team_id={top.id}", "")
    }
    assert rows == {
        f"&team_id={team.id}": [(2, 2, 1), (3, 1, 2), (1, 0, None)],
        f"&team_id={top.id}": [(5, 0, 7), (1, 0, None)],
        "": [(1, 2, 9), (1, 0, None)],
    }


def test_levels_that_are_not_sure_enough_are_left_out(client, hr, house):
    _, team, _, ada, ben = house
    skill = make_skill()
    said(ada, skill, 3, source="manager", by=make_user())  # 0.8
    said(ben, skill, 3)  # 0.4
    for query in (f"team_id={team.id}", f"team_id={team.id}&as_of={days_ago(0)}"):
        answer = read(client, hr, f"{query}&min_confidence=0.5")
        assert [cell["user_id"] for cell in answer["cells"]] == [ada.id]
        assert answer["coverage"][0]["holders"] == 1


def test_managers_see_the_people_below_them_hidden_levels_too_and_others_nobody(client, house):
    _, _, _, ada, ben = house
    boss, skill = make_user("manager"), make_skill()
    place_user(ada, manager_id=boss.id)
    said(ada, skill, 3)
    said(ben, skill, 3)
    row = refresh_user_skill(ada.id, skill.id)
    row.is_shown = False
    db.session.flush()
    answer = read(client, boss)
    assert [person["full_name"] for person in answer["people"]] == ["Ada"]
    assert len(answer["cells"]) == 1
    assert ask(client, make_user("manager")).status_code == 403
    assert ask(client, ada).status_code == 403


def test_a_manager_reads_that_a_team_of_theirs_had_nobody_yet(client, house):
    _, team, side, ada, _ = house
    boss = make_user("manager")
    place_user(ada, manager_id=boss.id)
    before = read(client, boss, f"team_id={team.id}&as_of={days_ago(390)}")
    assert (before["people"], before["people_total"]) == ([], 0)
    assert ask(client, boss, f"team_id={side.id}&as_of={days_ago(390)}").status_code == 403
    assert ask(client, make_user("manager"), f"team_id={team.id}&as_of={days_ago(390)}").status_code == 403


def test_what_is_wrong_in_itself_is_named(client, hr):
    tomorrow = days_ago(-1)
    assert list(ask(client, hr, f"as_of={tomorrow}").json["errors"]) == ["as_of"]
    skill = make_skill()
    assert list(ask(client, hr, f"skill_id={skill.id}&skill_id=2000000000").json["errors"]) == ["skill_id.1"]
    assert ask(client, hr, "team_id=2000000000").status_code == 404
    assert ask(client, hr, "&".join(f"skill_id={number}" for number in range(1, 202))).status_code == 400


def test_nobody_and_nothing_are_a_matrix_too(client, hr):
    answer = read(client, hr, f"team_id={create_team('Empty').id}")
    assert {**answer, "as_of": ""} == {
        "as_of": "", "people": [], "skills": [], "cells": [], "coverage": [], "people_total": 0, "skills_total": 0,
    }  # fmt: skip


def test_it_comes_as_a_table_without_formulas(client, hr, house):
    _, team, _, ada, _ = house
    skill = make_skill("=HYPERLINK(1)")
    said(ada, skill, 3)
    answer = ask(client, hr, f"team_id={team.id}", Accept="text/csv")
    assert answer.mimetype == "text/csv"
    assert list(csv.reader(StringIO(answer.text))) == [
        ["user_id", "full_name", "team_id", "'=HYPERLINK(1)"],
        [str(ada.id), "Ada", str(team.id), "3"],
        [str(house[4].id), "Ben", str(team.id), ""],
    ]
    assert ask(client, hr, Accept="image/png").status_code == 406
    assert defused("@SUM") == "'@SUM"
