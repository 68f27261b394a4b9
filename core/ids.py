"""Ids of vendors that are written in more than one way."""

#: For the three characters that make a 15-character id safe in any case.
_SUFFIX = "ABCDEFGHIJKLMNOPQRSTUVWXYZ012345"


def salesforce_id(given: str) -> str:
    """A Salesforce id in its 18 characters: one more for every five, a bit for each capital, lowest first.

    Text of another length than 15 stays as it is.
    """
    if len(given) != 15:
        return given
    flags = (
        sum(letter.isupper() << place for place, letter in enumerate(given[start : start + 5]))
        for start in (0, 5, 10)
    )
    return given + "".join(_SUFFIX[flag] for flag in flags)
