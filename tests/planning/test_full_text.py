"""Words in experience: in any form, in two languages, with typos, shown where they stand, and never a hidden one."""

from urllib.parse import unquote

import pytest

from smartskill.planning.services.full_text.places import pieces
from smartskill.planning.services.full_text.search import read_words
from smartskill.user.services.organisation import place_user
from tests.factories import make_experience, make_user, sign_in

PATH = "/api/skills/experts"


def ask(client, asker, text):
    answer = client.get(PATH, query_string={"text": text}, headers=sign_in(asker))
    assert answer.status_code == 200, answer.json
    return answer


def told(name, summary=None, **more):
    person = make_user(full_name=name)
    make_experience(person, **{"title": "Engineer", "organisation": "Acme", "summary": summary, **more})
    return person


def found(client, asker, text):
    return [hit["full_name"] for hit in ask(client, asker, text).json]


@pytest.mark.parametrize(
    ("written", "asked"),
    [
        ("We migrated databases to the cloud", "migrating database"),
        ("Leitung der Schweißarbeiten", "schweißarbeit"),
        ("Verantwortlich für Datenbanken", "Datenbank"),
        ("Head of IT", "IT"),
        ("Moved billing to Kafka", "KAFKA billing"),
        ("Built C++ and C# services", "c++"),
        ("Data engineer and head of sales", '"data engineer"'),
        ("Welding", "forging or welding"),
        ("Kafka without tables", "kafka -postgres"),
    ],
)
def test_words_are_found_in_any_form(client, written, asked):
    told("Ada", written)
    told("Ben", "Nothing of the kind: postgres, engineer, data")
    assert found(client, make_user(), asked) == ["Ada"]


def test_all_words_must_be_in_one_experience(client):
    ada = told("Ada", "Kafka")
    make_experience(ada, title="Cook", organisation="Inn", summary="Billing")
    assert found(client, make_user(), "kafka billing") == []


def test_a_title_counts_more_than_an_organisation_and_that_more_than_a_summary(client):
    told("Summary", "Kafka")
    told("Title", title="Kafka engineer")
    told("Organisation", organisation="Kafka")
    assert found(client, make_user(), "kafka") == ["Title", "Organisation", "Summary"]


def test_it_says_where_the_words_stand_in_pieces_of_text(client):
    ada = told("Ada", 'Ran <b>Kafka</b> & "friends" <script>alert(1)</script>', title="Kafka lead")
    [hit] = ask(client, make_user(), "kafka").json
    assert [match["field"] for match in hit["matches"]] == ["title", "summary"]
    title, summary = (match["snippet"] for match in hit["matches"])
    assert title == [{"text": "Kafka", "is_match": True}, {"text": " lead", "is_match": False}]
    assert [piece["text"] for piece in summary if piece["is_match"]] == ["Kafka"]
    assert "".join(piece["text"] for piece in summary) == 'Ran <b>Kafka</b> & "friends" <script>alert(1)</script>'
    assert hit["user_id"] == ada.id
    assert hit["why"] == [{"skill_id": None, "fact": "title and summary of “Kafka lead” at Acme"}]


def test_marks_that_somebody_wrote_themselves_do_not_count(client):
    told("Ada", "Fake \x02mark\x03 and Kafka")
    [hit] = ask(client, make_user(), "kafka").json
    assert [piece["text"] for piece in hit["matches"][0]["snippet"] if piece["is_match"]] == ["Kafka"]
    assert pieces("plain") == [{"text": "plain", "is_match": False}]


@pytest.mark.parametrize(
    ("typed", "corrected"),
    [("javscript", "javascript"), ("posgres", "postgresql"), ("engineer terafform", "engineer terraform")],
)
def test_typos_are_forgiven_where_nothing_else_is_found(client, typed, corrected):
    told("Ada", "JavaScript, PostgreSQL and Terraform")
    answer = ask(client, make_user(), typed)
    assert [hit["full_name"] for hit in answer.json] == ["Ada"]
    assert unquote(answer.headers["X-Corrected-Text"]) == corrected
    assert "X-No-Match" not in answer.headers


def test_nothing_like_it_stays_nothing(client):
    told("Ada", "JavaScript")
    answer = ask(client, make_user(), "glassblowing")
    assert (answer.json, answer.headers["X-No-Match"]) == ([], "text")


def test_hidden_experience_shows_itself_to_those_above_only_and_lends_no_word_to_a_typo(client):
    boss, colleague = make_user(), make_user()
    owner = told("Owner", "Secretprojectzeus", show_in_cv=False)
    place_user(owner, manager_id=boss.id)
    for text in ("secretprojectzeus", "secretprojectzeuss"):
        assert found(client, boss, text) == ["Owner"]
        answer = ask(client, colleague, text)
        assert (answer.json, answer.headers["X-No-Match"]) == ([], "text")
        assert "X-Corrected-Text" not in answer.headers


def test_a_text_is_read_as_the_search_takes_it():
    assert read_words('kafka "data engineer" -sales or C++').wanted == ("kafka", "data", "engineer", "C++")
    assert read_words("-sales").wanted == ()


def test_long_texts_are_cut_around_the_first_match(client):
    told("Ada", "before " * 100 + "Kafka " + "after " * 100)
    [hit] = ask(client, make_user(), "kafka").json
    parts = [piece["text"] for piece in hit["matches"][0]["snippet"]]
    assert parts[1] == "Kafka"
    assert parts[0].startswith("… before")
    assert parts[2].endswith("after …")
    assert 200 < len("".join(parts)) < 260


def test_phrases_do_not_reach_from_one_field_into_another(client):
    told("Ada", "I like data", title="Engineer of data", organisation="Engineer")
    assert found(client, make_user(), '"data engineer"') == []
