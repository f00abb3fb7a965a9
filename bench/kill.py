"""Mails written while workers are killed with `kill -9` and Redis loses its data: what is lost, doubled or in doubt.

`--mails 10000 --kills 200 --redis-kills 5 --flushes 1`: half of the mails are service mail, to a server (aiosmtpd) that
counts. Each kill takes a worker for mail with all that it started, at a random time while there is mail to send; Redis
keeps nothing on disk. Promised, and the exit code says whether it held: no service mail lost; subscription mail arrived
or listed as `unknown`, unknowns ≤ kills; one Message-ID for each mail; second sendings ≤ 10 % of the kills; all settled.
"""

import argparse
import contextlib
import os
import random
import signal
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from redis import Redis
from redis.exceptions import RedisError

from bench.mailing import Sink, close, count_states, message_ids, write_rows
from bench.stack import Stack, free_port, print_table, stack

WORKERS = 3
OPEN_STATES = {"planned", "queued", "sending", "deferred"}
MOST_WAIT = 20  # seconds for the mails to arrive that a kill waits for
AFTER = 0.3  # seconds at most between an arrival and a kill: at once, kills would meet what follows arrivals
PATIENCE = 300  # seconds without an end before the run is given up
FLASK = (sys.executable, "-m", "flask", "--app", "wsgi", "rq")


