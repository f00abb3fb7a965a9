"""Published résumés of all ages, as they are: each comes in whole, comes out again, and twice changes nothing."""

import json
from pathlib import Path

import pytest

from smartskill.exchange.services.resume.reading import HOMES
from smartskill.exchange.services.resume.standard import is_blank, renamed, schema_errors
from tests.factories import make_skill, make_user, sign_in

DATA = Path(__file__).parents[3] / "shared" / "data" / "resumes"
NOT_RESUMES = ("job", "schema")
FILES = sorted(
    path
    for folder in ("jsonresume", "fresh-jrs")
    for path in (DATA / folder).glob("*.json")
    if not any(word in path.name for word in NOT_RESUMES)
)
CASES = [
    (path.stem, name, document)
    for path in sorted((DATA / "jsonresume-conformance").glob("*.json"))
    for name, document in json.loads(path.read_text()).items()
    if isinstance(document, dict)
]
HOUSED = (*HOMES, "certificates")
needs_data = pytest.mark.skipif(not DATA.is_dir(), reason="the published résumés are not beside this checkout")


def put(client, user, document, query=""):
    return client.put(f"/api/users/me/resume?{query}", json=document, headers=sign_in(user))


def get(client, user):
    return client.get("/api/users/me/resume", headers=sign_in(user)).json


@needs_data
def test_the_ten_files_are_there():
    assert len(FILES) == 10


@needs_data
@pytest.mark.parametrize("path", FILES, ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_a_published_resume_comes_in_and_out(client, path):
    document = json.loads(path.read_text())
    me = make_user()
    for name in ("JavaScript", "React", "Web Development"):
        make_skill(name)
    first = put(client, me, document)
    assert first.status_code == 200, first.json
    exported = get(client, me)
    assert schema_errors(exported) == {}
    for section in document:
        if section in HOUSED:
            wanted = [said(renamed(section, entry)) for entry in document[section] if not is_blank(entry)]
            assert in_order(exported.get(section, [])) == in_order(wanted), section
        elif section != "basics" and not is_blank(document[section]):
            assert exported[section] == document[section], section
    for key, value in renamed("basics", document.get("basics", {})).items():
        assert is_blank(value) or exported["basics"][key] == value, key
    again = put(client, me, document)
    assert {again.json[lot] for lot in ("added", "changed", "removed")} == {0}
    assert get(client, me) == exported


@needs_data
@pytest.mark.parametrize("path", FILES, ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_strict_takes_what_the_schema_takes_and_names_what_it_refuses(client, path):
    document = json.loads(path.read_text())
    me = make_user()
    answer = put(client, me, document, "strict=true")
    wrong = {
        "alex-chen": {"work.0.endDate", "projects.0.endDate", "volunteer.0.endDate"},
        "empty": {
            *("basics.email", "work.0.startDate", "work.0.endDate", "volunteer.0.startDate", "volunteer.0.endDate"),
            *("education.0.startDate", "education.0.endDate", "awards.0.date", "publications.0.releaseDate"),
        },
    }.get(path.stem)
    assert answer.status_code == (400 if wrong else 200), answer.json
    assert set(answer.json.get("errors", {})) == (wrong or set())
    if wrong:
        assert set(get(client, me)) == {"$schema", "basics", "meta"}  # nothing half-written


@needs_data
@pytest.mark.parametrize(("file", "name", "document"), CASES, ids=lambda value: value if isinstance(value, str) else "")
def test_strict_agrees_with_the_standards_own_cases(client, file, name, document):
    me = make_user()
    answer = put(client, me, document, "strict=true")
    is_valid = "nvalid" not in name
    assert answer.status_code == (200 if is_valid else 400), answer.json
    if is_valid:
        assert put(client, me, document, "strict=true").json["added"] == 0
    else:
        [path] = answer.json["errors"]
        assert path.split(".")[0] == next(iter(document))


@needs_data
@pytest.mark.parametrize(
    "document",
    [json.loads(path.read_text()) for path in FILES] + [one for _, name, one in CASES if "nvalid" not in name],
    ids=[path.stem for path in FILES] + [f"{file}: {name}" for file, name, _ in CASES if "nvalid" not in name],
)
def test_what_is_exported_makes_an_empty_profile_the_same(client, document):
    mine, other = make_user(), make_user()
    for name in ("JavaScript", "React", "Web Development"):
        make_skill(name)
    put(client, mine, document)
    exported = get(client, mine)
    assert put(client, other, exported).status_code == 200
    assert told(get(client, other)) == told(exported)


def told(document):
    """A résumé without what is blank in its basics, and without when it was written."""
    basics = {key: value for key, value in document["basics"].items() if not is_blank(value)}
    return {**document, "basics": basics, "meta": {**document["meta"], "lastModified": None}}


def said(entry):
    return {key: value for key, value in entry.items() if not is_blank(value)}


def in_order(entries):
    return sorted(entries, key=lambda entry: json.dumps(entry, sort_keys=True))
