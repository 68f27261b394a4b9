"""simple-salesforce, unchanged, over HTTP."""

import csv
import io
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from simple_salesforce.api import Salesforce
from simple_salesforce.exceptions import (
    SalesforceAuthenticationFailed,
    SalesforceExpiredSession,
    SalesforceGeneralError,
    SalesforceMalformedRequest,
    SalesforceRefusedRequest,
    SalesforceResourceNotFound,
)

from sandbox.salesforce import Limits
from tests.sandbox.salesforce_served import Redirected, Served, served


@pytest.fixture
def org() -> Iterator[Served]:
    with served() as running:
        yield running


def test_soap_login_is_refused(org: Served) -> None:
    with pytest.raises(SalesforceAuthenticationFailed, match="INVALID_OPERATION"):
        Salesforce(
            username="a", password="b", security_token="c", version="66.0", session=Redirected(org.url)
        )


def test_a_wrong_secret_gets_no_token(org: Served) -> None:
    key = org.sandbox.addresses["salesforce"]["consumer_key"]
    with pytest.raises(SalesforceAuthenticationFailed, match="invalid_client"):
        Salesforce(consumer_key=key, consumer_secret="no", domain="acme.my", session=Redirected(org.url))


def test_queries_page_with_locators(org: Served) -> None:
    org.do("create_many", object="Contact", count=4500, values={"LastName": "P{n}"})
    sf = org.sdk()
    first = sf.query("SELECT Id FROM Contact")
    assert (first["totalSize"], first["done"], len(first["records"])) == (4500, False, 2000)
    assert first["nextRecordsUrl"].split("/")[-1].startswith("0r8")
    assert len({row["Id"] for row in sf.query_all_iter("SELECT Id FROM Contact")}) == 4500


def test_ids_sort_as_they_compare(org: Served) -> None:
    org.do("create_many", object="Contact", count=300, values={"LastName": "P{n}"})
    sf = org.sdk()
    found: list[str] = []
    while True:
        after = f"WHERE Id > '{found[-1]}' " if found else ""
        page = sf.query(f"SELECT Id FROM Contact {after}ORDER BY Id LIMIT 50")["records"]
        if not page:
            break
        found += [row["Id"] for row in page]
    assert len(found) == len(set(found)) == 300


def test_a_locator_dies_after_two_days(org: Served) -> None:
    org.do("create_many", object="Contact", count=2500, values={"LastName": "P{n}"})
    first = org.sdk().query("SELECT Id FROM Contact")
    org.clock.advance(timedelta(days=3))
    org._token = ""
    reply = org.call("GET", first["nextRecordsUrl"])
    assert (reply.status_code, reply.json()[0]["errorCode"]) == (400, "INVALID_QUERY_LOCATOR")


def test_ties_on_one_instant_page_by_id(org: Served) -> None:
    org.do(
        "create_many",
        object="Lead",
        count=5000,
        values={"LastName": "L{n}", "Company": "C"},
        at="2026-11-01T00:00:00Z",
    )
    sf, seen, last = org.sdk(), list[str](), "000000000000000"
    at = "SystemModstamp {} 2026-11-01T00:00:00Z"
    while True:
        where = f"({at.format('=')} AND Id > '{last}') OR {at.format('>')}"
        query = "SELECT Id FROM Lead WHERE {} ORDER BY SystemModstamp, Id LIMIT 2000"
        page = sf.query(query.format(where))["records"]
        if not page:
            break
        seen += [row["Id"] for row in page]
        last = page[-1]["Id"]
    assert len(seen) == len(set(seen)) == 5000


def test_new_fields_need_field_level_security(org: Served) -> None:
    sf = org.sdk()
    metadata = {"label": "Score", "type": "Number", "precision": 5, "scale": 2}
    made = sf.restful(
        "tooling/sobjects/CustomField",
        method="POST",
        json={"FullName": "Lead.Score__c", "Metadata": metadata},
    )
    assert made["success"]
    lead = org.make("Lead", LastName="A", Company="B")
    assert "Score__c" not in {field["name"] for field in sf.Lead.describe()["fields"]}
    with pytest.raises(SalesforceMalformedRequest, match="No such column 'Score__c'"):
        sf.query("SELECT Score__c FROM Lead")
    with pytest.raises(SalesforceMalformedRequest, match="INVALID_FIELD"):
        sf.Lead.update(lead, {"Score__c": 1})
    with pytest.raises(SalesforceMalformedRequest, match="DUPLICATE_DEVELOPER_NAME"):
        sf.restful(
            "tooling/sobjects/CustomField",
            method="POST",
            json={"FullName": "Lead.Score__c", "Metadata": metadata},
        )
    found = sf.toolingexecute(
        "query/?q=SELECT+Id,DeveloperName+FROM+CustomField+WHERE+TableEnumOrId='Lead'+AND+DeveloperName='Score'"
    )
    assert found["records"][0]["Id"] == made["id"]
    grant = sf.PermissionSet.create({"Name": "Scores", "Label": "Scores"})["id"]
    permission = {"ParentId": grant, "SobjectType": "Lead", "Field": "Lead.Score__c", "PermissionsRead": True}
    sf.FieldPermissions.create(permission)
    sf.PermissionSetAssignment.create({"AssigneeId": org.app.org.integration_id, "PermissionSetId": grant})
    described = {field["name"]: field for field in sf.Lead.describe()["fields"]}
    assert described["Score__c"]["updateable"] is False
    with pytest.raises(SalesforceMalformedRequest, match="INVALID_FIELD_FOR_INSERT_UPDATE"):
        sf.Lead.update(lead, {"Score__c": 1})
    held = sf.query("SELECT Id FROM FieldPermissions WHERE Field = 'Lead.Score__c'")["records"][0]["Id"]
    sf.FieldPermissions.update(held, {"PermissionsEdit": True})
    sf.Lead.update(lead, {"Score__c": 64.005})
    assert sf.Lead.get(lead)["Score__c"] == 64.01


