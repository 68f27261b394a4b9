"""HubSpot's error bodies: what each refusal looks like on the wire."""

import json
from collections.abc import Mapping, Sequence
from typing import Any


class ApiError(Exception):
    """A refusal. ``body`` lacks the correlation id, which the request adds.

    body: JSON object, or a str sent as HTML.
    """

    def __init__(
        self, status: int, body: dict[str, Any] | str, headers: Mapping[str, str] | None = None
    ) -> None:
        super().__init__(f"{status} {body}")
        self.status = status
        self.body = body
        self.headers = dict(headers or {})

    @property
    def item(self) -> dict[str, Any]:
        """The same refusal as one entry of a 207's ``errors``."""
        body = self.body if isinstance(self.body, dict) else {"message": self.body}
        kept = {key: body[key] for key in ("category", "subCategory", "message", "context") if key in body}
        return {"status": "error", **kept}


def refusal(status: int, category: str, message: str, **extra: object) -> ApiError:
    return ApiError(status, {"status": "error", "message": message, **extra, "category": category})


def invalid(message: str, **extra: object) -> ApiError:
    return refusal(400, "VALIDATION_ERROR", message, **extra)


def bad_request_detail(detail: str, code: str = "INVALID_INPUT") -> ApiError:
    """The shape search uses: a general message, and the reason inside ``errors``."""
    return invalid("There was a problem with the request.", errors=[{"message": detail, "code": code}])


def property_values_invalid(problems: Sequence[Mapping[str, object]]) -> ApiError:
    """``problems``: ``{isValid, message, error, name, localizedErrorMessage}`` each."""
    listed = json.dumps(list(problems), ensure_ascii=False, separators=(",", ":"))
    return invalid(f"Property values were not valid: {listed}")


def not_found(message: str = "resource not found", **extra: object) -> ApiError:
    return refusal(404, "OBJECT_NOT_FOUND", message, **extra)


def object_not_found(raw_id: str) -> ApiError:
    """A record id that is not a number is told apart from one that does not exist."""
    if raw_id.isdigit():
        return not_found()
    return not_found("Object not found.  objectId are usually numeric.", context={"id": [raw_id]})


def conflict(message: str, **extra: object) -> ApiError:
    return refusal(409, "CONFLICT", message, **extra)


def missing_scopes(scopes: Sequence[str]) -> ApiError:
    links = {"scopes": "https://developers.hubspot.com/scopes"}
    detail = {
        "message": "One or more of the following scopes are required.",
        "context": {"requiredGranularScopes": list(scopes)},
    }
    message = (
        "This app hasn't been granted all required scopes to make this call. "
        "Read more about required scopes here: https://developers.hubspot.com/scopes."
    )
    return refusal(403, "MISSING_SCOPES", message, errors=[detail], links=links)


def plan_lacks(what: str) -> ApiError:
    message = f"The account does not have access to {what}. Upgrade the subscription to use this API."
    return refusal(403, "FORBIDDEN", message)


def unauthenticated() -> ApiError:
    message = (
        "Authentication credentials not found. This API supports OAuth 2.0 authentication and you can find "
        "more details at https://developers.hubspot.com/docs/methods/auth/oauth-overview"
    )
    return refusal(401, "INVALID_AUTHENTICATION", message)


def token_expired(seconds_ago: int, expired_at: str) -> ApiError:
    message = f"The OAuth token used to make this call expired {seconds_ago} second(s) ago."
    return refusal(401, "EXPIRED_AUTHENTICATION", message, context={"expire time": [expired_at]})


def rate_limited(policy: str, portal_id: int) -> ApiError:
    """429. policy: TEN_SECONDLY_ROLLING, SECONDLY (search) or DAILY. No ``Retry-After``, as live."""
    body = {
        "status": "error",
        "message": f"You have reached your {policy.lower()} limit.",
        "errorType": "RATE_LIMIT",
        "policyName": policy,
        "groupName": f"publicapi:private-apps-{policy.lower().replace('_', '-')}:{portal_id}",
    }
    return ApiError(429, body)
