"""Associations between records, kept in both directions."""

from collections.abc import Iterator

_PAIRS = {
    ("contacts", "companies"): (279, 280),
    ("contacts", "deals"): (4, 3),
    ("contacts", "tickets"): (15, 16),
    ("contacts", "calls"): (193, 194),
    ("contacts", "emails"): (197, 198),
    ("contacts", "meetings"): (199, 200),
    ("contacts", "notes"): (201, 202),
    ("contacts", "tasks"): (203, 204),
    ("contacts", "communications"): (82, 81),
    ("contacts", "contacts"): (449, 449),
    ("contacts", "carts"): (587, 586),
    ("contacts", "orders"): (508, 507),
    ("contacts", "leads"): (579, 578),
    ("contacts", "feedback_submissions"): (97, 98),
    ("contacts", "invoices"): (178, 177),
    ("contacts", "quotes"): (70, 69),
    ("companies", "deals"): (342, 341),
    ("companies", "tickets"): (340, 339),
    ("companies", "calls"): (181, 182),
    ("companies", "emails"): (185, 186),
    ("companies", "meetings"): (187, 188),
    ("companies", "notes"): (189, 190),
    ("companies", "tasks"): (191, 192),
    ("companies", "companies"): (450, 450),
    ("companies", "orders"): (510, 509),
    ("companies", "carts"): (589, 588),
    ("deals", "calls"): (205, 206),
    ("deals", "emails"): (209, 210),
    ("deals", "meetings"): (211, 212),
    ("deals", "notes"): (213, 214),
    ("deals", "tasks"): (215, 216),
    ("deals", "line_items"): (19, 20),
    ("deals", "tickets"): (27, 28),
    ("orders", "line_items"): (513, 514),
    ("orders", "carts"): (593, 592),
    ("carts", "line_items"): (590, 591),
}
_PRIMARY = {
    ("contacts", "companies"): 1,
    ("companies", "contacts"): 2,
    ("deals", "companies"): 5,
    ("companies", "deals"): 6,
}
FIRST_LABEL_ID = 1001

UNLABELED: dict[tuple[str, str], int] = {}
for (_one, _other), (_there, _back) in _PAIRS.items():
    UNLABELED[_one, _other] = _there
    UNLABELED[_other, _one] = _back

Pair = tuple[str, str]


