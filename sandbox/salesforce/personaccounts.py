"""Person accounts: an account and a contact that are one person. Off until an administrator turns them on.

The account carries the person's fields, custom ones as ``X__pc``; what is written there shows on the contact.
"""

from dataclasses import replace
from typing import TYPE_CHECKING

from sandbox.salesforce.fields import Field, parse
from sandbox.salesforce.store import Row

if TYPE_CHECKING:
    from sandbox.salesforce.org import Org

_ACCOUNT = """
IsPersonAccount boolean d : Is Person Account
PersonContactId reference n -> Contact as PersonContact : Contact ID
FirstName string(40) ncu in Name : First Name
LastName string(80) ncu in Name : Last Name
PersonEmail email(80) ncu : Email
PersonTitle string(80) ncu : Title
PersonMobilePhone phone(40) ncu : Mobile
PersonHasOptedOutOfEmail boolean cud : Email Opt Out
PersonMailingCity string(40) ncu : Mailing City
PersonMailingState string(80) ncu : Mailing State/Province
PersonMailingCountry string(80) ncu : Mailing Country
"""
_CONTACT = "IsPersonAccount boolean d : Is Person Account"
_CARRIED = {
    "FirstName": "FirstName",
    "LastName": "LastName",
    "Phone": "Phone",
    "OwnerId": "OwnerId",
    "PersonEmail": "Email",
    "PersonTitle": "Title",
    "PersonMobilePhone": "MobilePhone",
    "PersonHasOptedOutOfEmail": "HasOptedOutOfEmail",
    "PersonMailingCity": "MailingCity",
    "PersonMailingState": "MailingState",
    "PersonMailingCountry": "MailingCountry",
}
_SUFFIX = "__pc"


def enable(org: "Org") -> None:
    """Turn person accounts on; as with the vendor there is no way back."""
    account, contact = org.schema.get("Account"), org.schema.get("Contact")
    for line in _ACCOUNT.strip().splitlines():
        account.put(parse(line, "Account"))
    contact.put(parse(_CONTACT, "Contact"))
    for known in [field for field in contact.fields.values() if field.custom]:
        mirror(org, known)


def enabled(org: "Org") -> bool:
    return "IsPersonAccount" in org.schema.get("Account").fields


def mirror(org: "Org", known: Field) -> None:
    """Show a contact's custom field on the account, if person accounts are on."""
    if enabled(org):
        org.schema.get("Account").put(replace(known, name=contact_name(known.name, back=False)))


def contact_name(name: str, *, back: bool = True) -> str:
    """``X__pc`` of the account to ``X__c`` of the contact, or the other way round."""
    if back:
        return name.removesuffix(_SUFFIX) + "__c" if name.endswith(_SUFFIX) else name
    return name.removesuffix("__c") + _SUFFIX


def saved(org: "Org", row: Row, before: Row | None) -> None:
    """An account with a last name is a person; its contact follows it."""
    if not enabled(org) or not row.get("LastName"):
        return
    row["Name"] = " ".join(part for part in (row.get("FirstName"), row["LastName"]) if part)
    row["IsPersonAccount"] = True
    if before is None:
        return
    carried = dict.fromkeys(_CARRIED.values() - _person(row).keys()) | _person(row)
    stamps = {"SystemModstamp": row["SystemModstamp"], "LastModifiedDate": row["SystemModstamp"]}
    org.table("Contact").change(row["PersonContactId"], {**carried, **stamps})


def created(org: "Org", row: Row) -> None:
    """Give a new person account its contact."""
    if row.get("IsPersonAccount"):
        person = {**_person(row), "IsPersonAccount": True, "AccountId": row["Id"]}
        org.table("Account").change(row["Id"], {"PersonContactId": org.plant("Contact", person)})


def _person(row: Row) -> Row:
    held = {target: row[name] for name, target in _CARRIED.items() if row.get(name) is not None}
    custom = {contact_name(name): value for name, value in row.items() if name.endswith(_SUFFIX)}
    return {**held, **custom, "Name": row["Name"]}
