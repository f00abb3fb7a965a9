"""A token counts only whole, typed, current and for a person who may still come in."""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from datetime import UTC, datetime, timedelta

import jwt
import pytest
from sqlalchemy import update

from smartskill.database import now
from smartskill.extensions import db
from smartskill.kit.access import issue_access_token
from smartskill.user.models import User, UserSession
from tests.factories import make_user

PATH = "/api/things/"


@pytest.fixture
def session(quick):
    made = UserSession(user_id=make_user().id, expires_at=now() + timedelta(days=1))
    db.session.add(made)
    db.session.flush()
    return made


def claims(session, **changed):
    at = int(datetime.now(UTC).timestamp())
    whole = {
        "sub": str(session.user_id),
        "sid": session.id,
        "type": "access",
        "jti": "j" * 32,
        "fresh": False,
        "iss": "smart-skill",
        "aud": "smart-skill-api",
        "iat": at,
        "nbf": at,
        "exp": at + 60,
    }
    return {name: value for name, value in {**whole, **changed}.items() if value is not ...}


def sign(kit_app, payload, *, algorithm="HS256", key=None, **headers):
    secret = kit_app.config["JWT_SECRET_KEY"] if key is None else key
    return jwt.encode(payload, secret, algorithm=algorithm, headers={"typ": "at+jwt", **headers})


def ask(quick, token, scheme="Bearer"):
    return quick.get(PATH, headers={"Authorization": f"{scheme} {token}"})


def refused(quick, token):
    answer = ask(quick, token)
    return (answer.status_code, answer.mimetype, "WWW-Authenticate" in answer.headers) == (
        401,
        "application/problem+json",
        True,
    )


@pytest.mark.parametrize("scheme", ["Bearer", "bearer", "BEARER"])
def test_a_whole_token_is_accepted_whatever_the_case_of_its_scheme(kit_app, quick, session, scheme):
    assert ask(quick, sign(kit_app, claims(session)), scheme).status_code == 200


def test_a_token_that_we_issue_is_whole(kit_app, quick, session):
    with kit_app.app_context():
        token = issue_access_token(session.user_id, session.id)
    assert ask(quick, token).status_code == 200


@pytest.mark.parametrize(
    "changed",
    [
        *({name: ...} for name in ("exp", "iat", "nbf", "jti", "iss", "aud", "sub", "type", "sid")),
        *({name: None} for name in ("exp", "jti", "sub", "sid")),
        {"exp": 1},
        {"exp": "never"},
        {"nbf": 9_999_999_999},
        {"iat": 9_999_999_999},
        {"iss": "other"},
        {"aud": "smart-skill-refresh"},
        {"aud": ["smart-skill-api"]},
        {"aud": ["smart-skill-api", "smart-skill-refresh"]},
        {"type": "refresh"},
        {"type": "reset"},
        {"sub": 7},
        {"sub": "999999"},
        {"sub": "-1"},
        {"sub": "1 OR 1=1"},
        {"sub": "9" * 50},
        {"sub": "٣"},
        {"sid": "1"},
        {"sid": 999_999},
        {"sid": True},
        {"sid": [1]},
    ],
    ids=str,
)
def test_a_claim_that_is_missing_or_wrong_is_401(kit_app, quick, session, changed):
    assert refused(quick, sign(kit_app, claims(session, **changed)))


@pytest.mark.parametrize(
    "headers",
    [
        {"typ": "JWT"}, {"typ": "rt+jwt"}, {"typ": None}, {"kid": "../../dev/null"}, {"jku": "https://evil.example"},
        {"jwk": {"kty": "oct"}}, {"x5u": "https://evil.example"}, {"crit": ["exp"]}, {"zip": "DEF"},
    ],
    ids=str,
)  # fmt: skip
def test_a_header_that_is_not_ours_is_401(kit_app, quick, session, headers):
    assert refused(quick, sign(kit_app, claims(session), **headers))


@pytest.mark.filterwarnings("ignore::jwt.warnings.InsecureKeyLengthWarning")
@pytest.mark.parametrize(("algorithm", "key"), [("HS512", None), ("HS256", "x" * 32), ("HS256", "short")])
def test_another_algorithm_or_key_is_401(kit_app, quick, session, algorithm, key):
    assert refused(quick, sign(kit_app, claims(session), algorithm=algorithm, key=key))


@pytest.mark.parametrize("name", ["none", "None", "NONE", "nOnE"])
def test_an_unsigned_token_is_401(kit_app, quick, session, name):
    head = urlsafe_b64encode(b'{"alg":"%s","typ":"at+jwt"}' % name.encode()).rstrip(b"=").decode()
    body = sign(kit_app, claims(session)).split(".")[1]
    assert refused(quick, f"{head}.{body}.")


@pytest.mark.parametrize("token", ["", ".", "..", "a.b.c", "x" * 5_000, "\xff.\xff.\xff", "eyJ9.eyJ9.", "Bearer"])
def test_what_is_no_token_is_401(quick, token):
    assert refused(quick, token)


@pytest.mark.parametrize("header", ["Basic YTpi", "Bearer", "Token abc", "Bearer a b"])
def test_another_scheme_is_401(quick, header):
    assert quick.get(PATH, headers={"Authorization": header}).status_code == 401


def test_every_flipped_bit_of_the_signature_is_401(kit_app, quick, session):
    head, body, signature = sign(kit_app, claims(session)).split(".")
    bits = bytearray(urlsafe_b64decode(signature + "="))
    for position in range(0, len(bits) * 8, 5):
        bits[position // 8] ^= 1 << position % 8
        forged = urlsafe_b64encode(bits).rstrip(b"=").decode()
        bits[position // 8] ^= 1 << position % 8
        assert refused(quick, f"{head}.{body}.{forged}")


def test_a_second_spelling_of_the_same_signature_is_401(kit_app, quick, session):
    token = sign(kit_app, claims(session))
    spellings = [token[:-1] + letter for letter in "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"]
    accepted = [spelling for spelling in spellings if ask(quick, spelling).status_code == 200]
    assert accepted == [token]
    assert refused(quick, token + "=")


def test_a_revoked_session_ends_its_tokens_at_once(kit_app, quick, session):
    token = sign(kit_app, claims(session))
    assert ask(quick, token).status_code == 200
    session.revoked_at = now()
    db.session.commit()
    assert refused(quick, token)


def test_a_disabled_account_is_refused_at_once(kit_app, quick, session):
    token = sign(kit_app, claims(session))
    db.session.execute(update(User).values(is_active=False))
    db.session.commit()
    assert refused(quick, token)


def test_a_session_belongs_to_its_person(kit_app, quick, session):
    other = make_user()
    db.session.commit()
    assert refused(quick, sign(kit_app, claims(session, sub=str(other.id))))


def test_the_role_is_that_of_the_database_and_not_of_the_token(kit_app, quick, session):
    token = sign(kit_app, claims(session, role="admin"))
    assert quick.delete("/api/things/1", headers={"Authorization": f"Bearer {token}"}).status_code == 403
    db.session.execute(update(User).values(role="hr"))
    db.session.commit()
    assert quick.delete("/api/things/1", headers={"Authorization": f"Bearer {token}"}).status_code == 404
