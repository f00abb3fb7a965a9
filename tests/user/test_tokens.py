"""Access tokens that are not as we issue them: forged in some fifty ways, and with each single bit flipped."""

import base64
import json
import time

import jwt
import pytest

from smartskill.database import now
from smartskill.kit.access import issue_access_token
from smartskill.kit.tokens import TokenRefused, issue_refresh_token, read_token
from smartskill.user.services.mail_tokens import make_token
from tests.factories import make_user, sign_in

HEADER = {"alg": "HS256", "typ": "at+jwt"}
DROPPED, NOW = object(), int(time.time())
RSA_KEY = "-----BEGIN PUBLIC KEY-----\nMFwwDQYJKoZIhvcNAQEBBQADSwAwSAJBAK8\n-----END PUBLIC KEY-----\n"


def part(value) -> str:
    raw = value if isinstance(value, bytes) else json.dumps(value).encode()
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


class Forge:
    """Makes tokens for one person's live session, signed with the real key unless another is given."""

    def __init__(self, app, user):
        self.key, self.user = app.config["JWT_SECRET_KEY"], user
        self.good = sign_in(user)["Authorization"].removeprefix("Bearer ")
        self.claims = jwt.decode(self.good, options={"verify_signature": False})

    def sign(self, header: bytes | dict, claims: bytes | dict, key: str | None = None) -> str:
        signed = f"{part(header)}.{part(claims)}"
        algorithm = jwt.get_algorithm_by_name("HS256")
        signature = algorithm.sign(signed.encode(), (key or self.key).encode())
        return f"{signed}.{base64.urlsafe_b64encode(signature).rstrip(b'=').decode()}"

    def with_claims(self, **changed) -> str:
        claims = {name: value for name, value in {**self.claims, **changed}.items() if value is not DROPPED}
        return self.sign(HEADER, claims)

    def with_header(self, **changed) -> str:
        header = {name: value for name, value in {**HEADER, **changed}.items() if value is not DROPPED}
        return self.sign(header, self.claims)

    def unsigned(self, alg) -> str:
        return f"{part({'alg': alg, 'typ': 'at+jwt'})}.{part(self.claims)}."

    def hashed(self, alg: str) -> str:
        signed = f"{part({'alg': alg, 'typ': 'at+jwt'})}.{part(self.claims)}"
        signature = jwt.get_algorithm_by_name(alg).sign(signed.encode(), self.key.encode())
        return f"{signed}.{part(signature)}"

    def text(self) -> str:
        return json.dumps(self.claims)

    def twice(self, name: str) -> str:
        text = self.text()[:-1] + f", {json.dumps(name)}: {json.dumps(self.claims[name])}}}"
        return self.sign(HEADER, text.encode())


@pytest.fixture
def forge(app) -> Forge:
    return Forge(app, make_user())


def refresh_token(forge: Forge) -> str:
    return issue_refresh_token(forge.user.id, forge.claims["sid"], "jti", now(), now().replace(year=now().year + 1))


