"""HubSpot: contacts, companies, deals and all around them, over its own HTTP API."""

from sandbox.hubspot.app import HubSpotApp
from sandbox.hubspot.limits import HubSpotLimits

__all__ = ["HubSpotApp", "HubSpotLimits"]
