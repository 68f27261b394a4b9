"""Salesforce: REST, Composite, Bulk 2.0, the part of Tooling that makes custom fields, and OAuth."""

from sandbox.salesforce.app import SalesforceApp
from sandbox.salesforce.limits import Limits

__all__ = ["Limits", "SalesforceApp"]
