"""The grammar of ``fit``, ``rating``, ``stages`` and ``escalate``."""

from typing import Any

from scoring import spec
from scoring.grammar.sections import LABEL, NAME, POINTS, WHEN, ConditionText
from scoring.grammar.shapes import (
    At,
    Duration,
    Key,
    ListOf,
    MapOf,
    Number,
    OneOf,
    Percent,
    Section,
    Text,
    Words,
    Yaml,
)

#: Letters of the ladder of thirds, worst first.
LADDER = ("F", "D-", "D", "D+", "C-", "C", "C+", "B-", "B", "B+", "A-", "A", "A+")
_LETTER = Text(r"[A-Z][A-Z+-]{0,2}", "a letter such as A or B+")
_PARTS = ("person", "company")

_VALUE = Section(
    {"when": Key(WHEN, required=True), "points": Key(Number(least=0, most=100), required=True)},
    lambda values, _at: spec.FitValue(values["when"], values["points"]),
)

_RULE = Section({
    "id": Key(NAME, required=True),
    "when": Key(WHEN),
    "points": Key(POINTS),
    "thirds": Key(Number(whole=True, least=0, most=12)),
    "miss": Key(Number(whole=True, least=0, most=12)),
    "weight": Key(Percent()),
    "values": Key(ListOf(_VALUE)),
    "says": Key(Text()),
})  # fmt: skip

_NEEDS = {
    "points": {"when", "points"},
    "ladder": {"when", "thirds"},
    "weights": {"weight", "values"},
}
_OPTIONAL = {"points": set[str](), "ladder": {"miss"}, "weights": set[str]()}


class _Cuts:
    """``{A: 70, B: 45, else: D}``: thresholds in any order, and the letter below them."""

    def read(self, value: Yaml, at: At) -> spec.Grades:
        if not isinstance(value, dict):
            raise at.error("must be a mapping of letters to thresholds")
        below = _LETTER.read(value.get("else", "D"), at / "else")
        numbers = {letter: number for letter, number in value.items() if letter != "else"}
        cuts = MapOf(Number(), _LETTER).read(numbers, at)
        if len(set(cuts.values())) != len(cuts):
            raise at.error("two letters have the same threshold")
        best_first = sorted(cuts.items(), key=lambda cut: -cut[1])
        return spec.Grades(tuple(best_first), below)

    def schema(self) -> dict[str, Any]:
        return {
            "type": "object",
            "propertyNames": {"pattern": f"^({_LETTER.pattern}|else)$"},
            "additionalProperties": {"type": ["number", "string"]},
        }


_CUTS = _Cuts()
_APART = Section({name: Key(_CUTS) for name in ("overall", *_PARTS)})


#: What scores say of the fit beside its rules: ``fit_missing``, ``fit_reasons``.
_TAKEN = ("missing", "reasons")


class _Grades:
    """One set of thresholds for all, or one each for overall, person and company."""

    def read(self, value: Yaml, at: At) -> dict[str, spec.Grades]:
        apart = isinstance(value, dict) and (
            any(key in value for key in ("overall", *_PARTS))
            or any(isinstance(one, dict) for one in value.values())
        )
        found = _APART.read(value, at) if apart else {"overall": _CUTS.read(value, at)}
        if "overall" not in found and len(found) < len(_PARTS):
            raise at.error("needs 'overall', or both 'person' and 'company'")
        whole = found.get("overall")
        return {part: cuts for part in ("overall", *_PARTS) if (cuts := found.get(part, whole)) is not None}

    def schema(self) -> dict[str, Any]:
        return {"anyOf": [_CUTS.schema(), _APART.schema()]}


