"""``composite/sobjects``: up to 200 rows, each with its own outcome, in the order asked."""

from collections.abc import Callable, Mapping, Sequence
from itertools import groupby
from typing import Any, TypeVar

from werkzeug import Response

from sandbox.salesforce.call import Call, answer
from sandbox.salesforce.errors import Refused, not_found
from sandbox.salesforce.fields import Field
from sandbox.salesforce.ids import looks_like_id, to18
from sandbox.salesforce.rendering import record_of
from sandbox.salesforce.schema import SObject
from sandbox.salesforce.writer import Writer

_GET_IDS = 2000
Outcome = dict[str, Any]
Item = TypeVar("Item")
_ROLLED_BACK = Refused(
    "ALL_OR_NONE_OPERATION_ROLLED_BACK",
    "Record rolled back because not all records were valid and the request was using AllOrNone header",
)


def create(call: Call) -> Response:
    return _written(call, lambda writer, owner, row: {"id": writer.insert(owner, _values(row))})


def update(call: Call) -> Response:
    def one(writer: Writer, owner: SObject, row: Mapping[str, Any]) -> Outcome:
        record_id = next((str(value) for name, value in row.items() if name.lower() == "id"), None)
        if record_id is None:
            raise Refused("MISSING_ARGUMENT", "Id not specified in an update call")
        writer.update(owner, record_id, _values(row))
        return {"id": to18(record_id)}

    return _written(call, one)


def upsert(call: Call, name: str, key: str) -> Response:
    owner = call.writer().owner(name)
    known = owner.find(key)
    if known is None or not _is_key(known) or not call.access.reads(owner.name, known):
        raise not_found(f"Provided external ID field does not exist or is not accessible: {key}")

    def one(writer: Writer, target: SObject, row: Mapping[str, Any]) -> Outcome:
        value = next((given for column, given in row.items() if column.lower() == known.name.lower()), None)
        record_id, created = writer.upsert(target, known, value, _values(row, keep_id=False))
        return {"id": record_id, "created": created}

    return _written(call, one)


def delete(call: Call) -> Response:
    """``DELETE composite/sobjects?ids=…``."""
    ids = [item for item in call.request.args.get("ids", "").split(",") if item]
    _bounded(call, len(ids))
    writer = call.writer()

    def one(record_id: str) -> Outcome:
        owner = call.org.schema.of_id(record_id) if looks_like_id(record_id) else None
        if owner is None:
            raise Refused("MALFORMED_ID", f"malformed id {record_id}")
        writer.delete(owner, record_id)
        return {"id": to18(record_id)}

    all_or_none = call.request.args.get("allOrNone", "").lower() == "true"
    return answer(_outcomes(call, writer, ids, one, all_or_none=all_or_none))


def read(call: Call, name: str) -> Response:
    """Rows by id, with null for what is not there. Ids and fields are in the query, or in a POST's body."""
    owner = call.writer().owner(name)
    if call.request.method == "POST":
        given = call.body_object()
        ids, fields = list(given.get("ids", [])), list(given.get("fields", []))
        call.count(0, write=False)
    else:
        ids = call.request.args.get("ids", "").split(",")
        fields = call.request.args.get("fields", "").split(",")
    if len(ids) > _GET_IDS:
        raise Refused(
            "EXCEEDED_ID_LIMIT", f"record limit reached. cannot submit more than {_GET_IDS} records"
        )
    for item in fields:
        known = owner.find(item)
        if known is None or not call.access.reads(owner.name, known):
            raise Refused("INVALID_FIELD", f"No such column '{item}' on sobject of type {owner.name}")
    rows = call.org.table(owner.name).rows
    found = [rows.get(to18(record_id)) for record_id in ids]
    shown = [
        None
        if row is None or row.get("IsDeleted")
        else record_of(call.org, row, ["Id", *fields], call.version)
        for row in found
    ]
    return answer(shown)


def _is_key(known: Field) -> bool:
    return known.name == "Id" or known.external_id or known.type == "email" or known.name == "AccountNumber"


def _values(row: Mapping[str, Any], *, keep_id: bool = True) -> dict[str, Any]:
    dropped = {"attributes"} if keep_id else {"attributes", "id"}
    return {name: value for name, value in row.items() if name.lower() not in dropped}


def _written(call: Call, one: Callable[[Writer, SObject, Mapping[str, Any]], Outcome]) -> Response:
    body = call.body_object()
    rows = body.get("records")
    if not isinstance(rows, list):
        raise Refused("JSON_PARSER_ERROR", "records must be a list")
    _bounded(call, len(rows))
    writer = call.writer()
    owners = _owners(call, writer, rows)
    _parsed(writer, owners, rows)

    def write(pair: tuple[SObject, Mapping[str, Any]]) -> Outcome:
        return one(writer, *pair)

    pairs = list(zip(owners, rows, strict=True))
    return answer(_outcomes(call, writer, pairs, write, all_or_none=bool(body.get("allOrNone"))))


def _bounded(call: Call, count: int) -> None:
    most = call.org.limits.collection_rows
    if count > most:
        message = f"record limit reached. cannot submit more than {most} records into this call"
        raise Refused("EXCEEDED_ID_LIMIT", message)


def _owners(call: Call, writer: Writer, rows: Sequence[Any]) -> list[SObject]:
    owners: list[SObject] = []
    for row in rows:
        kind = row.get("attributes", {}).get("type") if isinstance(row, dict) else None
        if not kind:
            raise Refused("INVALID_INPUT", "Include an entity type within the attributes of every record")
        found = call.org.schema.find(kind)
        if found is None or not call.access.sees(found.name):
            raise Refused("INVALID_TYPE", f"sObject type '{kind}' is not supported.")
        owners.append(writer.owner(kind))
    most = call.org.limits.collection_chunks
    if sum(1 for _ in groupby(owner.name for owner in owners)) > most:
        raise Refused("INVALID_INPUT", f"Cannot have more than {most} chunks in a single operation.")
    if len({owner.setup for owner in owners}) > 1:
        message = "DML operation on setup object is not permitted after you have updated a non-setup object"
        raise Refused("MIXED_DML_OPERATION", message)
    return owners


def _parsed(writer: Writer, owners: Sequence[SObject], rows: Sequence[Mapping[str, Any]]) -> None:
    """Unknown columns refuse the whole request, before any row is written."""
    for owner, row in zip(owners, rows, strict=True):
        writer.columns(owner, row)


def _outcomes(
    call: Call, writer: Writer, items: Sequence[Item], one: Callable[[Item], Outcome], *, all_or_none: bool
) -> list[Outcome]:
    outcomes = [_attempted(item, one) for item in items]
    failed = any(not outcome["success"] for outcome in outcomes)
    if failed and all_or_none:
        writer.roll_back()
        outcomes = [outcome if not outcome["success"] else _failure(_ROLLED_BACK) for outcome in outcomes]
    call.count(sum(1 for outcome in outcomes if outcome["success"]))
    return outcomes


def _attempted(item: Item, one: Callable[[Item], Outcome]) -> Outcome:
    try:
        outcome = one(item)
    except Refused as refusal:
        if refusal.code == "JSON_PARSER_ERROR":
            raise
        return _failure(refusal)
    made = {"id": outcome["id"], "success": True, "errors": []}
    return made | ({"created": outcome["created"]} if "created" in outcome else {})


def _failure(refusal: Refused) -> Outcome:
    return {"success": False, "errors": [refusal.as_row_error()]}
