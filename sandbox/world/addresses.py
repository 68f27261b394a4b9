"""E-mail addresses, as people and imports type them."""

import re
from typing import TypeGuard

from sandbox.world.chance import Chance
from sandbox.world.names import Locale, latin

FREE_MAIL = ("gmail.com", "outlook.com", "yahoo.com", "icloud.com", "gmx.de", "hotmail.com", "wp.pl")
MAILBOXES = ("info", "office", "hello", "sales", "kontakt")
_WELL_FORMED = re.compile(r"[^@\s,]+@[^@\s,]+\.[A-Za-z]{2,}")


def well_formed(address: str | None) -> TypeGuard[str]:
    """Whether mail could be sent to the address."""
    return address is not None and _WELL_FORMED.fullmatch(address) is not None


class AddressBook:
    """Hands out addresses, none twice (letter case aside)."""

    def __init__(self, chance: Chance, taken: set[str]) -> None:
        """Draw from ``chance``, avoiding and adding to ``taken`` (lower case)."""
        self._chance = chance
        self._taken = taken

    def personal(self, first: str, last: str, tongue: Locale, domain: str | None) -> str:
        """Make an address from a name, at the company's domain or a free-mail one."""
        chance = self._chance
        given, family = latin(first), latin(last)
        if not (tongue.spelled and given and family):
            given, family = given or f"{tongue.language}user", family or f"{chance.randrange(100, 999)}"
        local = chance.choice(
            (f"{given}.{family}", f"{given}{family}", f"{given[0]}{family}", f"{given}_{family}")
        )
        return self._unique(local, domain or chance.choice(FREE_MAIL))

    def mailbox(self, domain: str) -> str:
        """Make an address of a function rather than a person."""
        return self._unique(self._chance.choice(MAILBOXES), domain)

    def _unique(self, local: str, domain: str) -> str:
        address, number = f"{local}@{domain}", 1
        while address in self._taken:
            number += 1
            address = f"{local}{number}@{domain}"
        self._taken.add(address)
        return address


def retyped(chance: Chance, address: str) -> str:
    """Type the same address otherwise: capitals or a space; it still reaches the same mailbox."""
    local, _, domain = address.partition("@")
    title = ".".join(part.capitalize() for part in local.split("."))
    return chance.choice((address.upper(), f"{title}@{domain}", f"{local}@{domain.capitalize()}"))


def plus_tagged(chance: Chance, address: str) -> str:
    """Add a tag that the mailbox ignores."""
    local, _, domain = address.partition("@")
    return f"{local}+{chance.choice(('news', 'brightloom', 'webinar', 'shop'))}@{domain}"


def malformed(chance: Chance, address: str) -> str:
    """Spoil an address as imports do; nothing can be delivered to it."""
    local, _, domain = address.partition("@")
    return chance.choice(
        (
            f"{local}@{domain.replace('.', ',')}",
            f"{local} {domain}",
            f"{local}@",
            f"{local}@@{domain}",
            f"{local}@{domain}.",
        )
    )
