"""Every exchange of a contract test, held against what its vendor describes.

Deviations are listed with their reasons: here and in ``salesforce_described.py`` those of whole requests, in
``tests/sandbox/hubspot_documents.py`` and ``mailchimp_documents.py`` those of values.
"""

import re
from collections import Counter
from collections.abc import Callable, Mapping, Sequence

from tests.contract import salesforce_described
from tests.contract.witness import Exchange
from tests.sandbox import hubspot_documents, mailchimp_documents

#: Paths of HubSpot's that none of the collected documents has, and where the sandbox has them from.
HUBSPOT_UNDESCRIBED: Mapping[str, str] = {
    r"/account-info/[^/]+/details": "listed among the dated endpoints, without a document",
    r"/email/public/v1/events": "the guide to e-mail events; v1 never had a document",
    r"/communication-preferences/[^/]+/statuses/batch/read": "its document ends with v3, before batches",
    r"/form-integrations/v1/submissions/forms/[^/]+": "the guide to submissions; v1 never had a document",
}


def hubspot(exchanges: Sequence[Exchange]) -> list[str]:
    """``METHOD path where: what`` of each difference that no listed deviation explains."""
    undescribed = [
        f"{one.method} {one.path} is not described"
        for one in exchanges
        if hubspot_documents.operation(one.method, one.path) is None
        and not any(re.fullmatch(path, one.path) for path in HUBSPOT_UNDESCRIBED)
    ]
    compared = [
        hubspot_documents.Exchange(one.method, one.path, one.request, one.status, one.answer)
        for one in exchanges
    ]
    return undescribed + hubspot_documents.unexplained(compared, Counter())


def mailchimp(exchanges: Sequence[Exchange]) -> list[str]:
    return [problem for one in exchanges if (problem := _unlike_mailchimp(one))]


def _unlike_mailchimp(one: Exchange) -> str | None:
    try:
        if one.status < 400:  # what was refused need not be as described
            mailchimp_documents.check_request(one.method, one.path, dict(one.query), one.request)
        mailchimp_documents.check(one.method, one.path, one.status, one.answer)
    except (AssertionError, KeyError) as problem:
        return f"{one.method} {one.path} {one.status}: {problem}"
    return None


def salesforce(exchanges: Sequence[Exchange]) -> list[str]:
    return [problem for one in exchanges for problem in salesforce_described.differences(one)]


HELD: Mapping[str, Callable[[Sequence[Exchange]], list[str]]] = {
    "hubspot": hubspot,
    "mailchimp": mailchimp,
    "salesforce": salesforce,
}


def hold(vendor: str, exchanges: Sequence[Exchange]) -> None:
    """Fail with everything that was asked or answered otherwise than the vendor describes."""
    left = list(dict.fromkeys(HELD[vendor](exchanges)))
    assert not left, "\n".join(left)
