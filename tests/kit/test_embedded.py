"""The embedded servers, for real: shared by processes, recovered after a kill, stopped by the last one out."""

import json
import os
import signal
import stat
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import psycopg2
import pytest
import redis
import sqlalchemy as sa

from smartskill.kit.embedded import lease, postgres, valkey
from tests.kit.embedded_user import User


def wait_until(condition: Callable[[], bool], seconds: float = 10) -> bool:
    deadline = time.monotonic() + seconds
    while not condition() and time.monotonic() < deadline:
        time.sleep(0.05)
    return condition()


def server_pid(instance: Path, kind: str) -> int:
    return int(json.loads((instance / kind / "server.json").read_text())["pid"])


def has_stopped(instance: Path, kind: str) -> bool:
    return not (instance / kind / "server.json").exists() and not lease._is_held(instance / kind / "keeper.lock")


def answers(instance: Path, kind: str) -> bool:
    if kind == "valkey":
        client = redis.Redis.from_url(valkey.valkey_url(instance))
        try:
            return bool(client.ping())
        except redis.RedisError:
            return False
        finally:
            client.close()
    try:
        connect(instance).close()
    except psycopg2.OperationalError:
        return False
    return True


def connect(instance: Path) -> psycopg2.extensions.connection:
    url = sa.make_url(postgres.postgres_url(instance))
    return psycopg2.connect(host=url.query["host"], user=url.username, dbname=url.database)


@pytest.fixture
def instance() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="embedded-", dir="/tmp") as folder:
        yield Path(folder)
        for kind in ("postgres", "valkey"):
            if (Path(folder) / kind).exists():
                assert lease.leave(Path(folder) / kind), f"{kind} outlived its users"


KINDS = pytest.mark.parametrize("kind", ["postgres", "valkey"])


@KINDS
def test_a_server_is_shared_and_stopped_by_the_last_one_out(instance: Path, kind: str) -> None:
    first, second = User(instance, kind), User(instance, kind)
    first.wait_until_ready()
    second.wait_until_ready()
    pid = server_pid(instance, kind)
    first.end()
    time.sleep(0.3)
    assert answers(instance, kind)
    assert server_pid(instance, kind) == pid
    second.end()
    assert wait_until(lambda: has_stopped(instance, kind))
    assert not psutil.pid_exists(pid)


@KINDS
def test_a_killed_user_does_not_keep_the_server_running(instance: Path, kind: str) -> None:
    user = User(instance, kind)
    user.wait_until_ready()
    user.kill()
    assert wait_until(lambda: has_stopped(instance, kind))


@KINDS
def test_a_forked_child_keeps_the_server_when_its_parent_ends(instance: Path, kind: str) -> None:
    parent = User(instance, kind, "fork")
    child = parent.wait_until_ready()
    parent.process.wait(10)
    time.sleep(0.3)
    assert answers(instance, kind)
    os.kill(child, signal.SIGKILL)
    assert wait_until(lambda: has_stopped(instance, kind))
    parent.end()


@KINDS
def test_a_server_that_dies_under_its_users_comes_back_with_its_data(instance: Path, kind: str) -> None:
    user = User(instance, kind)
    user.wait_until_ready()
    write_something(instance, kind)
    before = server_pid(instance, kind)
    os.kill(before, signal.SIGKILL)
    assert wait_until(lambda: answers(instance, kind) and server_pid(instance, kind) != before)
    assert reads_it_back(instance, kind)
    user.end()


@KINDS
def test_the_next_start_adopts_a_server_whose_keeper_was_killed(instance: Path, kind: str) -> None:
    user = User(instance, kind)
    user.wait_until_ready()
    before = server_pid(instance, kind)
    keeper = psutil.Process(before).ppid()
    os.kill(keeper, signal.SIGKILL)
    user.kill()
    assert answers(instance, kind)
    heir = User(instance, kind)
    heir.wait_until_ready()
    assert server_pid(instance, kind) == before
    heir.end()
    assert wait_until(lambda: has_stopped(instance, kind))
    assert not psutil.pid_exists(before)


@KINDS
def test_the_next_start_recovers_when_everything_was_killed(instance: Path, kind: str) -> None:
    user = User(instance, kind)
    user.wait_until_ready()
    write_something(instance, kind)
    server = psutil.Process(server_pid(instance, kind))
    keeper = server.ppid()
    os.kill(keeper, signal.SIGKILL)
    user.kill()
    server.kill()
    assert wait_until(lambda: not server.is_running())
    heir = User(instance, kind)
    heir.wait_until_ready()
    assert reads_it_back(instance, kind)
    heir.end()


@KINDS
def test_many_processes_starting_at_once_get_one_server(instance: Path, kind: str) -> None:
    users = [User(instance, kind) for _ in range(5)]
    assert all(user.wait_until_ready() for user in users)
    folder = str(instance / kind)
    keepers = [p for p in psutil.process_iter(["cmdline"]) if folder in (p.info["cmdline"] or [])]
    assert len(keepers) == 1
    assert [child.pid for child in keepers[0].children()] == [server_pid(instance, kind)]
    for user in users:
        user.end()
    assert wait_until(lambda: has_stopped(instance, kind))


