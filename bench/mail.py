"""Mails per second through the whole path: outbox, policy asked again, rendering, SMTP, marked sent.

Argument: how many mails (1,000, all service mail), sent by one worker for mail to a server on loopback that keeps all.
"""

import sys
import time

from bench.mailing import Sink, close, count_states, write_notices
from bench.stack import free_port, print_table, stack


def run(arguments: list[str]) -> dict:
    """Write the mails, then start the worker and take the time until the last is sent."""
    mails, port = int(arguments[0]) if arguments else 1000, free_port()
    with stack(MAIL_SERVER="127.0.0.1", MAIL_PORT=str(port)) as running, Sink(port) as sink:
        from smartskill import create_app
        from smartskill.kit.transaction import commit

        app = create_app()
        with app.app_context():
            started = time.monotonic()
            write_notices(mails, 0)
            commit()
            written = time.monotonic() - started
            running.start(sys.executable, "-m", "flask", "--app", "wsgi", "rq", "worker", "mail")
            running.start(sys.executable, "-m", "flask", "--app", "wsgi", "rq", "worker", "default")
            running.start(sys.executable, "-m", "flask", "--app", "wsgi", "rq", "cron")
            while not sink.seen:
                time.sleep(0.01)
            first = time.monotonic()
            while count_states().get(("service", "sent"), 0) < mails:
                time.sleep(0.1)
            seconds = time.monotonic() - first
            close()
    row = {
        "mails": mails,
        "decided and written in s": round(written, 2),
        "sent in s": round(seconds, 2),
        "per second": round(mails / seconds),
    }
    print_table([row])
    return {"bench": "mail", "mails": mails, "written_s": round(written, 2), "sent_s": round(seconds, 2), "per_second": round(mails / seconds, 1),
            "one_message_id_each": len(sink.seen) == mails and max(sink.seen.values()) == 1}  # fmt: skip
