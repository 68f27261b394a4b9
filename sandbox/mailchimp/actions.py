"""What people do without the API: marketers in Mailchimp's screens, contacts by clicking in an e-mail.

Every action on a member takes ``email`` (or ``id``) and ``list_id``, a list's id or name; without it the
first audience that has the member.
"""

from collections.abc import Callable
from datetime import datetime

from sandbox.mailchimp.deeds import Deed
from sandbox.mailchimp.happenings import HAPPENINGS
from sandbox.mailchimp.membership import SETTABLE, archive, erase, leave, new_member, retag
from sandbox.mailchimp.merging import define, undefine
from sandbox.mailchimp.problems import Problem
from sandbox.mailchimp.store import Audience, Json, Store, member_id
from sandbox.mailchimp.tags import create, discard


def act(store: Store, now: datetime, action: str, given: Json) -> Json:
    """Do one thing; ValueError when it, or what it is about, is unknown, or Mailchimp forbids it."""
    if action not in _ACTIONS:
        raise ValueError(f"unknown action {action!r}; known: {', '.join(sorted(_ACTIONS))}")
    try:
        return _ACTIONS[action](Deed(store, now, given))
    except Problem as problem:
        raise ValueError(f"{problem.title}: {problem.detail}") from problem


def _create(deed: Deed) -> Json:
    audience = deed.audience()
    return _hold(deed, audience, deed.given)


def _hold(deed: Deed, audience: Audience, given: Json) -> Json:
    """Hold a member just as given, unchecked; ``tags`` are names."""
    address = str(given.get("email_address") or given.get("email"))
    member = new_member(audience, address, str(given.get("status", "subscribed")), deed.at)
    merge = {**member["merge_fields"], **given.get("merge_fields", {})}
    exact = {key: value for key, value in given.items() if key in member and key != "id"}
    member |= {**exact, "merge_fields": merge, "email_address": address, "list_id": audience.id}
    audience.add(member)
    retag(deed.store, audience, member["id"], given.get("tags", ()), deed.at, only=False)
    return {"id": member["id"], "list_id": audience.id}


def _create_many(deed: Deed) -> Json:
    """members: as for create; or count and email ("load{n}@…"), with other fields for all."""
    audience = deed.audience()
    rows = deed.given.get("members")
    if rows is None:
        pattern = str(deed.given.get("email_address", "load{n}@bulk-load.net"))
        common = {
            key: value
            for key, value in deed.given.items()
            if key not in ("count", "email_address", "list_id")
        }
        rows = (
            {**common, "email_address": pattern.replace("{n}", str(n))}
            for n in range(int(deed.given["count"]))
        )
    return {"created": sum(1 for row in rows if _hold(deed, audience, row))}


def _edit(deed: Deed) -> Json:
    audience = deed.audience()
    member = deed.member(audience)
    changes = dict(deed.given.get("changes") or {})
    address = changes.pop("email_address", None)
    member["merge_fields"] |= changes.pop("merge_fields", {})
    unknown = set(changes) - set(member)
    if unknown:
        raise ValueError(f"a member has no {', '.join(sorted(unknown))}")
    member |= {"last_changed": deed.at, **changes}
    if address is not None and member_id(address) != member["id"]:
        if member_id(address) in audience.members:
            raise ValueError(f"{address} is a member already")
        audience.rekey(member["id"], address)
    elif address is not None:
        member["email_address"] = address
    audience.touch()
    return {"id": member["id"], "list_id": audience.id}


def _unsubscribe(deed: Deed) -> Json:
    audience = deed.audience()
    reason = str(deed.given.get("reason", "NORMAL_REASON"))
    leave(audience, deed.member(audience), deed.at, "unsubscribed", reason)
    return {"list_id": audience.id}


def _clean(deed: Deed) -> Json:
    audience = deed.audience()
    leave(audience, deed.member(audience), deed.at, "cleaned")
    return {"list_id": audience.id}


