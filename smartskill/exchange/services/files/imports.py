"""Files that were handed in: taken, shown, told what they mean, run, forgotten.

A file about oneself is anybody's; one about many people, or about the catalogue, is HR's. It is seen by whoever handed
it in and by HR.
"""

import hashlib
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import marshmallow as ma
from sqlalchemy import Select, delete, func, or_, select, true

from smartskill.database import now
from smartskill.exchange.models import FileImport, ImportFault
from smartskill.exchange.schemas.files import MappingSchema
from smartskill.exchange.services.files.faults import keep_faults
from smartskill.exchange.services.files.keeping import clean_name, discard, write_file
from smartskill.exchange.services.files.plans import Plan
from smartskill.exchange.services.files.reading import DOCUMENTS, format_of
from smartskill.exchange.services.files.sniffing import MEDIA_TYPES
from smartskill.exchange.services.files.unreadable import FileUnreadable
from smartskill.extensions import db
from smartskill.kit.access import has_role
from smartskill.kit.errors import Conflict, Forbidden, Invalid, NotFound, TooLarge
from smartskill.kit.pagination import ordered
from smartskill.kit.parser import read_json
from smartskill.kit.settings import setting
from smartskill.kit.transaction import defer
from smartskill.user.models import User

OPEN = ("queued", "planning", "writing")
JOB = "smartskill.exchange.tasks.run_import"
SHOWN = 100  # faults in an answer
MOST_TRIES = 3
STALE_AFTER = timedelta(minutes=5)


class PeopleFilesAreForHr(Forbidden):
    """Files about people and about the catalogue are HR's to import; yours are LinkedIn exports and résumés."""


class NotYourImport(Forbidden):
    """Only whose profile it is about can have it written."""


class ImportUnderWay(Conflict):
    """The file is being read or written just now."""


class ImportForgotten(Conflict):
    """The file is no longer kept: hand it in again."""


class AccountsAreForAdmins(Forbidden):
    """No accounts are made here but by an admin."""


def start_import(
    name: str,
    content: bytes,
    options: Mapping[str, Any],
    *,
    by: User | None,
    owner: User | None,
    is_deferred: bool = True,
) -> FileImport:
    """Take a file in and have it read.

    Args:
        options: `format`, `mapping` (JSON), `dry_run`, `skip_errors`, `create_people`.
        by: who hands it in; None on the command line, which may do all that an admin may.
        owner: whose profile it is about, if it is about one person.
        is_deferred: leave the reading to a worker.
    Raises:
        FileUnreadable: nothing that is read here. TooLarge. Invalid: the mapping is none.
        PeopleFilesAreForHr, AccountsAreForAdmins.
    """
    _check_size(content)
    kind, format_ = format_of(content, options["format"])
    is_own = kind in DOCUMENTS
    _check_may_start(is_own, options, by)
    if is_own and owner is None:
        raise FileUnreadable.because("The file is about one person: say who it is.")
    row = FileImport(
        requested_by_id=by.id if by else None,
        owner_id=owner.id if is_own and owner else None,
        format=format_,
        **_wishes_of(options),
        **_facts_of(name, content, kind),
    )
    db.session.add(row)
    db.session.flush()
    write_file(row, content)
    if is_deferred:
        defer(JOB, row.id, queue="long", job_id=f"import-{row.id}")
    return row


def _check_size(content: bytes) -> None:
    most = setting("MAX_UPLOAD_BYTES")
    if len(content) > most:
        raise TooLarge(f"The file is larger than {most} bytes.")


def _check_may_start(is_own: bool, options: Mapping[str, Any], by: User | None) -> None:
    if not is_own and by is not None and not has_role(by, "hr"):
        raise PeopleFilesAreForHr()
    _check_accounts(options["create_people"], by)


def _wishes_of(options: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "asked_format": options["format"],
        "is_dry_run": options["dry_run"],
        "skips_errors": options["skip_errors"],
        "creates_people": options["create_people"],
        "mapping": read_mapping(options["mapping"]),
    }


def _facts_of(name: str, content: bytes, kind: str) -> dict[str, Any]:
    digest = hashlib.sha256(content).hexdigest()
    facts = {"media_type": MEDIA_TYPES[kind], "size_bytes": len(content), "digest": digest}
    return facts | {"file_name": clean_name(name)}


def read_mapping(text: str) -> dict[str, Any]:
    """A mapping from its JSON. Raises: Invalid, naming each field as `mapping.…`."""
    try:
        given = read_json(text.encode())
        loaded = MappingSchema().load(given if isinstance(given, dict) else {"": given})
    except ma.ValidationError as error:
        messages = {f"mapping.{name}": [str(said)] for name, said in error.normalized_messages().items()}
        raise Invalid(errors=messages) from error
    except Invalid as error:
        raise Invalid.field("mapping", "Not valid JSON.") from error
    return plain_mapping(loaded)


def plain_mapping(loaded: Mapping[str, Any]) -> dict[str, Any]:
    """A mapping as it is kept."""
    return {key: value.isoformat() if key == "date" else value for key, value in loaded.items()}


def _check_accounts(is_wanted: bool, by: User | None) -> None:
    if is_wanted and by is not None and setting("REGISTRATION") == "closed" and not has_role(by, "admin"):
        raise AccountsAreForAdmins()


