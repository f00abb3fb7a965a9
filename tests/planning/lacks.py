"""What tests of gaps say of people: a role they have, an exemption, a certificate; and what they ask."""

from datetime import UTC, datetime, timedelta

from sqlalchemy.dialects.postgresql import Range

from smartskill.extensions import db
from smartskill.planning.models.roles import Exemption, RoleAssignment
from smartskill.qualification.models import QualificationType
from smartskill.user.services.dated import today
from tests.factories import make_qualification, sign_in

TODAY = today()


def assign(user, role, since=TODAY - timedelta(days=400), until=None):
    db.session.add(RoleAssignment(user_id=user.id, role_id=role.id, valid=Range(since, until)))
    db.session.flush()


def exempt(user, target, **given):
    column = "qualification_type_id" if isinstance(target, QualificationType) else "skill_id"
    days = {"starts_on": TODAY - timedelta(days=10), "ends_on": TODAY + timedelta(days=10)}
    row = Exemption(user_id=user.id, reason="Does other work.", **{column: target.id}, **{**days, **given})
    db.session.add(row)
    db.session.flush()
    return row


def certify(user, kind, **given):
    facts = {"review_state": "verified", "reviewed_at": datetime.now(UTC)}
    return make_qualification(user, type_id=kind.id, **{**facts, **given})


def ask(client, user, query="", by=None):
    answer = client.get(f"/api/users/{user.id}/gap?{query}", headers=sign_in(by or user))
    assert answer.status_code == 200, answer.json
    return answer.json


def states(gap):
    return {row["name"]: row["state"] for row in gap["requirements"]}


def names(rows):
    return [row["name"] for row in rows]
