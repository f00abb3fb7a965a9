"""Two imports at once: one waits for the other, and finds what it made."""

import threading

from sqlalchemy import func, select

from smartskill.experience.models import Experience
from smartskill.extensions import db
from tests.factories import make_user, sign_in

DOCUMENT = {
    "work": [{"name": f"Place {number}", "position": "Engineer", "startDate": "2019"} for number in range(20)],
    "certificates": [{"name": "CKA"}],
    "awards": [{"title": "Best"}],
}


def test_the_same_document_from_two_tabs_comes_in_once(app, committed):
    headers = sign_in(make_user())
    db.session.commit()
    reports, start = [], threading.Barrier(4)

    def put():
        with app.app_context():
            client = app.test_client()
            start.wait()
            reports.append(client.put("/api/users/me/resume", json=DOCUMENT, headers=headers))

    threads = [threading.Thread(target=put) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [report.status_code for report in reports] == [200] * 4
    assert sorted(report.json["added"] for report in reports) == [0, 0, 0, 22]
    assert db.session.scalar(select(func.count()).select_from(Experience)) == 20
