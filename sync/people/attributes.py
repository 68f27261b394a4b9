"""Attributes that a company mapped: JSON as records carry it → columns with a type.

The type is the one all values share: numbers, true or false, dates and times, else text. A number written as
text stays text, for postal codes have leading zeros.
"""

from collections.abc import Iterable
from dataclasses import dataclass

import duckdb

# other offsets than zero stay text: DuckDB reads them without its time-zone extension, and forgets the offset
_INSTANT = r"\d{4}-\d{2}-\d{2}([T ]\d{2}:\d{2}(:\d{2}([.]\d+)?)?(Z|[+-]00:?00)?)?"


@dataclass(frozen=True, slots=True)
class Attribute:
    """One mapped attribute and the DuckDB type its values share."""

    name: str
    kind: str

    @property
    def column(self) -> str:
        """Its name, quoted."""
        return '"' + self.name.replace('"', '""') + '"'

    def of(self, json: str) -> str:
        """Expression for its value in a JSON column; null where absent, empty or of another type."""
        path = "'$.\"" + self.name.replace("'", "''").replace('"', '\\"') + "\"'"
        text = f"nullif(trim(json_extract_string({json}, {path})), '')"
        if self.kind == "TIMESTAMP":
            bare = f"regexp_replace({text}, '(Z|[+-]00:?00)$', '')"
            return f"date_trunc('second', try_cast({bare} as timestamp))"
        return text if self.kind == "VARCHAR" else f"try_cast({text} as {self.kind})"


def found(con: duckdb.DuckDBPyConnection, table: str, taken: Iterable[str]) -> list[Attribute]:
    """Attributes that live records of ``table`` carry, by name, without those whose name is ``taken``."""
    known = {name.lower() for name in taken}
    rows = con.execute(
        f"""with pairs as (
            select e.key, e.type, json_extract_string(e.value, '$') as text
            from {table} r, json_each(r.attributes) e
            where r.attributes is not null and json_valid(r.attributes) and e.type <> 'NULL'
        )
        select key, case
            when bool_and(type in ('BIGINT', 'UBIGINT') and try_cast(text as bigint) is not null)
                and bool_or(length(text) > 15) then 'BIGINT'  -- doubles would round it
            when bool_and(type in ('BIGINT', 'UBIGINT', 'DOUBLE')) then 'DOUBLE'
            when bool_and(type = 'BOOLEAN') then 'BOOLEAN'
            when bool_and(type = 'VARCHAR' and (text = '' or regexp_full_match(text, ?)))
                and bool_or(text <> '') then 'TIMESTAMP'
            else 'VARCHAR' end
        from pairs group by key order by key""",
        [_INSTANT],
    ).fetchall()
    attributes = []
    for name, kind in rows:
        # DuckDB does not tell capitals apart in column names: the first spelling is the column
        if name.lower() not in known:
            known.add(name.lower())
            attributes.append(Attribute(name, kind))
    return attributes
