"""Our fields as each vendor names them."""

from base64 import b32encode
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256

from connectors.base import Capabilities
from core.changes import FieldKind, FieldSpec, Value
from core.errors import ConfigError
from sync.settings import FieldSetting, Settings

_MAILCHIMP_TAG = 10  # longest merge tag; a value is at most 255 bytes, hence fewer characters
_MAILCHIMP_HASH = 4  # letters and digits of 32 kinds that end a tag too long to stand whole
_MAILCHIMP_TEXT_BYTES = 255


@dataclass(frozen=True, slots=True)
class VendorField:
    """One of our fields on one object of one vendor.

    entity: ``person`` or ``company``; bytes: the vendor's limit in bytes where it counts those.
    """

    vendor: str
    object: str
    name: str
    entity: str
    model: str
    setting: FieldSetting
    bytes: int | None = None

    @property
    def spec(self) -> FieldSpec:
        """What the vendor has to have for it."""
        own = self.setting
        return FieldSpec(self.object, self.name, own.label, own.kind, own.help, own.length, own.decimals)


def vendor_fields(
    settings: Settings, vendor: str, capabilities: Capabilities, models: Sequence[str]
) -> tuple[VendorField, ...]:
    """Our fields on every object of the vendor that carries them; ``models``: names, the main one first.

    Raises ConfigError when a field belongs to a model that does not exist, or two have one name there.
    """
    if not capabilities.writes:
        return ()
    fields = []
    for entity, wanted, objects in (
        ("person", settings.fields, capabilities.person_objects),
        ("company", settings.account_fields, capabilities.company_objects),
    ):
        here = [field for field in wanted if field.vendors is None or vendor in field.vendors]
        names = _names(vendor, here, models)
        for kind in objects:
            for field in here:
                limit = _MAILCHIMP_TEXT_BYTES if vendor == "mailchimp" else None
                fields.append(
                    VendorField(vendor, kind, names[field.name], entity, _model(field, models), field, limit)
                )
    return tuple(fields)


def read_back(fields: Sequence[VendorField]) -> dict[str, tuple[str, ...]]:
    """Object → names of our fields there: what a connector reads back with every pull."""
    names: dict[str, dict[str, None]] = {}
    for field in fields:
        names.setdefault(field.object, {})[field.name] = None
    return {kind: tuple(found) for kind, found in names.items()}


def typed(kind: FieldKind, text: str | None) -> Value:
    """A value in its canonical text form → what a connector is given; null stays None."""
    if text is None:
        return None
    if kind == "integer":
        return int(text)
    if kind == "number":
        return float(text)
    if kind == "boolean":
        return text == "true"
    return text


def _model(field: FieldSetting, models: Sequence[str]) -> str:
    if field.model is None:
        return models[0]
    if field.model not in models:
        raise ConfigError(
            f"field {field.name!r} wants the model {field.model!r}; there are {', '.join(models)}"
        )
    return field.model


def _names(vendor: str, fields: Sequence[FieldSetting], models: Sequence[str]) -> Mapping[str, str]:
    names: dict[str, str] = {}
    taken: dict[str, str] = {}
    for field in fields:
        other_model = "" if _model(field, models) == models[0] else f"{field.model}_"
        name = names[field.name] = _named(vendor, f"{other_model}{field.name}")
        if name in taken:
            raise ConfigError(f"fields {taken[name]!r} and {field.name!r} are both {name} in {vendor}")
        taken[name] = field.name
    return names


def _named(vendor: str, name: str) -> str:
    """A field's name in the vendor, from its own alone: it stays whatever other fields come and go."""
    if vendor == "salesforce":
        return "Scoreline_" + "_".join(part.capitalize() for part in name.split("_") if part) + "__c"
    if vendor != "mailchimp":
        return f"scoreline_{name}"
    tag = f"SL_{name.upper()}"
    if len(tag) <= _MAILCHIMP_TAG:
        return tag
    end = b32encode(sha256(name.encode()).digest()).decode()[:_MAILCHIMP_HASH]
    return tag[: _MAILCHIMP_TAG - _MAILCHIMP_HASH] + end
