"""Exports of other systems: Odoo's skills and resume lines, OrangeHRM's people and skills, plain lists."""

from datetime import date

import pytest

from smartskill.exchange.models import ExternalPerson
from smartskill.experience.models import Experience
from smartskill.extensions import db
from tests.exchange.files import faults_of, imported, levels_of, take_in
from tests.factories import make_skill, make_user

ODOO = (
    "id,employee_id:id,skill_id:id,skill_type_id:id,skill_level_id:id\r\n"
    "s1,hr.employee_al,hr_skill_python,hr_skill_type_dev,hr_skill_level_advanced\r\n"
    "s2,hr.employee_al,hr_skill_french,hr_skill_type_lang,hr_skill_level_c1\r\n"
    "s3,hr.employee_al,hr_skill_com,hr_skill_type_marketing,hr_skill_level_ml3\r\n"
    "s4,hr.employee_al,hr_skill_sql,hr_skill_type_dev,hr_skill_level_beginner\r\n"
)
WHO = {"people": {"hr.employee_al": "al@example.com"}}
LINES = (
    "id,employee_id:id,name,date_start,date_end,line_type_id:id,description\r\n"
    'r1,hr.employee_al,"Garcia, Smith and King",1998-09-05,,resume_type_experience,Medical illustrator\r\n'
    "r2,hr.employee_al,Jones Ltd,1998-02-05,1999-08-05,resume_type_experience,\r\n"
    "r3,hr.employee_al,Bathurst School,1997-05-06,1998-03-18,resume_type_education,\r\n"
)
PIM = (
    "first_name,middle_name,last_name,employee_id,other_id,driver's_license_no,license_expiry_date,gender,"
    "marital_status,nationality,date_of_birth,address_street_1,address_street_2,city,state/province,zip/postal_code,"
    "country,home_telephone,mobile,work_telephone,work_email,other_email\n"
    "Al,,Hart,0042,,,,,,,,,,,,,,,,,al@example.com,\n"
)


@pytest.fixture
def al(app):
    for name in ("Python", "French", "Communication", "SQL"):
        make_skill(name)
    return make_user(email="al@example.com", full_name="Al Hart")


def test_odoo_skills_are_read_by_external_ids_and_percentages(al):
    row = take_in(ODOO, mapping=WHO | {"skills": {"hr_skill_com": "Communication"}})
    assert (row.state, row.format) == ("done", "odoo_skills"), faults_of(row)
    assert levels_of(al) == {"Python": 4, "French": 5, "Communication": 4, "SQL": 1}


def test_who_an_external_id_is_needs_to_be_said_once(al):
    mapping = {"skills": {"hr_skill_com": None}}
    row = take_in(ODOO, mapping=mapping)
    assert row.state == "refused"
    assert row.preview["unknown_people"][0]["value"] == "hr.employee_al"
    take_in(ODOO, mapping=mapping | WHO)
    row = take_in(ODOO, mapping=mapping)
    assert row.state == "done"
    assert row.counts["unchanged"] == 3
    assert db.session.get_one(ExternalPerson, ("odoo", "hr.employee_al")).user_id == al.id


def test_odoo_resume_lines_become_experience_once(al):
    row = take_in(LINES, mapping=WHO)
    assert (row.state, row.format, row.counts["added"]) == ("done", "odoo_experience", 3), faults_of(row)
    jobs = db.session.query(Experience).filter_by(user_id=al.id).order_by(Experience.start_on.desc()).all()
    assert [(job.kind, job.organisation, job.title, str(job.end) if job.end else None) for job in jobs] == [
        ("employment", "Garcia, Smith and King", "Medical illustrator", None),
        ("employment", "Jones Ltd", "Employee", "1999-08-05"),
        ("education", "Bathurst School", "Studies", "1998-03-18"),
    ]
    again = take_in(LINES, mapping=WHO)
    assert (again.counts["added"], again.counts["changed"], again.counts["unchanged"]) == (0, 0, 3)
    ended = take_in(LINES.replace("1998-09-05,,", "1998-09-05,2004-01-01,"), mapping=WHO)
    assert (ended.counts["added"], ended.counts["changed"]) == (0, 1)


