"""Published files of other systems, if they lie beside the project: all of them, whole."""

from pathlib import Path

import pytest

from smartskill.experience.models import Experience
from smartskill.extensions import db
from smartskill.skills.models.levels import Rating
from tests.architecture.sources import ROOT
from tests.exchange.files import faults_of, levels_of, take_in
from tests.factories import make_skill, make_user

FOLDER = ROOT.parent / "shared" / "data" / "resumes"
pytestmark = pytest.mark.skipif(not FOLDER.is_dir(), reason="the files are not here")
NAMES = {  # what Odoo's demo calls its skills; the file itself only has their external ids
    "analytics": "Analytics", "android": "Android", "arabic": "Arabic", "bengali": "Bengali", "c": "C/C++",
    "cms": "CMS", "com": "Communication", "digital_ad": "Digital advertising", "django": "Django",
    "email": "Email Marketing", "english": "English", "filipino": "Filipino", "french": "French",
    "german": "German", "hadoop": "Hadoop", "js": "Javascript", "nosql": "NoSQL", "public": "Public Speaking",
    "python": "Python", "react": "React", "spanish": "Spanish", "spark": "Spark", "sql": "RDMS",
}  # fmt: skip


def read(name: str) -> bytes:
    return (FOLDER / name).read_bytes()


def staff(content: bytes) -> dict[str, str]:
    """An account for each employee of the file, by external id."""
    ids = sorted({line.split(",")[1] for line in content.decode().splitlines()[1:]})
    return {name: make_user(email=f"{name.rpartition('_')[2]}@example.com").email for name in ids}


def test_odoos_demo_skills_are_all_taken_in(app):
    content = read("odoo-hr-skills-demo/hr.employee.skill.csv")
    people = staff(content)
    assert len(people) == 18
    for name in NAMES.values():
        make_skill(name)
    row = take_in(content, dry_run=True)
    assert (row.format, row.preview["rows"], row.counts["rows_refused"]) == ("odoo_skills", 87, 87)
    mapping = {"people": people, "skills": {f"hr_skill_{key}": name for key, name in NAMES.items()}}
    row = take_in(content, mapping=mapping)
    assert (row.state, row.counts["added"], row.counts["refused"]) == ("done", 87, 0), faults_of(row)
    levels = db.session.query(Rating.level).filter_by(source="import").all()
    # 15 % × 4, 25 % × 5 + 18, 50 % × 4 + 6, 75 % × 9, 80 % × 7, 100 % × 10 + 8; A1 3, A2 2, B1 2, B2 2, C1 6, C2 1
    expected = {1: 4 + 3, 2: 23 + 2, 3: 10 + 2, 4: 16 + 2, 5: 18 + 7}
    assert {level: [found for (found,) in levels].count(level) for level in range(1, 6)} == expected
    again = take_in(content, mapping=mapping)
    assert (again.counts["added"], again.counts["changed"], again.counts["unchanged"]) == (0, 0, 87)


def test_odoos_demo_resumes_are_all_taken_in(app):
    content = read("odoo-hr-skills-demo/hr.resume.line.csv")
    people = staff(content)
    assert len(people) == 20
    row = take_in(content, mapping={"people": people})
    assert (row.format, row.counts["added"], row.counts["refused"]) == ("odoo_experience", 95, 0), faults_of(row)
    jobs = db.session.query(Experience).filter_by(kind="employment")
    assert jobs.count() == 51
    assert jobs.filter(Experience.end_on.is_(None)).count() == 17
    assert jobs.filter_by(organisation="Garcia, Smith and King").count() >= 1
    again = take_in(content, mapping={"people": people})
    assert (again.counts["added"], again.counts["changed"], again.counts["unchanged"]) == (0, 0, 95)


def test_the_good_yaml_resume_is_taken_in_whole(app):
    make_skill("DevOps")
    andy = make_user()
    row = take_in(read("yamlresume/andy-dufresne.yml"), owner=andy)
    assert (row.state, row.format) == ("done", "yamlresume"), faults_of(row)
    jobs = db.session.query(Experience).filter_by(user_id=andy.id).order_by(Experience.start_on, Experience.kind).all()
    assert [(job.kind, job.organisation, str(job.start), str(job.end) if job.end else None) for job in jobs] == [
        ("volunteering", "USC Computer Science and Engineering Society", "2015-09", "2023-07"),
        ("education", "University of Southern California", "2016-09-01", "2020-07-01"),
        ("project", "Independent", "2016-09", "2016-12"),
        ("employment", "PPResume", "2020-09-01", "2022-12-01"),
        ("employment", "PPResume", "2022-12-01", None),
    ]
    assert levels_of(andy) == {"DevOps": 3}
    again = take_in(read("yamlresume/andy-dufresne.yml"), owner=andy)
    assert (again.counts["added"], again.counts["changed"]) == (0, 0)


def test_the_other_yaml_resumes_are_each_told_apart(app):
    user = make_user()
    good = take_in(read("yamlresume/markdown-resume.yml"), owner=user)
    assert (good.state, good.counts["added"]) == ("done", 2), faults_of(good)
    schema = take_in(read("yamlresume/invalid-schema.yml"), owner=user)
    assert (schema.state, faults_of(schema)) == (
        "refused",
        [("content.basics", "2 to 128 characters are allowed; it has 1.")],
    )
    broken = take_in(read("yamlresume/invalid-yaml.yml"), owner=user)
    assert broken.state == "refused"
    assert broken.reason == "Line 27, column 7: this is no YAML: the line is indented too far or too little."


@pytest.mark.parametrize("folder", ["fresh-jrs", "jsonresume"])
def test_json_resumes_of_any_age_are_taken_in(app, folder):
    done = {}
    for path in sorted((FOLDER / folder).glob("*.json")):
        if "schema" in path.name or "job" in path.name:
            continue
        row = take_in(path.read_bytes(), owner=make_user(), name=Path(path).name)
        done[path.name] = row.state
        assert row.state == "done", (path.name, faults_of(row))
    assert len(done) == 5


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("job-postings-skills-100", "a list of 100 job postings"),
        ("sample.job", "a job posting"),
        ("schema", "a JSON Schema"),
        ("job-schema", "a JSON Schema"),
    ],
)
def test_what_is_no_resume_is_named_for_what_it_is(app, name, kind):
    row = take_in(read(f"jsonresume/{name}.json"), owner=make_user())
    assert (row.state, row.reason) == ("refused", f"This is no résumé but {kind}.")
