"""`flask model …` and `flask notify …`: what they print, and how they end."""

import json
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from smartskill.database import now
from smartskill.engagement.models import Decision
from smartskill.extensions import db
from smartskill.notifications.models import Delivery
from tests.engagement.planned import mails_to, plan_now, settled
from tests.engagement.samples import make_model, make_stale_skill
from tests.factories import make_qualification, make_user


@pytest.fixture
def flask(app):
    """Run a command as a shell would."""
    runner = app.test_cli_runner()

    def run(*words: str):
        db.session.commit()
        result = runner.invoke(args=words)
        db.session.expire_all()
        return result

    return run


def test_a_model_is_promoted_and_rolled_back(flask):
    model = make_model("candidate", seed=51)
    assert flask("model", "promote").output == f"Model {model.id} serves now.\n"
    assert model.state == "champion"
    assert "champion" in flask("model", "list").output
    assert flask("model", "rollback").output == f"Model {model.id} no longer serves; the rules do.\n"
    again = flask("model", "rollback")
    assert again.exit_code == 1
    assert "the rules serve" in again.output


def test_what_the_gate_refused_cannot_be_promoted(flask):
    model = make_model("candidate", highest_stage=0, seed=52)
    result = flask("model", "promote", str(model.id))
    assert result.exit_code == 1
    assert "The gate refused" in result.output
    assert flask("model", "promote", "--force", str(model.id)).exit_code == 2  # there is no way round it


def test_a_card_is_data_or_a_page(flask):
    make_model(seed=53)
    assert json.loads(flask("model", "card").output)["gate"]["highest_stage"] == 1
    assert flask("model", "card", "--markdown").output.startswith("# lapse")
    assert flask("model", "card", "4711").exit_code == 1


def test_without_a_model_the_commands_say_so(flask):
    assert "flask model train" in flask("model", "list").output
    result = flask("model", "card")
    assert result.exit_code == 1
    assert "flask model train" in result.output


def test_explain_shows_gates_odds_evidence_and_the_mail(flask):
    user = settled(make_user())
    make_qualification(user, title="First Aid certificate", expires_on=now().date() + timedelta(days=20))
    make_stale_skill(user)
    plan_now(user)
    text = flask("notify", "explain", user.email.upper()).output
    for part in (
        "service: qualification_expiring",
        "Your First Aid certificate expires on",
        "rung 30 of the ladder, to the holder",
        "gates    inactive open, suppressed open, unwanted open, quiet_hours open",
        "by rule, not drawn",
        "stage 0, no model",
        "mail     queued",
    ):
        assert part in text
    assert flask("notify", "explain", "nobody@example.com").exit_code == 1
    assert "Nothing was decided" in flask("notify", "explain", make_user().email).output


def test_with_no_worker_it_is_said_and_the_command_fails(flask, committed):
    for command in (("model", "train"), ("notify", "plan"), ("notify", "plan", "--dry-run")):
        result = flask(*command)
        assert result.exit_code == 1
        assert "No worker runs for the queue" in result.output


def test_a_dry_run_prints_who_what_and_why_and_writes_nothing(flask, committed):
    user = settled(make_user())
    make_qualification(user, title="First Aid certificate", expires_on=now().date() + timedelta(days=20))
    result = flask("notify", "plan", "--dry-run", "--now", "--user", user.email, "--here")
    assert result.exit_code == 0, result.output
    assert user.email in result.output
    assert "qualification_expiring" in result.output
    assert "Your First Aid certificate expires on" in result.output
    assert "1 decisions. Nothing was written." in result.output
    for model in (Decision, Delivery):
        assert db.session.scalar(select(func.count()).select_from(model)) == 0


def test_plan_here_needs_no_running_worker(flask, committed):
    user = settled(make_user())
    make_qualification(user, expires_on=now().date() + timedelta(days=20))
    result = flask("notify", "plan", "--now", "--here")
    assert result.exit_code == 0, result.output
    assert "1 people looked at, 1 decisions, 1 mails planned" in result.output
    assert mails_to(user)[0].kind == "qualification_expiring"
    again = flask("notify", "plan", "--now", "--here")
    assert "0 decisions, 0 mails planned" in again.output


def test_training_without_history_says_what_is_missing(flask, committed):
    result = flask("model", "train", "--here")
    assert result.exit_code == 1
    assert "Nothing is recorded yet" in result.output


def test_the_policy_can_be_tried_where_the_truth_is_known(flask):
    size = ("--people", "60", "--weeks", "2", "--seeds", "1")
    result = flask("model", "simulate", *size, "--world", "null", "--here")
    assert result.exit_code == 0, result.output
    assert "the report says" in result.output
    assert flask("model", "simulate", "--world", "perfect").exit_code == 2
    assert flask("model", "simulate", "--people", "0").exit_code == 2
