"""`flask model simulate`: the policy against a known truth, in a worker."""

import click

from smartskill.engagement.cli.saying import HERE
from smartskill.kit.cli import model_commands

WORLDS = ("responsive", "fatigued", "null", "drift")


@model_commands.command("simulate")
@click.option("--people", type=click.IntRange(50, 20_000), default=1_000, show_default=True, help="In each company.")
@click.option("--weeks", type=click.IntRange(2, 104), default=52, show_default=True, help="That count.")
@click.option("--seeds", type=click.IntRange(1, 20), default=2, show_default=True, help="Companies of each world.")
@click.option("--world", "worlds", type=click.Choice(WORLDS), multiple=True, help="All four if none is named.")
@HERE
def simulate(people: int, weeks: int, seeds: int, worlds: tuple[str, ...], here: bool) -> None:
    """Try the policy in invented companies of which the truth is known, beside the rule: docs/simulator.md."""
    from smartskill.kit.follow import follow
    from smartskill.kit.jobs import enqueue

    job = enqueue("smartskill.engagement.tasks.simulate", list(worlds or WORLDS), people, weeks, seeds, queue="long")
    for line in follow(job, here=here):
        click.echo(line)
