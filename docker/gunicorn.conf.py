"""Gunicorn for the image: few processes with threads, as requests mostly wait for PostgreSQL."""

import os

bind = os.environ.get("GUNICORN_BIND", "0.0.0.0:8000")
workers = int(os.environ.get("WEB_CONCURRENCY", "2"))
threads = int(os.environ.get("WEB_THREADS", "8"))
worker_class = "gthread"
timeout = 60
graceful_timeout = 30  # a stopped container finishes what it began
keepalive = 75  # longer than the load balancer's, so that it is never the one to hang up first
limit_request_line = 8190  # beyond it gunicorn answers an HTML 414 of its own
forwarded_allow_ips = os.environ.get("FORWARDED_ALLOW_IPS", "127.0.0.1")
worker_tmp_dir = "/dev/shm"
preload_app = True  # the application connects to nothing while it is made, so the processes share its memory
