"""What the settings of a HubSpot connection may say."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Literal, Self

from pydantic import Field, SecretStr, model_validator

from connectors.connection import VendorConnection
from core.activities import ACTIVITY_TYPES

#: What a form is for, by its name; the first pattern that matches wins.
_FORMS = {
    "*demo*": "demo_request",
    "*guide*": "download",
    "*white*paper*": "download",
    "*e*book*": "download",
    "*download*": "download",
    "*newsletter*": "signup",
    "*sign*up*": "signup",
}
_EVENTS = {"e_visited_page": "page_view", "*video*": "video_view"}


class HubSpotConnection(VendorConnection):
    """One HubSpot account.

    access_token: of a service key or legacy private app; or the three OAuth values of a public app.
    group: property group that holds our properties. api: which paths are called.
    forms: ``{pattern of a form's name, or its guid: activity type}``; other forms count as form_submit.
    events: ``{pattern of an event type: activity type}`` of analytics and custom events (Marketing Hub
    Enterprise); other events are not read.
    skip: streams this account's plan does not have; ``check`` names them. Counters stand in for some.
    subscriptions: whether to read e-mail subscription status; without it consent is unknown unless opted out.
    fallback_owner: e-mail or id of the owner of tasks whose own owner is missing or inactive.
    """

    url: str = "https://api.hubapi.com"
    access_token: SecretStr | None = None
    client_id: str | None = None
    client_secret: SecretStr | None = None
    refresh_token: SecretStr | None = None
    group: str = Field(
        default="scoreline",
        pattern=r"^[a-z][a-z0-9_]{0,99}$",
        description="up to 100 of a-z, 0-9 and _, a letter first",
    )
    api: Literal["v3", "2026-03"] = "v3"
    forms: Mapping[str, str] = Field(default_factory=lambda: MappingProxyType(_FORMS))
    events: Mapping[str, str] = Field(default_factory=lambda: MappingProxyType(_EVENTS))
    skip: tuple[str, ...] = ()
    subscriptions: bool = True
    fallback_owner: str | None = None

    @model_validator(mode="after")
    def _types_are_known(self) -> Self:
        for key, mapping in (("forms", self.forms), ("events", self.events)):
            for name, activity in mapping.items():
                if activity not in ACTIVITY_TYPES:
                    message = (
                        f"{key}.{name}: {activity!r} is no activity type; known: {', '.join(ACTIVITY_TYPES)}"
                    )
                    raise ValueError(message)
        return self

    @property
    def is_oauth(self) -> bool:
        """Whether access tokens are minted from a refresh token."""
        return self.access_token is None and self.refresh_token is not None

    def missing_credentials(self) -> tuple[str, ...]:
        """Environment variables still to be set. Asked on opening: reading stored data needs no secrets."""
        if self.access_token is not None:
            return ()
        oauth = {
            "client_id": self.client_id,
            "client_secret": self.client_secret,
            "refresh_token": self.refresh_token,
        }
        if not any(oauth.values()):
            return ("SCORELINE_HUBSPOT_ACCESS_TOKEN",)
        return tuple(f"SCORELINE_HUBSPOT_{name.upper()}" for name, value in oauth.items() if value is None)

    def secrets(self) -> tuple[str, ...]:
        """Every secret value, so that messages can be kept clear of them."""
        held = (self.access_token, self.client_secret, self.refresh_token)
        return tuple(secret.get_secret_value() for secret in held if secret is not None)

    @classmethod
    def mappable_objects(cls) -> tuple[str, ...]:
        return ("contacts", "companies", "deals")
