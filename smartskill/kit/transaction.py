"""The edge's commit: first the rows, then what was promised for when they are safe.

A promise (a job to enqueue, a cached answer to drop) lives in the session, so it vanishes with a request that fails.
No ORM commit hooks: they fire on savepoints and refuse a nested session.
"""

import logging
from collections.abc import Callable
from typing import Any, cast

from flask import g, has_request_context
from sqlalchemy import CursorResult, Executable

from smartskill.extensions import db
from smartskill.kit.broker import check_job, enqueue

log = logging.getLogger(__name__)
PROMISES = "promises"


def after_commit(promise: Callable[[], Any]) -> None:
    """Run this once the surrounding transaction is committed; never if it is not."""
    db.session.info.setdefault(PROMISES, []).append(promise)


def defer(job: str, *args: Any, queue: str = "default", job_id: str | None = None) -> None:
    """Enqueue a job by its dotted path (`smartskill.engagement.tasks.deliver`) after the commit.

    Its arguments are plain JSON.

    Raises:
        JobRefused: the path is not that of a task, or there is no such queue.
        TypeError: an argument is not plain JSON.
    """
    check_job(job, queue, args)
    after_commit(lambda: enqueue(job, *args, queue=queue, job_id=job_id))


def count_changed(statement: Executable) -> int:
    """Execute an `UPDATE` or `DELETE`; returns how many rows it changed."""
    return cast(CursorResult, db.session.execute(statement)).rowcount


def commit() -> None:
    """Commit, then keep the promises. Within an idempotent request the outer edge commits, together with its answer."""
    if has_request_context() and g.get("is_idempotent"):
        db.session.flush()
    else:
        commit_now()


def commit_now() -> None:
    """Commit whatever is pending and keep the promises, each of which must be harmless to lose."""
    promises = db.session.info.pop(PROMISES, [])
    db.session.commit()
    for promise in promises:
        try:
            promise()
        except Exception:  # the rows are safe: the request that wrote them has succeeded
            log.exception("a promise was not kept after the commit")


def roll_back() -> None:
    """Forget the rows and the promises."""
    db.session.info.pop(PROMISES, None)
    db.session.rollback()
