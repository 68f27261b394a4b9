"""The audiences a connection is about, and the records in them."""

from collections.abc import Sequence
from dataclasses import dataclass

from connectors.mailchimp.connection import MailchimpConnection
from connectors.mailchimp.errors import VENDOR
from connectors.mailchimp.gateway import Gateway
from core.changes import Ref
from core.errors import ConfigError


@dataclass(frozen=True, slots=True)
class Audience:
    """One list. size: members who are not archived, as Mailchimp counted them when asked."""

    id: str
    name: str
    size: int


class Audiences:
    """Read once a connection, when first asked for."""

    def __init__(self, gateway: Gateway, connection: MailchimpConnection) -> None:
        self._gateway, self._names = gateway, connection.audiences
        self._known: tuple[Audience, ...] | None = None

    def all(self) -> Sequence[Audience]:
        """The configured audiences in their order, or every one. Raises ConfigError for an unknown name."""
        if self._known is None:
            found = {one.name: one for one in (self._audience(row) for row in self._gateway.lists())}
            if missing := [name for name in self._names if name not in found]:
                raise ConfigError(
                    f"{VENDOR} has no audience {missing[0]!r}; it has: {', '.join(found) or 'none'}",
                    key="connections.mailchimp.audiences",
                )
            self._known = tuple(found[name] for name in self._names) if self._names else tuple(found.values())
        return self._known

    def named(self, name: str | None) -> Audience | None:
        """The audience of this name; without a name the first."""
        audiences = self.all()
        if name is None:
            return audiences[0] if audiences else None
        return next((one for one in audiences if one.name == name), None)

    def size(self, list_id: str) -> int:
        return next((one.size for one in self.all() if one.id == list_id), 0)

    @staticmethod
    def _audience(row: dict[str, object]) -> Audience:
        stats = row.get("stats")
        counts = stats if isinstance(stats, dict) else {}
        size = sum(
            int(counts.get(name) or 0) for name in ("member_count", "unsubscribe_count", "cleaned_count")
        )
        return Audience(str(row["id"]), str(row["name"]), size)


def list_of(ref: Ref) -> str:
    """The audience a record is in."""
    return ref.record_id.partition(":")[0]


def key_of(ref: Ref) -> str:
    """The member's own id within its audience."""
    return ref.record_id.partition(":")[2]
