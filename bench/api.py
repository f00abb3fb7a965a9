"""Requests per second of the hot endpoints: 2,000 skills, 20,000 people, 200,000 levels, two web processes.

Loaded by `wrk` where it is installed (apt-get install wrk), else by threads of this process, which costs the server
some of the two cores and is said in the output. Every request carries a token that is checked in full.
"""

import http.client
import re
import shutil
import statistics
import subprocess
import tempfile
import threading
import time
from collections.abc import Callable
from datetime import timedelta
from itertools import count

from sqlalchemy import text

from bench.stack import free_port, print_table, stack

SEED = """
INSERT INTO users (email, full_name)
  SELECT 'bench' || n || '@example.com', 'Person ' || n FROM generate_series(1, 20000) n;
INSERT INTO skills (name, description)
  SELECT (ARRAY['Python','Logging','Planning','Welding','Nursing','Testing','Design','Law'])[1 + n % 8] || ' ' || n, 'What it is, in a line.'
  FROM generate_series(1, 2000) n;
INSERT INTO user_skills (user_id, skill_id, level, self_level, voices, last_confirmed_on)
  SELECT u, 1 + (u * 37 + k * 211) % 2000, 1 + (u + k) % 5, 1 + (u + k) % 5, jsonb_build_array(jsonb_build_array(0.4, current_date)), current_date
  FROM generate_series(1, 20000) u, generate_series(1, 10) k ON CONFLICT DO NOTHING;
ANALYZE;
"""
LUA = """
local n, threads = 0, 0
setup = function(thread)
  threads = threads + 1
  thread:set("id", threads)
end
request = function()
  n = n + 1
  return wrk.format("%(method)s", string.gsub("%(path)s", "{n}", tostring(1 + n %% %(modulo)d)), {["Authorization"] = "Bearer %(token)s", ["Content-Type"] = "application/json"}, %(body)s)
end
"""
WORDS = ["pyth", "log", "plan", "weld", "nurs", "test", "desi", "law"]
CASES = {
    "list": ("GET", "/api/skills/?page={n}&page_size=20", 100),
    "detail": ("GET", "/api/skills/{n}", 2000),
    "search": ("GET", "/api/skills/?q=%s", 8),
    "people": ("GET", "/api/skills/{n}/people?min_level=3", 2000),
}


def seed() -> str:
    """Fill the database and return an access token."""
    from smartskill import create_app
    from smartskill.database import now
    from smartskill.extensions import db
    from smartskill.kit.access import issue_access_token
    from smartskill.user.models import UserSession

    app = create_app({"ACCESS_TOKEN_SECONDS": 3600})
    with app.app_context():
        for statement in filter(str.strip, SEED.split(";")):
            db.session.execute(text(statement))
        session = UserSession(user_id=1, expires_at=now() + timedelta(hours=1))
        db.session.add(session)
        db.session.commit()
        token = issue_access_token(1, session.id)
        db.session.remove()
        db.engine.dispose()
    return token


def by_wrk(port: int, token: str, method: str, path: str, modulo: int, seconds: int) -> dict:
    """Measure one endpoint with wrk: 2 threads, 16 connections."""
    body = (
        "nil"
        if method == "GET"
        else '"{\\"name\\": \\"zz-bench " .. tostring(os.time()) .. "-" .. tostring(id) .. "-" .. tostring(n) .. "-" .. tostring(math.random(1e9)) .. "\\"}"'
    )
    with tempfile.NamedTemporaryFile("w", suffix=".lua") as script:
        script.write(LUA % {"method": method, "path": path, "modulo": modulo, "token": token, "body": body})
        script.flush()
        output = subprocess.run(["wrk", "-t2", "-c16", f"-d{seconds}s", "--latency", "-s", script.name, f"http://127.0.0.1:{port}"],
                                capture_output=True, text=True, check=True).stdout  # fmt: skip
    errors = re.search(r"Non-2xx or 3xx responses: (\d+)", output)
    latency = {share: _ms(value) for share, value in re.findall(r"(50|99)%\s+([\d.]+(?:us|ms|s))", output)}
    rate = float(re.search(r"Requests/sec:\s+([\d.]+)", output)[1])
    return {
        "per_second": round(rate),
        "p50_ms": latency["50"],
        "p99_ms": latency["99"],
        "errors": int(errors[1]) if errors else 0,
    }


def _ms(value: str) -> float:
    number, unit = re.fullmatch(r"([\d.]+)(us|ms|s)", value).groups()
    return round(float(number) * {"us": 0.001, "ms": 1, "s": 1000}[unit], 2)


def by_threads(port: int, token: str, method: str, path: str, modulo: int, seconds: int) -> dict:
    """Measure one endpoint with 8 threads of this process."""
    numbers, times, errors, end = count(), [], [], time.monotonic() + seconds

    def ask() -> None:
        connection = http.client.HTTPConnection("127.0.0.1", port)
        while time.monotonic() < end:
            number = next(numbers)
            body = f'{{"name": "zz-bench {time.time_ns()}-{number}"}}' if method == "POST" else None
            headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
            started = time.perf_counter()
            connection.request(method, path.replace("{n}", str(1 + number % modulo)), body, headers)
            response = connection.getresponse()
            response.read()
            times.append(time.perf_counter() - started)
            if response.status >= 300:
                errors.append(response.status)

    threads = [threading.Thread(target=ask) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    cuts = statistics.quantiles(times, n=100)
    return {
        "per_second": round(len(times) / seconds),
        "p50_ms": round(cuts[49] * 1000, 2),
        "p99_ms": round(cuts[98] * 1000, 2),
        "errors": len(errors),
    }


def run(arguments: list[str]) -> dict:
    """Measure each endpoint for some seconds (first argument, 5)."""
    seconds = int(arguments[0]) if arguments else 5
    measure: Callable[..., dict] = by_wrk if shutil.which("wrk") else by_threads
    rows = []
    with stack() as running:
        token, port = seed(), free_port()
        running.start_web(port)
        cases = [(name, method, path.replace("%s", WORDS[0]), modulo) for name, (method, path, modulo) in CASES.items()]
        for name, method, path, modulo in [*cases, ("create", "POST", "/api/skills/", 1)]:
            measure(port, token, method, path, modulo, 1)  # warm
            rows.append({"endpoint": name, **measure(port, token, method, path, modulo, seconds)})
    print_table(rows)
    return {
        "bench": "api",
        "loader": measure.__name__.removeprefix("by_"),
        "seconds": seconds,
        "endpoints": {row.pop("endpoint"): row for row in rows},
    }
