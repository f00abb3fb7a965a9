"""What a mail server's codes say about an address (RFC 3463): gone, or only in trouble."""

import re

ENHANCED = re.compile(r"[245]\.\d{1,3}\.\d{1,3}\b")
OF_THE_SENDER = ("5.1.7", "5.1.8")
GONE = ("5.2.1",)  # disabled, not accepting any mail


def find_enhanced(text: str) -> str | None:
    """The enhanced code at the beginning of an answer."""
    found = ENHANCED.match(text)
    return found[0] if found else None


def is_address_gone(enhanced: str | None, code: int) -> bool:
    """Whether the address itself is the reason for a refusal: by the enhanced code where that says something."""
    if enhanced is None or enhanced == "5.0.0":
        return code in (550, 551, 553)
    return enhanced in GONE or (enhanced.startswith("5.1.") and enhanced not in OF_THE_SENDER)
