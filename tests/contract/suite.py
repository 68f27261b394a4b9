"""The contract every connector keeps, run over real HTTP where the vendor is behind HTTP.

``class TestAcme(HttpContract): harness_type = AcmeHarness`` is all a vendor adds. A connector without HTTP
takes ``WritingContract``, one that only reads ``ReadingContract``.
"""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any, ClassVar

import pytest

from connectors.base import Window
from core.changes import AskConsent, Done, Gone, Rejected, SetFields, Withheld
from core.errors import AuthError, ConnectorError, QuotaExhausted, SchemaDrift, ScorelineError
from core.tables import PULLED
from tests.contract.dealings import (
    assert_keys_unique,
    everything,
    gathered,
    ids,
    listed,
    membership,
    messages,
    people,
    people_stream,
    prepared,
    pull,
    rows_of,
)


class ReadingContract:
    """What holds for every source."""

    harness_type: ClassVar[Any]

    @pytest.fixture
    def harness(self) -> Iterator[Any]:
        made = self.harness_type()
        yield made
        made.close()

    def test_check_passes(self, harness: Any) -> None:
        harness.add_people(1)
        report = prepared(harness).check()
        assert report.ok, [item for item in report.items if not item.ok]

    def test_discovery_is_stable(self, harness: Any) -> None:
        first, second = harness.connector().capabilities, harness.connector().capabilities
        assert first == second
        names = [stream.name for stream in first.streams]
        assert len(names) == len(set(names))
        assert all(table in PULLED for stream in first.streams for table in stream.tables)

    def test_records_match_schema_and_keys_are_unique(self, harness: Any) -> None:
        harness.add_people(3)
        connector = harness.connector()
        for stream in connector.capabilities.streams:
            for name, table in gathered(connector, stream, everything(harness)).items():
                assert name in stream.tables
                assert table.schema.equals(PULLED[name])
                assert_keys_unique(name, table)

    def test_reads_everyone_once(self, harness: Any) -> None:
        added = harness.add_people(25)
        found = people(harness.connector(), harness)
        assert sorted(row["record_id"] for row in found) == sorted(ref.record_id for ref in added)

    def test_full_read_twice_is_equal(self, harness: Any) -> None:
        harness.add_people(25)
        assert people(harness.connector(), harness) == people(harness.connector(), harness)

    def test_resumes_from_every_page(self, harness: Any) -> None:
        harness.small_pages()
        added = {ref.record_id for ref in harness.add_people(25)}
        stream = people_stream(harness.connector(), harness)
        pages = list(harness.connector().pull(stream, everything(harness), None))
        seen: set[str] = set()
        for page in pages:
            seen |= ids([page])
            assert page.token is not None
            rest = ids(harness.connector().pull(stream, everything(harness), page.token))
            assert seen | rest == added

    def test_empty_source_is_no_error(self, harness: Any) -> None:
        assert people(harness.connector(), harness) == []


