"""Qualifications: reviewed with evidence, renewed in chains, reminded of in time and once, proven by signed badges."""

import pytest

from tests.e2e.product import wait_until
from tests.e2e.stories.days import ago
from tests.exchange.badges import BadgeMaker, tampered

PDF = b"%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"


@pytest.fixture
def licence(hr, request):
    """A kind of qualification that holds for two years."""
    kind = {"name": f"Licence, {request.node.name[5:]}"[:200], "kind": "licence", "validity_months": 24}
    return hr.post("/qualification/types/", kind)["id"]


def review(who, held: int, decision: str, **more) -> dict:
    return who.post(f"/qualification/{held}/review", {"decision": decision, **more})


def test_a_review_goes_from_draft_to_verified_with_its_evidence(mia, hr, colleague, licence):
    held = mia.post("/qualification/", {"type_id": licence, "issued_on": ago(10)})
    assert (held["review_state"], held["status"]) == ("draft", "valid")
    file = mia.upload(f"/qualification/{held['id']}/evidence", "licence.pdf", PDF)
    assert (file["media_type"], file["size_bytes"]) == ("application/pdf", len(PDF))
    review(mia, held["id"], "submit")
    waiting = next(
        one for one in hr.get("/qualification/reviews/?page_size=100") if one["qualification_id"] == held["id"]
    )
    assert (waiting["user_id"], waiting["evidence_count"], waiting["may_decide"]) == (mia.id, 1, True)
    status, _, seen = hr.ask("GET", f"/qualification/{held['id']}/evidence/{file['id']}")
    assert (status, seen.encode()) == (200, PDF)
    assert "note" in hr.refused(400, "POST", f"/qualification/{held['id']}/review", {"decision": "reject"})["errors"]
    assert review(hr, held["id"], "reject", note="Not legible.")["review_state"] == "rejected"
    review(mia, held["id"], "submit")
    done = review(hr, held["id"], "verify")
    assert (done["review_state"], done["reviewed_by_id"]) == ("verified", hr.id)
    assert mia.get(f"/qualification/{held['id']}")["review_note"] != "Not legible."
    colleague.refused(404, "GET", f"/qualification/{held['id']}")
    colleague.refused(404, "GET", f"/qualification/{held['id']}/evidence/{file['id']}")


def test_a_renewal_is_a_new_link_of_a_chain(mia, hr, licence):
    old = mia.post("/qualification/", {"type_id": licence, "issued_on": ago(800), "expires_on": ago(70)})
    assert old["status"] == "expired"
    new = mia.post("/qualification/", {"type_id": licence, "issued_on": ago(60), "renews_id": old["id"]})
    for held in (old, new):
        review(mia, held["id"], "submit")
        review(hr, held["id"], "verify")
    chain = mia.get(f"/qualification/{old['id']}/renewals")
    assert (chain["newest_id"], chain["status"], chain["verified_status"]) == (new["id"], "valid", "valid")
    links = {link["qualification_id"]: link for link in chain["links"]}
    assert links[old["id"]]["is_reminded_of"] is False
    assert (links[new["id"]]["gap_days"], links[new["id"]]["overlap_days"]) in ((9, 0), (9, None))  # 69 to 61 days ago


def notices(who, title: str) -> list[dict]:
    found = who.get("/notifications/?kind=qualification_expiring&page_size=100")
    return [one for one in found if title in str(one)]


def test_the_ladder_tells_of_each_rung_once_and_after_an_outage_of_the_latest_only(demo, planned, mia):
    # Nobody was told of these at 90 or 30 days, as if nothing had run for months: each is told once, where it stands.
    days = {"Diver's medical": 85, "Crane licence": 28, "Radio licence": 5, "Passport": 0, "Visa": -3, "Far off": 200}
    for title, left in days.items():
        mia.post("/qualification/", {"title": title, "expires_on": ago(-left)})
    told = {}
    for _ in range(2):  # the second time says nothing twice
        run = demo.flask("notify", "plan", "--now", "--user", mia.email)
        assert run.returncode == 0, run.stdout + run.stderr
        told = {title: notices(mia, title) for title in days}
        assert {title: len(found) for title, found in told.items()} == dict.fromkeys(days, 1) | {"Far off": 0}
    explained = demo.flask("notify", "explain", mia.email, "--last", "20").stdout
    said = [line for line in explained.splitlines() if "rung" in line or "expire" in line]
    for title, rung in (("Diver's medical", "90"), ("Crane licence", "30"), ("Radio licence", "7"), ("Passport", "0"),
                        ("Visa", "overdue")):  # fmt: skip
        place = next(at for at, line in enumerate(said) if title in line)
        assert f"rung {rung} of the ladder, to the holder" in said[place + 1]


def test_a_signed_badge_of_a_listed_issuer_fills_in_a_verified_qualification(mia, hr):
    maker = BadgeMaker()

    def hand_in(content: bytes) -> dict:
        badge = mia.upload("/qualification/badges/", "badge.png", content)
        last = {}

        def is_checked() -> bool:
            last.update(mia.get(f"/qualification/badges/{badge['id']}"))
            return last["state"] != "queued"

        wait_until(is_checked, 60, lambda: str(last))
        return last

    genuine = maker.png(f"mailto:{mia.email}")
    assert hand_in(genuine)["state"] == "unknown_issuer"
    issuer = hr.post("/qualification/badge-issuers/", {"identifier": maker.identifier, "name": "Welding Institute"})
    checked = hand_in(genuine)
    assert (checked["state"], checked["issuer_name"]) == ("verified", "Welding Institute"), checked
    held = mia.get(f"/qualification/{checked['qualification_id']}")
    assert (held["title"], held["review_state"], held["reviewed_by_id"]) == ("Certified Welder", "verified", hr.id)
    assert hand_in(tampered(maker.token(f"mailto:{mia.email}")))["state"] == "refused"
    assert hand_in(maker.token(f"mailto:{mia.email}", days=-1))["state"] == "refused"  # out of date
    assert hand_in(maker.token("mailto:somebody.else@example.com"))["state"] != "verified"
    hr.delete(f"/qualification/badge-issuers/{issuer['id']}")
