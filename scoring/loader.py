"""YAML → Model: strict, with file, line, key and the nearest valid word in every error."""

from pathlib import Path
from typing import Any

from core.errors import ConfigError, ModelError
from core.yamlfile import YamlFile, load, nearest, parse
from scoring import spec
from scoring.grammar.shapes import At
from scoring.grammar.top import TOP

_RENAMED = {"model": "name", "trend": "trend_days"}


def load_model(path: Path, *, language: str = "en") -> spec.Model:
    """Read one model file. Raises ModelError naming file, line, key and the nearest valid word.

    language: of a model that does not say its own.
    """
    try:
        return _model(load(path), language)
    except ModelError:
        raise
    except ConfigError as error:
        raise _as_model_error(error) from error


def parse_model(text: str, path: Path = Path("model.yaml")) -> spec.Model:
    """As ``load_model``, from text; ``path`` is only named in errors."""
    try:
        return _model(parse(text, path))
    except ModelError:
        raise
    except ConfigError as error:
        raise _as_model_error(error) from error


def _as_model_error(error: ConfigError) -> ModelError:
    raised = ModelError(error.message, remedy=error.remedy)
    raised.path, raised.line, raised.key = error.path, error.line, error.key
    return raised


def _model(file: YamlFile, language: str = "en") -> spec.Model:
    at = At(file)
    own = "" if language == "en" or "language" in file.content else language
    try:
        values = TOP.read(file.content, at)
    except RecursionError as error:
        raise at.error("is too deeply nested") from error
    _cross_check(values, at)
    exclude = values.pop("exclude", ())
    values["exclude"] = exclude if isinstance(exclude, tuple) else (spec.Exclusion("exclude", exclude),)
    values |= values.pop("temperature", {})
    values |= {"language": own} if own else {}
    return spec.Model(
        hash=file.digest + own, **{_RENAMED.get(key, key): value for key, value in values.items()}
    )


def _cross_check(values: dict[str, Any], at: At) -> None:
    rules = values["activity"].rules if "activity" in values else ()
    if "escalate" in values:
        signals, wanted = sorted({rule.signal for rule in rules if rule.signal}), values["escalate"].signal
        if wanted not in signals:
            known = nearest(wanted, signals) if signals else "tag a rule with signal:"
            raise (at / "escalate" / "signal").error("no rule has this signal", known)
    if "low_interest" not in values:
        for index, rule in enumerate(rules):
            if rule.source == "low_interest":
                raise (at / "activity" / "rules" / index / "low_interest").error(
                    "the model has no 'low_interest' key"
                )
    _check_names(values, at)


def _check_names(values: dict[str, Any], at: At) -> None:
    names = [values.get("base_stage", "lead")]
    for index, stage in enumerate(values.get("stages", ())):
        if stage.name in names:
            raise (at / "stages" / index / "name").error(f"two stages are named {stage.name!r}")
        names.append(stage.name)
    seen: set[str] = set()
    for index, flag in enumerate(values.get("flags", ())):
        if flag.id in seen:
            raise (at / "flags" / index / "id").error(f"two flags have the id {flag.id!r}")
        seen.add(flag.id)
