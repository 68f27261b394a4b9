"""What the settings of a Mailchimp connection may say."""

from collections.abc import Mapping
from types import MappingProxyType

from pydantic import Field, SecretStr

from connectors.connection import VendorConnection


class MailchimpConnection(VendorConnection):
    """One Mailchimp account.

    url: ``https://<data centre>.api.mailchimp.com/3.0``; the data centre is the part of an API key after the
    dash. api_key, or an OAuth access_token.
    audiences: by name, all when empty; a person may be a member of several. stores: shop ids, all when empty.
    journeys: ``{name: "journey id/step id"}``, from the address of the journey's API trigger step.
    surveys: ``{question text or id: nps | csat}``; 0-10 range questions count as NPS without it.
    activity_days: how long after sending a campaign's bounces and first opens are still read.
    skip: streams this account's plan does not have; ``check`` names them.
    """

    url: str
    api_key: SecretStr | None = None
    access_token: SecretStr | None = None
    audiences: tuple[str, ...] = ()
    stores: tuple[str, ...] = ()
    journeys: Mapping[str, str] = Field(default_factory=lambda: MappingProxyType({}))
    surveys: Mapping[str, str] = Field(default_factory=lambda: MappingProxyType({}))
    skip: tuple[str, ...] = ()
    activity_days: int = Field(default=5, ge=1, le=60)

    def missing_credentials(self) -> tuple[str, ...]:
        """Environment variables still to be set. Asked on opening: reading stored data needs no secrets."""
        return () if self.api_key or self.access_token else ("SCORELINE_MAILCHIMP_API_KEY",)

    def secrets(self) -> tuple[str, ...]:
        """Every secret value, so that messages can be kept clear of them."""
        return tuple(
            secret.get_secret_value() for secret in (self.api_key, self.access_token) if secret is not None
        )

    @classmethod
    def mappable_objects(cls) -> tuple[str, ...]:
        return ("members",)
