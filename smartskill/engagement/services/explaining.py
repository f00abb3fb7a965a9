"""The latest decisions about a person, in full and from the database alone."""

from typing import Any

from sqlalchemy import Select, func, select

from smartskill.engagement.models import Decision, Prediction
from smartskill.engagement.services.people import who_allows
from smartskill.engagement.services.wording.sentences import line
from smartskill.extensions import db
from smartskill.kit.errors import NotFound
from smartskill.notifications.models import Delivery, Notification
from smartskill.notifications.services.texts import kind_name
from smartskill.user.models import User


class NoSuchPerson(NotFound):
    """Nobody has this address."""


def get_person(email: str) -> User:
    """Somebody by their address.

    Raises:
        NoSuchPerson
    """
    person = db.session.scalar(select(User).where(func.lower(User.email) == email.strip().lower()))
    if person is None:
        raise NoSuchPerson(f"Nobody has the address {email}.")
    return person


def search_decisions(user_id: int) -> Select:
    """Every decision about a person, the newest first."""
    return select(Decision).where(Decision.user_id == user_id).order_by(Decision.decided_at.desc(), Decision.id.desc())


def search_predictions(user_id: int) -> Select:
    """What is predicted about a person; nothing from the moment on at which they no longer allow it."""
    mine = select(Prediction).where(Prediction.user_id == user_id, who_allows(Prediction.user_id))
    return mine.order_by(Prediction.name)


def find_mails(decision_ids: list[int]) -> dict[int, Delivery]:
    """The mail that each of these decisions became, if any."""
    found = (
        select(Notification.decision_id, Delivery)
        .join(Delivery, Delivery.id == Notification.delivery_id)
        .where(Notification.decision_id.in_(decision_ids))
    )
    pairs: Any = db.session.execute(found).all()
    return dict(pairs)


def show_decision(row: Decision, mail: Delivery | None) -> dict[str, Any]:
    """A decision as JSON, with what became of its mail."""
    return {
        "id": row.id,
        "mail_class": row.mail_class,
        "action": row.action,
        "drawn_action": row.drawn_action,
        "gate": row.gate,
        "gates": [{"name": name, "verdict": verdict} for name, verdict in row.gates or ()],
        "is_held_out": row.is_held_out,
        "stage": row.stage,
        "propensity": row.propensity,
        "propensities": row.propensities,
        "scores": row.scores,
        "price": row.price,
        "fallback": row.fallback,
        "model_id": row.model_version_id,
        "evidence": row.evidence,
        "decided_at": row.decided_at,
        "send_at": mail.due_at if mail is not None else row.send_at,
        "mail_state": mail.state if mail is not None else None,
        "mail_reason": mail.reason if mail is not None else None,
        "sent_at": mail.sent_at if mail is not None else None,
        "is_synthetic": row.is_synthetic,
    }


def show_decisions(rows: list[Decision]) -> list[dict[str, Any]]:
    """Decisions as JSON."""
    mails = find_mails([row.id for row in rows])
    return [show_decision(row, mails.get(row.id)) for row in rows]


def word_decisions(shown: list[dict[str, Any]], language: str) -> list[dict[str, Any]]:
    """The same with the kind's name and the evidence in words."""
    return [one | {"action_name": kind_name(one["action"], language), "text": _text(one, language)} for one in shown]


def _text(shown: dict[str, Any], language: str) -> str | None:
    parts = _parts(shown)
    return line(parts, language, shown["decided_at"].date()) if parts else None


def _parts(shown: dict[str, Any]) -> list[tuple[str, dict[str, Any]]]:
    """What was told, by kind; nothing where nothing was, or where the demo invented it."""
    evidence = shown["evidence"]
    if not evidence or shown["action"] == "none" or shown["is_synthetic"]:
        return []
    return list(evidence.items()) if shown["action"] == "digest" else [(shown["action"], evidence)]


def in_words(shown: dict[str, Any]) -> list[str]:
    """A decision as lines to read: what, why, by which odds, and what becomes of it."""
    return [
        f"{shown['decided_at']:%Y-%m-%d %H:%M} UTC  {shown['mail_class']}: {_what(shown)}",
        *(f"    because  {text}" for text in _because(shown)),
        *(f"    gates    {text}" for text in _gates(shown)),
        *(f"    odds     {text}" for text in _odds(shown)),
        f"    mail     {_mail(shown)}",
    ]


def _what(shown: dict[str, Any]) -> str:
    if shown["is_held_out"]:
        return f"nothing: held out for comparison (drawn: {shown['drawn_action']})"
    return "nothing" if shown["action"] == "none" else f"{shown['action']} ({kind_name(shown['action'], 'en')})"


def _because(shown: dict[str, Any]) -> list[str]:
    if shown["is_synthetic"]:
        return ["invented for the demo"]
    text, evidence = _text(shown, "en"), shown["evidence"] or {}
    rung = [f"rung {evidence['rung']} of the ladder, to the {evidence['audience']}"] if "rung" in evidence else []
    return [*([text] if text else []), *rung]


def _gates(shown: dict[str, Any]) -> list[str]:
    return [", ".join(f"{gate['name']} {gate['verdict']}" for gate in shown["gates"])] if shown["gates"] else []


def _odds(shown: dict[str, Any]) -> list[str]:
    if not shown["propensities"]:
        return ["by rule, not drawn"]
    said = [
        f"{arm} {odds:.3f}" + (f" (score {shown['scores'][arm]:+.3f})" if arm in (shown["scores"] or {}) else "")
        for arm, odds in sorted(shown["propensities"].items(), key=lambda item: -item[1])
        if odds > 0
    ]
    model = f"model {shown['model_id']}" if shown["model_id"] else "no model"
    fallback = f", fell back: {shown['fallback']}" if shown["fallback"] else ""
    price = "" if shown["price"] is None else f", price {shown['price']:.4f}"
    return [", ".join(said), f"stage {shown['stage']}, {model}{price}{fallback}"]


def _mail(shown: dict[str, Any]) -> str:
    if shown["mail_state"] is None:
        return f"none, gate {shown['gate']}" if shown["gate"] else "none"
    if shown["sent_at"]:
        return f"{shown['mail_state']} at {shown['sent_at']:%Y-%m-%d %H:%M} UTC"
    reason = f" ({shown['mail_reason']})" if shown["mail_reason"] else ""
    return f"{shown['mail_state']}{reason}, due at {shown['send_at']:%Y-%m-%d %H:%M} UTC"
