"""What every vendor should hold after a run, by the slow scorer; and what it does hold."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

from tests.acceptance.truth import people
from tests.acceptance.truth.mailchimp import member_key
from tests.acceptance.truth.people import Dumps, World
from tests.acceptance.truth.rows import Key
from tests.oracle.conditions import holds
from tests.oracle.scorer import score

Row = dict[str, Any]


@dataclass
class Truth:
    """The world at an instant and everybody's numbers. scores: by person; accounts: by company."""

    world: World
    settings: Row
    model: Row
    as_of: datetime
    scores: dict[str, Row]
    accounts: dict[str, Row]
    excluded: dict[str, str]

    def person(self, key: Key) -> str:
        return self.world.persons[key]

    def contact(self, person: str) -> Row:
        return next(row for row in self.world.data["contacts"] if row["contact_id"] == person)

    def list_named(self, name: str) -> Row:
        """A configured list."""
        found: Row = next(one for one in self.settings["lists"] if one["name"] == name)
        return found

    def stage_history(self) -> list[Row]:
        """The stages people stand in now, as the next run finds them."""
        return [
            {
                "record": key,
                "model": self.model["model"],
                "stage": self.scores[person]["stage"],
                "entered_at": self.as_of,
            }
            for key, person in self.world.persons.items()
            if person in self.scores
        ]

    def meeting(self, condition: str) -> set[str]:
        """Scored people of whom a list's condition is true."""
        return {
            person for person, found in self.scores.items() if holds(condition, [found["row"]], lambda _: 0)
        }


def now(text: str) -> datetime:
    """The instant the sandbox's clock tells."""
    return datetime.fromisoformat(text)


def of(dumps: Dumps, config: Path, as_of: datetime, history: list[Row] | None = None) -> Truth:
    """Score what the dumps hold by the configuration's first model."""
    yaml = YAML(typ="safe")
    settings = yaml.load(config.read_text(encoding="utf-8"))
    model = yaml.load((config.parent / settings["models"][0]).read_text(encoding="utf-8"))
    world = people.read(dumps, settings)
    world.data["stage_history"] = [
        {**row, "contact_id": world.persons.get(row["record"])} for row in history or []
    ]
    found = score(model, world.data, as_of, zone=settings["time_zone"])
    return Truth(
        world,
        settings,
        model,
        as_of,
        {one["contact_id"]: one for one in found["contacts"]},
        {one["account_id"]: one for one in found["accounts"]},
        found["excluded"],
    )


_STAMPS = {
    "salesforce": ("SystemModstamp", "Id"),
    "hubspot": ("updatedAt", "id"),
    "mailchimp": ("last_changed", "web_id"),
}


def with_stamps(dumps: Dumps, stamps: Dumps) -> Dumps:
    """The dumps, where a record that only we have written to since keeps the time it had before.

    A time that moves by our own hand must not make one of a person's records speak louder than another.
    """
    found: dict[str, dict[str, list[Row]]] = {}
    for vendor, objects in dumps.items():
        stamp, key = _STAMPS[vendor]
        found[vendor] = {}
        for kind, rows in objects.items():
            known = {row[key]: row for row in stamps[vendor].get(kind, ()) if stamp in row and key in row}
            found[vendor][kind] = [
                {**row, stamp: old[stamp]}
                if (old := known.get(row.get(key))) and _content(row, stamp) == _content(old, stamp)
                else row
                for row in rows
            ]
    return found


_NOT_CONTENT = ("LastModified", "Scoreline_", "scoreline_", "SL_", "tags", "IsPriorityRecord")


def _content(row: Row, stamp: str) -> Row:
    """A record without our fields, counters and the times it was changed."""
    kept = {name: value for name, value in row.items() if name != stamp and not name.startswith(_NOT_CONTENT)}
    for inner in ("merge_fields", "properties"):
        if isinstance(kept.get(inner), dict):
            kept[inner] = {
                name: value
                for name, value in kept[inner].items()
                if not name.startswith((*_NOT_CONTENT, "hs_"))
            }
    return kept


def person_fields(truth: Truth, key: Key) -> Row:
    """Field name → value; every one None for who is not scored."""
    names = ("score", "rating", "stage", "product", "nps", "account")
    found = truth.scores.get(truth.person(key))
    if found is None:
        return dict.fromkeys(names)
    account = truth.accounts.get(found["account_id"]) if found["account_id"] else None
    return {
        "score": found["score"],
        "rating": found["rating"],
        "stage": found["stage"],
        "product": found["top_product"],
        "nps": found["satisfaction"]["band"],
        "account": account["score"] if account else None,
    }


