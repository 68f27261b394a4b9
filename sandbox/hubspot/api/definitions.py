"""``/crm/v3/properties/{type}``: property definitions and their groups."""

from typing import Any

from sandbox.hubspot.api.batches import complete
from sandbox.hubspot.call import Answer, Call, Route
from sandbox.hubspot.catalog import ObjectType
from sandbox.hubspot.errors import conflict, invalid, not_found
from sandbox.hubspot.properties import (
    FIELD_TYPES,
    MAX_UNIQUE,
    TYPES,
    Group,
    Property,
    PropertyBook,
    name_allowed,
    option_json,
)

READ = ("crm.schemas.{kind}.read", "crm.objects.{kind}.read")
WRITE = ("crm.schemas.{kind}.write",)
_REQUIRED = ("name", "label", "type", "fieldType", "groupName")

Item = dict[str, Any]


def _book(call: Call, kind_name: str) -> tuple[ObjectType, PropertyBook]:
    kind = call.portal.kind(kind_name)
    return kind, call.portal.books[kind.name]


def listed(call: Call, kind_name: str) -> Answer:
    """All at once, without paging."""
    _, book = _book(call, kind_name)
    source = book.archived if call.flag("archived") else book.live
    return 200, {"results": [definition.as_json() for definition in source.values()]}


def one(call: Call, kind_name: str, name: str) -> Answer:
    kind, book = _book(call, kind_name)
    source = book.archived if call.flag("archived") else book.live
    if name not in source:
        raise _no_property(kind, name)
    return 200, source[name].as_json()


def create(call: Call, kind_name: str) -> Answer:
    kind, book = _book(call, kind_name)
    definition = _made(call, kind, book, call.body())
    _add(call, kind, book, definition)
    return 201, definition.as_json()


def create_many(call: Call, kind_name: str) -> Answer:
    kind, book = _book(call, kind_name)
    made = [_made(call, kind, book, given) for given in call.inputs()]
    for definition in made:
        _add(call, kind, book, definition)
    call.wrote(len(made))
    return complete(call, [definition.as_json() for definition in made], status=201)


def _add(call: Call, kind: ObjectType, book: PropertyBook, definition: Property) -> None:
    book.archived.pop(definition.name, None)
    book.live[definition.name] = definition
    if definition.unique:
        call.portal.stores[kind.name].fill_unique(definition.name)


def _made(call: Call, kind: ObjectType, book: PropertyBook, given: Item) -> Property:
    absent = [key for key in _REQUIRED if not given.get(key)]
    if absent:
        raise invalid(f"Some required fields were not set: [{', '.join(absent)}]")
    name = str(given["name"])
    if name in book.live:
        raise conflict(f'A property named "{name}" already exists.', subCategory="Properties.PROPERTY_EXISTS")
    if not name_allowed(name):
        raise invalid(
            f'"{name}" is not a valid property name: a lower-case letter, then letters, digits or _'
        )
    if name.startswith("hs_"):
        raise invalid(f'The prefix "hs_" is reserved for HubSpot-defined properties: "{name}"')
    if str(given["groupName"]) not in book.groups:
        raise invalid(
            f'Property group "{given["groupName"]}" does not exist', subCategory="Properties.GROUP_MISSING"
        )
    if (
        given.get("hasUniqueValue")
        and sum(not book.live[one].hubspot_defined for one in book.unique_names) >= MAX_UNIQUE
    ):
        raise invalid(f"At most {MAX_UNIQUE} properties with unique values per {kind.singular} object")
    type_, field_type = _types(str(given["type"]), str(given["fieldType"]))
    now_ms = call.portal.now_ms
    return Property(
        name,
        str(given["label"]),
        type_,
        field_type,
        str(given["groupName"]),
        description=str(given.get("description") or ""),
        options=_options(type_, field_type, given.get("options") or []),
        unique=bool(given.get("hasUniqueValue")),
        calculated=field_type == "calculation_equation",
        external_options=bool(given.get("externalOptions")),
        hidden=bool(given.get("hidden")),
        form_field=bool(given.get("formField")),
        display_order=int(given.get("displayOrder", -1)),
        created_ms=now_ms,
        updated_ms=now_ms,
    )


def _types(type_: str, field_type: str) -> tuple[str, str]:
    if type_ not in TYPES:
        raise invalid(f'"{type_}" is not a property type; one of {list(TYPES)}')
    if field_type not in FIELD_TYPES[type_]:
        raise invalid(
            f'Field type "{field_type}" does not go with type "{type_}"; one of {list(FIELD_TYPES[type_])}'
        )
    return type_, field_type


def _options(type_: str, field_type: str, given: list[Item]) -> list[Item]:
    if type_ == "bool" or field_type == "booleancheckbox":
        given = given or [{"label": "Yes", "value": "true"}, {"label": "No", "value": "false"}]
    elif type_ == "enumeration" and not given and field_type != "calculation_equation":
        raise invalid("Enumeration properties need options")
    for option in given:
        for key in ("label", "value"):
            text = option.get(key)
            if not text:
                raise invalid(f"Some required fields were not set: [options.{key}]")
            if str(text) != str(text).strip():
                raise invalid(
                    f'Option {key} "{text}" has leading or trailing whitespace',
                    code="LEADING_TRAILING_WHITESPACE",
                )
    values = [option["value"] for option in given]
    if len(set(values)) < len(values):
        raise invalid("Option values must be unique")
    return [option_json(option, order) for order, option in enumerate(given)]


