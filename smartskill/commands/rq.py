"""`flask rq …`: workers and the schedule."""

import logging
from functools import partial

import click
from flask import Flask, current_app

from smartskill.kit.cli import rq_commands

QUEUES = ("mail", "default", "long")  # those of kit.jobs, which is slow to import
WORKER_GRACE_S = 60.0  # a running job may end; what takes longer is killed and found again


def _app() -> Flask:
    app: Flask = current_app._get_current_object()  # type: ignore[attr-defined]
    return app


@rq_commands.command("worker")
@click.option("--burst", is_flag=True, help="Work until the queues are empty, then end.")
@click.argument("queues", nargs=-1, type=click.Choice(QUEUES))
def worker_command(burst: bool, queues: tuple[str, ...]) -> None:
    """Work on the queues: one process for each (default: all three)."""
    from smartskill.commands import worker
    from smartskill.commands.processes import Child, Supervisor

    app, names = _app(), queues or QUEUES
    if burst:
        worker.work_off(app, names, say=click.echo)
    elif len(names) == 1:
        worker.work(app, names[0])
    else:
        children = [Child(f"worker for {name}", partial(worker.work, app, name)) for name in names]
        logging.getLogger(__name__).info("workers for %s", ", ".join(names))
        with Supervisor(children, grace_s=WORKER_GRACE_S) as supervisor:
            supervisor.run()


@rq_commands.command("cron")
def cron_command() -> None:
    """Fire the schedule; several may run, each tick fires once."""
    from smartskill.commands.cron import run_schedule
    from smartskill.schedule import SCHEDULE

    run_schedule(_app(), SCHEDULE)
