"""`flask user import-resume`."""

import json

import pytest
from sqlalchemy import select

from smartskill.experience.models import Experience
from smartskill.extensions import db
from smartskill.skills.models.levels import Rating
from tests.factories import make_skill, make_user

DOCUMENT = {
    "work": [{"name": "Northwind", "position": "Engineer", "startDate": "2019-05"}, {"position": "Clerk"}],
    "skills": [{"name": "Python", "level": "Expert"}],
}


@pytest.fixture
def run(app, tmp_path):
    def run(email, content, *options):
        path = tmp_path / "resume.json"
        path.write_text(content if isinstance(content, str) else json.dumps(content))
        return app.test_cli_runner().invoke(args=["user", "import-resume", email, str(path), *options])

    return run


def test_a_file_comes_in_and_the_second_time_changes_nothing(run):
    me = make_user(email="Ada@example.com")
    make_skill("Python")
    result = run("ada@EXAMPLE.com", DOCUMENT)
    assert result.exit_code == 0, result.output
    assert "Ada@example.com: 2 added, 0 changed, 0 unchanged, 0 removed, 1 kept, 0 skipped" in result.output
    assert "work.1: It has no name and no startDate." in result.output
    rating = db.session.scalars(select(Rating)).one()
    assert (rating.user_id, rating.source, rating.rater_id, rating.level) == (me.id, "import", None, 5)
    assert "0 added, 0 changed, 2 unchanged" in run("ada@example.com", DOCUMENT).output


def test_a_dry_run_writes_nothing(run):
    me = make_user()
    result = run(me.email, DOCUMENT, "--dry-run")
    assert (result.exit_code, "1 added" in result.output, "nothing written" in result.output) == (0, True, True)
    assert db.session.scalars(select(Experience)).all() == []


@pytest.mark.parametrize(
    ("content", "options", "said"),
    [
        ({"work": [{"name": "x", "startDate": "soon"}]}, (), "work.0.startDate: Not a date"),
        ({"work": [{"name": "x", "startDate": "soon"}]}, ("--dry-run",), "work.0.startDate: Not a date"),
        ({"work": [{"name": "x", "startDate": "2019", "endDate": None}]}, ("--strict",), "work.0.endDate"),
        ({"work": {}}, (), "work: Not a list."),
        ({"work": ["x"], "skills": [1]}, (), "skills.0: Not an object."),
        ({"basics": "Ada"}, (), "basics: Not an object."),
        ([], (), "A JSON Resume is an object."),
        ("{", (), "not valid JSON"),
        ('{"awards": NaN}', (), "not valid JSON"),
    ],
)
def test_what_is_wrong_is_named_and_fails(run, content, options, said):
    result = run(make_user().email, content, *options)
    assert result.exit_code == 1
    assert said in result.output
    assert "Traceback" not in result.output
    assert db.session.scalars(select(Experience)).all() == []


def test_an_unknown_person_is_told(run):
    result = run("nobody@example.com", DOCUMENT)
    assert (result.exit_code, "There is no account of nobody@example.com." in result.output) == (1, True)
