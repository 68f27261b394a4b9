"""Forms (v3 definitions) and what was sent through them (v1 submissions, newest first)."""

from typing import Any

from sandbox.hubspot.call import Answer, Call, Route
from sandbox.hubspot.errors import invalid, not_found
from sandbox.hubspot.forms import HubSpotForm, Submission
from sandbox.hubspot.values import iso_ms

_SUBMISSIONS_A_PAGE = 50
_FORMS_A_PAGE = 100
_LABELS = {"email": "Email", "firstname": "First name", "lastname": "Last name", "company": "Company name"}


def submissions(call: Call, guid: str) -> Answer:
    """``after`` names the last submission seen, so pages do not shift when new ones come in."""
    if guid not in call.portal.forms.forms:
        raise not_found(f"No form with guid {guid}")
    found = call.portal.forms.submissions[guid][::-1]
    limit = call.number("limit", 20, high=_SUBMISSIONS_A_PAGE)
    start = 0
    after = call.text("after")
    if after:
        start = next((index + 1 for index, one in enumerate(found) if one.conversion_id == after), -1)
        if start < 0:
            raise invalid("after is not valid for this form")
    shown = found[start : start + limit]
    more = start + limit < len(found)
    return 200, {
        "results": [_sent(one) for one in shown],
        **call.paging(shown[-1].conversion_id if more else None),
    }


def _sent(one: Submission) -> dict[str, Any]:
    return {
        "conversionId": one.conversion_id,
        "submittedAt": one.at_ms,
        "values": one.values,
        "pageUrl": one.page_url,
    }


def forms(call: Call) -> Answer:
    limit = call.number("limit", 20, high=_FORMS_A_PAGE)
    start = call.number("after", 0, low=0)
    known = [form for form in call.portal.forms.forms.values() if form.archived is call.flag("archived")]
    more = start + limit < len(known)
    results = [form_json(form) for form in known[start : start + limit]]
    return 200, {"results": results, **call.paging(str(start + limit) if more else None)}


def form(call: Call, guid: str) -> Answer:
    found = call.portal.forms.forms.get(guid)
    if found is None:
        raise not_found(f"No form with guid {guid}")
    return 200, form_json(found)


def form_json(given: HubSpotForm) -> dict[str, Any]:
    return {
        "id": given.guid,
        "name": given.name,
        "formType": "hubspot",
        "createdAt": iso_ms(given.created_ms),
        "updatedAt": iso_ms(given.created_ms),
        "archived": given.archived,
        "fieldGroups": [
            {"groupType": "default_group", "richTextType": "text", "fields": [_field(name)]}
            for name in given.fields
        ],
        "configuration": {
            "language": "en",
            "cloneable": True,
            "editable": True,
            "archivable": True,
            "recaptchaEnabled": False,
            "notifyContactOwner": False,
            "notifyRecipients": [],
            "createNewContactForNewEmail": False,
            "prePopulateKnownValues": True,
            "allowLinkToResetKnownValues": False,
            "lifecycleStages": [],
            "postSubmitAction": {"type": "thank_you", "value": "Thank you."},
        },
        "displayOptions": _display(),
        "legalConsentOptions": {"type": "none"},
    }


def _field(name: str) -> dict[str, Any]:
    field: dict[str, Any] = {
        "objectTypeId": "0-1",
        "name": name,
        "label": _LABELS.get(name, name),
        "required": name == "email",
        "hidden": False,
        "dependentFields": [],
        "fieldType": "email" if name == "email" else "single_line_text",
    }
    if name == "email":
        field["validation"] = {"blockedEmailDomains": [], "useDefaultBlockList": False}
    return field


def _display() -> dict[str, Any]:
    style = {
        "fontFamily": "arial",
        "backgroundWidth": "100%",
        "labelTextColor": "#33475b",
        "labelTextSize": "14px",
        "helpTextColor": "#7C98B6",
        "helpTextSize": "11px",
        "legalConsentTextColor": "#33475b",
        "legalConsentTextSize": "14px",
        "submitColor": "#ff7a59",
        "submitFontColor": "#ffffff",
        "submitAlignment": "left",
        "submitSize": "12px",
    }
    return {"renderRawHtml": False, "theme": "default_style", "submitButtonText": "Submit", "style": style}


_SCOPES = ("forms",)
ROUTES = (
    Route("GET", "/form-integrations/v1/submissions/forms/<guid>", submissions, _SCOPES),
    Route("GET", "/marketing/v3/forms", forms, _SCOPES),
    Route("GET", "/marketing/v3/forms/<guid>", form, _SCOPES),
)
