"""How the demo company gets into a database: once, whole or not at all, and never uninvited."""

import json
import os
import signal
import stat
import subprocess
import sys
from datetime import date
from pathlib import Path

import sqlalchemy as sa
from zxcvbn import zxcvbn

from smartskill.commands.demo.accounts import read_password
from smartskill.commands.demo.cli import demo_command
from smartskill.commands.demo.company import fill_demo, find_obstacle
from smartskill.database import Base
from smartskill.extensions import db
from smartskill.skills.models.catalogue import Skill
from smartskill.skills.models.levels import Rating
from smartskill.user.models import Team, User
from smartskill.user.services.passwords import is_right
from tests.factories import make_skill, make_user

ROOT = Path(__file__).parents[2]
FILL_SLOWLY = """
import sys
from smartskill import create_app
from smartskill.commands.demo.company import fill_demo

def tell(line):
    print(line, flush=True)
    if "ratings" in line:
        sys.stdin.read()

with create_app("testing").app_context():
    fill_demo(tell=tell)
"""
DESCRIBE = """
import hashlib
from datetime import date
from smartskill.commands.demo.abilities import draw_abilities, find_sole_holders
from smartskill.commands.demo.insights import invent_past, list_decisions, list_events
from smartskill.commands.demo.people import count_regulars, gather_people
from smartskill.commands.demo.sources import SEED
from smartskill.commands.demo.statements import draw_statements

today = date(2026, 3, 2)
past = invent_past(count_regulars(), today, SEED)
people = gather_people(past.joined_on, past.lively, today)
sole = find_sole_holders(people)
said = draw_statements(people, draw_abilities(people, sole), sole, today)
zones = ["Europe/Berlin"] * count_regulars()
story = repr((people, said, list_events(past, zones), list_decisions(past, zones)))
print(hashlib.sha256(story.encode()).hexdigest())
"""


def _counts() -> dict[str, int]:
    db.session.rollback()
    tables = [table.name for table in Base.metadata.sorted_tables]
    return {name: db.session.scalar(sa.text(f"SELECT count(*) FROM {name}")) for name in tables}


def _environment(app) -> dict[str, str]:
    given = {"SMARTSKILL_INSTANCE": app.instance_path, "DATABASE_URL": app.config["DATABASE_URL"] or ""}
    return os.environ | given | {"REDIS_URL": app.config["REDIS_URL"] or ""}


def test_the_accounts_are_kept_for_their_owner_only_and_a_lost_password_is_replaced(app, committed):
    path = Path(app.instance_path) / "demo.json"
    old = fill_demo()
    content = json.loads(path.read_text())
    assert content["accounts"] == old
    assert {"url", "mail_url"} < set(content)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    (password,) = {account["password"] for account in old.values()}
    assert zxcvbn(password)["score"] == 4

    path.unlink()
    new = fill_demo()["employee"]
    stored = db.session.scalar(sa.select(User.password_hash).filter_by(email=new["email"]))
    assert new["password"] != password
    assert is_right(new["password"], stored)
    assert read_password() == new["password"]


def test_a_second_fill_adds_nothing_and_returns_the_same_accounts(app, committed):
    first, before = fill_demo(), _counts()
    assert before["users"] > 190
    assert fill_demo() == first
    assert _counts() == before


def test_a_fill_that_is_killed_leaves_nothing(app, committed):
    arguments = [sys.executable, "-c", FILL_SLOWLY]
    with subprocess.Popen(
        arguments, cwd=ROOT, env=_environment(app), stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as filling:
        lines = []
        while not any("ratings" in line for line in lines):
            line = filling.stdout.readline()
            assert line, "ended too early"
            lines.append(line)
        filling.send_signal(signal.SIGKILL)
    assert set(_counts().values()) == {0}
    accounts = fill_demo(today=date(2028, 2, 29))  # any day will do, one that few years have too
    assert json.loads((Path(app.instance_path) / "demo.json").read_text())["accounts"] == accounts
    assert _counts()["users"] > 190


def test_other_people_are_not_joined_by_a_demo_uninvited(app, committed):
    make_user()
    db.session.commit()
    before = _counts()
    refused = app.test_cli_runner().invoke(demo_command)
    assert refused.exit_code != 0
    assert "--yes" in refused.output
    assert fill_demo() == {}
    assert _counts() == before


def test_yes_adds_it_beside_others_and_shares_the_skills_that_exist(app, committed):
    make_user()
    mine = make_skill("PYTHON").id
    db.session.commit()
    filled = app.test_cli_runner().invoke(demo_command, ["--yes"])
    assert filled.exit_code == 0, filled.output
    assert read_password() in filled.output
    assert db.session.scalars(sa.select(Skill.id).where(sa.func.lower(Skill.name) == "python")).all() == [mine]
    assert db.session.scalar(sa.select(sa.func.count()).where(Rating.skill_id == mine)) > 10


def test_a_team_of_the_same_name_is_told_and_nothing_changes(app, committed):
    make_user()
    db.session.add(Team(name="SALES"))
    db.session.commit()
    before = _counts()
    refused = app.test_cli_runner().invoke(demo_command, ["--yes"])
    assert refused.exit_code != 0
    assert "(sales)" in refused.output
    assert _counts() == before


def test_production_is_not_filled_uninvited(app, committed):
    app.config["ENV"] = "production"
    try:
        assert "production" in find_obstacle()
        assert fill_demo() == {}
        refused = app.test_cli_runner().invoke(demo_command)
    finally:
        app.config["ENV"] = "development"
    assert refused.exit_code != 0
    assert _counts()["users"] == 0


def test_the_same_day_gives_the_same_company():
    told = [
        subprocess.run(
            [sys.executable, "-c", DESCRIBE],
            cwd=ROOT,
            env=os.environ | {"PYTHONHASHSEED": seed},
            check=True,
            capture_output=True,
            text=True,
        ).stdout
        for seed in ("1", "2")
    ]
    assert told[0] == told[1] != ""
