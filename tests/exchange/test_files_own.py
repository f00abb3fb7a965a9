"""Files about oneself: LinkedIn's export, YAMLResume, JSON Resume; each told clearly what is wrong with it."""

from datetime import date

import pytest

from smartskill.exchange.models import ResumeRemainder
from smartskill.exchange.services.files.unreadable import FileUnreadable
from smartskill.experience.models import Experience
from smartskill.extensions import db
from smartskill.qualification.models import Qualification
from tests.exchange.files import archive, faults_of, levels_of, take_in
from tests.factories import make_skill, make_user

LINKEDIN = {
    "Profile.csv": "First Name,Last Name,Maiden Name,Address,Birth Date,Headline,Summary,Industry,Zip Code,"
    "Geo Location,Twitter Handles,Websites,Instant Messengers\nAda,Bauer,,,,Data engineer,Pipelines.,IT,1010,Vienna,,"
    "[PORTFOLIO:https://ada.example.com],\n",
    "Positions.csv": "Company Name,Title,Description,Location,Started On,Finished On\r\n"
    'Northwind,Data engineer,"Moved billing,\r\nthen slept.",Vienna,Jan 2020,\r\n'
    "Contoso,Analyst,,Graz,Mär 2017,Dec 2019\r\n",
    "Education.csv": "School Name,Start Date,End Date,Notes,Degree Name,Activities\n"
    "TU Wien,2012,2016,,BSc Physics,Choir\n",
    "Skills.csv": "Name\nPython\nSQL\n",
    "Certifications.csv": "Name,Url,Authority,Started On,Finished On,License Number\n"
    "CKA,https://x.example.com/1,CNCF,May 2023,May 2026,A-1\n",
    "Languages.csv": "Name,Proficiency\nGerman,Native or bilingual proficiency\n",
    "Projects.csv": "Title,Description,Url,Started On,Finished On\nNote G,First program,,1943,1944\n",
    "Volunteering.csv": "Company Name,Role,Cause,Started On,Finished On,Description\n"
    "Code Club,Mentor,EDU,Feb 2016,Jun 2019,\n",
    "Connections.csv": "Notes:\n\nFirst Name,Last Name\nSomebody,Else\n",
    "messages.csv": "FROM,TO\nme,you\n",
}
YAML = """
content:
  basics:
    name: Ada Bauer
    headline: Data engineer
  work:
    - name: Northwind
      position: Engineer
      startDate: Sep 1, 2016
      endDate:
      summary: Moved the billing over to Kafka.
  education:
    - institution: TU Wien
      degree: Bachelor
      area: Physics
      startDate: 2012
      endDate: Jul 2016
  skills:
    - name: Python
      level: Advanced
"""


@pytest.fixture
def ada(app):
    make_skill("Python")
    return make_user(email="ada@example.com", full_name="Ada Bauer")


def jobs_of(user):
    rows = db.session.query(Experience).filter_by(user_id=user.id).order_by(Experience.start_on)
    return [(row.kind, row.organisation, row.title, str(row.start), str(row.end) if row.end else None) for row in rows]


def test_a_linkedin_export_becomes_ones_profile_and_a_second_time_changes_nothing(ada):
    row = take_in(archive(LINKEDIN), owner=ada)
    assert (row.state, row.format, row.media_type) == ("done", "linkedin", "application/zip"), row.reason
    assert jobs_of(ada) == [
        ("project", "Independent", "Note G", "1943", "1944"),
        ("education", "TU Wien", "BSc Physics", "2012", "2016"),
        ("volunteering", "Code Club", "Mentor", "2016-02", "2019-06"),
        ("employment", "Contoso", "Analyst", "2017-03", "2019-12"),
        ("employment", "Northwind", "Data engineer", "2020-01", None),
    ]
    [held] = db.session.query(Qualification).filter_by(user_id=ada.id)
    assert (held.title, held.issuer, str(held.issued_on), held.expires_on) == (
        "CKA",
        "CNCF",
        "2023-05",
        date(2026, 5, 31),
    )
    assert held.credential_no == "A-1"
    kept = db.session.get_one(ResumeRemainder, ada.id).sections
    assert [entry["name"] for entry in kept["skills"]] == ["Python", "SQL"]  # without a level nothing is rated
    assert kept["languages"] == [{"language": "German", "fluency": "Native or bilingual proficiency"}]
    assert "Somebody" not in str(kept)
    again = take_in(archive(LINKEDIN), owner=ada)
    assert (again.counts["added"], again.counts["changed"]) == (0, 0)
    assert len(jobs_of(ada)) == 5


