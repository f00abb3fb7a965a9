"""The CV to read and to print: for whom what, in which words, and safe whatever a document brought."""

import json
import re
import subprocess
import sys
from datetime import UTC, date, datetime
from io import BytesIO
from itertools import pairwise

import pytest

from smartskill.exchange.services.cv.arranging import MOST_CHARACTERS, arrange_cv, web_address
from smartskill.exchange.services.cv.drawing import STYLE, draw_html, draw_pdf
from smartskill.exchange.services.cv.wording import TEXTS, say_partial
from tests.exchange.resumes import put
from tests.factories import make_experience, make_qualification, make_skill, make_user, make_user_skill, sign_in

DAY = date(2026, 11, 23)
NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)


def page(client, who, user_id="me", **query):
    return client.get(f"/api/users/{user_id}/resume.html", query_string=query, headers=sign_in(who))


def pdf(client, who, user_id="me", **query):
    return client.get(f"/api/users/{user_id}/resume.pdf", query_string=query, headers=sign_in(who))


def words(html: str) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", html.partition("</style>")[2]).split())


def somebody(**given):
    me = make_user(full_name="Zoë Łukasz", title="Engineer", **given)
    make_experience(me, title="Lead", organisation="Northwind", summary="Billing.")
    make_experience(me, title="Secret mission", show_in_cv=False)
    make_user_skill(me, make_skill("Welding"), 4)
    make_user_skill(me, make_skill("Lockpicking"), 5, is_shown=False)
    make_qualification(me, title="Crane licence", expires_on=date(2030, 1, 1), review_state="verified")
    return me


def test_a_page_shows_what_the_cv_shows(client):
    me = somebody()
    answer = page(client, me)
    assert (answer.status_code, answer.mimetype) == (200, "text/html")
    text = words(answer.text)
    for said in ("Zoë Łukasz", "Engineer", me.email, "Lead", "March 2020 – today", "Northwind", "Billing.",
                 "Crane licence", "valid until 1 January 2030", "Advanced Welding"):  # fmt: skip
        assert said in text
    for hidden in ("Secret mission", "Lockpicking"):
        assert hidden not in text


def test_a_colleague_gets_less_in_both(client):
    me, colleague = somebody(), make_user()
    text = words(page(client, colleague, me.id).text)
    assert "Lead" in text
    for hidden in (me.email, "Crane licence", "Secret mission", "Lockpicking"):
        assert hidden not in text
    mine, theirs = pdf(client, me).data, pdf(client, colleague, me.id).data
    assert len(theirs) < len(mine)
    assert client.get("/api/users/2000000000/resume.pdf", headers=sign_in(colleague)).status_code == 404


def test_the_readers_language_unless_another_is_asked_for(client):
    me = somebody(locale="de-AT")
    german, english = page(client, me).text, page(client, me, language="en").text
    assert '<html lang="de">' in german
    assert "März 2020 – heute" in german
    assert "Fähigkeiten" in german
    assert '<html lang="en">' in english
    assert "March 2020 – today" in english
    assert page(client, me, language="fr").status_code == 400


def test_the_page_loads_and_runs_nothing(client):
    answer = page(client, somebody())
    policy = answer.headers["Content-Security-Policy"]
    assert policy.startswith("default-src 'none'; style-src 'sha256-")
    assert answer.headers["Cache-Control"] == "private, no-store"
    assert not re.search(r"<(script|img|iframe|object|link)\b|\sstyle=|\son[a-z]+=|url\(", answer.text)
    assert "@media print" in STYLE


def test_headings_go_down_by_one_and_every_section_has_its_name(client):
    html = page(client, somebody()).text
    levels = [int(level) for level in re.findall(r"<h([1-6])", html)]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(after - before <= 1 for before, after in pairwise(levels))
    assert all(f'id="{name}"' in html for name in re.findall(r'aria-labelledby="([^"]+)"', html))


def test_a_pdf_is_tagged_titled_and_its_text_is_text(client):
    from pypdf import PdfReader

    answer = pdf(client, somebody())
    assert (answer.status_code, answer.mimetype) == (200, "application/pdf")
    assert "CV%20of%20Zo%C3%AB%20%C5%81ukasz.pdf" in answer.headers["Content-Disposition"]
    assert answer.headers["Cache-Control"] == "private, no-store"
    reader = PdfReader(BytesIO(answer.data))
    assert reader.metadata.title == "CV of Zoë Łukasz"
    root = reader.trailer["/Root"]
    assert root["/MarkInfo"]["/Marked"]
    assert root["/Lang"] == "en"
    assert b"pdfuaid" in answer.data
    text = " ".join(reader.pages[0].extract_text().split())
    for said in ("Zoë Łukasz", "Lead", "March 2020 – today", "Welding"):
        assert said in text
    assert len(answer.data) < 100_000


