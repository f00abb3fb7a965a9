"""The first hour again, by a client that openapi-python-client made from the API's own description."""

import importlib.util
import re
from datetime import UTC, datetime, timedelta

import pytest

from tests.e2e.generated import GeneratedClient
from tests.e2e.product import wait_until

PASSWORD = "plume-orbit-candle-29"
EMAIL = "grace@example.com"
IS_MISSING = not importlib.util.find_spec("openapi_python_client")
pytestmark = pytest.mark.skipif(IS_MISSING, reason="needs openapi-python-client (pip install -r requirements-dev.txt)")


@pytest.fixture(scope="module")
def client(shared_product, tmp_path_factory) -> GeneratedClient:
    return GeneratedClient(f"http://127.0.0.1:{shared_product.port}", tmp_path_factory.mktemp("client"))


@pytest.fixture(scope="module")
def signed_in(client) -> GeneratedClient:
    body = client.Registration(email=EMAIL, password=PASSWORD, full_name="Grace Hopper")
    user = client.get("users.register", body=body)
    assert isinstance(user, client.User)
    assert (user.email, user.role.value, user.is_verified) == (EMAIL, "employee", False)
    tokens = client.get("sessions.login", body=client.Login(email=EMAIL, password=PASSWORD))
    assert (tokens.token_type.value, tokens.user.id) == ("Bearer", user.id)
    client.token = tokens.access_token
    return client


def find_mail(shared_product, text: str) -> dict | None:
    return next((mail for mail in shared_product.mails_to(EMAIL) if text in mail["text"]), None)


def test_the_generator_warns_of_nothing_and_leaves_no_operation_out(client):
    assert "warning" not in client.output.lower()
    assert client.generated_operations() == client.described_operations() > 100


def test_the_address_is_verified_by_the_token_of_the_mail(shared_product, signed_in):
    wait_until(lambda: bool(find_mail(shared_product, "/verify-email?token=")), 30)
    token = re.search(r"/verify-email\?token=(\S+)", find_mail(shared_product, "/verify-email?token=")["text"])[1]
    user = signed_in.get("credentials.verify_email", body=signed_in.Link(token=token))
    assert user.is_verified is True
    assert signed_in.get("users.get_user", "me") == user


def test_a_skill_is_added_and_rated_an_experience_and_a_qualification_recorded(signed_in):
    skill = signed_in.get("skills.create_skill", body=signed_in.Skill(name="Compiler construction"))
    assert skill.status.value == "proposed"
    rated = signed_in.get("levels.put_user_skill", "me", skill.id, body=signed_in.UserSkill(level=4, interest=5))
    assert (rated.level, rated.self_level, rated.confidence) == (4, 4, 0.4)
    job = signed_in.Experience(organisation="Navy", title="Programmer", start="1944-07", skill_ids=[skill.id])
    recorded = signed_in.get("experience.create_experience", body=job)
    assert (recorded.start, recorded.end, recorded.skill_ids) == ("1944-07", None, [skill.id])
    expires = datetime.now(UTC).date() + timedelta(days=20)
    held = signed_in.get(
        "qualification.create_qualification",
        body=signed_in.Qualification(title="First aid", expires_on=expires),
    )
    assert (held.expires_on, held.status.value) == (expires, "expiring")


def test_a_repeated_request_and_a_stale_etag_mean_what_they_say(signed_in):
    body = signed_in.Skill(name="Nanosecond wires")
    first, again = (signed_in.ask("skills.create_skill", body=body, idempotency_key="wires-1") for _ in range(2))
    assert first.parsed == again.parsed
    etag = first.headers["ETag"]
    change = {"body": signed_in.SkillChanges(description="Eleven inches each"), "if_match": etag}
    assert signed_in.get("skills.change_skill", first.parsed.id, **change).description == "Eleven inches each"
    refused = signed_in.ask("skills.change_skill", first.parsed.id, **change)
    assert (refused.status_code, type(refused.parsed)) == (412, signed_in.Problem)


def test_a_refusal_is_a_typed_problem_that_names_the_field(signed_in):
    body = signed_in.Registration(email="alan@example.com", password="password")
    refused = signed_in.ask("users.register", body=body)
    assert (refused.status_code, refused.parsed.status) == (400, 400)
    assert set(refused.parsed.errors.additional_properties) == {"password"}


def test_the_notice_is_planned_sent_seen_in_the_inbox_and_unsubscribed_from(shared_product, signed_in):
    planned = shared_product.flask("notify", "plan", "--now")
    assert planned.returncode == 0, planned.stdout + planned.stderr
    decision = next(
        one for one in signed_in.get("decisions.list_my_decisions") if one.action == "qualification_expiring"
    )
    assert decision.mail_class.value == "service"
    assert "First aid" in decision.text
    wait_until(lambda: bool(find_mail(shared_product, "First aid")), 60)
    notice = next(
        one for one in signed_in.get("notifications.list_notifications") if one.kind == "qualification_expiring"
    )
    assert notice.decision_id == decision.id
    assert notice.is_read is False

    headers = find_mail(shared_product, "First aid")["headers"]
    headers = {name.lower(): value for name, value in (headers.items() if isinstance(headers, dict) else headers)}
    token = headers["list-unsubscribe"].strip("<>").rpartition("/")[2]
    signed_in.token = None
    answer = signed_in.get("unsubscribe.unsubscribe_short", token)
    assert (answer.kind, answer.is_wanted) == ("qualification_expiring", False)
