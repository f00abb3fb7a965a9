"""What is decided and predicted about a person is shown to nobody else, at whatever address it might be.

Numbers that occur nowhere else are planted in a person's decision and prediction; then everybody calls everything that
reads, also with that person's id wherever an address or a query takes one, and no answer may hold any of them.
"""

import json

import pytest

from smartskill.database import now
from smartskill.engagement.models import Decision, Prediction
from smartskill.extensions import db
from tests.contract.calling import call, operations, specification
from tests.contract.company import Company, found_company

PLANTED = {"score": 0.7310585786, "odds": 0.6224593312, "other odds": 0.3775406688, "chance": 0.8175744762}
READS = {"get", "head"}
PRICE = 0.0179862099
OTHERS = ("anonymous", "other", "boss", "other_boss", "hr", "admin")


def plant(company: Company) -> None:
    """A decision with its odds and scores, and a prediction with its reasons, about `own`."""
    own = company.ids["own"]
    model_id = company.names["model_id"]
    odds = {"none": PLANTED["other odds"], "skill_stale": PLANTED["odds"]}
    db.session.add(
        Decision(
            user_id=own, decision_key=f"subscription:{own}:2026-W48", mail_class="subscription", action="skill_stale",
            drawn_action="skill_stale", stage=1, propensity=PLANTED["odds"], propensities=odds,
            scores={"none": 0.0, "skill_stale": PLANTED["score"]}, price=PRICE, feature_digest="5eed" * 16,
            model_version_id=model_id, decided_at=now(),
        )
    )  # fmt: skip
    reasons = [{"feature": "recency_days", "value": 12.0, "effect": PLANTED["score"]}]
    db.session.add(
        Prediction(user_id=own, name="lapse", model_version_id=model_id, value=PLANTED["chance"], reasons=reasons)
    )
    db.session.flush()


def traces(body: str) -> list[str]:
    """Which of the planted numbers a text holds, to the digits that rounding would leave."""
    return [name for name, number in PLANTED.items() if f"{number:.6f}"[:7] in body]


@pytest.fixture(scope="module")
def reading(app):
    """The operations that read."""
    return [operation for operation in operations(specification(app)) if operation.method.lower() in READS]


def test_nobody_else_reads_a_score_anywhere(app, client, reading):
    company = found_company()
    plant(company)
    found, called = [], 0
    for operation in reading:
        row = {name: company.ids["own"] for name in operation.parameters if name == "user_id"} or None
        for who in OTHERS:
            db.session.commit()
            answer = call(client, operation, company, who, row=row)
            db.session.expire_all()
            called += 1
            found += [(operation.id, who, name) for name in traces(answer.data.decode("latin-1"))]
    assert found == []
    assert called == len(reading) * len(OTHERS) > 500


def test_nobody_else_reads_a_score_by_naming_the_person_in_a_query(app, client):
    company = found_company()
    plant(company)
    own = company.ids["own"]
    for path in ("/api/notifications/decisions", "/api/notifications/predictions"):
        for who in OTHERS[1:]:
            answer = client.get(path, query_string={"user_id": own}, headers=company.headers[who])
            assert answer.status_code == 400, (path, who)  # there is no such query
            assert traces(answer.get_data(as_text=True)) == []
            assert client.get(path, headers=company.headers[who]).json == []


def test_the_person_reads_every_one_of_them(app, client):
    company = found_company()
    plant(company)
    said = [
        client.get(f"/api/notifications/{what}", headers=company.headers["own"]).json
        for what in ("decisions", "predictions")
    ]
    assert traces(json.dumps(said)) == list(PLANTED)
    export = client.get("/api/users/me/data", headers=company.headers["own"])
    assert traces(export.get_data(as_text=True)) == list(PLANTED)


def test_a_managers_export_of_their_own_data_holds_none_of_it(app, client):
    company = found_company()
    plant(company)
    for who in OTHERS[1:]:
        export = client.get("/api/users/me/data", headers=company.headers[who])
        assert traces(export.get_data(as_text=True)) == []
