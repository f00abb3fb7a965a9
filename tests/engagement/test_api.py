"""The learning loop over HTTP: mine is mine, an admin sees aggregates, and runs go on in the background."""

import json
from datetime import timedelta

import pytest
from sqlalchemy import select

from smartskill.database import now
from smartskill.engagement.insights.scoring import score_people
from smartskill.engagement.models import PlanRun
from smartskill.engagement.services import runs
from smartskill.engagement.services.people import EVERYBODY
from smartskill.engagement.services.registry import find_champion
from smartskill.engagement.tasks import plan, plan_chunk, refresh_outcomes
from smartskill.extensions import db
from tests.engagement.planned import plan_now, settled
from tests.engagement.samples import act, make_model, make_stale_skill, refuse
from tests.factories import make_qualification, make_user, sign_in

BASE = "/api/notifications"


@pytest.fixture
def told(app):
    """Somebody about whom something was decided by rule, something was drawn, and something is predicted."""
    user = settled(make_user())
    make_qualification(user, title="First Aid certificate", expires_on=now().date() + timedelta(days=20))
    make_stale_skill(user, "Welding")
    act(user, now() - timedelta(days=40))
    make_model(seed=41)
    plan_now(user)
    score_people(EVERYBODY, now())
    db.session.commit()
    return user


def test_i_see_every_decision_about_me_with_its_reasons(told, client):
    answer = client.get(f"{BASE}/decisions", headers=sign_in(told))
    assert answer.status_code == 200
    assert json.loads(answer.headers["X-Pagination"])["total"] == 2
    drawn, by_rule = sorted(answer.json, key=lambda one: one["mail_class"], reverse=True)
    assert by_rule["action"] == "qualification_expiring"
    assert by_rule["text"].startswith("Your First Aid certificate expires on ")
    assert [gate["name"] for gate in by_rule["gates"]] == ["inactive", "suppressed", "unwanted", "quiet_hours"]
    assert by_rule["evidence"]["rung"] == "30"
    assert by_rule["mail_state"] == "queued"
    assert by_rule["decided_at"].endswith("Z")
    assert sum(drawn["propensities"].values()) == pytest.approx(1)
    assert drawn["stage"] == 0


def test_what_is_decided_about_me_is_worded_in_my_language(told, client):
    told.locale = "de"
    rows = client.get(f"{BASE}/decisions", headers=sign_in(told)).json
    assert "Ablaufende Qualifikationen" in {row["action_name"] for row in rows}


def test_i_see_what_is_predicted_about_me(told, client):
    [row] = client.get(f"{BASE}/predictions", headers=sign_in(told)).json
    assert row["name"] == "lapse"
    assert 0 < row["value"] < 1
    assert len(row["reasons"]) == 3
    assert set(row["reasons"][0]) == {"feature", "value", "effect"}


def test_a_prediction_is_gone_as_soon_as_it_is_not_allowed(told, client):
    refuse(told, "prediction")
    assert client.get(f"{BASE}/predictions", headers=sign_in(told)).json == []


@pytest.mark.parametrize("role", ["employee", "manager", "hr", "admin"])
def test_nobody_else_sees_my_scores_or_decisions(told, client, role):
    other = make_user(role)
    told.manager_id = other.id
    headers = sign_in(other)
    assert client.get(f"{BASE}/decisions", headers=headers).json == []
    assert client.get(f"{BASE}/predictions", headers=headers).json == []
    for query in (f"?user_id={told.id}", f"?user={told.id}"):  # there is no way to ask for another's
        assert client.get(f"{BASE}/predictions{query}", headers=headers).status_code == 400
        assert client.get(f"{BASE}/decisions{query}", headers=headers).status_code == 400


