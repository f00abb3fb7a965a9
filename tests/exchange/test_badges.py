"""Open Badges: what proves something fills in a qualification, what proves nothing does not."""

from io import BytesIO

import pytest
from openbadgeslib.ob3 import IdentityObject
from openbadgeslib.util import hash_email

from smartskill.database import now
from smartskill.exchange.models import Badge
from smartskill.exchange.services.badges.filling import RECHECK, STRAY, IssuerUnreachable, check_badge, find_due_badges
from smartskill.extensions import db
from smartskill.qualification.models import GrantedSkill, Qualification, QualificationType
from smartskill.skills.models.levels import UserSkill
from tests.exchange.badges import LIST_URL, BadgeMaker, tampered
from tests.factories import make_skill, make_user, sign_in


def nobody_answers(url: str) -> bytes:
    raise OSError(url)


@pytest.fixture
def maker() -> BadgeMaker:
    return BadgeMaker()


@pytest.fixture
def holder(app):
    return make_user(email="ada@example.com")


@pytest.fixture
def hand_in(client, holder):
    """Hand a badge in over HTTP, check it as the worker does, and read the answer."""
    headers = sign_in(holder)

    def act(content: bytes, fetch=nobody_answers) -> dict:
        sent = {"file": (BytesIO(content), "badge")}
        answer = client.post("/api/qualification/badges/", data=sent, headers=headers)
        assert answer.status_code == 202, answer.json
        assert answer.json["state"] == "queued"
        check_badge(answer.json["id"], fetch)
        return client.get(answer.headers["Location"], headers=headers).json

    return act


@pytest.fixture
def listed(client, maker):
    """HR lists the maker; returns whoever did."""
    hr = make_user("hr")
    body = {"identifier": maker.identifier, "name": "Welding Institute"}
    assert client.post("/api/qualification/badge-issuers/", json=body, headers=sign_in(hr)).status_code == 200
    return hr


@pytest.mark.parametrize("form", ["token", "document", "svg", "png"])
def test_a_genuine_badge_fills_in_a_verified_qualification(hand_in, maker, listed, holder, form):
    found = hand_in(getattr(maker, form)("mailto:ada@example.com"))
    assert found["state"] == "verified", found
    held = db.session.get_one(Qualification, found["qualification_id"])
    assert (held.user_id, held.title, held.issuer, held.kind) == (
        holder.id, "Certified Welder", "Welding Institute", "licence"
    )  # fmt: skip
    assert (held.review_state, held.reviewed_by_id) == ("verified", listed.id)
    assert held.issued_on.precision == "day"
    assert held.expires_on > now().date()


def test_handed_in_twice_it_is_one(hand_in, maker, listed):
    token = maker.token("mailto:ada@example.com")
    first, second = hand_in(token), hand_in(token)
    assert first["id"] == second["id"]
    assert first["qualification_id"] == second["qualification_id"]
    assert db.session.query(Qualification).count() == 1


def test_nobody_vouches_for_a_stranger(hand_in, maker, client, holder):
    token = maker.token("mailto:ada@example.com")
    found = hand_in(token)
    assert (found["state"], found["qualification_id"]) == ("unknown_issuer", None)
    body = {"identifier": maker.identifier, "name": "Welding Institute"}
    client.post("/api/qualification/badge-issuers/", json=body, headers=sign_in(make_user("hr")))
    assert hand_in(token)["state"] == "verified"


def test_no_other_host_is_asked_for_a_stranger(hand_in):
    asked = []
    hand_in(BadgeMaker("did:web:evil.example").token("mailto:ada@example.com"), asked.append)
    assert asked == []


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (lambda maker: tampered(maker.token("mailto:ada@example.com")), "ignature"),
        (lambda maker: maker.document("mailto:ada@example.com").replace(b"Certified Welder", b"Wizard"), ""),
        (lambda maker: maker.token("mailto:ada@example.com", days=-1), "expired"),
        (lambda maker: maker.token("mailto:ada@example.com", since=-2), "not yet valid"),
        (lambda maker: maker.token("mailto:eve@example.com"), "another e-mail address"),
        (lambda maker: b"{}", "no Open Badges"),
        (lambda maker: b'{"issuer": {"id": 5}}', "does not name its issuer"),
        (lambda maker: b"a.b.c", "no Open Badges"),
        (lambda maker: b"<svg/>", "no Open Badges"),
        (lambda maker: b"\x89PNG\r\n\x1a\n", "no Open Badges"),
        (lambda maker: b'{"issuer": ' + b"[" * 9000, "no Open Badges"),
    ],
)
def test_what_does_not_hold_is_refused_and_says_why(hand_in, maker, listed, make, said):
    found = hand_in(make(maker))
    assert found["state"] == "refused"
    assert said in found["reason"]
    assert db.session.query(Qualification).count() == 0


def test_a_token_signed_by_another_key_than_the_listed_issuers_is_refused(hand_in, maker, listed):
    forger = BadgeMaker(maker.identifier)
    assert hand_in(forger.token("mailto:ada@example.com"))["state"] == "refused"


