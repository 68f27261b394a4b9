"""Faults in each vendor's own words, by name."""

from typing import Any


def _salesforce(status: int, code: str, message: str) -> dict[str, Any]:
    return {"status": status, "body": [{"message": message, "errorCode": code}]}


def _hubspot(policy: str, message: str, headers: dict[str, str]) -> dict[str, Any]:
    body = {
        "status": "error",
        "message": message,
        "errorType": "RATE_LIMIT",
        "correlationId": "5f6a1c1e-2c1e-4f0e-9f43-0c8f1f2f7a11",
        "policyName": policy,
    }
    return {"status": 429, "headers": headers, "body": body}


def _mailchimp(status: int, title: str, detail: str) -> dict[str, Any]:
    body = {
        "type": "https://mailchimp.com/developer/marketing/docs/errors/",
        "title": title,
        "status": status,
        "detail": detail,
        "instance": "c8d3b2a1-7f5e-4d1c-9b0a-3e2f1d4c5b6a",
    }
    return {
        "status": status,
        "headers": {"Content-Type": "application/problem+json; charset=utf-8"},
        "body": body,
    }


_HTML = {"Content-Type": "text/html; charset=utf-8"}
_DENIED = "<html><head><title>Access Denied</title></head><body>No permission</body></html>"

PRESETS: dict[str, dict[str, Any]] = {
    "salesforce.request_limit": _salesforce(403, "REQUEST_LIMIT_EXCEEDED", "TotalRequests Limit exceeded."),
    "salesforce.concurrent_limit": _salesforce(
        403, "REQUEST_LIMIT_EXCEEDED", "ConcurrentPerOrgLongTxn Limit exceeded."
    ),
    "salesforce.session_expired": _salesforce(401, "INVALID_SESSION_ID", "Session expired or invalid"),
    "salesforce.query_timeout": _salesforce(
        400, "QUERY_TIMEOUT", "Your query request was running for too long."
    ),
    "salesforce.operation_too_large": _salesforce(
        400, "OPERATION_TOO_LARGE", "exceeded 100000 distinct who/what's"
    ),
    "salesforce.unavailable": _salesforce(
        503, "SERVER_UNAVAILABLE", "The server is too busy. Please try again."
    ),
    "salesforce.unavailable_empty": {"status": 503, "body": ""},
    "salesforce.uri_too_long": {
        "status": 414,
        "headers": _HTML,
        "body": "<html><head><title>Error 414</title></head><body><h2>URI Too Long</h2></body></html>",
    },
    "salesforce.headers_too_large": {
        "status": 431,
        "headers": _HTML,
        "body": "<html><head><title>Error 431</title></head><body>Header Fields Too Large</body></html>",
    },
    "salesforce.csv_without_charset": {"headers": {"Content-Type": "text/csv"}},
    "hubspot.ten_secondly": _hubspot(
        "TEN_SECONDLY_ROLLING",
        "You have reached your ten_secondly_rolling limit.",
        {"X-HubSpot-RateLimit-Interval-Milliseconds": "10000", "X-HubSpot-RateLimit-Remaining": "0"},
    ),
    "hubspot.secondly": _hubspot("SECONDLY", "You have reached your secondly limit.", {}),
    "hubspot.daily": _hubspot(
        "DAILY", "You have reached your daily limit.", {"X-HubSpot-RateLimit-Daily-Remaining": "0"}
    ),
    "hubspot.retry_after": _hubspot(
        "SECONDLY", "You have reached your secondly limit.", {"Retry-After": "2"}
    ),
    "hubspot.migrating": {"status": 477, "headers": {"Retry-After": "5"}, "body": ""},
    "hubspot.timeout_524": {
        "status": 524,
        "headers": _HTML,
        "body": "<html><body>A timeout occurred</body></html>",
    },
    "mailchimp.throttle_403": {"status": 403, "headers": _HTML, "body": _DENIED},
    "mailchimp.too_many_requests": _mailchimp(
        429, "Too Many Requests", "You have exceeded the limit of 10 simultaneous connections."
    ),
    "mailchimp.internal": _mailchimp(
        500, "Internal Server Error", "An unexpected internal error has occurred."
    ),
    "mailchimp.unavailable_empty": {"status": 503, "body": ""},
    "mailchimp.bad_gateway": {
        "status": 502,
        "headers": _HTML,
        "body": "<html><body>502 Bad Gateway</body></html>",
    },
    "any.html": {
        "status": 200,
        "headers": _HTML,
        "body": "<html><body>Please log in to the network</body></html>",
    },
    "any.invalid_json": {
        "status": 200,
        "headers": {"Content-Type": "application/json"},
        "body": '{"records": [',
    },
    "any.redirect": {"status": 302, "headers": {"Location": "http://elsewhere.invalid/"}, "body": ""},
}
