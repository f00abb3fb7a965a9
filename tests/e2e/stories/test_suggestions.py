"""Skills that somebody's own words speak of: to be accepted, rejected or put off."""

import pytest

from tests.e2e.product import wait_until
from tests.e2e.stories.days import ago


@pytest.fixture
def writer(testers):
    """Somebody who has written of what they did; gives who, and a way to have the words read now."""
    me = testers[1]
    job = me.post("/experience/", {
        "kind": "project", "organisation": "Lighthouse", "title": "Lamps", "start": "2023", "end": "2024",
        "summary": "Described the servers with Terraform, set them up by Ansible and drew the panels in Figma.",
    })  # fmt: skip

    def read() -> dict[str, dict]:
        me.post("/users/me/suggestions/refresh")
        wait_until(lambda: me.get("/users/me/suggestions/refresh")["state"] == "done", 60)
        return {one["skill_name"]: one for one in me.get("/users/me/suggestions/?page_size=100")}

    yield me, job, read
    me.delete(f"/experience/{job['id']}")


def test_what_is_suggested_accepted_rejected_and_put_off(writer):
    me, job, read = writer
    found = read()
    assert {"Terraform", "Ansible", "Figma"} <= {*found}
    assert "“Lamps”" in found["Terraform"]["reasons"][0]
    assert found["Terraform"]["experience_id"] == job["id"]

    me.post(f"/users/me/suggestions/{found['Terraform']['id']}/accept", {"level": 3, "interest": 4})
    skill = found["Terraform"]["skill_id"]
    row = me.get(f"/users/me/skills/{skill}")
    assert (row["level"], row["self_level"], row["interest"]) == (3, 3, 4)
    assert skill in me.get(f"/experience/{job['id']}")["skill_ids"]  # the words are evidence now

    me.post(f"/users/me/suggestions/{found['Figma']['id']}/reject")
    later = me.post(f"/users/me/suggestions/{found['Ansible']['id']}/later")
    assert later["later_until"] == ago(-30)
    assert not {"Terraform", "Ansible", "Figma"} & {*read()}

    me.patch(f"/experience/{job['id']}", {"summary": "Again Figma, only Figma and nothing but Figma."})
    assert "Figma" not in read()  # a rejected one never returns
    me.refused(409, "POST", f"/users/me/suggestions/{found['Figma']['id']}/accept", {"level": 1})


def test_nobody_else_sees_them(writer, hr, head):
    me, _, read = writer
    number = next(iter(read().values()), None)
    for who in (hr, head):
        assert all(one["skill_name"] not in ("Figma",) for one in who.get("/users/me/suggestions/"))
        if number:
            who.refused(404, "POST", f"/users/me/suggestions/{number['id']}/reject", {})
    assert me.get("/users/me/suggestions/") is not None
