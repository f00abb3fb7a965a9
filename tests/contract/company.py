"""A small company with one row of everything, so that every operation has something to act on.

`own` is the person whose rows these are; `boss` is above them, `other_boss` above somebody else, `other` a colleague.
"""

from dataclasses import dataclass, field
from datetime import timedelta
from hashlib import sha256
from typing import Any
from uuid import uuid4

from sqlalchemy.dialects.postgresql import Range

from smartskill.database import now
from smartskill.engagement.models import ModelVersion, PlanRun
from smartskill.engagement.services.confirming import make_confirm_token
from smartskill.exchange.models import Badge, BadgeIssuer, FileImport
from smartskill.exchange.services.files.keeping import write_file
from smartskill.extensions import db
from smartskill.kit.tokens import issue_refresh_token
from smartskill.notifications.models import Delivery, Notification, Suppression
from smartskill.notifications.services.clicks import click_url
from smartskill.notifications.services.tokens import unsubscribe_token
from smartskill.planning.models.growth import DismissedSkill
from smartskill.planning.models.roles import Exemption, RoleAssignment, RoleProfile, RoleRequirement
from smartskill.planning.models.searches import SavedSearch
from smartskill.planning.models.suggestions import SkillSuggestion, WordsReading
from smartskill.planning.models.targets import CoverageTarget
from smartskill.planning.models.teams import TeamPlan
from smartskill.qualification.models import QualificationType
from smartskill.qualification.services.evidence import attach_evidence
from smartskill.skills.models.catalogue import LevelScale, Skill, SkillCategory, SkillSource
from smartskill.skills.models.levels import Endorsement
from smartskill.skills.models.merges import SkillMerge
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
NOTHING_MERGED = {"moved": {}, "folded": {}, "aliases": [], "people": 0, "levels_changed": 0}
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
    company.names |= _badges(people)
    company.names |= _files(people)
    company.names |= _roles(people["own"], company.names)
    company.names |= _plans(people, company.names)
    company.names |= _searches(people["own"], company.names)
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
    double = make_skill(status="retired", merged_into_id=wanted.id)
    merge = SkillMerge(skill_id=double.id, into_id=wanted.id, former_status="active", report=NOTHING_MERGED)
    scale = LevelScale(name=f"Scale {skill.id}", level_names=list("ABCDE"), wordings=[None] * 5)
    db.session.add_all([merge, scale])
    db.session.flush()
    return {
        "skill_id": skill.id,
        "free_skill_id": free.id,
        "new_skill_id": wanted.id,
        "merge_id": merge.id,
        "scale_id": scale.id,
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
    gone = Suppression(email=f"gone{own.id}@example.org", reason="hard_bounce")
    db.session.add_all([entry, mail, gone])
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
        "suppression_id": gone.id,
        "unsubscribe": unsubscribe_token(mail),
        "click": click_url(mail, "/profile").rpartition("/")[2],
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


def _files(people: dict[str, User]) -> dict[str, Any]:
    content, number = b'{"work": []}', people["own"].id
    facts = {"media_type": "application/json", "size_bytes": len(content), "digest": sha256(content).hexdigest()}
    row = FileImport(requested_by_id=number, owner_id=number, file_name="cv.json", state="previewed", **facts)
    db.session.add(row)
    db.session.flush()
    write_file(row, content)
    return {"import_id": row.id}


def _badges(people: dict[str, User]) -> dict[str, Any]:
    number = people["own"].id
    badge = Badge(user_id=number, content=b"{}", digest=f"{number}", state="refused")
    issuer = BadgeIssuer(identifier=f"did:web:badges{number}.example.org", name="Institute")
    words = SkillSuggestion(user_id=number, skill_id=make_skill().id, score=0.5)
    db.session.add_all([badge, issuer, words, WordsReading(user_id=number)])
    db.session.flush()
    return {"badge_id": badge.id, "issuer_id": issuer.id, "suggestion_id": words.id}


def _roles(own: User, names: dict[str, Any]) -> dict[str, Any]:
    role, free = (RoleProfile(name=f"{name} {own.id}") for name in ("Baker's apprentice", "Nobody's role"))
    role.requirements = [RoleRequirement(skill_id=names["skill_id"], level=3)]
    db.session.add_all([role, free])
    db.session.flush()
    since, until = today() - timedelta(days=30), today() + timedelta(days=300)
    days = {"starts_on": since, "ends_on": until}
    exemption = Exemption(user_id=own.id, qualification_type_id=names["type_id"], reason="Renewed in May.", **days)
    db.session.add_all([RoleAssignment(user_id=own.id, role_id=role.id, valid=Range(since, None)), exemption])
    db.session.flush()
    more = {"exemption_id": exemption.id, "today": str(today()), "next_year": str(until)}
    return {"role_id": role.id, "free_role_id": free.id, **more}


def _plans(people: dict[str, User], names: dict[str, Any]) -> dict[str, Any]:
    skill_id, need = names["skill_id"], {"skill_id": names["skill_id"], "min_level": 1, "heads": 1, "must": True}
    target = CoverageTarget(team_id=names["team_id"], skill_id=skill_id, level=2, heads=3)
    asked = {"needs": [need], "pool": {}, "most": None}
    plan = TeamPlan(user_id=people["boss"].id, request=asked, expires_at=now() + timedelta(days=1))
    db.session.add_all([target, plan, DismissedSkill(user_id=people["own"].id, skill_id=skill_id)])
    db.session.flush()
    return {"target_id": target.id, "plan_id": plan.id}


def _searches(own: User, names: dict[str, Any]) -> dict[str, Any]:
    need = f"{names['skill_id']}:1"
    search = SavedSearch(user_id=own.id, name="Mine", query={"need": [need], "not": [], "match": "all"})
    db.session.add(search)
    db.session.flush()
    return {"search_id": search.id, "need": need}


def _learned() -> dict[str, Any]:
    metrics = {name: {"auc": {"value": 0.7}} for name in ("model", "recency_only")}
    model, run = ModelVersion(card={"metrics": metrics, "gate": {"highest_stage": 0}}), PlanRun()
    db.session.add_all([model, run])
    db.session.flush()
    return {"model_id": model.id, "run_id": run.id}
