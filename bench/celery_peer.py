"""The same mails through Celery, one job each, as its guides do it: run by the bench in a virtual environment of Celery.

A job neither asks a database whether a mail may go nor renders it: less than what it is compared with does. `build` puts
the message together from its headers and texts, as a job does that sends mail; `send` finds it finished, down to the
last byte. Arguments: how many, and which of the two.
"""

import json
import os
import smtplib
import sys
from email.message import EmailMessage
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


@app.task(name="build")
def build(number: int) -> None:
    """Put a message together and send it."""
    told = json.loads((FOLDER / f"{number}.json").read_text())
    message = EmailMessage()
    for name, value in told["headers"]:
        message[name] = value
    message.set_content(told["text"])
    message.add_alternative(told["html"], subtype="html")
    with smtplib.SMTP("127.0.0.1", PORT, timeout=5) as smtp:
        smtp.send_message(message, told["sender"], [told["recipient"]])


if __name__ == "__main__":
    task = {"send": send, "build": build}[sys.argv[2]]
    for number in range(int(sys.argv[1])):
        task.delay(number)
