"""What people do to records in their own screens: merge, convert, delete, archive."""

from collections.abc import Callable, Iterator

from tests.acceptance.processes import Sandbox
from tests.acceptance.truth.expected import Truth
from tests.acceptance.truth.rows import Key


def rearrange(sandbox: Sandbox, truth: Truth, spared: set[Key]) -> list[Key]:
    """One of each; spared: records to leave alone. Returns the records that are no more what they were."""
    scored = [
        key
        for key, record in truth.world.records.items()
        if record.is_live and truth.person(key) in truth.scores and key not in spared
    ]
    by_kind: dict[str, list[Key]] = {}
    for key in scored:
        by_kind.setdefault(key[1], []).append(key)
    lost: list[Key] = []
    deeds: list[Callable[[], Key]] = [
        lambda: _merge_in_salesforce(
            sandbox, *next(_twice(truth, by_kind["Lead"] + by_kind["Contact"], lost))
        ),
        lambda: _merge_in_hubspot(sandbox, *next(_twice(truth, by_kind["contacts"], lost))),
        lambda: _convert(sandbox, next(_once(truth, by_kind["Lead"], lost))),
        lambda: _delete(sandbox, next(_once(truth, by_kind["Contact"], lost))),
        lambda: _delete(sandbox, next(_once(truth, by_kind["contacts"], lost))),
        lambda: _archive(sandbox, truth, next(_once(truth, by_kind["members"], lost))),
    ]
    for deed in deeds:
        lost.append(deed())  # noqa: PERF401  # each looks at who was lost before
    return lost


def _twice(truth: Truth, keys: list[Key], taken: list[Key]) -> Iterator[tuple[Key, Key]]:
    """Two records of one kind of one person."""
    for number, one in enumerate(keys):
        for other in keys[:number]:
            if (
                one[1] == other[1]
                and truth.person(one) == truth.person(other)
                and not {one, other} & {*taken}
            ):
                yield one, other


def _once(truth: Truth, keys: list[Key], taken: list[Key]) -> Iterator[Key]:
    """A record of somebody nothing has been done to yet."""
    touched = {truth.person(key) for key in taken}
    return (key for key in keys if truth.person(key) not in touched)


def _merge_in_salesforce(sandbox: Sandbox, master: Key, loser: Key) -> Key:
    sandbox.do("salesforce", "merge", master=master[2], losers=[loser[2]])
    return loser


def _merge_in_hubspot(sandbox: Sandbox, primary: Key, other: Key) -> Key:
    """Both ids give way to a new one."""
    sandbox.do("hubspot", "merge", object="contacts", primary=primary[2], other=other[2])
    return other


def _convert(sandbox: Sandbox, lead: Key) -> Key:
    sandbox.do("salesforce", "convert", id=lead[2])
    return lead


def _delete(sandbox: Sandbox, key: Key) -> Key:
    sandbox.do(key[0], "delete", object=key[1], id=key[2])
    return key


def _archive(sandbox: Sandbox, truth: Truth, member: Key) -> Key:
    email = truth.world.records[member].values["email"]
    sandbox.do("mailchimp", "archive", email=email, list_id=member[2].partition(":")[0])
    return member
