"""Composing a team as its requester sees it: over HTTP, by a worker, on teams known by hand."""

import os
import signal
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import pytest
from rq import SimpleWorker

from smartskill.database import now
from smartskill.extensions import db
from smartskill.kit.broker import queue_redis
from smartskill.kit.jobs import AllowedJob, JsonSerializer, queue
from smartskill.planning import tasks
from smartskill.planning.models.teams import TeamPlan
from smartskill.planning.services.composing import plans as composing
from tests.factories import make_skill, make_user, sign_in
from tests.planning.crew import Crew, say, wish

ADDRESS = "/api/skills/team"
ROOT = Path(__file__).parents[2]
DIE_AFTER_CLAIMING = """
import os, signal, sys
from smartskill import create_app
from smartskill.kit.transaction import commit
from smartskill.planning.services.composing.plans import claim_plan

with create_app("testing").app_context():
    claim_plan(int(sys.argv[1]))
    commit()
    os.kill(os.getpid(), signal.SIGKILL)
"""


@pytest.fixture
def crew(app):
    """Three needs. Ada has two, Ben two, Cid one, Dan one; Ada and Ben together are enough."""
    crew = Crew()
    crew.welding, crew.knots, crew.diving = make_skill("Welding"), make_skill("Knots"), make_skill("Diving")
    crew.ada, crew.ben, crew.cid, crew.dan = (crew.hire(name) for name in ("Ada", "Ben", "Cid", "Dan"))
    for person, skill, level in (
        (crew.ada, crew.welding, 4), (crew.ada, crew.knots, 3), (crew.ben, crew.diving, 5), (crew.ben, crew.knots, 4),
        (crew.cid, crew.welding, 5), (crew.dan, crew.diving, 2),
    ):  # fmt: skip
        say(person, skill, level, rater=crew.boss)
    return crew


def needs(*wanted, **more):
    return {
        "needs": [{"skill_id": skill.id, "min_level": level, "heads": heads} for skill, level, heads in wanted]
    } | more


def work():
    worker = SimpleWorker([queue("default")], connection=queue_redis(), job_class=AllowedJob, serializer=JsonSerializer)
    worker.work(burst=True, logging_level=None)


def compose(client, who, body):
    """Asked for and composed, in the test's own transaction."""
    headers = sign_in(who)
    begun = client.post(ADDRESS, json=body, headers=headers)
    assert begun.status_code == 202, begun.json
    tasks.compose_team(begun.json["id"])
    done = client.get(begun.headers["Location"], headers=headers).json
    assert (done["state"], done["progress"], done["note"]) == ("done", 1.0, None)
    return done["result"]


def names(people):
    return [one["full_name"] for one in people]


def test_the_smallest_team_with_a_reason_per_pick(client, crew):
    body = needs((crew.welding, 3, 1), (crew.knots, 3, 2), (crew.diving, 3, 1))
    for who in (crew.boss, crew.hr):
        result = compose(client, who, body)
        # knots needs two heads: Ada and Ben are the only ones, and have the rest between them
        assert names(result["team"]) == ["Ada", "Ben"]
        ada, ben = result["team"]
        assert [(one["skill_name"], one["level"], one["confidence"], one["is_decisive"]) for one in ada["why"]] == [
            ("Welding", 4, 0.8, True), ("Knots", 3, 0.8, True),
        ]  # fmt: skip
        assert ada["why"][0]["fact"] == "Welding: level 4, 3 needed, confidence 0.80; none to spare"
        assert [one["skill_name"] for one in ben["why"]] == ["Knots", "Diving"]
        assert (ada["alternatives"], ben["alternatives"], result["unmet"]) == ([], [], [])
        assert result["solver"] == {
            "name": "exact", "is_proven": True, "at_least": 2, "gap": 0.0, "bound": 1.0, "candidates": 3,
            "pool": 4 if who is crew.boss else 7, "exact_up_to": 2000,
        }  # fmt: skip


def test_who_could_stand_in_and_the_best_team_without_any_of_them(client, crew):
    result = compose(client, crew.boss, needs((crew.welding, 3, 1)))
    # Ada and Cid are as trusted; the first of them is taken, the other could stand in
    assert names(result["team"]) == ["Ada"]
    assert names(result["team"][0]["alternatives"]) == ["Cid"]
    assert [names(other["people"]) for other in result["alternatives"]] == [["Cid"]]
    assert result["alternatives"][0]["unmet"] == []


