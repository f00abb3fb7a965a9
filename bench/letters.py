"""Every kind of mail in every language: spam score, HTML errors, headers, contrast, size, and how long one takes.

Options: `--screenshots DIR` also writes pictures by headless Chromium, light and dark, 360 and 800 px wide; `--kind NAME`
looks at one kind. SpamAssassin (`spamassassin -L -t`, local rules only), `html-validate` (npm, kept in bench/out) and
Chromium are used where they are; what is absent is said and left out.
"""

import argparse
import email
import email.policy
import json
import os
import re
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from bench.contrast import find_faint, read_texts
from bench.stack import print_table

OUT = Path(__file__).parent / "out"
RULES = {
    "extends": ["html-validate:recommended", "html-validate:document"],
    "rules": {
        # Mail programs know no style sheets: what a page puts there, a mail has to put into its elements.
        "no-inline-style": "off",
        # Two tags differ from what the validator prefers and are as valid: the inliner writes <!DOCTYPE html> and <br>.
        "doctype-style": "off",
        "void-style": "off",
        # Written by the inliner or a person's own words; neither is an error of HTML.
        "no-trailing-whitespace": "off",
        "long-title": "off",
    },
}
SIZES = (360, 800)


def run(arguments: list[str]) -> dict:
    """Make the mails, hold each to every tool that is there, print a row for each."""
    options = _parse(arguments)
    with tempfile.TemporaryDirectory() as folder:
        letters = _write(Path(folder), options.kind)
        pages = {name: Path(folder) / f"{name}.html" for name in letters}
        errors, rows = _validate(list(pages.values())), []
        scores = _score({name: letter.as_bytes() for name, (letter, _) in letters.items()}, Path(folder))
        for name, (letter, milliseconds) in letters.items():
            raw = letter.as_bytes()
            score, hits = scores[name] if scores else (None, "-")
            faint = find_faint(letter.html)
            least = min(one.ratio for dark in (False, True) for one in read_texts(letter.html, is_dark=dark))
            rows.append({
                "mail": name, "spam": score, "rules": hits,
                "html errors": None if errors is None else len(errors[pages[name].name]),
                "header faults": len(find_header_faults(raw)), "faint": len(faint), "least contrast": round(least, 1),
                "bytes": len(raw), "ms": round(milliseconds, 2),
            })  # fmt: skip
            for fault in [*find_header_faults(raw), *((errors or {}).get(pages[name].name, ()))]:
                print(f"{name}: {fault}")
        print_table(rows)
        shots = _photograph(pages, Path(options.screenshots)) if options.screenshots else 0
    return _figures(rows, shots)


def _parse(arguments: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="bench letters")
    parser.add_argument("--screenshots", metavar="DIR")
    parser.add_argument("--kind")
    return parser.parse_args(arguments)


def _figures(rows: list[dict], shots: int) -> dict:
    scores = [row["spam"] for row in rows if row["spam"] is not None]
    errors = [row["html errors"] for row in rows if row["html errors"] is not None]
    return {
        "bench": "letters", "mails": len(rows), "highest_spam_score": max(scores, default=None),
        "html_errors": sum(errors) if errors else None, "header_faults": sum(row["header faults"] for row in rows),
        "least_contrast": min(row["least contrast"] for row in rows), "largest_bytes": max(row["bytes"] for row in rows),
        "mean_ms": round(sum(row["ms"] for row in rows) / len(rows), 3), "screenshots": shots,
    }  # fmt: skip


def _write(folder: Path, kind: str | None) -> dict[str, tuple[Any, float]]:
    """Every mail as a file of HTML, with the mail and the processor time that one takes."""
    os.environ.setdefault("PUBLIC_URL", "https://skills.example.com")
    from smartskill import create_app
    from smartskill.notifications.services.previews import compose
    from smartskill.notifications.services.rendering import KINDS
    from smartskill.notifications.services.texts import LANGUAGES

    app = create_app({"MAIL_DOMAIN": "example.com", "PUBLIC_URL": os.environ["PUBLIC_URL"]})
    found = {}
    with app.app_context():
        for name in [kind] if kind else sorted(KINDS):
            for language in LANGUAGES:
                letter = compose(name, language)
                (folder / f"{name}-{language}.html").write_text(letter.html, encoding="utf-8")
                found[f"{name}-{language}"] = (letter, _time(lambda n=name, of=language: compose(n, of).as_bytes()))
    return found


def _time(make: Any, times: int = 50) -> float:
    started = time.process_time()
    for _ in range(times):
        make()
    return (time.process_time() - started) / times * 1000


