"""Forms and what was sent through them."""

from bisect import insort
from dataclasses import dataclass, field
from typing import Any


@dataclass(slots=True)
class HubSpotForm:
    guid: str
    name: str
    url: str
    created_ms: int
    fields: tuple[str, ...] = ("email", "firstname", "lastname", "company")
    archived: bool = False


@dataclass(frozen=True, slots=True, order=True)
class Submission:
    """values: ``{objectTypeId, name, value}`` each."""

    at_ms: int
    conversion_id: str
    values: list[dict[str, Any]] = field(compare=False)
    page_url: str = field(compare=False)


class FormBook:
    """Forms by guid; submissions of each in time order."""

    def __init__(self) -> None:
        self.forms: dict[str, HubSpotForm] = {}
        self.submissions: dict[str, list[Submission]] = {}

    def add(self, form: HubSpotForm) -> None:
        self.forms[form.guid] = form
        self.submissions[form.guid] = []

    def submit(self, guid: str, submission: Submission) -> None:
        insort(self.submissions[guid], submission)

    def forget(self, email: str) -> None:
        """A GDPR delete takes a person's submissions along."""
        for guid, sent in self.submissions.items():
            self.submissions[guid] = [
                one for one in sent if not any(value["value"] == email for value in one.values)
            ]