class ChangingContract(ReadingContract):
    """What holds for sources that say when a record changed."""

    def test_nothing_new_reads_nothing(self, harness: Any) -> None:
        harness.add_people(5)
        harness.pass_time(3600)
        window = Window(harness.now() - timedelta(seconds=60), harness.now())
        assert people(harness.connector(), harness, window) == []

    def test_edit_is_read_and_only_that(self, harness: Any) -> None:
        refs = harness.add_people(5)
        harness.pass_time(3600)
        harness.edit(refs[2])
        window = Window(harness.now() - timedelta(seconds=60), harness.now())
        assert ids(pull(harness.connector(), harness, window)) == {refs[2].record_id}

    def test_deletion_is_read(self, harness: Any) -> None:
        refs = harness.add_people(3)
        harness.pass_time(3600)
        harness.delete(refs[1])
        window = Window(harness.now() - timedelta(seconds=60), harness.now())
        rows = people(harness.connector(), harness, window)
        assert [(row["record_id"], row["state"]) for row in rows] in [
            [(refs[1].record_id, state)] for state in ("deleted", "archived")
        ]

    def test_ties_on_one_instant_survive_a_resume(self, harness: Any) -> None:
        harness.small_pages()
        added = {ref.record_id for ref in harness.add_people(25)}
        window = Window(harness.now(), harness.now())
        first = next(iter(pull(harness.connector(), harness, window)))
        stream = people_stream(harness.connector(), harness)
        rest = harness.connector().pull(stream, window, first.token)
        assert ids([first]) | ids(rest) == added

    def test_rows_changing_while_paged_are_not_lost(self, harness: Any) -> None:
        harness.small_pages()
        refs = harness.add_people(25)
        window = everything(harness)
        reading = pull(harness.connector(), harness, window)
        first = next(reading)
        harness.pass_time(60)
        changed = next(ref for ref in refs if ref.record_id not in ids([first]))
        harness.edit(changed)
        seen = ids([first]) | ids(reading)
        later = ids(pull(harness.connector(), harness, Window(window.until, harness.now())))
        assert seen | later == {ref.record_id for ref in refs}

    def test_cursor_in_the_far_future_reads_nothing(self, harness: Any) -> None:
        harness.add_people(3)
        window = Window(datetime(2999, 1, 1, tzinfo=UTC), datetime(2999, 1, 2, tzinfo=UTC))
        assert people(harness.connector(), harness, window) == []


class WritingContract(ChangingContract):
    """What holds for vendors we write to."""

    def test_fields_are_created_once(self, harness: Any) -> None:
        specs = [harness.text_field, harness.number_field]
        connector = harness.connector()
        assert {state.status for state in connector.field_states(specs)} == {"missing"}
        assert {state.status for state in connector.create_fields(specs)} == {"created"}
        before = harness.writes()
        assert {state.status for state in harness.connector().create_fields(specs)} == {"present"}
        assert harness.writes() == before

    def test_values_arrive_and_can_be_cleared(self, harness: Any) -> None:
        connector, refs = prepared(harness), harness.add_people(3)
        text, number = harness.text_field.name, harness.number_field.name
        changes = [SetFields(ref, {text: f"grüße {n}", number: n}) for n, ref in enumerate(refs)]
        assert [type(outcome) for outcome in connector.push(changes)] == [Done] * 3
        assert [harness.held(ref, text) for ref in refs] == ["grüße 0", "grüße 1", "grüße 2"]
        assert [float(harness.held(ref, number)) for ref in refs] == [0, 1, 2]
        connector.push([SetFields(refs[1], {text: None})])
        assert [bool(harness.held(ref, text)) for ref in refs] == [True, False, True]

    def test_pushing_again_changes_nothing(self, harness: Any) -> None:
        connector, refs = prepared(harness), harness.add_people(2)
        changes = [SetFields(ref, {harness.text_field.name: "A4"}) for ref in refs]
        assert all(isinstance(outcome, Done) for outcome in connector.push(changes))
        assert all(isinstance(outcome, Done) for outcome in connector.push(changes))
        assert {harness.held(ref, harness.text_field.name) for ref in refs} == {"A4"}

    def test_one_bad_row_does_not_cost_its_neighbours(self, harness: Any) -> None:
        connector, refs = prepared(harness), harness.add_people(5)
        harness.refuse(refs[2])
        values = ["ok", "ok", harness.refused_value, "ok", "ok"]
        changes = [
            SetFields(ref, {harness.text_field.name: value}) for ref, value in zip(refs, values, strict=True)
        ]
        outcomes = connector.push(changes)
        assert [type(outcome) for outcome in outcomes] == [Done, Done, Rejected, Done, Done]
        assert [outcome.change for outcome in outcomes] == changes
        bad = outcomes[2]
        assert isinstance(bad, Rejected)
        assert bad.code
        assert bad.reason
        assert bad.remedy
        assert harness.held(refs[3], harness.text_field.name) == "ok"

    def test_deleted_before_the_push_is_gone_not_an_error(self, harness: Any) -> None:
        connector, refs = prepared(harness), harness.add_people(2)
        harness.delete(refs[0])
        outcomes = connector.push([SetFields(ref, {harness.text_field.name: "A4"}) for ref in refs])
        assert [type(outcome) for outcome in outcomes] == [Gone, Done]

    def test_our_fields_are_read_back(self, harness: Any) -> None:
        connector, (ref,) = prepared(harness), harness.add_people(1)
        text, number = harness.text_field.name, harness.number_field.name
        connector.push([SetFields(ref, {text: "A4", number: 64})])
        harness.pass_time(3600)
        rows = rows_of(harness.connector(), harness, "observed")
        held = {row["field"]: row["value"] for row in rows if row["record_id"] == ref.record_id}
        assert held[text] == "A4"
        assert held[number] == "64"

    def test_lists_are_found_by_name_and_created_once(self, harness: Any) -> None:
        spec = harness.list_spec
        assert harness.connector().ensure_lists([spec], create=False) == [None]
        (made,) = harness.connector().ensure_lists([spec], create=True)
        assert made is not None
        before = harness.writes()
        assert harness.connector().ensure_lists([spec], create=True) == [made]
        assert harness.writes() == before

    def test_people_enter_and_leave_lists(self, harness: Any) -> None:
        refs, list_id = harness.add_people(3), listed(harness)
        connector = harness.connector()
        entering = [membership(harness, ref, list_id) for ref in refs]
        assert [type(outcome) for outcome in connector.push(entering)] == [Done] * 3
        assert harness.members(list_id) == {ref.record_id for ref in refs}
        assert [type(outcome) for outcome in connector.push(entering)] == [Done] * 3
        leaving = [membership(harness, ref, list_id, member=False) for ref in refs[:2]]
        assert [type(outcome) for outcome in connector.push(leaving)] == [Done] * 2
        assert [type(outcome) for outcome in connector.push(leaving)] == [Done] * 2
        assert harness.members(list_id) == {refs[2].record_id}

    def test_who_opts_out_between_plan_and_push_is_withheld(self, harness: Any) -> None:
        refs, list_id = harness.add_people(2), listed(harness)
        harness.opt_out(refs[0])
        changes = [membership(harness, ref, list_id, channel="email") for ref in refs]
        outcomes = harness.connector().push(changes)
        assert isinstance(outcomes[0], Withheld)
        assert refs[0].record_id not in harness.members(list_id)

    def test_who_refuses_email_by_now_is_told(self, harness: Any) -> None:
        refs = harness.add_people(3)
        harness.opt_out(refs[1])
        assert dict(harness.connector().denied(refs)) == {refs[1]: "unsubscribed"}
        assert dict(harness.connector().denied([])) == {}

    def test_nothing_to_push_costs_nothing(self, harness: Any) -> None:
        connector = harness.connector()
        assert list(connector.push([])) == []
        assert connector.price([]) == 0
        assert harness.meter.count() == 0


