"""The load balancer's own configuration, in a real nginx with TLS, before two real web processes."""

import contextlib
import http.client
import json
import os
import shutil
import signal
import socket
import ssl
import subprocess
import sys
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from string import Template
from threading import Thread

import pytest

ROOT = Path(__file__).parent.parent.parent
NGINX = shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin")
pytestmark = pytest.mark.skipif(
    not (NGINX and shutil.which("openssl")), reason="needs nginx and openssl (apt-get install nginx-light openssl)"
)
MAIN = """
daemon off;
error_log stderr warn;
pid {folder}/nginx.pid;
events {{ worker_connections 256; }}
http {{
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    include {folder}/site.conf;
}}
"""


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Balancer:
    """nginx from the shipped template, in front of some ports."""

    def __init__(self, folder: Path, backends: list[int]) -> None:
        self.http, self.https, self.folder = free_port(), free_port(), folder
        servers = " ".join(f"server 127.0.0.1:{port} max_fails=1 fail_timeout=2s;" for port in backends)
        subprocess.run(
            [sys.executable, ROOT / "docker/make_secrets.py", folder / "secrets"], check=True, capture_output=True
        )
        values = {"UPSTREAM_SERVERS": servers, "TLS_FOLDER": str(folder / "secrets/proxy"), "HTTP_PORT": str(self.http),
                  "HTTPS_PORT": str(self.https), "RESOLVER": ""}  # fmt: skip
        site = Template((ROOT / "docker/nginx.conf.template").read_text()).safe_substitute(values)
        (folder / "site.conf").write_text(site.replace("/dev/stdout", str(folder / "access.log")))
        (folder / "nginx.conf").write_text(MAIN.format(folder=folder))
        self.process = subprocess.Popen(
            [NGINX, "-p", folder, "-c", folder / "nginx.conf"], stderr=(folder / "nginx.log").open("wb")
        )
        self.trust = ssl.create_default_context(cafile=folder / "secrets/proxy/tls.crt")
        wait_for_port(self.https)

    def ask(self, path: str, method: str = "GET", body: bytes | None = None, **headers: str) -> tuple[int, dict, bytes]:
        connection = http.client.HTTPSConnection("localhost", self.https, context=self.trust, timeout=20)
        with contextlib.closing(connection):
            connection.request(method, path, body, {name.replace("_", "-"): value for name, value in headers.items()})
            response = connection.getresponse()
            return response.status, dict(response.headers), response.read()

    def end(self) -> None:
        self.process.terminate()
        self.process.wait(10)


def wait_for_port(port: int, seconds: float = 30) -> None:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
            return
        time.sleep(0.05)
    raise AssertionError(f"nothing listens on {port}")


class Echo(BaseHTTPRequestHandler):
    """Answers with the headers that it was sent."""

    def do_GET(self) -> None:
        body = json.dumps(dict(self.headers)).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *args) -> None:
        """Say nothing."""


@pytest.fixture
def before_echo(tmp_path):
    server = ThreadingHTTPServer(("127.0.0.1", 0), Echo)
    Thread(target=server.serve_forever, daemon=True).start()
    balancer = Balancer(tmp_path, [server.server_port])
    yield balancer
    balancer.end()
    server.shutdown()
    server.server_close()


def test_what_a_client_says_about_itself_is_overwritten(before_echo):
    status, _, body = before_echo.ask(
        "/", X_Forwarded_For="6.6.6.6", X_Forwarded_Proto="http", X_Forwarded_Host="evil.example"
    )
    seen = json.loads(body)
    assert status == 200
    assert (seen["X-Forwarded-For"], seen["X-Forwarded-Proto"]) == ("127.0.0.1", "https")
    assert seen["X-Forwarded-Host"] == f"localhost:{before_echo.https}"


def test_plain_http_is_sent_to_tls(before_echo):
    connection = http.client.HTTPConnection("127.0.0.1", before_echo.http)
    with contextlib.closing(connection):
        connection.request("GET", "/api/skills/?q=a", headers={"Host": "localhost"})
        response = connection.getresponse()
        assert (response.status, response.headers["Location"]) == (
            308,
            f"https://localhost:{before_echo.https}/api/skills/?q=a",
        )


def test_old_tls_is_refused(before_echo):
    old = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    old.check_hostname, old.verify_mode = False, ssl.CERT_NONE
    with pytest.warns(DeprecationWarning, match="TLSv1_1"):
        old.maximum_version = ssl.TLSVersion.TLSv1_1
    with (
        pytest.raises((ssl.SSLError, ConnectionResetError)),
        socket.create_connection(("127.0.0.1", before_echo.https)) as plain,
    ):
        old.wrap_socket(plain, server_hostname="localhost")


def test_its_own_errors_are_problem_json(before_echo):
    status, headers, body = before_echo.ask("/", method="POST", body=b"x" * (11 * 1024 * 1024))
    assert (status, headers["Content-Type"], json.loads(body)["status"]) == (413, "application/problem+json", 413)


@pytest.fixture
def before_two(tmp_path):
    ports = [free_port(), free_port()]
    environment = {**os.environ, "SMARTSKILL_INSTANCE": str(tmp_path / "instance"), "PUBLIC_URL": "https://localhost",
                   "SMARTSKILL_TRUSTED_PROXIES": "1", "SMARTSKILL_WEB_WORKERS": "1"}  # fmt: skip
    for name in ("DATABASE_URL", "REDIS_URL", "CACHE_URL"):
        environment.pop(name, None)
    command = [sys.executable, "-m", "gunicorn", "--config", "python:smartskill.commands.web", "wsgi:app"]
    webs = [
        subprocess.Popen(
            command,
            cwd=ROOT,
            env={**environment, "SMARTSKILL_WEB_BIND": f"127.0.0.1:{port}"},
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        for port in ports
    ]
    for port in ports:
        wait_for_port(port)
    balancer = Balancer(tmp_path, ports)
    yield balancer, webs
    balancer.end()
    for web in webs:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(web.pid, signal.SIGTERM)
        web.wait(20)


def test_a_person_signs_in_through_it_and_reads_on_when_a_web_process_is_killed(before_two):
    balancer, webs = before_two
    person = {"email": "lb@example.com", "password": "plume-orbit-candle-29"}
    assert balancer.ask("/api/users/", "POST", json.dumps(person).encode(), Content_Type="application/json")[0] == 200
    status, headers, body = balancer.ask(
        "/api/users/login", "POST", json.dumps(person).encode(), Content_Type="application/json"
    )
    assert (status, headers["Strict-Transport-Security"]) == (200, "max-age=31536000; includeSubDomains")
    bearer = {"Authorization": f"Bearer {json.loads(body)['access_token']}"}
    os.killpg(webs[0].pid, signal.SIGKILL)
    webs[0].wait()
    assert [balancer.ask("/api/users/me", **bearer)[0] for _ in range(40)] == [200] * 40
    os.killpg(webs[1].pid, signal.SIGKILL)
    webs[1].wait()
    status, headers, body = balancer.ask("/api/users/me", **bearer)
    assert (status, headers["Content-Type"], headers["Retry-After"]) == (503, "application/problem+json", "5")