def test_what_an_admin_sees_holds_nobodys_score(told, client):
    refresh_outcomes()
    headers = sign_in(make_user("admin"))
    [prediction] = client.get(f"{BASE}/predictions", headers=sign_in(told)).json
    model_id, run_id = find_champion().id, db.session.scalar(select(PlanRun.id))
    for path in ("outcomes", "models/", f"models/{model_id}", f"runs/{run_id}"):
        answer = client.get(f"{BASE}/{path}", headers=headers)
        assert answer.status_code == 200, path
        assert told.email not in answer.text
        assert str(prediction["value"]) not in answer.text


@pytest.mark.parametrize(
    ("method", "path"),
    [("POST", "runs"), ("GET", "runs/1"), ("GET", "models/"), ("GET", "models/1"), ("GET", "outcomes")],
)
@pytest.mark.parametrize("role", [None, "employee", "manager", "hr"])
def test_runs_models_and_outcomes_are_for_admins(app, client, method, path, role):
    headers = sign_in(make_user(role)) if role else {}
    answer = client.open(f"{BASE}/{path}", method=method, json={} if method == "POST" else None, headers=headers)
    assert answer.status_code == (403 if role else 401)


def test_an_admin_starts_a_run_and_follows_it(app, client):
    holder = settled(make_user())
    make_qualification(holder, expires_on=now().date() + timedelta(days=20))
    headers = sign_in(make_user("admin"))
    started = client.post(f"{BASE}/runs", json={"is_forced": True}, headers=headers)
    assert started.status_code == 202
    assert started.json["state"] == "queued"
    where = started.headers["Location"]
    run_id = started.json["id"]
    plan(run_id)
    assert client.get(where, headers=headers).json["state"] == "running"
    for chunk in list(runs.get_run(run_id).chunks):
        plan_chunk(run_id, chunk.number)
    done = client.get(where, headers=headers).json
    assert (done["state"], done["done"], done["people"]) == ("done", 2, 2)
    assert done["counts"]["action:qualification_expiring"] == 1


def test_a_chunk_done_twice_has_one_result(app):
    holder = settled(make_user())
    make_qualification(holder, expires_on=now().date() + timedelta(days=20))
    run = runs.start_run(is_forced=True)
    db.session.commit()
    plan(run.id)
    assert plan_chunk(run.id, 0) == plan_chunk(run.id, 0)
    assert runs.show_run(runs.get_run(run.id))["counts"]["mails"] == 1


def test_a_model_is_read_with_its_card(app, client):
    model = make_model(seed=43)
    make_model("candidate", highest_stage=0, seed=44)
    headers = sign_in(make_user("admin"))
    listed = client.get(f"{BASE}/models/", headers=headers).json
    assert [(one["state"], one["highest_stage"]) for one in listed] == [("candidate", 0), ("champion", 1)]
    assert all("card" not in one for one in listed)
    card = client.get(f"{BASE}/models/{model.id}", headers=headers).json
    assert card["card"]["gate"]["highest_stage"] == 1
    assert client.get(f"{BASE}/models/999999", headers=headers).status_code == 404


def test_outcomes_say_when_they_were_computed_and_before_that_nothing(app, client):
    headers = sign_in(make_user("admin"))
    assert client.get(f"{BASE}/outcomes", headers=headers).json["computed_at"] is None
    user = settled(make_user())
    refuse(user, "prediction")
    make_stale_skill(user)
    plan_now(user)
    refresh_outcomes()
    report = client.get(f"{BASE}/outcomes", headers=headers).json
    assert report["decided"] == 1
    assert report["computed_at"]
    [kind] = report["kinds"]
    assert (kind["kind"], kind["decided"], kind["matured"]) == ("skill_stale", 1, 0)
    assert report["return"]["verdict"] == "not yet measurable"


def test_a_run_takes_only_what_it_knows(app, client):
    headers = sign_in(make_user("admin"))
    assert client.post(f"{BASE}/runs", json={"force": True}, headers=headers).status_code == 400
    assert client.post(f"{BASE}/runs", json={"is_forced": "maybe"}, headers=headers).status_code == 400
