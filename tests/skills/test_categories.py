"""The category tree over HTTP."""

from smartskill.extensions import db
from smartskill.skills.models.catalogue import SkillCategory
from tests.factories import make_skill, make_user, sign_in

URL = "/api/skills/categories/"


def add(client, headers, name, parent_id=None):
    answer = client.post(URL, json={"name": name, "parent_id": parent_id}, headers=headers)
    assert answer.status_code == 200, answer.json
    return answer.json["id"]


def test_the_tree_is_listed_in_its_order_with_paths_and_counts(client):
    hr = sign_in(make_user("hr"))
    data, art = add(client, hr, "Data"), add(client, hr, "Art")
    bases = add(client, hr, "Databases", data)
    make_skill(category_id=bases)
    make_skill(category_id=bases, status="retired")
    rows = client.get(URL, headers=sign_in(make_user())).json
    assert [(row["path"], row["depth"], row["skills"]) for row in rows] == [
        ("Art", 0, 0), ("Data", 0, 0), ("Data > Databases", 1, 1),
    ]  # fmt: skip
    assert [row["id"] for row in client.get(f"{URL}?parent_id={data}", headers=hr).json] == [bases]
    assert [row["id"] for row in client.get(f"{URL}?q=AR", headers=hr).json] == [art]


def test_only_hr_writes_categories(client):
    hr, employee = sign_in(make_user("hr")), sign_in(make_user())
    address = f"{URL}{add(client, hr, 'Data')}"
    assert client.post(URL, json={"name": "x"}, headers=employee).status_code == 403
    for method in (client.put, client.patch):
        assert method(address, json={"name": "x"}, headers=employee).status_code == 403
    assert client.delete(address, headers=employee).status_code == 403
    assert client.get(address, headers=employee).json["name"] == "Data"


def test_a_category_cannot_hang_below_itself(client):
    hr = sign_in(make_user("hr"))
    top = add(client, hr, "Top")
    middle = add(client, hr, "Middle", top)
    low = add(client, hr, "Low", middle)
    for parent in (top, middle, low):
        assert client.patch(f"{URL}{top}", json={"parent_id": parent}, headers=hr).status_code == 409
    assert client.patch(f"{URL}{low}", json={"parent_id": top}, headers=hr).json["parent_id"] == top
    assert client.put(f"{URL}{low}", json={"name": "Low"}, headers=hr).json["parent_id"] is None


def test_a_name_is_unique_where_it_hangs(client):
    hr = sign_in(make_user("hr"))
    top = add(client, hr, "Data")
    assert client.post(URL, json={"name": "data"}, headers=hr).status_code == 409
    add(client, hr, "Data", top)
    assert client.post(URL, json={"name": "x", "parent_id": 999_999}, headers=hr).status_code == 400


def test_only_an_empty_category_is_deleted(client):
    hr = sign_in(make_user("hr"))
    top = add(client, hr, "Top")
    low = add(client, hr, "Low", top)
    skill = make_skill(category_id=low)
    assert client.delete(f"{URL}{top}", headers=hr).status_code == 409
    assert client.delete(f"{URL}{low}", headers=hr).status_code == 409
    db.session.delete(skill)
    assert client.delete(f"{URL}{low}", headers=hr).json["id"] == low
    assert client.delete(f"{URL}{top}", headers=hr).status_code == 200
    assert client.get(f"{URL}{top}", headers=hr).status_code == 404


def test_a_stale_writer_is_told(client):
    hr = sign_in(make_user("hr"))
    address = f"{URL}{add(client, hr, 'Top')}"
    tag = client.get(address, headers=hr).headers["ETag"]
    assert client.patch(address, json={"name": "Other"}, headers={**hr, "If-Match": tag}).status_code == 200
    assert client.patch(address, json={"name": "Third"}, headers={**hr, "If-Match": tag}).status_code == 412
    assert db.session.get(SkillCategory, int(address.rsplit("/", 1)[1])).name == "Other"