def test_a_stale_pid_file_that_names_a_stranger_is_no_obstacle(instance: Path) -> None:
    postgres.start_postgres(instance)
    assert lease.leave(instance / "postgres")
    (instance / "postgres" / "data" / "postmaster.pid").write_text(f"{os.getpid()}\n")
    postgres.start_postgres(instance)
    assert answers(instance, "postgres")


def test_a_long_path_with_spaces_gets_a_short_private_socket_folder(instance: Path) -> None:
    deep = instance / ("a folder with spaces " * 6)
    deep.mkdir(parents=True)
    postgres.start_postgres(deep)
    valkey.start_valkey(deep)
    with connect(deep) as connection, connection.cursor() as cursor:
        cursor.execute("SELECT 1")
        assert cursor.fetchone() == (1,)
    connection.close()
    assert answers(deep, "valkey")
    folder = Path(str(sa.make_url(postgres.postgres_url(deep)).query["host"]))
    assert folder.parent == Path(tempfile.gettempdir())
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert lease.leave(deep / "postgres")
    assert lease.leave(deep / "valkey")


def test_a_socket_folder_that_somebody_else_planted_is_refused(instance: Path) -> None:
    from smartskill.kit.embedded.sockets import make_socket_folder

    elsewhere, planted = instance / "elsewhere", instance / "planted"
    elsewhere.mkdir()
    planted.symlink_to(elsewhere)
    with pytest.raises(PermissionError, match="belongs to somebody else"):
        make_socket_folder(planted, os.geteuid())


def test_the_addresses_are_known_without_starting_anything(instance: Path) -> None:
    assert (
        postgres.postgres_url(instance) == f"postgresql+psycopg2://postgres@/smartskill?host={instance}/postgres/socket"
    )
    assert valkey.valkey_url(instance) == f"unix://{instance}/valkey/socket/valkey.sock?db=0"
    assert list(instance.iterdir()) == []


def test_attaching_costs_next_to_nothing(instance: Path) -> None:
    user = User(instance, "postgres")
    user.wait_until_ready()
    started = time.monotonic()
    postgres.start_postgres(instance)
    assert time.monotonic() - started < 0.2
    user.end()


def test_a_machine_without_either_is_told_which_variable_to_set(
    instance: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    monkeypatch.setattr("shutil.which", lambda *_, **__: None)
    monkeypatch.setattr(Path, "glob", lambda *_: iter(()))
    with pytest.raises(lease.EmbeddedServerUnavailable, match="DATABASE_URL"):
        postgres.start_postgres(instance)
    with pytest.raises(lease.EmbeddedServerUnavailable, match="REDIS_URL"):
        valkey.start_valkey(instance)


def test_a_server_that_cannot_start_says_why_and_what_to_set(instance: Path) -> None:
    postgres.start_postgres(instance)
    assert lease.leave(instance / "postgres")
    (instance / "postgres" / "data" / "postgresql.conf").write_text("shared_buffers = 'nonsense'\n")
    with pytest.raises(lease.EmbeddedServerUnavailable, match=r"shared_buffers.*DATABASE_URL"):
        postgres.start_postgres(instance)


def test_the_queue_is_kept_on_disk_and_never_evicted(instance: Path) -> None:
    valkey.start_valkey(instance)
    client = redis.Redis.from_url(valkey.valkey_url(instance), decode_responses=True)
    assert client.config_get("appendonly") == {"appendonly": "yes"}
    assert client.config_get("maxmemory-policy") == {"maxmemory-policy": "noeviction"}
    assert client.config_get("port") == {"port": "0"}
    client.close()


def test_the_database_takes_the_extensions_we_use_and_folds_accented_letters(instance: Path) -> None:
    postgres.start_postgres(instance)
    with connect(instance) as connection, connection.cursor() as cursor:
        for extension in ("pg_trgm", "btree_gist", "citext", "unaccent"):
            cursor.execute(f"CREATE EXTENSION {extension}")
        cursor.execute("SELECT lower('ÉCOLE ŻÓŁW'), unaccent('Ælfgår'), current_setting('listen_addresses')")
        assert cursor.fetchone() == ("école żółw", "AElfgar", "")
    connection.close()


def write_something(instance: Path, kind: str) -> None:
    if kind == "valkey":
        client = redis.Redis.from_url(valkey.valkey_url(instance))
        client.set("kept", "yes")
        client.close()
        return
    with connect(instance) as connection, connection.cursor() as cursor:
        cursor.execute("CREATE TABLE kept AS SELECT 'yes' AS answer")
    connection.close()


def reads_it_back(instance: Path, kind: str) -> bool:
    if kind == "valkey":
        client = redis.Redis.from_url(valkey.valkey_url(instance), decode_responses=True)
        try:
            return bool(client.get("kept") == "yes")
        finally:
            client.close()
    with connect(instance) as connection, connection.cursor() as cursor:
        cursor.execute("SELECT answer FROM kept")
        row = cursor.fetchone()
    connection.close()
    return row == ("yes",)
