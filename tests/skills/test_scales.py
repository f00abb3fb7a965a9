"""What levels are called: by the nearest scale, in the skill's own words where it has some."""

import pytest
from sqlalchemy import select

from smartskill.extensions import db
from smartskill.skills.models.catalogue import LevelScale, SkillCategory
from smartskill.skills.services.foreign_scales import CEFR, level_from_cefr, level_from_onet, level_from_percent
from tests.factories import make_skill, make_user, sign_in

URL = "/api/skills/scales/"
DREYFUS = ("Novice", "Advanced beginner", "Competent", "Proficient", "Expert")


def five(names=DREYFUS, **wordings):
    return [{"level": n, "name": name, "wording": wordings.get(f"w{n}")} for n, name in enumerate(names, 1)]


@pytest.fixture
def hr(app):
    return sign_in(make_user("hr"))


@pytest.fixture
def scale(client, hr):
    return client.post(URL, json={"name": "Dreyfus", "levels": five(w3="Copes.")}, headers=hr).json


@pytest.fixture
def usual(app):
    """The default; the migration makes one, and tests that really commit leave the table empty."""
    found = db.session.scalars(select(LevelScale).where(LevelScale.is_default)).first()
    if found is None:
        found = LevelScale(name="Usual", level_names=["a", "b", "c", "d", "e"], wordings=[None] * 5, is_default=True)
        db.session.add(found)
        db.session.flush()
    return found


def names(client, headers, skill):
    return [level["name"] for level in client.get(f"/api/skills/{skill.id}/levels", headers=headers).json]


def test_a_scale_is_made_read_changed_and_deleted(client, hr, scale):
    assert [level["name"] for level in scale["levels"]] == list(DREYFUS)
    assert scale["levels"][2]["wording"] == "Copes."
    address = f"{URL}{scale['id']}"
    read = client.get(address, headers=hr)
    assert read.json == scale
    assert scale in client.get(URL, headers=sign_in(make_user())).json
    tag = read.headers["ETag"]
    changed = client.patch(address, json={"name": "Dreyfus model"}, headers={**hr, "If-Match": tag}).json
    assert (changed["name"], changed["levels"]) == ("Dreyfus model", scale["levels"])
    assert client.patch(address, json={"name": "x"}, headers={**hr, "If-Match": tag}).status_code == 412
    put = client.put(address, json={"name": "ABC", "levels": five("ABCDE")}, headers=hr).json
    assert [(level["name"], level["wording"]) for level in put["levels"]] == [(letter, None) for letter in "ABCDE"]
    assert client.delete(address, headers=hr).json["name"] == "ABC"
    assert client.get(address, headers=hr).status_code == 404


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"name": "x"}, "levels"),
        ({"name": "x", "levels": five()[:4]}, "levels"),
        ({"name": "x", "levels": [*five()[:4], {"level": 1, "name": "again"}]}, "levels"),
        ({"name": "x", "levels": [*five()[:4], {"level": 6, "name": "six"}]}, "levels.4.level"),
        ({"name": "x", "levels": [*five()[:4], {"level": 5, "name": ""}]}, "levels.4.name"),
        ({"levels": five()}, "name"),
    ],
)
def test_what_is_no_scale_is_named(client, hr, body, field):
    answer = client.post(URL, json=body, headers=hr)
    assert (answer.status_code, field in answer.json["errors"]) == (400, True)


def test_only_hr_writes_scales_and_a_name_is_taken_once(client, hr, scale):
    employee = sign_in(make_user())
    assert client.post(URL, json={"name": "x", "levels": five()}, headers=employee).status_code == 403
    assert client.put(f"/api/skills/{make_skill().id}/levels", json={"levels": []}, headers=employee).status_code == 403
    assert client.post(URL, json={"name": "DREYFUS", "levels": five()}, headers=hr).status_code == 409


def test_there_is_always_one_default(client, hr, scale, usual):
    address = f"{URL}{usual.id}"
    assert client.patch(address, json={"is_default": False}, headers=hr).status_code == 409
    assert client.delete(address, headers=hr).status_code == 409
    assert client.patch(f"{URL}{scale['id']}", json={"is_default": True}, headers=hr).json["is_default"] is True
    assert [row["id"] for row in client.get(URL, headers=hr).json if row["is_default"]] == [scale["id"]]
    assert client.delete(address, headers=hr).status_code == 200


