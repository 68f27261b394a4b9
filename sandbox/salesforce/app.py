"""The vendor: routes, tokens, allowances, and what the sandbox asks of every vendor."""

import re
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from werkzeug import Request, Response
from werkzeug.exceptions import HTTPException
from werkzeug.routing import Map, Rule

from sandbox.clock import Clock
from sandbox.salesforce import actions, bulk, collections, composite, rest, tooling
from sandbox.salesforce.auth import Sessions
from sandbox.salesforce.call import Call, answer
from sandbox.salesforce.cursors import Cursors
from sandbox.salesforce.errors import Refused, not_found
from sandbox.salesforce.jobs import Jobs
from sandbox.salesforce.limits import Limits
from sandbox.salesforce.org import Org
from sandbox.salesforce.seeding import Seeder
from sandbox.vendor import in_flight, note

if TYPE_CHECKING:
    from sandbox.world import Event, World

_DATA = re.compile(r"/services/data/v(?P<version>\d+\.\d)(?P<rest>/.*)?")
_OAUTH = "/services/oauth2/"
Handler = Callable[..., Response]
_GET = ["GET", "HEAD"]
_HTML_414 = "<html><head><title>Error 414</title></head><body><h1>URI Too Long</h1></body></html>"
_HTML_431 = (
    "<html><head><title>Error 431</title></head><body><h1>Request Header Fields Too Large</h1></body></html>"
)


def _rules() -> list[Rule]:
    routes: list[tuple[str, str, Handler]] = [
        ("GET", "/", rest.resources),
        ("GET", "/query", rest.query),
        ("GET", "/query/<locator>", rest.query_more),
        ("GET", "/queryAll", rest.query_all),
        ("GET", "/queryAll/<locator>", rest.query_more),
        ("GET", "/limits", rest.limits),
        ("GET", "/limits/recordCount", rest.record_count),
        ("GET", "/sobjects", rest.sobjects),
        ("GET", "/sobjects/<name>", rest.basic),
        ("POST", "/sobjects/<name>", rest.create),
        ("GET", "/sobjects/<name>/describe", rest.describe),
        ("GET", "/sobjects/<name>/deleted", rest.deleted),
        ("GET", "/sobjects/<name>/updated", rest.updated),
        ("GET", "/sobjects/<name>/<record_id>", rest.read),
        ("PATCH", "/sobjects/<name>/<record_id>", rest.update),
        ("DELETE", "/sobjects/<name>/<record_id>", rest.delete),
        ("GET", "/sobjects/<name>/<key>/<value>", rest.read_by_key),
        ("PATCH", "/sobjects/<name>/<key>/<value>", rest.upsert_by_key),
        ("DELETE", "/sobjects/<name>/<key>/<value>", rest.delete_by_key),
        ("POST", "/composite", composite.composite),
        ("POST", "/composite/batch", composite.batch),
        ("POST", "/composite/graph", composite.graph),
        ("POST", "/composite/tree/<name>", composite.tree),
        ("POST", "/composite/sobjects", collections.create),
        ("PATCH", "/composite/sobjects", collections.update),
        ("DELETE", "/composite/sobjects", collections.delete),
        ("GET", "/composite/sobjects/<name>", collections.read),
        ("POST", "/composite/sobjects/<name>", collections.read),
        ("PATCH", "/composite/sobjects/<name>/<key>", collections.upsert),
        ("GET", "/tooling/query", tooling.query),
        ("POST", "/tooling/sobjects/<name>", tooling.create),
        ("GET", "/tooling/sobjects/<name>/<record_id>", tooling.read),
        ("PATCH", "/tooling/sobjects/<name>/<record_id>", tooling.update),
        ("DELETE", "/tooling/sobjects/<name>/<record_id>", tooling.delete),
        *bulk.ROUTES,
    ]
    return [Rule(path, endpoint=handler, methods=[method]) for method, path, handler in routes]


