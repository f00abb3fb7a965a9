"""Several writers at once, with real commits: nothing is lost, nothing fails."""

from concurrent.futures import ThreadPoolExecutor

from sqlalchemy import func, select

from smartskill.extensions import db
from smartskill.skills.models import Rating, UserSkill
from tests.factories import make_skill, make_user, sign_in

WRITERS = 6


def at_once(app, *calls):
    """Each call with a client of its own, in its own thread; their status codes."""

    def run(call):
        with app.app_context():
            return call(app.test_client()).status_code

    with ThreadPoolExecutor(len(calls)) as pool:
        return sorted(pool.map(run, calls))


def test_of_writers_with_one_etag_exactly_one_wins(app, committed, client):
    hr, skill = make_user("hr"), make_skill()
    headers = sign_in(hr)
    address = f"/api/skills/{skill.id}"
    tag = client.get(address, headers=headers).headers["ETag"]
    writes = [
        lambda each, number=number: each.patch(
            address, json={"name": f"n{number}"}, headers={**headers, "If-Match": tag}
        )
        for number in range(WRITERS)
    ]
    assert at_once(app, *writes) == [200] + [412] * (WRITERS - 1)


def test_first_ratings_at_once_make_one_level_out_of_all(app, committed):
    owner, skill = make_user(), make_skill()
    raters = [make_user() for _ in range(WRITERS)]
    address = f"/api/users/{owner.id}/skills/{skill.id}"
    own = sign_in(owner)
    peers = [sign_in(rater) for rater in raters]
    db.session.commit()
    rates = [lambda each, level=level: each.put(address, json={"level": level}, headers=own) for level in (1, 2, 3, 4)]
    assert at_once(app, *rates) == [200] * 4
    endorse = [
        lambda each, headers=headers: each.post(f"{address}/endorsements", json={}, headers=headers)
        for headers in peers
    ]
    assert at_once(app, *endorse) == [200] * WRITERS
    row = db.session.execute(select(UserSkill)).scalar_one()
    assert len(row.voices) == 1 + WRITERS
    assert db.session.scalar(select(func.count()).select_from(Rating).filter_by(source="peer")) == WRITERS


def test_the_same_name_at_once_is_made_once(app, committed):
    headers = [sign_in(make_user()) for _ in range(WRITERS)]
    db.session.commit()
    posts = [lambda each, own=own: each.post("/api/skills/", json={"name": "Same"}, headers=own) for own in headers]
    assert at_once(app, *posts) == [200] + [409] * (WRITERS - 1)