def test_a_skill_has_its_own_scale_else_the_nearest_categorys_else_the_default(client, hr, scale, usual):
    top = SkillCategory(name="Top")
    db.session.add(top)
    db.session.flush()
    below = SkillCategory(name="Below", parent_id=top.id)
    db.session.add(below)
    db.session.flush()
    skill = make_skill(category_id=below.id)
    assert names(client, hr, skill) == usual.level_names
    assert names(client, hr, make_skill()) == usual.level_names
    client.patch(f"/api/skills/categories/{top.id}", json={"scale_id": scale["id"]}, headers=hr)
    assert names(client, hr, skill) == list(DREYFUS)
    abc = client.post(URL, json={"name": "ABC", "levels": five("ABCDE")}, headers=hr).json
    client.patch(f"/api/skills/categories/{below.id}", json={"scale_id": abc["id"]}, headers=hr)
    assert names(client, hr, skill) == list("ABCDE")
    assert client.patch(f"/api/skills/{skill.id}", json={"scale_id": scale["id"]}, headers=hr).status_code == 200
    assert names(client, hr, skill) == list(DREYFUS)
    for number in (scale["id"], abc["id"]):
        assert client.delete(f"{URL}{number}", headers=hr).status_code == 409
    for address in (f"/api/skills/{skill.id}", f"/api/skills/categories/{top.id}"):
        answer = client.patch(address, json={"scale_id": 2_000_000_000}, headers=hr)
        assert (answer.status_code, "scale_id" in answer.json["errors"]) == (400, True)


def test_a_skill_words_its_levels_itself_and_a_retired_one_still_says_them(client, hr, scale):
    skill = make_skill(scale_id=scale["id"])
    address = f"/api/skills/{skill.id}/levels"
    tag = client.get(f"/api/skills/{skill.id}", headers=hr).headers["ETag"]
    put = client.put(
        address, json={"levels": [{"level": 1, "wording": "Reads it."}, {"level": 2, "wording": None}]}, headers=hr
    )
    assert put.json[0] == {"level": 1, "name": "Novice", "wording": "Reads it.", "is_own": True}
    assert [level["wording"] for level in put.json] == ["Reads it.", None, "Copes.", None, None]
    assert client.get(f"/api/skills/{skill.id}", headers=hr).headers["ETag"] != tag
    client.patch(f"/api/skills/{skill.id}", json={"status": "retired"}, headers=hr)
    assert client.get(address, headers=hr).json == put.json
    twice = {"levels": [{"level": 1, "wording": "a"}, {"level": 1, "wording": "b"}]}
    assert client.put(address, json=twice, headers=hr).status_code == 400
    assert client.put(address, json={"levels": []}, headers=hr).json[0]["wording"] is None


def test_without_any_scale_levels_are_numbers(client, hr):
    skill = make_skill()
    for row in db.session.scalars(select(LevelScale)):
        db.session.delete(row)
    db.session.flush()
    assert names(client, hr, skill) == [f"Level {level}" for level in range(1, 6)]


@pytest.mark.parametrize(
    ("percent", "level"), [(0, 1), (20, 1), (20.1, 2), (40, 2), (60, 3), (80, 4), (80.5, 5), (100, 5)]
)
def test_percentages_are_levels_by_fifths(percent, level):
    assert level_from_percent(percent) == level
    assert level_from_onet(percent * 7 / 100) == level


def test_foreign_scales_agree_with_each_other():
    # O*NET anchors its scale at 2, 4 and 6: simple, usual, outstanding.
    assert [level_from_onet(value) for value in (0.5, 1.4, 2, 2.8, 4, 4.62, 5.6, 6, 7)] == [1, 1, 2, 2, 3, 4, 4, 5, 5]
    assert [level_from_cefr(name) for name in CEFR] == [1, 2, 3, 4, 5, 5]
    assert level_from_cefr(" b2+ ") == 4
    for wrong in (-0.1, 100.1, float("nan")):
        with pytest.raises(ValueError, match="0 to"):
            level_from_percent(wrong)
    with pytest.raises(ValueError, match="0 to 7"):
        level_from_onet(7.5)
    with pytest.raises(ValueError, match="A1"):
        level_from_cefr("D1")
