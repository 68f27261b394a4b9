"""Addresses, names and domains as people compare them: capitals, accents and invisible edges aside."""

import re
import unicodedata

_FREE_MAIL = {"gmail.com", "outlook.com", "yahoo.com", "icloud.com", "gmx.de", "hotmail.com", "wp.pl"}
_ROLES = {
    "info", "sales", "office", "contact", "hello", "team", "admin", "support", "billing", "marketing", "mail",
    "service", "help", "hr", "jobs", "accounts", "finance", "it", "test", "kontakt", "contacto", "hola",
}  # fmt: skip


def plain(text: str | None) -> str:
    """Trimmed, composed, lower case; '' for nothing."""
    edges = {"Z", "C"}
    letters = list(text or "")
    while letters and unicodedata.category(letters[0])[0] in edges:
        letters.pop(0)
    while letters and unicodedata.category(letters[-1])[0] in edges:
        letters.pop()
    return unicodedata.normalize("NFC", "".join(letters)).lower()


def address(text: str | None) -> str | None:
    """The mailbox behind an address as typed; None for what is none."""
    local, at, domain = plain(text).rpartition("@")
    labels = domain.split(".")
    if not at or not local or "@" in local or len(labels) < 2 or not all(labels):
        return None
    if (
        re.search(r"[\s,;:<>()\"\\\[\]]", local + domain)
        or local[0] in ".+"
        or local[-1] == "."
        or ".." in local
    ):
        return None
    if not all(re.fullmatch(r"[\w-]*\w", label) for label in labels):
        return None
    return f"{local.split('+')[0]}@{domain}"


def is_role(mailbox: str) -> bool:
    """Whether a mailbox is a function's rather than a person's."""
    return re.sub(r"\d+$", "", mailbox.split("@", maxsplit=1)[0]) in _ROLES


def work_domain(mailbox: str | None) -> str | None:
    domain = mailbox.split("@")[1] if mailbox else None
    return None if domain in _FREE_MAIL else domain


def name(text: str | None) -> str | None:
    """Letters and digits without accents, single spaces between; None for Salesforce's own placeholder."""
    bare = "".join(
        c for c in unicodedata.normalize("NFD", plain(text)) if not unicodedata.category(c).startswith("M")
    )
    found = " ".join(re.findall(r"[^\W_]+", bare))
    return found if found not in ("", "not provided") else None


def domain(text: str | None) -> str | None:
    """A web address's domain without scheme, www and path."""
    host = re.split(r"[/?#:]", re.sub(r"^[a-z]+://", "", plain(text)))[0].removeprefix("www.").rstrip(".")
    return host if re.fullmatch(r"[\w-]+(\.[\w-]+)+", host) else None
