"""One run of an import, from the kept file to the written rows, in the caller's transaction."""

from collections.abc import Callable
from typing import Any

from sqlalchemy import func, select

from smartskill.exchange.models import FileImport
from smartskill.exchange.services.files.imports import MOST_TRIES, OPEN, fail_import, finish_import
from smartskill.exchange.services.files.reading import plan_file
from smartskill.exchange.services.files.unreadable import FileUnreadable
from smartskill.extensions import db
from smartskill.kit.errors import Problem

LOCK = 7_301_017  # an arbitrary number, beside the import's own
PLANNING = 0.5  # the share of the way that planning is
Tell = Callable[[str, float], Any]  # state and progress


class ImportGone(Exception):
    """There is nothing to do: it was forgotten, is done, or another worker is at it."""


class TriedTooOften(Problem):
    """The worker ended each time before this file was read: it is too much for it, or damaged."""


def perform_import(import_id: int, tell: Tell, roll_back: Callable[[], Any]) -> str:
    """Plan, and write where that is wanted and possible; answers the state that it ends in.

    Raises:
        ImportGone; FileUnreadable and other problems, which `fail` keeps.
    """
    row = db.session.get(FileImport, import_id)
    if row is None or row.state not in OPEN or not _is_ours(import_id):
        raise ImportGone()
    if row.tries >= MOST_TRIES:
        raise TriedTooOften()
    tell("planning", 0.0)
    plan = plan_file(row, lambda share: tell("planning", share * PLANNING))
    state = "previewed" if row.is_dry_run else "done"
    if state == "done" and plan.faults and not row.skips_errors:
        state = "refused"
    if state == "done":
        tell("writing", PLANNING)
        plan.write(lambda share: tell("writing", PLANNING + share * (1 - PLANNING)))
    else:
        roll_back()  # accounts that were made only to see what follows
    if not finish_import(import_id, plan, state):
        raise ImportGone()
    return state


def fail(import_id: int, error: Exception) -> bool:
    """Keep why it came to nothing; answers whether that is for its sender to mend."""
    if isinstance(error, FileUnreadable | TriedTooOften):
        fail_import(import_id, "refused" if isinstance(error, FileUnreadable) else "failed", error.detail)
        return True
    if isinstance(error, Problem):
        fail_import(import_id, "refused", error.detail)
        return True
    fail_import(import_id, "failed", "Something went wrong here, and nothing was written; the log has more.")
    return False


def _is_ours(import_id: int) -> bool:
    """Whether no other worker is at it; until the transaction ends, or its worker dies."""
    return bool(db.session.scalar(select(func.pg_try_advisory_xact_lock(LOCK, import_id))))
