"""Redis can name a job, and still run nothing but our tasks."""

import json
import logging
import pickle

import pytest
from rq import SimpleWorker

from smartskill.extensions import db
from smartskill.kit.broker import JobRefused, queue_redis
from smartskill.kit.jobs import AllowedJob, JsonSerializer, enqueue, is_waiting, queue, task
from smartskill.kit.transaction import after_commit, commit, defer, roll_back
from tests.kit.conftest import make_app

TASK = "smartskill.kit.tasks.forget_idempotency_keys"


def work():
    SimpleWorker(
        [queue("default")], connection=queue_redis(), job_class=AllowedJob, serializer=JsonSerializer
    ).work(burst=True, logging_level=None)  # fmt: skip


def waiting():
    return queue("default").count


@pytest.mark.parametrize(
    "path",
    [
        "os.system",
        "subprocess.run",
        "builtins.exec",
        "smartskill.kit.transaction.commit",
        "smartskill.kit.tasks.commit",
        "smartskill.kit.tasks.no_such_task",
        "smartskill.kit.tasks",
        "smartskill.kit.tasks.__builtins__",
        "smartskill.none.tasks.deliver",
        f"{TASK}\n",
        "",
    ],
)
def test_what_is_not_a_task_of_ours_is_no_job(app, path):
    with pytest.raises(JobRefused):
        task(path)


def test_a_task_of_ours_is_found(app):
    assert task(TASK).__name__ == "forget_idempotency_keys"


def plant(name, **fields):
    """A job as whoever can write to Redis would write it."""
    job = enqueue(TASK)
    queue_redis().hset(f"rq:job:{job.id}", mapping=fields)
    queue_redis().hset(f"rq:job:{job.id}", "description", name)
    return job.id


def test_a_planted_function_is_not_run(app, committed, tmp_path):
    target = tmp_path / "ran"
    body = json.dumps(["os.system", None, [f"touch {target}"], {}]).encode()
    job_id = plant("os.system", data=_packed(body))
    work()
    assert not target.exists()
    job = AllowedJob.fetch(job_id, connection=queue_redis(), serializer=JsonSerializer)
    assert job.get_status() == "failed"


def test_a_planted_pickle_is_not_opened(app, committed, tmp_path):
    target = tmp_path / "ran"
    job_id = plant("pickle", data=_packed(pickle.dumps(_Bomb(str(target)))))
    work()
    assert not target.exists()
    job = AllowedJob.fetch(job_id, connection=queue_redis(), serializer=JsonSerializer)
    assert job.get_status() == "failed"


class _Bomb:
    def __init__(self, path):
        self.path = path

    def __reduce__(self):
        return open, (self.path, "w")


def _packed(body):
    import zlib

    return zlib.compress(body)


def test_a_deferred_job_waits_for_the_commit_and_vanishes_with_a_rollback(app, committed):
    defer(TASK)
    assert waiting() == 0
    roll_back()
    commit()
    assert waiting() == 0
    defer(TASK)
    commit()
    assert waiting() == 1


def test_a_wrong_job_fails_where_it_is_written(app):
    with pytest.raises(JobRefused):
        defer("os.system", "id")
    with pytest.raises(JobRefused):
        defer(TASK, queue="urgent")
    with pytest.raises(TypeError):
        defer(TASK, object())


def test_equal_ids_are_enqueued_once_while_the_first_waits(app, committed):
    assert enqueue(TASK, job_id="nightly-1") is not None
    assert is_waiting("default", "nightly-1")
    assert enqueue(TASK, job_id="nightly-1") is None
    work()
    assert not is_waiting("default", "nightly-1")
    assert enqueue(TASK, job_id="nightly-1") is not None


def test_a_promise_that_fails_neither_undoes_the_write_nor_the_other_promises(app, committed, caplog):
    kept = []
    after_commit(lambda: 1 / 0)
    after_commit(lambda: kept.append("second"))
    commit()
    assert kept == ["second"]
    assert "ZeroDivisionError" in caplog.text


def test_without_redis_a_job_is_left_to_the_sweep(app, committed, caplog):
    away = make_app(app, REDIS_URL="redis://127.0.0.1:1/0")
    with away.app_context(), caplog.at_level(logging.WARNING):
        defer(TASK)
        commit()
        assert enqueue(TASK) is None
        db.session.remove()
    assert f"{TASK} left to the sweep" in caplog.text


def test_ready_says_degraded_while_the_queue_is_away(app):
    answer = make_app(app, REDIS_URL="redis://127.0.0.1:1/0").test_client().get("/health/ready")
    assert (answer.status_code, answer.json["status"]) == (200, "degraded")
    assert answer.json["checks"]["queue"].startswith("unreachable")


def test_the_request_id_goes_with_the_job(app, committed, things):
    with things.application.test_request_context("/", headers={"X-Request-ID": "request-17"}):
        things.application.preprocess_request()
        job = enqueue(TASK)
    assert AllowedJob.fetch(job.id, connection=queue_redis(), serializer=JsonSerializer).meta == {
        "request_id": "request-17"
    }
