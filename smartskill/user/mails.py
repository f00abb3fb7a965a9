"""The mails of an account: what each says, and its link, whose token is made here, when the mail is sent."""
# ruff: noqa: E501 - a sentence that is translated stays one line

from collections.abc import Callable
from typing import Any

from smartskill.extensions import db
from smartskill.kit.settings import setting
from smartskill.notifications.models import Delivery
from smartskill.notifications.services.rendering import Content, register
from smartskill.notifications.services.texts import Catalogue, language_of, say
from smartskill.user.models import User
from smartskill.user.services.mail_tokens import make_token

PAGES = {
    "verify_email": "/verify-email",
    "password_reset": "/reset-password",
    "invitation": "/accept-invitation",
    "email_change": "/confirm-email",
}
LINKLESS = ("password_changed", "email_changed")
TEXTS: Catalogue = {
    "en": {
        "verify_email.subject": "Confirm your address for Smart-Skill",
        "verify_email.text": "Please confirm that {email} is your address. Until then you can work in Smart-Skill, but get no notices by mail.",
        "verify_email.button": "Confirm address",
        "verify_email.closing": "The link works once, for {days} days. If you did not make an account here, ignore this mail.",
        "verify_email.reason": "this address was given for an account in Smart-Skill.",
        "password_reset.subject": "Set a new password for Smart-Skill",
        "password_reset.text": "Somebody, hopefully you, asked for a new password for your account.",
        "password_reset.button": "Set a new password",
        "password_reset.closing": "The link works once, for {minutes} minutes. If it was not you, ignore this mail: your password stays as it is.",
        "password_reset.reason": "a new password was asked for with your address.",
        "invitation.subject": "Your invitation to Smart-Skill",
        "invitation.text": "{by} invites you to Smart-Skill, where your organisation keeps what its people can do and want to learn.",
        "invitation.button": "Accept the invitation",
        "invitation.closing": "You will choose a password. The link works once, for {invitation_days} days.",
        "invitation.reason": "your organisation made an account for you.",
        "invitation.nobody": "Your organisation",
        "email_change.subject": "Confirm your new address for Smart-Skill",
        "email_change.text": "Press the button to sign in with {email} from now on.",
        "email_change.button": "Use this address",
        "email_change.closing": "The link works once, for {days} days. If you did not ask for this, ignore this mail.",
        "email_change.reason": "this address was given as the new one of an account in Smart-Skill.",
        "password_changed.subject": "Your Smart-Skill password was changed",
        "password_changed.text": "The password of your account was just changed, and its other sessions were signed out.",
        "password_changed.closing": "If it was not you, set a new password at once and tell whoever runs Smart-Skill in your organisation.",
        "password_changed.reason": "the password of your account was changed.",
        "email_changed.subject": "Your Smart-Skill address was changed",
        "email_changed.text": "Your account now uses the address {email}. This one no longer works for signing in.",
        "email_changed.closing": "If it was not you, tell whoever runs Smart-Skill in your organisation at once.",
        "email_changed.reason": "this was the address of your account until now.",
    },
    "de": {
        "verify_email.subject": "Bestätigen Sie Ihre Adresse für Smart-Skill",
        "verify_email.text": "Bitte bestätigen Sie, dass {email} Ihre Adresse ist. Bis dahin können Sie in Smart-Skill arbeiten, erhalten aber keine Hinweise per E-Mail.",
        "verify_email.button": "Adresse bestätigen",
        "verify_email.closing": "Der Link gilt einmal, {days} Tage lang. Wenn Sie hier kein Konto angelegt haben, ist nichts zu tun.",
        "verify_email.reason": "diese Adresse für ein Konto in Smart-Skill angegeben wurde.",
        "password_reset.subject": "Neues Passwort für Smart-Skill",
        "password_reset.text": "Jemand, hoffentlich Sie, hat ein neues Passwort für Ihr Konto angefordert.",
        "password_reset.button": "Neues Passwort wählen",
        "password_reset.closing": "Der Link gilt einmal, {minutes} Minuten lang. Wenn Sie es nicht waren, ist nichts zu tun: Ihr Passwort bleibt, wie es ist.",
        "password_reset.reason": "mit Ihrer Adresse ein neues Passwort angefordert wurde.",
        "invitation.subject": "Ihre Einladung zu Smart-Skill",
        "invitation.text": "{by} lädt Sie zu Smart-Skill ein. Dort hält Ihre Organisation fest, was ihre Leute können und lernen möchten.",
        "invitation.button": "Einladung annehmen",
        "invitation.closing": "Sie wählen dabei ein Passwort. Der Link gilt einmal, {invitation_days} Tage lang.",
        "invitation.reason": "Ihre Organisation ein Konto für Sie angelegt hat.",
        "invitation.nobody": "Ihre Organisation",
        "email_change.subject": "Bestätigen Sie Ihre neue Adresse für Smart-Skill",
        "email_change.text": "Mit der Schaltfläche melden Sie sich künftig mit {email} an.",
        "email_change.button": "Diese Adresse verwenden",
        "email_change.closing": "Der Link gilt einmal, {days} Tage lang. Wenn Sie das nicht wollten, ist nichts zu tun.",
        "email_change.reason": "diese Adresse als neue eines Kontos in Smart-Skill angegeben wurde.",
        "password_changed.subject": "Ihr Passwort für Smart-Skill wurde geändert",
        "password_changed.text": "Das Passwort Ihres Kontos wurde soeben geändert; alle anderen Anmeldungen wurden beendet.",
        "password_changed.closing": "Wenn Sie das nicht waren, wählen Sie sofort ein neues Passwort und wenden Sie sich an die Stelle, die Smart-Skill bei Ihnen betreibt.",
        "password_changed.reason": "das Passwort Ihres Kontos geändert wurde.",
        "email_changed.subject": "Ihre Adresse für Smart-Skill wurde geändert",
        "email_changed.text": "Ihr Konto verwendet jetzt die Adresse {email}. Mit der bisherigen können Sie sich nicht mehr anmelden.",
        "email_changed.closing": "Wenn Sie das nicht waren, wenden Sie sich sofort an die Stelle, die Smart-Skill bei Ihnen betreibt.",
        "email_changed.reason": "dies bisher die Adresse Ihres Kontos war.",
    },
}  # fmt: skip


