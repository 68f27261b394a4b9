"""What a field is, read from one line, and as the describe call tells it.

A line of ``shapes`` reads::

    OwnerId reference cud -> Group,User as Owner : Owner ID
    GeocodeAccuracy picklist(40) ncur in Address = geocode_accuracy : Geocode Accuracy

name, type with length (or precision and scale, or digits), flags, targets and relationship, compound field,
picklist, label. Flags: n nillable, c createable, u updateable, d defaulted on create, r restricted picklist,
x not filterable.
"""

import re
from dataclasses import dataclass, field, replace
from typing import Any

from sandbox.salesforce.shapes.picklists import DEFAULTS, PICKLISTS

_LINE = re.compile(
    r"(?P<name>\w+) (?P<type>\w+)(?:\((?P<size>[\d,]+)\))?(?: (?P<flags>[ncudrx]+))?"
    r"(?: -> (?P<targets>[\w,]+))?(?: as (?P<relation>\w+))?(?: in (?P<compound>\w+))?"
    r"(?: = (?P<picklist>\w+))? : (?P<label>.+)"
)
_SOAP = {
    "id": "tns:ID",
    "reference": "tns:ID",
    "boolean": "xsd:boolean",
    "int": "xsd:int",
    "double": "xsd:double",
    "currency": "xsd:double",
    "percent": "xsd:double",
    "date": "xsd:date",
    "datetime": "xsd:dateTime",
    "address": "urn:address",
}
NUMBERS = frozenset({"double", "currency", "percent"})
TEXTS = frozenset({"string", "textarea", "phone", "email", "url", "picklist", "combobox", "multipicklist"})
LONG_TEXT_FROM = 256


@dataclass(frozen=True, slots=True)
class Field:
    """One field. ``length`` is in characters; ``digits`` counts an int's."""

    name: str
    type: str
    label: str
    length: int = 0
    precision: int = 0
    scale: int = 0
    digits: int = 0
    nillable: bool = False
    createable: bool = False
    updateable: bool = False
    defaulted: bool = False
    restricted: bool = False
    filterable: bool = True
    targets: tuple[str, ...] = ()
    relation: str | None = None
    compound: str | None = None
    picklist: tuple[str, ...] = ()
    default: Any = None
    custom: bool = False
    unique: bool = False
    external_id: bool = False
    help_text: str | None = None
    required: bool = False
    lines: int | None = None
    history: dict[str, Any] = field(default_factory=dict, compare=False)

    @property
    def long_text(self) -> bool:
        """Too long to filter, sort or group by."""
        return self.type == "textarea" and self.length >= LONG_TEXT_FROM

    @property
    def must_be_given(self) -> bool:
        """Whether a create without it is refused."""
        plain = self.createable and not self.nillable and not self.defaulted and self.type != "boolean"
        return self.required or plain

    @property
    def polymorphic(self) -> bool:
        return len(self.targets) > 1


def parse(line: str, owner: str) -> Field:
    """A field from its line. ValueError if the line is malformed."""
    found = _LINE.fullmatch(line)
    if found is None:
        message = f"not a field: {line!r}"
        raise ValueError(message)
    flags = found["flags"] or ""
    parsed = Field(
        name=found["name"],
        type=found["type"],
        label=found["label"],
        nillable="n" in flags,
        createable="c" in flags,
        updateable="u" in flags,
        defaulted="d" in flags,
        restricted="r" in flags,
        filterable="x" not in flags,
        targets=tuple((found["targets"] or "").split(",")) if found["targets"] else (),
        relation=found["relation"],
        compound=found["compound"],
        picklist=PICKLISTS[found["picklist"]] if found["picklist"] else (),
        default=DEFAULTS.get((owner, found["name"])),
    )
    return _sized(parsed, found["size"])


def _sized(parsed: Field, size: str | None) -> Field:
    if parsed.type in {"id", "reference"}:
        return replace(parsed, length=18)
    if size is None:
        return parsed
    if parsed.type in NUMBERS:
        precision, scale = size.split(",")
        return replace(parsed, precision=int(precision), scale=int(scale))
    if parsed.type == "int":
        return replace(parsed, digits=int(size))
    return replace(parsed, length=int(size))


def describe_field(known: Field, *, editable: bool = True) -> dict[str, Any]:
    """The 57 attributes of a field in a describe result, in the vendor's order."""
    kind = known.type
    searchable = not known.long_text and kind != "address"
    person_part = known.compound == "Name"
    return {
        "aggregatable": searchable and kind != "boolean",
        "aiPredictionField": False,
        "autoNumber": False,
        "byteLength": known.length if kind in {"id", "reference"} else known.length * 3,
        "calculated": False,
        "calculatedFormula": None,
        "cascadeDelete": False,
        "caseSensitive": False,
        "compoundFieldName": known.compound,
        "controllerName": None,
        "createable": known.createable and editable,
        "custom": known.custom,
        "defaultValue": known.default if kind != "boolean" else bool(known.default),
        "defaultValueFormula": None,
        "defaultedOnCreate": known.defaulted,
        "dependentPicklist": False,
        "deprecatedAndHidden": False,
        "digits": known.digits,
        "displayLocationInDecimal": False,
        "encrypted": False,
        "externalId": known.external_id,
        "extraTypeInfo": _extra_type(known),
        "filterable": known.filterable and not known.long_text,
        "filteredLookupInfo": None,
        "formulaTreatNullNumberAsZero": False,
        "groupable": searchable and kind not in NUMBERS | {"datetime", "combobox"},
        "highScaleNumber": False,
        "htmlFormatted": False,
        "idLookup": kind in {"id", "email"} or known.external_id,
        "inlineHelpText": known.help_text,
        "label": known.label,
        "length": known.length,
        "mask": None,
        "maskType": None,
        "name": known.name,
        "nameField": known.name == "Name",
        "namePointing": known.polymorphic,
        "nillable": known.nillable and not known.required,
        "permissionable": known.nillable and known.updateable and not person_part and not known.required,
        "picklistValues": [_picklist_value(value, known.default) for value in known.picklist],
        "polymorphicForeignKey": known.polymorphic,
        "precision": known.precision,
        "queryByDistance": False,
        "referenceTargetField": None,
        "referenceTo": list(known.targets),
        "relationshipName": known.relation,
        "relationshipOrder": None,
        "restrictedDelete": False,
        "restrictedPicklist": known.restricted,
        "scale": known.scale,
        "searchPrefilterable": kind == "reference" and known.updateable,
        "soapType": _SOAP.get(kind, "xsd:string"),
        "sortable": searchable and known.filterable,
        "type": kind,
        "unique": known.unique,
        "updateable": known.updateable and editable,
        "writeRequiresMasterRead": False,
    }


def _extra_type(known: Field) -> str | None:
    if known.compound == "Name" or (known.name == "Name" and known.type == "string" and known.length == 121):
        return "personname"
    if known.long_text:
        return "plaintextarea"
    if known.type == "textarea":
        return "plaintextarea"
    return "imageurl" if known.name == "PhotoUrl" else None


def _picklist_value(value: str, default: object) -> dict[str, Any]:
    return {
        "active": True,
        "defaultValue": value == default,
        "label": value,
        "validFor": None,
        "value": value,
    }
