"""Mails per second through the whole path, beside Celery sending the same letters one job each, in the same run.

Ours: outbox, policy and evidence asked again, rendering, SMTP, marked sent, with every promise kept; half of it service
and half subscription mail. Celery's, twice: read the finished letter, connect, send, which `ratio` compares with; and put
the message together from its headers and texts first, as the job of the peers' queue bench does (`to built`). All with
two worker processes, Redis, and the same counting mail server, in turns, since the machine may be busy with other things.

All work is there before the workers start; what is timed begins once a tenth of it has arrived, so that both are warm,
and ends with the last mail: arrived for Celery, marked sent for us. Arguments: mails of each turn (2,000) and turns (3).
Celery is set up in `bench/out/celery` on first use; without it only ours is measured.
"""

import email
import email.policy
import json
import os
import smtplib
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from bench.mailing import close, count_states, write_rows
from bench.stack import ROOT, Stack, free_port, print_table, stack

PACKAGES = ("celery==5.7.0", "redis==8.1.0", "hiredis==3.5.0", "packaging==26.3")
VENV = ROOT / "bench" / "out" / "celery"
WORKERS = 2
PATIENCE = 300
OPEN_STATES = {"planned", "queued", "sending", "deferred"}
CELERY = (("celery", "send", "ratio"), ("built", "build", "to built"))  # name, task, what is compared
Timed = tuple[int, float]  # mails, and the seconds that they took
SETTINGS = {"MAIL_SERVER": "127.0.0.1", "MAIL_PER_DOMAIN": "999999"}  # the limit is asked, and far away


def run(arguments: list[str]) -> dict:
    """Take turns, and compare the sums."""
    mails, turns = int(arguments[0]) if arguments else 2000, int(arguments[1]) if len(arguments) > 1 else 3
    python, port = _find_celery(), free_port()
    with stack(MAIL_PORT=str(port), **SETTINGS) as running:
        running.start(sys.executable, "-m", "bench.sink", str(port))
        from smartskill import create_app

        with create_app().app_context():
            rows = [_take_turn(turn, mails, running, port, python) for turn in range(turns)]
            states = count_states()
            close()
    print_table(rows)
    ours, theirs = _rate(rows, "ours"), _rate(rows, "celery") if python else None
    built = _rate(rows, "built") if python else None
    told = {
        "bench": "mail",
        "mails": mails * turns,
        "workers": WORKERS,
        "per_second": ours,
        "celery_per_second": theirs,
        "celery_built_per_second": built,
        "ratio": round(ours / theirs, 2) if theirs else None,
        "ratio_to_built": round(ours / built, 2) if built else None,
    }
    sent = sum(number for (_, state), number in states.items() if state == "sent")
    return told | {"all_sent": sent == mails * turns, "turns": rows}


def _take_turn(turn: int, mails: int, running: Stack, port: int, python: Path | None) -> dict[str, Any]:
    letters = running.instance / f"letters{turn}"
    _write(turn, mails, letters if python else None)
    ours = _send_ours(mails, running, port)
    row = {"turn": turn + 1, "mails": mails, **_figures("ours", ours)}
    for name, task, ratio in CELERY if python else ():
        row |= _figures(name, _send_by_celery(mails, running, port, python, letters, task))
        row[ratio] = round(row["ours/s"] / row[f"{name}/s"], 2)
    return row


def _figures(name: str, timed: Timed) -> dict[str, Any]:
    return {f"{name} timed": timed[0], f"{name} s": round(timed[1], 2), f"{name}/s": round(timed[0] / timed[1])}


def _rate(rows: list[dict[str, Any]], name: str) -> float:
    return round(sum(row[f"{name} timed"] for row in rows) / sum(row[f"{name} s"] for row in rows), 1)


