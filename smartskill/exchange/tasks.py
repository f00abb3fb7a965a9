"""Jobs of exchange."""

import logging
import time

from sqlalchemy import update
from sqlalchemy.orm import Session

from smartskill.database import now
from smartskill.exchange.models import FileImport
from smartskill.exchange.services.badges import filling
from smartskill.exchange.services.files import imports, running
from smartskill.exchange.services.files.keeping import sweep_strays
from smartskill.extensions import db
from smartskill.kit.transaction import commit, defer, roll_back

log = logging.getLogger(__name__)


def check_badge(badge_id: int) -> str | None:
    """Check a badge that was handed in; answers its state."""
    from openbadgeslib.util import download_file  # asks public addresses only, over https, within limits

    try:
        state = filling.check_badge(badge_id, download_file)
    except filling.IssuerUnreachable as error:
        roll_back()
        log.warning("badge %s waits: %s", badge_id, error)
        return "queued"
    commit()
    return state


def check_due_badges() -> int:
    """Check badges whose check was lost, and verified ones again weekly; answers how many."""
    due = filling.find_due_badges()
    for badge_id in due:
        check_badge(badge_id)
    return len(due)


def run_import(import_id: int) -> str | None:
    """Read a file that was handed in and, unless it is only to be looked at, write it; answers its state.

    All of the writing is one transaction: a worker that is killed leaves nothing, and the next begins again.
    """
    tell = _Teller(import_id)
    try:
        state = running.perform_import(import_id, tell, roll_back)
    except running.ImportGone:
        roll_back()
        return None
    except Exception as error:
        roll_back()
        is_known = running.fail(import_id, error)
        commit()
        if not is_known:
            raise
        return "refused"
    commit()
    return state


def sweep_imports() -> int:
    """Have imports done again whose job was lost or whose worker was killed; answers how many."""
    strays = imports.find_stray_imports()
    for import_id in strays:
        defer(imports.JOB, import_id, queue="long", job_id=f"import-{import_id}")
    commit()
    return len(strays)


def forget_imports() -> int:
    """Let go of files that were kept long enough, and of files without an import; answers how many imports."""
    forgotten = imports.forget_old_imports()
    commit()
    sweep_strays()
    return forgotten


class _Teller:
    """Writes how far an import is, beside the transaction that it runs in; at most twice a second."""

    def __init__(self, import_id: int) -> None:
        self.import_id, self.last, self.state = import_id, 0.0, ""

    def __call__(self, state: str, share: float) -> None:
        """Raises: ImportGone, where it was forgotten meanwhile."""
        if state == self.state and time.monotonic() - self.last < 0.5:
            return
        facts = {"state": state, "progress": min(max(share, 0.0), 1.0), "touched_at": now()}
        if state != self.state and state == "planning":
            facts["tries"] = FileImport.tries + 1
        self.last, self.state = time.monotonic(), state
        with Session(db.engine, join_transaction_mode="create_savepoint") as session:
            there = session.execute(update(FileImport).where(FileImport.id == self.import_id).values(**facts))
            session.commit()
        if not there.rowcount:  # type: ignore[attr-defined]
            raise running.ImportGone()
