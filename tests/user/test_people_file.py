"""People from CSV files as spreadsheets write them."""

import io

import pytest
from sqlalchemy import func, select

from smartskill.extensions import db
from smartskill.notifications.models import Delivery
from smartskill.user.models import Team, User
from tests.factories import make_user, sign_in
from tests.user.people import make_account

FILE = """email,full_name,title,team,manager_email,locale,timezone
anna@example.org,Anna Schmidt,Engineer,Data,carla@example.org,de-AT,Europe/Vienna
ben@example.org,Ben Müller,Analyst,Data,carla@example.org,,
carla@example.org,Carla Boss,Head of data,Data,,en,Europe/London
"""


def post(client, content, who=None, query=""):
    raw = content.encode() if isinstance(content, str) else content
    data = {"file": (io.BytesIO(raw), "people.csv")}
    return client.post(f"/api/users/import{query}", data=data, headers=sign_in(who or make_user("hr")))


def counts(response) -> tuple[int, int, int]:
    assert response.status_code == 200, response.json
    return response.json["created"], response.json["updated"], response.json["unchanged"]


def find(email: str) -> User:
    return db.session.scalars(select(User).where(User.email == email)).one()


def people() -> int:
    return db.session.scalar(select(func.count()).select_from(User).where(User.email.like("%@example.org")))


def test_a_file_makes_people_in_their_places(client):
    response = post(client, FILE)
    assert counts(response) == (3, 0, 0)
    assert response.json["teams_created"] == ["Data"]
    anna, carla = find("anna@example.org"), find("carla@example.org")
    assert (anna.full_name, anna.title, anna.locale, anna.timezone) == (
        "Anna Schmidt",
        "Engineer",
        "de-AT",
        "Europe/Vienna",
    )
    assert anna.manager_id == carla.id
    assert db.session.get(Team, anna.team_id).name == "Data"
    assert (anna.role, anna.password_hash, anna.verified_at) == ("employee", None, None)
    assert db.session.scalar(select(func.count()).select_from(Delivery)) == 0


def test_the_same_file_again_changes_nothing(client):
    post(client, FILE)
    versions = [find(f"{name}@example.org").version for name in ("anna", "ben", "carla")]
    assert counts(post(client, FILE)) == (0, 0, 3)
    assert [find(f"{name}@example.org").version for name in ("anna", "ben", "carla")] == versions


def test_a_changed_line_updates_its_person_and_an_empty_cell_nothing(client):
    post(client, FILE)
    changed = "email,title,team,manager_email\nANNA@example.org,Lead,,\nben@example.org,Analyst,Platform,\n"
    assert counts(post(client, changed)) == (0, 2, 0)
    anna = find("anna@example.org")
    assert (anna.title, anna.full_name, anna.manager_id) == ("Lead", "Anna Schmidt", find("carla@example.org").id)
    assert db.session.get(Team, find("ben@example.org").team_id).name == "Platform"


def test_a_dry_run_says_all_and_does_nothing(client):
    response = post(client, FILE, query="?dry_run=true&invite=true")
    assert counts(response) == (3, 0, 0)
    assert (response.json["dry_run"], response.json["teams_created"]) == (True, ["Data"])
    assert people() == 0
    assert db.session.scalar(select(func.count()).select_from(Team)) == 0
    assert db.session.scalar(select(func.count()).select_from(Delivery)) == 0


def test_new_people_can_be_invited_at_once(client):
    make_account(email="ben@example.org")
    post(client, FILE, query="?invite=true")
    invited = select(User.email).join(Delivery, Delivery.user_id == User.id).order_by(User.email)
    assert db.session.scalars(invited).all() == ["anna@example.org", "carla@example.org"]


WRONG = """email,full_name,manager_email,timezone
good@example.org,Good,,
nonsense,Bad,,
twice@example.org,One,,
TWICE@example.org,Two,,
zone@example.org,Zone,,Mars/Olympus
boss@example.org,Boss,nobody@example.org,
,Nameless,,
"""
FAULTS = {"3.email", "5.email", "6.timezone", "7.manager_email", "8.email"}


def test_one_wrong_line_stops_all_and_every_wrong_line_is_named(client):
    response = post(client, WRONG)
    assert response.status_code == 400
    assert set(response.json["errors"]) == FAULTS
    assert people() == 0


def test_a_dry_run_names_every_wrong_line_too(client):
    response = post(client, WRONG, query="?dry_run=true")
    assert response.status_code == 200
    assert {f"{fault['line']}.{fault['field']}" for fault in response.json["errors"]} == FAULTS


def test_a_circle_in_the_file_is_refused(client):
    circle = "email,manager_email\na@example.org,b@example.org\nb@example.org,a@example.org\n"
    response = post(client, circle)
    assert list(response.json["errors"]) == ["3.manager_email"]
    assert people() == 0


@pytest.mark.parametrize(
    "content",
    [
        FILE.encode("utf-8-sig"),
        FILE.encode("cp1252"),
        FILE.encode("utf-16"),
        FILE.replace(",", ";").encode(),
        FILE.replace(",", "\t").encode(),
        FILE.replace("\n", "\r\n").encode(),
        FILE.replace("email,full_name", " E-Mail , Full Name ".replace("E-Mail", "Email")).encode(),
        ("\n" + FILE.replace("\n", "\n\n")).lstrip().encode(),
        FILE.replace("Head of data", '"Head of data, reports; and more"').encode(),
    ],
    ids=["bom", "cp1252", "utf-16", "semicolon", "tab", "crlf", "heading", "blank lines", "quoted"],
)
def test_every_way_of_writing_a_file_is_read(client, content):
    assert counts(post(client, content)) == (3, 0, 0)
    assert find("ben@example.org").full_name == "Ben Müller"


def test_one_column_is_enough(client):
    assert counts(post(client, "email\nanna@example.org\n")) == (1, 0, 0)
    assert find("anna@example.org").full_name == "anna"


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\n",
        b"full_name\nAnna\n",
        b"email,salary\na@example.org,7\n",
        b"email,email\na@example.org,b@example.org\n",
        b"email,role\na@example.org,admin\n",
        b'email\n"a@example.org\n',
        b"\x89PNG\r\n\x1a\n\x00\x00",
        b"\xff\xfe\x00",
        b"email\n" + b"".join(b"p%d@example.org\n" % number for number in range(5001)),
    ],
    ids=["empty", "a line", "no email", "unknown", "twice", "role", "quote", "image", "half utf-16", "too many"],
)
def test_what_is_no_such_file_is_400(client, content):
    response = post(client, content)
    assert response.status_code == 400
    assert list(response.json["errors"]) == ["file"]
    assert people() == 0


def test_without_a_file_it_is_400(client):
    response = client.post("/api/users/import", data={}, headers=sign_in(make_user("hr")))
    assert response.status_code == 400


def test_a_cell_with_nul_or_too_much_text_is_named(client):
    response = post(client, f"email,title\na@example.org,{'x' * 201}\nb@example.org,a\x00b\n")
    assert set(response.json["errors"]) <= {"2.title", "3.title", "file"}
    assert response.status_code == 400


@pytest.mark.parametrize(("role", "status"), [("employee", 403), ("manager", 403), ("hr", 200), ("admin", 200)])
def test_files_are_for_hr(client, role, status):
    assert post(client, FILE, make_user(role)).status_code == status


def test_a_formula_stays_text(client):
    post(client, 'email,full_name\na@example.org,"=HYPERLINK(""http://x"")"\n')
    assert find("a@example.org").full_name == '=HYPERLINK("http://x")'