def make_content(delivery: Delivery) -> Content | None:
    """The content of an account mail; None where its person is gone."""
    user = db.session.get(User, delivery.user_id) if delivery.user_id else None
    if user is None:
        return None
    extra = {"email": delivery.content["email"]} if delivery.kind == "email_change" else {}
    url = None
    if delivery.kind in PAGES:
        url = f"{PAGES[delivery.kind]}?token={make_token(delivery.kind, user, **extra)}"
    return write(delivery.kind, language_of(user.locale), url, {"email": user.email, **delivery.content})


def write(kind: str, language: str, url: str | None, facts: dict[str, Any]) -> Content:
    """The words of a kind around its link."""
    by = facts.get("by") or say(TEXTS, language, "invitation.nobody")
    values = {
        "days": setting("VERIFICATION_DAYS"),
        "minutes": setting("PASSWORD_RESET_MINUTES"),
        "invitation_days": setting("INVITATION_DAYS"),
        **facts,
        "by": by,
    }
    content: Content = {
        "subject": say(TEXTS, language, f"{kind}.subject", **values),
        "preheader": say(TEXTS, language, f"{kind}.text", **values),
        "paragraphs": [say(TEXTS, language, f"{kind}.text", **values)],
        "closing": [say(TEXTS, language, f"{kind}.closing", **values)],
        "reason": say(TEXTS, language, f"{kind}.reason", **values),
    }
    if url:
        content["button"] = {"text": say(TEXTS, language, f"{kind}.button", **values), "url": url}
    return content


def still_holds(delivery: Delivery) -> bool:
    """Whether there is still something to confirm."""
    user = db.session.get(User, delivery.user_id) if delivery.user_id else None
    if user is None:
        return False
    if delivery.kind == "verify_email":
        return not user.is_verified
    if delivery.kind == "invitation":
        return user.password_hash is None
    return True


def _sample(kind: str) -> Callable[[str], Content]:
    url = f"{PAGES[kind]}?token=sample" if kind in PAGES else None
    return lambda language: write(kind, language, url, {"email": "sam.sample@example.com", "by": "Maria Huber"})


for name in (*PAGES, *LINKLESS):
    register(name, make_content, mail_class="account", still_holds=still_holds, sample=_sample(name))
