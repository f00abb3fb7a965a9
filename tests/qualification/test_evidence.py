"""Evidence files: taken by their bytes, private, downloaded as plain bytes, gone with their row."""

import hashlib
import os
import time
from io import BytesIO
from pathlib import Path

import pytest

from smartskill.extensions import db
from smartskill.qualification.models import EvidenceFile
from smartskill.qualification.services.files import clean_name, place_of
from smartskill.qualification.tasks import sweep_evidence
from tests.factories import make_qualification, make_user, sign_in

PDF = b"%PDF-1.7\n1 0 obj\n<<>>\nendobj\n"
PNG = b"\x89PNG\r\n\x1a\n" + bytes(20)
JPEG = b"\xff\xd8\xff\xe0" + bytes(20)


def upload(client, row, who, content=PDF, name="certificate.pdf", **headers):
    data = {"file": (BytesIO(content), name)}
    return client.post(f"/api/qualification/{row.id}/evidence", data=data, headers=sign_in(who) | headers)


def stored(app) -> list[Path]:
    return [path for path in Path(app.instance_path, "evidence").glob("*/*") if path.is_file()]


@pytest.fixture(autouse=True)
def empty_folder(app):
    yield
    for path in stored(app):
        path.unlink()


@pytest.mark.parametrize(
    ("content", "name", "media_type", "kept_name"),
    [
        (PDF, "certificate.pdf", "application/pdf", "certificate.pdf"),
        (PNG, "scan.PNG", "image/png", "scan.PNG"),
        (JPEG, "scan.jpeg", "image/jpeg", "scan.jpeg"),
        (JPEG, "photo.png", "image/jpeg", "photo.png.jpg"),  # its bytes say what it is
        (PDF, "../../etc/passwd", "application/pdf", "passwd.pdf"),
    ],
)
def test_a_file_comes_back_as_it_went(client, content, name, media_type, kept_name):
    me = make_user()
    row = make_qualification(me)
    made = upload(client, row, me, content, name)
    assert made.status_code == 200
    facts = {"file_name": kept_name, "media_type": media_type, "size_bytes": len(content)}
    assert (facts | {"digest": hashlib.sha256(content).hexdigest()}).items() <= made.json.items()
    assert client.get(f"/api/qualification/{row.id}/evidence", headers=sign_in(me)).json == [made.json]
    got = client.get(made.headers["Location"], headers=sign_in(me))
    assert got.data == content
    assert got.headers["Content-Disposition"] == f"attachment; filename={kept_name}"
    assert got.headers["Content-Type"] == "application/octet-stream"
    assert got.headers["X-Content-Type-Options"] == "nosniff"


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ("C:\\Users\\me\\cert.pdf", "cert.pdf"),
        ("a\x00b\n.pdf", "ab.pdf"),
        ("Zeugnis für Ähre.pdf", "Zeugnis für Ähre.pdf"),
        ("‮fdp.exe", "fdp.exe.pdf"),  # without the character that turns the text around
        ('<img src="x">.pdf', "img src=x.pdf"),
        ("...", "evidence.pdf"),
        ("", "evidence.pdf"),
        ("x" * 300 + ".pdf", "x" * 116 + ".pdf"),
    ],
)
def test_names_are_made_harmless(given, expected):
    assert clean_name(given, "application/pdf", ".pdf") == expected


@pytest.mark.parametrize(
    "content", [b"", b"<html><script>alert(1)</script>", b"GIF89a....", b"PK\x03\x04", b" %PDF-1.7"]
)
def test_other_types_are_refused_whatever_they_are_called(app, client, content):
    me = make_user()
    answer = upload(client, make_qualification(me), me, content, "certificate.pdf")
    assert (answer.status_code, list(answer.json["errors"])) == (400, ["file"])
    assert stored(app) == []


def test_a_file_that_is_too_large_is_refused(app, client):
    me = make_user()
    answer = upload(client, make_qualification(me), me, PDF + bytes(app.config["MAX_UPLOAD_BYTES"]))
    assert answer.status_code == 413
    assert answer.mimetype == "application/problem+json"
    assert stored(app) == []


def test_no_file_is_refused(client):
    me = make_user()
    row = make_qualification(me)
    answer = client.post(f"/api/qualification/{row.id}/evidence", data={}, headers=sign_in(me))
    assert (answer.status_code, list(answer.json["errors"])) == (400, ["file"])


