"""Who should be on which list: entering, staying, and what consent forbids."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import duckdb
import ibis

from scoring.conditions import Place, parse
from sync.people.consent import PERMITTED
from sync.planning.desired import ModelVersion
from sync.settings import ListSetting

#: Targets that start something in the outside world by themselves.
_STARTS_SOMETHING = ("journey",)


@dataclass(frozen=True, slots=True)
class ListPlace:
    """A list as one vendor has it. objects: whose records can be on it; within: a record id's beginning."""

    vendor: str
    name: str
    list_id: str | None
    objects: tuple[str, ...]
    within: str | None = None


@dataclass(frozen=True, slots=True)
class Forsaken:
    """A list of ours that the settings no longer name: whoever is on it stays, also without consent."""

    vendor: str
    name: str
    records: int

    def __str__(self) -> str:
        return (
            f"{self.name!r} in {self.vendor}, a list of ours that the configuration no longer names, still "
            f"has members ({self.records:,}): nobody leaves it, not even who unsubscribes; name it again "
            "(with 'when: \"false\"' everybody leaves it), or empty it there"
        )


def is_quiet(setting: ListSetting) -> bool:
    """Whether a first run leaves it alone: it writes to people, or starts something that does."""
    starts = any(target.kind in _STARTS_SOMETHING for target in setting.targets.values())
    return setting.channel == "email" or starts


def scored_people(con: duckdb.DuckDBPyConnection, models: Sequence[ModelVersion], scope: str | None) -> None:
    """``scored``: contacts beside the main model's scores, others' by prefix; ``in_scope``: whom we touch.

    A column of the scores hides one of the same name of the contacts. ``scored`` is a view: most columns are
    never asked for, and texts are long.
    """
    main, *others = models
    shown = set(_columns(con, f"contact_scores_{main.name}"))
    own = [f'c."{name}"' for name in _columns(con, "contacts") if name == "contact_id" or name not in shown]
    scores = [f's."{name}"' for name in sorted(shown - {"contact_id"})]
    joins = [f"left join contact_scores_{main.name} s on s.contact_id = c.contact_id"]
    for number, model in enumerate(others):
        table = f"contact_scores_{model.name}"
        joins.append(f"left join {table} s{number} on s{number}.contact_id = c.contact_id")
        scores += [
            f's{number}."{name}" as "{model.name}_{name}"'
            for name in _columns(con, table)
            if name not in ("contact_id", "email", "account_id") and not name.startswith("rule_")
        ]
    columns, source = ", ".join([*own, *scores]), f"contacts c {' '.join(joins)}"
    con.execute(f"create or replace temp view scored as select {columns} from {source}")
    wanted = "true" if scope is None else condition_sql(con, scope, "scope")
    con.execute(
        f"""create or replace temp table in_scope as
        select contact_id, account_id from scored
        where contact_id in ({_matching(wanted)}){_but_erased(con)}"""
    )


def _but_erased(con: duckdb.DuckDBPyConnection) -> str:
    """Whose erasing a vendor interrupted is left as it is."""
    begun = con.execute("select 1 from duckdb_tables() where table_name = 'erasing'").fetchone()
    return " and contact_id not in (from erasing)" if begun else ""


def _matching(condition: str) -> str:
    return "select contact_id from scored" if condition == "true" else condition


def condition_sql(con: duckdb.DuckDBPyConnection, text: str, key: str) -> str:
    """A query for the contact_ids in ``scored`` of whom the condition is true.

    Raises ModelError naming the key, and the nearest column for an unknown one.
    """
    described = con.execute("select * from scored limit 0").to_arrow_table().schema
    people = ibis.table(ibis.Schema.from_pyarrow(described), name="scored")
    condition = parse(text, people.schema(), Place(key=key))
    return str(ibis.to_sql(people.filter(condition.apply(people)).select("contact_id"), dialect="duckdb"))


