"""The small public pages that links of account mails lead to.

Opening one changes nothing, because scanners of mail open links: its button sends the token in a form's body. There is
no cookie and no session on them, so another site has nothing to borrow.
"""

from dataclasses import dataclass

from flask import Response, render_template, request
from flask.views import MethodView

from smartskill.kit.blueprint import Blueprint
from smartskill.kit.errors import Problem
from smartskill.kit.pages import STYLE, html_page
from smartskill.kit.problems import answer
from smartskill.kit.schemas import QuerySchema, Schema, String
from smartskill.kit.transaction import commit
from smartskill.user.schemas.fields import Password
from smartskill.user.services.credentials import change_email, reset_password, verify_email

blp = Blueprint(
    "account pages", __name__, template_folder="../templates", description="Where the links of account mails lead."
)
HTML = {"description": "The page.", "content": {"text/html": {"schema": {"type": "string"}}}}
WORDS = {
    "en": {
        "verify": ("Confirm your address", "Press the button if this address is yours.", "Confirm address"),
        "verify.done": ("Address confirmed", "Thank you. You can close this page."),
        "reset": ("Set a new password", "Signing in elsewhere will need the new one.", "Set password"),
        "reset.done": ("Password set", "You can sign in with it now."),
        "invitation": ("Welcome to Smart-Skill", "Choose a password to accept your invitation.", "Accept"),
        "invitation.done": ("Welcome", "Your account is ready: sign in with your address and password."),
        "email": ("Confirm your new address", "Press the button to sign in with this address from now on.", "Use it"),
        "email.done": ("Address changed", "Sign in with your new address from now on."),
        "password": "New password, 8 characters or more",
    },
    "de": {
        "verify": ("Adresse bestätigen", "Drücken Sie die Schaltfläche, wenn dies Ihre Adresse ist.", "Bestätigen"),
        "verify.done": ("Adresse bestätigt", "Vielen Dank. Sie können diese Seite schließen."),
        "reset": ("Neues Passwort wählen", "Danach müssen Sie sich überall neu anmelden.", "Passwort speichern"),
        "reset.done": ("Passwort gespeichert", "Sie können sich jetzt damit anmelden."),
        "invitation": ("Willkommen bei Smart-Skill", "Mit einem Passwort nehmen Sie die Einladung an.", "Annehmen"),
        "invitation.done": ("Willkommen", "Ihr Konto ist bereit. Melden Sie sich mit Adresse und Passwort an."),
        "email": ("Neue Adresse bestätigen", "Drücken Sie die Schaltfläche, um sie künftig zu verwenden.", "Verwenden"),
        "email.done": ("Adresse geändert", "Melden Sie sich ab jetzt mit der neuen Adresse an."),
        "password": "Neues Passwort, mindestens 8 Zeichen",
    },
}  # fmt: skip


@dataclass(frozen=True)
class Page:
    """What one of the pages says, and whether it asks for a password."""

    name: str
    asks_password: bool = False


class LinkQuery(QuerySchema):
    """The token that the mail's link carries."""

    token = String(1000, required=True)


class LinkForm(Schema):
    """The token, from the page's button."""

    token = String(1000, required=True)


class PasswordForm(LinkForm):
    """The token and a password."""

    password = Password(required=True)


def draw(page: Page, *, token: str = "", state: str = "", refusal: Problem | None = None) -> Response:
    """A page in the reader's language: with its form, done, or refused with the reason."""
    language = request.accept_languages.best_match(list(WORDS)) or "en"
    words = WORDS[language]
    reasons = [text for texts in (refusal.errors or {}).values() for text in texts] if refusal else []
    html = render_template(
        "account_page.html",
        language=language,
        words=words[f"{page.name}{state}"],
        password_label=words["password"],
        asks_password=page.asks_password,
        token=token,
        is_open=not state,
        reasons=list(dict.fromkeys(reasons or ([refusal.detail] if refusal else []))),
        style=STYLE,
    )
    return html_page(html, refusal.status if refusal else 200)


def finish(page: Page, token: str, act) -> Response:
    """Do what the button says; a refusal is a page for browsers and a problem for programs."""
    try:
        act()
        commit()
    except Problem as refusal:
        problem = answer(refusal)  # undoes what was begun
        is_browser = request.accept_mimetypes.best_match(["application/problem+json", "text/html"]) == "text/html"
        return draw(page, token=token, refusal=refusal) if is_browser else problem
    return draw(page, state=".done")


VERIFY, RESET = Page("verify"), Page("reset", asks_password=True)
INVITATION, EMAIL = Page("invitation", asks_password=True), Page("email")


@blp.route("/verify-email")
class VerifyPage(MethodView):
    @blp.public(produces="text/html")
    @blp.arguments(LinkQuery, location="query")
    @blp.doc(operationId="verifyEmailPage", responses={200: HTML})
    def get(self, query):
        """Show the page that confirms an address"""
        return draw(VERIFY, token=query["token"])

    @blp.public(produces="text/html")
    @blp.arguments(LinkForm, location="form")
    @blp.doc(operationId="verifyEmailByPage", responses={200: HTML})
    def post(self, form):
        """Confirm an address, by the page's button"""
        return finish(VERIFY, form["token"], lambda: verify_email(form["token"]))


@blp.route("/reset-password")
class ResetPage(MethodView):
    @blp.public(produces="text/html")
    @blp.arguments(LinkQuery, location="query")
    @blp.doc(operationId="resetPasswordPage", responses={200: HTML})
    def get(self, query):
        """Show the page that sets a new password"""
        return draw(RESET, token=query["token"])

    @blp.public(produces="text/html")
    @blp.arguments(PasswordForm, location="form")
    @blp.doc(operationId="resetPasswordByPage", responses={200: HTML})
    def post(self, form):
        """Set a new password, by the page's button"""
        return finish(RESET, form["token"], lambda: reset_password(form["token"], form["password"]))


@blp.route("/accept-invitation")
class InvitationPage(MethodView):
    @blp.public(produces="text/html")
    @blp.arguments(LinkQuery, location="query")
    @blp.doc(operationId="acceptInvitationPage", responses={200: HTML})
    def get(self, query):
        """Show the page that accepts an invitation"""
        return draw(INVITATION, token=query["token"])

    @blp.public(produces="text/html")
    @blp.arguments(PasswordForm, location="form")
    @blp.doc(operationId="acceptInvitationByPage", responses={200: HTML})
    def post(self, form):
        """Accept an invitation, by the page's button"""
        return finish(INVITATION, form["token"], lambda: reset_password(form["token"], form["password"], "invitation"))


@blp.route("/confirm-email")
class EmailPage(MethodView):
    @blp.public(produces="text/html")
    @blp.arguments(LinkQuery, location="query")
    @blp.doc(operationId="confirmEmailPage", responses={200: HTML})
    def get(self, query):
        """Show the page that takes a new address"""
        return draw(EMAIL, token=query["token"])

    @blp.public(produces="text/html")
    @blp.arguments(LinkForm, location="form")
    @blp.doc(operationId="confirmEmailByPage", responses={200: HTML})
    def post(self, form):
        """Take a new address, by the page's button"""
        return finish(EMAIL, form["token"], lambda: change_email(form["token"]))
