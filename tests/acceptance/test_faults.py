"""Bad input and bad days end clearly: what failed, where, what to do, and the exit code that says so."""

import json
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.acceptance.processes import (
    ROOT,
    SCORELINE,
    SOON_TIRED,
    VENDORS,
    Ended,
    Sandbox,
    Scoreline,
    small_config,
)
from tests.acceptance.truth import expected
from tests.acceptance.truth.people import Dumps

_CHOOSY = """stage = 'lead' and score >= 10 and grade in ('A', 'B', 'C')"""


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    with Sandbox(60) as found:
        yield found


@pytest.fixture(scope="module")
def scoreline(sandbox: Sandbox, tmp_path_factory: pytest.TempPathFactory) -> Scoreline:
    """Impatient with Salesforce, so that its being down is found out at once."""
    folder = tmp_path_factory.mktemp("faults")
    config = small_config(folder / "config", SOON_TIRED)
    found = Scoreline.at(sandbox, folder / "state", config)
    found.run("fields", "--apply").succeeded()
    return found


class Outage:
    """A first run while Salesforce is down, one while HubSpot refuses a record, and one after."""

    def __init__(self, sandbox: Sandbox, scoreline: Scoreline, wider: Path) -> None:
        sandbox.control("/faults", {"vendor": "salesforce", "action": {"status": 503, "body": ""}})
        self.down = scoreline.run("sync")
        self.meanwhile = scoreline.using(wider).run("plan", "--pull", "--fire", "--json")
        self.without = sandbox.states()
        sandbox.control("/faults", method="DELETE")
        before = sandbox.states()
        # somebody whom Salesforce's word will change: the refused write is a real one
        truth = expected.of(before, scoreline.config, expected.now(sandbox.control("/clock")["now"]))
        wrong = expected.differences(truth, before)
        self.refused = next(key for key in wrong if key[:2] == ("hubspot", "contacts"))
        sandbox.do("hubspot", "refuse", object="contacts", id=self.refused[2], message="Phone is required")
        self.rejecting = scoreline.run("sync")
        self.waiting = scoreline.run("sync")
        self.failed = scoreline.run("failed")
        sandbox.do("hubspot", "refuse", object="contacts", id=self.refused[2], message="")
        self.retried = scoreline.run("retry")
        self.mended = scoreline.run("sync")
        self.after: Dumps = sandbox.states()
        self.left = scoreline.run("failed")
        self.wrong = expected.differences(expected.of(before, scoreline.config, truth.as_of), self.after)


@pytest.fixture(scope="module")
def outage(sandbox: Sandbox, scoreline: Scoreline, tmp_path_factory: pytest.TempPathFactory) -> Outage:
    wider = small_config(tmp_path_factory.mktemp("wider") / "config", SOON_TIRED, (_CHOOSY, "score > -100"))
    return Outage(sandbox, scoreline, wider)


def test_vendor_that_is_down_leaves_the_other_two_done(outage: Outage) -> None:
    assert outage.down.code == 1, outage.down
    assert "salesforce" in outage.down.out
    assert "503" in outage.down.out
    scored = {key[0] for key, values in expected.held(outage.without).items() if values["score"] is not None}
    assert scored == {"hubspot", "mailchimp"}


def test_nobody_joins_an_email_list_while_a_vendors_consent_is_unread(outage: Outage) -> None:
    assert outage.meanwhile.code == 1, "a vendor could not be read"
    planned = json.loads(outage.meanwhile.out)
    assert {failure["vendor"] for failure in planned["failures"]} == {"salesforce"}
    assert planned["withheld"].get("consent unread", 0) > 0, planned["withheld"]
    assert all(not moves["joining"] for name, moves in planned["lists"].items() if name == "Nurture")


def test_run_is_not_green_while_a_refused_change_waits(outage: Outage) -> None:
    assert outage.waiting.code == 3, outage.waiting
    assert "1 refused before still wait: scoreline failed" in outage.waiting.out


def test_refused_record_is_kept_for_retry_and_ends_in_three(outage: Outage) -> None:
    assert outage.rejecting.code == 3, outage.rejecting
    assert "1 rejected, kept for retry" in outage.rejecting.out
    assert f"hubspot contacts {outage.refused[2]}" in outage.failed.succeeded().out
    assert "scoreline retry" in outage.failed.out


def test_next_run_after_the_trouble_makes_everything_right(outage: Outage) -> None:
    outage.retried.succeeded()
    outage.mended.succeeded()
    assert outage.wrong == {}
    assert outage.left.out.strip() == "Nothing failed."


def test_spent_allowance_ends_in_75_and_leaves_the_others_done(
    sandbox: Sandbox, scoreline: Scoreline, outage: Outage
) -> None:
    assert outage.mended.code == 0
    sandbox.act(1)
    before = expected.held(sandbox.states())
    sandbox.control("/faults", {"vendor": "hubspot", "action": {"preset": "hubspot.daily"}})
    ended = scoreline.run("sync", "--approve")
    sandbox.control("/faults", method="DELETE")
    assert ended.code == 75, ended
    assert "hubspot" in ended.out
    written = expected.held(sandbox.states())
    assert {key[0] for key, values in written.items() if values != before[key]} == {"salesforce", "mailchimp"}
    assert scoreline.run("sync", "--approve").code == 0


