"""When periodic jobs run: a name, a cron expression in UTC, and the dotted path of a job. Read by the commands only."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Schedule:
    """One periodic job."""

    name: str  # letters, digits, dashes: it becomes part of the job's id
    cron: str  # five fields, UTC
    job: str  # dotted path of a function in a `tasks` module; it takes no arguments
    queue: str = "default"


SCHEDULE: tuple[Schedule, ...] = (
    Schedule("mail-sweep", "* * * * *", "smartskill.notifications.tasks.sweep", "mail"),
    Schedule("mail-bounces", "*/5 * * * *", "smartskill.notifications.tasks.read_bounces"),
    Schedule("forget-keys", "10 1 * * *", "smartskill.kit.tasks.forget_idempotency_keys"),
    Schedule("level-review", "15 0 * * *", "smartskill.skills.tasks.refresh_due_levels"),
    Schedule("event-partitions", "20 1 * * *", "smartskill.activity.tasks.make_partitions"),
    Schedule("event-retention", "40 1 2 * *", "smartskill.activity.tasks.drop_expired"),
    Schedule("sweep-sessions", "30 1 * * *", "smartskill.user.tasks.sweep_sessions"),
    Schedule("own-words", "50 1 * * *", "smartskill.planning.tasks.read_words", "long"),
    Schedule("badges", "25 * * * *", "smartskill.exchange.tasks.check_due_badges"),
    Schedule("sweep-grants", "5 0 * * *", "smartskill.qualification.tasks.sweep_grants"),
    Schedule("imports-sweep", "*/5 * * * *", "smartskill.exchange.tasks.sweep_imports"),
    Schedule("imports-forget", "50 3 * * *", "smartskill.exchange.tasks.forget_imports"),
    Schedule("team-plans-sweep", "*/5 * * * *", "smartskill.planning.tasks.sweep_team_plans"),
    Schedule("sweep-evidence", "17 3 * * *", "smartskill.qualification.tasks.sweep_evidence"),
    Schedule("expert-matches", "40 2 * * *", "smartskill.planning.tasks.watch_searches"),
    Schedule("notices", "0 3 * * *", "smartskill.engagement.tasks.plan_daily"),
    Schedule("notices-sweep", "*/10 * * * *", "smartskill.engagement.tasks.sweep"),
    Schedule("scores", "30 2 * * *", "smartskill.engagement.tasks.score"),
    Schedule("outcomes", "30 4 * * *", "smartskill.engagement.tasks.refresh_outcomes"),
    Schedule("model-watch", "0 2 * * *", "smartskill.engagement.tasks.watch", "long"),
    Schedule("training", "0 5 * * 0", "smartskill.engagement.tasks.train", "long"),
)
