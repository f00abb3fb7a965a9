"""The demo company, running, and those of its people whose accounts are printed."""

import json
import re
from collections.abc import Callable

import pytest

from tests.e2e.product import Product, ask, wait_until
from tests.e2e.stories.visitor import Visitor


@pytest.fixture(scope="session")
def demo(tmp_path_factory):
    """The whole product with the demo company in it, once for all stories of a process."""
    running = Product(tmp_path_factory.mktemp("demo") / "instance")
    running.wait_until_ready(300)
    yield running
    running.end()


@pytest.fixture(scope="session")
def signed_in(demo) -> Callable[[str], Visitor]:
    """Anybody of the company by their address: they all have the printed password."""
    accounts = json.loads((demo.instance / "demo.json").read_text())["accounts"]
    visitors: dict[str, Visitor] = {}

    def sign_in(who: str) -> Visitor:
        email = accounts[who]["email"] if who in accounts else who
        if email not in visitors:
            visitors[email] = Visitor(demo, email, accounts["employee"]["password"])
        return visitors[email]

    return sign_in


@pytest.fixture
def mia(signed_in) -> Visitor:
    """The printed employee, a software engineer of Fleet Cloud."""
    return signed_in("employee")


@pytest.fixture
def head(signed_in) -> Visitor:
    """The printed manager, head of Software Engineering and so above Mia's lead."""
    return signed_in("manager")


@pytest.fixture
def hr(signed_in) -> Visitor:
    """The printed head of People & Culture."""
    return signed_in("hr")


@pytest.fixture
def lead(signed_in, hr, mia) -> Visitor:
    """Mia's lead."""
    return signed_in(hr.get(f"/users/{hr.get(f'/users/{mia.id}')['manager_id']}")["email"])


@pytest.fixture
def colleague(signed_in, hr, mia, lead) -> Visitor:
    """Somebody of Mia's team who leads nobody."""
    members = hr.get(f"/users/teams/{mia.team_id}/members")
    return signed_in(next(one["email"] for one in members if one["id"] not in (mia.id, lead.id)))


@pytest.fixture
def teams(hr) -> dict[str, int]:
    """The ids of the company's teams by their names."""
    return {team["name"]: team["id"] for team in hr.get("/users/teams/?page_size=100")}


@pytest.fixture
def testers(signed_in, hr, teams) -> list[Visitor]:
    """Three of Quality Engineering who lead nobody, by name."""
    members = hr.get(f"/users/teams/{teams['Quality Engineering']}/members")
    staff = [one for one in members if one["role"] == "employee" and one["is_active"] and one["is_verified"]]
    return [signed_in(one["email"]) for one in staff[:3]]


@pytest.fixture
def new_skill(hr) -> Callable[..., int]:
    """Skills of the catalogue that nobody has yet."""

    def make(name: str, **more) -> int:
        return hr.post("/skills/", {"name": name, **more})["id"]

    return make


@pytest.fixture(scope="session")
def planned(demo) -> dict:
    """Everybody was looked at once, whatever the hour; gives a mail with a link to confirm levels by."""
    run = demo.flask("notify", "plan", "--now")
    assert run.returncode == 0, run.stdout + run.stderr
    found: list[dict] = []

    def has_come() -> bool:
        for row in ask(demo.mail_port, "GET", "/api/messages?page_size=100")[2]:
            mail = ask(demo.mail_port, "GET", f"/api/messages/{row['id']}")[2]
            link = re.search(r"http://\S+/api/notifications/confirm/\S+", mail["text"])
            if link:
                found.append({"to": row["recipients"][0], "link": link[0], "text": mail["text"]})
                return True
        return False

    wait_until(has_come, 90, lambda: run.stdout)
    return found[0]
