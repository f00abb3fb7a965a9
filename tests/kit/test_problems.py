"""Every error is problem+json, with its own headers and nothing of the inside."""

import pytest
from sqlalchemy.exc import IntegrityError

from smartskill.extensions import db
from smartskill.kit.problems import from_integrity
from smartskill.user.models import Team, User
from tests.factories import make_user
from tests.kit.conftest import headers_of, make_app

MEMBERS = {"type", "title", "status", "detail", "request_id"}


def check(answer, status):
    """The answer is a problem of this status, and names its request."""
    assert (answer.status_code, answer.mimetype) == (status, "application/problem+json")
    assert set(answer.json) >= MEMBERS
    assert answer.json["status"] == status
    assert answer.json["request_id"] == answer.headers["X-Request-ID"]
    return answer


def test_an_unknown_address_is_404(things):
    check(things.get("/api/nothing"), 404)
    check(things.get("/nothing"), 404)


def test_a_method_that_is_not_there_is_405_and_says_which_are(things):
    answer = check(things.patch("/api/things/1"), 405)
    assert {part.strip() for part in answer.headers["Allow"].split(",")} == {"GET", "PUT", "DELETE", "HEAD", "OPTIONS"}


def test_no_token_is_401_with_a_challenge(things):
    assert check(things.get("/api/things/"), 401).headers["WWW-Authenticate"].startswith("Bearer")


def test_a_role_too_low_is_403(things, signed_in):
    check(things.delete("/api/things/1", headers=signed_in), 403)


@pytest.mark.parametrize("accept", ["text/html", "application/xml", "application/json;q=0"])
def test_a_form_that_is_not_offered_is_406(things, accept):
    check(things.post("/api/things/wide", json={}, headers={"Accept": accept}), 406)


@pytest.mark.parametrize("accept", ["*/*", "application/*", "text/html, application/json;q=0.1", ""])
def test_a_form_that_is_offered_is_answered(things, accept):
    assert things.post("/api/things/wide", json={}, headers={"Accept": accept}).status_code == 200


def test_an_address_that_answers_csv_takes_its_own_form(things):
    assert things.get("/api/things/table", headers={"Accept": "text/csv"}).data == b"a,b\n"
    check(things.get("/api/things/table", headers={"Accept": "application/json"}), 406)


def test_too_many_requests_are_429_and_told_how_long_to_wait(things):
    assert [things.get("/api/things/limited").status_code for _ in range(2)] == [200, 200]
    assert 0 < int(check(things.get("/api/things/limited"), 429).headers["Retry-After"]) <= 60


def test_what_nobody_foresaw_is_500_and_says_nothing_of_the_inside(things, caplog):
    answer = check(things.get("/api/things/broken/odd"), 500)
    assert b"secret detail" not in answer.data
    assert "secret detail" in caplog.text


@pytest.mark.parametrize("how", ["killed", "full"])
def test_a_database_that_is_away_is_503_and_the_next_request_is_served(things, how):
    assert int(check(things.get(f"/api/things/broken/{how}"), 503).headers["Retry-After"]) > 0
    assert things.get("/health/ready").status_code == 200


def test_a_value_the_database_refuses_is_400(things, caplog):
    check(things.get("/api/things/broken/refused"), 400)
    assert "passed its schema" in caplog.text


def test_a_taken_name_is_409_in_the_constraints_own_words(things):
    assert check(things.get("/api/things/broken/duplicate"), 409).json["detail"] == "A team of this name exists."
    assert db.session.query(Team).count() == 0


def test_an_unreachable_database_is_503(app):
    away = make_app(app, DATABASE_URL="postgresql://nobody@127.0.0.1:1/none").test_client()
    check(away.get("/api/things/broken/odd"), 503)
    ready = away.get("/health/ready")
    assert (ready.status_code, ready.json["checks"]["database"]) == (503, "unreachable")
    assert away.get("/health/live").status_code == 200


def violate(act, *args):
    """The problem of an act that breaks a constraint."""
    act(*args)
    with pytest.raises(IntegrityError) as caught:
        db.session.flush()
    return from_integrity(caught.value)


def test_an_unknown_reference_is_400_and_names_the_column(app):
    problem = violate(db.session.add, Team(name="Lost", parent_id=99))
    assert (problem.status, problem.errors) == (400, {"parent_id": ["There is no such item."]})


def test_deleting_what_is_referred_to_is_409(app):
    parent = Team(name="Parent")
    db.session.add(parent)
    db.session.flush()
    db.session.add(Team(name="Child", parent_id=parent.id))
    db.session.flush()
    assert violate(db.session.delete, parent).status == 409


def test_a_broken_rule_is_400_in_its_own_words(app):
    user = make_user()
    problem = violate(setattr, user, "manager_id", user.id)
    assert (problem.status, problem.detail) == (400, "Nobody is their own manager.")


def test_a_user_name_is_unique_whatever_its_case(app):
    make_user(username="Ada")
    assert violate(db.session.add, User(email="b@example.com", full_name="B", username="ADA")).status == 409


@pytest.fixture
def thing(things):
    """The address of a thing."""
    team = Team(name="Platform")
    db.session.add(team)
    db.session.commit()
    return f"/api/things/{team.id}"


def test_head_is_get_without_its_body(things, signed_in, thing):
    for path in ("/api/things/", thing):
        got, headed = (call(path, headers=signed_in) for call in (things.get, things.head))
        assert (headed.status_code, headed.data, headed.headers.get("ETag")) == (200, b"", got.headers.get("ETag"))


def test_options_says_what_is_allowed_and_nothing_else(things):
    answer = things.options("/api/things/1")
    assert (answer.status_code, answer.data, answer.content_type) == (200, b"", None)
    assert "PUT" in answer.headers["Allow"]


def test_both_slash_forms_answer_without_a_redirect(things, signed_in, thing):
    for path in ("/api/things", "/api/things/", thing, f"{thing}/"):
        assert things.get(path, headers=signed_in).status_code == 200


def test_a_reader_sees_who_may_do_what_before_what_exists(things):
    check(things.get("/api/things/99"), 401)
    check(things.delete("/api/things/99", headers=headers_of("hr")), 404)


def test_a_schema_that_is_behind_is_503_and_names_the_command(app, committed, monkeypatch):
    behind = make_app(app)
    monkeypatch.setattr("smartskill.kit.schema_state.newest", lambda: "9999")
    client = behind.test_client()
    assert "flask db upgrade" in check(client.post("/api/things/wide", json={}), 503).json["detail"]
    assert client.get("/health/ready").status_code == 503
    assert client.get("/api/openapi.json").status_code == 200


def test_a_schema_that_is_newer_is_served_on(app, committed, monkeypatch):
    from smartskill.kit import schema_state

    monkeypatch.setattr(schema_state, "present", lambda connection: "of-tomorrow")
    with db.engine.connect() as connection:
        assert not schema_state.is_behind(connection)


def test_the_newest_revision_is_the_one_alembic_finds(app):
    from alembic.script import ScriptDirectory

    from smartskill.kit import schema_state

    config = app.extensions["migrate"].migrate.get_config()
    assert ScriptDirectory.from_config(config).get_current_head() == schema_state.newest()
