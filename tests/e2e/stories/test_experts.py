"""Who can do that? Found by what they can do, like and have done, with the reasons; and if nobody, why not."""

from urllib.parse import unquote

import pytest

from tests.e2e.product import wait_until

NIGHT = """
from sqlalchemy import text
from smartskill.extensions import db
from smartskill.kit.jobs import enqueue
db.session.execute(text("UPDATE saved_searches SET checked_on = checked_on - 1"))
db.session.commit()
enqueue("smartskill.planning.tasks.watch_searches")
"""


@pytest.fixture
def crew(mia, lead, colleague, new_skill, request):
    """Two skills: Mia has both and likes one, her colleague the one only, her lead the one a little, the other well."""
    one, two = (new_skill(f"{name}, {request.node.name[5:]}") for name in ("Diving", "Welding"))
    mia.put("/users/me/skills/", [{"skill_id": one, "level": 4, "interest": 5}, {"skill_id": two, "level": 3}])
    colleague.put(f"/users/me/skills/{one}", {"level": 5})
    lead.put("/users/me/skills/", [{"skill_id": one, "level": 2}, {"skill_id": two, "level": 5}])
    return one, two


def names(hits) -> list[str]:
    return [hit["full_name"] for hit in hits]


def test_all_needs_any_need_an_interest_and_what_nobody_may_have(head, mia, lead, colleague, crew):
    one, two = crew
    assert names(head.get(f"/skills/experts?need={one}:3&need={two}:3")) == [mia.name]
    # one need at level L by one's own word today: 0.4·L/5 + 0.3·0.4 + 0.2·1 + 0.1·interest/5 (unsaid: 0.05)
    # Mia: (0.32 + 0.12 + 0.2 + 0.1 + 0.24 + 0.12 + 0.2 + 0.05) ÷ 2 = 0.675; lead: (0 + 0.4 + 0.12 + 0.2 + 0.05) ÷ 2 =
    # 0.385; colleague: as much, by the other need
    hits = head.get(f"/skills/experts?need={one}:3&need={two}:3&match=any")
    assert {hit["full_name"]: hit["score"] for hit in hits} == {
        mia.name: 0.675,
        lead.name: 0.385,
        colleague.name: 0.385,
    }
    assert hits[0]["full_name"] == mia.name
    assert names(head.get(f"/skills/experts?need={one}:3:4")) == [mia.name]
    assert names(head.get(f"/skills/experts?need={one}:3&not={two}")) == [colleague.name]
    assert {*names(head.get(f"/skills/experts?need={one}:1&not={two}:4"))} == {mia.name, colleague.name}


def test_each_hit_says_why(head, colleague, mia, crew):
    one, _ = crew
    colleague.post(f"/users/{mia.id}/skills/{one}/endorsements", {})
    hit = next(hit for hit in head.get(f"/skills/experts?need={one}:3") if hit["user_id"] == mia.id)
    # 1 − (1 − 0.4)(1 − 0.5) = 0.7
    fact = "level 4, confirmed today, confidence 0.70, endorsed by 1, interest 5"
    assert hit["why"] == [{"skill_id": one, "fact": fact}]


def test_only_the_team_and_those_below_it_are_looked_at(head, mia, crew):
    one, two = crew
    teams = {team["name"]: team["id"] for team in head.get("/users/teams/?page_size=100")}
    whole, other = teams["Software Engineering"], teams["Platform"]
    assert names(head.get(f"/skills/experts?need={one}:3&need={two}:3&team_id={whole}")) == [mia.name]
    assert head.get(f"/skills/experts?need={one}:3&need={two}:3&team_id={other}") == []


def test_an_empty_answer_names_the_condition_that_emptied_it(head, crew):
    one, two = crew
    teams = {team["name"]: team["id"] for team in head.get("/users/teams/?page_size=100")}

    def emptied_by(query: str) -> str:
        status, headers, hits = head.ask("GET", f"/skills/experts?{query}")
        assert (status, hits) == (200, [])
        return headers["X-No-Match"]

    assert emptied_by(f"need={one}:4&need={two}:5") == "need.0, need.1"  # either alone would do
    assert emptied_by(f"need={one}:5:5") == "need.0, need.0.min_interest"  # Mia likes it, her colleague has it
    assert emptied_by(f"need={one}:3&text=submarines") == "text"
    # nobody of Platform dives: somebody would be found elsewhere, or there without the need
    assert emptied_by(f"need={one}:3&team_id={teams['Platform']}") == "need.0, team_id"
    assert emptied_by(f"need={one}:4&need={two}:3&not={one}") == "not.0"


def test_experience_is_searched_in_all_its_words_and_shows_where(head, mia):
    made = mia.post("/experience/", {
        "kind": "project", "organisation": "Harbour of Turku", "title": "Buoys", "start": "2021", "end": "2022",
        "summary": "Moored seventeen wave buoys off the skerries, in ice.",
    })  # fmt: skip
    [hit] = head.get("/skills/experts?text=mooring%20skerry")  # other forms of both words
    assert hit["user_id"] == mia.id
    assert hit["why"] == [{"skill_id": None, "fact": "summary of “Buoys” at Harbour of Turku"}]
    [match] = hit["matches"]
    assert (match["experience_id"], match["field"]) == (made["id"], "summary")
    assert [part["text"] for part in match["snippet"] if part["is_match"]] == ["Moored", "skerries"]
    status, headers, hits = head.ask("GET", "/skills/experts?text=mooored%20skeries")
    assert (status, names(hits)) == (200, [mia.name])
    assert unquote(headers["X-Corrected-Text"]) == "moored skerries"


def test_a_saved_search_tells_when_somebody_new_matches(demo, head, mia, lead, crew):
    one, _ = crew
    search = head.post("/skills/experts/saved/", {
        "name": "Divers", "query": {"need": [f"{one}:4"], "match": "all"}, "is_watched": True,
    })  # fmt: skip
    lead.put(f"/users/me/skills/{one}", {"level": 4})
    demo.python(NIGHT)

    def news() -> list[dict]:
        found = head.get("/notifications/?kind=expert_match&page_size=100")
        return [one for one in found if "Divers" in str(one)]

    wait_until(lambda: bool(news()), 60)
    [told] = news()
    assert lead.name in str(told)
    assert mia.name not in str(told)  # matched when it was saved
    demo.python(NIGHT)
    assert len(news()) == 1
    head.delete(f"/skills/experts/saved/{search['id']}")
