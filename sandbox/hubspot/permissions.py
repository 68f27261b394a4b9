"""What happens when an address says yes or no to e-mail."""

from sandbox.hubspot.portal import Portal


def say(
    portal: Portal,
    address: str,
    type_id: int,
    status: str,
    basis: str | None = None,
    explanation: str | None = None,
) -> None:
    """One subscription type. SUBSCRIBED undoes an opt-out of everything."""
    standing = portal.preferences.change(address)
    standing.said[type_id] = (status, portal.now_ms, basis, explanation)
    if status == "SUBSCRIBED" and standing.opted_out_ms is not None:
        standing.opted_out_ms = None
        _mark(portal, address, opted_out=False)


def opt_out(portal: Portal, address: str) -> None:
    """Everything; the contact's ``hs_email_optout`` follows."""
    standing = portal.preferences.change(address)
    if standing.opted_out_ms is None:
        standing.opted_out_ms = portal.now_ms
        _mark(portal, address, opted_out=True)


def opt_in(portal: Portal, address: str) -> None:
    standing = portal.preferences.change(address)
    standing.opted_out_ms = None
    for type_id in portal.preferences.types:
        standing.said[type_id] = ("SUBSCRIBED", portal.now_ms, "CONSENT_WITH_NOTICE", "Opted in again")
    _mark(portal, address, opted_out=False)


def _mark(portal: Portal, address: str, *, opted_out: bool) -> None:
    record = portal.stores["contacts"].find_by("email", address)
    if record is not None:
        value = "true" if opted_out else ""
        portal.stores["contacts"].update(record, {"hs_email_optout": value}, portal.write(source="EMAIL"))
