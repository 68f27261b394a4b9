"""Sockets, control port, request log and faults, met as a client meets them."""

import http.client
import json
import subprocess
import sys
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

import pytest
import requests

from tests.sandbox.salesforce_served import Served, served


@pytest.fixture
def org() -> Iterator[Served]:
    with served() as running:
        yield running


def _control(org: Served, method: str, path: str, body: Any = None) -> Any:
    return org.http.request(method, org.control + path, json=body).json()


def test_a_connection_is_kept(org: Served) -> None:
    connection = http.client.HTTPConnection(urlsplit(org.url).netloc)
    ports = set()
    for _ in range(2):
        connection.request("GET", "/services/data")
        connection.getresponse().read()
        assert connection.sock is not None
        ports.add(connection.sock.getsockname())
    connection.close()
    assert len(ports) == 1


def test_time_moves_only_by_hand(org: Served) -> None:
    assert _control(org, "GET", "/clock") == {"now": "2026-11-22T08:00:00Z"}
    assert _control(org, "POST", "/clock", {"advance": "1d2h"}) == {"now": "2026-11-23T10:00:00Z"}
    assert _control(org, "POST", "/clock", {"now": "2026-11-22T09:00:00+01:00"}) == {
        "now": "2026-11-22T08:00:00Z"
    }
    assert "error" in _control(org, "POST", "/clock", {"advance": "soon"})


def test_state_and_deeds(org: Served) -> None:
    values = {"LastName": "A", "Company": "B"}
    made = _control(
        org,
        "POST",
        "/do",
        {"vendor": "salesforce", "action": "create", "arguments": {"object": "Lead", "values": values}},
    )
    state = _control(org, "GET", "/state/salesforce/Lead")
    assert [(row["Id"], row["LastName"]) for row in state] == [(made["id"], "A")]
    refused = org.http.post(org.control + "/do", json={"vendor": "salesforce", "action": "dance"})
    assert (refused.status_code, "no action 'dance'" in refused.json()["error"]) == (400, True)
    assert org.http.get(org.control + "/state/nobody").status_code == 400
    assert org.http.get(org.control + "/nowhere").status_code == 404


def test_the_log_has_every_request_without_secrets(org: Served) -> None:
    lead = org.call("POST", "/sobjects/Lead", {"LastName": "A", "Company": "B"}).json()["id"]
    org.call("GET", "/query?q=SELECT+Id+FROM+Lead")
    org.call("PATCH", f"/sobjects/Lead/{lead}", {"Title": "x" * 500})
    log = _control(org, "GET", "/requests?vendor=salesforce")
    assert [(entry["method"], entry["status"], entry["write"], entry["records"]) for entry in log] == [
        ("POST", 200, False, 0),
        ("POST", 201, True, 1),
        ("GET", 200, False, 0),
        ("PATCH", 400, False, 0),
    ]
    assert [entry["n"] for entry in log] == [1, 2, 3, 4]
    org.http.post(f"{org.url}/services/oauth2/introspect", data={"token": org.token(), "page_token": "p2"})
    text = json.dumps(log + org.log())
    assert org.token() not in text
    assert "page_token=p2" in text
    assert all(
        org.sandbox.addresses["salesforce"][name] not in text for name in ("consumer_key", "consumer_secret")
    )
    assert _control(org, "GET", "/requests?after=3")[0]["method"] == "PATCH"
    assert _control(org, "DELETE", "/requests") == []


def test_a_fault_hits_the_nth_match_only(org: Served) -> None:
    _control(org, "POST", "/faults", {"path": "/limits", "nth": 2, "action": {"status": 503, "body": ""}})
    statuses = [org.call("GET", "/limits").status_code for _ in range(3)]
    assert statuses == [200, 503, 200]
    assert _control(org, "GET", "/faults")[0]["fired"] == 1
    assert _control(org, "DELETE", "/faults") == []


def test_presets_speak_the_vendors_words(org: Served) -> None:
    org.token()
    org.fault(vendor="salesforce", times=1, action={"preset": "salesforce.request_limit"})
    reply = org.call("GET", "/limits")
    assert (reply.status_code, reply.json()[0]["errorCode"]) == (403, "REQUEST_LIMIT_EXCEEDED")
    assert "error" in _control(org, "POST", "/faults", {"action": {"preset": "nobody.nothing"}})
    assert "error" in _control(org, "POST", "/faults", {"action": {"explode": True}})


def test_apply_then_drop_writes_and_answers_nothing(org: Served) -> None:
    org.token()
    org.fault(method="POST", path="/sobjects/Lead", times=1, action={"apply_then_drop": True})
    with pytest.raises(requests.ConnectionError):
        org.call("POST", "/sobjects/Lead", {"LastName": "A", "Company": "B"})
    assert len(org.rows("SELECT Id FROM Lead")) == 1
    dropped = next(entry for entry in org.log() if entry["path"].endswith("/sobjects/Lead"))
    assert (dropped["status"], dropped["write"], dropped["records"]) == (None, True, 1)


def test_reset_writes_nothing(org: Served) -> None:
    org.token()
    org.fault(method="POST", path="/sobjects/Lead", action={"reset": True})
    with pytest.raises(requests.ConnectionError):
        org.call("POST", "/sobjects/Lead", {"LastName": "A", "Company": "B"})
    assert org.rows("SELECT Id FROM Lead") == []


def test_a_cut_with_length_is_an_error_and_without_looks_clean(org: Served) -> None:
    org.token()
    org.fault(times=1, action={"cut_after_bytes": 10})
    with pytest.raises(requests.exceptions.ChunkedEncodingError):
        org.call("GET", "/limits")
    org.sandbox.faults.clear()
    org.fault(times=1, action={"cut_after_bytes": 10, "unframed": True})
    assert len(org.call("GET", "/limits").content) == 10


def test_hidden_writes_show_later_and_keep_their_old_stamp(org: Served) -> None:
    lead = org.make("Lead", LastName="A", Company="B")
    org.fault(method="PATCH", action={"hide_for_s": 60})
    org.call("PATCH", f"/sobjects/Lead/{lead}", {"Title": "new"})
    assert org.rows("SELECT Title FROM Lead")[0]["Title"] is None
    _control(org, "POST", "/clock", {"advance": "2m"})
    late = org.rows("SELECT Title, SystemModstamp FROM Lead")[0]
    assert (late["Title"], late["SystemModstamp"]) == ("new", "2026-11-22T08:00:00.000+0000")


def test_rows_change_between_pages(org: Served) -> None:
    org.do("create_many", object="Lead", count=2001, values={"LastName": "L{n}", "Company": "C"})
    deed = {
        "action": "create",
        "arguments": {"object": "Lead", "values": {"LastName": "Late", "Company": "C"}},
    }
    org.fault(path="/query", nth=1, action={"mutate_between_pages": deed})
    first = org.call("GET", "/query?q=SELECT+Id+FROM+Lead").json()
    assert first["totalSize"] == 2001
    assert org.call("GET", "/query?q=SELECT+count()+FROM+Lead").json()["totalSize"] == 2002


def test_the_process_announces_itself_and_ends_with_its_parent() -> None:
    arguments = ["--world", "empty", "--ports", "0", "--json", "--until-stdin-closes"]
    with subprocess.Popen(
        [sys.executable, "-m", "sandbox", *arguments],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        assert process.stdin is not None
        ready = json.loads(process.stdout.readline())
        assert {"control", "salesforce", "hubspot", "mailchimp"} == set(ready)
        assert ready["mailchimp"]["url"].endswith("/3.0")
        process.stdin.close()
        assert process.wait(10) == 0
