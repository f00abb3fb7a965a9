"""One JSON object per line, with the ids of request, person and job; no address, no token, no forged line."""

import io
import json
import logging

import pytest

from smartskill.extensions import db
from smartskill.kit.jobs import AllowedJob, JsonSerializer, enqueue, queue_redis
from smartskill.kit.logs import make_handler
from smartskill.user.models import UserSession

log = logging.getLogger("smartskill.tests")


@pytest.fixture
def lines():
    """What the production handler writes, parsed."""
    stream = io.StringIO()
    handler = make_handler("json", stream)
    root = logging.getLogger()
    level = root.level
    root.addHandler(handler)
    root.setLevel("INFO")
    yield lambda: [json.loads(line) for line in stream.getvalue().splitlines()]
    root.removeHandler(handler)
    root.setLevel(level)


def test_each_request_leaves_a_line_with_its_route_and_ids(things, signed_in, lines):
    answer = things.get("/api/things/12345", headers={**signed_in, "X-Request-ID": "request-17"})
    (line,) = [line for line in lines() if line["name"] == "smartskill.access"]
    user_id = db.session.query(UserSession.user_id).scalar()
    assert answer.headers["X-Request-ID"] == "request-17"
    assert {name: line[name] for name in ("request_id", "user_id", "job_id", "method", "route", "status", "level")} == {
        "request_id": "request-17", "user_id": user_id, "job_id": None, "method": "GET",
        "route": "/api/things/<id:thing_id>", "status": 404, "level": "INFO",
    }  # fmt: skip
    assert "12345" not in json.dumps(line)


@pytest.mark.parametrize("given", ["short", "x" * 65, "with space in it", "semi;colon;here"])
def test_a_request_id_that_is_none_is_replaced(things, given):
    shown = things.get("/health/live", headers={"X-Request-ID": given}).headers["X-Request-ID"]
    assert len(shown) == 32
    assert shown != given


def test_a_message_cannot_forge_a_line(things, lines):
    with things.application.app_context():
        log.warning('a\n{"level": "ERROR", "message": "forged"}')
    assert [line["message"] for line in lines()] == ['a\n{"level": "ERROR", "message": "forged"}']


def test_an_exception_stays_on_its_line(things, lines):
    things.get("/api/things/broken/odd")
    (line,) = [line for line in lines() if line["level"] == "ERROR"]
    assert "secret detail" in line["exc_info"]
    assert line["request_id"]


def test_a_job_logs_its_own_id_and_that_of_its_request(app, committed, things, lines):
    with things.application.test_request_context("/", headers={"X-Request-ID": "request-17"}):
        things.application.preprocess_request()
        job = enqueue("smartskill.kit.tasks.forget_idempotency_keys")
    fetched = AllowedJob.fetch(job.id, connection=queue_redis(), serializer=JsonSerializer)
    fetched._func_name = "smartskill.kit.tasks.forget_idempotency_keys"
    seen = logging.getLogger("sqlalchemy.engine")
    seen.setLevel("INFO")
    fetched._execute()
    seen.setLevel("WARNING")
    told = {
        (line["job_id"], line["request_id"]) for line in lines() if "DELETE FROM idempotency_keys" in line["message"]
    }
    assert told == {(job.id, "request-17")}


def test_health_leaves_no_line(things, lines):
    things.get("/health/live")
    assert lines() == []
