"""Queries, single records, describes and limits."""

from datetime import timedelta

from werkzeug import Response

from sandbox.salesforce import describe as describing
from sandbox.salesforce.call import Call, answer, nothing
from sandbox.salesforce.errors import Refused, malformed, not_found
from sandbox.salesforce.fields import Field
from sandbox.salesforce.ids import looks_like_id, to18
from sandbox.salesforce.instants import read_datetime, stamp
from sandbox.salesforce.query import Runner
from sandbox.salesforce.rendering import record_of
from sandbox.salesforce.schema import SObject
from sandbox.salesforce.store import Row
from sandbox.salesforce.syntax import parse

VERSIONS = tuple(range(31, 69))
_SEASONS = ("Spring", "Summer", "Winter")
_RESOURCES = (
    "composite", "jobs", "limits", "query", "queryAll", "recent", "search", "sobjects", "tooling",
)  # fmt: skip


def versions(_call: Call) -> Response:
    """``GET /services/data``: open to anyone."""
    listed = []
    for number in VERSIONS:
        season = _SEASONS[(number - 31 + 2) % 3]
        year = 14 + (number - 30 + 1) // 3 + (1 if season == "Winter" else 0)
        listed.append(
            {"label": f"{season} '{year}", "url": f"/services/data/v{number}.0", "version": f"{number}.0"}
        )
    return answer(listed)


def resources(call: Call) -> Response:
    base = f"/services/data/v{call.version}"
    return answer({name: f"{base}/{name}" for name in _RESOURCES})


def query(call: Call) -> Response:
    return _query(call, "query", every=False)


def query_all(call: Call) -> Response:
    return _query(call, "queryAll", every=True)


def _query(call: Call, resource: str, *, every: bool) -> Response:
    text = call.request.args.get("q")
    if text is None:
        raise malformed("A query string has to be specified")
    if "explain" in call.request.args:
        raise Refused("NOT_FOUND", "Query plans are not offered by this sandbox", status=404)
    result = Runner(call.org, call.access, every=every).run(parse(text))
    call.count(0, write=False)
    options = call.request.headers.get("Sforce-Query-Options", "")
    return answer(call.cursors.first(result, call.version, resource, options))


def query_more(call: Call, locator: str) -> Response:
    return answer(call.cursors.next(locator, call.version))


def sobjects(call: Call) -> Response:
    return answer(describing.describe_global(call.org, call.access, call.version))


def describe(call: Call, name: str) -> Response:
    return answer(describing.describe(call.org, call.access, _owner(call, name), call.version))


def basic(call: Call, name: str) -> Response:
    """``GET sobjects/X``: its summary; there is no list of recent items in this sandbox."""
    owner = _owner(call, name)
    listed = describing.describe_global(call.org, call.access, call.version)["sobjects"]
    return answer(
        {"objectDescribe": next(item for item in listed if item["name"] == owner.name), "recentItems": []}
    )


def create(call: Call, name: str) -> Response:
    owner = _owner(call, name)
    writer = call.writer()
    record_id = writer.insert(owner, call.body_object())
    call.count(1)
    return answer({"id": record_id, "success": True, "errors": []}, 201)


def read(call: Call, name: str, record_id: str) -> Response:
    owner = _owner(call, name)
    row = _row(call, owner, record_id)
    wanted = call.request.args.get("fields")
    names = wanted.split(",") if wanted else [known.name for known in _visible(call, owner)]
    for item in names:
        known = owner.find(item)
        if known is None or not call.access.reads(owner.name, known):
            raise Refused("INVALID_FIELD", f"No such column '{item}' on sobject of type {owner.name}")
    return answer(record_of(call.org, row, names, call.version))


def update(call: Call, name: str, record_id: str) -> Response:
    owner = _owner(call, name)
    _row(call, owner, record_id)
    writer = call.writer()
    writer.update(owner, record_id, call.body_object())
    call.count(1)
    return nothing()


def delete(call: Call, name: str, record_id: str) -> Response:
    owner = _owner(call, name)
    _row(call, owner, record_id)
    call.writer().delete(owner, record_id)
    call.count(1)
    return nothing()


def read_by_key(call: Call, name: str, key: str, value: str) -> Response:
    """A record by external id; or, where ``key`` is an id, the record its lookup ``value`` points to."""
    owner = _owner(call, name)
    if looks_like_id(key):
        return _related(call, owner, key, value)
    found = call.writer().matching(owner, _key(call, owner, key), value)
    if not found:
        raise not_found("The requested resource does not exist")
    if len(found) > 1:
        return answer(
            [f"/services/data/v{call.version}/sobjects/{owner.name}/{record}" for record in found], 300
        )
    names = [known.name for known in _visible(call, owner)]
    return answer(record_of(call.org, call.org.table(owner.name).rows[found[0]], names, call.version))


def _related(call: Call, owner: SObject, record_id: str, relation: str) -> Response:
    row = _row(call, owner, record_id)
    lookup = owner.relation(relation)
    above = call.org.row(row.get(lookup.name) or "") if lookup is not None else None
    target = call.org.schema.of_id(above["Id"]) if above is not None else None
    if above is None or target is None:
        raise not_found(f"The relationship {relation} does not exist or is empty")
    return answer(record_of(call.org, above, [known.name for known in _visible(call, target)], call.version))


