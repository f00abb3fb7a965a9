"""The specification is valid, and says of each operation who may call it, what it takes and what it answers."""

import json
import subprocess
import sys

import pytest

from smartskill.kit.blueprint import Blueprint
from smartskill.kit.openapi import UserConverter
from tests.architecture.sources import ROOT

openapi = pytest.importorskip("openapi_spec_validator", reason="in requirements-dev.txt")


@pytest.fixture(scope="session")
def spec(kit_app):
    answer = kit_app.test_client().get("/api/openapi.json")
    assert (answer.status_code, answer.mimetype) == (200, "application/json")
    return answer.json


def test_it_is_valid_openapi_3_1(spec):
    openapi.validate(spec)
    assert spec["openapi"] == "3.1.0"


def test_it_says_where_the_server_is_and_how_to_sign_in(spec):
    assert spec["servers"][0]["url"] == "/"
    assert spec["info"]["license"]
    assert spec["components"]["securitySchemes"]["bearer"]["scheme"] == "bearer"
    assert spec["security"] == [{"bearer": []}]


def test_an_operation_declares_its_errors_as_problems(spec):
    responses = spec["paths"]["/api/things/{thing_id}"]["put"]["responses"]
    assert set(responses) >= {
        "200",
        "400",
        "401",
        "403",
        "404",
        "406",
        "409",
        "412",
        "413",
        "415",
        "429",
        "503",
        "default",
    }
    for code in ("400", "412", "503", "default"):
        named = responses[code]["$ref"].removeprefix("#/components/responses/")
        assert list(spec["components"]["responses"][named]["content"]) == ["application/problem+json"]


def test_a_public_operation_needs_no_token_and_declares_no_401(spec):
    public = spec["paths"]["/api/things/wide"]["post"]
    assert public["security"] == []
    assert not {"401", "403"} & set(public["responses"])


def test_a_header_that_is_honoured_is_declared(spec):
    def headers(path, method):
        operation = spec["paths"][path][method]
        return {part["name"] for part in operation.get("parameters", []) if part["in"] == "header"}

    assert headers("/api/things/", "post") == {"Idempotency-Key"}
    assert headers("/api/things/{thing_id}", "put") == {"If-Match"}
    assert headers("/api/things/{thing_id}", "get") == {"If-None-Match"}
    assert headers("/api/things/", "get") == set()


def test_an_answers_headers_are_declared(spec):
    created = spec["paths"]["/api/things/"]["post"]["responses"]["200"]["headers"]
    assert set(created) == {"ETag", "Location"}
    listed = spec["paths"]["/api/things/"]["get"]["responses"]["200"]["headers"]
    assert listed["X-Pagination"]["schema"]["type"] == "string"
    assert "304" in spec["paths"]["/api/things/{thing_id}"]["get"]["responses"]


def test_a_body_must_be_sent_where_a_field_of_it_must(spec):
    assert spec["paths"]["/api/things/"]["post"]["requestBody"]["required"] is True
    assert spec["paths"]["/api/things/wide"]["post"]["requestBody"]["required"] is False


def test_a_field_says_how_strict_it_is(spec):
    fields = spec["components"]["schemas"]["Wide"]["properties"]
    assert fields["whole"] == {"type": "integer", "minimum": 0, "maximum": 10}
    assert fields["text"]["maxLength"] == 20
    assert fields["text"]["minLength"] == 1
    assert fields["made_at"] == {
        "type": "string",
        "format": "date-time",
        "readOnly": True,
        "pattern": "^(19|20|21)[0-9]{2}-",
    }
    assert fields["parts"]["maxItems"] == 10
    assert spec["components"]["schemas"]["Wide"]["additionalProperties"] is False
    query = {part["name"]: part["schema"] for part in spec["paths"]["/api/things/"]["get"]["parameters"]}
    assert query["sort"] == {"type": "string", "enum": ["name", "-name", "id", "-id"], "default": "name"}


def test_a_person_in_a_path_is_an_id_or_me(kit_app):
    converter = UserConverter(kit_app.url_map)
    assert (converter.to_python("me"), converter.to_python("7")) == ("me", 7)


def test_it_is_not_sent_twice_to_who_has_it(kit_app):
    client = kit_app.test_client()
    tag = client.get("/api/openapi.json").headers["ETag"]
    assert client.get("/api/openapi.json", headers={"If-None-Match": tag}).status_code == 304


def test_an_operation_that_says_nothing_of_access_cannot_be_registered():
    from flask.views import MethodView

    blp = Blueprint("careless", __name__, url_prefix="/api/careless", description="")
    with pytest.raises(RuntimeError, match=r"careless\.Careless GET says neither login_required nor public"):

        @blp.route("/")
        class Careless(MethodView):
            """No access rule."""

            @blp.response(200)
            def get(self):
                """Look"""


def test_the_command_writes_what_is_served(tmp_path):
    """In a process of its own, as an operator runs it; it needs no server."""
    environment = {"PATH": "/usr/bin:/bin", "SMARTSKILL_INSTANCE": str(tmp_path), "SMARTSKILL_DOTENV": ""}
    command = [sys.executable, "-m", "flask", "--app", "wsgi", "openapi", "write", str(tmp_path / "openapi.json")]
    subprocess.run(command, cwd=ROOT, env=environment, check=True, capture_output=True)
    openapi.validate(json.loads((tmp_path / "openapi.json").read_text()))
