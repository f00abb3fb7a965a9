"""Every format over HTTP, from the first look to the written rows; and what is hostile, refused with the reason."""

import pytest

from smartskill.extensions import db
from smartskill.skills.models.levels import Rating
from tests.exchange.files import archive, levels_of, post, work, workbook
from tests.exchange.test_files_own import LINKEDIN, YAML
from tests.exchange.test_files_systems import LINES, ODOO, PIM
from tests.factories import make_skill, make_user, sign_in

BAND = [[None, "Engineering", None], ["E-Mail", "Python", "Welding"], ["al@example.com", 4, 2]]
BANDED_TEXT = "\n".join(";".join(str(cell or "") for cell in row) for row in BAND)
RATED = (
    "Employee Id,Employee First Name,Employee Last Name,Skill,Years of Experience,Comments\n0042,Al,Hart,Python,6,\n"
)
WHO = {"people": {"hr.employee_al": "al@example.com"}}
KNOWN = WHO | {"skills": {"hr_skill_com": None, "hr_skill_french": None, "hr_skill_sql": None}}
FORMATS = {
    "linkedin": (archive(LINKEDIN), {}, {}),  # its skills have no levels
    "yamlresume": (YAML.encode(), {}, {"Python": 4}),
    "jsonresume": (b'{"skills": [{"name": "Python", "level": "Expert"}]}', {}, {"Python": 5}),
    "odoo_skills": (ODOO.encode(), KNOWN, {"Python": 4}),
    "odoo_experience": (LINES.encode(), WHO, {}),
    "orangehrm_people": (PIM.encode(), {}, {}),
    "orangehrm": (RATED.encode(), {"people": {"0042": "al@example.com"}}, {"Python": 4}),
    "matrix": (workbook(BAND, merged=("B1:C1",)), {}, {"Python": 4, "Welding": 2}),
    "list": (b"email,skill,level\nal@example.com,Python,3\n", {}, {"Python": 3}),
}
FORMULA = "=cmd|' /C calc'!A0"


@pytest.fixture
def al(app):
    make_skill("Python"), make_skill("Welding")
    return make_user("hr", email="al@example.com", full_name="Al Hart")


@pytest.mark.parametrize(("format_", "given"), FORMATS.items(), ids=FORMATS)
def test_each_format_is_looked_at_first_and_written_when_that_is_said(client, al, format_, given):
    content, mapping, levels = given
    started = post(client, al, content, mapping=mapping)
    assert (started.status_code, started.json["state"]) == (202, "queued"), started.json
    place, headers = started.headers["Location"], sign_in(al)
    db.session.commit()  # a look rolls back what it made
    work(started.json["id"])
    seen = client.get(place, headers=headers).json
    assert (seen["state"], seen["format"], seen["progress"]) == ("previewed", format_, 1.0), seen
    assert seen["errors_total"] == 0, seen["errors"]
    assert levels_of(al) == {}
    assert client.post(f"{place}/run", json={}, headers=headers).status_code == 202
    work(started.json["id"])
    seen = client.get(place, headers=headers).json
    assert (seen["state"], seen["progress"]) == ("done", 1.0), seen
    assert levels_of(al) == levels


@pytest.mark.parametrize("content", [BANDED_TEXT.encode(), workbook(BAND, merged=("B1:C1",))], ids=["csv", "xlsx"])
def test_a_band_of_categories_is_seen_in_the_preview(client, al, content):
    started = post(client, al, content)
    work(started.json["id"])
    preview = client.get(started.headers["Location"], headers=sign_in(al)).json["preview"]
    assert preview["header_row"] == 2
    categories = {column["name"]: column["category"] for column in preview["columns"]}
    assert categories == {"E-Mail": None, "Python": "Engineering", "Welding": "Engineering"}


HOSTILE = {
    "a bomb": (archive({"Positions.csv": b"0" * 300_000_000}), "larger than"),
    "a name that leads out": (archive({"../Positions.csv": "Company Name\n"}), "lead out"),
    "very many columns": (b"E-Mail" + b",Python" * 20_000 + b"\nal@example.com,4\n", "columns"),
    "very many rows": (b"E-Mail,Python\n" + b"al@example.com,4\n" * 250_000, "rows"),
    "half a workbook": (workbook(BAND)[:2_000], "damaged"),
}


@pytest.mark.parametrize(("content", "why"), HOSTILE.values(), ids=HOSTILE)
def test_what_is_hostile_is_refused_with_the_reason_and_nothing_is_written(client, al, content, why):
    started = post(client, al, content, dry_run=False, skip_errors=True)
    if started.status_code == 202:
        work(started.json["id"])
        seen = client.get(started.headers["Location"], headers=sign_in(al)).json
        assert (seen["state"], why in seen["reason"]) == ("refused", True), seen["reason"]
    else:
        assert started.status_code in (400, 413), started.json
        assert why in str(started.json)
    assert db.session.query(Rating).count() == 0


def test_a_formula_is_never_run_and_comes_back_defused(client, al):
    started = post(client, al, f'E-Mail,Python\nal@example.com,"{FORMULA}"\n'.encode(), dry_run=False)
    work(started.json["id"])
    place, headers = started.headers["Location"], sign_in(al)
    assert client.get(place, headers=headers).json["state"] == "refused"
    rejected = client.get(f"{place}/rejects", headers=headers).text
    assert f"'{FORMULA}" in rejected
    assert f",{FORMULA}" not in rejected