def search_imports(query: Mapping[str, Any], me: User) -> Select:
    """The imports that a person may see, ordered."""
    mine = or_(FileImport.requested_by_id == me.id, FileImport.owner_id == me.id)
    found = select(FileImport).where(true() if has_role(me, "hr") else mine)
    if "state" in query:
        found = found.where(FileImport.state == query["state"])
    return ordered(found, query["sort"], {"created_at": FileImport.created_at}, FileImport.id)


def get_import(import_id: int, me: User, *, is_locked: bool = False) -> FileImport:
    """An import, its row locked if it is about to be written.

    Raises:
        NotFound: there is none, or none that this person may see.
    """
    row = db.session.get(FileImport, import_id, with_for_update=is_locked or None, populate_existing=is_locked)
    if row is None or not (has_role(me, "hr") or me.id in (row.requested_by_id, row.owner_id)):
        raise NotFound()
    return row


def describe(row: FileImport) -> dict[str, Any]:
    """An import with its first faults and their number."""
    faults = select(ImportFault).where(ImportFault.import_id == row.id)
    total = db.session.scalar(select(func.count()).select_from(faults.subquery())) or 0
    first = db.session.scalars(faults.order_by(ImportFault.number).limit(SHOWN)).all() if total else []
    facts = {column.key: getattr(row, column.key) for column in FileImport.__mapper__.columns}
    return facts | {"errors": first, "errors_total": total}


def change_mapping(row: FileImport, mapping: Mapping[str, Any], *, by: User) -> FileImport:
    """Say what the file means, and have it looked at anew; nothing is written by it.

    Raises:
        NotYourImport, ImportUnderWay, ImportForgotten.
    """
    _check_may_write(row, by)
    row.mapping, row.is_dry_run = plain_mapping(mapping), True
    return _queue(row)


def run_again(row: FileImport, options: Mapping[str, Any], *, by: User | None) -> FileImport:
    """Have a file written that was looked at. Again does no harm: what is there already is not added twice.

    Raises:
        NotYourImport, ImportUnderWay, ImportForgotten, AccountsAreForAdmins.
    """
    _check_may_write(row, by)
    row.is_dry_run = False
    row.skips_errors = options.get("skip_errors", row.skips_errors)
    row.creates_people = options.get("create_people", row.creates_people)
    _check_accounts(row.creates_people, by)
    return _queue(row)


def _check_may_write(row: FileImport, by: User | None) -> None:
    if by is not None and row.owner_id is not None and row.owner_id != by.id:
        raise NotYourImport()
    if by is not None and row.owner_id is None and not has_role(by, "hr"):
        raise PeopleFilesAreForHr()
    if row.forgotten_at is not None:
        raise ImportForgotten()
    if row.state in OPEN:
        raise ImportUnderWay()


def _queue(row: FileImport) -> FileImport:
    row.state, row.progress, row.tries, row.reason = "queued", 0.0, 0, None
    row.touched_at, row.finished_at = now(), None
    db.session.flush()
    defer(JOB, row.id, queue="long", job_id=f"import-{row.id}")
    return row


def finish_import(import_id: int, plan: Plan, state: str) -> bool:
    """Keep what came of it; False if it was forgotten meanwhile, and nothing of it is to stay."""
    row = db.session.get(FileImport, import_id, with_for_update=True, populate_existing=True)
    if row is None:
        return False
    row.format, row.state, row.progress = plan.format, state, 1.0
    row.preview = plan.preview | {"header": plan.header, "band": plan.band}
    row.counts, row.finished_at, row.touched_at = plan.tally(), now(), now()
    refused = len(plan.faults.by_row)
    row.reason = f"Nothing was written: {refused} rows are at fault." if state == "refused" else None
    keep_faults(row, plan.faults)
    db.session.flush()
    return True


def fail_import(import_id: int, state: str, reason: str) -> None:
    """Keep why nothing came of it."""
    row = db.session.get(FileImport, import_id, with_for_update=True, populate_existing=True)
    if row is not None:
        row.state, row.reason, row.finished_at, row.touched_at = state, reason[:2_000], now(), now()
        row.preview, row.counts = None, None
        db.session.execute(delete(ImportFault).where(ImportFault.import_id == import_id))
        db.session.flush()


def forget_import(row: FileImport) -> FileImport:
    """Delete an import, its file and its rows. One that is under way stops and leaves nothing behind."""
    discard(row)
    db.session.delete(row)
    db.session.flush()
    return row


def forget_old_imports(limit: int = 500) -> int:
    """Let go of files, and of what was said of their rows, after `IMPORT_FILE_DAYS`; answers of how many."""
    due = (
        select(FileImport)
        .where(
            FileImport.forgotten_at.is_(None),
            FileImport.created_at < now() - timedelta(days=setting("IMPORT_FILE_DAYS")),
            FileImport.state.not_in(OPEN),
        )
        .order_by(FileImport.created_at)
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    rows = db.session.scalars(due).all()
    for row in rows:
        discard(row)
        row.preview, row.mapping, row.forgotten_at = None, {}, now()
        db.session.execute(delete(ImportFault).where(ImportFault.import_id == row.id))
    db.session.flush()
    return len(rows)


def find_stray_imports() -> list[int]:
    """Imports whose job was lost or killed: under way, and silent for minutes."""
    silent = select(FileImport.id).where(FileImport.state.in_(OPEN), FileImport.touched_at < now() - STALE_AFTER)
    return list(db.session.scalars(silent.order_by(FileImport.touched_at).limit(100)))
