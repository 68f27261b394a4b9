"""What a snapshot carries so that ``explain`` can say when somebody's level, stage or lists will change."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

import duckdb
import pyarrow.parquet as pq

from core.errors import ConfigError
from core.yamlfile import load
from scoring.ahead import Ahead
from scoring.conditions import Place, parse
from scoring.frame import activity_columns
from scoring.outlook import SHOWN, Unforeseen, compiled
from scoring.spec import Model
from sync.planning.desired import ModelVersion
from sync.planning.lists import ListPlace, condition_sql, scored_people
from sync.settings import ListSetting, Settings
from sync.snapshots import history
from sync.snapshots.foresight import FILE
from sync.snapshots.outline import Outline, digest, keep

#: Columns of scores that no single person's data give, or that only say when they were made.
_NOT_AHEAD = frozenset(
    {
        "account_score", "headline", "reasons", "details", "fit_reasons", "next_change", "next_change_at",
        "as_of", "stage_entered_at", "model", "model_hash",
    }
)  # fmt: skip
_INPUTS = ("contacts", "accounts", "survey_responses")
_STAGES = """(select h.* replace (coalesce(a.id, h.contact_id) as contact_id)
    from stage_history h left join aliases a on a.kind = 'person' and a.alias = h.contact_id)"""

Row = dict[str, Any]
#: List → where it stands: vendor, name there, objects, beginning of record ids.
Places = dict[str, list[list[Any]]]


@dataclass(frozen=True, slots=True)
class Foretelling:
    """What the days ahead depend on beside the data. places: None for those of the snapshot before."""

    models: Sequence[Model]
    settings: Settings
    places: Mapping[str, Sequence[ListPlace]] | None = None

    def publish(self, con: duckdb.DuckDBPyConnection, folder: Path, before: Path | None) -> None:
        """Write everything into a new folder, taking over from ``before`` what is the same."""
        folder.mkdir()
        keep(self.settings, folder)
        held: Row = {"key": None, "places": {}}
        if before is not None:
            held = json.loads((before / FILE).read_text(encoding="utf-8"))
        columns = sorted({"origin", *(name for model in self.models for name in activity_columns(model))})
        history.publish(con, folder, before, columns)
        activities = f"(select {', '.join(columns)} from activities)"
        sources = {name: name for name in _INPUTS} | {"activities": activities, "stage_history": _STAGES}
        places = held["places"] if self.places is None else _plain(self.places)
        key = self._key(con, sources, places)
        if before is not None and held["key"] == key:
            for path in (before / FILE, *(before / name for name in held["literals"])):
                history.link(path, folder / path.name)
            return
        told = {"key": key, "said": Outline.of(self.settings).lists, "places": places}
        told |= self._told(con, folder, sources, places)
        (folder / FILE).write_text(json.dumps(told), encoding="utf-8")

    def _key(self, con: duckdb.DuckDBPyConnection, sources: Mapping[str, str], places: Places) -> str:
        columns = {
            name: con.execute(f"describe select * from {source}").fetchall()
            for name, source in sources.items()
        }
        about = [
            [model.hash for model in self.models], self.settings.time_zone, Outline.of(self.settings).lists,
            places, columns, version("scoreline"), version("duckdb"),
        ]  # fmt: skip
        return hashlib.sha256(json.dumps(about).encode()).hexdigest()

    def _told(
        self, con: duckdb.DuckDBPyConnection, folder: Path, sources: Mapping[str, str], places: Places
    ) -> Row:
        scored_people(con, [ModelVersion(model.name, model.hash) for model in self.models], None)
        lists = [self._list(con, own) for own in self.settings.lists if own.name in places]
        wanted = {name for one in lists for name in one["columns"]}
        models: list[Row] = []
        literals: list[str] = []
        for model, prefix, path in zip(self.models, self._prefixes(), self.settings.models, strict=True):
            columns = [
                name
                for name in self._columns(con, model.name)
                if name in SHOWN or f"{prefix}{name}" in wanted
            ]
            about = {"model": model.name, "prefix": prefix, "hash": model.hash, "file": _file_of(model, path)}
            try:
                ahead = compiled(con, model, sources, self.settings.time_zone, columns)
            except Unforeseen as reason:
                models.append(about | {"unforeseen": str(reason)})
                continue
            models.append(about | {"ahead": _kept(ahead, folder)})
            literals += [f"{name}.parquet" for name in ahead.literals]
        scope = self.settings.scope
        within = None if scope is None else condition_sql(con, scope, "scope")
        return {"models": models, "lists": lists, "scope": within, "literals": literals}

    def _columns(self, con: duckdb.DuckDBPyConnection, model: str) -> list[str]:
        """The model's columns that can be told ahead."""
        found = con.execute(f'describe "contact_scores_{model}"').fetchall()
        return [row[0] for row in found if row[0] not in _NOT_AHEAD | {"contact_id", "email", "account_id"}]

    def _list(self, con: duckdb.DuckDBPyConnection, own: ListSetting) -> Row:
        texts = [text for text in (own.when, own.stay, self.settings.scope) if text is not None]
        read = {column for text in texts for column in parse(text, None, Place()).columns}
        about: Row = {"name": own.name, "channel": own.channel, "columns": sorted(read)}
        untold = {f"{prefix}{column}" for prefix in self._prefixes() for column in _NOT_AHEAD}
        if lost := sorted(read & untold):
            return about | {"columns": [], "unforeseen": f"its condition reads {lost[0]}"}
        enter = condition_sql(con, own.when, f"lists.{own.name}.when")
        stay = condition_sql(con, own.stay, f"lists.{own.name}.stay") if own.stay else enter
        return about | {"enter": enter, "stay": stay}

    def _prefixes(self) -> list[str]:
        return ["", *(f"{model.name}_" for model in self.models[1:])]


def _plain(places: Mapping[str, Sequence[ListPlace]]) -> Places:
    return {
        name: [[place.vendor, place.name, list(place.objects), place.within or ""] for place in found]
        for name, found in places.items()
    }


def _file_of(model: Model, path: Path) -> str | None:
    """What tells the model's file from an edited one; None where it has been edited since it was read."""
    try:
        return digest(path) if load(path).digest == model.hash else None
    except ConfigError:
        return None


def _kept(ahead: Ahead, folder: Path) -> Row:
    for name, rows in ahead.literals.items():
        pq.write_table(rows, folder / f"{name}.parquet")
    return {
        "model": ahead.model, "zone": ahead.zone, "offsets": ahead.offsets, "columns": ahead.columns,
        "counted_from": ahead.counted_from, "text": ahead.text, "literals": list(ahead.literals),
    }  # fmt: skip