def run(arguments: list[str]) -> dict:
    """Write, kill, wait until nothing is open, and count."""
    given = _read(arguments)
    port, redis_port = free_port(), free_port()
    settings = {
        "MAIL_SERVER": "127.0.0.1",
        "MAIL_PORT": str(port),
        "MAIL_TIMEOUT": "2",
        "MAIL_PER_DOMAIN": "999999",
        "REDIS_URL": f"redis://127.0.0.1:{redis_port}/0",
        "SMARTSKILL_DELIVERY_LEASE_SECONDS": "10",
    }
    with stack(**settings) as running, Sink(port, given.pause_ms / 1000, is_pipelining=given.pipelining) as sink:
        redis = Broker(running, redis_port)
        redis.start()
        from smartskill import create_app

        with create_app().app_context():
            write_rows(given.mails // 2, given.mails - given.mails // 2)
            battle = Battle(running, sink, redis, given)
            battle.fight()
            battle.settle()
            figures = _judge(sink, given, battle)
            close()
    return figures


def _read(arguments: list[str]) -> Any:
    parser = argparse.ArgumentParser(prog="bench kill")
    parser.add_argument("--mails", type=int, default=10_000)
    parser.add_argument("--kills", type=int, default=200)
    parser.add_argument("--redis-kills", type=int, default=5)
    parser.add_argument("--flushes", type=int, default=1)
    parser.add_argument("--pause-ms", type=float, default=40, help="what the server takes to look up a recipient")
    parser.add_argument("--pipelining", action="store_true", help="the server takes commands together")
    return parser.parse_args(arguments)


class Broker:
    """A Redis of the run's own, which keeps nothing."""

    def __init__(self, running: Stack, port: int) -> None:
        self.running, self.port, self.process = running, port, None

    def start(self) -> None:
        """Start it, and wait until it answers."""
        from smartskill.kit.embedded.valkey import _find_binary

        command = (_find_binary(), "--port", str(self.port), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no")
        self.process = self.running.start(*command)
        client = Redis(port=self.port)
        for _ in range(200):
            with contextlib.suppress(RedisError, OSError):
                client.ping()
                break
            time.sleep(0.05)
        client.close()

    def kill(self) -> None:
        """Kill it with all its data, and start an empty one."""
        self.process.kill()
        self.process.wait()
        self.start()

    def flush(self) -> None:
        """Empty it."""
        with contextlib.suppress(RedisError, OSError):
            Redis(port=self.port).flushall()


@dataclass
class Battle:
    """The workers, and their killer."""

    running: Stack
    sink: Sink
    redis: Broker
    given: Any
    chance: random.Random = field(default_factory=lambda: random.Random(2026))
    killed: int = 0
    started: float = field(default_factory=time.monotonic)
    fought: float = 0
    settled: float = 0

    def fight(self) -> None:
        """Kill at random times while the mails go, so that the last kill meets the last mails."""
        self.running.start(*FLASK, "cron")
        self.running.start(sys.executable, "-m", "bench.nursery", str(WORKERS), str(self.pids))
        total, kills = self.given.mails, self.given.kills
        shares = sorted(self.chance.random() for _ in range(kills))
        events = [(share, self._kill_worker) for share in shares]
        events += [((place + 0.5) / self.given.redis_kills, self.redis.kill) for place in range(self.given.redis_kills)]
        events += [((place + 0.6) / (self.given.flushes + 1), self.redis.flush) for place in range(self.given.flushes)]
        for share, strike in sorted(events, key=lambda event: event[0]):
            self._wait_for_arrivals(int(share * total * 0.97))
            time.sleep(self.chance.uniform(0, AFTER))
            strike()
            print(f"\r{self.killed} of {kills} kills, {len(self.sink.seen)} of {total} mails", end="", file=sys.stderr)
        self.fought = time.monotonic() - self.started

    @property
    def pids(self) -> Path:
        """Where the nursery says who lives."""
        return self.running.instance / "workers"

    def _wait_for_arrivals(self, count: int) -> None:
        deadline = time.monotonic() + MOST_WAIT
        while len(self.sink.seen) < count and time.monotonic() < deadline:
            time.sleep(0.005)

    def _kill_worker(self) -> None:
        """Kill -9 a worker with whatever it started."""
        before = self.killed
        while self.killed == before:
            with contextlib.suppress(ProcessLookupError, FileNotFoundError, IndexError):
                os.killpg(int(self.chance.choice(self.pids.read_text().split())), signal.SIGKILL)
                self.killed += 1
            time.sleep(0.005)

    def settle(self) -> None:
        """Wait until no mail is open."""
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline:
            states = count_states()
            waiting = sum(number for (_, state), number in states.items() if state in OPEN_STATES)
            print(f"\r{waiting} of {self.given.mails} mails are not settled yet   ", end="", file=sys.stderr)
            if not waiting:
                break
            time.sleep(1)
        self.settled = time.monotonic() - self.started
        print(file=sys.stderr)


def _judge(sink: Sink, given: Any, battle: Battle) -> dict:
    arrived, open_now, rows = set(sink.seen), 0, {}
    for mail_class in ("service", "subscription"):
        wanted, unknown = message_ids(mail_class), message_ids(mail_class, "unknown")
        open_now += len(message_ids(mail_class, *OPEN_STATES))
        rows[mail_class] = {
            "mails": len(wanted), "arrived": len(wanted & arrived), "unknown": len(unknown),
            "lost": len(wanted - arrived - (unknown if mail_class == "subscription" else set())),
            "sent twice": sum(sink.seen[one] - 1 for one in wanted if sink.seen[one] > 1),
        }  # fmt: skip
    print_table([{"class": name, **row} for name, row in rows.items()])
    service, subscription = rows["service"], rows["subscription"]
    seconds_sent = service["sent twice"] + subscription["sent twice"]
    promises = {
        "no service mail lost": service["lost"] == 0 and service["mails"] == given.mails // 2,
        "no subscription mail lost": subscription["lost"] == 0
        and subscription["mails"] == given.mails - given.mails // 2,
        "no subscription mail sent twice": subscription["sent twice"] == 0,
        "unknowns within kills": subscription["unknown"] <= battle.killed,
        "one Message-ID for each mail": arrived <= message_ids("service") | message_ids("subscription"),
        "second sendings within 10 % of kills": seconds_sent <= 0.1 * battle.killed,
        "all settled": open_now == 0,
        "as many kills as asked for": battle.killed == given.kills,
    }
    print_table([{"promise": name, "kept": kept} for name, kept in promises.items()])
    return {
        "bench": "kill", "mails": given.mails, "kills": battle.killed, "redis_kills": given.redis_kills,
        "flushes": given.flushes, "killing_s": round(battle.fought, 1), "seconds": round(battle.settled, 1),
        "service": service, "subscription": subscription, "second_sendings": seconds_sent, "promises": promises,
        "verdict": all(promises.values()),
    }  # fmt: skip
