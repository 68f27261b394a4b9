"""What the settings of every vendor connection have in common."""

import hashlib
import json
from collections.abc import Mapping
from types import MappingProxyType
from typing import Annotated, Self
from urllib.parse import urlsplit

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, field_validator, model_validator

from connectors.policy import Policy, is_loopback

VendorField = str


def _share(value: object) -> object:
    if isinstance(value, str) and value.strip().endswith("%"):
        return float(value.strip()[:-1]) / 100
    return value


Share = Annotated[float, BeforeValidator(_share, json_schema_input_type=str | float), Field(ge=0, lt=1)]


class Part(BaseModel):
    """Frozen, and closed to keys it does not know."""

    model_config = ConfigDict(frozen=True, extra="forbid", arbitrary_types_allowed=True)


class Budget(Part):
    """Calls a day this program may spend; ``reserve`` is the share kept for consent and writes."""

    calls_per_day: int | None = Field(default=None, ge=1)
    reserve: Share = 0.1


class PolicySettings(Part):
    """Overrides of a vendor's ``Policy``; what is left out keeps the vendor's default."""

    connect_timeout_s: float | None = Field(default=None, gt=0)
    read_timeout_s: float | None = Field(default=None, gt=0)
    attempts: int | None = Field(default=None, ge=1, le=20)
    first_wait_s: float | None = Field(default=None, ge=0)
    max_wait_s: float | None = Field(default=None, ge=0)
    deadline_s: float | None = Field(default=None, gt=0)
    calls_per_s: float | None = Field(default=None, gt=0)
    concurrency: int | None = Field(default=None, ge=1, le=32)

    def over(self, default: Policy) -> Policy:
        """The vendor's default policy with these settings in place of its own."""
        kept = {name: getattr(default, name) for name in Policy.__dataclass_fields__}
        return Policy(**{**kept, **self.model_dump(exclude_none=True)})


#: Settings of any vendor by which the same records would be read otherwise.
_READ = {"map", "attributes", "audiences", "stores", "surveys", "forms", "events", "subscriptions"}


class VendorConnection(Part):
    """Where a vendor is, what may be spent there, and which of its fields mean what.

    map: ``{object: {our column: vendor field}}``, in place of the default mapping.
    attributes: ``{object: {our attribute: vendor field}}``, columns of contacts or accounts beyond it.
    """

    url: str
    budget: Budget = Budget()
    map: Mapping[str, Mapping[str, VendorField]] = Field(default_factory=lambda: MappingProxyType({}))
    attributes: Mapping[str, Mapping[str, VendorField]] = Field(default_factory=lambda: MappingProxyType({}))
    policy: PolicySettings = PolicySettings()

    def reading(self) -> str:
        """A short text of the settings that decide what is read, and of whom."""
        told = {name: getattr(self, name, None) for name in _READ}
        return hashlib.sha256(json.dumps(told, sort_keys=True, default=dict).encode()).hexdigest()[:16]

    @field_validator("url")
    @classmethod
    def _secure(cls, value: str) -> str:
        parts = urlsplit(value)
        if parts.scheme == "https" and parts.hostname:
            return value.rstrip("/")
        if parts.scheme == "http" and is_loopback(value):
            return value.rstrip("/")
        message = f"{value!r} must begin with https:// (plain http is for this machine only)"
        raise ValueError(message)

    @model_validator(mode="after")
    def _objects_are_known(self) -> Self:
        known = set(self.mappable_objects())
        for key, mapping in (("map", self.map), ("attributes", self.attributes)):
            if unknown := set(mapping) - known:
                message = f"{key}: no object {min(unknown)!r}; known: {', '.join(sorted(known))}"
                raise ValueError(message)
        return self

    @classmethod
    def mappable_objects(cls) -> tuple[str, ...]:
        """Vendor objects that ``map`` and ``attributes`` may name."""
        return ()
