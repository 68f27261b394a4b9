"""Mailchimp through mailchimp-marketing over HTTP, against the sandbox."""

from tests.contract.mailchimp_harness import MailchimpHarness
from tests.contract.suite import HttpContract


class TestMailchimp(HttpContract):
    harness_type = MailchimpHarness
