"""`flask user`: what it prints, what it does, and how it ends."""

import pytest
from sqlalchemy import select

from smartskill.extensions import db
from smartskill.notifications.models import Delivery
from smartskill.user.models import User
from tests.factories import make_user, sign_in
from tests.user.people import PASSWORD, login


@pytest.fixture
def run(app):
    def run(*given, **more):
        db.session.commit()
        return app.test_cli_runner().invoke(args=["user", *given], **more)

    return run


def find(email: str) -> User | None:
    db.session.expire_all()
    return db.session.scalars(select(User).where(User.email == email)).one_or_none()


def test_an_admin_is_made_and_can_sign_in(run, client):
    result = run("create-admin", "--email", "root@example.org", "--password", PASSWORD)
    assert (result.exit_code, result.output) == (0, "root@example.org was made an admin.\n")
    assert find("root@example.org").is_verified
    assert login(client, "root@example.org").json["user"]["role"] == "admin"


def test_making_an_admin_twice_is_fine(run):
    for _ in range(2):
        assert run("create-admin", "--email", "root@example.org", "--password", PASSWORD).exit_code == 0
    user = make_user()
    assert run("create-admin", "--email", user.email, "--password", PASSWORD).exit_code == 0
    assert find(user.email).role == "admin"
    assert find(user.email).password_hash is None


def test_what_is_not_given_is_asked_for(run):
    result = run("create-admin", input=f"root@example.org\n{PASSWORD}\n{PASSWORD}\n")
    assert result.exit_code == 0
    assert PASSWORD not in result.output
    assert find("root@example.org").role == "admin"


@pytest.mark.parametrize(("email", "password"), [("root@example.org", "password1"), ("root", PASSWORD)])
def test_a_refusal_says_why_and_exits_with_1(run, email, password):
    result = run("create-admin", "--email", email, "--password", password)
    assert result.exit_code == 1
    assert "password: " in result.output or "email: " in result.output
    assert find(email) is None


def test_inviting(run):
    assert run("invite", "guest@example.org", "--role", "hr", "--name", "Guest").exit_code == 0
    assert find("guest@example.org").role == "hr"
    assert db.session.scalars(select(Delivery.kind)).all() == ["invitation"]


def test_roles_are_given_and_the_last_admin_stays(run):
    user, admin = make_user(), make_user("admin")
    assert run("role", user.email, "hr").output == f"{user.email} has the role hr.\n"
    assert find(user.email).role == "hr"
    result = run("role", admin.email, "employee")
    assert result.exit_code == 1
    assert "last active admin" in result.output
    assert run("role", "nobody@example.org", "hr").exit_code == 1
    assert run("role", user.email, "king").exit_code == 2


def test_switching_off_ends_sessions(run, client):
    user = make_user()
    headers = sign_in(user)
    for _ in range(2):
        assert run("deactivate", user.email).exit_code == 0
    assert client.get("/api/users/me", headers=headers).status_code == 401
    assert run("deactivate", make_user("admin").email).exit_code == 1


def test_importing_a_file(run, tmp_path):
    file = tmp_path / "people.csv"
    file.write_text("email,team\nanna@example.org,Data\n", encoding="utf-8")
    dry = run("import", str(file), "--dry-run")
    assert (dry.exit_code, find("anna@example.org")) == (0, None)
    assert "1 would be made" in dry.output
    assert "New teams: Data." in dry.output
    assert run("import", str(file)).exit_code == 0
    assert "0 were made, 0 updated, 1 are as they were." in run("import", str(file)).output
    file.write_text("email\nnonsense\n", encoding="utf-8")
    for options in ((), ("--dry-run",)):
        result = run("import", str(file), *options)
        assert result.exit_code == 1
        assert "email" in result.output
