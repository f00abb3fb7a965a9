"""The demo's coverage page: something short, something at risk, somebody who alone can do it, somebody who leaves."""

from smartskill.commands.demo.company import fill_demo


def test_the_managers_coverage_page_has_something_to_tell(app, client, committed):
    accounts = fill_demo()
    headers, _ = _sign_in(client, accounts["manager"])
    rows = client.get("/api/skills/coverage", headers=headers).json
    assert any(row["held"] < row["required"] for row in rows)
    assert any(row["held"] >= row["required"] > row["held_in_90_days"] for row in rows)
    assert any(loss["leaving_on"] for row in rows for loss in row["losses"])
    assert any(row["nearest"] for row in rows)
    _, employee = _sign_in(client, accounts["employee"])
    assert employee["id"] in {row["sole_holder"]["user_id"] for row in rows if row["sole_holder"]}
    without = client.get(f"/api/skills/coverage?without={employee['id']}", headers=headers).json
    assert [row["skill_name"] for row in without if row["falls_below"]]


def _sign_in(client, account) -> tuple[dict[str, str], dict]:
    answer = client.post("/api/users/login", json=account).json
    return {"Authorization": f"Bearer {answer['access_token']}"}, answer["user"]
