"""A page and the header that describes it agree with the whole list, and no page number is an error of ours."""

import json

import pytest
from sqlalchemy import select, text

from smartskill.extensions import db
from smartskill.kit import pagination
from smartskill.user.models import Team


def make_teams(number):
    for index in range(number):
        db.session.add(Team(name=f"Team {index:03}"))
    db.session.commit()


def page(things, headers, query):
    answer = things.get(f"/api/things/?{query}", headers=headers)
    return [item["name"] for item in answer.json], json.loads(answer.headers["X-Pagination"])


@pytest.mark.parametrize("size", [1, 3, 7, 20])
@pytest.mark.parametrize("total", [0, 1, 6, 7, 8])
def test_the_pages_together_are_the_list(things, signed_in, total, size):
    make_teams(total)
    names, number = [], 1
    while number:
        items, facts = page(things, signed_in, f"page={number}&page_size={size}")
        assert (facts["total"], facts["total_pages"], facts["page"]) == (total, -(-total // size), number)
        assert facts.get("previous_page") == (number - 1 or None)
        assert (facts.get("first_page"), facts.get("last_page")) == (
            (1, facts["total_pages"]) if total else (None, None)
        )
        names, number = names + items, facts.get("next_page")
    assert names == [f"Team {index:03}" for index in range(total)]


def test_a_page_behind_the_last_is_empty(things, signed_in):
    make_teams(3)
    assert page(things, signed_in, "page=2&page_size=3") == (
        [],
        {"total": 3, "total_pages": 1, "page": 2, "first_page": 1, "last_page": 1, "previous_page": 1},
    )
    items, facts = page(things, signed_in, "page=100000&page_size=100")
    assert items == []
    assert "previous_page" not in facts
    assert "next_page" not in facts


def test_descending_turns_the_order_round(things, signed_in):
    make_teams(3)
    assert page(things, signed_in, "sort=-name")[0] == ["Team 002", "Team 001", "Team 000"]


def test_beyond_the_exact_count_the_total_says_that_it_is_an_estimate(things, signed_in, monkeypatch):
    make_teams(30)
    db.session.execute(text("ANALYZE teams"))
    db.session.commit()
    monkeypatch.setattr(pagination, "EXACT", 10)
    _, facts = page(things, signed_in, "page_size=5")
    assert facts["total_is_estimate"] is True
    assert facts["total"] == 30


def test_an_estimate_is_never_below_what_was_counted(app, committed, monkeypatch):
    make_teams(12)
    monkeypatch.setattr(pagination, "EXACT", 10)
    assert pagination.count(select(Team).where(Team.name.like("Team 00%") | (Team.id > 0)), 5, 1, 5) >= 11
