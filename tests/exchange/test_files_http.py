"""From handing a file in to writing it, over HTTP: who may, what is shown, what comes back, what is forgotten."""

import csv
import io
from datetime import timedelta

import pytest

from smartskill.database import now
from smartskill.exchange.models import ExternalPerson, FileImport, ImportFault
from smartskill.exchange.services.files.keeping import place_of
from smartskill.exchange.tasks import forget_imports, sweep_imports
from smartskill.extensions import db
from smartskill.kit.jobs import queue
from tests.exchange.files import archive, levels_of, post, work
from tests.factories import make_skill, make_user, sign_in

TEXT = b"Name;Team;Pyton;Welding\nAda Bauer;=cmd|' /C calc'!A0;4;\nEve;Ops;2;eleven\n"


@pytest.fixture
def hr(app):
    make_skill("Python"), make_skill("Welding")
    make_user(email="ada@example.com", full_name="Ada Bauer")
    return make_user("hr")


def ada():
    from smartskill.user.services.accounts import find_user

    return find_user("ada@example.com")


def test_from_the_preview_to_the_written_rows(client, hr):
    started = post(client, hr, TEXT, "Skills 2025.csv")
    assert (started.status_code, started.json["state"], started.json["dry_run"]) == (202, "queued", True)
    place, headers = started.headers["Location"], sign_in(hr)
    db.session.commit()
    assert [list(job.args) for job in queue("long").jobs] == [[started.json["id"]]]
    work(started.json["id"])
    seen = client.get(place, headers=headers).json
    assert (seen["state"], seen["format"], seen["progress"]) == ("previewed", "matrix", 1.0)
    preview = seen["preview"]
    assert preview["separator"] == ";"
    assert preview["unmapped_columns"] == ["Team"]
    columns = {column["name"]: column for column in preview["columns"]}
    assert (columns["Name"]["meaning"], columns["Name"]["confidence"]) == ("name", 1.0)
    assert (columns["Pyton"]["meaning"], columns["Pyton"]["confidence"]) == ("skill", 0.5)
    assert columns["Welding"]["skill"]["name"] == "Welding"
    assert columns["Welding"]["samples"] == ["eleven"]
    assert preview["unknown_people"][0]["value"] == "Eve"
    assert preview["unknown_skills"][0]["candidates"][0]["name"] == "Python"
    assert seen["counts"]["added"] == 0
    assert seen["errors_total"] == 2
    mapped = client.put(f"{place}/mapping", json={"skills": {"Pyton": "Python"}}, headers=headers)
    assert (mapped.status_code, mapped.json["state"]) == (202, "queued")
    work(seen["id"])
    seen = client.get(place, headers=headers).json
    assert (seen["state"], seen["counts"]["added"], seen["errors_total"]) == ("previewed", 1, 1)
    ran = client.post(f"{place}/run", json={}, headers=headers)
    assert ran.status_code == 202
    work(seen["id"])
    seen = client.get(place, headers=headers).json
    assert (seen["state"], seen["reason"]) == ("refused", "Nothing was written: 1 rows are at fault.")
    assert levels_of(ada()) == {}
    client.post(f"{place}/run", json={"skip_errors": True}, headers=headers)
    work(seen["id"])
    seen = client.get(place, headers=headers).json
    assert (seen["state"], seen["counts"]["added"], seen["counts"]["rows_refused"]) == ("done", 1, 1)
    assert levels_of(ada()) == {"Python": 4}


def test_the_refused_rows_come_back_to_be_corrected_and_handed_in_again(client, hr):
    text = b"Name;Note;Python\nEve;=1+1;4\nBo;-5;3\nAda Bauer;@x;2\n"
    started = post(client, hr, text, dry_run=False, skip_errors=True)
    work(started.json["id"])
    answer = client.get(f"{started.headers['Location']}/rejects", headers=sign_in(hr))
    assert answer.mimetype == "text/csv"
    assert "attachment" in answer.headers["Content-Disposition"]
    raw = answer.data.decode("utf-8-sig")
    rows = list(csv.reader(io.StringIO(raw)))
    assert rows[0] == ["Name", "Note", "Python", "refused_because"]
    assert rows[1][:3] == ["Eve", "'=1+1", "4"]
    assert "Nobody here is “Eve”" in rows[1][3]
    assert rows[2][:3] == ["Bo", "-5", "3"]  # a number is none
    assert len(rows) == 3
    eve, bo = make_user(full_name="Eve"), make_user(full_name="Bo")
    again = post(client, hr, answer.data, "rejects.csv", dry_run=False)
    assert work(again.json["id"]).state == "done"
    assert (levels_of(eve), levels_of(bo)) == ({"Python": 4}, {"Python": 3})


def test_a_mapping_can_come_with_the_file(client, hr):
    started = post(client, hr, TEXT, mapping={"columns": {"Welding": "ignore"}, "skills": {"Pyton": None}})
    assert started.json["mapping"]["columns"] == {"Welding": "ignore"}
    seen = work(started.json["id"])
    assert seen.preview["unknown_skills"] == []
    assert seen.counts["refused"] == 0