def test_what_is_unmet_says_how_many_heads_are_short_and_who_could_grow_into_it(client, crew):
    wish(crew.dan, crew.diving, interest=5)  # level 2, one short of 3
    wish(crew.cid, crew.diving, interest=5)  # no level, which is not "one level short" of 3
    eve = crew.hire("Eve")
    say(eve, crew.diving, 2, rater=crew.boss)
    wish(eve, crew.diving, interest=4)
    say(crew.ada, crew.diving, 2, rater=crew.boss)  # one short and not keen
    result = compose(client, crew.boss, needs((crew.diving, 3, 3)))
    assert names(result["team"]) == ["Ben"]
    assert result["unmet"] == [
        {"skill_id": crew.diving.id, "skill_name": "Diving", "min_level": 3, "heads": 3, "must": True, "covered": 1,
         "short": 2}
    ]  # fmt: skip
    seats = [(one["full_name"], one["interest"], one["learn"]) for one in result["growth_seats"]]
    assert seats == [("Dan", 5, "Diving from level 2 to 3"), ("Eve", 4, "Diving from level 2 to 3")]


def test_an_optional_need_adds_nobody_but_decides_between_equals(client, crew):
    body = needs((crew.welding, 3, 1), (crew.knots, 3, 1))
    body["needs"][1]["must"] = False
    say(crew.cid, crew.welding, 5, source="assessment")  # more trusted than Ada, who knows knots
    assert names(compose(client, crew.boss, body)["team"]) == ["Ada"]


def test_a_pool_is_a_team_or_people_or_all_that_are_theirs(client, crew):
    zed = crew.hire("Zed", crew.engine)
    say(zed, crew.welding, 3, rater=crew.boss)
    crew.ada.leaves_on = now().date() - timedelta(days=1)  # gone, though still active
    body = needs((crew.welding, 3, 9))
    assert names(compose(client, crew.boss, body)["team"]) == ["Cid", "Zed"]
    assert names(compose(client, crew.boss, body | {"pool": {"team_id": crew.engine.id}})["team"]) == ["Zed"]
    assert names(compose(client, crew.boss, body | {"pool": {"user_ids": [crew.cid.id]}})["team"]) == ["Cid"]
    assert names(compose(client, crew.boss, body | {"most": 1})["team"]) == ["Cid"]


@pytest.mark.parametrize(
    ("change", "status", "field"),
    [
        ({"needs": []}, 400, "needs"),
        ({"needs": [{"skill_id": 2_000_000_000}]}, 400, "needs.0.skill_id"),
        ({"pool": {"team_id": 2_000_000_000}}, 400, "pool.team_id"),
        ({"pool": {"user_ids": [2_000_000_000]}}, 400, "pool.user_ids.0"),
        ({"pool": {"user_ids": ["zoe"]}}, 403, "pool.user_ids.0"),
        ({"pool": {"team_id": 1, "user_ids": [1]}}, 400, "pool.user_ids"),
        ({"most": 0}, 400, "most"),
    ],
)
def test_what_cannot_be_asked_is_refused_by_name(client, crew, change, status, field):
    zoe = crew.join("Zoe", crew.rival, crew.shore)
    if change.get("pool", {}).get("user_ids") == ["zoe"]:
        change = {"pool": {"user_ids": [zoe.id]}}
    refused = client.post(ADDRESS, json=needs((crew.welding, 3, 1)) | change, headers=sign_in(crew.boss))
    assert refused.status_code == status
    assert set(refused.json["errors"]) == {field}


def test_a_need_is_not_asked_twice_and_two_levels_of_a_skill_may_be(client, crew):
    twice = client.post(ADDRESS, json=needs((crew.welding, 3, 1), (crew.welding, 3, 2)), headers=sign_in(crew.boss))
    assert (twice.status_code, set(twice.json["errors"])) == (400, {"needs.1.skill_id"})
    result = compose(client, crew.boss, needs((crew.welding, 5, 1), (crew.welding, 3, 2)))
    assert names(result["team"]) == ["Ada", "Cid"]


def test_only_managers_and_hr_ask_and_only_who_asked_sees(client, crew):
    body = needs((crew.welding, 3, 1))
    assert client.post(ADDRESS, json=body, headers=sign_in(make_user())).status_code == 403
    address = client.post(ADDRESS, json=body, headers=sign_in(crew.boss)).headers["Location"]
    for who, status in ((crew.boss, 200), (crew.hr, 404), (crew.rival, 404), (crew.ada, 404)):
        assert client.get(address, headers=sign_in(who)).status_code == status
    pool = {"pool": {"team_id": crew.shore.id}}
    assert client.post(ADDRESS, json=body | pool, headers=sign_in(crew.boss)).status_code == 403


def test_without_a_worker_it_waits_and_says_so(client, crew):
    begun = client.post(ADDRESS, json=needs((crew.welding, 3, 1)), headers=sign_in(crew.boss)).json
    assert (begun["state"], begun["progress"], begun["result"]) == ("queued", 0.0, None)
    assert begun["note"] == "Waits, and no worker runs: start one with `flask rq worker`."


