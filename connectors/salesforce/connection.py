"""Settings of a Salesforce connection."""

from typing import Literal

from pydantic import Field, SecretStr

from connectors.connection import VendorConnection


class SalesforceConnection(VendorConnection):
    """A Salesforce org.

    url: its My Domain address. auth: client_credentials needs consumer_key and consumer_secret; jwt needs
    consumer_key, username and private_key (PEM). permission_set: the one that makes our fields visible.
    bulk_from: records in one write from which a Bulk 2.0 job is cheaper than collections of 200.
    bulk_read_from: records left to read from which a job is cheaper than pages of 2,000.
    fallback_owner: name, e-mail or id of a user for what would have a missing or inactive owner.
    skip: streams that are not read, of objects this org does not use.
    """

    auth: Literal["client_credentials", "jwt"] = "client_credentials"
    version: str = Field(default="66.0", pattern=r"^\d{2,3}\.0$", description="a version such as '66.0'")
    consumer_key: SecretStr | None = None
    consumer_secret: SecretStr | None = None
    username: str | None = None
    private_key: SecretStr | None = None
    permission_set: str = Field(
        default="Scoreline",
        pattern=r"^[A-Za-z][A-Za-z0-9_]{0,79}$",
        description="up to 80 letters, digits and _, a letter first",
    )
    bulk_from: int = Field(default=2000, ge=200)
    bulk_read_from: int = Field(default=10_000, ge=2000)
    fallback_owner: str | None = None
    skip: tuple[str, ...] = ()

    @classmethod
    def mappable_objects(cls) -> tuple[str, ...]:
        return ("Lead", "Contact", "Account")

    def missing_credentials(self) -> tuple[str, ...]:
        """Environment variables still to be set. Asked on opening: reading stored data needs no secrets."""
        wanted = {
            "client_credentials": ("consumer_key", "consumer_secret"),
            "jwt": ("consumer_key", "username", "private_key"),
        }[self.auth]
        return tuple(f"SCORELINE_SALESFORCE_{name.upper()}" for name in wanted if getattr(self, name) is None)

    def secrets(self) -> tuple[str, ...]:
        """Every secret value, so that messages can be kept clear of them."""
        held = (self.consumer_key, self.consumer_secret, self.private_key)
        return tuple(secret.get_secret_value() for secret in held if secret is not None)
