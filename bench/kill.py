"""Mails written while workers are killed with `kill -9` and Redis is emptied once: what is lost, doubled or in doubt.

Arguments: mails (300, half of them service mail) and kills (20). The supervisor of the workers starts a new one each
time; the sweep on the schedule finds what the dead ones held.
"""

import contextlib
import random
import sys
import time

import psutil

from bench.mailing import Sink, close, count_states, message_ids, write_notices
from bench.stack import Stack, free_port, print_table, stack

OPEN_STATES = {"planned", "queued", "sending", "deferred"}
PAUSE = (0.0, 0.3)  # seconds more before each kill
MOST_WAIT = 15  # seconds for the next mails to arrive
PATIENCE = 600


def run(arguments: list[str]) -> dict:
    """Write, kill, wait until nothing is open, and count."""
    mails, kills = int(arguments[0]) if arguments else 300, int(arguments[1]) if len(arguments) > 1 else 20
    port = free_port()
    settings = {
        "MAIL_SERVER": "127.0.0.1",
        "MAIL_PORT": str(port),
        "MAIL_TIMEOUT": "2",
        "SMARTSKILL_DELIVERY_LEASE_SECONDS": "10",
    }
    with stack(**settings) as running, Sink(port) as sink:
        from smartskill import create_app

        app = create_app()
        with app.app_context():
            started = time.monotonic()
            running.start(sys.executable, "-m", "flask", "--app", "wsgi", "rq", "worker")
            running.start(sys.executable, "-m", "flask", "--app", "wsgi", "rq", "cron")
            _write_while_killing(app, running, mails, kills, sink)
            _wait_until_settled(sink, mails)
            figures = _judge(sink, mails, kills, time.monotonic() - started)
            close()
    return figures


def _write_while_killing(app, running: Stack, mails: int, kills: int, sink: Sink) -> None:
    """Kill each time some more mails have arrived (or some seconds went by), so that most kills meet a worker at work."""
    from smartskill.kit.broker import queue_redis
    from smartskill.kit.transaction import commit

    write_notices(mails // 2, mails - mails // 2)
    commit()
    chance = random.Random(2026)
    killed, portion = 0, max(mails // (kills + 1), 1)
    while killed < kills:
        _wait_for_arrivals(sink, portion)
        time.sleep(chance.uniform(*PAUSE))
        killed += _kill_a_worker(running, chance)
        if killed == kills // 2:
            queue_redis().flushall()
        print(f"\rkilled {killed} of {kills}, {sum(sink.seen.values())} mails arrived", end="", file=sys.stderr)


def _wait_for_arrivals(sink: Sink, count: int) -> None:
    before, deadline = sum(sink.seen.values()), time.monotonic() + MOST_WAIT
    while sum(sink.seen.values()) < before + count and time.monotonic() < deadline:
        time.sleep(0.02)


def _kill_a_worker(running: Stack, chance: random.Random) -> int:
    """Kill -9 one worker and all that it started; 0 where none was there just then."""
    supervisor = psutil.Process(running.processes[0].pid)
    workers = supervisor.children()
    if not workers:
        return 0
    victim = chance.choice(workers)
    family = [victim, *_children(victim)]
    for process in family:
        with contextlib.suppress(psutil.NoSuchProcess):
            process.kill()
    return 1


def _children(process: psutil.Process) -> list[psutil.Process]:
    with contextlib.suppress(psutil.NoSuchProcess):
        return process.children(recursive=True)
    return []


def _wait_until_settled(sink: Sink, mails: int) -> None:
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        states = count_states()
        waiting = sum(number for (_, state), number in states.items() if state in OPEN_STATES)
        print(f"\r{waiting} of {mails} mails are not settled yet   ", end="", file=sys.stderr)
        if not waiting:
            break
        time.sleep(1)
    print(file=sys.stderr)


def _judge(sink: Sink, mails: int, kills: int, seconds: float) -> dict:
    arrived = set(sink.seen)
    rows = []
    for mail_class in ("service", "subscription"):
        wanted, unknown = message_ids(mail_class), message_ids(mail_class, "unknown")
        rows.append({
            "class": mail_class, "mails": len(wanted), "arrived": len(wanted & arrived), "unknown": len(unknown),
            "lost": len(wanted - arrived - unknown), "sent twice": sum(sink.seen[one] > 1 for one in wanted),
        })  # fmt: skip
    print_table(rows)
    known = message_ids("service") | message_ids("subscription")
    return {"bench": "kill", "mails": mails, "kills": kills, "redis_emptied": 1, "seconds": round(seconds, 1), "classes": rows,
            "foreign_message_ids": len(arrived - known)}  # fmt: skip
