"""The figures as lines to read."""

from typing import Any

POLICIES = ("policy", "rule", "oracle", "none", "all")


def lines_of(worlds: dict[str, Any]) -> list[str]:
    """Return the table of utilities, then a line for what is asked of each world."""
    heads = ("world", *POLICIES, "se vs rule", "closed", "mails", "unsubscribed", "rule's")
    rows = [heads, *(_row(world, figures) for world, figures in worlds.items())]
    widths = [max(len(row[place]) for row in rows) for place in range(len(heads))]
    lines = ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows]
    return [*lines, *(line for world, figures in worlds.items() for line in _notes(world, figures))]


def _row(world: str, figures: dict[str, Any]) -> tuple[str, ...]:
    return (
        world,
        *(f"{figures[name]:.4f}" for name in POLICIES),
        "–" if figures["se_vs_rule"] is None else f"{figures['se_vs_rule']:.5f}",
        "–" if figures["closed_share"] is None else f"{figures['closed_share']:.0%}",
        f"{figures['sent']['policy']:.3f}",
        f"{figures['unsubscribed']['policy']:.1%}",
        f"{figures['unsubscribed']['rule']:.1%}",
    )


def _notes(world: str, figures: dict[str, Any]) -> list[str]:
    if world == "responsive":
        prices = ", ".join(
            f"{name.replace('_', ' ')} {figures[f'price_of_{name}']:+.5f} (± {figures[f'se_price_of_{name}'] or 0:.5f})"
            for name in ("exploration", "holdout", "stage_1")
        )
        return [f"responsive: price per user-week of {prices}"]
    if world == "null":
        low, high = figures["lift"][1:]
        return [
            f"null: {figures['mails_per_week']:.3f} mails per person and week at the end; the report says "
            f"“{figures['verdict']}” ({low:+.4f} to {high:+.4f}; {figures['verdicts']} by company)"
        ]
    if world == "drift":
        weeks = figures["recovered_after_weeks"]
        return [f"drift: {'not recovered' if weeks is None else f'recovered after {weeks} weeks'}"]
    return []
