"""Password and address: verifying, changing, recovering."""

import time
from collections.abc import Callable

from flask import request
from flask.views import MethodView

from smartskill.kit.access import current_session_id, current_user
from smartskill.kit.blueprint import Blueprint
from smartskill.kit.transaction import commit
from smartskill.user.schemas.accounts import EmailChangeSchema, PasswordChangeSchema, UserSchema
from smartskill.user.schemas.sessions import AcceptedSchema, LinkSchema, ResetRequestSchema, ResetSchema
from smartskill.user.services.accounts import get_user_to_change
from smartskill.user.services.credentials import (
    ask_email_change,
    ask_password_reset,
    ask_verification,
    change_email,
    change_password,
    reset_password,
    verify_email,
)
from smartskill.user.services.policy import show
from smartskill.user.services.throttling import admit_mail_request

blp = Blueprint("credentials", __name__, url_prefix="/api/users", description="Passwords and addresses.")
SAME_SECONDS = 0.25  # an answer that must not tell by its time whether an account exists takes at least this long


@blp.route("/verify-email")
class VerifyEmail(MethodView):
    @blp.public()
    @blp.arguments(LinkSchema)
    @blp.response(200, UserSchema)
    @blp.doc(operationId="verifyEmail")
    def post(self, data):
        """Confirm an address by the token of its mail"""
        user = verify_email(data["token"])
        commit()
        return show(user, user)


@blp.route("/verify-email/resend")
class VerificationMail(MethodView):
    @blp.login_required()
    @blp.response(200, AcceptedSchema)
    @blp.doc(operationId="resendVerification")
    def post(self):
        """Have the verification mail sent again"""
        ask_verification(current_user())
        commit()
        return {"detail": f"A mail is on its way to {current_user().email}."}


@blp.route("/password")
class Password(MethodView):
    @blp.login_required()
    @blp.arguments(PasswordChangeSchema)
    @blp.response(200, UserSchema)
    @blp.doc(operationId="changePassword")
    def post(self, data):
        """Change my password

        Needs the present one. Every other session is signed out.
        """
        user = get_user_to_change("me", current_user())
        change_password(user, data, session_id=current_session_id())
        commit()
        return show(user, user)


@blp.route("/password-reset")
class PasswordReset(MethodView):
    @blp.public()
    @blp.arguments(ResetRequestSchema)
    @blp.response(200, AcceptedSchema)
    @blp.doc(operationId="requestPasswordReset")
    def post(self, data):
        """Ask for a link that sets a new password

        The answer is the same, and takes as long, whether the address has an account or not.
        """
        admit_mail_request(request.remote_addr or "")

        def ask() -> None:
            ask_password_reset(data["email"])
            commit()

        _evenly(ask)
        return {"detail": "If the address has an account, a mail with a link is on its way."}


def _evenly(act: Callable[[], None]) -> None:
    began_at = time.monotonic()
    act()
    time.sleep(max(0.0, SAME_SECONDS - (time.monotonic() - began_at)))


@blp.route("/password-reset/confirm")
class PasswordResetConfirmation(MethodView):
    @blp.public()
    @blp.arguments(ResetSchema)
    @blp.response(200, UserSchema)
    @blp.doc(operationId="resetPassword")
    def post(self, data):
        """Set a new password by the token of a mail

        Signs out everywhere.
        """
        user = reset_password(data["token"], data["password"])
        commit()
        return show(user, user)


@blp.route("/email")
class Email(MethodView):
    @blp.login_required()
    @blp.arguments(EmailChangeSchema)
    @blp.response(200, AcceptedSchema)
    @blp.doc(operationId="requestEmailChange")
    def post(self, data):
        """Ask to change my address

        Needs the password. A link goes to the new address; the change happens when it is followed.
        """
        ask_email_change(current_user(), data["email"], data["password"])
        commit()
        return {"detail": "If the address is free, a mail with a link is on its way to it."}


@blp.route("/email/confirm")
class EmailConfirmation(MethodView):
    @blp.public()
    @blp.arguments(LinkSchema)
    @blp.response(200, UserSchema)
    @blp.doc(operationId="confirmEmailChange")
    def post(self, data):
        """Take the new address, by the token of its mail"""
        user = change_email(data["token"])
        commit()
        return show(user, user)
