"""Salesforce through simple-salesforce over HTTP, against the sandbox."""

from tests.contract.salesforce_harness import SalesforceHarness
from tests.contract.suite import HttpContract


class TestSalesforce(HttpContract):
    harness_type = SalesforceHarness
