"""Property definitions and groups of one object type, and what they let a value be."""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

from sandbox.hubspot import values
from sandbox.hubspot.catalog import ObjectType
from sandbox.hubspot.standard import standard_lines

TYPES = ("string", "number", "date", "datetime", "enumeration", "bool")
FIELD_TYPES = {
    "string": ("text", "textarea", "phonenumber", "html", "file", "calculation_equation"),
    "number": ("number", "calculation_equation"),
    "date": ("date",),
    "datetime": ("date",),
    "enumeration": ("select", "radio", "checkbox", "booleancheckbox", "calculation_equation"),
    "bool": ("booleancheckbox", "calculation_equation"),
}
MAX_UNIQUE = 10
_NAME = re.compile(r"[a-z][a-z0-9_]{0,99}")


@dataclass(slots=True)
class Property:
    """One definition. options: ``{label, value, hidden, displayOrder, description}`` each."""

    name: str
    label: str
    type: str
    field_type: str
    group: str
    description: str = ""
    options: list[dict[str, Any]] = field(default_factory=list)
    read_only: bool = False
    unique: bool = False
    hubspot_defined: bool = False
    external_options: bool = False
    calculated: bool = False
    hidden: bool = False
    form_field: bool = False
    display_order: int = -1
    created_ms: int = 0
    updated_ms: int = 0
    archived_ms: int | None = None

    def as_json(self) -> dict[str, Any]:
        body: dict[str, Any] = {
            "updatedAt": values.iso_ms(self.updated_ms),
            "createdAt": values.iso_ms(self.created_ms),
            "name": self.name,
            "label": self.label,
            "type": self.type,
            "fieldType": self.field_type,
            "description": self.description,
            "groupName": self.group,
            "options": self.options,
            "displayOrder": self.display_order,
            "calculated": self.calculated,
            "externalOptions": self.external_options,
            "archived": self.archived_ms is not None,
            "hasUniqueValue": self.unique,
            "hidden": self.hidden,
            "modificationMetadata": {
                "archivable": not self.hubspot_defined,
                "readOnlyDefinition": self.hubspot_defined,
                "readOnlyOptions": self.hubspot_defined,
                "readOnlyValue": self.read_only,
            },
            "formField": self.form_field,
        }
        if self.hubspot_defined:
            body["hubspotDefined"] = True
        if self.archived_ms is not None:
            body["archivedAt"] = values.iso_ms(self.archived_ms)
        return body

    def canonical(self, text: str, owners: Iterable[str]) -> str:
        """The text kept for a value that is set. BadValue if it is refused; never called for ``""``."""
        if self.type == "enumeration":
            return self._option(text, owners)
        if self.name == "email" and self.hubspot_defined:
            return values.email(text)
        return _CANONICAL[self.type](text)

    def _option(self, text: str, owners: Iterable[str]) -> str:
        if self.external_options:
            return values.option(text, tuple(owners), several=False)
        if not self.options and self.hubspot_defined:
            return text
        allowed = [entry["value"] for entry in self.options]
        return values.option(text, allowed, several=self.field_type == "checkbox")


_CANONICAL: dict[str, Callable[[str], str]] = {
    "string": values.plain,
    "number": values.number,
    "date": values.day,
    "datetime": values.instant,
    "bool": values.boolean,
}


@dataclass(slots=True)
class Group:
    name: str
    label: str
    display_order: int = -1

    def as_json(self) -> dict[str, Any]:
        return {"name": self.name, "label": self.label, "displayOrder": self.display_order, "archived": False}


class PropertyBook:
    """All definitions of one object type, by name; an archived name may be taken again."""

    def __init__(self, kind: ObjectType, now_ms: int) -> None:
        self.kind = kind
        self.live: dict[str, Property] = {}
        self.archived: dict[str, Property] = {}
        self.groups: dict[str, Group] = {}
        for columns in standard_lines(kind.name):
            self._add_standard(columns, now_ms)

    def _add_standard(self, columns: list[str], now_ms: int) -> None:
        name, label, type_, field_type, group, flags = columns
        choices = flags.partition("=")[2]
        self.groups.setdefault(group, Group(group, group.replace("_", " ").title()))
        listed = choices.split(",") if choices else []
        self.live[name] = Property(
            name,
            label,
            type_,
            field_type,
            group,
            options=[
                option_json({"label": value, "value": value}, order) for order, value in enumerate(listed)
            ],
            read_only=flags.startswith("ro"),
            unique=flags.startswith("unique"),
            external_options=flags.startswith("owner"),
            hubspot_defined=True,
            created_ms=now_ms,
            updated_ms=now_ms,
        )

    @property
    def unique_names(self) -> list[str]:
        return [definition.name for definition in self.live.values() if definition.unique]

    def archive(self, name: str, now_ms: int) -> bool:
        """True if there was one. Values stay with the records, unseen."""
        definition = self.live.pop(name, None)
        if definition is None:
            return False
        definition.archived_ms = now_ms
        self.archived[name] = definition
        return True


def option_json(given: dict[str, Any], order: int) -> dict[str, Any]:
    return {
        "label": given["label"],
        "value": given["value"],
        "description": given.get("description", ""),
        "displayOrder": given.get("displayOrder", order),
        "hidden": bool(given.get("hidden", False)),
    }


def name_allowed(name: str) -> bool:
    """Lower-case letter first, then letters, digits and underscores; at most 100."""
    return _NAME.fullmatch(name) is not None
