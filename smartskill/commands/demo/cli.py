"""`flask demo`."""

import click


@click.command("demo")
@click.option("--yes", is_flag=True, help="Fill it even in production, or beside people who are there already.")
def demo_command(yes: bool) -> None:
    """Fill the database with an invented company of two hundred people, once."""
    from smartskill.commands.demo.accounts import find_accounts  # numbers and rows, needed by this command only
    from smartskill.commands.demo.company import DemoDoesNotFit, fill_demo, find_obstacle

    obstacle = None if yes else find_obstacle()
    if obstacle:
        raise click.ClickException(f"{obstacle} Give --yes to add two hundred invented people to it.")
    was_there = bool(find_accounts())
    try:
        accounts = fill_demo(insist=yes, tell=lambda line: click.echo(f"  {line}"))
    except DemoDoesNotFit as error:
        raise click.ClickException(
            f"The demo company does not fit beside what is there: {error} Nothing was changed."
        ) from None
    click.echo(f"The demo company {'was there already' if was_there else 'is there'}. Sign in as:")
    width = max(len(account["email"]) for account in accounts.values())
    for name, account in accounts.items():
        click.echo(f"  {name:<9} {account['email']:<{width}}  {account['password']}")
    if not was_there:
        click.echo("`flask model train` learns from its history.")
