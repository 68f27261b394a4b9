"""What ``score`` prints of a folder."""

import json
from collections.abc import Mapping
from typing import Any

from sync.printing import counted

Row = Mapping[str, Any]
#: Refused answers that are named.
_REFUSED = 10


def as_json(result: Row) -> str:
    """What ``score --json`` says, a line for each person, account and refused answer: there may be many."""
    parts = []
    for key, value in result.items():
        if isinstance(value, list) and value:
            text = "[\n" + ",\n".join(json.dumps(one, ensure_ascii=False) for one in value) + "\n]"
        else:
            text = json.dumps(value, ensure_ascii=False)
        parts.append(f'"{key}": {text}')
    return "{\n" + ",\n".join(parts) + "\n}"


def as_text(result: Row) -> str:
    """``score`` for people: best first, two lines each."""
    people = sorted(result["contacts"], key=lambda one: (-one["score"], one["contact_id"]))
    parts = [f"{result['model']} as of {result['as_of']}: {counted(len(people), 'people')}"]
    for one in people:
        stage = f" · {one['stage']}" if one["stage"] else ""
        parts.append(f"  {one['headline']}{stage}  {one['email'] or one['contact_id']}")
        parts += [f"      {one['reasons']}"] if one["reasons"] else []
    if (nps := result["nps"]) is not None:
        bands = {"for": "promoters", "neutral": "passives", "against": "detractors"}
        answered = ", ".join(f"{nps[band]:,} {word}" for word, band in bands.items())
        parts.append(f"Satisfaction {'of nobody' if nps['score'] is None else nps['score']}: {answered}")
    if result["excluded"]:
        left_out = ", ".join(f"{count:,} {reason}" for reason, count in result["excluded"].items())
        parts.append(f"Not scored: {left_out}")
    for one in result.get("refused", [])[:_REFUSED]:
        parts.append(f"Refused: {one['table']} {one['record']}: {one['reason']}")
    more = len(result.get("refused", [])) - _REFUSED
    parts += [f"  and {more} more answers (--json names them)"] if more > 0 else []
    return "\n".join(parts)