def update(call: Call, kind_name: str, name: str) -> Answer:
    """Label, description, group, order, options; and type, which HubSpot lets one change."""
    kind, book = _book(call, kind_name)
    definition = book.live.get(name)
    if definition is None:
        raise _no_property(kind, name)
    given = call.body()
    if definition.hubspot_defined and set(given) - {"options", "displayOrder"}:
        raise invalid(f'"{name}" is defined by HubSpot; its definition is read-only')
    type_, field_type = _types(
        str(given.get("type", definition.type)), str(given.get("fieldType", definition.field_type))
    )
    if "groupName" in given and given["groupName"] not in book.groups:
        raise invalid(
            f'Property group "{given["groupName"]}" does not exist', subCategory="Properties.GROUP_MISSING"
        )
    if "options" in given:
        definition.options = _options(type_, field_type, given["options"] or [])
    definition.type, definition.field_type = type_, field_type
    definition.label = str(given.get("label", definition.label))
    definition.description = str(given.get("description", definition.description))
    definition.group = str(given.get("groupName", definition.group))
    definition.hidden = bool(given.get("hidden", definition.hidden))
    definition.form_field = bool(given.get("formField", definition.form_field))
    definition.display_order = int(given.get("displayOrder", definition.display_order))
    definition.updated_ms = call.portal.now_ms
    return 200, definition.as_json()


def archive(call: Call, kind_name: str, name: str) -> Answer:
    kind, book = _book(call, kind_name)
    _archive(call, kind, book, name)
    return 204, None


def _archive(call: Call, kind: ObjectType, book: PropertyBook, name: str) -> None:
    if name not in book.live:
        raise _no_property(kind, name)
    if book.live[name].hubspot_defined:
        raise invalid(f'"{name}" is defined by HubSpot and cannot be archived')
    book.archive(name, call.portal.now_ms)
    call.portal.stores[kind.name].unique.pop(name, None)


def archive_many(call: Call, kind_name: str) -> Answer:
    kind, book = _book(call, kind_name)
    inputs = call.inputs()
    for given in inputs:
        if str(given.get("name")) in book.live:
            _archive(call, kind, book, str(given.get("name")))
    call.wrote(len(inputs))
    return 204, None


def read_many(call: Call, kind_name: str) -> Answer:
    kind, book = _book(call, kind_name)
    source = book.archived if call.body().get("archived") else book.live
    names = [str(given.get("name")) for given in call.inputs()]
    absent = [name for name in names if name not in source]
    errors = [
        {
            "status": "error",
            "category": "OBJECT_NOT_FOUND",
            "message": _no_property(kind, name).args[0],
            "context": {"name": [name]},
        }
        for name in absent
    ]
    return complete(call, [source[name].as_json() for name in names if name in source], errors)


def _no_property(kind: ObjectType, name: str) -> Exception:
    return not_found(
        f'Property "{name}" does not exist for object type {kind.type_id}',
        subCategory="Properties.PROPERTY_NOT_FOUND",
    )


def groups(call: Call, kind_name: str) -> Answer:
    _, book = _book(call, kind_name)
    return 200, {"results": [group.as_json() for group in book.groups.values()]}


def create_group(call: Call, kind_name: str) -> Answer:
    _, book = _book(call, kind_name)
    given = call.body()
    if not given.get("name") or not given.get("label"):
        raise invalid("Some required fields were not set: [name, label]")
    name = str(given["name"])
    if name in book.groups:
        raise conflict(
            f'A property group named "{name}" already exists.', subCategory="Properties.GROUP_EXISTS"
        )
    if not name_allowed(name):
        raise invalid(f'"{name}" is not a valid group name')
    book.groups[name] = Group(name, str(given["label"]), int(given.get("displayOrder", -1)))
    return 201, book.groups[name].as_json()


def _group(book: PropertyBook, name: str) -> Group:
    if name not in book.groups:
        raise not_found(f'Property group "{name}" does not exist', subCategory="Properties.GROUP_NOT_FOUND")
    return book.groups[name]


def one_group(call: Call, kind_name: str, name: str) -> Answer:
    return 200, _group(_book(call, kind_name)[1], name).as_json()


def update_group(call: Call, kind_name: str, name: str) -> Answer:
    group = _group(_book(call, kind_name)[1], name)
    given = call.body()
    group.label = str(given.get("label", group.label))
    group.display_order = int(given.get("displayOrder", group.display_order))
    return 200, group.as_json()


def archive_group(call: Call, kind_name: str, name: str) -> Answer:
    _, book = _book(call, kind_name)
    _group(book, name)
    if any(definition.group == name for definition in book.live.values()):
        raise invalid(f'Property group "{name}" still holds properties')
    del book.groups[name]
    return 204, None


_TYPE = "/crm/v3/properties/<kind_name>"
ROUTES = (
    Route("GET", _TYPE, listed, READ),
    Route("POST", _TYPE, create, WRITE, write=True),
    Route("POST", f"{_TYPE}/batch/create", create_many, WRITE, write=True),
    Route("POST", f"{_TYPE}/batch/read", read_many, READ),
    Route("POST", f"{_TYPE}/batch/archive", archive_many, WRITE, write=True),
    Route("GET", f"{_TYPE}/groups", groups, READ),
    Route("POST", f"{_TYPE}/groups", create_group, WRITE, write=True),
    Route("GET", f"{_TYPE}/groups/<name>", one_group, READ),
    Route("PATCH", f"{_TYPE}/groups/<name>", update_group, WRITE, write=True),
    Route("DELETE", f"{_TYPE}/groups/<name>", archive_group, WRITE, write=True),
    Route("GET", f"{_TYPE}/<name>", one, READ),
    Route("PATCH", f"{_TYPE}/<name>", update, WRITE, write=True),
    Route("DELETE", f"{_TYPE}/<name>", archive, WRITE, write=True),
)