@pytest.mark.parametrize(
    ("form", "field"),
    [
        ({"mapping": {"scale": "9-5"}}, "mapping.scale"),
        ({"mapping": "[1]"}, "mapping."),
        ({"mapping": "{"}, "mapping"),
        ({"mapping": {"colums": {}}}, "mapping.colums"),
        ({"format": "xls"}, "format"),
        ({"format": "linkedin"}, "file"),
        ({"dry_run": "maybe"}, "dry_run"),
        ({"more": "1"}, "more"),
    ],
)
def test_what_is_wrong_with_the_request_is_named(client, hr, form, field):
    answer = post(client, hr, TEXT, **form)
    assert answer.status_code == 400
    assert field in answer.json["errors"]
    assert db.session.query(FileImport).count() == 0


def test_people_files_are_hrs_and_ones_own_profile_is_ones_own(client, hr):
    employee = make_user()
    assert post(client, employee, TEXT).status_code == 403
    own = post(client, employee, archive({"Skills.csv": "Name\nPython\n"}), "Basic_LinkedInDataExport.zip")
    assert (own.status_code, own.json["owner_id"]) == (202, employee.id)
    place = own.headers["Location"]
    assert client.get(place, headers=sign_in(make_user())).status_code == 404
    assert client.get(place, headers=sign_in(hr)).status_code == 200
    assert client.post(f"{place}/run", json={}, headers=sign_in(hr)).status_code == 403
    listed = client.get("/api/imports/", headers=sign_in(make_user())).json
    assert listed == []


def test_one_that_is_under_way_is_not_changed(client, hr):
    place = post(client, hr, TEXT).headers["Location"]
    answer = client.put(f"{place}/mapping", json={}, headers=sign_in(hr))
    assert answer.status_code == 409


def test_forgetting_deletes_file_and_rows(client, hr):
    started = post(client, hr, TEXT)
    row = work(started.json["id"])
    kept = place_of(row)
    assert kept.is_file()
    assert kept.stat().st_mode & 0o077 == 0
    assert db.session.query(ImportFault).count() == 2
    assert client.delete(started.headers["Location"], headers=sign_in(hr)).status_code == 200
    assert not kept.exists()
    assert db.session.query(ImportFault).count() == 0
    assert client.get(started.headers["Location"], headers=sign_in(hr)).status_code == 404
    assert work_is_over(started.json["id"])


def work_is_over(import_id: int) -> bool:
    from smartskill.exchange.tasks import run_import

    return run_import(import_id) is None


def test_files_are_let_go_of_after_some_days(client, hr):
    row = work(post(client, hr, TEXT).json["id"])
    fresh = work(post(client, hr, TEXT).json["id"])
    row.created_at = now() - timedelta(days=8)
    db.session.commit()
    assert forget_imports() == 1
    assert not place_of(row).exists()
    assert place_of(fresh).exists()
    db.session.refresh(row)
    assert row.preview is None
    assert row.counts["rows_refused"] == 2
    assert db.session.query(ImportFault).filter_by(import_id=row.id).count() == 0
    answer = client.post(f"/api/imports/{row.id}/run", json={}, headers=sign_in(hr))
    assert answer.status_code == 409


def test_one_whose_job_was_lost_is_taken_up_again(client, hr):
    row = db.session.get_one(FileImport, post(client, hr, TEXT).json["id"])
    queue("long").empty()
    assert sweep_imports() == 0
    row.touched_at, row.state = now() - timedelta(minutes=6), "writing"
    db.session.commit()
    assert sweep_imports() == 1
    assert [list(job.args) for job in queue("long").jobs] == [[row.id]]
    assert work(row.id).state == "previewed"


def test_one_that_killed_its_worker_three_times_is_given_up(client, hr):
    row = db.session.get_one(FileImport, post(client, hr, TEXT).json["id"])
    row.tries, row.state = 3, "planning"
    db.session.commit()
    row = work(row.id)
    assert row.state == "failed"
    assert "worker ended" in row.reason


def test_a_file_that_is_damaged_on_the_machine_is_not_read(client, hr):
    row = db.session.get_one(FileImport, post(client, hr, TEXT).json["id"])
    place_of(row).write_bytes(b"Name;Python\nAda Bauer;1\n")
    assert "damaged" in work(row.id).reason
    place_of(row).unlink()
    row.state = "queued"
    db.session.commit()
    assert "no longer kept" in work(row.id).reason


def test_erasing_a_person_takes_their_imports_along(client, hr):
    employee = make_user()
    number = work(post(client, employee, b'{"work": []}', "cv.json").json["id"]).id
    db.session.add(ExternalPerson(system="odoo", external_id="1", user_id=employee.id))
    db.session.commit()
    db.session.delete(employee)
    db.session.commit()
    db.session.expire_all()
    assert db.session.get(FileImport, number) is None
    assert db.session.get(ExternalPerson, ("odoo", "1")) is None


def test_a_repeat_with_the_same_key_is_one_import(client, hr):
    from io import BytesIO

    headers = sign_in(hr) | {"Idempotency-Key": "once"}
    answers = [client.post("/api/imports/", data={"file": (BytesIO(TEXT), "a.csv")}, headers=headers) for _ in range(2)]
    assert answers[0].json["id"] == answers[1].json["id"]
    assert db.session.query(FileImport).count() == 1
