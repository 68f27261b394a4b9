"""What people do in Salesforce's own screens, and what its administrators set: ``do`` of the control port."""

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from sandbox.salesforce import conversion, personaccounts, tooling
from sandbox.salesforce.errors import Refused
from sandbox.salesforce.fields import Field
from sandbox.salesforce.ids import make_id, to18
from sandbox.salesforce.instants import read_datetime
from sandbox.salesforce.publickey import PublicKey
from sandbox.salesforce.rules import Rule
from sandbox.salesforce.schema import SObject
from sandbox.salesforce.store import Row
from sandbox.salesforce.writer import Writer

if TYPE_CHECKING:
    from sandbox.salesforce.app import SalesforceApp

Arguments = dict[str, Any]
_SET_FIELD = {"label", "length", "required", "restricted", "picklist", "type", "precision", "scale", "unique"}


def do(app: "SalesforceApp", action: str, arguments: Arguments) -> Arguments:
    """ValueError if the action or a record is unknown, or the org itself refuses."""
    handler = _ACTIONS.get(action)
    if handler is None:
        message = f"salesforce has no action {action!r}; it has {', '.join(sorted(_ACTIONS))}"
        raise ValueError(message)
    try:
        return handler(app, arguments)
    except Refused as refusal:
        message = f"{refusal.code}: {refusal.message}"
        raise ValueError(message) from refusal


def _owner(app: "SalesforceApp", arguments: Arguments) -> SObject:
    """By ``object``, or by the prefix of ``id``."""
    named = arguments.get("object")
    found = app.org.schema.find(str(named)) if named else app.org.schema.of_id(str(arguments.get("id", "")))
    if found is None:
        message = f"no object {named or arguments.get('id')!r}"
        raise ValueError(message)
    return found


def _writer(app: "SalesforceApp", arguments: Arguments) -> Writer:
    """As the user ``as`` (a username) if given, else as someone who may do anything."""
    username = arguments.get("as")
    if username is None:
        return Writer(app.org, app.org.system(), duplicates_allowed=True)
    user = app.org.user(str(username))
    if user is None:
        message = f"no user {username!r}"
        raise ValueError(message)
    return Writer(app.org, app.org.access(user["Id"]))


def _create(app: "SalesforceApp", arguments: Arguments) -> Arguments:
    return {"id": _writer(app, arguments).insert(_owner(app, arguments), arguments.get("values", {}))}


def _create_many(app: "SalesforceApp", arguments: Arguments) -> Arguments:
    """``records`` as they are; or ``count`` of ``values``, in whose texts ``{n}`` is the running number.

    Past all rules, for speed. ``at`` is when they were made and last changed; else it is now.
    """
    owner = _owner(app, arguments)
    at = read_datetime(str(arguments["at"])) if arguments.get("at") else None
    stamps: Row = {
        name: at
        for name in ("CreatedDate", "LastModifiedDate", "SystemModstamp")
        if at and name in owner.fields
    }
    templates = arguments.get("records")
    if templates is None:
        first = int(arguments.get("first", 1))
        values = arguments.get("values", {})
        templates = (_numbered(values, n) for n in range(first, first + int(arguments["count"])))
    unknown = {
        name for row in arguments.get("records") or [arguments.get("values", {})] for name in row
    } - owner.fields.keys()
    if unknown:
        message = f"{owner.name} has no {', '.join(sorted(unknown))}"
        raise ValueError(message)
    ids = [app.org.plant(owner.name, {**_named(owner, row), **stamps}) for row in templates]
    return {
        "created": len(ids),
        "ids": ids if len(ids) <= 2000 or arguments.get("ids") else ids[:1] + ids[-1:],
    }


def _numbered(values: Row, n: int) -> Row:
    return {
        name: text.replace("{n}", str(n)) if isinstance(text, str) else text for name, text in values.items()
    }