def _write(turn: int, mails: int, letters: Path | None) -> None:
    """Write the mails into the outbox, and the same letters as files for Celery."""
    from smartskill.extensions import db
    from smartskill.notifications.models import Delivery
    from smartskill.notifications.services.recipients import find_recipient
    from smartskill.notifications.services.rendering import write_letter

    write_rows(mails // 2, mails - mails // 2, prefix=f"turn{turn}")
    if letters:
        letters.mkdir()
        for number, row in enumerate(db.session.scalars(db.select(Delivery).where(Delivery.state == "planned"))):
            recipient = find_recipient(row)
            letter = write_letter(row, recipient) if recipient else None
            assert letter is not None
            head = f"{letter.return_path}\n{letter.recipients[0]}\n".encode()
            raw = letter.as_bytes()
            (letters / str(number)).write_bytes(head + raw.replace(b"\r\n.", b"\r\n.."))
            (letters / f"{number}.json").write_text(json.dumps(_parts(letter, raw)))
    db.session.rollback()


def _parts(letter: Any, raw: bytes) -> dict[str, Any]:
    """What a message is put together from."""
    message = email.message_from_bytes(raw, policy=email.policy.default)
    text, html = message.get_body(("plain",)), message.get_body(("html",))
    assert text is not None
    assert html is not None
    made = ("content-type", "mime-version", "content-transfer-encoding")  # by whoever puts it together
    return {
        "headers": [(name, str(value)) for name, value in message.items() if name.lower() not in made],
        "text": text.get_content(),
        "html": html.get_content(),
        "sender": letter.return_path,
        "recipient": letter.recipients[0],
    }


def _send_ours(mails: int, running: Stack, port: int) -> Timed:
    """From the first tenth's arrival until the last is marked sent."""
    from smartskill.kit.broker import enqueue
    from smartskill.notifications.services.outbox import DELIVER

    before = _arrived(port)
    workers = [running.start(*_flask("rq", "worker", "mail")) for _ in range(WORKERS)]
    until = time.time() + PATIENCE
    for _ in range(WORKERS):
        enqueue(DELIVER, [], until, queue="mail")
    timed = _time(mails, before, port, lambda: not {state for (_, state) in count_states()} & OPEN_STATES)
    _end(workers)
    return timed


def _time(mails: int, before: int, port: int, is_done: Callable[[], bool] = lambda: True) -> Timed:
    began = _wait_for(lambda: _arrived(port) >= before + mails // 10)
    left = before + mails - _arrived(port)
    _wait_for(lambda: _arrived(port) >= before + mails)
    return left, _wait_for(is_done) - began


def _flask(*words: str) -> tuple[str, ...]:
    return (sys.executable, "-m", "flask", "--app", "wsgi", *words)


def _send_by_celery(mails: int, running: Stack, port: int, python: Path, letters: Path, task: str) -> Timed:
    """From the first tenth's arrival until the last has come."""
    from smartskill.kit.broker import queue_redis

    told = queue_redis().connection_pool.connection_kwargs
    broker = (
        f"redis+socket://{told['path']}?virtual_host=9"
        if "path" in told
        else f"redis://{told.get('host')}:{told.get('port')}/9"
    )
    given = {"BENCH_BROKER": broker, "BENCH_LETTERS": str(letters), "BENCH_SMTP_PORT": str(port)}
    environment = {**running.environment, **given}
    subprocess.run([python, "-m", "bench.celery_peer", str(mails), task], cwd=ROOT, env=environment, check=True)
    before = _arrived(port)
    words = ("-m", "celery", "-A", "bench.celery_peer", "worker", "-c", str(WORKERS), "-P", "prefork", "-l", "ERROR")
    quiet = ("--without-gossip", "--without-mingle", "--without-heartbeat")
    worker = running.start(str(python), *words, *quiet, **given)
    timed = _time(mails, before, port)
    _end([worker])
    return timed


def _arrived(port: int) -> int:
    with smtplib.SMTP("127.0.0.1", port, timeout=10) as smtp:
        return int(smtp.docmd("STAT")[1].split()[0])


def _wait_for(is_there: Any) -> float:
    deadline = time.monotonic() + PATIENCE
    while not is_there():
        if time.monotonic() > deadline:
            raise SystemExit(f"the mails did not arrive: {count_states()}")
        time.sleep(0.05)
    return time.monotonic()


def _end(processes: list[subprocess.Popen]) -> None:
    for process in processes:
        process.terminate()
    for process in processes:
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            process.kill()


def _find_celery() -> Path | None:
    """The Python that has Celery, set up on first use; None where that cannot be."""
    python = Path(os.environ.get("BENCH_CELERY_PYTHON") or VENV / "bin" / "python")
    if not python.exists():
        print("setting up Celery in bench/out/celery", file=sys.stderr)
        for words in (
            [sys.executable, "-m", "venv", str(VENV)],
            [str(python), "-m", "pip", "-q", "install", *PACKAGES],
        ):
            if subprocess.run(words, check=False).returncode:
                break
    if python.exists() and not subprocess.run([python, "-c", "import celery"], check=False).returncode:
        return python
    print("no comparison: Celery could not be installed into bench/out/celery", file=sys.stderr)
    return None
