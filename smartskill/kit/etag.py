"""ETag and If-Match from a row's version, checked under the row's lock.

Ours instead of flask-smorest's: that one lets two writers with the same ETag through, refuses the `W/` form that
compressing proxies make, and demands `If-Match`.
"""

from typing import Any

from flask import request

from smartskill.kit.errors import Stale


def etag_of(row: Any) -> str:
    """The entity tag's value, without quotes. What is shown of a row may be something else that names it as `row`."""
    row = getattr(row, "row", row)
    identity = "-".join(str(part) for part in row.__mapper__.primary_key_from_instance(row))
    return f"{identity}-{row.version}"


def check_if_match(row: Any) -> None:
    """Hold the write to the `If-Match` it sent; a write that sent none is accepted. Lock the row before (`FOR UPDATE`).

    Raises:
        Stale: the row is no longer the one that was read.
    """
    if request.headers.get("If-Match") is None:
        return
    tag = etag_of(row)
    given = request.if_match
    if not (given.star_tag or given.contains_weak(tag)):
        raise Stale()


def is_unchanged(row: Any) -> bool:
    """Whether the caller's `If-None-Match` says that it holds this version."""
    return "If-None-Match" in request.headers and request.if_none_match.contains_weak(etag_of(row))
