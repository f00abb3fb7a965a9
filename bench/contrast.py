"""How well text stands out from its ground in a mail (WCAG 2), reckoned from the mail's own HTML, light and dark."""

import re
from html.parser import HTMLParser
from typing import NamedTuple

import css_inline

DARK = re.compile(r"@media \(prefers-color-scheme: ?dark\) ?\{((?:[^{}]*\{[^{}]*\})*)\s*\}")
VOID = {"br", "meta", "img", "hr", "input", "link"}
LEAST = 4.5


class Seen(NamedTuple):
    """A text with its colour and its ground's."""

    text: str
    ink: str
    paper: str

    @property
    def ratio(self) -> float:
        """From 1, the same colour, to 21."""
        lighter, darker = sorted((_luminance(self.ink), _luminance(self.paper)), reverse=True)
        return (lighter + 0.05) / (darker + 0.05)


def read_texts(html: str, *, is_dark: bool) -> list[Seen]:
    """Every text that is shown, as a mail program shows it that follows the dark rules or does not."""
    if is_dark:
        html = css_inline.CSSInliner(keep_style_tags=False).inline(DARK.sub(r"\1", html))
    reader = _Reader()
    reader.feed(html)
    return reader.found


def find_faint(html: str) -> list[tuple[str, Seen]]:
    """What stands out too little, with `light` or `dark`."""
    modes = (("light", False), ("dark", True))
    return [(name, one) for name, dark in modes for one in read_texts(html, is_dark=dark) if one.ratio < LEAST]


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: list[Seen] = []
        self.stack: list[tuple[str, str, str, bool]] = [("", "#000000", "#ffffff", False)]

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        if tag in VOID:
            return
        _, ink, paper, is_hidden = self.stack[-1]
        style = dict(re.findall(r"([\w-]+)\s*:\s*([^;]+)", dict(attributes).get("style") or ""))
        is_hidden |= tag in ("head", "style", "title") or style.get("display", "").startswith("none")
        ink, paper = _colour(style.get("color"), ink), _colour(style.get("background-color"), paper)
        self.stack.append((tag, ink, paper, is_hidden))

    def handle_endtag(self, tag: str) -> None:
        while len(self.stack) > 1 and self.stack.pop()[0] != tag:
            pass

    def handle_data(self, text: str) -> None:
        _, ink, paper, is_hidden = self.stack[-1]
        if text.strip() and not is_hidden:
            self.found.append(Seen(text.strip(), ink, paper))


def _colour(given: str | None, before: str) -> str:
    return given.replace("!important", "").strip() if given else before


def _luminance(colour: str) -> float:
    digits = colour[1:] if len(colour) == 7 else "".join(digit * 2 for digit in colour[1:])
    parts = [int(digits[at : at + 2], 16) / 255 for at in (0, 2, 4)]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
