"""Every number explains itself."""

import re

from tests.acceptance.loop.runs import FirstRun


def test_lines_of_explain_add_up_of_every_third_contact(first: FirstRun) -> None:
    assert 3 * len(first.explanations) > len(first.truth.world.data["contacts"]) > 250
    assert first.truth.scores.keys() & first.explanations.keys()
    assert first.truth.excluded.keys() & first.explanations.keys()
    for person, found in first.explanations.items():
        said = found["models"][0]
        if person in first.truth.scores:
            wanted = first.truth.scores[person]
            lines = {line["id"]: line["points"] for line in said["contributions"]}
            assert said["score"]["score"] == wanted["score"], person
            assert sum(lines.values()) == wanted["score"], person
            assert {name: points for name, points in lines.items() if points} == {
                name: points for name, points in wanted["contributions"].items() if points
            }, person
        else:
            assert said["score"] is None, person
            assert said["excluded"] == first.truth.excluded[person]


def test_explain_names_every_record_of_the_person(first: FirstRun) -> None:
    for person, found in first.explanations.items():
        named = {(row["vendor"], row["object"], row["record_id"]) for row in found["records"]}
        assert named == {key for key, owner in first.truth.world.persons.items() if owner == person}


def test_lines_on_the_screen_add_up(first: FirstRun) -> None:
    for person, text in first.explained_on_screen.items():
        body, _, _ = text.partition(" in all")
        *lines, last = re.findall(r"^ +([+-]?\d+) ", body + " ", re.MULTILINE)
        assert int(last) == first.truth.scores[person]["score"]
        assert sum(map(int, lines)) == int(last), text