def test_what_is_wrong_in_a_linkedin_export_is_named_by_file_and_row(ada):
    files = LINKEDIN | {"Positions.csv": LINKEDIN["Positions.csv"] + "Acme,Chief,,,Smarch 2020,\n"}
    row = take_in(archive(files), owner=ada)
    assert row.state == "refused"
    assert jobs_of(ada) == []
    [(place, why)] = faults_of(row)
    assert place == "Positions.csv, row 5"
    assert "Smarch 2020" in why
    row = take_in(archive(files), owner=ada, skip_errors=True)
    assert row.state == "done"
    assert len(jobs_of(ada)) == 5
    assert row.counts["rows_refused"] == 1


def test_a_yaml_resume_becomes_ones_profile(ada):
    row = take_in(YAML, owner=ada, name="cv.yml")
    assert (row.state, row.format) == ("done", "yamlresume"), row.reason
    assert jobs_of(ada) == [
        ("education", "TU Wien", "Bachelor, Physics", "2012", "2016-07"),
        ("employment", "Northwind", "Engineer", "2016-09-01", None),
    ]
    assert levels_of(ada) == {"Python": 4}
    assert take_in(YAML, owner=ada).counts["added"] == 0


def test_a_yaml_resume_that_breaks_its_schema_is_told_where(ada):
    broken = YAML.replace("name: Ada Bauer", "name: A").replace("level: Advanced", "level: Wizard")
    row = take_in(broken, owner=ada)
    assert row.state == "refused"
    assert jobs_of(ada) == []
    assert sorted(faults_of(row)) == [
        ("content.basics", "2 to 128 characters are allowed; it has 1."),
        ("content.skills[0]", "“Wizard” is none of Novice, Beginner, Intermediate, Advanced, Expert, Master."),
    ]
    row = take_in(broken, owner=ada, skip_errors=True)
    assert row.state == "done"
    assert len(jobs_of(ada)) == 2
    assert levels_of(ada) == {}


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("content:\n  basics:\n    name: John\n      headline: X\n", "Line 4, column 15"),
        ("content:\n  a: &a [x]\n  b: *a\n", "anchors"),
        ("content: !!python/object/apply:os.system ['true']\n", "could not determine a constructor"),
        ("content:\n  basics: {name: Ada, name: Bo}\n", "a key is there twice"),
        ("content:\n  - 1\n", "no `content`"),
        ("content: " + "[" * 200 + "]" * 200 + "\n", "nested more than"),
    ],
)
def test_what_is_no_yaml_resume_is_told_why(ada, text, why):
    row = take_in(text, owner=ada)
    assert row.state == "refused"
    assert why in row.reason
    assert row.preview is None


def test_a_json_resume_is_imported_too(ada):
    row = take_in('{"work": [{"company": "Acme", "position": "Dev", "startDate": "2019", "endDate": ""}]}', owner=ada)
    assert (row.state, row.format) == ("done", "jsonresume")
    assert jobs_of(ada) == [("employment", "Acme", "Dev", "2019", None)]


def test_a_json_resume_that_is_none_is_told_why(ada):
    assert "not valid JSON" in take_in('{"work": [', owner=ada).reason
    row = take_in('{"work": [{"name": "Acme", "position": "Dev", "startDate": "20190"}]}', owner=ada)
    assert row.state == "refused"
    assert faults_of(row)[0][0] == "work.0"


def test_a_file_about_oneself_needs_to_know_whose_it_is(app):
    with pytest.raises(FileUnreadable):
        take_in(YAML)
