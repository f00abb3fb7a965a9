"""Signing in, refreshing, signing out, and the list of where one is signed in."""

from flask import request
from flask.views import MethodView

from smartskill.kit.access import admit, current_session_id, current_user
from smartskill.kit.blueprint import Blueprint
from smartskill.kit.errors import NotFound, Unauthenticated
from smartskill.kit.tokens import TokenRefused
from smartskill.kit.transaction import commit
from smartskill.user.schemas.sessions import CsrfHeaderSchema, LoginSchema, RefreshSchema, SessionSchema, TokensSchema
from smartskill.user.services.sessions import end_session, end_sessions, list_sessions, rotate
from smartskill.user.services.signing_in import begin_sign_in, finish_sign_in
from smartskill.user.views.granting import DEVICE, given_refresh, grant_answer, remember_device, take_cookies

blp = Blueprint("sessions", __name__, url_prefix="/api/users", description="Signing in and out.")
EXAMPLE = {"email": "anna.schmidt@example.org", "password": "quiet otter crosses nine rivers"}


class SignInRefused(Unauthenticated):
    """No active account has this name and password."""


@blp.route("/login")
class Login(MethodView):
    @blp.public()
    @blp.arguments(LoginSchema, example=EXAMPLE)
    @blp.response(200, TokensSchema)
    @blp.doc(operationId="login")
    def post(self, data):
        """Sign in

        With e-mail address or user name. Failures are counted, and slowed down when there are many. The answer sets a
        cookie that marks this device as known to the account, so that others' guesses don't slow down its owner.
        """
        attempt = begin_sign_in(data, address=request.remote_addr or "", device=request.cookies.get(DEVICE))
        commit()  # the connection goes back to the pool before the slow part
        is_cookie = data["refresh"] == "cookie"
        agent = request.user_agent.string
        grant = finish_sign_in(attempt, data["password"], user_agent=agent, is_cookie=is_cookie)
        commit()
        if grant is None:
            raise SignInRefused()
        remember_device(grant.user.id)
        return grant_answer(grant, is_cookie=is_cookie)


@blp.route("/refresh")
class Refresh(MethodView):
    @blp.public()
    @blp.arguments(RefreshSchema)
    @blp.arguments(CsrfHeaderSchema, location="headers")
    @blp.response(200, TokensSchema)
    @blp.doc(operationId="refresh")
    def post(self, data, headers):
        """Exchange the refresh token for new tokens

        Each refresh token counts once. Using the last one again within seconds repeats the answer; any other reuse ends
        the session. The new token comes in the form in which the old one was sent.
        """
        claims, is_cookie = given_refresh(data)
        grant = rotate(claims)
        commit()  # also of a refusal, which may have ended the session
        if grant is None:
            if is_cookie:
                take_cookies()
            raise TokenRefused("The refresh token was used before, or its session has ended: sign in again.")
        return grant_answer(grant, is_cookie=is_cookie)


@blp.route("/logout")
class Logout(MethodView):
    @blp.public()
    @blp.arguments(RefreshSchema)
    @blp.arguments(CsrfHeaderSchema, location="headers")
    @blp.response(200, SessionSchema)
    @blp.doc(operationId="logout")
    def post(self, data, headers):
        """Sign out

        Ends the session of the refresh token, or of the access token where no refresh token is sent.
        """
        user_id, session_id = _session_to_end(data)
        take_cookies()
        try:
            session = end_session(user_id, session_id)
        except NotFound:
            raise TokenRefused("This session has ended already.") from None
        commit()
        return session


def _session_to_end(data: dict) -> tuple[int, int]:
    if not data and request.headers.get("Authorization"):
        return admit("employee").id, current_session_id()
    claims, _ = given_refresh(data)
    return int(claims["sub"]), claims["sid"]


@blp.route("/sessions")
class Sessions(MethodView):
    @blp.login_required()
    @blp.response(200, SessionSchema(many=True))
    @blp.doc(operationId="listSessions")
    def get(self):
        """List where I am signed in"""
        return list_sessions(current_user().id, current_session_id())

    @blp.login_required()
    @blp.response(200, SessionSchema(many=True))
    @blp.doc(operationId="endOtherSessions")
    def delete(self):
        """Sign out everywhere else"""
        ended = end_sessions(current_user().id, except_id=current_session_id())
        commit()
        return ended


@blp.route("/sessions/<id:session_id>")
class OneSession(MethodView):
    @blp.login_required()
    @blp.response(200, SessionSchema)
    @blp.doc(operationId="endSession")
    def delete(self, session_id):
        """Sign out one of my sessions"""
        session = end_session(current_user().id, session_id)
        commit()
        return session