@pytest.mark.parametrize(
    ("vendor", "key"),
    [("salesforce", "CONSUMER_SECRET"), ("hubspot", "ACCESS_TOKEN"), ("mailchimp", "API_KEY")],
)
def test_wrong_credential_names_the_vendor_and_the_fix(scoreline: Scoreline, vendor: str, key: str) -> None:
    variable = f"SCORELINE_{vendor.upper()}_{key}"
    wrong = "0" * 32 + "-us19" if vendor == "mailchimp" else "canary-0000-wrong"
    ended = scoreline.using(scoreline.config, **{variable: wrong}).run("check", "--vendor", vendor)
    assert ended.code == 1
    said = ended.out + ended.err
    assert vendor in said
    assert "FAIL" in said
    assert f"SCORELINE_{vendor.upper()}_" in said, said
    assert "{" not in said, said
    assert wrong not in said
    assert scoreline.environment[variable] not in said


@pytest.mark.parametrize("vendor", VENDORS)
def test_missing_credential_names_the_variable(scoreline: Scoreline, vendor: str) -> None:
    kept = {
        key: value
        for key, value in scoreline.environment.items()
        if not key.startswith(f"SCORELINE_{vendor.upper()}_") or key.endswith("_URL")
    }
    ended = Scoreline(kept, scoreline.config).run("sync", "--vendor", vendor)
    assert ended.code != 0
    assert f"SCORELINE_{vendor.upper()}_" in ended.out + ended.err


@pytest.mark.parametrize(
    ("old", "new", "key"),
    [
        ("on_edit: overwrite", "on_edits: overwrite", "on_edits"),
        ("stage_changes: 20%", "stage_change: 20%", "stage_change"),
    ],
)
def test_wrong_key_in_the_settings_names_file_line_and_key(
    scoreline: Scoreline, tmp_path: Path, old: str, new: str, key: str
) -> None:
    config = small_config(tmp_path / "config", (old, new))
    line = next(n for n, text in enumerate(config.read_text().splitlines(), 1) if new in text)
    _names(scoreline.using(config).run("status"), config, line, key)


def test_wrong_key_in_a_model_names_file_line_and_key(scoreline: Scoreline, tmp_path: Path) -> None:
    config = small_config(tmp_path / "config", model=(("points: 40, signal", "point: 40, signal"),))
    model = config.parent / "models" / "demand.yaml"
    line = next(n for n, text in enumerate(model.read_text().splitlines(), 1) if "point: 40" in text)
    _names(scoreline.using(config).run("plan"), model, line, "point")


def _names(ended: Ended, path: Path, line: int, key: str) -> None:
    assert ended.code == 2, ended
    assert f"{path}:{line}" in ended.err
    assert key in ended.err
    assert "Traceback" not in ended.err


def test_wrong_condition_of_a_list_names_file_line_and_column(
    scoreline: Scoreline, outage: Outage, tmp_path: Path
) -> None:
    del outage
    config = small_config(tmp_path / "config", (_CHOOSY, "scor > 1"))
    ended = scoreline.using(config).run("plan")
    line = config.read_text().splitlines().index('    when: "scor > 1"') + 1
    assert ended.code == 2, ended
    assert f"{config}:{line}: lists.Nurture.when: " in ended.err
    assert "did you mean 'score'" in ended.err


def test_word_that_is_no_text_is_a_usage_error(scoreline: Scoreline) -> None:
    ended = scoreline.run("explain", "\udcff")
    assert ended.code == 2, ended
    assert "is not UTF-8 text" in ended.err


def test_wrong_option_is_a_usage_error(scoreline: Scoreline) -> None:
    assert scoreline.run("sync", "--flie").code == 2
    assert scoreline.run("synch").code == 2


def test_nobody_by_that_name_is_said_so(scoreline: Scoreline, outage: Outage) -> None:
    assert outage.mended.code == 0
    ended = scoreline.run("explain", "nobody@nowhere.invalid")
    assert ended.code == 2
    assert "nobody@nowhere.invalid" in ended.err


def test_configuration_that_is_not_there_is_named(scoreline: Scoreline) -> None:
    ended = scoreline.using(ROOT / "config" / "absent.yaml").run("status")
    assert ended.code == 2
    assert "absent.yaml" in ended.err


def test_a_first_run_is_not_both_fired_and_only_noted(scoreline: Scoreline) -> None:
    ended = scoreline.run("sync", "--fire", "--baseline")
    assert ended.code == 2
    assert "not allowed with argument --fire" in ended.err


def test_result_that_finds_no_room_is_said_in_a_sentence(scoreline: Scoreline) -> None:
    with Path("/dev/full").open("w") as full:
        ended = subprocess.run(
            [*SCORELINE, "lists"],
            env={**os.environ, **scoreline.environment, "SCORELINE_CONFIG": str(scoreline.config)},
            stdout=full, stderr=subprocess.PIPE, text=True, cwd=ROOT, check=False,
        )  # fmt: skip
    assert ended.returncode == 1
    assert ended.stderr == "scoreline: the result cannot be written: No space left on device\n"
