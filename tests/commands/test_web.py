"""What gunicorn refuses by itself is a problem like every other error."""

import json
import socket
import subprocess
import sys
import time

import pytest

from tests.architecture.sources import ROOT


@pytest.fixture(scope="module")
def port(tmp_path_factory):
    """gunicorn with our settings; no request of these tests reaches a server behind it."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port = listener.getsockname()[1]
    folder = tmp_path_factory.mktemp("instance")
    environment = {
        "PATH": "/usr/bin:/bin",
        "SMARTSKILL_INSTANCE": str(folder),
        "SMARTSKILL_DOTENV": "",
        "PORT": str(port),
        "SMARTSKILL_WEB_WORKERS": "1",
    }
    command = [sys.executable, "-m", "gunicorn", "-c", "python:smartskill.commands.web", "wsgi:app"]
    web = subprocess.Popen(command, cwd=ROOT, env=environment, stderr=subprocess.DEVNULL)
    yield port
    web.terminate()
    web.wait(20)


def send(port, raw):
    """The status, type and JSON of the answer to these bytes; waits for the server to be there."""
    for _ in range(300):
        try:
            connection = socket.create_connection(("127.0.0.1", port), 10)
            break
        except ConnectionRefusedError:
            time.sleep(0.1)
    with connection, connection.makefile("rb") as answer:
        connection.sendall(raw)
        head, _, body = answer.read().partition(b"\r\n\r\n")
    lines = head.decode().split("\r\n")
    headers = dict(line.lower().split(": ", 1) for line in lines[1:])
    return int(lines[0].split()[1]), headers["content-type"], json.loads(body)


@pytest.mark.parametrize(
    ("raw", "status"),
    [
        (b"GET /" + b"x" * 9_000 + b" HTTP/1.1\r\nHost: x\r\n\r\n", 414),
        (b"GET / HTTP/1.1\r\nHost: x\r\nX-Long: " + b"x" * 9_000 + b"\r\n\r\n", 431),
        (b"GET / HTTP/1.1\r\nHost: x\r\nX-Nul: a\0b\r\n\r\n", 400),
        (b"nonsense\r\n\r\n", 400),
    ],
)
def test_it_is_problem_json(port, raw, status):
    answered, kind, problem = send(port, raw)
    assert (answered, kind, problem["status"]) == (status, "application/problem+json", status)
    assert {"type", "title", "detail", "request_id"} <= set(problem)