class SalesforceApp:
    """One org behind one address. See ``docs/sandbox.md`` for what it offers."""

    name = "salesforce"

    def __init__(self, clock: Clock, limits: Limits | None = None) -> None:
        self.org = Org(clock, limits or Limits())
        self.sessions = Sessions(self.org)
        self.cursors = Cursors(self.org)
        self.jobs = Jobs(self.org)
        self._seeder = Seeder(self.org)
        self._routes = Map(_rules(), strict_slashes=False, merge_slashes=False)

    @property
    def credentials(self) -> Mapping[str, str]:
        user = self.org.row(self.org.integration_id) or {}
        return {
            "consumer_key": self.sessions.consumer_key,
            "consumer_secret": self.sessions.consumer_secret,
            "username": user.get("Username", ""),
            "api_version": "66.0",
        }

    def handle(self, request: Request) -> Response:
        self.org.purge_bin()
        try:
            return self._answered(request)
        except Refused as refusal:
            note(request, write=False, records=0)
            return self._informed(answer(refusal.as_request_error(), refusal.status))

    def dump(self) -> dict[str, list[dict[str, Any]]]:
        return {name: [dict(row) for row in table.rows.values()] for name, table in self.org.tables()}

    def do(self, action: str, arguments: dict[str, Any]) -> dict[str, Any]:
        return actions.do(self, action, arguments)

    def seed(self, world: "World") -> None:
        self._seeder.seed(world)

    def live(self, world: "World", events: "Sequence[Event]") -> None:
        self._seeder.live(world, events)

    def identities(self) -> Mapping[int, Sequence[Mapping[str, str]]]:
        return self._seeder.identities()

    def _answered(self, request: Request) -> Response:
        if len(request.environ.get("RAW_URI", "")) > self.org.limits.uri_bytes:
            return Response(_HTML_414, 414, content_type="text/html; charset=UTF-8")
        size = len(request.environ.get("RAW_URI", "")) + int(request.environ.get("sandbox.header_bytes", 0))
        if size > self.org.limits.header_bytes:
            return Response(_HTML_431, 431, content_type="text/html; charset=UTF-8")
        path = request.path.rstrip("/")
        if path.startswith((_OAUTH, "/services/Soap/")):
            note(request, write=False, records=0)
            return self._signed_on(request, path)
        if path.startswith("/id/"):
            return answer(self.sessions.userinfo(self._user(request), request.host_url.rstrip("/")))
        if path == "/services/data":
            return rest.versions(self._call(request, "66.0", self.org.integration_id))
        return self._data(request, path)

    def _signed_on(self, request: Request, path: str) -> Response:
        base = request.host_url.rstrip("/")
        if path.startswith("/services/Soap/"):
            return _soap_fault(path)
        endpoint = path.removeprefix(_OAUTH)
        if endpoint == "token":
            return self.sessions.token(request)
        if endpoint == "revoke":
            return self.sessions.revoke(request)
        if endpoint == "introspect":
            return self.sessions.introspect(request)
        if endpoint == "userinfo":
            return answer(self.sessions.userinfo(self._user(request), base))
        raise not_found()

    def _data(self, request: Request, path: str) -> Response:
        found = _DATA.fullmatch(path)
        if found is None:
            raise not_found()
        version = found["version"]
        major = float(version)
        if 21 <= major <= 30:
            message = f"API version {version} has been retired"
            raise Refused("UNSUPPORTED_API_VERSION", message, status=410)
        if major not in rest.VERSIONS:
            raise not_found()
        user_id = self._user(request)
        if "ApiEnabled" in self.org.denied:
            raise Refused(
                "API_DISABLED_FOR_ORG", "API is not enabled for this Organization or Partner", status=403
            )
        if in_flight(request) > self.org.limits.concurrent_long:
            message = "ConcurrentPerOrgLongTxn Limit exceeded."
            raise Refused("REQUEST_LIMIT_EXCEEDED", message, status=403)
        if not self.org.allowance.spend():
            raise Refused("REQUEST_LIMIT_EXCEEDED", "TotalRequests Limit exceeded.", status=403)
        return self._informed(
            self.dispatch(self._call(request, version, user_id), request.method, found["rest"] or "/")
        )

    def dispatch(self, call: Call, method: str, path: str) -> Response:
        """Run the handler of a path below ``/services/data/vNN.0``; composite requests come here too."""
        adapter = self._routes.bind("sandbox", path_info=path)
        try:
            handler, arguments = adapter.match(method=method)
        except HTTPException as failure:
            if failure.code == 405:
                message = (
                    f"HTTP Method '{method}' not allowed. Allowed are {', '.join(adapter.allowed_methods())}"
                )
                raise Refused("METHOD_NOT_ALLOWED", message, status=405) from None
            raise not_found() from None
        run: Handler = handler
        return run(call, **arguments)

    def _call(self, request: Request, version: str, user_id: str) -> Call:
        return Call(
            request, self.org, self.cursors, self.jobs, self.org.access(user_id), version, self.dispatch
        )

    def _user(self, request: Request) -> str:
        scheme, _, token = request.headers.get("Authorization", "").partition(" ")
        if scheme.lower() not in {"bearer", "oauth"}:
            raise Refused("INVALID_SESSION_ID", "Session expired or invalid", status=401)
        return self.sessions.user_of(token.strip())

    def _informed(self, response: Response) -> Response:
        response.headers["Sforce-Limit-Info"] = self.org.allowance.info
        return response


def _soap_fault(path: str) -> Response:
    """SOAP login is gone from v65 on and switched off in new orgs before that."""
    version = path.rsplit("/", 1)[-1]
    message = f"The SOAP Login operation is not available in the API version specified: {version}"
    body = (
        '<?xml version="1.0" encoding="UTF-8"?><soapenv:Envelope xmlns:soapenv="http://schemas.xmlsoap.org/soap/'
        'envelope/" xmlns:sf="urn:fault.partner.soap.sforce.com" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">'
        "<soapenv:Body><soapenv:Fault><faultcode>sf:INVALID_OPERATION</faultcode>"
        f"<faultstring>INVALID_OPERATION: {message}</faultstring><detail>"
        '<sf:UnexpectedErrorFault xsi:type="sf:UnexpectedErrorFault">'
        f"<sf:exceptionCode>INVALID_OPERATION</sf:exceptionCode><sf:exceptionMessage>{message}</sf:exceptionMessage>"
        "</sf:UnexpectedErrorFault></detail></soapenv:Fault></soapenv:Body></soapenv:Envelope>"
    )
    return Response(body, 500, content_type="text/xml;charset=UTF-8")
