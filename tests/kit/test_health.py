"""Health answers what an operator's load balancer asks."""


def test_a_living_process_says_so(client):
    assert client.get("/health/live").json == {"status": "alive"}


def test_ready_names_what_is_reached(client):
    answer = client.get("/health/ready")
    assert (answer.status_code, answer.json["checks"]) == (
        200,
        {"database": "ok", "queue": "ok", "mail": "ok", "breaker": "ok"},
    )


def test_an_unknown_address_is_problem_json(client):
    answer = client.get("/api/nothing-here")
    assert (answer.status_code, answer.mimetype) == (404, "application/problem+json")


def test_a_browser_at_a_missing_page_reads_where_it_is(client):
    answer = client.get("/settings/notifications", headers={"Accept": "text/html,*/*;q=0.8"})
    assert (answer.status_code, answer.mimetype) == (404, "text/html")
    assert "There is no page here" in answer.text
    assert client.get("/api/nothing", headers={"Accept": "text/html"}).mimetype == "application/problem+json"