FORGERIES = {
    "nothing": lambda f: "",
    "a word": lambda f: "token",
    "three dots": lambda f: "...",
    "empty parts": lambda f: "..",
    "two parts": lambda f: ".".join(f.good.split(".")[:2]),
    "four parts": lambda f: f"{f.good}.{part(b'x')}",
    "five parts (JWE)": lambda f: ".".join([part(HEADER), "", part(b"iv"), part(b"text"), part(b"tag")]),
    "alg none": lambda f: f.unsigned("none"),
    "alg None": lambda f: f.unsigned("None"),
    "alg NONE": lambda f: f.unsigned("NONE"),
    "alg nOnE": lambda f: f.unsigned("nOnE"),
    "alg null": lambda f: f.unsigned(None),
    "alg empty": lambda f: f.unsigned(""),
    "alg list": lambda f: f.unsigned(["HS256"]),
    "alg missing": lambda f: f.with_header(alg=DROPPED),
    "alg hs256": lambda f: f.with_header(alg="hs256"),
    "HS384": lambda f: f.hashed("HS384"),
    "HS512": lambda f: f.hashed("HS512"),
    "RS256 header on an HMAC": lambda f: f.with_header(alg="RS256"),
    "ES256 with an empty signature": lambda f: f"{part({'alg': 'ES256', 'typ': 'at+jwt'})}.{part(f.claims)}.{'A' * 86}",
    "EdDSA of zeroes": lambda f: f"{part({'alg': 'EdDSA', 'typ': 'at+jwt'})}.{part(f.claims)}.{'A' * 86}",
    "signed with a public key": lambda f: f.sign(HEADER, f.claims, RSA_KEY),
    "signed with another key": lambda f: f.sign(HEADER, f.claims, "k" * 64),
    "signed with one character": lambda f: f.sign(HEADER, f.claims, "k"),
    "signed with the session key": lambda f: f.sign(HEADER, f.claims, "secret"),
    "no signature": lambda f: f.good.rpartition(".")[0] + ".",
    "half a signature": lambda f: f.good[:-20],
    "zero signature": lambda f: f.good.rpartition(".")[0] + "." + "A" * 43,
    "kid": lambda f: f.with_header(kid="1"),
    "kid that climbs": lambda f: f.with_header(kid="../../../dev/null"),
    "kid with SQL": lambda f: f.with_header(kid="x' UNION SELECT 'secret"),
    "jku": lambda f: f.with_header(jku="https://evil.example/keys"),
    "x5u": lambda f: f.with_header(x5u="https://evil.example/cert"),
    "jwk": lambda f: f.with_header(jwk={"kty": "oct", "k": part(b"k" * 32)}),
    "x5c": lambda f: f.with_header(x5c=["MII"]),
    "crit": lambda f: f.with_header(crit=["exp"]),
    "b64 false": lambda f: f.with_header(b64=False, crit=["b64"]),
    "cty": lambda f: f.with_header(cty="JWT"),
    "zip": lambda f: f.with_header(zip="DEF"),
    "typ missing": lambda f: f.with_header(typ=DROPPED),
    "typ JWT": lambda f: f.with_header(typ="JWT"),
    "typ of refresh": lambda f: f.with_header(typ="rt+jwt"),
    "typ in capitals": lambda f: f.with_header(typ="AT+JWT"),
    "header a list": lambda f: f.sign(b'["HS256"]', f.claims),
    "header no JSON": lambda f: f.sign(b"\xff\xfe", f.claims),
    "header with a key twice": lambda f: f.sign(b'{"alg":"HS256","alg":"HS256","typ":"at+jwt"}', f.claims),
    "claims a list": lambda f: f.sign(HEADER, b"[]"),
    "claims a text": lambda f: f.sign(HEADER, b'"claims"'),
    "claims null": lambda f: f.sign(HEADER, b"null"),
    "claims no JSON": lambda f: f.sign(HEADER, b"{"),
    "claims empty": lambda f: f.sign(HEADER, {}),
    "claims too deep": lambda f: f.sign(HEADER, b"[" * 5000 + b"]" * 5000),
    "expired": lambda f: f.with_claims(exp=NOW - 60),
    "expires before it begins": lambda f: f.with_claims(exp=NOW + 60, iat=NOW + 61, nbf=NOW - 1),
    "exp a text": lambda f: f.with_claims(exp=str(NOW + 600)),
    "exp a float": lambda f: f.with_claims(exp=NOW + 600.5),
    "exp beyond numbers": lambda f: f.sign(HEADER, f.text().replace(str(f.claims["exp"]), "1e400").encode()),
    "nbf in the future": lambda f: f.with_claims(nbf=NOW + 600),
    "iat in the future": lambda f: f.with_claims(iat=NOW + 500),
    "another issuer": lambda f: f.with_claims(iss="smart-skill.example"),
    "issuers": lambda f: f.with_claims(iss=["smart-skill"]),
    "another audience": lambda f: f.with_claims(aud="smart-skill-refresh"),
    "audiences": lambda f: f.with_claims(aud=["smart-skill-api"]),
    "type refresh": lambda f: f.with_claims(type="refresh"),
    "sub a number": lambda f: f.with_claims(sub=f.user.id),
    "sub empty": lambda f: f.with_claims(sub=""),
    "sub with a zero before": lambda f: f.with_claims(sub=f"0{f.user.id}"),
    "sub with a space": lambda f: f.with_claims(sub=f" {f.user.id}"),
    "sub in other digits": lambda f: f.with_claims(sub="\u0661"),
    "sub beyond ids": lambda f: f.with_claims(sub="9999999999"),
    "sub of nobody": lambda f: f.with_claims(sub="2147483647"),
    "sub with SQL": lambda f: f.with_claims(sub="1 OR 1=1"),
    "sub a list": lambda f: f.with_claims(sub=["1"]),
    "sid of no session": lambda f: f.with_claims(sid=2_147_483_647),
    "sid beyond ids": lambda f: f.with_claims(sid=2**40),
    "sid a text": lambda f: f.with_claims(sid=str(f.claims["sid"])),
    "sid true": lambda f: f.with_claims(sid=True),
    "jti a number": lambda f: f.with_claims(jti=7),
    "jti empty": lambda f: f.with_claims(jti=""),
    "jti too long": lambda f: f.with_claims(jti="x" * 37),
    **{f"no {name}": (lambda f, name=name: f.with_claims(**{name: DROPPED}))
       for name in ("exp", "iat", "nbf", "jti", "iss", "aud", "sub", "type", "sid")},
    **{f"{name} null": (lambda f, name=name: f.with_claims(**{name: None}))
       for name in ("exp", "iat", "nbf", "jti", "iss", "aud", "sub", "type", "sid")},
    "sub twice": lambda f: f.twice("sub"),
    "exp twice": lambda f: f.twice("exp"),
    "a refresh token": refresh_token,
    "a reset token": lambda f: make_token("password_reset", f.user),
    "padded": lambda f: f.good + "=",
    "with a line break": lambda f: f.good[:20] + "%0a" + f.good[20:],
    "in other base64": lambda f: f.good.replace("_", "/").replace("-", "+") + "+",
    "a megabyte": lambda f: f.with_claims(padding="x" * 1_000_000),
    "a megabyte of nothing": lambda f: "x" * 1_000_000,
    "twice after another": lambda f: f"{f.good} {f.good}",
    "two with a comma": lambda f: f"{f.good}, Bearer {f.good}",
}  # fmt: skip


