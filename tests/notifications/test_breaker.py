"""The breaker: it stops subscription mail and nothing else, and closes by itself or by hand."""

from datetime import timedelta

import pytest
import time_machine

from smartskill.database import now
from smartskill.extensions import db
from smartskill.notifications.models import Bounce, Delivery
from smartskill.notifications.services import breaker, outbox
from smartskill.notifications.tasks import sweep
from tests.factories import make_user
from tests.notifications.conftest import plan, send_all

pytestmark = pytest.mark.usefixtures("kinds")


def history(mails: int, kind: str | None = None, bounces: int = 0) -> None:
    """Mails that went out an hour ago, and what came back of them."""
    user, at = make_user(), now() - timedelta(hours=1)
    rows = [
        {
            "user_id": user.id,
            "kind": "hint",
            "mail_class": "subscription",
            "campaign_key": f"{user.id}:{number}",
            "message_id": f"<{user.id}.{number}@x>",
            "state": "sent",
            "sent_at": at,
        }
        for number in range(mails)
    ]
    ids = db.session.scalars(db.insert(Delivery).returning(Delivery.id), rows).all()
    for delivery_id in ids[:bounces]:
        db.session.add(Bounce(delivery_id=delivery_id, kind=kind, email=user.email, received_at=at))
    db.session.flush()


@pytest.mark.parametrize(
    ("mails", "kind", "bounces", "opens"),
    [
        (1000, "hard", 20, False),  # 2 % is not more than 2 %
        (1000, "hard", 21, True),
        (100, "hard", 4, False),  # four may be chance
        (99, "hard", 50, False),  # too few mails to judge by
        (1500, "complaint", 1, False),
        (2000, "complaint", 2, False),
        (1999, "complaint", 2, True),
        (1000, "soft", 500, False),
    ],
)
def test_it_opens_above_its_limits_only(app, mails, kind, bounces, opens):
    history(mails, kind, bounces)
    assert breaker.judge() is opens
    assert breaker.is_open() is opens


def test_while_it_is_open_subscription_mail_waits_and_the_rest_goes(app, sink, client, caplog):
    hint = plan(make_user(), "hint")  # claimed before it opened
    history(200, "hard", 10)
    later = plan(make_user(), "hint", "k2", due_at=now() + timedelta(hours=1))
    later.due_at = now() - timedelta(minutes=1)
    duty, reset = plan(make_user(), "duty"), plan(make_user(), "reset")
    assert breaker.judge()
    assert "subscription mail is stopped" in caplog.text
    assert send_all() == {"planned": 1, "sent": 2}
    assert (duty.state, reset.state) == ("sent", "sent")
    assert outbox.claim() == []
    for row in (hint, later):
        db.session.refresh(row)
        assert (row.state, row.reason) == ("planned", breaker.REASON)
    health = client.get("/health/ready").json
    assert health["status"] == "degraded"
    assert "10 hard bounces of 200 mails" in health["checks"]["breaker"]


def test_it_closes_by_itself_once_the_day_is_clean_and_what_waited_goes(app, sink, client):
    history(200, "hard", 10)
    hint = plan(make_user(), "hint")
    breaker.judge()
    send_all()
    with time_machine.travel(now() + timedelta(hours=24), tick=False):
        assert not breaker.judge()
        assert outbox.claim() == [hint.id]
        assert send_all() == {"sent": 1}
    assert client.get("/health/ready").json["checks"]["breaker"] == "ok"


def test_an_administrator_closes_it_and_only_what_comes_later_counts(app):
    history(200, "hard", 10)
    run = app.test_cli_runner().invoke
    assert run(args=["notify", "breaker"]).exit_code == 0
    assert breaker.judge()
    assert run(args=["notify", "breaker"]).exit_code == 1
    assert run(args=["notify", "breaker", "--close"]).output == "Subscription mail goes again.\n"
    assert not breaker.judge()


def test_a_refusal_during_smtp_counts_and_the_sweep_judges(app, sink):
    history(150)
    for number in range(5):
        plan(make_user(email=f"bounce@example{number}.org"), "duty", f"k{number}")
    assert send_all() == {"failed": 5}
    sweep()
    assert breaker.is_open()
