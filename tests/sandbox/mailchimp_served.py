"""A sandbox with Mailchimp alone, the vendor's SDK pointed at it, each answer held to the description."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

import mailchimp_marketing
import requests

from sandbox.mailchimp import MailchimpApp
from sandbox.server import Sandbox
from tests.sandbox.mailchimp_documents import check, check_request

NOW = datetime(2026, 11, 22, 8, tzinfo=UTC)


class Mailchimp:
    """One served account. ``sdk`` and ``call`` go over HTTP; ``do`` and ``dump`` reach behind it."""

    def __init__(self, sandbox: Sandbox) -> None:
        self.sandbox = sandbox
        given = sandbox.addresses["mailchimp"]
        self.url, self.key = str(given["url"]), str(given["api_key"])
        app: Any = sandbox.hosts["mailchimp"].app
        assert isinstance(app, MailchimpApp)
        self.app = app
        self.session = requests.Session()
        self.session.trust_env = False
        self.session.auth = ("user", self.key)
        self.sdk: Any = mailchimp_marketing.Client({"api_key": self.key, "server": ""})
        self.sdk.api_client.host = self.url
        self.news = app.store.audience_named("Brightloom News").id
        self.shop = app.store.audience_named("Brightloom Shop").id

    def call(self, method: str, path: str, *, status: int = 200, **given: Any) -> Any:
        """Call, insist on the status, hold the answer to the description, and return its JSON."""
        if status < 400:
            check_request(method, "/3.0" + path, given.get("params", {}), given.get("json"))
        answer = self.session.request(method, self.url + path, timeout=20, **given)
        assert answer.status_code == status, answer.text[:500]
        body = json.loads(answer.text) if answer.text else None
        wanted = "application/problem+json" if status >= 400 else "application/json"
        assert answer.headers["Content-Type"].startswith(wanted)
        if not {"fields", "exclude_fields"} & set(given.get("params", {})):
            check(method, "/3.0" + path, status, body)
        return body

    def do(self, action: str, **arguments: Any) -> dict[str, Any]:
        return self.sandbox.hosts["mailchimp"].do({"action": action, "arguments": arguments})

    def member(self, email: str) -> dict[str, Any]:
        """The stored member of the news audience."""
        return next(
            m for m in self.app.dump()["members"] if m["email_address"] == email and m["list_id"] == self.news
        )


@contextmanager
def served(*, people: int = 0, seed: int = 7) -> Iterator[Mailchimp]:
    """Serve an account: empty, or grown with so many people."""
    world = "grown" if people else "empty"
    sandbox = Sandbox(seed=seed, people=people, now=NOW, world=world, vendors=[MailchimpApp])
    sandbox.start()
    mailchimp = Mailchimp(sandbox)
    try:
        yield mailchimp
    finally:
        mailchimp.session.close()
        sandbox.stop()
