"""The cache holds plain JSON, never runs code, and is not missed when it is away."""

import os
import pickle
import time

import orjson
import pytest

from smartskill.extensions import cache, db
from smartskill.kit.cache import JUST_DROPPED, cached, drop_cached, drop_generation, generation
from smartskill.kit.transaction import commit, roll_back
from tests.kit.conftest import make_app

KEY = "matrix:7"


def stored():
    return cache.cache._write_client.get(f"cache:{KEY}")


def plant(value):
    cache.cache._write_client.set(f"cache:{KEY}", value)


def test_an_answer_is_made_once_and_is_json_in_redis(app):
    made = []
    for _ in range(3):
        assert cached(KEY, lambda: made.append(1) or {"level": 3, "on": (1, 2)}) == {"level": 3, "on": [1, 2]}
    assert len(made) == 1
    assert orjson.loads(stored()) == {"level": 3, "on": [1, 2]}


def test_what_cannot_be_json_is_an_error_at_once(app):
    with pytest.raises(TypeError):
        cached(KEY, object)


def test_an_answer_dies_after_its_time(app):
    cached(KEY, lambda: 1, seconds=1)
    assert 0 < cache.cache._write_client.pttl(f"cache:{KEY}") <= 1000


class Bomb:
    """Runs a command when it is unpickled."""

    def __init__(self, path):
        self.path = path

    def __reduce__(self):
        return os.system, (f"touch {self.path}",)


def test_a_poisoned_value_is_ignored(app, tmp_path):
    target = tmp_path / "ran"
    for value in (pickle.dumps(Bomb(target)), b"!" + pickle.dumps(Bomb(target)), b"not json", b"\xff\xfe", b""):
        plant(value)
        assert cached(KEY, lambda: "fresh") == "fresh"
    assert not target.exists()


def test_a_dropped_answer_is_made_anew_after_the_commit_only(app):
    cached(KEY, lambda: "old")
    drop_cached(KEY)
    assert cached(KEY, lambda: "new") == "old"
    commit()
    assert cached(KEY, lambda: "new") == "new"


def test_a_drop_vanishes_with_its_transaction(app):
    cached(KEY, lambda: "old")
    drop_cached(KEY, "never:kept")
    roll_back()
    commit()
    assert cached(KEY, lambda: "new") == "old"


def test_a_reader_that_began_before_a_write_does_not_put_back_what_it_saw(app):
    def read_slowly():
        drop_cached(KEY)
        commit()  # someone else writes while we read
        return "old"

    assert cached(KEY, read_slowly) == "old"
    assert orjson.loads(stored()) == JUST_DROPPED
    assert cached(KEY, lambda: "new") == "new"


def test_a_generation_puts_many_answers_out_of_reach(app):
    first = generation("skills")
    drop_generation("skills")
    assert generation("skills") == first
    commit()
    assert generation("skills") != first


def test_without_redis_answers_are_made_each_time_and_quickly(app):
    away = make_app(app, CACHE_URL="redis://127.0.0.1:1/0")
    with away.app_context():
        began = time.monotonic()
        assert [cached(KEY, lambda number=number: number) for number in range(200)] == list(range(200))
        drop_cached(KEY)
        commit()
        assert generation("skills") == "0"
        assert time.monotonic() - began < 1
        db.session.remove()


@pytest.fixture
def silent_server():
    """A server that takes connections and never answers."""
    import socket

    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen(64)
        yield f"redis://127.0.0.1:{listener.getsockname()[1]}/0"


def test_a_redis_that_hangs_is_paid_for_once_and_tried_again_later(app, silent_server):
    hanging = make_app(app, CACHE_URL=silent_server, CACHE_TIMEOUT=0.2, CACHE_BREAKER_SECONDS=1)
    with hanging.app_context():
        spent = []
        for _ in range(20):
            began = time.monotonic()
            cached(KEY, lambda: 1)
            spent.append(time.monotonic() - began)
        assert spent[0] >= 0.2
        assert max(spent[1:]) < 0.1
        time.sleep(1.1)
        began = time.monotonic()
        cached(KEY, lambda: 1)
        assert time.monotonic() - began >= 0.2


def test_limits_hold_while_redis_is_away(app):
    away = make_app(app, CACHE_URL="redis://127.0.0.1:1/0").test_client()
    assert [away.get("/api/things/limited").status_code for _ in range(4)] == [200, 200, 429, 429]
