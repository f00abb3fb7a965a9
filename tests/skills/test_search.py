"""Search: what is meant comes first, by the indexes."""

import pytest
import sqlalchemy as sa

from smartskill.extensions import db
from smartskill.skills.models.catalogue import SkillAlias
from smartskill.skills.services.searching.candidates import best_of, meeting, misspelt, resembling
from smartskill.skills.services.searching.readings import read_words
from tests.factories import make_skill, make_user, sign_in

CATALOGUE = {
    "JavaScript": ["js", "ECMAScript"],
    "JavaScript Framework": [],
    "Java": [],
    "PostgreSQL": ["Postgres", "psql"],
    "Python": ["CPython"],
    "Python (computer programming)": [],
    "Microsoft Excel": ["spreadsheets"],
    "ExcelTrans Translator": [],
    "project management": ["managing projects"],
    "Kubernetes": ["k8s"],
    "C": [],
    "C++": ["cpp"],
    "100% organic farming": [],
    "statistics": ["data analysis"],
    "Data analysis software": [],
}


@pytest.fixture
def headers(app):
    for name, aliases in CATALOGUE.items():
        skill = make_skill(name)
        db.session.add_all(SkillAlias(skill_id=skill.id, name=alias) for alias in aliases)
    return sign_in(make_user())


def names(client, headers, words, **more):
    answer = client.get("/api/skills/", query_string={"q": words, **more}, headers=headers)
    assert answer.status_code == 200
    return [row["name"] for row in answer.json]


@pytest.mark.parametrize(
    ("words", "first"),
    [
        ("PYTHON", "Python"),
        ("java", "Java"),
        ("javscript", "JavaScript"),
        ("ecmascript", "JavaScript"),
        ("JS", "JavaScript"),
        ("postgres", "PostgreSQL"),
        ("postgress", "PostgreSQL"),
        ("excel", "Microsoft Excel"),
        ("excel microsoft", "Microsoft Excel"),
        ("project managment", "project management"),
        ("  manag   proj ", "project management"),
        ("data analysis", "statistics"),
        ("c", "C"),
        ("c++", "C++"),
        ("kubrntes", "Kubernetes"),
        ("100%", "100% organic farming"),
    ],
)
def test_the_one_that_is_meant_comes_first(client, headers, words, first):
    assert names(client, headers, words)[0] == first


@pytest.mark.parametrize("words", ["%", "_", "\\", "'", "%%%", "zzzzqqq", "<script>", "\U0001f600", "-", '"', "%'; --"])
def test_signs_are_only_signs(client, headers, words):
    assert "Java" not in names(client, headers, words)


def test_another_sort_only_filters(client, headers):
    assert names(client, headers, "java", sort="-name") == ["JavaScript Framework", "JavaScript", "Java"]


def test_a_skill_met_in_several_ways_is_there_once(client, headers):
    found = names(client, headers, "python")
    assert len(found) == len(set(found))


def test_a_page_beyond_the_last_is_empty_with_the_right_total(client, headers):
    answer = client.get("/api/skills/?q=python&page=9", headers=headers)
    assert answer.json == []
    assert '"total":2' in answer.headers["X-Pagination"]


@pytest.mark.parametrize("words", ["javscript", "project managment", "c", "c++", "post"])
def test_a_search_reads_its_indexes_and_no_whole_table(headers, words):
    db.session.execute(sa.text("SET LOCAL enable_seqscan = off"))  # a few rows would otherwise be read whole, rightly
    plan = ""
    for look in (meeting, misspelt, resembling):
        found = best_of(look(read_words(words)), ())
        made = found.compile(db.engine, compile_kwargs={"render_postcompile": True})
        plan += "\n".join(db.session.connection().exec_driver_sql(f"EXPLAIN {made}", made.params).scalars())
    assert "ix_skill_aliases" in plan
    assert "Seq Scan" not in plan
