"""Jobs of planning. Each can be lost or run twice: it computes a state from rows, and a sweep finds what was lost."""

from smartskill.database import now
from smartskill.extensions import db
from smartskill.kit.errors import Problem
from smartskill.kit.jobs import enqueue
from smartskill.kit.transaction import commit, roll_back
from smartskill.planning.services import suggestions
from smartskill.planning.services.composing import plans as composing
from smartskill.planning.services.watching import matches as watching_matches
from smartskill.user.models import User

CHUNK = 200  # people whose words are read in one transaction


class Cancelled(Exception):
    """Somebody cancelled it while it ran."""


def compose_team(plan_id: int) -> str:
    """Compose a team that was asked for; answers the state it is in then."""
    from smartskill.planning.insights.composing import compose_team as compose  # scipy is slow to import

    row = composing.claim_plan(plan_id)
    commit()
    if row is None:
        return "over"
    request, asker = row.request, db.session.get_one(User, row.user_id)
    try:
        result = compose(request, asker, lambda share: _say(plan_id, share))
    except Cancelled:
        return "cancelled"
    except Problem as error:  # they may no longer plan for anybody
        roll_back()
        composing.finish_plan(plan_id, error=error.detail)
    else:
        composing.finish_plan(plan_id, result=result)
    commit()
    return "finished"


def _say(plan_id: int, share: float) -> None:
    is_open = composing.note_progress(plan_id, share)
    commit()
    if not is_open:
        raise Cancelled


def sweep_team_plans() -> int:
    """Offer again the teams that a crash left open, and forget expired ones; answers how many are open."""
    count = composing.offer_stuck_plans(now())
    commit()
    return count


def watch_searches() -> int:
    """Look at everybody's watched searches, in chunks of people; answers how many chunks there are."""
    ranges = watching_matches.split_watchers(now().date())
    for first, last in ranges:
        enqueue("smartskill.planning.tasks.watch_searches_of", first, last)
    return len(ranges)


def watch_searches_of(first: int, last: int) -> int:
    """Tell a range of people who newly matches what they watch, a transaction each; answers how many matches."""
    day, total = now().date(), 0
    for user_id in watching_matches.find_watchers(first, last, day):
        total += watching_matches.tell_watcher(user_id, day)
        commit()
    return total


def read_words_of(user_id: int) -> int:
    """Read one person's words for skills; answers how many suggestions are open."""
    from smartskill.planning.insights.suggesting import Reader  # scikit-learn is slow to import

    total = Reader().read([user_id])
    commit()
    return total


def read_words() -> int:
    """Read the words of everybody who wrote of late, a chunk at a time; answers how many people that were."""
    from smartskill.planning.insights.suggesting import Reader

    people = suggestions.find_changed_writers(CHUNK, 0)
    reader, total = Reader() if people else None, 0
    while people and reader:
        reader.read(people)
        commit()
        total += len(people)
        people = suggestions.find_changed_writers(CHUNK, people[-1])
    return total