def test_bulk_ingest_tells_each_rows_fate_in_no_order(org: Served) -> None:
    ids = [org.make("Contact", LastName=f"P{n}") for n in range(40)]
    sf = org.sdk()
    text = "Id,Title\n" + "".join(f"{one},{'x' * (129 if n == 7 else 5)}\n" for n, one in enumerate(ids))
    good, bad = _updated(sf.bulk2.Contact._client, text)
    assert {row["sf__Id"] for row in good} == set(ids) - {ids[7]}
    assert [row["sf__Id"] for row in good] != [one for one in ids if one != ids[7]]
    assert bad[0]["sf__Error"].startswith("STRING_TOO_LONG:")
    assert bad[0]["sf__Error"].endswith(":Title --")


def test_bulk_query_pages_and_quotes(org: Served) -> None:
    org.make("Contact", LastName='Zoë "Z"\nÅ', Title=None)
    org.do("create_many", object="Contact", count=11, values={"LastName": "P{n}"})
    sf = org.sdk()
    pages = list(sf.bulk2.Contact.query("SELECT Id, LastName, Title FROM Contact", max_records=5, wait=0.01))
    rows = [row for page in pages for row in csv.DictReader(io.StringIO(page, newline=""))]
    assert len(pages) == 3
    assert len(rows) == 12
    assert rows[0]["LastName"] == 'Zoë "Z"\nÅ'
    assert rows[0]["Title"] == ""


def test_an_unknown_bulk_column_fails_the_job(org: Served) -> None:
    sf = org.sdk()
    client = sf.bulk2.Lead._client
    job = client.create_job("insert")
    client.upload_job_data(job["id"], "LastName,Nope__c\nA,1\n")
    client.close_job(job["id"])
    states = [client.get_job(job["id"], is_query=False)["state"] for _ in range(2)]
    assert states == ["InProgress", "Failed"]
    assert (
        client.get_job(job["id"], is_query=False)["errorMessage"]
        == "InvalidBatch : Field name not found : Nope__c"
    )


def test_an_expired_token_stops_bulk_and_renews_elsewhere(org: Served) -> None:
    sf = org.sdk()
    client = sf.bulk2.Lead._client
    job = client.create_job("query", query="SELECT Id FROM Lead")
    org.do("expire_tokens")
    with pytest.raises(SalesforceExpiredSession):
        client.get_job(job["id"], is_query=True)
    assert sf.query("SELECT Id FROM Lead")["totalSize"] == 0
    assert sf.bulk2.Lead._client is not client


def test_the_daily_allowance_ends_in_403() -> None:
    with served(Limits(daily_requests=3)) as org:
        sf = org.sdk()
        sf.query("SELECT Id FROM Lead")
        assert sf.api_usage["api-usage"] == (1, 3)
        sf.limits()
        sf.limits()
        with pytest.raises(SalesforceRefusedRequest, match="REQUEST_LIMIT_EXCEEDED"):
            sf.limits()
        org.clock.advance(timedelta(days=1))
        assert org.sdk().limits()["DailyApiRequests"] == {"Max": 3, "Remaining": 2}


def test_deleted_and_updated(org: Served) -> None:
    sf = org.sdk()
    gone, kept = org.make("Lead", LastName="A", Company="B"), org.make("Lead", LastName="C", Company="D")
    org.clock.advance(timedelta(minutes=5))
    sf.Lead.delete(gone)
    start, end = org.clock.now() - timedelta(minutes=20), org.clock.now() + timedelta(minutes=2)
    assert [row["id"] for row in sf.Lead.deleted(start, end)["deletedRecords"]] == [gone]
    assert sf.Lead.updated(start, end)["ids"] == [kept]
    with pytest.raises(SalesforceResourceNotFound, match="ENTITY_IS_DELETED"):
        sf.Lead.get(gone)


def test_retired_and_unknown_versions(org: Served) -> None:
    assert org.call("GET", "/services/data/v29.0/limits").status_code == 410
    assert org.call("GET", "/services/data/v90.0/limits").status_code == 404
    sf = org.sdk()
    sf.base_url = sf.base_url.replace("66.0", "29.0")
    with pytest.raises(SalesforceGeneralError):
        sf.query("SELECT Id FROM Lead")


Rows = list[dict[str, str]]


def _updated(client: Any, text: str) -> tuple[Rows, Rows]:
    """Run an update through the SDK's own steps: rows that succeeded, rows that failed."""
    job = client.create_job("update")
    client.upload_job_data(job["id"], text)
    client.close_job(job["id"])
    while client.get_job(job["id"], is_query=False)["state"] != "JobComplete":
        pass
    results = (client.get_ingest_results(job["id"], kind) for kind in ("successfulResults", "failedResults"))
    good, bad = (list(csv.DictReader(io.StringIO(text, newline=""))) for text in results)
    return good, bad
