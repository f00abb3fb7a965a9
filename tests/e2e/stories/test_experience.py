"""What somebody has done: years counted once, a CV that comes and goes as JSON Resume and is drawn as HTML and PDF."""

import pytest


@pytest.fixture
def gunner(testers):
    """Somebody for whom nothing about this was written yet; what they write goes again."""
    me = testers[2]
    before = {row["id"] for row in me.get("/experience/?user_id=me&page_size=100")}
    yield me
    for row in me.get("/experience/?user_id=me&page_size=100"):
        if row["id"] not in before:
            me.delete(f"/experience/{row['id']}")


def test_years_of_use_are_counted_once_where_jobs_overlap(gunner, new_skill, colleague):
    knots, sails = new_skill("Knotting"), new_skill("Sail making")
    for start, end, skills, shown in (
        ("2018-01", "2019-12", [knots], True), ("2019-07", "2020-06", [knots, sails], True),
        ("2022", "2022", [sails], False),
    ):  # fmt: skip
        gunner.post("/experience/", {
            "organisation": "Loft", "title": "Rigger", "start": start, "end": end, "skill_ids": skills,
            "show_in_cv": shown,
        })  # fmt: skip
    years = {row["skill_id"]: row["duration_months"] for row in gunner.get("/users/me/experience/years")}
    # knots: January 2018 to June 2020, 24 + 6 months, six of them once; sails: July 2019 to June 2020, and 2022
    assert (years[knots], years[sails]) == (30, 24)
    seen = {row["skill_id"]: row["years"] for row in colleague.get(f"/users/{gunner.id}/experience/years")}
    assert (seen[knots], seen[sails]) == (2.5, 1.0)  # of what the CV shows
    evidence = gunner.refused(404, "GET", f"/users/me/skills/{knots}/evidence")  # used, never rated: no level
    assert evidence["status"] == 404


def test_an_end_before_its_start_is_named(gunner):
    body = {"organisation": "Loft", "title": "Rigger", "start": "2020-05", "end": "2020-04"}
    assert {*gunner.refused(400, "POST", "/experience/", body)["errors"]} == {"end"}


def test_a_cv_comes_back_as_it_was_given(gunner, hr):
    document = {
        "basics": {"name": gunner.name, "label": "Gunner", "profiles": [{"network": "Mastodon", "username": "gun"}]},
        "work": [
            {"name": "Frigate", "position": "Gunner", "startDate": "2015-03", "endDate": "2017", "summary": "Aimed."}
        ],
        "volunteer": [{"organization": "Lifeboat", "position": "Crew", "startDate": "2016"}],
        "interests": [{"name": "Chess", "keywords": ["endgames"]}],
    }
    dry = gunner.put("/users/me/resume?dry_run=true", document)
    assert (dry["dry_run"], dry["added"] >= 2) == (True, True)
    assert "Frigate" not in str(gunner.get("/experience/?user_id=me&page_size=100"))
    gunner.put("/users/me/resume", document)
    back = gunner.get("/users/me/resume")
    [job] = [one for one in back["work"] if one["name"] == "Frigate"]
    assert (job["position"], job["startDate"], job["endDate"], job["summary"]) == (
        "Gunner",
        "2015-03",
        "2017",
        "Aimed.",
    )
    [crew] = [one for one in back["volunteer"] if one["organization"] == "Lifeboat"]
    assert "endDate" not in crew  # goes on
    assert back["interests"] == document["interests"]  # no home here, kept word for word
    assert back["basics"]["profiles"] == document["basics"]["profiles"]
    again = gunner.put("/users/me/resume", back)
    assert (again["added"], again["changed"]) == (0, 0)
    hr.refused(403, "PUT", f"/users/{gunner.id}/resume", document)


def test_the_cv_is_drawn_as_a_page_and_as_a_pdf_without_what_is_hidden(gunner, colleague):
    for title, shown in (("Bell ringer", True), ("Spy", False)):
        gunner.post("/experience/", {
            "organisation": "Cathedral & <Sons>", "title": title, "start": "2011", "show_in_cv": shown,
        })  # fmt: skip
    for who in (gunner, colleague):
        page = who.get(f"/users/{gunner.id}/resume.html?language=en")
        assert "Bell ringer" in page
        assert "Cathedral &amp; &lt;Sons&gt;" in page
        assert "Spy" not in page
    status, headers, pdf = gunner.ask("GET", "/users/me/resume.pdf?language=de")
    assert (status, headers["Content-Type"], pdf[:5]) == (200, "application/pdf", "%PDF-")
    assert len(pdf) > 5_000
