"""The tables of the operational store: what is going on, rather than what is known about people."""

from sqlalchemy import (
    JSON,
    Boolean,
    Column,
    DateTime,
    Index,
    Integer,
    MetaData,
    String,
    Table,
)

VERSION = 1

metadata = MetaData()

meta = Table(
    "meta", metadata, Column("key", String, primary_key=True), Column("value", String, nullable=False)
)

runs = Table(
    "runs",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("kind", String, nullable=False),
    Column("started_at", DateTime, nullable=False),
    Column("ended_at", DateTime),
    Column("status", String, nullable=False),  # running, done, failed, died
    Column("pid", Integer, nullable=False),
    Column("host", String, nullable=False),
    Column("summary", JSON),
    sqlite_autoincrement=True,
)

leases = Table(
    "leases",
    metadata,
    Column("name", String, primary_key=True),
    Column("token", Integer, nullable=False),  # grows with every holder; an old one is fenced out
    Column("holder", String),  # null: free
    Column("pid", Integer),
    Column("host", String),
    Column("expires_at", DateTime),
)

# a frozen plan: durable before anything of it is sent
plans = Table(
    "plans",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("run_id", Integer, nullable=False, index=True),
    Column("as_of", DateTime, nullable=False),
    Column("header", JSON, nullable=False),
    Column("status", String, nullable=False),  # frozen, applied, abandoned
    sqlite_autoincrement=True,
)

sends = Table(
    "sends",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("plan_id", Integer, nullable=False, index=True),
    Column("vendor", String, nullable=False),
    Column("object", String, nullable=False),
    Column("record_id", String, nullable=False),
    Column("contact_id", String),
    Column("kind", String, nullable=False),
    Column("payload", JSON, nullable=False),  # field → canonical text
    Column("status", String, nullable=False),  # planned, sent, then what came of it
    Column("code", String),
    sqlite_autoincrement=True,
)
Index("sends_by_record", sends.c.vendor, sends.c.object, sends.c.record_id)
Index("sends_unanswered", sends.c.status, sqlite_where=sends.c.status == "sent")

journal = Table(
    "journal",
    metadata,
    Column("seq", Integer, primary_key=True),
    Column("run_id", Integer, nullable=False, index=True),
    Column("vendor", String, nullable=False),
    Column("object", String, nullable=False),
    Column("record_id", String, nullable=False),
    Column("field", String, nullable=False),
    Column("value", String),
    Column("previous", String),  # what was held when the plan was made: what a revert goes back to
    Column("acked_at", DateTime, nullable=False),
    sqlite_autoincrement=True,
)
Index("journal_by_key", journal.c.vendor, journal.c.object, journal.c.record_id, journal.c.field)

# once-only events: someone entered a list or a stage. Written before anything is sent for them.
ledger = Table(
    "ledger",
    metadata,
    Column("name", String, primary_key=True),
    Column("contact_id", String, primary_key=True),
    Column("entry", Integer, primary_key=True),  # how often this person has entered
    Column("status", String, nullable=False),  # baselined, intended, done, rejected
    Column("run_id", Integer, nullable=False),
    Column("created_id", String),
    Column("opened_at", DateTime, nullable=False),
    Column("closed_at", DateTime),
)

dead_letters = Table(
    "dead_letters",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("run_id", Integer, nullable=False),
    Column("vendor", String, nullable=False),
    Column("object", String, nullable=False),
    Column("record_id", String, nullable=False),
    Column("contact_id", String),
    Column("kind", String, nullable=False),
    Column("field", String),  # null: the vendor blames no field
    Column("payload", JSON, nullable=False),
    Column("code", String, nullable=False),
    Column("reason", String, nullable=False),
    Column("remedy", String, nullable=False),
    Column("retryable", Boolean, nullable=False),
    Column("at", DateTime, nullable=False),
    Column("status", String, nullable=False, index=True),  # open, retrying, settled
    sqlite_autoincrement=True,
)

# records not to be touched until they have been read again
refusals = Table(
    "refusals",
    metadata,
    Column("vendor", String, primary_key=True),
    Column("object", String, primary_key=True),
    Column("record_id", String, primary_key=True),
    Column("field", String, primary_key=True),  # "" for the whole record
    Column("kind", String, nullable=False),  # gone, withheld
    Column("detail", String, nullable=False),
    Column("at", DateTime, nullable=False),
)

calls = Table(
    "calls",
    metadata,
    Column("vendor", String, primary_key=True),
    Column("day", String, primary_key=True),
    Column("operation", String, primary_key=True),
    Column("calls", Integer, nullable=False),
    Column("writes", Integer, nullable=False),
)

allowances = Table(
    "allowances",
    metadata,
    Column("vendor", String, primary_key=True),
    Column("used", Integer, nullable=False),
    Column("limit", Integer, nullable=False),
    Column("at", DateTime, nullable=False),
)

# what has had its quiet first run
baselines = Table(
    "baselines",
    metadata,
    Column("kind", String, primary_key=True),  # model, list, task
    Column("name", String, primary_key=True),
    Column("hash", String, nullable=False),
    Column("run_id", Integer, nullable=False),
)

holds = Table(
    "holds",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("kind", String, nullable=False),
    Column("detail", JSON, nullable=False),
    Column("created_at", DateTime, nullable=False),
    Column("lifted_at", DateTime),
    sqlite_autoincrement=True,
)
