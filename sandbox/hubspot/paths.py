"""Two spellings of every address, one handler: v1/v3/v4 paths, and those with a date for a version."""

import re

VERSIONS = ("2025-09", "2026-03", "2026-09")
_DATE = "(?:" + "|".join(VERSIONS) + ")"
_REWRITES = (
    (rf"^/crm/objects/{_DATE}/(.+/associations/.+)$", r"/crm/v4/objects/\1"),
    (rf"^/crm/associations/{_DATE}(/.*)?$", r"/crm/v4/associations\1"),
    (rf"^/events/event-occurrences/{_DATE}(/.*)?$", r"/events/v3/events\1"),
    (rf"^/events/{_DATE}/send(/.*)?$", r"/events/v3/send\1"),
    (rf"^/oauth/{_DATE}(/.*)$", r"/oauth/v1\1"),
    (rf"^/communication-preferences/{_DATE}(/.*)$", r"/communication-preferences/v4\1"),
    (rf"^/marketing/forms/{_DATE}(/.*)?$", r"/marketing/v3/forms\1"),
    (rf"^/account-info/{_DATE}(/.*)$", r"/account-info/v3\1"),
    (rf"^/crm-object-schemas/{_DATE}(/.*)$", r"/crm-object-schemas/v3\1"),
    (rf"^/crm/(objects|lists|properties|owners|pipelines)/{_DATE}(/.*)?$", r"/crm/v3/\1\2"),
)
_COMPILED = tuple((re.compile(pattern), target) for pattern, target in _REWRITES)


def canonical(path: str) -> str:
    """The v1/v3/v4 spelling, without a slash at the end."""
    trimmed = path.rstrip("/") or "/"
    for pattern, target in _COMPILED:
        if pattern.match(trimmed):
            return pattern.sub(target, trimmed)
    return trimmed