def upsert_by_key(call: Call, name: str, key: str, value: str) -> Response:
    owner = _owner(call, name)
    known = _key(call, owner, key)
    writer = call.writer()
    found = writer.matching(owner, known, value) if known.name != "Id" else []
    if len(found) > 1:
        return answer(
            [f"/services/data/v{call.version}/sobjects/{owner.name}/{record}" for record in found], 300
        )
    record_id, made = writer.upsert(owner, known, value, call.body_object())
    call.count(1)
    return answer({"id": record_id, "success": True, "errors": [], "created": made}, 201 if made else 200)


def delete_by_key(call: Call, name: str, key: str, value: str) -> Response:
    owner = _owner(call, name)
    writer = call.writer()
    found = writer.matching(owner, _key(call, owner, key), value)
    if len(found) != 1:
        raise not_found()
    writer.delete(owner, found[0])
    call.count(1)
    return nothing()


def deleted(call: Call, name: str) -> Response:
    owner = _owner(call, name)
    start, end = _span(call, call.org.limits.bin_days, "deleted")
    records = [
        {"deletedDate": at, "id": record_id}
        for at, kind, record_id in call.org.deletions
        if kind == owner.name and start <= at < end and _still_deleted(call, record_id)
    ]
    first = min((at for at, kind, _ in call.org.deletions if kind == owner.name), default=call.org.now())
    body = {"deletedRecords": records, "earliestDateAvailable": first, "latestDateCovered": end}
    return answer(body)


def _still_deleted(call: Call, record_id: str) -> bool:
    row = call.org.row(record_id)
    return row is None or bool(row.get("IsDeleted"))


def updated(call: Call, name: str) -> Response:
    owner = _owner(call, name)
    start, end = _span(call, call.org.limits.updated_days, "updated")
    rows = call.org.table(owner.name).by_stamp(start, end)
    ids = [row["Id"] for row in rows if not row.get("IsDeleted") and row["SystemModstamp"] < end]
    if len(ids) > call.org.limits.changed_ids:
        raise Refused("EXCEEDED_ID_LIMIT", "exceeded max number of ids; narrow the date range")
    return answer({"ids": ids, "latestDateCovered": end})


def _span(call: Call, days: int, what: str) -> tuple[str, str]:
    """The minutes asked for: seconds are ignored, as the vendor does."""
    given = [read_datetime(call.request.args.get(name, "").replace(" ", "+")) for name in ("start", "end")]
    if given[0] is None or given[1] is None:
        raise Refused("INVALID_REPLICATION_DATE", "start and end must be ISO 8601 datetimes with an offset")
    start, end = (f"{text[:16]}:00.000+0000" for text in given if text)
    if end <= start:
        raise Refused("INVALID_REPLICATION_DATE", "endDate should be at least one minute after startDate")
    if start < stamp(call.org.clock.now() - timedelta(days=days)):
        raise Refused("INVALID_REPLICATION_DATE", f"startDate before org replication enabled date ({what})")
    return start, end


def limits(call: Call) -> Response:
    """The allowances this sandbox keeps, under the vendor's names."""
    known = call.org.limits
    left = known.daily_requests - call.org.allowance.used
    return answer(
        {
            "DailyApiRequests": {"Max": known.daily_requests, "Remaining": left},
            "DailyBulkApiBatches": {"Max": 15_000, "Remaining": 15_000},
            "DailyBulkV2QueryJobs": {"Max": known.bulk_query_jobs, "Remaining": known.bulk_query_jobs},
            "DailyBulkV2QueryFileStorageMB": {"Max": 976_562, "Remaining": 976_562},
            "DataStorageMB": {"Max": 10_240, "Remaining": 10_000},
            "FileStorageMB": {"Max": 10_240, "Remaining": 10_240},
            "HourlyTimeBasedWorkflow": {"Max": 1_000, "Remaining": 1_000},
        }
    )


def record_count(call: Call) -> Response:
    """Objects without rows are left out, as in the vendor's recorded replies; unknown ones too."""
    wanted = call.request.args.get("sObjects", "")
    names = wanted.split(",") if wanted else [known.name for known in call.org.schema]
    counts = []
    for name in names:
        owner = call.org.schema.find(name.strip())
        if owner is not None and call.access.sees(owner.name):
            rows = call.org.table(owner.name).rows.values()
            count = sum(1 for row in rows if not row.get("IsDeleted"))
            if count:
                counts.append({"count": count, "name": owner.name})
    return answer({"sObjects": counts})


def _owner(call: Call, name: str) -> SObject:
    return call.writer().owner(name)


def _row(call: Call, owner: SObject, record_id: str) -> Row:
    """A live row. Refused (404) if there is none."""
    if not looks_like_id(record_id):
        raise not_found("Provided external ID field does not exist or is not accessible: " + record_id)
    row = call.org.table(owner.name).rows.get(to18(record_id))
    if row is None:
        raise not_found("The requested resource does not exist")
    if row.get("IsDeleted"):
        raise Refused("ENTITY_IS_DELETED", "entity is deleted", status=404)
    return row


def _key(call: Call, owner: SObject, key: str) -> Field:
    known = owner.find(key)
    allowed = known is not None and (known.name == "Id" or known.type == "email" or known.external_id)
    if known is None or not allowed or not call.access.reads(owner.name, known):
        raise not_found(f"Provided external ID field does not exist or is not accessible: {key}")
    return known


def _visible(call: Call, owner: SObject) -> list[Field]:
    return [known for known in owner.fields.values() if call.access.reads(owner.name, known)]
