"""HubSpot's owners: who a task or record may be given to."""

from connectors.hubspot.gateway import Gateway


class Owners:
    """Active owners, read once when first asked for. ``fallback`` stands in for a missing or inactive one."""

    def __init__(self, gateway: Gateway, fallback: str | None) -> None:
        self._gateway, self._fallback = gateway, fallback
        self._ids: dict[str, str] | None = None

    def active(self, owner: str | None) -> str | None:
        """Owner id for an id or e-mail address, or that of the fallback; None where neither is active."""
        known = self._known()
        for wanted in (owner, self._fallback):
            if wanted and wanted.lower() in known:
                return known[wanted.lower()]
        return None

    def _known(self) -> dict[str, str]:
        if self._ids is None:
            self._ids = {}
            after: str | None = None
            while True:
                answer = self._gateway.owners(after)
                for one in answer.get("results") or ():
                    if not one.get("archived"):
                        names = (one.get("id"), one.get("email"))
                        self._ids.update({str(name).lower(): str(one["id"]) for name in names if name})
                following = ((answer.get("paging") or {}).get("next") or {}).get("after")
                if following is None or str(following) == after:
                    break
                after = str(following)
        return self._ids
