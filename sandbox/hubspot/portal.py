"""One HubSpot account: all it stores, and the rules every way of writing goes through."""

import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from random import Random
from typing import Any

from sandbox.clock import Clock
from sandbox.hubspot.auth import Keyring
from sandbox.hubspot.catalog import OBJECT_TYPES, ObjectType, object_type
from sandbox.hubspot.emails import EmailLog
from sandbox.hubspot.errors import conflict, invalid, not_found, property_values_invalid, refusal
from sandbox.hubspot.forms import FormBook
from sandbox.hubspot.limits import HubSpotLimits, Meter
from sandbox.hubspot.links import Links
from sandbox.hubspot.lists import ListBook
from sandbox.hubspot.occurrences import Occurrences
from sandbox.hubspot.preferences import Preferences
from sandbox.hubspot.properties import PropertyBook
from sandbox.hubspot.records import Record, RecordStore, Write
from sandbox.hubspot.search import Searcher
from sandbox.hubspot.values import BadValue, as_text, to_ms

PORTAL_ID = 48_612_307
_CLOSED = {"closedwon": "true", "closedlost": "false"}


@dataclass(slots=True)
class Owner:
    id: int
    user_id: int
    email: str
    first_name: str
    last_name: str
    created_ms: int
    archived: bool = False


