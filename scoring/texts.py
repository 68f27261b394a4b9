"""White space off both ends of a text, alike on every engine."""

import ibis.expr.types as ir

#: Ibis's own ``strip`` has Spark take the letters v and f too; in Java ``\v`` is more than a vertical tab.
_ENDS = r"^[ \t\n\r\x0b\x0c]+|[ \t\n\r\x0b\x0c]+$"


def trimmed(text: ir.Value) -> ir.Value:
    """The text without space, tab and line breaks around it; null stays null."""
    return text.re_replace(_ENDS, "")
