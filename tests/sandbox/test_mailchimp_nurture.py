"""Tags, segments, events, journeys and batches: what moves people in and out of nurture."""

import gzip
import io
import json
import tarfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest

from sandbox.mailchimp.store import member_id
from tests.sandbox.mailchimp_served import Mailchimp, served

EMAILS = [f"p{n}@loomworks.net" for n in range(6)]


@pytest.fixture
def mailchimp() -> Iterator[Mailchimp]:
    with served() as running:
        for email in EMAILS:
            running.do("create", list_id=running.news, email=email)
        yield running


def _list(mailchimp: Mailchimp) -> str:
    return f"/lists/{mailchimp.news}"


def _tags(mailchimp: Mailchimp, email: str) -> set[str]:
    return {tag["name"] for tag in mailchimp.member(email)["tags"]}


def test_tags_are_static_segments(mailchimp: Mailchimp) -> None:
    body = {"tags": [{"name": "Hot", "status": "active"}]}
    mailchimp.call("POST", f"{_list(mailchimp)}/members/{member_id(EMAILS[0])}/tags", status=204, json=body)
    (segment,) = mailchimp.call("GET", f"{_list(mailchimp)}/segments", params={"type": "static"})["segments"]
    assert (segment["name"], segment["member_count"]) == ("Hot", 1)
    found = mailchimp.call("GET", f"{_list(mailchimp)}/tag-search", params={"name": "hO"})
    assert found["tags"] == [{"id": segment["id"], "name": "Hot"}]
    body = {"tags": [{"name": "hot", "status": "inactive"}]}
    mailchimp.sdk.lists.update_list_member_tags(mailchimp.news, member_id(EMAILS[0]), body)
    assert _tags(mailchimp, EMAILS[0]) == set()


def test_segment_members_change_in_bulk_and_strangers_are_told(mailchimp: Mailchimp) -> None:
    made = mailchimp.call(
        "POST", f"{_list(mailchimp)}/segments", json={"name": "Nurture", "static_segment": EMAILS[:2]}
    )
    body = {"members_to_add": [*EMAILS[1:4], "who@loomworks.net"], "members_to_remove": EMAILS[:1]}
    answer = mailchimp.call("POST", f"{_list(mailchimp)}/segments/{made['id']}", json=body)
    assert (answer["total_added"], answer["total_removed"], answer["error_count"]) == (2, 1, 1)
    assert answer["errors"][0]["email_addresses"] == ["who@loomworks.net"]
    listed = mailchimp.sdk.lists.get_segment_members_list(mailchimp.news, made["id"])["members"]
    assert [member["email_address"] for member in listed] == EMAILS[1:4]
    again = mailchimp.sdk.lists.batch_segment_members(body, mailchimp.news, made["id"])
    assert (again["total_added"], again["total_removed"]) == (0, 0)


def test_segment_batch_takes_five_hundred_each_way(mailchimp: Mailchimp) -> None:
    made = mailchimp.call("POST", f"{_list(mailchimp)}/segments", json={"name": "N", "static_segment": []})
    body = {"members_to_add": [f"x{n}@loomworks.net" for n in range(501)]}
    mailchimp.call("POST", f"{_list(mailchimp)}/segments/{made['id']}", status=400, json=body)


def test_a_segment_name_is_taken_once(mailchimp: Mailchimp) -> None:
    body = {"name": "Nurture", "static_segment": []}
    mailchimp.call("POST", f"{_list(mailchimp)}/segments", json=body)
    mailchimp.call("POST", f"{_list(mailchimp)}/segments", status=400, json=body)


def test_who_gets_no_mail_is_listed_only_when_asked_for_and_never_counted(mailchimp: Mailchimp) -> None:
    made = mailchimp.call(
        "POST", f"{_list(mailchimp)}/segments", json={"name": "N", "static_segment": EMAILS[:3]}
    )
    mailchimp.do("unsubscribe", email=EMAILS[0])
    path = f"{_list(mailchimp)}/segments/{made['id']}/members"
    plain = mailchimp.call("GET", path)
    included = mailchimp.call("GET", path, params={"include_unsubscribed": "True"})
    assert (len(plain["members"]), len(included["members"]), included["total_items"]) == (2, 3, 2)


def test_patching_a_segment_needs_its_name_and_replaces_the_members(mailchimp: Mailchimp) -> None:
    made = mailchimp.call(
        "POST", f"{_list(mailchimp)}/segments", json={"name": "N", "static_segment": EMAILS}
    )
    path = f"{_list(mailchimp)}/segments/{made['id']}"
    mailchimp.call("PATCH", path, status=400, json={"static_segment": []})
    assert mailchimp.call("PATCH", path, json={"name": "N", "static_segment": []})["member_count"] == 0
    mailchimp.call("DELETE", path, status=204)
    mailchimp.call("GET", path, status=404)


def test_renaming_an_address_keeps_its_tags(mailchimp: Mailchimp) -> None:
    mailchimp.do("tag", email=EMAILS[0], tag="Hot")
    mailchimp.do("edit", email=EMAILS[0], changes={"email_address": "moved@loomworks.net"})
    assert _tags(mailchimp, "moved@loomworks.net") == {"Hot"}


