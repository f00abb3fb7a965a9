"""What the tests of résumés share: an entry, the two calls, and how a report is read."""

import json

from sqlalchemy import func, select

from smartskill.extensions import db
from tests.factories import sign_in

JOB = {"name": "Northwind", "position": "Engineer", "startDate": "2019-05"}
LOTS = ("added", "changed", "unchanged", "removed", "kept", "skipped")


def put(client, user, document, query=""):
    return client.put(f"/api/users/me/resume?{query}", json=document, headers=sign_in(user))


def get(client, user, user_id="me"):
    return client.get(f"/api/users/{user_id}/resume", headers=sign_in(user)).json


def lots(answer):
    assert answer.status_code == 200, answer.json
    return {lot: answer.json[lot] for lot in LOTS if answer.json[lot]}


def actions(answer):
    return {entry["entry"]: entry["action"] for entry in answer.json["entries"]}


def in_order(entries):
    return sorted(entries, key=lambda entry: json.dumps(entry, sort_keys=True))


def count(model):
    return db.session.scalar(select(func.count()).select_from(model))
