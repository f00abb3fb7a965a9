"""Who has a skill."""

from smartskill.skills.schemas.catalogue import SkillPersonSchema
from smartskill.skills.services.rating import rate_skill
from tests.factories import make_skill, make_user, make_user_skill, sign_in


def test_people_come_by_level_then_confidence_then_name(client):
    skill = make_skill()
    zoe, adam, bea, carl = (make_user(full_name=name) for name in ("Zoe", "Adam", "Bea", "Carl"))
    rate_skill(zoe.id, skill.id, 5, source="self", rater_id=zoe.id)
    rate_skill(bea.id, skill.id, 4, source="self", rater_id=bea.id)
    rate_skill(adam.id, skill.id, 4, source="self", rater_id=adam.id)
    rate_skill(carl.id, skill.id, 4, source="self", rater_id=carl.id)
    rate_skill(carl.id, skill.id, 4, source="manager", rater_id=zoe.id)
    headers = sign_in(make_user())
    rows = client.get(f"/api/skills/{skill.id}/people", headers=headers).json
    assert [(row["full_name"], row["level"], row["confidence"]) for row in rows] == [
        ("Zoe", 5, 0.4), ("Carl", 4, 0.88), ("Adam", 4, 0.4), ("Bea", 4, 0.4),
    ]  # fmt: skip
    assert set(rows[0]) == set(SkillPersonSchema().fields)
    assert len(client.get(f"/api/skills/{skill.id}/people?min_level=5", headers=headers).json) == 1
    assert client.get(f"/api/skills/{skill.id}/people?min_level=6", headers=headers).status_code == 400


def test_those_who_left_are_not_there_and_an_unknown_skill_is_404(client):
    skill = make_skill()
    make_user_skill(make_user(is_active=False), skill)
    headers = sign_in(make_user())
    assert client.get(f"/api/skills/{skill.id}/people", headers=headers).json == []
    assert client.get("/api/skills/999999/people", headers=headers).status_code == 404
