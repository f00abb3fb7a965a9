"""Files that users have, made small, and how they are handed in."""

import io
import json
import zipfile
from typing import Any

from smartskill.exchange.models import FileImport
from smartskill.exchange.services.files import imports
from smartskill.exchange.tasks import run_import
from smartskill.extensions import db
from smartskill.skills.models.levels import Rating
from smartskill.user.models import User
from tests.factories import sign_in

REAL = "../shared/data/resumes"
OPTIONS = {"format": "auto", "mapping": "{}", "dry_run": False, "skip_errors": False, "create_people": False}


def post(client, user: User, content: bytes, name: str = "file.csv", **form: Any):
    """Hand a file in over HTTP."""
    fields = {key: value if isinstance(value, str) else json.dumps(value) for key, value in form.items()}
    data = {"file": (io.BytesIO(content), name), **fields}
    return client.post("/api/imports/", data=data, headers=sign_in(user))


def work(import_id: int) -> FileImport:
    """Do the worker's job, and read what came of it."""
    run_import(import_id)
    db.session.expire_all()
    return db.session.get_one(FileImport, import_id)


def take_in(content: bytes | str, *, owner: User | None = None, name: str = "file.csv", **options: Any) -> FileImport:
    """Hand a file in as the command line does, and have it done."""
    content = content.encode() if isinstance(content, str) else content
    mapping = json.dumps(options.pop("mapping", {}))
    row = imports.start_import(name, content, OPTIONS | options | {"mapping": mapping}, by=None, owner=owner)
    db.session.commit()
    return work(row.id)


def faults_of(row: FileImport) -> list[tuple[str, str]]:
    """Place and message of each fault, in their order."""
    return [(fault.place, said["message"]) for fault in imports.describe(row)["errors"] for said in fault.messages]


def levels_of(user: User) -> dict[str, int]:
    """The imported levels of a person by skill name."""
    from smartskill.skills.models.catalogue import Skill
    from smartskill.skills.models.levels import UserSkill

    rows = db.session.query(Skill.name, UserSkill.level).join(UserSkill, UserSkill.skill_id == Skill.id)
    return dict(rows.filter(UserSkill.user_id == user.id).all())


def imported(user: User) -> list[Rating]:
    """The imported ratings of a person, the oldest first."""
    found = db.session.query(Rating).filter_by(user_id=user.id, source="import")
    return found.order_by(Rating.effective_on, Rating.id).all()


def workbook(
    rows: list[list[Any]], *, merged: tuple[str, ...] = (), title: str = "Skills", percent: bool = False
) -> bytes:
    """An XLSX file."""
    from openpyxl import Workbook

    book = Workbook()
    sheet = book.active
    sheet.title = title
    for row in rows:
        sheet.append(row)
    for span in merged:
        sheet.merge_cells(span)
    if percent:
        for row in sheet.iter_rows():
            for cell in row:
                if isinstance(cell.value, float):
                    cell.number_format = "0%"
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def archive(files: dict[str, str | bytes]) -> bytes:
    """A zip file."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as packed:
        for name, content in files.items():
            packed.writestr(name, content)
    return out.getvalue()
