"""Text as tokens that keep what tells skills apart: `C++`, `C#`, `.NET`, `Node.js`, `CI/CD`."""

import re

TOKEN = re.compile(r"\.?[^\W_]+(?:[.+#'’&/-]*[^\W_]+)*[+#]*")
APART = re.compile(r"[/&-]")


def tokens(text: str) -> list[str]:
    """The tokens of a text, as they are written.

    >>> tokens("C++, .NET and Node.js.")
    ['C++', '.NET', 'and', 'Node.js']
    """
    return TOKEN.findall(text)


def forms(token: str) -> list[str]:
    """The lower-case forms by which a token may be meant: itself, and without the s of a plural."""
    lower = token.lower()
    return [lower, lower[:-1]] if len(lower) > 4 and lower.endswith("s") and not lower.endswith("ss") else [lower]


def split_tokens(text: str) -> list[str]:
    """The tokens of a text with compounds taken apart: `docker/kubernetes` is two."""
    found: list[str] = []
    for token in tokens(text):
        parts = [part for part in APART.split(token) if part]
        found += parts if len(parts) > 1 and all(len(part) > 2 for part in parts) else [token]
    return found