def _named(owner: SObject, row: Row) -> Row:
    full = dict(row)
    if owner.name in {"Lead", "Contact"}:
        full.setdefault(
            "Name", " ".join(part for part in (row.get("FirstName"), row.get("LastName")) if part)
        )
    if owner.name == "Lead":
        full.setdefault("IsConverted", False)
    return full


def _edit(app: "SalesforceApp", arguments: Arguments) -> Arguments:
    record_id = to18(str(arguments["id"]))
    _writer(app, arguments).update(_owner(app, arguments), record_id, arguments.get("values", {}))
    return {"id": record_id}


def _delete(app: "SalesforceApp", arguments: Arguments) -> Arguments:
    record_id = to18(str(arguments["id"]))
    _writer(app, arguments).delete(_owner(app, arguments), record_id)
    return {"id": record_id}


def _restore(app: "SalesforceApp", arguments: Arguments) -> Arguments:
    """Back from the recycle bin, with what was deleted along with it."""
    owner, record_id = _owner(app, arguments), to18(str(arguments["id"]))
    row = app.org.table(owner.name).rows.get(record_id)
    if row is None or not row.get("IsDeleted") or row.get("MasterRecordId"):
        message = f"{record_id} is not in the recycle bin"
        raise ValueError(message)
    deleted_at = row["SystemModstamp"]
    together = {
        key for at, _, key in app.org.deletions if at == deleted_at and _hangs_on(app, key, record_id)
    }
    for key in (record_id, *sorted(together - {record_id})):
        kind = app.org.schema.of_id(key)
        if kind is not None and key in app.org.table(kind.name).rows:
            app.org.table(kind.name).change(key, {"IsDeleted": False, "SystemModstamp": app.org.now()})
    gone = {record_id, *together}
    app.org.deletions[:] = [entry for entry in app.org.deletions if entry[2] not in gone]
    return {"id": record_id, "with": sorted(together - {record_id})}


def _hangs_on(app: "SalesforceApp", key: str, record_id: str) -> bool:
    row = app.org.row(key) or {}
    return bool(row.get("IsDeleted")) and record_id in row.values()


def _purge(app: "SalesforceApp", arguments: Arguments) -> Arguments:
    """Empty the recycle bin, or take one record (``id``) out of it for good."""
    wanted = to18(str(arguments["id"])) if arguments.get("id") else None
    gone = [entry for entry in app.org.deletions if wanted in {None, entry[2]}]
    for _, name, key in gone:
        if app.org.table(name).rows.get(key, {}).get("IsDeleted"):
            app.org.table(name).purge(key)
    return {"purged": len(gone)}


def _merge(app: "SalesforceApp", arguments: Arguments) -> Arguments:
    losers = [to18(str(key)) for key in arguments["losers"]]
    return conversion.merge(app.org, to18(str(arguments["master"])), losers, arguments.get("values"))


def _convert(app: "SalesforceApp", arguments: Arguments) -> Arguments:
    return dict(
        conversion.convert(
            app.org,
            to18(str(arguments["id"])),
            account_id=arguments.get("account"),
            contact_id=arguments.get("contact"),
            opportunity=arguments.get("opportunity"),
        )
    )


def _unsubscribe(app: "SalesforceApp", arguments: Arguments) -> Arguments:
    return _edit(app, {**arguments, "values": {"HasOptedOutOfEmail": True}})


def _resubscribe(app: "SalesforceApp", arguments: Arguments) -> Arguments:
    return _edit(app, {**arguments, "values": {"HasOptedOutOfEmail": False}})


def _archive(app: "SalesforceApp", arguments: Arguments) -> Arguments:
    """Archive an activity before its year is over."""
    owner, record_id = _owner(app, arguments), to18(str(arguments["id"]))
    app.org.table(owner.name).change(record_id, {"IsArchived": True})
    return {"id": record_id}


def _lock(app: "SalesforceApp", arguments: Arguments) -> Arguments:
    """``ids`` cannot be written for ``times`` attempts each, or until unlocked."""
    times = arguments.get("times")
    app.org.locks.update({to18(str(key)): None if times is None else int(times) for key in arguments["ids"]})
    return {"locked": sorted(app.org.locks)}


