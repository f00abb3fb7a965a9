"""What a worker that is killed leaves behind, two workers at one file, and the command."""

import json
import os
import signal
import subprocess
import sys

import pytest

from smartskill.exchange.models import FileImport
from smartskill.exchange.services.files import imports, running
from smartskill.extensions import db
from smartskill.skills.models.levels import Rating, UserSkill
from tests.architecture.sources import ROOT
from tests.exchange.files import OPTIONS, levels_of, take_in, work, workbook
from tests.factories import make_skill, make_user

ROW = b"E-Mail,Python\nada@example.com,4\n"
WORKER = """
import sys, time
from smartskill import create_app
from smartskill.config import TESTING
from smartskill.exchange import tasks
tell = tasks._Teller.__call__
def stop(self, state, share):
    tell(self, state, share)
    if share > 0.9:
        print("written", flush=True)
        time.sleep(60)
tasks._Teller.__call__ = stop
app = create_app({**TESTING, "DATABASE_URL": sys.argv[1], "REDIS_URL": "redis://127.0.0.1:1", "CACHE_URL": None})
with app.app_context():
    tasks.run_import(int(sys.argv[2]))
"""


@pytest.fixture
def handed_in(app, committed):
    make_skill("Python")
    make_user(email="ada@example.com")
    row = imports.start_import("a.csv", ROW, OPTIONS, by=None, owner=None)
    db.session.commit()
    return row


def test_a_worker_that_is_killed_leaves_nothing_and_the_next_does_it_all(app, handed_in):
    number = handed_in.id
    url = db.engine.url.render_as_string(hide_password=False)
    child = subprocess.Popen(
        [sys.executable, "-c", WORKER, url, str(number)],
        cwd=ROOT,
        env={**os.environ, "SMARTSKILL_INSTANCE": app.instance_path},
        stdout=subprocess.PIPE,
    )
    try:
        assert child.stdout.readline() == b"written\n"
        db.session.expire_all()
        row = db.session.get_one(FileImport, number)
        assert (row.state, row.progress) == ("writing", 0.5)  # others see how far it is
        assert db.session.query(Rating).count() == 0  # and nothing of it
        db.session.commit()
        with pytest.raises(running.ImportGone):  # another worker leaves it alone
            running.perform_import(number, lambda state, share: None, db.session.rollback)
        db.session.rollback()
    finally:
        child.send_signal(signal.SIGKILL)
        child.wait()
        child.stdout.close()
    assert db.session.query(Rating).count() == 0
    assert db.session.query(UserSkill).count() == 0
    db.session.commit()
    assert work(number).state == "done"
    assert db.session.query(Rating).count() == 1


def test_one_that_is_forgotten_while_it_is_read_writes_nothing(app, handed_in):
    from smartskill.exchange.tasks import run_import

    number = handed_in.id
    imports.forget_import(handed_in)
    db.session.commit()
    assert run_import(number) is None
    assert db.session.query(Rating).count() == 0


def test_a_skill_that_was_merged_away_meanwhile_stops_the_writing(app):
    from smartskill.exchange.services.files.ratings import CatalogueChanged, LevelSaid, write_ratings

    user, old, new = make_user(), make_skill(), make_skill()
    old.merged_into_id, old.status = new.id, "retired"
    db.session.flush()
    with pytest.raises(CatalogueChanged):
        write_ratings([LevelSaid(user.id, old.id, 3, None)], lambda share: None)


def test_the_levels_written_at_once_are_those_written_one_by_one(app):
    from datetime import date

    from smartskill.skills.services.projection import refresh_user_skill
    from smartskill.skills.services.rating import rate_skill

    boss = make_user("manager")
    people, skills = [make_user() for _ in range(6)], [make_skill(f"Craft {number}") for number in range(4)]
    for place, user in enumerate(people[:3]):
        rate_skill(user.id, skills[place].id, 2, source="self", rater_id=user.id, effective_on=date(2024, 1, 1))
        rate_skill(user.id, skills[0].id, 1, source="manager", rater_id=boss.id, effective_on=date(2019, 1, 1))
    rows = [["E-Mail", "Date", *(skill.name for skill in skills)]]
    for place, user in enumerate(people):
        rows += [[user.email, date(2020 + place, 1, 1), 1, 2, None, 3], [user.email, date(2018, 5, 1), 5, None, 4, 2]]
    assert take_in(workbook(rows)).counts["added"] == 36
    names = ("level", "self_level", "manager_level", "voices", "last_confirmed_on", "next_change_on")
    for user_id, skill_id in db.session.query(UserSkill.user_id, UserSkill.skill_id).all():
        row = db.session.query(UserSkill).filter_by(user_id=user_id, skill_id=skill_id).one()
        found = {name: getattr(row, name) for name in names}
        refresh_user_skill(user_id, skill_id)
        assert {name: getattr(row, name) for name in names} == found


def test_the_command_takes_files_and_folders_and_hands_back_what_it_refused(app, tmp_path):
    make_skill("Python")
    ada = make_user(email="ada@example.com")
    db.session.commit()
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "levels.csv").write_text("Wer,Pyton\nada@example.com,4\nEve,3\n")
    cv = {"basics": {"email": "new@example.com", "name": "New One"}, "work": []}
    (tmp_path / "in" / "cv.json").write_text(json.dumps(cv))
    (tmp_path / "map.json").write_text(json.dumps({"columns": {"Wer": "email"}, "skills": {"Pyton": "Python"}}))
    command = ["skills", "import-people", str(tmp_path / "in"), "--map", str(tmp_path / "map.json")]
    runner = app.test_cli_runner()
    answer = runner.invoke(args=command)
    assert answer.exit_code == 1
    assert "cv.json: refused: file: Nobody here has the address new@example.com." in answer.output
    assert "levels.csv: matrix, refused: 1 added, 1 refused, 1 rows refused" in answer.output
    assert levels_of(ada) == {}
    rejects = tmp_path / "rejects.csv"
    more = ["--skip-errors", "--create-people", "--rejects", str(rejects)]
    answer = runner.invoke(args=command + more)
    assert answer.exit_code == 0, answer.output
    assert "cv.json: jsonresume, done: 1 unchanged" in answer.output
    assert levels_of(ada) == {"Python": 4}
    assert "Eve,3,Wer: Nobody here" in rejects.read_text(encoding="utf-8")
    answer = runner.invoke(args=[*command, "--dry-run", "--person", "ada@example.com"])
    assert "levels.csv: matrix, previewed: 1 refused, 1 unchanged" in answer.output