def test_events_are_kept_each_time_they_are_sent(mailchimp: Mailchimp) -> None:
    path = f"{_list(mailchimp)}/members/{member_id(EMAILS[0])}/events"
    event = {"name": "became_mql", "properties": {"score": "64"}, "is_syncing": False}
    for _ in range(2):
        mailchimp.call("POST", path, status=204, json=event)
    assert mailchimp.call("GET", path)["total_items"] == 2
    mailchimp.call("POST", path, status=400, json={"name": "x"})
    mailchimp.call("POST", path, status=400, json={"name": "ok", "properties": {"score": 64}})


def test_a_journey_takes_subscribed_contacts_only(mailchimp: Mailchimp) -> None:
    mailchimp.do("unsubscribe", email=EMAILS[1])
    path = "/customer-journeys/journeys/1/steps/1/actions/trigger"
    mailchimp.call("POST", path, status=204, json={"email_address": EMAILS[0]})
    mailchimp.call("POST", path, status=400, json={"email_address": EMAILS[1]})
    missing = mailchimp.session.post(mailchimp.url + path.replace("s/1/s", "s/9/s"), json={}, timeout=20)
    assert missing.status_code == 404
    assert [entry["email_address"] for entry in mailchimp.app.dump()["journeys"]] == EMAILS[:1]


def _batch(mailchimp: Mailchimp) -> Any:
    rows = [
        {"method": "PATCH", "path": f"{_list(mailchimp)}/members/{member_id(email)}"} for email in EMAILS[:2]
    ]
    bodies = [{"merge_fields": {"FNAME": "Batched"}}, {"status": "nonsense"}]
    operations: list[dict[str, Any]] = [
        {**row, "body": json.dumps(body), "operation_id": str(n)}
        for n, (row, body) in enumerate(zip(rows, bodies, strict=True))
    ]
    operations.append(
        {"method": "GET", "path": _list(mailchimp), "params": {"fields": "id"}, "operation_id": "2"}
    )
    return mailchimp.call("POST", "/batches", json={"operations": operations})


def _results(mailchimp: Mailchimp, address: str) -> list[dict[str, Any]]:
    packed = mailchimp.session.get(address, auth=("", ""), timeout=20).content
    with tarfile.open(fileobj=io.BytesIO(gzip.decompress(packed))) as tar:
        files = [tar.extractfile(entry) for entry in tar.getmembers() if entry.isfile()]
        texts = [file.read() for file in files if file is not None]
    return [row for text in texts if text for row in json.loads(text)]


def test_a_batch_runs_later_and_its_operations_fail_singly(mailchimp: Mailchimp) -> None:
    batch = _batch(mailchimp)
    assert (batch["status"], mailchimp.member(EMAILS[0])["merge_fields"]["FNAME"]) == ("pending", "")
    assert mailchimp.call("GET", f"/batches/{batch['id']}")["status"] == "started"
    done = mailchimp.call("GET", f"/batches/{batch['id']}")
    assert (done["status"], done["finished_operations"], done["errored_operations"]) == ("finished", 3, 1)
    results = _results(mailchimp, done["response_body_url"])
    assert {row["operation_id"]: row["status_code"] for row in results} == {"0": 200, "1": 400, "2": 200}
    assert mailchimp.member(EMAILS[0])["merge_fields"]["FNAME"] == "Batched"


def test_batch_results_move_and_then_vanish(mailchimp: Mailchimp) -> None:
    batch = _batch(mailchimp)
    for _ in range(2):
        done = mailchimp.call("GET", f"/batches/{batch['id']}")
    mailchimp.sandbox.clock.advance(timedelta(minutes=11))
    assert mailchimp.session.get(done["response_body_url"], timeout=20).status_code == 404
    fresh = mailchimp.call("GET", f"/batches/{batch['id']}")["response_body_url"]
    assert mailchimp.session.get(fresh, timeout=20).status_code == 200
    mailchimp.sandbox.clock.advance(timedelta(days=8))
    mailchimp.call("GET", f"/batches/{batch['id']}", status=404)


def test_the_eleventh_simultaneous_connection_is_refused(mailchimp: Mailchimp) -> None:
    statuses: list[int] = []

    def ask(_: int) -> int:
        return mailchimp.session.get(mailchimp.url + "/lists", timeout=20).status_code

    host = mailchimp.sandbox.hosts["mailchimp"]
    with ThreadPoolExecutor(14) as pool:
        with host.lock:
            waiting = [pool.submit(ask, n) for n in range(14)]
            while host._in_flight < 14:
                pass
        statuses = [answer.result() for answer in waiting]
    assert statuses.count(429) == 4
    assert statuses.count(200) == 10


def test_what_a_fault_hides_is_missing_from_listings_for_a_while(mailchimp: Mailchimp) -> None:
    store = mailchimp.app.store.audiences[mailchimp.news]
    store.hidden[member_id(EMAILS[0])] = "2026-11-22T08:00:30+00:00"
    path = f"{_list(mailchimp)}/members"
    assert mailchimp.call("GET", path)["total_items"] == 5
    assert mailchimp.call("GET", f"{path}/{member_id(EMAILS[0])}")["email_address"] == EMAILS[0]
    mailchimp.sandbox.clock.advance(timedelta(seconds=31))
    assert mailchimp.call("GET", path)["total_items"] == 6
