"""Workers on a real queue: each job in its own context, foreign jobs refused, signals obeyed, nobody orphaned."""

import os
import signal
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType

import psutil
import pytest
from flask import Flask, current_app
from rq import Queue
from rq.registry import FailedJobRegistry
from sqlalchemy import text

from smartskill.commands import worker
from smartskill.commands.processes import fork
from smartskill.extensions import db
from smartskill.kit.jobs import AllowedJob, JsonSerializer, enqueue, queue, queue_redis

pytestmark = pytest.mark.usefixtures("app", "committed")


def write_pid(path: str, seconds: float = 0) -> None:
    """A job that tells who ran it."""
    Path(path).write_text(str(os.getpid()))
    time.sleep(seconds)
    Path(path).with_suffix(".done").write_text(current_app.name)


def ask_database(path: str) -> None:
    """A job that uses the database, and leaves a transaction open."""
    Path(path).write_text(str(db.session.scalar(text("SELECT pg_backend_pid()"))))


def enqueue_another(path: str) -> None:
    """A job that makes another one, on another queue."""
    enqueue("smartskill.probe.tasks.write_pid", path, queue="mail")


def break_down() -> None:
    """A job that fails."""
    raise ValueError("as told")


@pytest.fixture(autouse=True)
def _tasks(monkeypatch: pytest.MonkeyPatch) -> None:
    module = ModuleType("smartskill.probe.tasks")
    for job in (write_pid, ask_database, enqueue_another, break_down):
        monkeypatch.setattr(job, "__module__", module.__name__)
        setattr(module, job.__name__, job)
    monkeypatch.setitem(sys.modules, module.__name__, module)


@pytest.fixture(autouse=True)
def _no_open_transaction(committed: None) -> Iterator[None]:
    """It would keep the tables from being emptied."""
    yield
    db.session.remove()


def wait_until(condition: Callable[[], bool], seconds: float = 10) -> bool:
    deadline = time.monotonic() + seconds
    while not condition() and time.monotonic() < deadline:
        time.sleep(0.05)
    return condition()


def start_worker(app: Flask, name: str) -> int:
    """A worker in a process of its own, as the supervisor makes it."""
    db.session.remove()
    db.engine.dispose()
    queue_redis().close()
    return fork(lambda: worker.work(app, name))


def test_short_jobs_run_in_the_worker_and_long_ones_in_a_child(app: Flask, tmp_path: Path) -> None:
    for name in ("mail", "default", "long"):
        enqueue("smartskill.probe.tasks.write_pid", str(tmp_path / name), queue=name)
    worker.work_off(app)
    pids = {name: int((tmp_path / name).read_text()) for name in ("mail", "default", "long")}
    assert pids["mail"] == pids["default"] == os.getpid()
    assert pids["long"] != os.getpid()
    assert (tmp_path / "long.done").read_text() == "smartskill"


def test_a_burst_ends_only_when_no_job_made_another(app: Flask, tmp_path: Path) -> None:
    enqueue("smartskill.probe.tasks.enqueue_another", str(tmp_path / "second"), queue="long")
    said: list[str] = []
    worker.work_off(app, say=said.append)
    assert (tmp_path / "second.done").exists()
    assert "mail: 1 done, 0 failed" in said


def test_a_forked_job_does_not_use_its_parents_connection(app: Flask, tmp_path: Path) -> None:
    parents = db.session.scalar(text("SELECT pg_backend_pid()"))
    enqueue("smartskill.probe.tasks.ask_database", str(tmp_path / "backend"), queue="long")
    worker.work_off(app, ("long",))
    assert int((tmp_path / "backend").read_text()) != parents
    assert db.session.scalar(text("SELECT pg_backend_pid()")) == parents


def test_no_session_outlives_its_job(app: Flask, tmp_path: Path) -> None:
    enqueue("smartskill.probe.tasks.ask_database", str(tmp_path / "backend"), queue="mail")
    worker.work_off(app, ("mail",))
    backend = int((tmp_path / "backend").read_text())
    db.session.remove()
    state = db.session.scalar(text("SELECT state FROM pg_stat_activity WHERE pid = :pid"), {"pid": backend})
    assert state in (None, "idle", "active")


def test_a_failed_job_is_kept_with_its_reason_and_the_next_one_runs(app: Flask, tmp_path: Path) -> None:
    enqueue("smartskill.probe.tasks.break_down", queue="mail")
    enqueue("smartskill.probe.tasks.write_pid", str(tmp_path / "next"), queue="mail")
    said: list[str] = []
    worker.work_off(app, ("mail",), say=said.append)
    assert said[0] == "mail: 1 done, 1 failed"
    (job_id,) = FailedJobRegistry(queue=queue("mail")).get_job_ids()
    job = AllowedJob.fetch(job_id, connection=queue_redis(), serializer=JsonSerializer)
    assert "as told" in str(job.latest_result().exc_string)


def test_a_planted_job_that_is_not_ours_is_refused(app: Flask, tmp_path: Path) -> None:
    planted = Queue("mail", connection=queue_redis(), serializer=JsonSerializer)
    job = planted.enqueue("os.system", args=(f"touch {tmp_path / 'broken-in'}",))
    worker.work_off(app, ("mail",))
    assert not (tmp_path / "broken-in").exists()
    assert job.get_status(refresh=True) == "failed"


def test_sigterm_lets_the_running_job_end(app: Flask, tmp_path: Path) -> None:
    enqueue("smartskill.probe.tasks.write_pid", str(tmp_path / "job"), 1.0, queue="mail")
    pid = start_worker(app, "mail")
    assert wait_until((tmp_path / "job").exists)
    os.kill(pid, signal.SIGTERM)
    _, status = os.waitpid(pid, 0)
    assert (tmp_path / "job.done").exists()
    assert os.waitstatus_to_exitcode(status) == 0


def test_a_long_job_dies_with_its_killed_worker(app: Flask, tmp_path: Path) -> None:
    enqueue("smartskill.probe.tasks.write_pid", str(tmp_path / "job"), 30.0, queue="long")
    pid = start_worker(app, "long")
    assert wait_until((tmp_path / "job").exists)
    assert wait_until(lambda: (tmp_path / "job").read_text() != "")
    horse = psutil.Process(int((tmp_path / "job").read_text()))
    assert horse.pid != pid
    os.kill(pid, signal.SIGKILL)
    os.waitpid(pid, 0)
    assert wait_until(lambda: not horse.is_running() or horse.status() == psutil.STATUS_ZOMBIE)


def test_an_idle_worker_survives_longer_than_a_redis_timeout(
    app: Flask, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(app.config, "REDIS_TIMEOUT", 0.5)
    pid = start_worker(app, "mail")
    time.sleep(1.5)
    enqueue("smartskill.probe.tasks.write_pid", str(tmp_path / "job"), queue="mail")
    assert wait_until((tmp_path / "job.done").exists, 3)
    assert int((tmp_path / "job").read_text()) == pid
    os.kill(pid, signal.SIGTERM)
    os.waitpid(pid, 0)


def test_a_maintenance_lock_left_by_a_killed_worker_is_gone_within_a_minute(app: Flask) -> None:
    mail = worker.make_worker(app, "mail").queues[0]
    assert mail.acquire_maintenance_lock()
    assert not mail.acquire_maintenance_lock()
    assert 0 < queue_redis().ttl(mail.registry_cleaning_key) <= 60
