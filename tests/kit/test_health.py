"""Health answers what an operator's load balancer asks."""


def test_a_living_process_says_so(client):
    assert client.get("/health/live").json == {"status": "alive"}


def test_ready_names_what_is_reached(client):
    answer = client.get("/health/ready")
    assert (answer.status_code, answer.json["checks"]) == (200, {"database": "ok", "queue": "ok", "mail": "ok"})


def test_an_unknown_address_is_problem_json(client):
    answer = client.get("/api/nothing-here")
    assert (answer.status_code, answer.mimetype) == (404, "application/problem+json")
