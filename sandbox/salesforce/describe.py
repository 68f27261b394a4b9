"""Describe results, as each API version gives them."""

from typing import TYPE_CHECKING, Any

from sandbox.salesforce.fields import describe_field
from sandbox.salesforce.schema import SObject

if TYPE_CHECKING:
    from sandbox.salesforce.access import Access
    from sandbox.salesforce.org import Org

_MASTER = "012000000000000AAA"
_SCOPES = {
    "Lead": ("everything", "mine", "queue_owned", "scopingRule", "team", "user_owned"),
}
_NEWER = {"associateEntityType": 49, "associateParentEntity": 49, "sobjectDescribeOption": 53}
_NOT_MERGEABLE = {"Opportunity", "OpportunityContactRole", "Task", "Event", "Campaign", "CampaignMember"}
_ACTIVITIES = {"Task", "Event"}


def describe_global(org: "Org", access: "Access", version: str) -> dict[str, Any]:
    """The body of ``/sobjects``."""
    listed = [_summary(known, access, version) for known in org.schema if access.sees(known.name)]
    return {
        "encoding": "UTF-8",
        "maxBatchSize": 200,
        "sobjects": sorted(listed, key=lambda item: str(item["name"])),
    }


def _summary(known: SObject, access: "Access", version: str) -> dict[str, Any]:
    """What global describe tells of an object; the full describe starts from the same."""
    data = not known.setup
    base = f"/services/data/v{version}/sobjects/{known.name}"
    return {
        "activateable": False,
        "associateEntityType": None,
        "associateParentEntity": None,
        "createable": access.may(f"{known.name}.create"),
        "custom": False,
        "customSetting": False,
        "deepCloneable": False,
        "deletable": known.deletable and access.may(f"{known.name}.delete"),
        "deprecatedAndHidden": False,
        "feedEnabled": data,
        "hasSubtypes": False,
        "isInterface": False,
        "isSubtype": False,
        "keyPrefix": known.prefix,
        "label": known.label,
        "labelPlural": known.plural,
        "layoutable": data,
        "mergeable": data and known.name not in _NOT_MERGEABLE,
        "mruEnabled": data,
        "name": known.name,
        "queryable": True,
        "replicateable": True,
        "retrieveable": True,
        "searchable": data,
        "triggerable": data,
        "undeletable": data,
        "updateable": access.may(f"{known.name}.edit"),
        "urls": _short_urls(base),
    }


def _short_urls(base: str) -> dict[str, str]:
    return {
        "compactLayouts": f"{base}/describe/compactLayouts",
        "rowTemplate": f"{base}/{{ID}}",
        "approvalLayouts": f"{base}/describe/approvalLayouts",
        "listviews": f"{base}/listviews",
        "describe": f"{base}/describe",
        "quickActions": f"{base}/quickActions",
        "layouts": f"{base}/describe/layouts",
        "sobject": base,
    }


def describe(org: "Org", access: "Access", known: SObject, version: str) -> dict[str, Any]:
    """The body of ``/sobjects/X/describe``: without the fields the user may not see."""
    base = f"/services/data/v{version}/sobjects/{known.name}"
    full = {
        **_summary(known, access, version),
        "actionOverrides": [],
        "childRelationships": _child_relationships(org, known),
        "compactLayoutable": not known.setup,
        "defaultImplementation": None,
        "extendedBy": None,
        "extendsInterfaces": None,
        "fields": [
            describe_field(item, editable=access.edits(known.name, item) and access.may(f"{known.name}.edit"))
            for item in known.fields.values()
            if access.reads(known.name, item)
        ],
        "implementedBy": None,
        "implementsInterfaces": None,
        "listviewable": None,
        "lookupLayoutable": None,
        "namedLayoutInfos": [],
        "networkScopeFieldName": None,
        "recordTypeInfos": [] if known.name == "OpportunityContactRole" else [_master_record_type(base)],
        "searchLayoutable": not known.setup,
        "sobjectDescribeOption": "FULL",
        "supportedScopes": [
            {"label": _scope_label(scope, known), "name": scope}
            for scope in _SCOPES.get(known.name, ("everything", "mine"))
        ],
        "urls": _long_urls(base, known),
    }
    major = int(float(version))
    return {key: full[key] for key in sorted(full) if major >= _NEWER.get(key, 0)}


def _scope_label(scope: str, known: SObject) -> str:
    plural = known.plural.lower()
    return {
        "everything": f"All {plural}",
        "mine": f"My {plural}",
        "queue_owned": f"Queue owned {plural}",
        "scopingRule": "Filter by scope",
        "team": f"My team's {plural}",
        "user_owned": f"User owned {plural}",
    }[scope]


def _long_urls(base: str, known: SObject) -> dict[str, str]:
    urls = _short_urls(base)
    host = "https://brightloom.my.salesforce.com"
    urls |= {
        "uiDetailTemplate": f"{host}/{{ID}}",
        "uiEditTemplate": f"{host}/{{ID}}/e",
        "uiNewRecord": f"{host}/{known.prefix}/e",
    }
    if known.name == "OpportunityContactRole":
        urls.pop("listviews")
        urls.pop("approvalLayouts")
        urls["defaultValues"] = f"{base}/defaultValues?recordTypeId&fields"
    if known.name == "Account":
        urls["defaultValues"] = f"{base}/defaultValues?recordTypeId&fields"
    if known.name in _ACTIVITIES:
        urls.pop("listviews")
        urls.pop("approvalLayouts")
    if known.name == "Event":
        urls["eventSeriesUpdates"] = f"{base}/{{ID}}/fromThisEventOnwards"
    return urls


def _master_record_type(base: str) -> dict[str, Any]:
    return {
        "active": True,
        "available": True,
        "defaultRecordTypeMapping": True,
        "developerName": "Master",
        "master": True,
        "name": "Master",
        "recordTypeId": _MASTER,
        "urls": {"layout": f"{base}/describe/layouts/{_MASTER}"},
    }


def _child_relationships(org: "Org", known: SObject) -> list[dict[str, Any]]:
    return [
        {
            "cascadeDelete": False,
            "childSObject": child.name,
            "deprecatedAndHidden": False,
            "field": item.name,
            "junctionIdListNames": [],
            "junctionReferenceTo": [],
            "relationshipName": relation,
            "restrictedDelete": False,
        }
        for child, item, relation in org.schema.children(known.name)
    ]
