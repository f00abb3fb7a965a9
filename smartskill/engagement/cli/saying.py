"""What the commands share: where a job is done, one clear line for what a service refuses, and tables."""

from typing import Any

import click

from smartskill.kit.errors import Problem

HERE = click.option("--here", is_flag=True, help="Do it here, in a process of its own, without a running worker.")


def or_say(act: Any, *args: Any, **more: Any) -> Any:
    """Call a service; what it refuses is one clear line and exit code 1."""
    try:
        return act(*args, **more)
    except Problem as problem:
        raise click.ClickException(problem.detail or str(problem)) from problem


def print_table(heads: list[str], rows: list[list[str]]) -> None:
    """Print rows in columns below their heads."""
    widths = [max(len(row[place]) for row in (heads, *rows)) for place in range(len(heads))]
    for row in (heads, *rows):
        click.echo("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip())
