"""Salesforce ids: 15 characters that heed case, or 18 that need not."""

_ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
_SUFFIX = "ABCDEFGHIJKLMNOPQRSTUVWXYZ012345"
_INSTANCE = "5f0"


def make_id(prefix: str, number: int) -> str:
    """The 18-character id of the ``number``-th record with a key prefix; ids grow with the number."""
    digits = ""
    for _ in range(9):
        number, digit = divmod(number, 62)
        digits = _ALPHABET[digit] + digits
    return to18(prefix + _INSTANCE + digits)


def to18(record_id: str) -> str:
    """The 18-character form; anything that is no 15-character id comes back as it is."""
    if len(record_id) != 15:
        return record_id
    suffix = ""
    for start in (0, 5, 10):
        bits = sum(
            1 << place for place, letter in enumerate(record_id[start : start + 5]) if letter.isupper()
        )
        suffix += _SUFFIX[bits]
    return record_id + suffix


def looks_like_id(text: object) -> bool:
    """Whether this could be an id: right length, right characters, right suffix."""
    if not isinstance(text, str) or len(text) not in {15, 18} or not text.isascii() or not text.isalnum():
        return False
    return len(text) == 15 or to18(text[:15]) == text
