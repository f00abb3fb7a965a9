"""Searches for experts that the printed accounts keep: what the page of experts has to show at once."""

from smartskill.commands.demo.accounts import find_accounts
from smartskill.commands.demo.catalogue import CatalogueSkill
from smartskill.planning.services.watching.searches import save_search

# account, name, needs as skill and level, words, whether it is watched
KEPT = (
    ("manager", "Cluster people with PostgreSQL", (("Kubernetes", 3), ("PostgreSQL", 3)), None, True),
    ("manager", "Did a migration", (), "migration", False),
    ("employee", "Whom to ask about PostgreSQL", (("PostgreSQL", 4),), None, True),
)


def fill_searches(skills: dict[str, CatalogueSkill]) -> int:
    """Keep the searches; returns how many there are. Levels have to be there: whoever matches now is no news."""
    accounts = find_accounts()
    for account, name, needs, words, is_watched in KEPT:
        query = {"need": [f"{skills[skill].id}:{level}" for skill, level in needs], "not": [], "match": "all"}
        query |= {"text": words} if words else {}
        save_search({"name": name, "query": query, "is_watched": is_watched}, accounts[account])
    return len(KEPT)