def _unlock(app: "SalesforceApp", arguments: Arguments) -> Arguments:
    for key in arguments.get("ids") or list(app.org.locks):
        app.org.locks.pop(to18(str(key)), None)
    return {"locked": sorted(app.org.locks)}


def _add_rule(app: "SalesforceApp", arguments: Arguments) -> Arguments:
    rule = Rule.parse(arguments)
    app.org.rules.add(rule)
    return {"name": rule.name}


def _remove_rule(app: "SalesforceApp", arguments: Arguments) -> Arguments:
    return {"removed": app.org.rules.remove(str(arguments["name"]))}


def _field(app: "SalesforceApp", arguments: Arguments) -> tuple[SObject, Field]:
    owner = _owner(app, arguments)
    known = owner.find(str(arguments["field"]))
    if known is None:
        message = f"{owner.name} has no field {arguments['field']!r}"
        raise ValueError(message)
    return owner, known


def _create_field(app: "SalesforceApp", arguments: Arguments) -> Arguments:
    """A custom field from ``metadata``; visible to the integration user unless ``visible`` is false."""
    owner = _owner(app, arguments)
    known = tooling.parse_metadata(str(arguments["field"]), dict(arguments["metadata"]))
    known.history.update(
        id=make_id("00N", app.org.next_number("field")), at=app.org.now(), metadata=arguments["metadata"]
    )
    owner.put(known)
    if owner.name == "Contact":
        personaccounts.mirror(app.org, known)
    if arguments.get("visible", True):
        _grant_field(app, {"object": owner.name, "field": known.name})
    return {"id": known.history["id"]}


def _set_field(app: "SalesforceApp", arguments: Arguments) -> Arguments:
    """Change what a field is; what may be given is in ``_SET_FIELD``."""
    owner, known = _field(app, arguments)
    changes = {name: value for name, value in arguments.items() if name in _SET_FIELD}
    if "picklist" in changes:
        changes["picklist"] = tuple(changes["picklist"])
    owner.put(replace(known, **changes))
    return {"field": known.name, "changed": sorted(changes)}


def _delete_field(app: "SalesforceApp", arguments: Arguments) -> Arguments:
    owner, known = _field(app, arguments)
    tooling.drop_field(app.org, owner, known)
    return {"field": known.name}


def _rename_field(app: "SalesforceApp", arguments: Arguments) -> Arguments:
    owner, known = _field(app, arguments)
    fresh = replace(known, name=str(arguments["to"]))
    owner.drop(known.name)
    owner.put(fresh)
    for row in app.org.table(owner.name).rows.values():
        if known.name in row:
            row[fresh.name] = row.pop(known.name)
    for row in app.org.table("FieldPermissions").rows.values():
        if row.get("Field") == f"{owner.name}.{known.name}":
            row["Field"] = f"{owner.name}.{fresh.name}"
    return {"field": fresh.name}


def _grant_field(app: "SalesforceApp", arguments: Arguments) -> Arguments:
    """Let the integration user read, and unless ``edit`` is false edit, a field."""
    owner, known = _field(app, arguments)
    org = app.org
    path = f"{owner.name}.{known.name}"
    org.denied.discard(path)
    if known.custom and not known.required:
        name = f"Sandbox_{known.history.get('id', known.name)}"
        granted = org.plant("PermissionSet", {"Name": name, "Label": name, "IsCustom": True})
        org.plant("PermissionSetAssignment", {"PermissionSetId": granted, "AssigneeId": org.integration_id})
        permission = {"ParentId": granted, "SobjectType": owner.name, "Field": path, "PermissionsRead": True}
        org.plant("FieldPermissions", {**permission, "PermissionsEdit": bool(arguments.get("edit", True))})
    return {"field": path}


