"""The same mails through Celery, one job each, as its guides do it: run by the bench in a virtual environment of Celery.

The letters are written beforehand, so that Celery neither asks a database whether a mail may go nor renders it: less
than what it is compared with does. Arguments: the folder of the letters, `enqueue` or nothing.
"""

import os
import smtplib
import sys
from pathlib import Path

from celery import Celery

app = Celery("peer", broker=os.environ["BENCH_BROKER"])
app.conf.update(task_ignore_result=True, broker_connection_retry_on_startup=True)
FOLDER, PORT = Path(os.environ["BENCH_LETTERS"]), int(os.environ["BENCH_SMTP_PORT"])


@app.task(name="send")
def send(number: int) -> None:
    """Send one letter."""
    sender, recipient, letter = (FOLDER / str(number)).read_bytes().split(b"\n", 2)
    with smtplib.SMTP("127.0.0.1", PORT, timeout=5) as smtp:
        smtp.sendmail(sender.decode(), [recipient.decode()], letter)


if __name__ == "__main__":
    for number in range(int(sys.argv[1])):
        send.delay(number)
