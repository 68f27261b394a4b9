"""One thing that a person does, and what it is about."""

from datetime import datetime

from sandbox.mailchimp.stamps import stamp
from sandbox.mailchimp.store import Audience, Json, Store


class Deed:
    """One action: the account, what was given, and when."""

    def __init__(self, store: Store, now: datetime, given: Json) -> None:
        self.store, self.at, self.given = store, stamp(now), given

    def audience(self) -> Audience:
        """The audience meant."""
        wanted = self.given.get("list_id", self.given.get("audience"))
        for audience in self.store.audiences.values():
            if wanted in (audience.id, audience.info["name"]) or (wanted is None and self._has(audience)):
                return audience
        raise ValueError(f"no audience {wanted!r} with {self._who()!r}")

    def _who(self) -> str:
        return str(self.given.get("email") or self.given.get("email_address") or self.given.get("id") or "")

    def _has(self, audience: Audience) -> bool:
        return not self._who() or audience.find(self._who()) is not None

    def member(self, audience: Audience) -> Json:
        """The member meant."""
        key = audience.find(self._who())
        if key is None:
            raise ValueError(f"no member {self._who()!r} in {audience.info['name']!r}")
        return audience.members[key]

    def segment(self, audience: Audience) -> int:
        """The tag or segment with the name given."""
        wanted = self.given.get("tag", self.given.get("name"))
        for segment in audience.segments.values():
            if segment["name"] == wanted:
                return int(segment["id"])
        raise ValueError(f"no tag {wanted!r} in {audience.info['name']!r}")