class HttpContract(WritingContract):
    """What holds for vendors behind HTTP when the network and the vendor misbehave."""

    def test_asking_who_refuses_costs_what_was_said(self, harness: Any) -> None:
        refs, connector = harness.add_people(3), harness.connector()
        connector.denied(refs)
        before = harness.meter.count()
        connector.denied(refs)
        assert harness.meter.count() - before == connector.price([AskConsent(ref) for ref in refs])

    def test_throttling_with_a_hint_waits_that_long(self, harness: Any) -> None:
        if "throttled_for_7s" not in harness.faults:
            assert (
                harness.no_hint_reason
            )  # the vendor never gives a hint, and the harness says where that is written
            return
        harness.add_people(2)
        harness.fault("throttled_for_7s", path=harness.read_path)
        assert len(people(harness.connector(), harness)) == 2
        assert 7 in harness.sleep.slept

    def test_throttling_without_a_hint_backs_off(self, harness: Any) -> None:
        harness.add_people(2)
        harness.fault("throttled", path=harness.read_path, times=2)
        assert len(people(harness.connector(), harness)) == 2
        waits = [seconds for seconds in harness.sleep.slept if seconds > 0]
        assert len(waits) >= 2
        assert all(seconds <= 60 for seconds in waits)

    @pytest.mark.parametrize("fault", ["unavailable_empty", "not_json", "cut"])
    def test_a_page_that_breaks_is_read_again(self, harness: Any, fault: str) -> None:
        harness.add_people(2)
        harness.fault(fault, path=harness.read_path)
        assert len(people(harness.connector(), harness)) == 2

    def test_a_vendor_that_stays_down_ends_in_a_named_error(self, harness: Any) -> None:
        harness.fault("unavailable_empty", path=harness.read_path, times=None)
        with pytest.raises(ConnectorError) as raised:
            people(harness.connector(), harness)
        assert raised.value.vendor == harness.connector().name
        assert sum(harness.sleep.slept) <= 600

    def test_a_cut_after_a_write_is_settled(self, harness: Any) -> None:
        connector, refs = prepared(harness), harness.add_people(3)
        harness.fault("dropped", path=harness.write_path)
        outcomes = connector.push([SetFields(ref, {harness.text_field.name: "A4"}) for ref in refs])
        assert [type(outcome) for outcome in outcomes] == [Done] * 3
        assert {harness.held(ref, harness.text_field.name) for ref in refs} == {"A4"}

    def test_bad_credentials_stop_the_vendor_and_say_what_to_fix(self, harness: Any) -> None:
        connector = harness.with_bad_credentials()
        with pytest.raises(AuthError) as raised:
            people(connector, harness)
        assert raised.value.remedy
        report = connector.check()
        assert not report.ok
        assert all(item.remedy for item in report.items if not item.ok)

    def test_a_token_that_expires_is_renewed_once(self, harness: Any) -> None:
        if "expired" not in harness.faults:
            assert harness.no_token_reason
            return
        harness.add_people(2)
        harness.fault("expired", path=harness.read_path)
        assert len(people(harness.connector(), harness)) == 2

    def test_a_token_refused_for_good_stops_the_vendor(self, harness: Any) -> None:
        if "expired" not in harness.faults:
            assert harness.no_token_reason
            return
        harness.fault("expired", path=harness.read_path, times=None)
        with pytest.raises(AuthError):
            people(harness.connector(), harness)
        reads = [one for one in harness.requests() if one["status"] == 401]
        assert len(reads) <= 2

    def test_a_missing_permission_is_named(self, harness: Any) -> None:
        harness.fault("forbidden", path=harness.read_path, times=None)
        with pytest.raises((AuthError, SchemaDrift)) as raised:
            people(harness.connector(), harness)
        assert raised.value.remedy

    def test_a_vanished_field_stops_its_stream_only(self, harness: Any) -> None:
        connector = harness.connector()
        harness.add_people(1)
        harness.hide_field()
        with pytest.raises(SchemaDrift) as raised:
            people(connector, harness)
        assert raised.value.remedy
        others = [one for one in connector.capabilities.streams if one.name != harness.people_stream]
        assert others
        for stream in others:
            list(connector.pull(stream, everything(harness), None))

    def test_own_budget_stops_before_the_call_that_exceeds_it(self, harness: Any) -> None:
        harness.add_people(1)
        harness.meter.budget = 1
        with pytest.raises(QuotaExhausted):
            people(harness.connector(), harness)
        assert len(harness.requests()) <= 1

    @pytest.mark.parametrize("fault", ["forbidden", "unavailable_empty", "not_json"])
    def test_secrets_stay_out_of_messages_and_logs(
        self, harness: Any, fault: str, caplog: pytest.LogCaptureFixture
    ) -> None:
        caplog.set_level("DEBUG", logger="connectors")
        harness.fault(fault, path=harness.read_path, times=None)
        with pytest.raises(ScorelineError) as raised:
            people(harness.connector(), harness)
        shown = "\n".join(messages(raised.value)) + caplog.text
        assert not [secret for secret in harness.secrets if secret in shown]

    def test_twenty_five_thousand_on_one_timestamp(self, harness: Any) -> None:
        harness.add_many_people(25_000)
        window = Window(harness.now(), harness.now())
        assert len(ids(pull(harness.connector(), harness, window))) == 25_000
