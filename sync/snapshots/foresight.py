"""When one person's level, stage or lists will change if nothing happens: from a snapshot, without Ibis."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb

from core.errors import ConfigError
from core.rows import Row
from scoring.ahead import DAYS, Ahead
from sync.literals import Values, quoted, written
from sync.people.consent import PERMITTED
from sync.snapshots import history
from sync.snapshots.outline import Outline, digest

FILE = "ahead.json"
#: Days ahead; model, joins or leaves; whose or which; and a row of ``first_changes``.
Change = tuple[int, str, str, Row]
_NOTHING: Row = {
    "at": None,
    "on": None,
    "becomes": None,
    "score": None,
    "models": {},
    "joins": [],
    "leaves": [],
}


@dataclass(frozen=True, slots=True)
class Foresight:
    """One person's days ahead. scores: model → their row; con: with the snapshot's tables as views."""

    con: duckdb.DuckDBPyConnection
    told: Row
    folder: Path
    who: str
    scores: Mapping[str, Row]

    @classmethod
    def of(
        cls, con: duckdb.DuckDBPyConnection, folder: Path, who: str, scores: Mapping[str, Row]
    ) -> "Foresight":
        return cls(con, json.loads((folder / FILE).read_text(encoding="utf-8")), folder, who, scores)

    def next_change(self, outline: Outline) -> Row:
        """The first change: at (its midnight, UTC), on (date), becomes, score, models, joins, leaves.

        Null and empty where nothing changes for a year. unsaid: what cannot be told, and why. Where a model
        is no longer the one that scored, nothing is.
        """
        edited = [
            f"the model {one['model']} was edited since: the next sync scores with it"
            for one, path in zip(self.told["models"], outline.models, strict=False)
            if _is_edited(one, path)
        ]
        if edited or len(self.told["models"]) != len(outline.models) or not self.scores:
            return _NOTHING | {"unsaid": edited}
        unsaid = [
            f"{one['model']}: {one['unforeseen']}" for one in self.told["models"] if "unforeseen" in one
        ]
        self.con.execute("set threads = 1")  # one person's rows are few: sharing them out takes longer
        aheads = {one["model"]: self._ahead(one["ahead"]) for one in self.told["models"] if "ahead" in one}
        found = [change for ahead in aheads.values() for change in self._crossed(ahead)]
        if unsaid or self.told["said"] != outline.lists:
            unsaid.append("lists: a model cannot be told" if unsaid else "lists: they were edited since")
        else:
            unsaid += [
                f"list {one['name']}: {one['unforeseen']}" for one in self._lists() if "unforeseen" in one
            ]
            found += self._moves()
        if not found:
            return _NOTHING | {"unsaid": unsaid}
        day = min(change[0] for change in found)
        return self._said(aheads, day, [change for change in found if change[0] == day]) | {"unsaid": unsaid}

    def _ahead(self, told: Row) -> Ahead:
        """With its small tables read from their files: handing them over loads pandas."""
        text = told["text"]
        for name in told["literals"]:
            text = text.replace(f'"{name}"', f"read_parquet({quoted(f'{self.folder / name}.parquet')})")
        return Ahead(**{**told, "text": text, "literals": {}})

    @property
    def _as_of(self) -> datetime:
        found: datetime = next(iter(self.scores.values()))["as_of"]
        return found.replace(tzinfo=UTC)

    def _crossed(self, ahead: Ahead) -> Iterator[Change]:
        """One model's first other level or stage, if any; leaves its days behind as ``days_of_<model>``."""
        now = self.scores.get(ahead.model, {"level": None, "stage": None})
        self._do(
            "create or replace temp table asked as select ? as contact_id, ?::bigint as level, ? as stage",
            [self.who, now["level"], now["stage"]],
        )
        ahead.run(self.con, _sources(self.folder, self.who), self._as_of)
        if ahead.model in self.scores:
            for row in ahead.first_changes(self.con):
                yield row["ahead"], "model", ahead.model, row

    def _lists(self) -> Sequence[Row]:
        found: Sequence[Row] = self.told["lists"]
        return found

    def _moves(self) -> Iterator[Change]:
        """The first day each list takes or loses the person, by consent and conditions alone."""
        self._lay_out_scores()
        consents = dict(self._rows("select channel, status from consents where contact_id = ?"))
        live = self._rows(
            "select vendor, object, record_id from people where contact_id = ? and state = 'live'"
        )
        held = self._rows(
            """select h.field from held h join people p using (vendor, object, record_id)
            where p.contact_id = ? and h.value is not null"""
        )
        for one in self._lists():
            places, channel = self.told["places"][one["name"]], one["channel"]
            is_permitted = channel == "none" or consents.get(channel) == PERMITTED
            if "unforeseen" in one or not is_permitted or not any(_may_hold(place, live) for place in places):
                continue
            holds = self._holds(one)
            is_held = any((f"list:{name}",) in held for _, name, _, _ in places)
            is_on = holds[0][is_held]
            other = next((day for day in range(1, DAYS + 1) if holds[day][is_on] is not is_on), None)
            if other is not None:
                yield other, "leaves" if is_on else "joins", one["name"], {}

    def _holds(self, one: Row) -> Mapping[int, tuple[bool, bool]]:
        """Day → whether the list's conditions hold for somebody who is not on it, and who is."""
        scope = f"contact_id in ({self.told['scope']})" if self.told["scope"] else "true"
        found = self.con.execute(
            f"""select ahead, {scope}, contact_id in ({one["enter"]}), contact_id in ({one["stay"]})
            from scored"""
        )
        return {
            day: (bool(within and enters), bool(within and (enters or stays)))
            for day, within, enters, stays in found.fetchall()
        }

    def _lay_out_scores(self) -> None:
        """``scored``: as the lists' conditions know it, one row a day, today included; and ``ahead``."""
        main, *others = self.told["models"]
        shown = {*main["ahead"]["columns"], "contact_id"}
        contacts = [row[0] for row in self.con.execute("describe contacts").fetchall()]
        columns = ["p.id as contact_id, p.ahead", *(f'c."{name}"' for name in contacts if name not in shown)]
        joins = ""
        for one in (main, *others):
            name, own = one["model"], ", ".join(f'"{column}"' for column in one["ahead"]["columns"])
            joins += f"""
                left join (select contact_id, ahead, {own} from "days_of_{name}"
                    union all select contact_id, 0, {own} from "contact_scores_{name}" where contact_id = $who
                ) "{name}" on "{name}".ahead = p.ahead"""
            columns += [f'"{name}"."{own}" as "{one["prefix"]}{own}"' for own in one["ahead"]["columns"]]
        self._do(
            f"""create or replace temp table scored as select {", ".join(columns)}
            from (select id, ahead from ahead_people union all select $who, 0) p
            join contacts c on c.contact_id = $who {joins}""",
            {"who": self.who},
        )

    def _rows(self, query: str) -> list[tuple[Any, ...]]:
        """What a query finds that asks for the person."""
        return self._do(query, [self.who]).fetchall()

    def _do(self, statement: str, values: Values) -> duckdb.DuckDBPyConnection:
        return self.con.execute(written(statement, values))

    def _said(self, aheads: Mapping[str, Ahead], day: int, changes: Sequence[Change]) -> Row:
        main = next(iter(aheads.values()))
        models = {
            name: {key: row[key] for key in ("score", "level", "stage")}
            for _, kind, name, row in changes
            if kind == "model"
        }
        moved = {kind: [name for _, one, name, _ in changes if one == kind] for kind in ("joins", "leaves")}
        words = [
            becomes(row, name if len(self.told["models"]) > 1 else "")
            for _, kind, name, row in changes
            if kind == "model"
        ]
        words += [f"{kind} the list {name}" for kind, names in moved.items() for name in names]
        score = self._do(
            f'select score from "days_of_{main.model}" where ahead = ? and contact_id = ?', [day, self.who]
        ).fetchone()
        return {
            "at": main.midnight(self._as_of, day),
            "on": main.today(self._as_of) + timedelta(days=day),
            "becomes": ", ".join(words),
            "score": score[0] if score else None,
            "models": models,
            **moved,
        }