def find_header_faults(raw: bytes) -> list[str]:
    """What is wrong with a mail's headers, as a strict and as a lenient reader take them."""
    strict = email.message_from_bytes(raw, policy=email.policy.default)
    plain = email.message_from_bytes(raw, policy=email.policy.compat32)
    faults = [f"{name}: {defect}" for name, value in strict.items() for defect in value.defects]
    faults += [f"body: {part.defects}" for part in strict.walk() if part.defects]
    wanted = ["From", "To", "Subject", "Date", "Message-ID", "MIME-Version", "Auto-Submitted", "Feedback-ID"]
    if "List-Unsubscribe" in plain:
        wanted += ["List-ID", "List-Unsubscribe", "List-Unsubscribe-Post"]
        if not re.fullmatch(r"<https?://\S{1,72}>", plain["List-Unsubscribe"]):
            faults.append(f"List-Unsubscribe: {plain['List-Unsubscribe']}")
    faults += [f"{name} is missing or there twice" for name in wanted if len(plain.get_all(name, [])) != 1]
    head = raw.partition(b"\r\n\r\n")[0]
    unfolded = re.sub(rb"\r\n[ \t]", b" ", head).split(b"\r\n")
    faults += [
        f"encoded words in {line[:40]!r}"
        for line in unfolded
        if b"=?" in line and not line.startswith((b"Subject", b"From", b"To"))
    ]
    faults += [f"long line in {line[:40]!r}" for line in raw.split(b"\r\n") if len(line) > 998]
    return faults


def _score(mails: dict[str, bytes], folder: Path) -> dict[str, tuple[float, str]] | None:
    """By mail, SpamAssassin's score and the rules that hit; None where it is not there."""
    if shutil.which("spamassassin") is None:
        print("spamassassin is not installed: no scores")
        return None
    box = folder / "all.mbox"
    box.write_bytes(
        b"".join(
            b"From bench Sat Nov 28 12:00:00 2026\n" + raw.replace(b"\r\n", b"\n") + b"\n" for raw in mails.values()
        )
    )
    done = subprocess.run(["spamassassin", "-L", "-t", "--mbox", box], capture_output=True, check=True)
    statuses = re.findall(
        r"^X-Spam-Status: (.*?autolearn)", done.stdout.decode("utf-8", "replace"), re.DOTALL | re.MULTILINE
    )
    found = [re.search(r"score=(-?[\d.]+).*?tests=(.*?)\s+autolearn", " ".join(status.split())) for status in statuses]
    return {name: (float(one[1]), one[2].replace(" ", "")) for name, one in zip(mails, found, strict=True) if one}


def _validate(pages: list[Path]) -> dict[str, list[str]] | None:
    """By file, what html-validate finds; None where it is not there."""
    program = OUT / "node_modules" / ".bin" / "html-validate"
    if not program.exists():
        print("html-validate is not there: npm install --prefix bench/out html-validate")
        return None
    config = pages[0].parent / "rules.json"
    config.write_text(json.dumps(RULES | {"root": True}))
    done = subprocess.run(
        [program, "--config", config, "--formatter", "json", *pages], capture_output=True, check=False
    )
    found: dict[str, list[str]] = {page.name: [] for page in pages}
    for one in json.loads(done.stdout):
        for said in one["messages"]:
            found[Path(one["filePath"]).name].append(f"{said['line']}: {said['ruleId']}: {said['message']}")
    return found


def _photograph(pages: dict[str, Path], folder: Path) -> int:
    """Pictures of each page, light and dark, in two widths; returns how many."""
    program = shutil.which("chromium")
    if program is None:
        print("chromium is not installed: no screenshots")
        return 0
    folder.mkdir(parents=True, exist_ok=True)
    return sum(_shoot(program, page, folder / name, width, dark) for name, page, width, dark in _shots(pages))


def _shots(pages: dict[str, Path]) -> Iterator[tuple[str, Path, int, bool]]:
    for name, page in pages.items():
        for width in SIZES:
            for is_dark in (False, True):
                yield f"{name}-{width}-{'dark' if is_dark else 'light'}.png", page, width, is_dark


def _shoot(program: str, page: Path, path: Path, width: int, is_dark: bool) -> int:
    """Chromium's windows are at least 500 px wide, so a narrow mail is shown in a frame of its width."""
    frame = page.with_name(f"{path.stem}.frame.html")
    frame.write_text(
        f'<!doctype html><meta charset="utf-8"><meta name="color-scheme" content="light dark"><body style="margin:0">'
        f'<iframe src="{page.name}" width="{width}" height="1000" style="border:0;display:block"></iframe>'
    )
    blink = ["--blink-settings=preferredColorScheme=0"] if is_dark else ["--blink-settings=preferredColorScheme=1"]
    command = [
        program, "--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars", "--force-device-scale-factor=1",
        "--allow-file-access-from-files", f"--window-size={max(width, 500)},1000", *blink, f"--screenshot={path}", frame.as_uri(),
    ]  # fmt: skip
    subprocess.run(command, capture_output=True, check=True, timeout=120)
    return 1
