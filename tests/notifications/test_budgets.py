"""How many mails a receiving domain is sent: shared by all workers, nothing lost, nobody else held up."""

from datetime import timedelta
from itertools import pairwise
from threading import Barrier, Thread

import pytest
import time_machine

from smartskill.config import BadSetting, load_settings
from smartskill.database import now
from smartskill.extensions import db
from smartskill.kit.transaction import commit
from smartskill.notifications.models import DomainBudget
from smartskill.notifications.services import outbox
from smartskill.notifications.services.budgets import DOMAIN_RATE, per_minute, take_budget
from tests.factories import make_user
from tests.notifications.conftest import plan, send_all

pytestmark = pytest.mark.usefixtures("kinds")


@pytest.fixture
def limit(app, monkeypatch):
    return lambda said: monkeypatch.setitem(app.config, "MAIL_PER_DOMAIN", said)


def test_what_is_over_the_limit_is_deferred_and_holds_up_nobody(app, sink, limit):
    limit("60")  # ten seconds' worth at once: ten mails
    busy = [plan(make_user(email=f"a{number}@busy.example"), "duty", f"k{number}") for number in range(14)]
    others = [plan(make_user(email="a@other.example"), "hint"), plan(make_user(email="z@busy.example"), "reset")]
    assert send_all() == {"sent": 12, "deferred": 4}
    assert [row.state for row in others] == ["sent", "sent"]
    waiting = [row for row in busy if row.state == "deferred"]
    assert {(row.reason, row.attempts) for row in waiting} == {(DOMAIN_RATE, 0)}
    times = sorted(row.due_at for row in waiting)
    assert [(later - sooner).total_seconds() for sooner, later in pairwise(times)] == [1, 1, 1]
    with time_machine.travel(now() + timedelta(seconds=5), tick=False):
        assert len(outbox.claim()) == 4
        assert send_all() == {"sent": 4}
    assert len(sink.seen) == len(set(sink.seen)) == 16


def test_account_mail_is_never_held_up(app, sink, limit):
    limit("6")
    for number in range(5):
        plan(make_user(email=f"a{number}@busy.example"), "reset", f"k{number}")
    assert send_all() == {"sent": 5}


@pytest.mark.parametrize(
    ("said", "domain", "rate"),
    [("600", "a.example", 600), ("600, a.example=7", "a.example", 7), ("5,b.example = 0", "b.example", 0)],
)
def test_single_domains_may_have_limits_of_their_own(app, limit, said, domain, rate):
    limit(said)
    assert per_minute(domain) == rate


def test_without_a_limit_nothing_is_counted(app, limit):
    limit("0")
    assert take_budget("a.example", 1000) == (1000, [])
    assert db.session.get(DomainBudget, "a.example") is None


@pytest.mark.parametrize("said", ["many", "-1", "600;a=1", "600,=3", "600,a.example=x", "1e3"])
def test_a_limit_that_cannot_be_read_stops_the_start(tmp_path, said):
    with pytest.raises(BadSetting, match="MAIL_PER_DOMAIN"):
        load_settings(tmp_path, {"MAIL_PER_DOMAIN": said})


def test_workers_at_the_same_moment_share_one_budget(app, committed, limit):
    limit("120")  # twenty at once
    granted, barrier, began = [], Barrier(4), now()

    def take():
        with app.app_context():
            barrier.wait()
            granted.append(take_budget("busy.example", 9)[0])
            commit()

    threads = [Thread(target=take) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert max(granted) <= 9
    assert sum(granted) >= 20
    row = db.session.get(DomainBudget, "busy.example", populate_existing=True)
    came_in = (row.filled_at - began).total_seconds() * 2  # two a second, while they waited for each other
    assert sum(granted) <= 20 + came_in