def memberships(
    con: duckdb.DuckDBPyConnection, lists: Sequence[ListSetting], places: Mapping[str, Sequence[ListPlace]]
) -> None:
    """``listed``: one row a record that is or should be on a list of ours.

    Columns: vendor, object, record_id, address, entity_id, account_id, list, name, list_id, channel, quiet,
    wanted, held, told, acknowledged, differs (from our last word), meets, consent, since. A person on any
    of the list's places is kept there by ``stay``; without the permission its channel needs nobody is wanted,
    and ``consent`` says why. Needs ``scored``, ``in_scope`` and ``held_raw``.
    """
    con.execute(
        """create or replace temp table listed (vendor varchar, object varchar, record_id varchar,
        address varchar, entity_id varchar, account_id varchar, list varchar, name varchar,
        list_id varchar, channel varchar, quiet boolean, wanted boolean, held boolean, told boolean,
        acknowledged boolean, differs boolean, meets boolean, consent varchar, since timestamp)"""
    )
    for setting in lists:
        _standing(con, places.get(setting.name, ()))
        _fill(con, setting)


def forsaken(con: duckdb.DuckDBPyConnection, lists: Sequence[ListSetting]) -> tuple[Forsaken, ...]:
    """Lists of ours with somebody on them that are not among these; needs ``held_raw``."""
    named = {(vendor, target.name) for setting in lists for vendor, target in setting.targets.items()}
    rows = con.execute(
        """select vendor, substr(field, 6), count(*) from held_raw
        where starts_with(field, 'list:') and case when newer then seen else told end is not null
        group by all order by all"""
    ).fetchall()
    return tuple(Forsaken(*row) for row in rows if row[:2] not in named)


def _standing(con: duckdb.DuckDBPyConnection, places: Sequence[ListPlace]) -> None:
    """``standing``: every live record in scope that could be on the list, and whether it is."""
    con.execute(
        """create or replace temp table standing (vendor varchar, object varchar, record_id varchar,
        address varchar, contact_id varchar, account_id varchar, name varchar, list_id varchar, held boolean,
        told boolean, acknowledged boolean, differs boolean, since timestamp)"""
    )
    for place in places:
        objects = ", ".join("?" for _ in place.objects)
        con.execute(
            f"""insert into standing
            select r.vendor, r.object, r.record_id, r.email, p.contact_id, s.account_id, ?, ?,
                coalesce(case when h.newer then h.seen else h.told end is not null, false),
                h.told is not null,
                coalesce(h.acknowledged, false),
                coalesce(h.acknowledged and h.newer and (h.seen is null) <> (h.told is null), false),
                case when h.newer then h.seen_at else h.told_at end
            from person_records r
            join people p on p.vendor = r.vendor and p.object = r.object and p.record_id = r.record_id
            join in_scope s on s.contact_id = p.contact_id
            left join held_raw h on h.vendor = r.vendor and h.object = r.object and h.record_id = r.record_id
                and h.field = 'list:' || ?
            where r.state = 'live' and r.vendor = ? and r.object in ({objects})
                and starts_with(r.record_id, ?)""",
            [place.name, place.list_id, place.name, place.vendor, *place.objects, place.within or ""],
        )


def _fill(con: duckdb.DuckDBPyConnection, setting: ListSetting) -> None:
    key = f"lists.{setting.name}"
    enter = condition_sql(con, setting.when, f"{key}.when")
    stay = condition_sql(con, setting.stay, f"{key}.stay") if setting.stay else enter
    con.execute(
        f"""insert into listed
        with person as (select contact_id, bool_or(held) as held from standing group by contact_id),
        judged as (
            select p.contact_id,
                p.contact_id in ({enter}) or (p.held and p.contact_id in ({stay})) as meets,
                case when ? = 'none' then 'subscribed' else coalesce(c.status, 'unknown') end as consent
            from person p left join consents c on c.contact_id = p.contact_id and c.channel = ?
        )
        select s.vendor, s.object, s.record_id, s.address, s.contact_id, s.account_id, ?, s.name, s.list_id,
            ?, ?, j.meets and j.consent = ?, s.held, s.told, s.acknowledged, s.differs, j.meets, j.consent,
            s.since
        from standing s join judged j using (contact_id)
        where s.held or j.meets""",
        [setting.channel, setting.channel, setting.name, setting.channel, is_quiet(setting), PERMITTED],
    )


def _columns(con: duckdb.DuckDBPyConnection, table: str) -> list[str]:
    return [row[0] for row in con.execute(f"describe {table}").fetchall()]
