"""Subscription types, and what each address has said to them."""

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class SubscriptionType:
    id: int
    name: str
    description: str
    internal: bool = False


@dataclass(slots=True)
class Standing:
    """One address. opted_out_ms: unsubscribed from everything since then.

    said: per subscription type ``(status, at_ms, legal basis, explanation)``.
    """

    opted_out_ms: int | None = None
    said: dict[int, tuple[str, int, str | None, str | None]] = field(default_factory=dict)


TYPES = (
    SubscriptionType(10000001, "Marketing Information", "Marketing offers and updates."),
    SubscriptionType(10000002, "Product Updates", "News about the products you use."),
    SubscriptionType(10000003, "One to One", "One to one emails.", internal=True),
)


class Preferences:
    """By lower-case address. Whoever was never heard of is NOT_SPECIFIED."""

    def __init__(self) -> None:
        self.types = {one.id: one for one in TYPES}
        self._standings: dict[str, Standing] = {}

    def of(self, address: str) -> Standing:
        return self._standings.get(address.lower(), Standing())

    def change(self, address: str) -> Standing:
        return self._standings.setdefault(address.lower(), Standing())

    def status(self, address: str, type_id: int) -> str:
        """SUBSCRIBED, UNSUBSCRIBED or NOT_SPECIFIED; opting out of everything overrides."""
        standing = self.of(address)
        if standing.opted_out_ms is not None:
            return "UNSUBSCRIBED"
        return standing.said.get(type_id, ("NOT_SPECIFIED", 0, None, None))[0]

    def forget(self, address: str) -> None:
        self._standings.pop(address.lower(), None)

    def everything(self) -> dict[str, Standing]:
        return self._standings
