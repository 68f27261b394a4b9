"""Which nodes hang together: connected components in SQL, in logarithmically many passes."""

import duckdb


def connect(con: duckdb.DuckDBPyConnection) -> None:
    """``component (idx, root)`` for every row of ``nodes (idx, …)``; ``ties (tie, idx)`` name what is shared.

    Nodes that share a tie are connected. Temporary tables throughout; a node without ties is its own root.
    """
    con.execute(
        """create or replace temp table edges as
        with stars as (
            select min(idx) over (partition by tie) as hub, idx from (select distinct tie, idx from ties)
        )
        select distinct a, b from (
            select hub as a, idx as b from stars where hub <> idx
            union all select idx, hub from stars where hub <> idx
        )"""
    )
    con.execute("create or replace temp table label as select distinct a as idx, a as root from edges")
    while _pass(con):
        pass
    con.execute(
        """create or replace temp table component as
        select n.idx, coalesce(l.root, n.idx) as root from nodes n left join label l using (idx)"""
    )
    con.execute("drop table edges")
    con.execute("drop table label")


def _pass(con: duckdb.DuckDBPyConnection) -> bool:
    """Every node and every root takes the smallest root among its neighbours, then its root's root."""
    con.execute(
        """create or replace temp table proposed as
        select idx, min(root) as root from (
            select idx, root from label
            union all
            select e.a, far.root from edges e join label far on far.idx = e.b
            union all
            select near.root, far.root
            from edges e join label near on near.idx = e.a join label far on far.idx = e.b
        ) group by idx"""
    )
    con.execute(
        """create or replace temp table shortcut as
        select p.idx, r.root from proposed p join proposed r on r.idx = p.root"""
    )
    moved = con.execute(
        "select count(*) from shortcut s join label l using (idx) where s.root <> l.root"
    ).fetchone()
    con.execute("create or replace temp table label as from shortcut")
    con.execute("drop table shortcut")
    con.execute("drop table proposed")
    return bool(moved and moved[0])