WILD = {
    "basics": {
        "name": "<script>alert(1)</script> #eval(\"1+1\") [x] *b* $a$ \\ `c` @d",
        "label": ["not", "a", "text"],
        "url": "javascript:alert(1)",
        "email": "x@example.com?bcc=y@example.com",
        "phone": 431234,
        "location": "nowhere",
        "profiles": [None, 7, {"network": "X", "url": "data:text/html,x"}, {"url": "https://ok.example/me"}],
        "summary": "one\x00\x07\ntwo \u202e three",
    },
    "work": [None, 3, {}, {"position": {"a": 1}}, {"position": "P", "url": "file:///etc", "highlights": [1, None]}],
    "skills": [{"name": 5}, {"name": None}, {"name": "Odd", "level": {"x": 1}, "keywords": "text"}, "Python"],
    "languages": {"language": "not a list"},
    "awards": [{"title": "T", "date": "the other day"}, {"title": "U", "date": ["2020"]}],
    "interests": [{"name": "Chess", "keywords": [["nested"]]}],
    "projects": [{"name": "Tree", "type": ["talk"], "entity": 7}],
    "references": "none",
    "anything": {"else": 1},
}  # fmt: skip


def test_whatever_a_document_brought_is_text_and_never_markup():
    cv = arrange_cv(WILD, "en", DAY)
    html = draw_html(cv)
    assert "<script>" not in html
    assert "&lt;script&gt;alert(1)&lt;/script&gt; #eval(&#34;1+1&#34;) [x] *b* $a$ \\ `c` @d" in html
    assert re.findall(r'href="([^"]+)"', html) == ["https://ok.example/me"]
    assert draw_pdf(cv, NOON).startswith(b"%PDF-")
    assert [section["heading"] for section in cv["sections"]] == [
        "Experience", "Projects", "Skills", "Awards", "Interests",
    ]  # fmt: skip


@pytest.mark.parametrize("text", ["é ß Ł", "Ωμέγα", "Яковлева", "שלום", "漢字かな", "한국어", "😀", "\uffff\ue000 x"])
def test_no_character_stops_a_pdf(text):
    cv = arrange_cv({"basics": {"name": text, "summary": text * 20}}, "en", DAY)
    assert draw_pdf(cv, NOON).startswith(b"%PDF-")


@pytest.mark.parametrize(
    "address", ["javascript:alert(1)", "data:text/html,x", "//evil.example", "http://a b", 7, None]
)
def test_only_the_web_is_linked(address):
    assert web_address(address) is None


@pytest.mark.parametrize(
    ("text", "english", "german"),
    [
        ("2019", "2019", "2019"),
        ("2019-05", "May 2019", "Mai 2019"),
        ("2019-05-20", "May 2019", "Mai 2019"),
        ("last May", "last May", "last May"),
    ],
)
def test_dates_in_words(text, english, german):
    assert (say_partial("en", text), say_partial("de", text)) == (english, german)
    if len(text) == 10 and text[4] == "-":
        assert say_partial("de", text, is_exact=True) == "20. Mai 2019"


@pytest.mark.parametrize(
    ("entry", "said"),
    [
        ({"startDate": "2019-05"}, "May 2019 – today"),
        ({"startDate": "2019-05", "endDate": "2019-05-30"}, "May 2019"),
        ({"startDate": "2019", "endDate": "2020-03"}, "2019 – March 2020"),
        ({"endDate": "2020-03"}, "until March 2020"),
        ({}, None),
    ],
)
def test_ranges_in_words(entry, said):
    cv = arrange_cv({"work": [{"position": "P", **entry}]}, "en", DAY)
    assert cv["sections"][0]["entries"][0]["when"] == said


def test_both_languages_say_everything():
    assert TEXTS["en"].keys() == TEXTS["de"].keys()


def test_an_endless_cv_ends_and_says_so():
    """Entries of some 10,000 characters: 11 fit into 120,000, of 500 the other 489 are counted."""
    entry = {"position": "P", "summary": "\n".join(["word " * 380] * 5)}
    cv = arrange_cv({"work": [entry] * 500}, "en", DAY)
    shown = len(cv["sections"][0]["entries"])
    assert 0 < shown < 20
    assert cv["more"] == f"… and {500 - shown} more entries"
    assert len(json.dumps(cv)) < MOST_CHARACTERS * 1.2
    assert draw_pdf(cv, NOON).startswith(b"%PDF-")


def test_nothing_to_show_is_said(client):
    me = make_user()
    assert "Nothing is shown in this CV yet." in page(client, me).text
    assert pdf(client, me).status_code == 200


def test_an_imported_cv_is_drawn_whole(client):
    me = make_user()
    document = {
        "basics": {"summary": "Curious."},
        "languages": [{"language": "Deutsch", "fluency": "C2"}],
        "awards": [{"title": "Prize", "awarder": "City", "date": "2020-02-02"}],
        "references": [{"name": "Jo", "reference": "Would hire again."}],
    }
    assert put(client, me, document).status_code == 200
    text = words(page(client, me).text)
    for said in ("Curious.", "Deutsch C2", "Prize", "2 February 2020", "City", "Would hire again."):
        assert said in text
    assert "Would hire again." not in page(client, make_user(), me.id).text


def test_the_typesetter_is_loaded_by_nobody_who_does_not_set():
    code = "import sys, smartskill.exchange.views.cv; sys.exit('typst' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False, timeout=60).returncode == 0
