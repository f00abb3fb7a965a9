"""`flask doctor`."""

import click

COLOURS = {"ok": "green", "warn": "yellow", "fail": "red"}


@click.command("doctor")
def doctor_command() -> None:
    """Look at everything this installation needs; exit 1 if anything fails."""
    from smartskill.commands.doctor import servers, settings, work

    checks = (
        settings.check_settings, settings.check_secrets,
        servers.check_database, servers.check_redis, servers.check_mail,
        work.check_workers, work.check_schedule, work.check_outbox, work.check_model,
    )  # fmt: skip
    failures = 0
    for check in checks:
        for finding in check():
            failures += finding.state == "fail"
            state = click.style(f"{finding.state:<4}", fg=COLOURS[finding.state])
            remedy = f"  → {finding.remedy}" if finding.remedy else ""
            click.echo(f"{state}  {finding.topic:<16} {finding.fact}{remedy}")
    if failures:
        raise click.ClickException(f"{failures} of these must be put right.")
