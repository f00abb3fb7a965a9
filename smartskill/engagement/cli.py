"""`flask model …` and `flask notify plan | explain`. What needs the learning library is enqueued and followed."""

import json
from typing import Any

import click

from smartskill.engagement.services import runs
from smartskill.engagement.services.explaining import get_person, in_words, search_decisions, show_decisions
from smartskill.engagement.services.registry import (
    get_model,
    promote_model,
    roll_back_model,
    search_models,
)
from smartskill.extensions import db
from smartskill.kit.cli import model_commands, notify_commands
from smartskill.kit.errors import Problem
from smartskill.kit.transaction import commit, roll_back

HERE = click.option("--here", is_flag=True, help="Do it here, in a process of its own, without a running worker.")


def _or_say(act: Any, *args: Any, **more: Any) -> Any:
    """Call a service; what it refuses is one clear line and exit code 1."""
    try:
        return act(*args, **more)
    except Problem as problem:
        raise click.ClickException(problem.detail or str(problem)) from problem


# --- models ---------------------------------------------------------------------------------------------------------


@model_commands.command("train")
@click.option("--seed", type=int, default=0, show_default=True, help="Of the intervals and the golden rows.")
@click.option("--replicates", type=click.IntRange(20, 5000), default=500, show_default=True, help="Of the bootstrap.")
@HERE
def train(seed: int, replicates: int, here: bool) -> None:
    """Train a candidate on what is recorded. It is entered with its card also where the gate refuses it."""
    from smartskill.kit.follow import follow
    from smartskill.kit.jobs import enqueue

    job = enqueue("smartskill.engagement.tasks.train", seed, replicates, queue="long", job_id="model-train")
    answer = follow(job, here=here)
    if "error" in answer:
        raise click.ClickException(answer["error"])
    click.echo(_verdict(_or_say(get_model, answer["id"])))


def _verdict(row: Any) -> str:
    gate, metrics = row.card["gate"], row.card["metrics"]
    figures = ", ".join(f"{name} {metrics[name]['auc']['value']:.3f}" for name in ("model", "recency_only", "rule"))
    refused = [one["name"] for one in gate["conditions"] if one["verdict"] == "refused"]
    said = (
        f"may serve up to stage {gate['highest_stage']}: `flask model promote {row.id}`"
        if row.is_gate_passed
        else f"is refused by the gate ({', '.join(refused)}); what serves now stays"
    )
    return f"Model {row.id} is {row.state}. AUC: {figures}. It {said}."


@model_commands.command("evaluate")
@click.argument("model_id", type=int, required=False)
@click.option("--replicates", type=click.IntRange(20, 5000), default=500, show_default=True, help="Of the bootstrap.")
@HERE
def evaluate(model_id: int | None, replicates: int, here: bool) -> None:
    """Judge a model (the newest if none is named) beside its baselines on the latest final weeks."""
    from smartskill.kit.follow import follow
    from smartskill.kit.jobs import enqueue

    row = _or_say(get_model, model_id)
    answer = follow(enqueue("smartskill.engagement.tasks.evaluate", row.id, replicates, queue="long"), here=here)
    if "error" in answer:
        raise click.ClickException(answer["error"])
    click.echo(f"Model {row.id} on {answer['rows']} rows, weeks {answer['from']} to {answer['to']}:")
    names = list(answer["metrics"]["model"])
    _table(
        ["", *names],
        [[who, *(_interval(measured[name]) for name in names)] for who, measured in answer["metrics"].items()],
    )
    click.echo(f"AUC gained over recency only: {_interval(answer['auc_gain'])}")


def _interval(figures: list[float | None]) -> str:
    value, low, high = figures
    if value is None:
        return "–"
    return f"{value:.3f}" if low is None else f"{value:.3f} ({low:.3f}–{high:.3f})"


@model_commands.command("list")
def list_models() -> None:
    """The versions, the newest first."""
    rows = db.session.scalars(search_models()).all()
    if not rows:
        click.echo("There is no model yet: run `flask model train`. The rules serve.")
        return
    _table(
        ["id", "state", "trained (UTC)", "gate", "AUC"],
        [
            [
                str(row.id),
                row.state,
                f"{row.trained_at:%Y-%m-%d %H:%M}",
                f"up to stage {row.card['gate']['highest_stage']}" if row.is_gate_passed else "refused",
                f"{row.card['metrics']['model']['auc']['value']:.3f}",
            ]
            for row in rows
        ],
    )


@model_commands.command("promote")
@click.argument("model_id", type=int, required=False)
def promote(model_id: int | None) -> None:
    """Let a model serve (the newest that the gate passed if none is named). What the gate refused is refused here."""
    row = _or_say(promote_model, model_id)
    commit()
    click.echo(f"Model {row.id} serves now.")


@model_commands.command("rollback")
def rollback() -> None:
    """Let the model before the present one serve again, or the rules."""
    former, present = _or_say(roll_back_model)
    commit()
    click.echo(f"Model {former.id} no longer serves; {f'model {present.id} does' if present else 'the rules do'}.")