TOO_LONG = {"claims too deep": 400, "a megabyte": 413, "a megabyte of nothing": 400}  # for a field of a body


def test_there_are_enough_kinds():
    assert len(FORGERIES) >= 90


@pytest.mark.parametrize("kind", FORGERIES)
def test_a_forged_token_is_401(client, forge, kind):
    response = client.get("/api/users/me", headers={"Authorization": f"Bearer {FORGERIES[kind](forge)}"})
    assert response.status_code == 401
    assert response.mimetype == "application/problem+json"
    assert response.headers["WWW-Authenticate"].startswith("Bearer")


@pytest.mark.parametrize(
    "kind", [name for name in FORGERIES if name not in ("a refresh token", "typ of refresh", "another audience")]
)
def test_a_forged_refresh_token_gives_nothing(client, forge, kind):
    response = client.post("/api/users/refresh", json={"refresh_token": FORGERIES[kind](forge) or "-"})
    assert response.status_code == TOO_LONG.get(kind, 401)


@pytest.mark.parametrize("scheme", ["Bearer", "bearer", "BEARER", "bEaReR"])
def test_the_schemes_case_does_not_matter(client, forge, scheme):
    assert client.get("/api/users/me", headers={"Authorization": f"{scheme} {forge.good}"}).status_code == 200


@pytest.mark.parametrize("value", ["", "Bearer", "Bearer ", "Basic YTpi", "Token {}", "{}", "Bearer={}", "Bearer\t{}"])
def test_any_other_header_is_401(client, forge, value):
    assert client.get("/api/users/me", headers={"Authorization": value.format(forge.good)}).status_code == 401


def test_a_token_in_the_query_or_a_cookie_does_not_count(client, forge):
    client.set_cookie("access_token_cookie", forge.good)
    assert client.get("/api/users/me").status_code == 401
    assert client.get(f"/api/users/me?jwt={forge.good}").status_code == 401


def test_the_good_token_is_good(app, forge):
    assert read_token(forge.good, "access")["sid"] == forge.claims["sid"]
    assert read_token(forge.with_claims(), "access") == forge.claims


def test_no_single_flipped_bit_is_accepted(app, forge):
    good, accepted = forge.good.encode(), []
    for place in range(len(good)):
        for bit in range(8):
            flipped = bytearray(good)
            flipped[place] ^= 1 << bit
            try:
                read_token(flipped.decode("latin-1"), "access")
            except TokenRefused:
                continue
            accepted.append((place, bit))
    assert len(good) * 8 > 2000
    assert accepted == []


def test_the_same_facts_make_the_same_refresh_token(app, forge):
    moment = now()
    made = {issue_refresh_token(1, 2, "jti", moment, moment.replace(year=2100)) for _ in range(3)}
    assert len(made) == 1


def test_an_access_token_lives_for_ten_minutes(app, forge):
    claims = read_token(issue_access_token(1, 1), "access")
    assert claims["exp"] - claims["iat"] == 600