def test_an_issuer_by_its_address_needs_its_key(client, hand_in, holder):
    maker = BadgeMaker("https://badges.example.org/issuer")
    headers = sign_in(make_user("hr"))
    body = {"identifier": maker.identifier, "name": "Welding Institute"}
    refused = client.post("/api/qualification/badge-issuers/", json=body, headers=headers)
    assert (refused.status_code, list(refused.json["errors"])) == (400, ["public_key"])
    no_key = {**body, "public_key": "no key"}
    assert client.post("/api/qualification/badge-issuers/", json=no_key, headers=headers).status_code == 400
    whole = {**body, "public_key": maker.public}
    assert client.post("/api/qualification/badge-issuers/", json=whole, headers=headers).status_code == 200
    assert hand_in(maker.token("mailto:ada@example.com"))["state"] == "verified"
    assert hand_in(BadgeMaker(maker.identifier).token("mailto:ada@example.com"))["state"] == "refused"


@pytest.mark.parametrize(("email", "state"), [("ada@example.com", "verified"), ("eve@example.com", "refused")])
def test_a_hashed_address_is_recognised(hand_in, maker, listed, email, state):
    hashed = IdentityObject(hash_email(email, "salt").decode(), "emailAddress", hashed=True, salt="salt")
    assert hand_in(maker.token(None, identifiers=[hashed]))["state"] == state


def test_a_holder_by_did_is_looked_at_by_hr(hand_in, maker, listed):
    found = hand_in(maker.token("did:example:wallet"))
    assert found["state"] == "unconfirmed"
    assert db.session.get_one(Qualification, found["qualification_id"]).review_state == "submitted"


def test_nobody_verifies_their_own_by_listing_the_issuer(client, maker, app):
    hr = make_user("hr", email="ada@example.com")
    headers = sign_in(hr)
    body = {"identifier": maker.identifier, "name": "Welding Institute"}
    client.post("/api/qualification/badge-issuers/", json=body, headers=headers)
    sent = {"file": (BytesIO(maker.token("mailto:ada@example.com")), "badge")}
    badge_id = client.post("/api/qualification/badges/", data=sent, headers=headers).json["id"]
    check_badge(badge_id, nobody_answers)
    assert db.session.query(Qualification).one().review_state == "submitted"


def test_a_badge_revoked_later_takes_its_qualification_along(hand_in, maker, listed):
    token = maker.revocable("mailto:ada@example.com")
    lists = {LIST_URL: maker.status_list({1})}
    found = hand_in(token, lists.__getitem__)
    assert found["state"] == "verified", found
    lists[LIST_URL] = maker.status_list({1, 7})
    assert check_badge(found["id"], lists.__getitem__) == "refused"
    held = db.session.get_one(Qualification, found["qualification_id"])
    assert held.review_state == "revoked"
    assert "index 7" in held.review_note


def test_a_list_signed_by_another_cannot_clear_a_badge(hand_in, maker, listed):
    other = BadgeMaker(maker.identifier)
    assert (
        hand_in(maker.revocable("mailto:ada@example.com"), lambda url: other.status_list(set()))["state"] == "refused"
    )


def test_where_the_issuer_does_not_answer_nothing_is_decided(client, maker, listed, holder):
    row = Badge(user_id=holder.id, content=maker.revocable("mailto:ada@example.com"), digest="0" * 64, state="verified")
    db.session.add(row)
    db.session.flush()
    with pytest.raises(IssuerUnreachable):
        check_badge(row.id, nobody_answers)
    assert row.state == "verified"


def test_the_skills_of_its_type_are_granted(hand_in, maker, listed, holder):
    skill = make_skill("Welding")
    kind = QualificationType(name="Certified welder", issuer="welding institute", kind="licence")
    kind.grants = [GrantedSkill(skill_id=skill.id, level=4)]
    db.session.add(kind)
    db.session.flush()
    hand_in(maker.token("mailto:ada@example.com"))
    level = db.session.query(UserSkill).filter_by(user_id=holder.id, skill_id=skill.id).one()
    assert level.level == 4


def test_lost_and_weekly_checks_are_due(holder):
    kinds = {
        "lost": ("queued", None, now() - STRAY * 2),
        "waiting": ("queued", None, now()),
        "old": ("verified", now() - RECHECK * 2, now()),
        "looked at": ("verified", now(), now()),
        "refused": ("refused", now() - RECHECK * 2, now()),
    }
    ids = {}
    for number, (name, (state, checked_at, updated_at)) in enumerate(kinds.items()):
        row = Badge(user_id=holder.id, content=b"{", digest=str(number), state=state, checked_at=checked_at)
        row.updated_at = updated_at
        db.session.add(row)
        db.session.flush()
        ids[row.id] = name
    assert {ids[id_] for id_ in find_due_badges()} == {"lost", "old"}


@pytest.mark.parametrize("content", [b"", b"hello", b"\xff\xfe", b"{" + b" " * 1_048_576])
def test_what_cannot_be_a_badge_is_400(client, holder, content):
    sent = {"file": (BytesIO(content), "badge")}
    answer = client.post("/api/qualification/badges/", data=sent, headers=sign_in(holder))
    assert (answer.status_code, list(answer.json["errors"])) == (400, ["file"])


def test_a_badge_is_its_holders_alone(client, hand_in, maker):
    found = hand_in(maker.token("mailto:ada@example.com"))
    for role in ("employee", "hr", "admin"):
        headers = sign_in(make_user(role))
        assert client.get(f"/api/qualification/badges/{found['id']}", headers=headers).status_code == 404