def test_the_same_key_asks_once(client, crew):
    headers = {**sign_in(crew.boss), "Idempotency-Key": "one"}
    body = needs((crew.welding, 3, 1))
    first, again = (client.post(ADDRESS, json=body, headers=headers) for _ in range(2))
    assert first.json["id"] == again.json["id"]
    assert db.session.query(TeamPlan).count() == 1


def test_a_cancelled_team_is_not_composed_and_a_finished_one_is_forgotten(client, crew):
    headers = sign_in(crew.boss)
    address = client.post(ADDRESS, json=needs((crew.welding, 3, 1)), headers=headers).headers["Location"]
    plan_id = int(address.rpartition("/")[2])
    assert client.delete(address, headers=headers).json["state"] == "cancelled"
    assert tasks.compose_team(plan_id) == "over"
    assert client.get(address, headers=headers).json["state"] == "cancelled"
    assert client.delete(address, headers=headers).status_code == 200
    assert client.get(address, headers=headers).status_code == 404


def test_one_that_is_cancelled_while_it_runs_stops(client, crew):
    headers = sign_in(crew.boss)
    address = client.post(ADDRESS, json=needs((crew.welding, 3, 1)), headers=headers).headers["Location"]
    plan_id = int(address.rpartition("/")[2])
    composing.claim_plan(plan_id)
    client.delete(address, headers=headers)
    with pytest.raises(tasks.Cancelled):
        tasks._say(plan_id, 0.2)
    composing.finish_plan(plan_id, result={"team": []})
    assert client.get(address, headers=headers).json["state"] == "cancelled"


def test_rights_that_were_lost_meanwhile_count(client, crew):
    headers = sign_in(crew.boss)
    first = client.post(ADDRESS, json=needs((crew.welding, 3, 2)), headers=headers).headers["Location"]
    tasks.compose_team(int(first.rpartition("/")[2]))
    second = client.post(ADDRESS, json=needs((crew.welding, 3, 2)), headers=headers).headers["Location"]
    crew.ada.manager_id = None
    assert names(client.get(first, headers=headers).json["result"]["team"]) == [None, "Cid"]
    for person in (crew.ben, crew.cid, crew.dan):
        person.manager_id = None
    tasks.compose_team(int(second.rpartition("/")[2]))
    failed = client.get(second, headers=headers).json
    assert (failed["state"], failed["result"]) == ("failed", None)
    assert "people below them" in failed["error"]


def test_it_expires(client, crew):
    headers = sign_in(crew.boss)
    address = client.post(ADDRESS, json=needs((crew.welding, 3, 1)), headers=headers).headers["Location"]
    row = db.session.query(TeamPlan).one()
    row.expires_at = now() - timedelta(seconds=1)
    assert client.get(address, headers=headers).status_code == 404
    tasks.sweep_team_plans()
    assert db.session.query(TeamPlan).count() == 0


def _ask(client, crew):
    address = client.post(ADDRESS, json=needs((crew.welding, 3, 1)), headers=sign_in(crew.boss)).headers["Location"]
    return address, int(address.rpartition("/")[2])


def test_a_worker_composes_what_was_asked(app, client, committed):
    crew = _founded()
    address, _ = _ask(client, crew)
    work()
    assert client.get(address, headers=sign_in(crew.boss)).json["state"] == "done"


def test_a_team_survives_a_killed_worker_and_a_lost_queue(app, client, committed):
    crew = _founded()
    address, plan_id = _ask(client, crew)
    given = {"SMARTSKILL_INSTANCE": app.instance_path, "DATABASE_URL": app.config["DATABASE_URL"] or ""}
    environment = os.environ | given | {"REDIS_URL": app.config["REDIS_URL"] or ""}
    command = [sys.executable, "-c", DIE_AFTER_CLAIMING, str(plan_id)]
    died = subprocess.run(command, cwd=ROOT, env=environment, check=False, capture_output=True, text=True)
    assert died.returncode == -signal.SIGKILL, died.stderr
    queue_redis().flushall()
    headers = sign_in(crew.boss)
    assert client.get(address, headers=headers).json["state"] == "running"
    assert tasks.sweep_team_plans() == 0  # it may still be at it
    composing.offer_stuck_plans(now() + timedelta(minutes=6))
    tasks.commit()
    work()
    done = client.get(address, headers=headers).json
    assert (done["state"], names(done["result"]["team"])) == ("done", ["Ada"])


def test_what_kills_every_worker_is_given_up(app, client, crew):
    _, plan_id = _ask(client, crew)
    for _ in range(composing.MOST_TRIES):
        composing.claim_plan(plan_id)
        composing.offer_stuck_plans(now() + timedelta(minutes=6))
    row = db.session.get(TeamPlan, plan_id, populate_existing=True)
    assert (row.state, row.error) == ("failed", "given up after 3 tries")


def _founded():
    crew = Crew()
    crew.welding = make_skill("Welding")
    say(crew.hire("Ada"), crew.welding, 4, rater=crew.boss)
    db.session.commit()
    return crew
