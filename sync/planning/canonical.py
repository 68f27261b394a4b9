"""One text form per field kind, in SQL: two values are equal when their canonical forms are (64 = 64.00)."""

from core.changes import FieldKind

#: Characters a vendor refuses or silently drops; tab and newline stay.
_CONTROL = r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]"
#: Written one way only, so that composing changes nothing: ASCII, Latin letters and signs, the ellipsis.
_PLAIN = r"[\t\n\x20-\x7e\x{a1}-\x{2ff}…]*"
_BEYOND_BMP = r"[^\x{10000}-\x{10FFFF}]"


def canonical(
    value: str, kind: FieldKind, *, length: int, decimals: int, limit_bytes: int | None = None
) -> str:
    """SQL for the canonical text of ``value``, an SQL expression of any type; empty is null.

    A value that does not fit its kind keeps its own text, so that it never equals a good one. Text is NFC,
    without control characters, at most ``length`` UTF-16 units (as Salesforce counts) and ``limit_bytes``
    bytes; what is cut off ends in an ellipsis.
    """
    text = f"nullif(trim(({value})::varchar), '')"
    number = f"try_cast({text} as double)"
    if kind == "integer":
        return f"coalesce((round({number}))::hugeint::varchar, {text})"
    if kind == "number":
        return f"coalesce(printf('%.{decimals}f', round({number}, {decimals}) + 0.0), {text})"
    if kind == "boolean":
        return f"coalesce(try_cast({text} as boolean)::varchar, {text})"
    if kind == "date":
        return f"coalesce(try_cast({text} as date)::varchar, {text})"
    if kind == "datetime":
        instant = f"try_cast({text} as timestamptz) at time zone 'UTC'"
        return f"coalesce(strftime({instant}, '%Y-%m-%dT%H:%M:%SZ'), {text})"
    return _text(f"({value})::varchar", length, limit_bytes)


def _text(value: str, length: int, limit_bytes: int | None) -> str:
    """Nearly every text is short and plain: then there is nothing to compose, drop, or cut."""
    longest = min(length, limit_bytes or length)
    plain = f"strlen({value}) <= {longest} and regexp_full_match({value}, '{_PLAIN}')"
    other = _cut(_clean(value), length, limit_bytes)
    return f"case when {plain} then nullif({_trimmed(value)}, '') else {other} end"


def _clean(value: str) -> str:
    lines = f"replace({value}, chr(13) || chr(10), chr(10))"
    printable = f"regexp_replace({lines}, '{_CONTROL}', '', 'g')"
    return f"nullif({_trimmed(f'nfc_normalize({printable})')}, '')"


def _trimmed(value: str) -> str:
    return f"trim({value}, ' ' || chr(10) || chr(9))"


def _cut(text: str, length: int, limit_bytes: int | None) -> str:
    # a code point beyond the basic plane counts twice
    astral = f"length(regexp_replace(t, '{_BEYOND_BMP}', '', 'g'))"
    kept = f"least(length(t), greatest({length} - 1 - {astral}, ({length} - 1) // 2))"
    cut = _of(
        text, f"case when length(t) + {astral} > {length} then rtrim(left(t, {kept})) || '…' else t end"
    )
    if limit_bytes is None:
        return cut
    # a cut may tear a code point of up to four bytes: the longest prefix that decodes is the one
    room = limit_bytes - len("…".encode())
    prefixes = ", ".join(f"try(decode(encode(t)[1:{room - torn}]))" for torn in range(4))
    return _of(cut, f"case when strlen(t) > {limit_bytes} then rtrim(coalesce({prefixes})) || '…' else t end")


def _of(value: str, body: str) -> str:
    """``body`` with ``t`` for the value, which is written and computed once: long SQL is slow to plan."""
    return f"list_transform([{value}], lambda t: {body})[1]"