def test_a_line_that_cannot_be_read_says_why(al):
    bad = LINES + (
        "r4,hr.employee_al,Acme,2020-13-01,,resume_type_experience,\r\n"
        "r5,hr.employee_al,Acme,2020-03-01,2019-01-01,resume_type_experience,\r\n"
        "r6,hr.employee_al,Acme,,,resume_type_experience,\r\n"
        "r7,hr.employee_al,Acme,2020-01-01,,resume_type_social_media,\r\n"
    )
    row = take_in(bad, mapping=WHO)
    assert [why for _, why in faults_of(row)] == [
        "“2020-13-01”: there is no such day.",
        "2019-01-01 lies before the start, 2020-03-01.",
        "It has no startDate.",
        "Lines of the type “resume_type_social_media” are not read.",
    ]
    assert db.session.query(Experience).filter_by(user_id=al.id).count() == 0


def test_orangehrm_finds_people_by_the_ids_of_its_list_of_employees(al):
    skills = "Employee Id,Employee First Name,Employee Last Name,Skill,Years of Experience,Comments\n"
    skills += "0042,Albert,Hart,Python,6,\n,,,French,0,native aunt\n"
    assert take_in(skills).state == "refused"
    row = take_in(PIM)
    assert (row.state, row.format, row.counts["added"]) == ("done", "orangehrm_people", 1), faults_of(row)
    row = take_in(skills)
    assert (row.state, row.format) == ("done", "orangehrm"), faults_of(row)
    assert levels_of(al) == {"Python": 4, "French": 1}  # years: from 1, 3, 5, 10 on the next level


def test_a_list_has_a_row_for_each_level_and_its_day(al):
    text = "Person;Kompetenz;Niveau;Datum\nAl Hart;Python;Experte;31.12.2023\nal hart;French;2;Jan 2024\n"
    row = take_in(text.encode("cp1252"))
    assert (row.state, row.format, row.preview["encoding"]) == ("done", "list", "utf-8"), faults_of(row)
    assert [(said.effective_on, said.level) for said in imported(al)] == [
        (date(2023, 12, 31), 5),
        (date(2024, 1, 1), 2),
    ]
    assert take_in(text).counts["unchanged"] == 2


def test_a_day_that_could_be_two_is_refused_until_the_mapping_says_which(al):
    text = "email,skill,level,date\nal@example.com,Python,4,03/04/2024\n"
    [(_, why)] = faults_of(take_in(text))
    assert "day_first" in why
    take_in(text, mapping={"day_first": True})
    assert imported(al)[0].effective_on == date(2024, 4, 3)


def test_a_list_of_anybodys_experience_is_read(al):
    text = "email,company,position,from,to\nal@example.com,Acme,Smith,2019,present\nal@example.com,Acme,,05/2016,2018\n"
    row = take_in(text)
    assert (row.state, row.format, row.counts["added"]) == ("done", "experience", 2), faults_of(row)


def test_a_list_of_skills_fills_the_catalogue(al):
    from smartskill.skills.models.catalogue import Skill

    text = (
        "Skill name,Group,Synonyms\nKubernetes,Cloud > Containers,k8s|Kube\nPython,Languages,\n,Cloud,\nKubernetes,,\n"
    )
    row = take_in(text, format="skills", skip_errors=True)
    assert (row.state, row.format) == ("done", "skills")
    assert [why for _, why in faults_of(row)] == ["Has no name.", "Another entry has this name: row 2."]
    made = db.session.query(Skill).filter_by(name="Kubernetes").one()
    assert (made.category.name, sorted(made.aliases)) == ("Containers", ["Kube", "k8s"])
    again = take_in(text, format="skills", skip_errors=True)
    assert (again.counts["added"], again.counts["unchanged"]) == (0, 2)
