"""The house rules hold, and each check sees a violation that is planted for it."""

import pytest
from flask import Flask

from smartskill.kit.blueprint import Blueprint
from smartskill.schedule import SCHEDULE
from tests.architecture.acts import commits_inside, queries_in_views, unknown_jobs, unresolved
from tests.architecture.shape import eager_init, out_of_place, too_long, vaguely_named
from tests.architecture.sources import Source, sources

CHECKS = {
    "sizes": too_long,
    "places": out_of_place,
    "inits": eager_init,
    "commits": commits_inside,
    "views": queries_in_views,
    "jobs": unknown_jobs,
}
PLANTED = {
    "sizes": [
        ("smartskill/user/services.py", "x = 1\n" * 301),
        ("ml/lapse.py", "def fit():\n" + "    x = 1\n" * 41),
        ("tests/user/test_login.py", "class Tests:\n    def test_it(self):\n" + "        x = 1\n" * 41),
    ],
    "places": [("smartskill/user/queries.py", ""), ("smartskill/queries.py", ""), ("smartskill/user/sql/a.py", "")],
    "inits": [
        ("smartskill/user/__init__.py", '"""People."""\n\nfrom smartskill.user.models import User\n'),
        ("smartskill/user/__init__.py", ""),
        ("smartskill/__init__.py", '"""Top."""\n\nfrom smartskill.app import create_app\n'),
    ],
    "commits": [
        ("smartskill/user/services.py", "def invite():\n    db.session.commit()\n"),
        ("smartskill/skills/services/rating.py", "from smartskill.kit.transaction import commit\n"),
        ("smartskill/user/insights.py", "from smartskill.kit.transaction import after_commit, commit_now\n"),
    ],
    "views": [
        ("smartskill/user/views.py", "from sqlalchemy import select\n"),
        ("smartskill/user/views/people.py", "def get():\n    return db.session.scalars(found)\n"),
    ],
    "jobs": [
        ("smartskill/user/services.py", 'defer("smartskill.user.tasks.no_such_task")\n'),
        ("smartskill/user/services.py", 'defer("smartskill.user.services.bearer.load_bearer")\n'),
        ("smartskill/user/cli.py", 'enqueue("os.system", "id")\n'),
        ("smartskill/user/services.py", "defer(path)\n"),
        ("smartskill/user/services.py", 'JOB = "smartskill.kit.tasks.no_such_task"\n'),
    ],
}


@pytest.mark.parametrize("rule", CHECKS)
def test_the_project_keeps_the_rule(rule):
    assert list(CHECKS[rule](sources())) == []


@pytest.mark.parametrize(
    ("rule", "path", "text"), [(rule, *plant) for rule, plants in PLANTED.items() for plant in plants]
)
def test_the_check_sees_a_planted_violation(rule, path, text):
    assert list(CHECKS[rule]([Source(path, text)]))


@pytest.mark.parametrize(
    ("rule", "text"),
    [
        ("jobs", 'JOB = "smartskill.kit.tasks.forget_idempotency_keys"\ndefer(JOB)\ndefer(outbox.JOB, 1)\n'),
        ("commits", "def deliver(ids, commit):\n    commit()\n"),
        ("inits", "db.session.flush()\n"),
    ],
)
def test_what_is_allowed_is_not_seen(rule, text):
    assert list(CHECKS[rule]([Source("smartskill/user/services.py", text)])) == []


def test_every_scheduled_job_exists():
    assert {entry.name: unresolved(entry.job) for entry in SCHEDULE if unresolved(entry.job)} == {}
    assert len({entry.name for entry in SCHEDULE}) == len(SCHEDULE)


def test_no_file_is_named_vaguely():
    assert list(vaguely_named()) == []


@pytest.mark.parametrize("name", ["utils.py", "helpers/__init__.py", "core.py"])
def test_a_vague_name_is_seen(tmp_path, name):
    planted = tmp_path / "smartskill" / "user" / name
    planted.parent.mkdir(parents=True)
    planted.touch()
    assert list(vaguely_named(tmp_path))


# Every address outside of the API's operations, and why anybody may ask for it.
OPEN = {
    "/health": "for load balancers",
    "/health/live": "for load balancers",
    "/health/ready": "for load balancers",
    "/": "leads to the docs",
    "/docs": "leads to the docs",
    "/swagger-ui": "leads to the docs",
    "/apidocs": "leads to the docs",
    "/openapi.json": "leads to the specification",
    "/api/": "lists the collections",
    "/api/openapi.json": "the specification",
    "/api/docs/": "Swagger UI",
    "/api/docs/start.js": "Swagger UI",
    "/api/docs/assets/<path:filename>": "Swagger UI",
}


def unguarded(app):
    """Addresses that are neither an operation of a kit blueprint, each of which has an access rule, nor reviewed."""
    guarded = (api_blueprint for api_blueprint in app.blueprints.values() if isinstance(api_blueprint, Blueprint))
    names = {blueprint.name for blueprint in guarded}
    for rule in app.url_map.iter_rules():
        if rule.endpoint.rpartition(".")[0] not in names and rule.rule not in OPEN:
            yield rule.rule


def test_every_route_has_an_access_rule_or_a_reason(app):
    assert list(unguarded(app)) == []
    assert set(OPEN) <= {rule.rule for rule in app.url_map.iter_rules()}


@pytest.mark.parametrize("path", ["/api/skills/backdoor", "/debug", "/static/<path:filename>"])
def test_a_route_without_a_rule_is_seen(path):
    planted = Flask("planted", static_folder=None)
    planted.add_url_rule(path, "planted", lambda **_: "")
    assert list(unguarded(planted)) == [path]