def _resubscribe(deed: Deed) -> Json:
    """The contact signs up again: the one way back from a compliance state, and from permanent deletion."""
    audience = deed.audience()
    address = str(deed.given.get("email") or deed.given.get("email_address"))
    key = member_id(address)
    audience.forgotten.discard(key)
    audience.refused.discard(key)
    if key not in audience.members:
        return _hold(deed, audience, {"email_address": address, "timestamp_signup": deed.at})
    audience.members[key] |= {
        "status": "subscribed",
        "timestamp_opt": deed.at,
        "last_changed": deed.at,
        "unsubscribe_reason": "",
    }
    audience.touch()
    return {"id": key, "list_id": audience.id}


def _archive(deed: Deed) -> Json:
    audience = deed.audience()
    archive(audience, deed.member(audience), deed.at)
    return {"list_id": audience.id}


def _restore(deed: Deed) -> Json:
    """Bring an archived member back with the status given, or subscribed."""
    audience = deed.audience()
    status = deed.given.get("status", "subscribed")
    if status not in SETTABLE:
        raise ValueError(f"no status {status!r}")
    deed.member(audience).update(status=status, last_changed=deed.at)
    audience.touch()
    return {"list_id": audience.id}


def _delete_permanent(deed: Deed) -> Json:
    audience = deed.audience()
    erase(audience, deed.member(audience))
    return {"list_id": audience.id}


def _tag(deed: Deed) -> Json:
    audience = deed.audience()
    retag(deed.store, audience, deed.member(audience)["id"], [str(deed.given["tag"])], deed.at, only=False)
    return {"list_id": audience.id}


def _untag(deed: Deed) -> Json:
    audience = deed.audience()
    return {"removed": audience.untag(deed.member(audience)["id"], deed.segment(audience))}


def _create_tag(deed: Deed) -> Json:
    audience = deed.audience()
    return {"id": create(deed.store, audience, str(deed.given["name"]), deed.at)}


def _delete_tag(deed: Deed) -> Json:
    audience = deed.audience()
    discard(audience, deed.segment(audience))
    return {"list_id": audience.id}


def _rename_tag(deed: Deed) -> Json:
    audience = deed.audience()
    audience.segments[deed.segment(audience)] |= {"name": str(deed.given["to"]), "updated_at": deed.at}
    return {"list_id": audience.id}


def _create_merge_field(deed: Deed) -> Json:
    given = {
        key: value for key, value in deed.given.items() if key not in ("list_id", "audience", "name", "type")
    }
    field = define(deed.audience(), str(deed.given["name"]), str(deed.given.get("type", "text")), **given)
    return {"merge_id": field["merge_id"], "tag": field["tag"]}


def _delete_merge_field(deed: Deed) -> Json:
    audience = deed.audience()
    for number, field in audience.merge_fields.items():
        if field["tag"] == deed.given["tag"]:
            undefine(audience, number)
            return {"merge_id": number}
    raise ValueError(f"no merge field {deed.given['tag']!r}")


def _crowd(deed: Deed) -> Json:
    """The address has signed up to many lists lately: for now nobody can add it."""
    deed.audience().crowded.add(member_id(str(deed.given["email"])))
    return {}


def _restrict(deed: Deed) -> Json:
    """The plan or role loses the calls below a path, such as ``/reporting``; ``off`` gives them back."""
    path = str(deed.given["path"])
    (deed.store.restricted.discard if deed.given.get("off") else deed.store.restricted.add)(path)
    return {"restricted": sorted(deed.store.restricted)}


_ACTIONS: dict[str, Callable[[Deed], Json]] = {
    "archive": _archive,
    "clean": _clean,
    "create": _create,
    "crowd": _crowd,
    "restrict": _restrict,
    "create_many": _create_many,
    "create_merge_field": _create_merge_field,
    "create_tag": _create_tag,
    "delete": _archive,
    "delete_merge_field": _delete_merge_field,
    "delete_permanent": _delete_permanent,
    "delete_tag": _delete_tag,
    "edit": _edit,
    "rename_tag": _rename_tag,
    "restore": _restore,
    "resubscribe": _resubscribe,
    "tag": _tag,
    "unsubscribe": _unsubscribe,
    "untag": _untag,
    **HAPPENINGS,
}
