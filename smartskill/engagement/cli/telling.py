"""`flask notify plan | explain | replay`."""

from typing import Any

import click

from smartskill.engagement.cli.saying import HERE, or_say, print_table
from smartskill.engagement.services import runs
from smartskill.engagement.services.explaining import get_person, in_words, search_decisions, show_decisions
from smartskill.extensions import db
from smartskill.kit.cli import notify_commands
from smartskill.kit.transaction import commit, roll_back


@notify_commands.command("plan")
@click.option("--dry-run", is_flag=True, help="Print who would be told what and why; write nothing.")
@click.option(
    "--now", "is_now", is_flag=True, help="Past quiet hours, days off and the weekly slot, past no other gate."
)
@click.option("--user", "email", help="Only for the person with this address.")
@HERE
def plan(dry_run: bool, is_now: bool, email: str | None, here: bool) -> None:
    """Decide whether, what and when to write, and queue it."""
    user_id = or_say(get_person, email).id if email else None
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
    reasons = ", ".join(f"{name[9:]} {count}" for name, count in counts.items() if name.startswith("fallback:"))
    lines += [f"Scoring fell back to the rule {fallbacks} times ({reasons}); see the log."] if fallbacks else []
    return "\n".join(lines)


def _preview(user_id: int | None, is_now: bool, here: bool) -> None:
    from smartskill.kit.follow import follow
    from smartskill.kit.jobs import enqueue

    answer = follow(enqueue("smartskill.engagement.tasks.preview", user_id, is_now), here=here)
    if not answer["rows"]:
        click.echo("Nothing is due. Nothing was written.")
        return
    print_table(["who", "what", "when (UTC)", "why"], [_preview_row(row) for row in answer["rows"]])
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
    person = or_say(get_person, email)
    rows = list(db.session.scalars(search_decisions(person.id).limit(last)))
    if not rows:
        click.echo(f"Nothing was decided about {person.email} yet: run `flask notify plan`.")
    for shown in show_decisions(rows):
        click.echo("\n".join(in_words(shown)))


@notify_commands.command("replay")
@click.option(
    "--last", type=click.IntRange(1, 1_000_000), default=10_000, show_default=True, help="How many decisions."
)
@click.option("--user", "email", help="Only about the person with this address.")
@HERE
def replay(last: int, email: str | None, here: bool) -> None:
    """Draw stored decisions again from their odds; exit 1 if any differs from what was done."""
    from smartskill.kit.follow import follow
    from smartskill.kit.jobs import enqueue

    user_id = or_say(get_person, email).id if email else None
    answer = follow(enqueue("smartskill.engagement.tasks.replay", last, user_id), here=here)
    click.echo(f"{answer['checked']} decisions drawn again, {answer['differ']} differ.")
    if answer["differ"]:
        raise click.ClickException(f"Decisions {', '.join(map(str, answer['ids']))}; was SECRET_KEY changed since?")
