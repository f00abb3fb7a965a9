"""`flask model …`: train, judge, compare, promote, roll back, watch."""

import json
from typing import Any

import click

from smartskill.engagement.cli.saying import HERE, or_say, print_table
from smartskill.engagement.models import ModelVersion
from smartskill.engagement.services.registry import (
    NAMES,
    get_model,
    promote_model,
    roll_back_model,
    search_models,
    shadow_model,
)
from smartskill.extensions import db
from smartskill.kit.cli import model_commands
from smartskill.kit.transaction import commit

POLICIES = (("this policy", "candidate"), ("what serves", "incumbent"), ("the rule", "rule"))


@model_commands.command("train")
@click.option("--seed", type=int, default=0, show_default=True, help="Of the intervals and the golden rows.")
@click.option("--replicates", type=click.IntRange(20, 5000), default=500, show_default=True, help="Of the bootstrap.")
@HERE
def train(seed: int, replicates: int, here: bool) -> None:
    """Train candidates on what is recorded: who lapses, and what a notice adds. Refused ones are entered as well."""
    from smartskill.kit.follow import follow
    from smartskill.kit.jobs import enqueue

    job = enqueue("smartskill.engagement.tasks.train", seed, replicates, queue="long", job_id="model-train")
    answer = follow(job, here=here)
    if all("error" in one for one in answer.values()):
        raise click.ClickException("\n".join(f"{name}: {one['error']}" for name, one in answer.items()))
    for name, one in answer.items():
        click.echo(f"No {name} model: {one['error']}" if "error" in one else _verdict(or_say(get_model, one["id"])))


def _verdict(row: Any) -> str:
    metrics = row.card["metrics"]
    figures = ", ".join(f"{name} {metrics[name]['auc']['value']:.3f}" for name in ("model", "recency_only", "rule"))
    missing = [one["name"] for one in row.card["gate"]["conditions"] if one["verdict"] != "passed"]
    said = (
        f"may serve up to stage {row.card['gate']['highest_stage']}: `flask model promote {row.id}`"
        if row.is_gate_passed
        else f"is refused by the gate ({', '.join(missing)}); what serves now stays"
    )
    return f"Model {row.id} ({row.name}) is {row.state}. AUC: {figures}.{_worth(row.card.get('policy'))} It {said}."


def _worth(policy: dict[str, Any] | None) -> str:
    """What a policy is worth beside what serves and the rule, in returns per decision."""
    if policy is None:
        return ""
    values = ", ".join(f"{name} {policy[key]['value']:.3f}" for name, key in POLICIES)
    gain = policy["over_incumbent"]
    return f" Returns per decision: {values}; gain {gain['value']:+.3f} ({gain['low']:+.3f} to {gain['high']:+.3f})."


@model_commands.command("evaluate")
@click.argument("model_id", type=int, required=False)
@click.option("--replicates", type=click.IntRange(20, 5000), default=500, show_default=True, help="Of the bootstrap.")
@HERE
def evaluate(model_id: int | None, replicates: int, here: bool) -> None:
    """Judge a model (the newest if none is named) beside its baselines on the latest final weeks."""
    from smartskill.kit.follow import follow
    from smartskill.kit.jobs import enqueue

    row = or_say(get_model, model_id)
    answer = follow(enqueue("smartskill.engagement.tasks.evaluate", row.id, replicates, queue="long"), here=here)
    if "error" in answer:
        raise click.ClickException(answer["error"])
    click.echo(f"Model {row.id} on {answer['rows']} rows, weeks {answer['from']} to {answer['to']}:")
    names = list(answer["metrics"]["model"])
    print_table(
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
    print_table(
        ["id", "name", "state", "trained (UTC)", "gate", "AUC", "watch"],
        [
            [
                str(row.id),
                row.name,
                row.state,
                f"{row.trained_at:%Y-%m-%d %H:%M}",
                f"up to stage {row.card['gate']['highest_stage']}" if row.is_gate_passed else "refused",
                f"{row.card['metrics']['model']['auc']['value']:.3f}",
                _watched(row),
            ]
            for row in rows
        ],
    )


def _watched(row: Any) -> str:
    """What the latest look at a model said."""
    drift = (row.watch or {}).get("drift")
    if drift is None or drift["psi"] is None:
        return ""
    ratio = drift["ratio"]["value"]
    came_true = "" if ratio is None else f", predicted/observed {ratio:.2f}"
    return f"{drift['verdict']}: PSI {drift['psi']:.2f}{came_true}"


@model_commands.command("promote")
@click.argument("model_id", type=int, required=False)
def promote(model_id: int | None) -> None:
    """Let a model serve (the newest that the gate passed if none is named). What the gate refused is refused here."""
    row = or_say(promote_model, model_id)
    commit()
    click.echo(f"Model {row.id} serves now.")


@model_commands.command("shadow")
@click.argument("model_id", type=int, required=False)
def shadow(model_id: int | None) -> None:
    """Score a model (the newest if none is named) beside the one that serves; without deciding anything."""
    row = or_say(shadow_model, model_id)
    commit()
    click.echo(f"Model {row.id} ({row.name}) is scored beside what serves; `flask model watch` compares them.")


@model_commands.command("rollback")
@click.option("--name", type=click.Choice(NAMES), default="lapse", show_default=True)
def rollback(name: str) -> None:
    """Let the model before the present one serve again, or the rules."""
    former, present = or_say(roll_back_model, name)
    commit()
    click.echo(f"Model {former.id} no longer serves; {f'model {present.id} does' if present else 'the rules do'}.")


@model_commands.command("watch")
@HERE
def watch(here: bool) -> None:
    """Look whether the models that serve still say what comes true; an alarm lets the rules serve. Compare shadows."""
    from smartskill.kit.follow import follow
    from smartskill.kit.jobs import enqueue

    verdicts = follow(enqueue("smartskill.engagement.tasks.watch", queue="long"), here=here)
    if not verdicts:
        click.echo("No model serves: the rules do.")
    for name, verdict in verdicts.items():
        click.echo(f"{name}: {verdict}")
    for row in db.session.scalars(search_models().where(ModelVersion.state == "shadow")):
        click.echo(f"Shadow {row.id} ({row.name}): {json.dumps((row.watch or {}).get('shadow'), ensure_ascii=False)}")


@model_commands.command("card")
@click.argument("model_id", type=int, required=False)
@click.option("--markdown", is_flag=True, help="As a page instead of JSON.")
def card(model_id: int | None, markdown: bool) -> None:
    """The card of a model (the newest if none is named): data, metrics beside baselines, gate, limits."""
    row = or_say(get_model, model_id)
    click.echo(row.card_page if markdown else json.dumps(row.card, indent=2, ensure_ascii=False))
