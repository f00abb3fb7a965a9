"""The templates. The HTML of mails has its styles put into its elements once, when it is loaded, not for each mail.

Its statements are therefore written as HTML comments, `<!--% if … %-->`: what puts the styles in reads HTML, and would
move bare statements out of tables. At-rules stay in the head: dark mode and narrow screens are media queries, which
cannot be put into elements.
"""

from functools import cache
from pathlib import Path
from typing import Any

import css_inline
from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template, select_autoescape

FOLDER = Path(__file__).parent.parent / "templates"
HOUSE: dict[str, Any] = {
    "undefined": StrictUndefined,
    "trim_blocks": True,
    "lstrip_blocks": True,
    "auto_reload": False,
}
COMMENTS: dict[str, Any] = {"block_start_string": "<!--%", "block_end_string": "%-->"}


@cache
def pages() -> Environment:
    """The templates of texts and of small pages."""
    return Environment(loader=FileSystemLoader(FOLDER), autoescape=select_autoescape(["html"]), **HOUSE)


@cache
def mail_layout() -> Template:
    """The HTML of every mail."""
    source = (FOLDER / "mail" / "layout.html").read_text(encoding="utf-8")
    inliner = css_inline.CSSInliner(keep_at_rules=True, load_remote_stylesheets=False)
    return Environment(autoescape=True, **HOUSE, **COMMENTS).from_string(inliner.inline(source))


@cache
def mail_text() -> Template:
    """The text of every mail."""
    return pages().get_template("mail/layout.txt")


def fill(template: Template, facts: dict[str, Any]) -> str:
    """A mail's template with these facts alone: `render` would first copy what Jinja offers every template."""
    return "".join(template.root_render_func(template.new_context(facts, shared=True)))