@model_commands.command("card")
@click.argument("model_id", type=int, required=False)
@click.option("--markdown", is_flag=True, help="As a page instead of JSON.")
def card(model_id: int | None, markdown: bool) -> None:
    """The card of a model (the newest if none is named): data, metrics beside baselines, gate, limits."""
    row = _or_say(get_model, model_id)
    click.echo(row.card_page if markdown else json.dumps(row.card, indent=2, ensure_ascii=False))


# --- notices --------------------------------------------------------------------------------------------------------


@notify_commands.command("plan")
@click.option("--dry-run", is_flag=True, help="Print who would be told what and why; write nothing.")
@click.option(
    "--now", "is_now", is_flag=True, help="Past quiet hours, days off and the weekly slot, past no other gate."
)
@click.option("--user", "email", help="Only for the person with this address.")
@HERE
def plan(dry_run: bool, is_now: bool, email: str | None, here: bool) -> None:
    """Decide whether, what and when to write, and queue it."""
    user_id = _or_say(get_person, email).id if email else None
    if dry_run:
        _preview(user_id, is_now, here)
        return
    run_id = runs.start_run(is_forced=is_now, only_user_id=user_id).id
    commit()
    shown = _follow_run(run_id, here)
    if shown["state"] == "failed":
        raise click.ClickException(shown["error"])
    click.echo(_said(shown))


def _follow_run(run_id: int, here: bool) -> dict[str, Any]:
    from smartskill.kit.follow import start_burst, wait_until

    shown: dict[str, Any] = {}

    def is_over() -> bool:
        nonlocal shown
        roll_back()  # a fresh look at what others wrote
        shown = runs.show_run(runs.get_run(run_id))
        return shown["state"] in ("done", "failed")

    worker = start_burst("default") if here else None
    try:
        wait_until(is_over, lambda: (shown["done"], shown["people"]), "default", worker)
    finally:
        if worker is not None:
            worker.wait()
    return shown


def _said(shown: dict[str, Any]) -> str:
    counts = shown["counts"]
    actions = [f"{count} {name[7:]}" for name, count in counts.items() if name.startswith("action:")]
    gates = [f"{count} {name[5:]}" for name, count in counts.items() if name.startswith("gate:")]
    lines = [
        f"Run {shown['id']}: {shown['people']} people looked at, {counts.get('decisions', 0)} decisions, "
        f"{counts.get('mails', 0)} mails planned, {counts.get('held_out', 0)} held out."
    ]
    lines += [f"Decided: {', '.join(actions)}."] if actions else []
    lines += [f"Stopped at a gate: {', '.join(gates)}."] if gates else []
    fallbacks = counts.get("fallbacks", 0)
    lines += [f"Scoring fell back to the rule {fallbacks} times; see the log."] if fallbacks else []
    return "\n".join(lines)


def _preview(user_id: int | None, is_now: bool, here: bool) -> None:
    from smartskill.kit.follow import follow
    from smartskill.kit.jobs import enqueue

    answer = follow(enqueue("smartskill.engagement.tasks.preview", user_id, is_now), here=here)
    if not answer["rows"]:
        click.echo("Nothing is due. Nothing was written.")
        return
    _table(["who", "what", "when (UTC)", "why"], [_preview_row(row) for row in answer["rows"]])
    hidden = answer["total"] - len(answer["rows"])
    click.echo(f"{answer['total']} decisions{f', {hidden} not shown' if hidden else ''}. Nothing was written.")


def _preview_row(row: dict[str, Any]) -> list[str]:
    when = (row["mail_at"] or "no mail")[:16].replace("T", " ")
    reasons = [row["why"]] if row["why"] else []
    reasons += [f"gate {row['gate']}"] if row["gate"] else []
    reasons += ["held out"] if row["is_held_out"] else []
    reasons += [f"stage {row['stage']}, odds {row['propensity']:.2f}"] if row["propensity"] is not None else []
    return [row["email"], row["action"], when, "; ".join(reasons)]


@notify_commands.command("explain")
@click.argument("email")
@click.option("--last", type=click.IntRange(1, 100), default=5, show_default=True, help="How many decisions.")
def explain(email: str, last: int) -> None:
    """The latest decisions about a person: gates in order, scores and odds, evidence, and what becomes of the mail."""
    person = _or_say(get_person, email)
    rows = list(db.session.scalars(search_decisions(person.id).limit(last)))
    if not rows:
        click.echo(f"Nothing was decided about {person.email} yet: run `flask notify plan`.")
    for shown in show_decisions(rows):
        click.echo("\n".join(in_words(shown)))


def _table(heads: list[str], rows: list[list[str]]) -> None:
    widths = [max(len(row[place]) for row in (heads, *rows)) for place in range(len(heads))]
    for row in (heads, *rows):
        click.echo("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip())
