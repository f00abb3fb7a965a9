"""Of several writers that read the same version exactly one wins."""

import pytest

from smartskill.extensions import db
from smartskill.user.models import Team
from tests.kit.conftest import at_once, headers_of

WRITERS = 8


@pytest.fixture
def thing(signed_in):
    team = Team(name="Before")
    db.session.add(team)
    db.session.commit()
    return f"/api/things/{team.id}"


def put(kit_app, thing, headers, name, tag=None):
    more = {"If-Match": tag} if tag else {}
    return kit_app.test_client().put(thing, json={"name": name}, headers={**headers, **more})


@pytest.mark.parametrize("round_", range(3))
def test_one_of_eight_writers_with_one_etag_wins(kit_app, thing, signed_in, round_):
    tag = kit_app.test_client().get(thing, headers=signed_in).headers["ETag"]
    answers = at_once(
        [lambda number=number: put(kit_app, thing, signed_in, f"Writer {number}", tag) for number in range(WRITERS)]
    )
    assert sorted(answer.status_code for answer in answers) == [200] + [412] * (WRITERS - 1)
    (winner,) = [answer for answer in answers if answer.status_code == 200]
    read = kit_app.test_client().get(thing, headers=signed_in)
    assert (read.json, read.headers["ETag"]) == (winner.json, winner.headers["ETag"])


def test_writers_without_a_tag_are_all_accepted_and_each_raises_the_version(kit_app, thing, signed_in):
    answers = at_once([lambda number=number: put(kit_app, thing, signed_in, f"W{number}") for number in range(4)])
    assert [answer.status_code for answer in answers] == [200] * 4
    assert len({answer.headers["ETag"] for answer in answers}) == 4


@pytest.mark.parametrize("form", ["{tag}", "W/{tag}", '"other", {tag}', "*"])
def test_a_tag_in_any_form_that_names_the_version_is_accepted(kit_app, thing, signed_in, form):
    tag = kit_app.test_client().get(thing, headers=signed_in).headers["ETag"]
    assert put(kit_app, thing, signed_in, "After", form.format(tag=tag)).status_code == 200


@pytest.mark.parametrize("tag", ['"1-99"', 'W/"1-99"', "nonsense", '""'])
def test_another_tag_is_412_and_changes_nothing(kit_app, thing, signed_in, tag):
    assert put(kit_app, thing, signed_in, "After", tag).status_code == 412
    assert kit_app.test_client().get(thing, headers=signed_in).json["name"] == "Before"


def test_an_unchanged_item_is_304_without_a_body(kit_app, thing, signed_in):
    client = kit_app.test_client()
    tag = client.get(thing, headers=signed_in).headers["ETag"]
    for form in (tag, f"W/{tag}", f'"other", {tag}', "*"):
        answer = client.get(thing, headers={**signed_in, "If-None-Match": form})
        assert (answer.status_code, answer.data, answer.headers["ETag"]) == (304, b"", tag)
    assert client.get(thing, headers={**signed_in, "If-None-Match": '"1-99"'}).status_code == 200


def test_the_tag_of_a_deleted_item_is_held_to_as_well(kit_app, thing):
    headers = headers_of("hr")
    client = kit_app.test_client()
    assert client.delete(thing, headers={**headers, "If-Match": '"0-0"'}).status_code == 412
    assert client.delete(thing, headers=headers).json["name"] == "Before"
    assert client.get(thing, headers=headers).status_code == 404
