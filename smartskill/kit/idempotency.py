"""`Idempotency-Key`: a `POST` repeated with the same key is answered from memory instead of done again.

The key's row, the write and its answer are committed in one transaction, so a crash leaves all or nothing, and a
concurrent repeat waits on the key's unique constraint until the first is through.
"""

import hashlib
import hmac
from collections.abc import Callable
from datetime import timedelta

from flask import Response, current_app, g, request
from sqlalchemy import delete, select
from sqlalchemy.dialects.postgresql import insert

from smartskill.database import now
from smartskill.extensions import db
from smartskill.kit.errors import Conflict, Invalid
from smartskill.kit.models import IdempotencyKey
from smartskill.kit.transaction import commit_now

KEPT = ("Location", "ETag", "X-Pagination")
KEPT_FOR = timedelta(days=1)


class KeyReused(Conflict):
    """This Idempotency-Key was used with another request."""


def once(user_id: int, work: Callable[[], Response]) -> Response:
    """Run `work` unless this key was answered before; then answer the same again.

    Raises:
        Invalid: the key is empty, longer than 255 characters or not plain ASCII.
        KeyReused: the same key came with another body.
    """
    key = request.headers.get("Idempotency-Key")
    if key is None:
        return work()
    if not (0 < len(key) <= 255 and key.isascii() and key.isprintable()):
        raise Invalid.field("Idempotency-Key", "Give 1 to 255 printable ASCII characters.")
    place = {"user_id": user_id, "route": f"{request.method} {request.path.rstrip('/')}"[:200], "key": key}
    digest = _digest()
    if not _claim(place, digest):
        return _replay(place, digest)
    g.is_idempotent = True
    try:
        response = current_app.make_response(work())
    finally:
        g.is_idempotent = False
    if response.status_code < 400:
        _remember(place, response)
    else:
        db.session.delete(_row(place))  # a refusal that was answered, not raised, still has rows to keep
    commit_now()
    return response


def forget_old_keys() -> int:
    """Delete the answers kept for longer than a day; returns how many."""
    outdated = delete(IdempotencyKey).where(IdempotencyKey.created_at < now() - KEPT_FOR)
    return db.session.execute(outdated).rowcount  # type: ignore[attr-defined]


def _digest() -> str:
    # Keyed, because a registration's body holds a password.
    digest = hmac.new(str(current_app.config["SECRET_KEY"]).encode(), digestmod=hashlib.sha256)
    for part in (request.query_string, *_parts()):
        digest.update(b"%d:" % len(part) + part)
    return digest.hexdigest()


def _parts() -> list[bytes]:
    """What a repeat must have in common; of an upload the fields and files, since each sending invents its boundary."""
    body = request.get_data()
    if request.mimetype != "multipart/form-data":
        return [body]
    fields = [part.encode(errors="replace") for pair in sorted(request.form.items(multi=True)) for part in pair]
    for name, file in sorted(request.files.items(multi=True), key=lambda pair: pair[0]):
        fields += [name.encode(errors="replace"), file.read()]
        file.seek(0)
    return fields


def _claim(place: dict, digest: str) -> bool:
    claim = insert(IdempotencyKey).values(**place, digest=digest).on_conflict_do_nothing().returning(IdempotencyKey.id)
    return db.session.execute(claim).scalar() is not None


def _row(place: dict) -> IdempotencyKey:
    return db.session.execute(select(IdempotencyKey).filter_by(**place)).scalar_one()


def _replay(place: dict, digest: str) -> Response:
    kept = _row(place)
    if kept.digest != digest:
        raise KeyReused()
    response = current_app.response_class(kept.body, status=kept.status, mimetype="application/json")
    response.headers.extend(kept.headers or {})
    response.headers["Idempotency-Replayed"] = "true"
    return response


def _remember(place: dict, response: Response) -> None:
    kept = _row(place)
    kept.status, kept.body = response.status_code, response.get_data()
    kept.headers = {name: response.headers[name] for name in KEPT if name in response.headers}
    db.session.flush()
