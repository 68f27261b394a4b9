"""What ``check`` tells about coverage: which activities an account gives, and how well they are dated.

The same facts as docs/coverage.md, by the streams that give them.
"""

from collections.abc import Collection, Mapping
from types import MappingProxyType

from core.activities import ACTIVITY_TYPES
from core.changes import CheckItem

_EMAIL = ("email_sent", "email_open", "email_click", "email_bounce", "unsubscribe")

#: Vendor → stream → the activity types it gives, each with its own instant.
EXACT: Mapping[str, Mapping[str, tuple[str, ...]]] = MappingProxyType(
    {
        "salesforce": {
            "campaign_members": ("webinar_register", "webinar_attend", "event_attend", "campaign_response"),
            "tasks": ("call",),
            "events": ("meeting",),
            "cases": ("support_ticket",),
        },
        "hubspot": {
            "email_events": _EMAIL,
            "form_submissions": ("form_submit", "download", "demo_request", "signup"),
            "analytics_events": ("page_view", "video_view"),
            "calls": ("call",),
            "meetings": ("meeting",),
            "carts": ("cart_update",),
            "orders": ("purchase",),
            "feedback": ("survey_response",),
        },
        "mailchimp": {
            "members": ("signup",),
            "email_activity": _EMAIL,
            "orders": ("purchase",),
            "carts": ("cart_update",),
            "surveys": ("survey_response",),
        },
    }
)


def coverage(
    vendor: str, readable: Collection[str], counted: Collection[str] = ()
) -> tuple[CheckItem, CheckItem, CheckItem]:
    """Activity types by how this account dates them.

    readable: streams that are read and may be; counted: types that only a counter stands for.
    """
    streams = EXACT[vendor]
    exact = {kind for stream in streams if stream in readable for kind in streams[stream]}
    approximate = set(counted) - exact
    return (
        _item("activities dated exactly", exact),
        _item("activities dated approximately", approximate),
        _item("activities not to be had", set(ACTIVITY_TYPES) - exact - approximate),
    )


def _item(name: str, kinds: Collection[str]) -> CheckItem:
    """Never a failure: it tells what to expect."""
    return CheckItem(
        name, ok=True, detail=", ".join(kind for kind in ACTIVITY_TYPES if kind in kinds) or "none"
    )
