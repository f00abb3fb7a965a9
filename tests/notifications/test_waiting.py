"""Mail that nobody carries is told of, instead of waiting in silence."""

from smartskill.kit.broker import queue_redis
from smartskill.notifications.services.outbox import queue_account_mail
from tests.factories import make_user


def check(client) -> str:
    return client.get("/health/ready").json["checks"]["mail"]


def test_it_says_how_many_mails_wait_while_no_worker_runs(client):
    queue_account_mail("verify_email", user_id=make_user().id, content={})
    assert check(client).startswith("no worker runs and 1 mail(s) wait: start `flask rq worker`")


def test_a_living_worker_is_enough_and_the_name_of_a_dead_one_is_not(client):
    queue_account_mail("verify_email", user_id=make_user().id, content={})
    queue_redis().sadd("rq:workers:mail", "rq:worker:one")
    assert check(client) != "ok"
    queue_redis().set("rq:worker:one", "alive", ex=30)
    assert check(client) == "ok"
