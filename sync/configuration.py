"""YAML and environment → Settings, or an error that names file, line and key.

Every text key of a connection can be set by the environment (``SCORELINE_SALESFORCE_URL``), or by a file of
that name in lower case under ``SCORELINE_SECRETS_DIR``. Secrets are accepted from nowhere else.
"""

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any, get_args

from pydantic import BaseModel, SecretStr, ValidationError, create_model
from pydantic.fields import FieldInfo
from pydantic_core import ErrorDetails
from pydantic_settings import BaseSettings, SettingsConfigDict

from core.errors import ConfigError
from core.yamlfile import Keys, YamlFile, load, nearest
from sync.settings import Connections, Settings
from sync.snapshots.outline import origin, overrides


def load_settings(path: Path) -> Settings:
    """Read the configuration; relative paths in it are relative to its folder.

    Raises ConfigError naming file, line and key, and the nearest known word for a mistyped one.
    """
    file = load(path)
    content = file.content | overrides()
    if isinstance(content.get("connections"), dict):
        content["connections"] = {
            vendor: _with_environment(vendor, keys, file) for vendor, keys in content["connections"].items()
        }
    try:
        settings = Settings.model_validate(content)
    except ValidationError as error:
        raise _config_error(error, file) from error
    return _anchored(settings, path.parent).said_by(origin(path))


def place(path: Path, key: str) -> str:
    """File and line of a key such as ``lists.Nurture.when``, whose items go by their names; else nothing."""
    try:
        file = load(path)
    except ConfigError:
        return ""
    keys: Keys = ()
    node: Any = file.content
    while key:
        items = node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ()
        named = ((at, one, _called(at, one)) for at, one in items)
        fits = next((one for one in named if f"{key}.".startswith(f"{one[2]}.")), None)
        if fits is None:
            return ""
        at, node, word = fits
        keys, key = (*keys, at), key[len(word) + 1 :]
    return f"{path}:{file.line(keys)}: "


def _called(at: str | int, item: Any) -> str:  # noqa: ANN401  # YAML of any shape
    if isinstance(at, str):
        return at
    return str(item.get("name", item.get("on", at))) if isinstance(item, dict) else str(at)


def _anchored(settings: Settings, folder: Path) -> Settings:
    return settings.model_copy(
        update={
            "state_dir": (folder / settings.state_dir).resolve(),
            "models": tuple((folder / model).resolve() for model in settings.models),
        }
    )


def _with_environment(vendor: str, keys: Any, file: YamlFile) -> Any:  # noqa: ANN401  # YAML of any shape
    """The connection's YAML keys, with what the environment says on top."""
    connection = _connection_type(vendor)
    if connection is None or not isinstance(keys, dict | None):
        return keys
    for name, field in connection.model_fields.items():
        if keys and name in keys and _is(field.annotation, SecretStr):
            raise file.error(
                "secrets are not accepted in YAML",
                ("connections", vendor, name),
                remedy=f"set SCORELINE_{vendor}_{name}".upper()
                + " in the environment, or a file in SCORELINE_SECRETS_DIR",
            )
    return {**(keys or {}), **_environment(vendor, connection)}


def _environment(vendor: str, connection: type[BaseModel]) -> dict[str, Any]:
    fields: dict[str, Any] = {
        name: (SecretStr | None if _is(field.annotation, SecretStr) else str | None, None)
        for name, field in connection.model_fields.items()
        if _is(field.annotation, SecretStr) or _is(field.annotation, str)
    }
    prefix = f"SCORELINE_{vendor.upper()}_"
    config = SettingsConfigDict(
        env_prefix=prefix,
        extra="ignore",
        secrets_dir=os.environ.get("SCORELINE_SECRETS_DIR"),
        env_ignore_empty=True,
    )
    base = type("VendorEnvironment", (BaseSettings,), {"model_config": config})
    environment: type[BaseModel] = create_model("VendorEnvironment", __base__=base, **fields)
    found = environment()
    return {name: value for name, value in found.model_dump().items() if value is not None}


def _connection_type(vendor: str) -> type[BaseModel] | None:
    field = Connections.model_fields.get(vendor)
    if field is None:
        return None
    return next(option for option in get_args(field.annotation) if isinstance(option, type))


def _is(annotation: object, wanted: type) -> bool:
    return annotation is wanted or wanted in get_args(annotation)


def _config_error(error: ValidationError, file: YamlFile) -> ConfigError:
    """The first problem, as people read it; the number of the others."""
    problems = error.errors(include_url=False)
    first = problems[0]
    keys: Keys = tuple(part for part in first["loc"] if isinstance(part, str | int))
    message = _words(first)
    others = f" (and {len(problems) - 1} more)" if len(problems) > 1 else ""
    return file.error(message + others, keys)


def _words(problem: ErrorDetails) -> str:
    if problem["type"] == "extra_forbidden":
        known = _known_keys(tuple(problem["loc"][:-1]))
        return f"unknown key; {nearest(str(problem['loc'][-1]), known)}"
    if problem["type"] == "missing":
        return "is missing"
    if problem["type"] == "string_pattern_mismatch" and (wanted := _description(tuple(problem["loc"]))):
        return f"{problem['input']!r} is not {wanted}"
    return str(problem["msg"]).removeprefix("Value error, ")


def _known_keys(at: tuple[int | str, ...]) -> list[str]:
    return [field.alias or name for name, field in _fields_at(at).items()]


def _description(at: tuple[int | str, ...]) -> str | None:
    field = _fields_at(at[:-1]).get(str(at[-1]))
    return field.description if field else None


def _fields_at(at: tuple[int | str, ...]) -> Mapping[str, FieldInfo]:
    """What the settings know at this place."""
    kind: Any = Settings
    for part in at:
        if isinstance(part, int) or not (isinstance(kind, type) and issubclass(kind, BaseModel)):
            continue
        field = kind.model_fields.get(part)
        kind = _model_within(field.annotation) if field else None
    return kind.model_fields if isinstance(kind, type) and issubclass(kind, BaseModel) else {}


def _model_within(annotation: Any) -> Any:  # noqa: ANN401  # any annotation
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    for part in get_args(annotation):
        if found := _model_within(part):
            return found
    return None


def json_schema() -> dict[str, Any]:
    """The JSON Schema that ``config/scoreline.schema.json`` holds, for editors; without the secrets."""
    schema = Settings.model_json_schema()
    for definition in schema["$defs"].values():
        properties = definition.get("properties", {})
        for name in [name for name, value in properties.items() if '"password"' in json.dumps(value)]:
            del properties[name]
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "config/scoreline.yaml",
        **schema,
    }


if __name__ == "__main__":
    print(json.dumps(json_schema(), indent=1))  # noqa: T201  # run by hand after the settings change
