"""When periodic jobs run: a name, a cron expression in UTC, and the dotted path of a job. Read by the commands only."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Schedule:
    """One periodic job."""

    name: str  # letters, digits, dashes: it becomes part of the job's id
    cron: str  # five fields, UTC
    job: str  # dotted path of a function in a `tasks` module; it takes no arguments
    queue: str = "default"


SCHEDULE: tuple[Schedule, ...] = ()