def _fit(values: dict[str, Any], at: At) -> spec.Fit:
    if "ladder" in values and "weights" in values:
        raise at.error("'ladder' and 'weights' exclude each other")
    form = "ladder" if "ladder" in values else "weights" if "weights" in values else "points"
    if form == "ladder" and "grades" in values:
        raise (at / "grades").error("the ladder gives the letters itself")
    if form != "ladder" and "start" in values:
        raise (at / "start").error("belongs to 'ladder'")
    rules: list[spec.FitRule] = []
    for part in _PARTS:
        for index, raw in enumerate(values.get(part, ())):
            here = at / part / index
            if raw["id"] in _TAKEN:
                raise (here / "id").error(f"{raw['id']!r} is taken; choose another id")
            if raw["id"] in {rule.id for rule in rules}:
                raise (here / "id").error(f"two fit rules have the id {raw['id']!r}")
            rules.append(_fit_rule(raw, here, part, form))
    if form == "weights" and abs(sum(rule.weight for rule in rules) - 100) > 1e-9:  # doubles
        raise at.error(f"weights make {sum(rule.weight for rule in rules):g}%, not 100%")
    return spec.Fit(
        form,  # type: ignore[arg-type]  # one of the three names above
        tuple(rules),
        values.get("grades", {}),
        values.get("start", "D"),
    )


def _fit_rule(raw: dict[str, Any], here: At, part: str, form: str) -> spec.FitRule:
    given = raw.keys() - {"id", "says"}
    if missing := sorted(_NEEDS[form] - given):
        raise here.error(f"needs the key {missing[0]!r} (fit by {form})")
    if wrong := sorted(given - _NEEDS[form] - _OPTIONAL[form]):
        raise (here / wrong[0]).error(f"does not go with fit by {form}")
    return spec.FitRule(
        raw["id"], part,  # type: ignore[arg-type]  # one of _PARTS
        raw.get("when"), raw.get("points", 0.0), raw.get("thirds", 0), raw.get("miss", raw.get("thirds", 0)),
        raw.get("weight", 0.0), raw.get("values", ()), raw.get("says"),
    )  # fmt: skip


FIT = Section(
    {
        "ladder": Key(Words(("thirds",))),
        "start": Key(Words(LADDER)),
        "weights": Key(Words(("percent",))),
        "person": Key(ListOf(_RULE)),
        "company": Key(ListOf(_RULE)),
        "grades": Key(_Grades()),
    },
    _fit,
)


def _rating(values: dict[str, Any], at: At) -> spec.Rating:
    levels = values["levels"]
    if list(levels) != sorted(set(levels)):
        raise (at / "levels").error("must rise")
    best = values.get("best", f"A{len(levels) + 1}")
    if best[1:] not in {"1", str(len(levels) + 1)}:
        raise (at / "best").error(
            f"{best!r} is not a corner: A1 or A{len(levels) + 1} with {len(levels)} levels"
        )
    return spec.Rating(levels, best, values.get("cells", {}))


RATING = Section(
    {
        "levels": Key(ListOf(Number()), required=True),
        "best": Key(Text(r"A\d{1,2}", "a corner such as A4 or A1")),
        "cells": Key(MapOf(LABEL, Text(r"[A-Z][A-Z+-]{0,2}\d{1,2}", "a cell such as A4"))),
    },
    _rating,
)


def _stage(values: dict[str, Any], _at: At) -> spec.Stage:
    return spec.Stage(values["name"], values["enter"], values.get("stay", values["enter"]))


STAGE = Section(
    {"name": Key(LABEL, required=True), "enter": Key(WHEN, required=True), "stay": Key(WHEN)},
    _stage,
)

ESCALATE = Section(
    {"signal": Key(NAME, required=True), "within": Key(Duration(), required=True), "when": Key(WHEN)},
    lambda values, _at: spec.Escalate(values["signal"], values["within"], values.get("when")),
)


class _Unnamed(ConditionText):
    def read(self, value: Yaml, at: At) -> Yaml:
        return spec.Exclusion("exclude", super().read(value, at))


EXCLUDE = OneOf(
    text=WHEN,
    sequence=ListOf(
        OneOf(
            text=_Unnamed(),
            mapping=Section(
                {"reason": Key(LABEL, required=True), "when": Key(WHEN, required=True)},
                lambda values, _at: spec.Exclusion(values["reason"], values["when"]),
            ),
            named="a condition or {reason, when}",
        )
    ),
    named="a condition or a list of {reason, when}",
)
