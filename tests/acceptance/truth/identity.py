"""Who is one person, and what is one company: records joined by links, addresses and domains."""

from collections import defaultdict
from collections.abc import Hashable, Iterable, Sequence

from tests.acceptance.truth import words
from tests.acceptance.truth.rows import Key, Record


class Groups:
    """Union-find over anything hashable."""

    def __init__(self) -> None:
        self._above: dict[Hashable, Hashable] = {}

    def root(self, one: Hashable) -> Hashable:
        while (above := self._above.setdefault(one, one)) != one:
            one = above
        return one

    def join(self, one: Hashable, other: Hashable) -> None:
        self._above[self.root(one)] = self.root(other)


def people(records: Sequence[Record]) -> dict[Key, str]:
    """Record → person; a person's name is its smallest record key."""
    groups = Groups()
    _link(groups, records)
    mailboxes: dict[str, list[Record]] = defaultdict(list)
    for record in records:
        if mailbox := words.address(record.values.get("email")):
            mailboxes[mailbox].append(record)
    for mailbox, sharing in mailboxes.items():
        for number, one in enumerate(sharing):
            for other in sharing[:number]:
                if _same_user(mailbox, one, other, is_shared=_is_shared(sharing)):
                    groups.join(one.key, other.key)
    return _named(groups, [record.key for record in records])


def _link(groups: Groups, records: Iterable[Record]) -> None:
    for record in records:
        for other in (*record.links, record.successor):
            if other:
                groups.join(record.key, other)


def _names(record: Record) -> tuple[str | None, str | None]:
    return words.name(record.values.get("first_name")), words.name(record.values.get("last_name"))


def _words(record: Record) -> tuple[str, ...]:
    return tuple(sorted(" ".join(part for part in _names(record) if part).split()))


def _is_shared(sharing: Iterable[Record]) -> bool:
    """Neither all first nor all last names of the fully named agree, nor are they swapped."""
    named = [record for record in sharing if all(_names(record))]
    firsts, lasts = {_names(one)[0] for one in named}, {_names(one)[1] for one in named}
    return min(len(firsts), len(lasts), len({_words(one) for one in named})) > 1


def _same_user(mailbox: str, one: Record, other: Record, *, is_shared: bool) -> bool:
    if words.is_role(mailbox):
        return _words(one) == _words(other)
    if not is_shared:
        return True
    (first, last), (other_first, other_last) = _names(one), _names(other)
    same = (first is not None and first == other_first) or (last is not None and last == other_last)
    return same or _words(one) == _words(other)


def companies(records: Sequence[Record], persons: Iterable[Record]) -> tuple[dict[Key, str], dict[str, str]]:
    """Record → company, and web domain of work addresses → company."""
    groups = Groups()
    _link(groups, records)
    domains = {
        domain for one in persons if (domain := words.work_domain(words.address(one.values.get("email"))))
    }
    for record in records:
        domain = words.domain(record.values.get("domain"))
        if domain and words.work_domain(f"x@{domain}"):
            groups.join(record.key, ("email", "domain", domain))
    keys = [record.key for record in records] + [("email", "domain", domain) for domain in domains]
    named = _named(groups, keys)
    return named, {domain: named["email", "domain", domain] for domain in domains}


def _named(groups: Groups, keys: Iterable[Key]) -> dict[Key, str]:
    members: dict[Hashable, list[Key]] = defaultdict(list)
    for key in keys:
        members[groups.root(key)].append(key)
    return {key: ":".join(min(found)) for found in members.values() for key in found}
