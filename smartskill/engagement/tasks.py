"""The jobs of the learning loop. Each can be lost or run twice: what it does has a key, or is a state computed anew.

What brings scikit-learn is imported by the jobs that need it: planning by rule does not.
"""

from collections.abc import Callable
from typing import Any

from rq import get_current_job

from smartskill.database import now
from smartskill.engagement.insights import measuring, planning
from smartskill.engagement.services import runs
from smartskill.engagement.services.outcomes import keep_outcomes
from smartskill.engagement.services.people import EVERYBODY, IdRange, split_people
from smartskill.engagement.services.registry import get_model
from smartskill.engagement.services.slots import Window
from smartskill.kit.jobs import enqueue
from smartskill.kit.transaction import commit, roll_back

REPLICATES = 500  # of the bootstrap behind each interval
SAMPLES = 4  # chunks on which the price of a mail is reckoned
MOST_SHOWN = 1_000  # rows of a dry run
SCORED_PEOPLE = 5_000  # in a chunk: enough that a chunk's fixed cost does not count, few enough for a worker's memory


def _progress() -> Callable[[int, int], None]:
    """Say how far this job is, to whoever follows it."""
    job = get_current_job()

    def say(done: int, total: int) -> None:
        if job is not None:
            job.meta |= {"done": done, "total": total}
            job.save_meta()

    return say


def train(seed: int = 0, replicates: int = REPLICATES) -> dict[str, Any]:
    """Train a candidate of each name; answers by name its id, or the reason why there is nothing to learn from.

    The two are entered one after the other: what stops one does not cost the other.
    """
    from smartskill.engagement.insights import returning, training

    answer: dict[str, Any] = {}
    for name, learn in (
        ("lapse", lambda: training.train(now(), seed, _progress(), replicates)),
        ("return", lambda: returning.train(now(), seed, replicates)),
    ):
        try:
            answer[name] = {"id": learn().id}
            commit()
        except (training.TooLittleHistory, returning.TooFewDecisions) as error:
            roll_back()
            answer[name] = {"error": str(error)}
    enqueue("smartskill.engagement.tasks.refresh_outcomes")
    return answer


def watch() -> dict[str, str]:
    """Look whether the models that serve still say what comes true, and what shadows would have done."""
    from smartskill.engagement.insights import watching

    verdicts = watching.watch_models(now())
    commit()
    return verdicts


def replay(last: int, user_id: int | None = None) -> dict[str, Any]:
    """Draw the latest decisions again; answers how many differ from what was written down."""
    from smartskill.engagement.insights import replaying

    return replaying.replay(last, now(), user_id)


def evaluate(model_id: int, replicates: int = REPLICATES) -> dict[str, Any]:
    """Judge a model on the latest final weeks; answers its metrics beside the baselines', or what forbade it."""
    from smartskill.engagement.insights import training

    try:
        return training.evaluate(get_model(model_id), now(), _progress(), replicates)
    except ValueError as error:  # too little history, or an artefact that is refused
        return {"error": f"{type(error).__name__}: {error}"}


def simulate(worlds: list[str], people: int, weeks: int, seeds: int) -> list[str]:
    """Try the policy where the truth is known; answers the lines of a table."""
    from smartskill.engagement.insights import simulating

    return simulating.simulate(tuple(worlds), people, weeks, seeds, _progress())


def plan_daily() -> int:
    """The day's planning for everybody."""
    run = runs.start_run(is_forced=False)
    commit()
    return run.id


def plan(run_id: int) -> dict[str, Any]:
    """Begin a run: the price of a mail, then its chunks. A single chunk is done at once."""
    run = runs.get_run(run_id, is_locked=True)
    if run.only_user_id is not None:
        price = runs.find_last_price()
    else:
        ranges = [people for people, _ in split_people(runs.CHUNK_PEOPLE)]
        step = max(len(ranges) // SAMPLES, 1)
        price = planning.find_price(run.as_of, ranges[::step][:SAMPLES])
    numbers = runs.split_run(run, price)
    commit()
    return {"chunks": len(numbers), "price": price}


def plan_chunk(run_id: int, number: int) -> dict[str, int]:
    """Decide for a chunk of people and write it, in one transaction; again if another planning came in between."""
    run, chunk = runs.get_run(run_id), runs.get_chunk(run_id, number)
    if chunk.finished_at is not None:
        return chunk.result or {}
    result = planning.plan_chunk(run, chunk, runs.window_of(run))
    runs.finish_chunk(chunk, result)
    commit()
    return result


def preview(only_user_id: int | None, is_forced: bool) -> dict[str, Any]:
    """What a planning would decide now; writes nothing."""
    at, rows, say = now(), [], _progress()
    people = [(IdRange(only_user_id, only_user_id), 1)] if only_user_id else split_people(runs.CHUNK_PEOPLE)
    ranges = [one for one, _ in people]
    price = runs.find_last_price() if only_user_id else planning.find_price(at, ranges[:SAMPLES])
    window = Window.after(None, at)
    for done, one in enumerate(ranges):
        rows += planning.show_plan(planning.make_plan(one, planning.Moment(at, window, is_forced), price), at)
        say(done + 1, len(ranges))
    roll_back()
    return {"rows": rows[:MOST_SHOWN], "total": len(rows), "price": price}


def score() -> int:
    """Renew everybody's predictions, in chunks; answers how many chunks there are."""
    ranges = [people for people, _ in split_people(SCORED_PEOPLE)] or [EVERYBODY]
    for people in ranges:
        enqueue("smartskill.engagement.tasks.score_chunk", people.first, people.last)
    return len(ranges)


def score_chunk(first: int, last: int) -> int:
    """Renew the predictions of a range of people; answers how many there are."""
    from smartskill.engagement.insights import scoring

    count = scoring.score_people(IdRange(first, last), now())
    commit()
    return count


def refresh_outcomes() -> int:
    """Compute what the notices came to; answers the report's id."""
    row = keep_outcomes(measuring.measure_outcomes(now()))
    commit()
    return row.id


def sweep() -> int:
    """Hand out again what was lost of open runs; answers how many there are."""
    count = runs.offer_stuck_runs(now())
    commit()
    return count