def becomes(change: Row, model: str = "") -> str:
    """A row of ``Ahead.first_changes`` in words."""
    if change["score"] is None:
        words = ["no longer scored"]
    else:
        words = [
            f"{kind} {change[f'{kind}_now']} → {change[kind]}"
            for kind in ("stage", "level")
            if change[kind] != change[f"{kind}_now"]
        ]
    return ", ".join(f"{model} {word}".strip() for word in words)


def _may_hold(place: Sequence[Any], records: Sequence[tuple[Any, ...]]) -> bool:
    """Whether one of the records (vendor, object, id) can be on a list there."""
    vendor, _, objects, within = place
    return any(one[0] == vendor and one[1] in objects and one[2].startswith(within) for one in records)


def _is_edited(told: Row, path: Path) -> bool:
    """Whether the file says something else now than when it scored; comments and layout do not count."""
    try:
        if digest(path) == told["file"]:
            return False
        from core.yamlfile import load  # noqa: PLC0415  # slow to load

        return load(path).digest != str(told["hash"])
    except (ConfigError, OSError):
        return True


def _sources(folder: Path, who: str) -> dict[str, str]:
    person = quoted(who)
    mine = f"where contact_id = {person}"
    return {
        "contacts": f"(from contacts {mine})",
        "accounts": f"(from accounts where account_id in (select account_id from contacts {mine}))",
        "survey_responses": f"(from survey_responses {mine})",
        "activities": history.of(folder, who),
        "stage_history": f"""(select {person} as contact_id, model, stage, entered_at, why from stage_history
            where contact_id = {person} or contact_id in (select alias from aliases where id = {person}))""",
    }