def company_fields(truth: Truth, key: Key) -> Row:
    account = truth.accounts[truth.world.companies[key]]
    return {"score": account["score"], "people": account["people"]}


_FIELDS = (
    "score",
    "rating",
    "stage",
    "summary",
    "reasons",
    "details",
    "fit",
    "product",
    "nps",
    "account",
    "people",
)
_WHOLE = ("score", "account", "people")


def held(dumps: Dumps) -> dict[Key, Row]:
    """Every record's Scoreline fields by their short names, empty ones None; fields it lacks are absent."""
    found: dict[Key, Row] = {}
    for kind in ("Lead", "Contact", "Account"):
        for row in dumps["salesforce"][kind]:
            found["salesforce", kind, row["Id"]] = {
                name: _value(name, row.get(f"Scoreline_{name.capitalize()}__c")) for name in _FIELDS
            }
    for kind in ("contacts", "companies"):
        for row in dumps["hubspot"][kind]:
            held_here = row["properties"]
            found["hubspot", kind, row["id"]] = {
                name: _value(name, held_here.get(f"scoreline_{name}")) for name in _FIELDS
            }
    for row in dumps["mailchimp"]["members"]:
        fields = row["merge_fields"]
        found[member_key(row)] = {name: _value(name, fields.get(f"SL_{name.upper()}")) for name in _FIELDS}
    return found


def _value(name: str, value: object) -> object:
    if value in (None, ""):
        return None
    return int(float(str(value))) if name in _WHOLE else str(value)


def points(text: str | None, gap: str = " · ") -> int:
    """The points of a text's lines, summed: ``+30 asked for a demo · 2 more, -5``."""
    total = 0
    for line in (text or "").split(gap):
        found = (
            re.match(r"([+-]?\d+) ", line)
            if " more, " not in line
            else re.search(r" more, ([+-]?\d+)$", line)
        )
        total += int(found[1]) if found else 0
    return total


def members(dumps: Dumps, name: str) -> set[Key]:
    """Who is on a list, tag or campaign of this name in any vendor."""
    campaigns = {
        row["Id"] for row in dumps["salesforce"]["Campaign"] if row["Name"] == name and not row["IsDeleted"]
    }
    found: set[Key] = {
        ("salesforce", "Contact" if row.get("ContactId") else "Lead", row.get("ContactId") or row["LeadId"])
        for row in dumps["salesforce"]["CampaignMember"]
        if row["CampaignId"] in campaigns and not row["IsDeleted"]
    }
    for row in dumps["hubspot"]["lists"]:
        if row["name"] == name:
            found |= {("hubspot", "contacts", str(number)) for number in row["members"]}
    by_address = {
        (row["list_id"], row["email_address"].lower()): row for row in dumps["mailchimp"]["members"]
    }
    for row in dumps["mailchimp"]["segments"]:
        if row["name"] == name:
            found |= {member_key(by_address[row["list_id"], address.lower()]) for address in row["members"]}
    return found


def wanted_members(truth: Truth, setting: Row, dumps: Dumps, before: set[Key] | None = None) -> set[Key]:
    """Who should be on a configured list: its condition (or ``stay`` for who is on it) and its consent."""
    on_it = {truth.person(key) for key in before or ()}
    people_wanted = truth.meeting(setting["when"]) | (
        on_it & truth.meeting(setting.get("stay") or setting["when"])
    )
    if setting["channel"] != "none":
        people_wanted = {one for one in people_wanted if truth.world.consent.get(one) == "subscribed"}
    audience = setting["targets"].get("mailchimp", {}).get("audience")
    lists = {row["id"] for row in dumps["mailchimp"]["lists"] if row["name"] == audience}
    return {
        key
        for key, record in truth.world.records.items()
        if record.is_live
        and truth.person(key) in people_wanted
        and key[0] in setting["targets"]
        and (key[0] != "mailchimp" or key[2].split(":")[0] in lists)
    }


def differences(truth: Truth, dumps: Dumps) -> dict[Key, Mapping[str, tuple[object, object]]]:
    """Live records whose numbers, letters or names are not what they should be: field → (holds, should)."""
    stands = held(dumps)
    found: dict[Key, Mapping[str, tuple[object, object]]] = {}
    for key, record in {**truth.world.records, **truth.world.company_records}.items():
        if not record.is_live:
            continue
        wanted = person_fields(truth, key) if key in truth.world.records else company_fields(truth, key)
        wrong = {
            name: (stands[key][name], value) for name, value in wanted.items() if stands[key][name] != value
        }
        if wrong:
            found[key] = wrong
    return found
