"""gunicorn's settings, the same for `flask up` and the image: `gunicorn -c python:smartskill.commands.web wsgi:app`.

Threads rather than processes for the waiting on PostgreSQL, two processes for the computing. What gunicorn refuses by
itself, such as a request line that is too long, is answered as problem+json too.
"""

import json
import os
import socket

from gunicorn import util

bind = os.environ.get("SMARTSKILL_WEB_BIND", f"127.0.0.1:{os.environ.get('PORT', '5000')}")
worker_class = "gthread"
workers = int(os.environ.get("SMARTSKILL_WEB_WORKERS", "2"))
threads = int(os.environ.get("SMARTSKILL_WEB_THREADS", "4"))
preload_app = True  # making the application connects to nothing, so the processes share its memory
forwarded_allow_ips = os.environ.get("FORWARDED_ALLOW_IPS", "127.0.0.1")
timeout = 60  # seconds a worker may be silent before it is replaced
graceful_timeout = int(os.environ.get("SMARTSKILL_WEB_GRACE_SECONDS", "8"))
keepalive = 75  # longer than a load balancer's, so that it is never this end that hangs up first
max_requests = 20_000  # a worker is replaced now and then: what leaks is bounded
max_requests_jitter = 2_000
limit_request_line = 8190
limit_request_fields = 100
limit_request_field_size = 8190
worker_tmp_dir = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None  # noqa: S108 - the heartbeat file must not wait for a disk
control_socket_disable = True


def write_problem(sock: socket.socket, status: int, reason: str, detail: str) -> None:
    """Answer a request that never reached the application, in the form of every other error."""
    problem = {"type": "about:blank", "title": reason, "status": status, "detail": detail or reason, "request_id": None}
    body = json.dumps(problem).encode()
    head = f"HTTP/1.1 {status} {reason}\r\nConnection: close\r\nContent-Type: application/problem+json\r\n"
    util.write_nonblock(sock, f"{head}Content-Length: {len(body)}\r\n\r\n".encode("latin-1") + body)


util.write_error = write_problem  # gunicorn's own writes HTML, and has no setting for it