def _hide_field(app: "SalesforceApp", arguments: Arguments) -> Arguments:
    """Take field-level security away from everyone."""
    owner, known = _field(app, arguments)
    path = f"{owner.name}.{known.name}"
    app.org.denied.add(path)
    return {"field": path}


def _deny(app: "SalesforceApp", arguments: Arguments) -> Arguments:
    """``what``: CustomizeApplication, ApiEnabled, an object, or ``Object.create|edit|delete``."""
    app.org.denied.add(str(arguments["what"]))
    return {"denied": sorted(app.org.denied)}


def _allow(app: "SalesforceApp", arguments: Arguments) -> Arguments:
    app.org.denied.discard(str(arguments["what"]))
    return {"denied": sorted(app.org.denied)}


def _create_user(app: "SalesforceApp", arguments: Arguments) -> Arguments:
    active = bool(arguments.get("active", True))
    made = app.org.plant_user(
        str(arguments["email"]), arguments.get("first"), str(arguments["last"]), active=active
    )
    return {"id": made}


def _map_lead_field(app: "SalesforceApp", arguments: Arguments) -> Arguments:
    """On conversion ``field`` of the lead goes to ``to`` (``Contact.Score__c``)."""
    owner, _, name = str(arguments["to"]).partition(".")
    app.org.lead_mapping[str(arguments["field"])] = (owner, name)
    return {"mapped": {field: ".".join(target) for field, target in app.org.lead_mapping.items()}}


def _set_limit(app: "SalesforceApp", arguments: Arguments) -> Arguments:
    """Any of the names in ``Limits``."""
    for name, value in arguments.items():
        if not hasattr(app.org.limits, name):
            message = f"no limit {name!r}"
            raise ValueError(message)
        setattr(app.org.limits, name, int(value))
    return {name: getattr(app.org.limits, name) for name in arguments}


def _spend_calls(app: "SalesforceApp", arguments: Arguments) -> Arguments:
    """What else the company runs uses up ``count`` calls of the allowance."""
    for _ in range(int(arguments["count"])):
        app.org.allowance.spend()
    return {"used": app.org.allowance.used}


def _enable_person_accounts(app: "SalesforceApp", arguments: Arguments) -> Arguments:
    del arguments
    personaccounts.enable(app.org)
    return {"enabled": True}


def _expire_tokens(app: "SalesforceApp", arguments: Arguments) -> Arguments:
    del arguments
    return {"expired": app.sessions.expire()}


def _expire_cursors(app: "SalesforceApp", arguments: Arguments) -> Arguments:
    del arguments
    return {"expired": app.cursors.forget()}


def _upload_public_key(app: "SalesforceApp", arguments: Arguments) -> Arguments:
    """The certificate of the JWT flow, as a PEM public key."""
    app.sessions.public_key = PublicKey.parse(str(arguments["pem"]))
    return {"bits": app.sessions.public_key.modulus.bit_length()}


_ACTIONS: dict[str, Callable[["SalesforceApp", Arguments], Arguments]] = {
    "add_rule": _add_rule,
    "allow": _allow,
    "archive": _archive,
    "convert": _convert,
    "create": _create,
    "create_field": _create_field,
    "create_many": _create_many,
    "create_user": _create_user,
    "delete": _delete,
    "delete_field": _delete_field,
    "deny": _deny,
    "edit": _edit,
    "enable_person_accounts": _enable_person_accounts,
    "expire_cursors": _expire_cursors,
    "expire_tokens": _expire_tokens,
    "grant_field": _grant_field,
    "hide_field": _hide_field,
    "lock": _lock,
    "map_lead_field": _map_lead_field,
    "merge": _merge,
    "purge": _purge,
    "remove_rule": _remove_rule,
    "rename_field": _rename_field,
    "restore": _restore,
    "resubscribe": _resubscribe,
    "set_field": _set_field,
    "set_limit": _set_limit,
    "spend_calls": _spend_calls,
    "unlock": _unlock,
    "unsubscribe": _unsubscribe,
    "upload_public_key": _upload_public_key,
}
