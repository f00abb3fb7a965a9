"""Several writers at once, with real commits: nothing is lost, nothing fails."""

from concurrent.futures import ThreadPoolExecutor

from sqlalchemy import func, select

from smartskill.extensions import db
from smartskill.skills.models.levels import Rating, UserSkill
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


def test_who_rates_while_skills_are_merged_loses_nothing(app, committed):
    hr, double, real = sign_in(make_user("hr")), make_skill("Postgres"), make_skill("PostgreSQL")
    people = [sign_in(make_user()) for _ in range(WRITERS)]
    db.session.commit()
    rates = [
        lambda each, own=own, skill_id=skill_id: each.put(
            f"/api/users/me/skills/{skill_id}", json={"level": 3}, headers=own
        )
        for own in people
        for skill_id in (double.id, real.id)
    ]
    merge = f"/api/skills/{double.id}/merge"
    rates.insert(3, lambda each: each.post(merge, json={"into_id": real.id}, headers=hr))
    codes = at_once(app, *rates)
    assert set(codes) <= {200, 409}
    rows = db.session.execute(select(Rating.skill_id, func.count()).group_by(Rating.skill_id)).all()
    assert rows == [(real.id, codes.count(200) - 1)]
    assert set(db.session.scalars(select(UserSkill.skill_id))) == {real.id}


def test_two_skills_merged_into_each_other_at_once_are_merged_once(app, committed):
    hr, one, other = sign_in(make_user("hr")), make_skill().id, make_skill().id
    db.session.commit()
    merges = [
        lambda each, skill=skill, into=into: each.post(f"/api/skills/{skill}/merge", json={"into_id": into}, headers=hr)
        for skill, into in ((one, other), (other, one))
    ]
    assert at_once(app, *merges) == [200, 409]
