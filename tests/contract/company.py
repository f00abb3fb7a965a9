"""A small company with one row of everything, so that every operation has something to act on.

`own` is the person whose rows these are; `boss` is above them, `other_boss` above somebody else, `other` a colleague.
"""

from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from uuid import uuid4

from smartskill.database import now
from smartskill.engagement.models import ModelVersion, PlanRun
from smartskill.engagement.services.confirming import make_confirm_token
from smartskill.extensions import db
from smartskill.kit.tokens import issue_refresh_token
from smartskill.notifications.models import Delivery, Notification
from smartskill.notifications.services.tokens import unsubscribe_token
from smartskill.qualification.models import QualificationType
from smartskill.qualification.services.evidence import attach_evidence
from smartskill.skills.models import Endorsement, Skill, SkillCategory, SkillSource
from smartskill.user.models import Team, User, UserSession
from smartskill.user.services.dated import today
from smartskill.user.services.mail_tokens import make_token
from smartskill.user.services.organisation import place_user
from smartskill.user.services.passwords import hash_password
from smartskill.user.services.sessions import open_session
from smartskill.user.services.teams import create_team
from tests.factories import make_experience, make_qualification, make_skill, make_user, make_user_skill, sign_in

PASSWORD = "quiet otter crosses nine rivers"
PNG = b"\x89PNG\r\n\x1a\n" + b"\0" * 32
ROLES = {
    "own": "employee",
    "other": "employee",
    "boss": "manager",
    "other_boss": "manager",
    "hr": "hr",
    "admin": "admin",
}
_hashes: dict[str, str] = {}


@dataclass
class Company:
    """Its people, how they are signed in, and the values that addresses and bodies name."""

    ids: dict[str, int]
    headers: dict[str, dict[str, str]]
    names: dict[str, Any] = field(default_factory=dict)


def found_company() -> Company:
    """Make the company in the current transaction."""
    people = {name: make_user(role, **_password()) for name, role in ROLES.items()}
    ids = {name: person.id for name, person in people.items()}
    company = Company(ids, {"anonymous": {}} | {name: sign_in(person) for name, person in people.items()})
    company.names |= _organisation(people)
    company.names |= _catalogue()
    company.names |= _profile(people["own"], people["boss"], company.names)
    company.names |= _mails(people, company.names)
    company.names |= _learned()
    db.session.flush()
    return company


def _password() -> dict[str, str]:
    if not _hashes:
        _hashes["one"] = hash_password(PASSWORD)  # Argon2id takes its time: once is enough
    return {"password_hash": _hashes["one"]}


def _organisation(people: dict[str, User]) -> dict[str, Any]:
    number = people["own"].id
    team, side = create_team(f"Platform {number}"), create_team(f"Sales {number}")
    empty: Team = create_team(f"Archive {number}")
    for person, manager, home in (("own", "boss", team), ("boss", None, team), ("other", "other_boss", side)):
        place_user(people[person], team_id=home.id, manager_id=people[manager].id if manager else None)
    return {"team_id": team.id, "side_id": side.id, "empty_team_id": empty.id, "user_id": number}


def _catalogue() -> dict[str, Any]:
    skill, free, wanted = make_skill(), make_skill(), make_skill()
    category, empty = SkillCategory(name=f"Languages {skill.id}"), SkillCategory(name=f"Empty {skill.id}")
    kind, unused = (QualificationType(name=f"{name} {skill.id}") for name in ("Scrum Master", "Nobody's"))
    db.session.add_all([category, empty, kind, unused])
    if db.session.get(SkillSource, "esco") is None:
        db.session.add(SkillSource(key="esco", name="ESCO"))
    db.session.flush()
    skill.category_id = category.id
    return {
        "skill_id": skill.id,
        "free_skill_id": free.id,
        "new_skill_id": wanted.id,
        "category_id": category.id,
        "empty_category_id": empty.id,
        "type_id": kind.id,
        "unused_type_id": unused.id,
    }


def _profile(own: User, boss: User, names: dict[str, Any]) -> dict[str, Any]:
    skill = db.session.get_one(Skill, names["skill_id"])
    make_user_skill(own, skill)
    db.session.add(Endorsement(user_id=own.id, skill_id=skill.id, endorser_id=boss.id))
    hidden = make_skill()
    make_user_skill(own, hidden, is_shown=False)
    shown, private = make_experience(own, show_in_cv=True), make_experience(own, show_in_cv=False)
    held = make_qualification(own, type_id=names["type_id"], review_state="submitted")
    evidence = attach_evidence(held, "diploma.png", PNG)
    return {
        "hidden_skill_id": hidden.id,
        "experience_id": shown.id,
        "private_experience_id": private.id,
        "qualification_id": held.id,
        "evidence_id": evidence.id,
    }


def _mails(people: dict[str, User], names: dict[str, Any]) -> dict[str, Any]:
    own, newcomer = people["own"], make_user(verified_at=None)
    facts = {"endorser_name": "Boss", "skill_id": names["skill_id"], "skill_name": "Origami", "on": str(today())}
    entry = Notification(user_id=own.id, kind="endorsed", campaign_key="one", evidence={"endorsements": [facts]})
    mail = Delivery(
        user_id=own.id, kind="digest", mail_class="subscription", campaign_key="one", message_id=f"<{own.id}@x>"
    )
    db.session.add_all([entry, mail])
    db.session.flush()
    invited = make_user(password_hash=None, invited_at=now())
    session = UserSession(user_id=own.id, expires_at=now() + timedelta(days=1))
    db.session.add(session)
    token = open_session(own, user_agent=None, is_cookie=False).token
    refresh = issue_refresh_token(own.id, token.session_id, token.jti, token.issued_at, token.expires_at)
    db.session.flush()
    level = {"skill_id": names["skill_id"], "level": 3, "last_confirmed_on": str(today())}
    return {
        "notification_id": entry.id,
        "unsubscribe": unsubscribe_token(mail),
        "session_id": session.id,
        "confirm": make_confirm_token(own.id, [level]),
        "refresh_token": refresh,
        "verify": make_token("verify_email", newcomer),
        "reset": make_token("password_reset", own),
        "invitation": make_token("invitation", invited),
        "email_change": make_token("email_change", own, email=f"new{own.id}@example.com"),
        "email": own.email,
        "uuid": str(uuid4()),
        "now": now().isoformat(),
    }


def _learned() -> dict[str, Any]:
    metrics = {name: {"auc": {"value": 0.7}} for name in ("model", "recency_only")}
    model, run = ModelVersion(card={"metrics": metrics, "gate": {"highest_stage": 0}}), PlanRun()
    db.session.add_all([model, run])
    db.session.flush()
    return {"model_id": model.id, "run_id": run.id}
