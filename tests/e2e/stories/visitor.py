"""Somebody of the demo company, signed in, who asks as a person would and is told what went wrong."""

import json
from typing import Any
from urllib.parse import quote
from uuid import uuid4

from tests.e2e.product import Product, path_of, wait_until

OVER = {"done", "failed", "cancelled", "refused", "previewed"}  # states in which a job rests


class Visitor:
    """One person's requests below `/api`; each succeeds unless it is said to be refused."""

    def __init__(self, product: Product, email: str, password: str) -> None:
        self.product = product
        status, _, answer = product.ask("POST", "/api/users/login", {"email": email, "password": password})
        assert status == 200, answer
        self.token, self.id, self.name = answer["access_token"], answer["user"]["id"], answer["user"]["full_name"]
        self.email, self.team_id = email, answer["user"]["team_id"]

    def ask(self, method: str, path: str, body: Any = None, **headers: str) -> tuple[int, dict, Any]:
        """Any request, whatever comes of it."""
        return self.product.ask(method, f"/api{path}", body, self.token, **headers)

    def get(self, path: str, **headers: str) -> Any:
        return self._succeed("GET", path, None, **headers)

    def post(self, path: str, body: Any = None, **headers: str) -> Any:
        return self._succeed("POST", path, {} if body is None else body, **headers)

    def put(self, path: str, body: Any) -> Any:
        return self._succeed("PUT", path, body)

    def patch(self, path: str, body: Any) -> Any:
        return self._succeed("PATCH", path, body)

    def delete(self, path: str) -> Any:
        return self._succeed("DELETE", path, None)

    def refused(self, status: int, method: str, path: str, body: Any = None) -> dict:
        """The problem that a refused request is answered with."""
        found, headers, problem = self.ask(method, path, body)
        assert (found, headers["Content-Type"]) == (status, "application/problem+json"), problem
        return problem

    def upload(self, path: str, name: str, content: bytes, **fields: str) -> dict:
        """Hand in a file as a form does."""
        status, answer = self.try_upload(path, name, content, **fields)
        assert status in (200, 202), answer
        return answer

    def try_upload(self, path: str, name: str, content: bytes, **fields: str) -> tuple[int, dict]:
        """Hand in a file that may be refused."""
        boundary = uuid4().hex
        parts = [f'Content-Disposition: form-data; name="{key}"\r\n\r\n{text}'.encode() for key, text in fields.items()]
        parts.append(f'Content-Disposition: form-data; name="file"; filename="{name}"\r\n\r\n'.encode() + content)
        body = b"".join(b"--%s\r\n%s\r\n" % (boundary.encode(), part) for part in parts)
        body += b"--%s--\r\n" % boundary.encode()
        status, _, answer = self.ask("POST", path, body, Content_Type=f"multipart/form-data; boundary={boundary}")
        return status, answer

    def begin(self, path: str, body: Any) -> dict:
        """Start a job, wait until a worker has done it, and return it."""
        status, headers, begun = self.ask("POST", path, body)
        assert status == 202, begun
        return self.await_rest(path_of(headers["Location"]).removeprefix("/api"))

    def await_rest(self, path: str, seconds: float = 60) -> dict:
        """Ask after a job until it rests."""
        last: dict = {}

        def rests() -> bool:
            last.update(self.get(path))
            return last["state"] in OVER

        wait_until(rests, seconds, lambda: json.dumps(last))
        return last

    def find_skill(self, name: str) -> int:
        """The id of a skill of the catalogue."""
        return next(skill["id"] for skill in self.get(f"/skills/?q={quote(name)}") if skill["name"] == name)

    def _succeed(self, method: str, path: str, body: Any, **headers: str) -> Any:
        status, _, answer = self.ask(method, path, body, **headers)
        assert status in (200, 202), f"{method} {path}: {status} {answer}"
        return answer