class Portal:
    """Everything here is reached under the vendor's lock."""

    def __init__(self, clock: Clock, limits: HubSpotLimits) -> None:
        self.clock = clock
        self.limits = limits
        self.keys = Keyring(PORTAL_ID)
        self.meter = Meter(limits, PORTAL_ID)
        now_ms = to_ms(clock.now())
        self.stores = {kind.name: RecordStore(kind) for kind in OBJECT_TYPES}
        self.books = {kind.name: PropertyBook(kind, now_ms) for kind in OBJECT_TYPES}
        self.searchers = {name: Searcher(self.books[name], store) for name, store in self.stores.items()}
        for name, store in self.stores.items():
            for unique in self.books[name].unique_names:
                store.fill_unique(unique)
        self.links = Links()
        self.lists = ListBook()
        self.forms = FormBook()
        self.emails = EmailLog()
        self.occurrences = Occurrences()
        self.preferences = Preferences()
        self.owners: dict[int, Owner] = {}
        self.locked: set[tuple[str, int]] = set()
        self.refused: dict[tuple[str, int], str] = {}
        self.blocklist: set[str] = set()
        self._random = Random(PORTAL_ID)

    @property
    def now_ms(self) -> int:
        return to_ms(self.clock.now())

    def correlation_id(self) -> str:
        return str(uuid.UUID(int=self._random.getrandbits(128), version=4))

    def kind(self, any_name: str) -> ObjectType:
        """ApiError 400 for a type HubSpot does not know."""
        known = object_type(any_name)
        if known is None:
            raise invalid(f"Unable to infer object type from: {any_name}")
        return known

    def write(
        self, *, source: str = "INTEGRATION", source_id: str = "2316051", lag_ms: int | None = None
    ) -> Write:
        lag = self.limits.search_lag_s * 1000 if lag_ms is None else lag_ms
        return Write(self.now_ms, source, source_id, lag)

    def checked(
        self, kind: ObjectType, properties: object, *, record_id: int | None = None
    ) -> dict[str, str]:
        """Values as they will be stored; a JSON null says nothing. ApiError 400 names every bad one."""
        if not isinstance(properties, Mapping):
            raise invalid("Some required fields were not set: [properties]")
        accepted: dict[str, str] = {}
        problems: list[dict[str, object]] = []
        owners = [str(owner.id) for owner in self.owners.values()]
        for name, raw in properties.items():
            if raw is None:
                continue
            try:
                accepted[name] = self._value(kind, name, as_text(raw), owners)
            except BadValue as bad:
                problems.append(_problem(name, bad))
        if record_id is not None and (kind.name, record_id) in self.refused:
            problems.append(
                _problem("hs_object_id", BadValue("VALIDATION_RULE", self.refused[kind.name, record_id]))
            )
        if problems:
            raise property_values_invalid(problems)
        return accepted

    def _value(self, kind: ObjectType, name: str, text: str, owners: Iterable[str]) -> str:
        definition = self.books[kind.name].live.get(name)
        if definition is None:
            raise BadValue("PROPERTY_DOESNT_EXIST", f'Property "{name}" does not exist')
        if definition.read_only or definition.calculated:
            raise BadValue("READ_ONLY_VALUE", f'"{name}" is a read only property; its value cannot be set.')
        return definition.canonical(text, owners) if text != "" else ""

    def check_unique(self, kind: ObjectType, properties: Mapping[str, str], record: Record | None) -> None:
        """ApiError 409 for an address somebody else has, 400 for any other unique value."""
        for name in self.stores[kind.name].unique:
            value = properties.get(name)
            holder = self.stores[kind.name].find_by(name, value) if value else None
            if holder is None or holder is record:
                continue
            if name == "email":
                raise conflict(f"Contact already exists. Existing ID: {holder.id}")
            bad = BadValue(
                "CONFLICTING_UNIQUE_VALUE", f"{name} {value} is already used by record {holder.id}"
            )
            raise property_values_invalid([_problem(name, bad)])
        if kind.name == "contacts" and properties.get("email") in self.blocklist:
            raise invalid("Email address is on the do-not-recreate list of a GDPR delete.")

    def create(
        self, kind: ObjectType, properties: Mapping[str, str], write: Write, associations: Iterable[Any] = ()
    ) -> Record:
        """From checked values. ApiError 409 or 400 if a unique value is taken or an association cannot be."""
        self.check_unique(kind, properties, None)
        ties = [tie for given in associations for tie in self._ties(kind, given)]
        record = self.stores[kind.name].create({**properties, **derived(kind, properties)}, write)
        for other_kind, other_id, type_ids in ties:
            self.associate(kind, record.id, other_kind, other_id, type_ids)
        self._follow_company(kind, record, properties)
        return record

    def update(self, kind: ObjectType, record: Record, properties: Mapping[str, str], write: Write) -> None:
        self.check_lock(kind, record.id)
        self.check_unique(kind, properties, record)
        self.stores[kind.name].update(record, {**properties, **derived(kind, properties)}, write)
        self._follow_company(kind, record, properties)

    def check_lock(self, kind: ObjectType, record_id: int) -> None:
        """ApiError 423 while a large change runs on the record."""
        if (kind.name, record_id) in self.locked:
            raise refusal(
                423, "LOCKED", f"The {kind.singular} {record_id} is locked. Try again in 2 seconds."
            )

    def associate(
        self,
        kind: ObjectType,
        one: int,
        other_kind: ObjectType,
        other: int,
        type_ids: tuple[int, ...] = (),
        write: Write | None = None,
    ) -> None:
        """Both records exist. A contact's primary company also shows as a property, changed by ``write``."""
        self.links.tie((kind.name, other_kind.name), one, other, type_ids)
        if {kind.name, other_kind.name} == {"contacts", "companies"}:
            self._show_company(one if kind.name == "contacts" else other, write)

    def _show_company(self, contact: int, write: Write | None) -> None:
        primary = self.links.primary(("contacts", "companies"), contact)
        record = self.stores["contacts"].live.get(contact)
        if record is None or primary is None:
            return
        if write is None:
            record.properties["associatedcompanyid"] = str(primary)
        elif record.properties.get("associatedcompanyid") != str(primary):
            self.stores["contacts"].update(record, {"associatedcompanyid": str(primary)}, write)

    def _ties(self, kind: ObjectType, given: Any) -> list[tuple[ObjectType, int, tuple[int, ...]]]:
        """An ``associations`` entry names the other type only through its type ids."""
        types = list(given.get("types") or [])
        other_id = int(str((given.get("to") or {}).get("id")))
        for other_kind in OBJECT_TYPES:
            pair = (kind.name, other_kind.name)
            wanted = tuple(int(entry["associationTypeId"]) for entry in types)
            if wanted and all(self.links.type_allowed(pair, type_id) for type_id in wanted):
                if self.stores[other_kind.name].find(other_id) is None:
                    raise not_found(f"No {other_kind.singular} with ID {other_id} exists")
                return [(other_kind, self.stores[other_kind.name].resolve(other_id), wanted)]
        raise invalid(f"No association types found for {kind.singular} in {types}")

    def _follow_company(self, kind: ObjectType, record: Record, properties: Mapping[str, str]) -> None:
        company = properties.get("associatedcompanyid") if kind.name == "contacts" else None
        if company and self.stores["companies"].find(int(company)) is not None:
            companies = self.kind("companies")
            self.associate(kind, record.id, companies, self.stores["companies"].resolve(int(company)), (1,))


def derived(kind: ObjectType, properties: Mapping[str, str]) -> dict[str, str]:
    """What HubSpot works out itself from what was set."""
    if kind.name == "contacts" and properties.get("email"):
        return {"hs_email_domain": properties["email"].rpartition("@")[2]}
    if kind.name == "deals" and "dealstage" in properties:
        stage = properties["dealstage"]
        return {
            "hs_is_closed": str(stage in _CLOSED).lower(),
            "hs_is_closed_won": _CLOSED.get(stage, "false"),
        }
    return {}


def _problem(name: str, bad: BadValue) -> dict[str, object]:
    return {
        "isValid": False,
        "message": bad.message,
        "error": bad.code,
        "name": name,
        "localizedErrorMessage": bad.message,
    }
