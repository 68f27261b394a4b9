"""HubSpot through hubspot-api-client over HTTP, against the sandbox."""

from tests.contract.hubspot_harness import DatedHubSpotHarness, HubSpotHarness
from tests.contract.suite import HttpContract


class TestHubSpot(HttpContract):
    harness_type = HubSpotHarness


class TestHubSpotDated(HttpContract):
    """The paths that replace v3 and v4 in 2027."""

    harness_type = DatedHubSpotHarness
