"""What HTTP clients of every vendor share: one requests session, and the meaning of broken connections."""

import re
import ssl
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import requests
import requests.adapters
import urllib3.exceptions

from connectors.policy import Policy, is_loopback
from connectors.transport import AnswerLost
from core.errors import ConnectorError, RateLimited, TransientError

_EXCERPT = 200
_BEARER = re.compile(r"(?i)\b(bearer|basic)\s+[A-Za-z0-9._~+/=!-]+")


class PolicySession(requests.Session):
    """A session with timeouts, without proxies or netrc from the environment, that stays on its hosts.

    hosts: host names that may be called; one starting with a dot allows every host below it.
    base_url: when given, scheme and host of every request are replaced by it: SDKs that hard-code
    ``https://`` reach a loopback sandbox so. on_response sees every answer, for its headers.
    """

    def __init__(
        self,
        policy: Policy,
        *,
        hosts: Iterable[str],
        base_url: str | None = None,
        on_response: Callable[[requests.Response], None] | None = None,
    ) -> None:
        super().__init__()
        self.trust_env = False
        self._policy, self._hosts, self._on_response = policy, frozenset(hosts), on_response
        self._base = urlsplit(base_url) if base_url else None
        adapter = requests.adapters.HTTPAdapter(pool_maxsize=policy.concurrency, max_retries=0)
        self.mount("https://", adapter)
        self.mount("http://", adapter)

    def request(self, method: str | bytes, url: str | bytes, *args: Any, **kwargs: Any) -> requests.Response:
        """As the parent; raises ConnectorError for a host outside the list and for a redirect."""
        target = self._resolve(url.decode() if isinstance(url, bytes) else url)
        if kwargs.get("timeout") is None:
            kwargs["timeout"] = self._policy.timeout
        kwargs["allow_redirects"] = False
        response = super().request(method, target, *args, **kwargs)
        if self._on_response is not None:
            self._on_response(response)
        if response.is_redirect:
            elsewhere = urlsplit(response.headers["location"]).hostname or "another address"
            raise ConnectorError(
                f"{urlsplit(target).hostname} redirects to {elsewhere}; credentials are not sent there",
                vendor="",
                remedy="Set the connection's url to the address the vendor uses now.",
            )
        return response

    def _resolve(self, url: str) -> str:
        parts = urlsplit(url)
        if self._base is not None:
            parts = parts._replace(scheme=self._base.scheme, netloc=self._base.netloc)
        host = parts.hostname or ""
        allowed = any(
            host == known or (known.startswith(".") and host.endswith(known)) for known in self._hosts
        )
        if not allowed or (parts.scheme != "https" and not is_loopback(urlunsplit(parts))):
            raise ConnectorError(
                f"refusing to call {parts.scheme}://{host}", vendor="", remedy="Check the url."
            )
        return urlunsplit(parts)


def network_error(error: Exception, *, vendor: str, operation: str) -> ConnectorError | None:
    """What a broken connection means, from requests, urllib3 or the socket itself; None for other exceptions.

    A connection that was never made is TransientError, one that broke later AnswerLost. A bad certificate is
    a plain ConnectorError: it is neither retried nor bypassed.
    """
    causes = tuple(_causes(error))
    if any(
        isinstance(cause, ssl.SSLError | requests.exceptions.SSLError | urllib3.exceptions.SSLError)
        for cause in causes
    ):
        return ConnectorError(
            "the server's certificate is not valid", vendor=vendor, operation=operation, code="certificate",
            remedy="Check the address and the clock; a proxy that re-signs traffic needs its CA trusted.",
        )  # fmt: skip
    never_sent = (
        requests.exceptions.ConnectTimeout, urllib3.exceptions.NewConnectionError,
        urllib3.exceptions.ConnectTimeoutError, ConnectionRefusedError,
    )  # fmt: skip
    if any(isinstance(cause, never_sent) for cause in causes):
        return TransientError("could not be reached", vendor=vendor, operation=operation, code="unreachable")
    broken = (requests.exceptions.RequestException, urllib3.exceptions.HTTPError, OSError)
    if any(isinstance(cause, broken) for cause in causes):
        return AnswerLost(
            f"the connection broke before the whole answer came ({type(causes[-1]).__name__})",
            vendor=vendor, operation=operation, code="connection",
        )  # fmt: skip
    return None


def _causes(error: BaseException | None) -> Iterable[BaseException]:
    """The exception, what it was raised from, and the exceptions that libraries pass as arguments."""
    seen: list[BaseException] = []
    todo = [error]
    while todo:
        one = todo.pop()
        if one is None or one in seen:
            continue
        seen.append(one)
        wrapped = [argument for argument in one.args if isinstance(argument, BaseException)]
        todo += [
            one.__cause__,
            getattr(one, "reason", None) if isinstance(getattr(one, "reason", None), BaseException) else None,
            *wrapped,
        ]
    return seen


def status_error(
    status: int,
    headers: Mapping[str, str],
    *,
    vendor: str,
    operation: str,
    detail: str = "",
    now: datetime | None = None,
) -> ConnectorError | None:
    """What a status means for every vendor alike: 429 and 5xx; None where the vendor's own table must say."""
    if status == HTTPStatus.TOO_MANY_REQUESTS:
        hint = retry_after_s(headers, now)
        return RateLimited(
            detail or "too many requests", vendor=vendor, operation=operation, retry_after_s=hint
        )
    if status == HTTPStatus.SERVICE_UNAVAILABLE:
        return TransientError(
            detail or "is not available", vendor=vendor, operation=operation, code=str(status)
        )
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        return AnswerLost(detail or "failed inside", vendor=vendor, operation=operation, code=str(status))
    return None


def retry_after_s(headers: Mapping[str, str], now: datetime | None = None) -> float | None:
    """Seconds that ``Retry-After`` asks for, given as seconds or as a date; None without a usable hint.

    A date is measured from the answer's own ``Date``, so that our clock need not agree; else from ``now``.
    """
    lowered = {name.lower(): value for name, value in headers.items()}
    text = lowered.get("retry-after", "").strip()
    if re.fullmatch(r"\d+(\.\d+)?", text):
        return float(text)
    until, sent = _http_date(text), _http_date(lowered.get("date", "")) or now
    if until is None or sent is None:
        return None
    return max(0.0, (until - sent).total_seconds())


def _http_date(text: str) -> datetime | None:
    try:
        return parsedate_to_datetime(text)
    except ValueError:
        return None


def excerpt(text: str, secrets: Sequence[str] = ()) -> str:
    """The beginning of a vendor's text on one line, without secrets or bearer tokens: fit for messages."""
    for secret in secrets:
        if secret:
            text = text.replace(secret, "***")
    line = " ".join(_BEARER.sub(r"\1 ***", text).split())
    return line if len(line) <= _EXCERPT else line[: _EXCERPT - 1] + "…"