class Links:
    """Which record is tied to which, and by what types.

    labels: per pair of object types, the portal's own labels by type id (id, label, name).
    """

    def __init__(self) -> None:
        self._tied: dict[Pair, dict[int, dict[int, list[int]]]] = {}
        self.labels: dict[Pair, dict[int, tuple[str, str]]] = {}

    def known(self, pair: Pair) -> bool:
        return pair in UNLABELED

    def primary_type(self, pair: Pair) -> int | None:
        return _PRIMARY.get(pair)

    def type_allowed(self, pair: Pair, type_id: int) -> bool:
        return type_id in (UNLABELED.get(pair), _PRIMARY.get(pair)) or type_id in self.labels.get(pair, {})

    def tie(self, pair: Pair, one: int, other: int, type_ids: tuple[int, ...] = ()) -> None:
        """Tie two records, always by the plain type too; a record's first company becomes its primary."""
        wanted = [UNLABELED[pair], *type_ids]
        primary = _PRIMARY.get(pair)
        if primary is not None:
            toward_company = pair if pair[1] == "companies" else (pair[1], pair[0])
            owner = one if pair[1] == "companies" else other
            if primary in type_ids:
                self._demote(toward_company, owner)
            elif not self._has_primary(toward_company, owner):
                wanted.append(primary)
        self._add(pair, one, other, wanted)
        self._add((pair[1], pair[0]), other, one, [self._inverse(pair, type_id) for type_id in wanted])

    def untie(self, pair: Pair, one: int, other: int, type_ids: tuple[int, ...] | None = None) -> None:
        """Without ``type_ids`` the whole tie goes."""
        for way, start, end in ((pair, one, other), ((pair[1], pair[0]), other, one)):
            ends = self._tied.get(way, {}).get(start, {})
            gone = None
            if type_ids is not None:
                gone = (
                    set(type_ids) if way == pair else {self._inverse(pair, type_id) for type_id in type_ids}
                )
            kept = [] if gone is None else [type_id for type_id in ends.get(end, []) if type_id not in gone]
            if kept:
                ends[end] = kept
            else:
                ends.pop(end, None)

    def of(self, pair: Pair, one: int) -> list[tuple[int, list[int]]]:
        """``(other id, type ids)`` by ascending id."""
        return sorted(self._tied.get(pair, {}).get(one, {}).items())

    def primary(self, pair: Pair, one: int) -> int | None:
        wanted = _PRIMARY.get(pair)
        return next((other for other, types in self.of(pair, one) if wanted in types), None)

    def drop(self, kind: str, record_id: int) -> None:
        """Forget every tie of a record."""
        for pair in list(self._tied):
            if pair[0] == kind:
                for other in list(self._tied[pair].pop(record_id, {})):
                    self._tied.get((pair[1], kind), {}).get(other, {}).pop(record_id, None)

    def move(self, kind: str, old: int, new: int) -> None:
        """Everything tied to ``old`` is tied to ``new`` instead."""
        for pair in list(self._tied):
            if pair[0] == kind:
                for other, types in list(self._tied[pair].get(old, {}).items()):
                    target = new if other == old else other
                    self.tie(
                        pair, new, target, tuple(type_id for type_id in types if type_id >= FIRST_LABEL_ID)
                    )
        self.drop(kind, old)

    def everything(self) -> Iterator[tuple[Pair, int, int, list[int]]]:
        for pair, starts in self._tied.items():
            for start, ends in starts.items():
                for end, types in ends.items():
                    yield pair, start, end, types

    def names(self, pair: Pair, type_ids: list[int], singulars: tuple[str, str]) -> list[str]:
        """The v3 names: a primary tie shows twice, once plain and once ``_unlabeled``."""
        base = f"{singulars[0]}_to_{singulars[1]}"
        has_primary = pair in _PRIMARY
        named = []
        for type_id in sorted(type_ids):
            if type_id == UNLABELED.get(pair):
                named.append(f"{base}_unlabeled" if has_primary else base)
            elif type_id == _PRIMARY.get(pair):
                named.append(base)
            else:
                named.append(self.labels[pair][type_id][1])
        return named

    def described(self, pair: Pair, type_id: int) -> dict[str, object]:
        """The v4 form: ``{category, typeId, label}``."""
        if type_id == _PRIMARY.get(pair):
            return {"category": "HUBSPOT_DEFINED", "typeId": type_id, "label": "Primary"}
        if type_id in self.labels.get(pair, {}):
            return {"category": "USER_DEFINED", "typeId": type_id, "label": self.labels[pair][type_id][0]}
        return {"category": "HUBSPOT_DEFINED", "typeId": type_id, "label": None}

    def _add(self, pair: Pair, start: int, end: int, type_ids: list[int]) -> None:
        held = self._tied.setdefault(pair, {}).setdefault(start, {}).setdefault(end, [])
        held.extend(type_id for type_id in type_ids if type_id not in held)

    def _inverse(self, pair: Pair, type_id: int) -> int:
        back = (pair[1], pair[0])
        if type_id == UNLABELED[pair]:
            return UNLABELED[back]
        if type_id == _PRIMARY.get(pair):
            return _PRIMARY[back]
        return type_id

    def _has_primary(self, pair: Pair, owner: int) -> bool:
        wanted = _PRIMARY[pair]
        return any(wanted in types for types in self._tied.get(pair, {}).get(owner, {}).values())

    def _demote(self, pair: Pair, owner: int) -> None:
        back = (pair[1], pair[0])
        for company, types in self._tied.get(pair, {}).get(owner, {}).items():
            if _PRIMARY[pair] in types:
                types.remove(_PRIMARY[pair])
                self._tied[back][company][owner].remove(_PRIMARY[back])
