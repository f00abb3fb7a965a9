"""A CV as a page and as a PDF. Both show what `arrange_cv` gave them, and nothing from anywhere else.

The PDF is set by Typst (Apache-2.0), whose wheel brings its own open fonts (Libertinus, OFL: Latin, Greek, Cyrillic,
Hebrew; DejaVu); fonts that the machine has fill in for what they lack. It is tagged and titled, held to PDF/UA-1 where
every character can be drawn. Texts go in as data and are never read as markup.
"""

import base64
import hashlib
import json
from datetime import datetime
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template
from markupsafe import Markup

FOLDER = Path(__file__).parents[2] / "templates"
STYLE = (files("smartskill.exchange") / "templates/cv.css").read_text(encoding="utf-8")
DIGEST = base64.b64encode(hashlib.sha256(STYLE.encode()).digest()).decode()
HEADERS = {
    "Content-Security-Policy": f"default-src 'none'; style-src 'sha256-{DIGEST}'; base-uri 'none'; form-action 'none'; "
    "frame-ancestors 'none'",
    "Cache-Control": "private, no-store",
    "X-Robots-Tag": "noindex",
}


def draw_html(cv: dict[str, Any]) -> str:
    """The page: its style is written into it, and it needs no script and no other file."""
    return _page().render(cv=cv, style=Markup(STYLE))  # noqa: S704 - our own style sheet


def draw_pdf(cv: dict[str, Any], at: datetime) -> bytes:
    """The same to print, on A4. A character that no font has is drawn as an empty box, and then it is not PDF/UA-1."""
    import typst

    options = {
        "input": str(FOLDER / "cv.typ"),
        "root": str(FOLDER),
        "font_paths": _fonts(),
        "sys_inputs": {"cv": json.dumps(cv)},
        "timestamp": int(at.timestamp()),
    }
    try:
        return typst.compile(**options, pdf_standards=["ua-1"])
    except typst.TypstError:
        return typst.compile(**options)


@cache
def _fonts() -> Any:
    """Typst's own fonts and the machine's, looked for once in a process."""
    import typst

    return typst.Fonts(include_system_fonts=True)


@cache
def _page() -> Template:
    environment = Environment(
        loader=FileSystemLoader(FOLDER),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    return environment.get_template("cv.html")