@pytest.mark.parametrize(
    ("parts", "field"),
    [
        ({"file": (BytesIO(PDF), "a.pdf"), "title": "x"}, "title"),
        ({"file": [(BytesIO(PDF), "a.pdf"), (BytesIO(PNG), "b.png")]}, "file"),
        ({"file": (BytesIO(PDF), "a.pdf"), "other": (BytesIO(PDF), "b.pdf")}, "other"),
        ({"file": "text"}, "file"),
    ],
)
def test_anything_but_one_file_is_refused(app, client, parts, field):
    me = make_user()
    row = make_qualification(me)
    answer = client.post(f"/api/qualification/{row.id}/evidence", data=parts, headers=sign_in(me))
    assert (answer.status_code, list(answer.json["errors"])) == (400, [field])
    assert stored(app) == []


def test_ten_files_are_enough(client):
    me = make_user()
    row = make_qualification(me)
    assert [upload(client, row, me).status_code for _ in range(11)] == [200] * 10 + [409]


def test_evidence_is_private(client):
    boss = make_user()
    me = make_user(manager_id=boss.id)
    row = make_qualification(me)
    file = upload(client, row, me)
    addresses = (file.headers["Location"], f"/api/qualification/{row.id}/evidence")
    for who, status in ((boss, 200), (make_user("hr"), 200), (make_user(), 404), (make_user("manager"), 404)):
        assert [client.get(address, headers=sign_in(who)).status_code for address in addresses] == [status] * 2
        refused = 403 if status == 200 else 404
        assert upload(client, row, who).status_code == refused
        assert client.delete(file.headers["Location"], headers=sign_in(who)).status_code == refused
    assert client.get(file.headers["Location"]).status_code == 401


def test_a_file_is_found_under_its_own_qualification_only(client):
    me = make_user()
    file = upload(client, make_qualification(me), me).json
    other = make_qualification(me)
    assert client.get(f"/api/qualification/{other.id}/evidence/{file['id']}", headers=sign_in(me)).status_code == 404


def test_a_deleted_file_is_gone_from_the_disk_and_reopens_the_review(app, client):
    me = make_user()
    row = make_qualification(me, review_state="draft")
    file = upload(client, row, me)
    kept = upload(client, row, me)  # the same bytes again
    row.review_state = "verified"
    gone = client.delete(file.headers["Location"], headers=sign_in(me))
    assert (gone.status_code, gone.json) == (200, file.json)
    assert client.get(f"/api/qualification/{row.id}", headers=sign_in(me)).json["review_state"] == "draft"
    assert len(stored(app)) == 1
    assert client.get(kept.headers["Location"], headers=sign_in(me)).data == PDF


def test_a_deleted_qualification_takes_its_files_along(app, client):
    me = make_user()
    row = make_qualification(me)
    upload(client, row, me)
    assert len(stored(app)) == 1
    client.delete(f"/api/qualification/{row.id}", headers=sign_in(me))
    assert stored(app) == []


def test_files_are_readable_by_us_alone(app, client):
    me = make_user()
    upload(client, make_qualification(me), me)
    assert [path.stat().st_mode & 0o777 for path in stored(app)] == [0o600]


def test_a_damaged_or_missing_file_is_not_handed_out(client):
    me = make_user()
    answer = upload(client, make_qualification(me), me)
    place = place_of(db.session.get(EvidenceFile, answer.json["id"]))
    place.write_bytes(b"other bytes")
    assert client.get(answer.headers["Location"], headers=sign_in(me)).status_code == 503
    place.unlink()
    assert client.get(answer.headers["Location"], headers=sign_in(me)).status_code == 503


def test_the_sweep_removes_old_strays_and_nothing_else(app, client):
    me = make_user()
    upload(client, make_qualification(me), me)
    [kept] = stored(app)
    old, young = kept.with_name("stray-old"), kept.with_name("stray-young")
    for path in (old, young):
        path.write_bytes(b"x")
    yesterday = time.time() - 100_000
    os.utime(old, (yesterday, yesterday))
    os.utime(kept, (yesterday, yesterday))
    assert sweep_evidence() == 1
    assert set(stored(app)) == {kept, young}


def test_an_upload_repeated_with_its_key_is_done_once(client):
    me = make_user()
    row = make_qualification(me)
    body = b'--b\r\nContent-Disposition: form-data; name="file"; filename="a.pdf"\r\n\r\n' + PDF + b"\r\n--b--\r\n"
    headers = sign_in(me) | {"Idempotency-Key": "k1", "Content-Type": "multipart/form-data; boundary=b"}
    first, second = (client.post(f"/api/qualification/{row.id}/evidence", data=body, headers=headers) for _ in range(2))
    assert first.status_code == 200
    assert first.json == second.json
    assert len(client.get(f"/api/qualification/{row.id}/evidence", headers=sign_in(me)).json) == 1
