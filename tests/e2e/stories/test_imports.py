"""Files that people and HR have already: looked at first, told what they mean, written whole or not at all."""

import csv
import io

import pytest

from tests.exchange.files import archive, workbook


def hand_in(who, name: str, content: bytes, **fields: str) -> dict:
    started = who.upload("/imports/", name, content, **fields)
    return who.await_rest(f"/imports/{started['id']}")


@pytest.fixture
def crafts(new_skill, request):
    """Three skills of a story's own, by name."""
    return [f"{name} {request.node.name[-12:]}" for name in ("Tanning", "Weaving", "Dyeing")], new_skill


def test_a_workbook_with_a_band_of_categories_is_looked_at_corrected_and_written(hr, mia, colleague, crafts):
    names, new_skill = crafts
    tanning, weaving = (new_skill(name) for name in names[:2])
    rows = [
        [None, "Hides", "Cloth", None], ["E-Mail", names[0], names[1], "Weavng and all"], [mia.email, 4, "x", 2],
        [colleague.email, None, 7, None], ["nobody@example.com", 3, None, None],
    ]  # fmt: skip
    seen = hand_in(hr, "skills.xlsx", workbook(rows, merged=("C1:D1",)))
    assert (seen["state"], seen["format"], seen["progress"]) == ("previewed", "matrix", 1)
    columns = {one["name"]: one for one in seen["preview"]["columns"]}
    assert [columns[name]["category"] for name in names[:2]] == ["Hides", "Cloth"]
    assert columns[names[0]]["skill"]["id"] == tanning
    assert [one["value"] for one in seen["preview"]["unknown_people"]] == ["nobody@example.com"]
    assert [one["value"] for one in seen["preview"]["unknown_skills"]] == ["Weavng and all"]
    mia.refused(404, "GET", f"/users/me/skills/{tanning}")  # only looked at

    hr.put(f"/imports/{seen['id']}/mapping", {"skills": {"Weavng and all": None}, "scale": "1-5"})
    hr.await_rest(f"/imports/{seen['id']}")
    hr.post(f"/imports/{seen['id']}/run", {})
    refused = hr.await_rest(f"/imports/{seen['id']}")
    assert (refused["state"], refused["counts"]["rows_refused"]) == ("refused", 2)
    mia.refused(404, "GET", f"/users/me/skills/{tanning}")  # all or nothing

    hr.post(f"/imports/{seen['id']}/run", {"skip_errors": True})
    done = hr.await_rest(f"/imports/{seen['id']}")
    assert (done["state"], done["counts"]["added"], done["counts"]["rows_refused"]) == ("done", 2, 2)
    assert [mia.get(f"/users/me/skills/{skill}")["level"] for skill in (tanning, weaving)] == [4, 3]  # x is 3
    assert mia.get(f"/users/me/skills/{tanning}")["confidence"] == 0.3  # as an import counts
    rejects = hr.get(f"/imports/{seen['id']}/rejects")
    rows = list(csv.reader(io.StringIO(rejects.lstrip("\ufeff"))))
    assert any("nobody@example.com" in row for row in rows)
    assert any("7" in " ".join(row) and colleague.email in row for row in rows)


def test_levels_in_percent_and_a_second_time_change_nothing(hr, mia, crafts):
    names, new_skill = crafts
    skill = new_skill(names[0])
    text = f"E-Mail;Skill;Level\n{mia.email};{names[0]};70%\n".encode()
    done = hand_in(hr, "levels.csv", text, dry_run="false")
    assert (done["state"], done["format"], done["counts"]["added"]) == ("done", "list", 1)
    assert mia.get(f"/users/me/skills/{skill}")["level"] == 4  # 70 % of five fifths is in the fourth
    again = hand_in(hr, "levels.csv", text, dry_run="false")
    assert (again["counts"]["added"], again["counts"]["changed"], again["counts"]["unchanged"]) == (0, 0, 1)


def test_odoos_export_is_known_by_its_content(hr, mia, crafts):
    names, new_skill = crafts
    skill = new_skill(names[0])
    text = (
        "id,employee_id/id,skill_id/id,skill_level_id/id,skill_type_id/id\n"
        f"hr_employee_skill_1,hr.employee_mia,hr.{names[0]},hr_skill_level_advanced,hr.type\n"
    )
    mapping = f'{{"people": {{"hr.employee_mia": "{mia.email}"}}, "skills": {{"hr.{names[0]}": "{names[0]}"}}}}'
    seen = hand_in(hr, "hr.employee.skill.csv", text.encode(), mapping=mapping)
    assert seen["format"] == "odoo_skills"
    assert seen["errors_total"] == 0, seen["errors"]
    hr.post(f"/imports/{seen['id']}/run", {})
    assert hr.await_rest(f"/imports/{seen['id']}")["state"] == "done"
    assert mia.get(f"/users/me/skills/{skill}")["level"] == 4


def test_orangehrm_finds_people_by_their_names_and_reads_years(hr, mia, crafts):
    names, new_skill = crafts
    skill = new_skill(names[0])
    first, last = mia.name.split(" ")
    text = (
        f"Employee Id,First Name,Middle Name,Last Name,Skill,Years of Experience\n0042,{first},,{last},{names[0]},6\n"
    )
    seen = hand_in(hr, "skills.csv", text.encode())
    assert (seen["format"], seen["errors_total"]) == ("orangehrm", 0), seen["errors"]
    hr.post(f"/imports/{seen['id']}/run", {})
    assert hr.await_rest(f"/imports/{seen['id']}")["state"] == "done"
    assert mia.get(f"/users/me/skills/{skill}")["level"] == 4  # from five years on


def test_anybody_hands_in_their_own_linkedin_export_and_nobody_a_list_of_others(testers):
    me = testers[1]
    export = archive({
        "Positions.csv": "Company Name,Title,Description,Location,Started On,Finished On\n"
        "Northwind,Data engineer,Moved billing.,Vienna,Jan 2020,Dec 2021\n",
        "Certifications.csv": "Name,Url,Authority,Started On,Finished On,License Number\nCKA,,CNCF,May 2023,,A-1\n",
        "Skills.csv": "Name\nPython\n",
    })  # fmt: skip
    seen = hand_in(me, "Basic_LinkedInDataExport.zip", export)
    assert (seen["state"], seen["format"], seen["owner_id"]) == ("previewed", "linkedin", me.id)
    entries = {one["entry"]: one["action"] for one in seen["preview"]["entries"]}
    assert entries == {"work.0": "added", "certificates.0": "added", "skills.0": "kept"}  # a skill without a level
    work = seen["preview"]["entries"][0]
    assert (work["name"], work["place"]) == ("Data engineer, Northwind", "Positions.csv, row 2")
    me.post(f"/imports/{seen['id']}/run", {})
    assert me.await_rest(f"/imports/{seen['id']}")["state"] == "done"
    [job] = me.get("/experience/?user_id=me&organisation=Northwind")
    assert (job["title"], job["start"], job["end"]) == ("Data engineer", "2020-01", "2021-12")
    [held] = [one for one in me.get("/qualification/?user_id=me&page_size=100") if one["title"] == "CKA"]
    assert (held["credential_no"], held["review_state"]) == ("A-1", "draft")
    others = b"E-Mail;Skill;Level\na@b.example;Python;3\n"
    assert me.try_upload("/imports/", "levels.csv", others)[0] == 403
    me.delete(f"/imports/{seen['id']}")
    me.refused(404, "GET", f"/imports/{seen['id']}")
