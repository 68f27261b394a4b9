"""Synthetic tables shaped as a company's: a few busy people, activities in bursts, times up to one instant.

Accounts, contacts, activities and survey_responses as Parquet, named and typed as scoring reads them; the
same for the same numbers.
"""

from pathlib import Path

import duckdb

#: The instant that all data lead up to.
ENDS_AT = "2026-11-22 00:00:00"
_SPAN_S = 360 * 86_400
_TITLES = (
    "Chief Marketing Officer", "Owner", "VP Sales", "Vice President Data", "Director of Operations",
    "Head of Finance", "Marketing Manager", "Senior Engineer", "Analyst", "Intern HR", "Junior Buyer",
    "IT Student", "Lead Engineer", "Associate",
)  # fmt: skip
_INDUSTRIES = ("software", "finance", "health", "manufacturing", "retail", "media", "education", "government")
_COUNTRIES = ("US", "DE", "FR", "GB", "ES", "IN", "BR", "JP", "NL", "CA")
#: Of a hundred activities, so many are of this type.
_TYPES = {
    "page_view": 32, "email_open": 20, "email_click": 10, "video_view": 10, "webinar_attend": 5,
    "form_submit": 5, "demo_request": 4, "purchase": 4, "unsubscribe": 5, "support_ticket": 5,
}  # fmt: skip
_PAGES = ("/blog", "/docs", "/product", "/pricing", "/pricing/teams", "/careers")
_PRODUCTS = ("core", "cloud", "security", "analytics", "mobile", "support")


def _dice(salt: int, row: str = "i") -> str:
    """A number from 0 up to 1 that depends on the row and the salt."""
    return f"((hash({row} * 31 + {salt}) >> 11) / 9007199254740992.0)"


def _one_of(words: tuple[str, ...], salt: int, row: str = "i") -> str:
    listed = ", ".join(f"'{word}'" for word in words)
    return f"([{listed}])[1 + floor({_dice(salt, row)} * {len(words)})::integer]"


def _tables(contacts: int, activities: int) -> dict[str, str]:
    accounts = max(1, contacts // 3)
    types = tuple(name for name, share in _TYPES.items() for _ in range(share))
    return {
        "accounts": f"""
            select 'a' || i as account_id, 'Company ' || i as name, 'c' || i || '.example' as domain,
                {_one_of(_INDUSTRIES, 1)} as industry,
                floor(exp(1 + {_dice(2)} * 9))::bigint as employees, {_one_of(_COUNTRIES, 3)} as country
            from range({accounts}) r(i)""",
        "contacts": f"""
            select 'p' || i as contact_id, 'a' || floor({_dice(4)} * {accounts})::bigint as account_id,
                'p' || i || '@mail.example' as email, {_one_of(_TITLES, 5)} as title,
                case when {_dice(6)} < 0.6 then '+1555' || i end as phone, {_dice(7)} < 0.08 as is_customer
            from range({contacts}) r(i)""",
        # a burst is four activities of one person around one product; squaring makes some people busy
        "activities": f"""
            select 'e' || i as activity_id,
                'p' || floor({_dice(8, "burst")} ** 2 * {contacts})::bigint as contact_id, type,
                timestamp '{ENDS_AT}' - to_seconds(floor((1 - i / {activities}.0) * {_SPAN_S})::bigint)
                    as occurred_at,
                {_one_of(_PRODUCTS, 9, "burst")} as product,
                case when type = 'page_view' then {_one_of(_PAGES, 10)} end as asset,
                case type when 'video_view' then floor({_dice(11)} * 101)
                    when 'purchase' then floor(exp(3 + {_dice(11)} * 7)) end as value
            from (select i, i // 4 as burst, {_one_of(types, 12)} as type from range({activities}) r(i))""",
        "survey_responses": f"""
            select 's' || i as response_id, 'p' || i as contact_id, 'nps' as kind,
                floor({_dice(13)} * 11) as answer, 0 as scale_min, 10 as scale_max,
                timestamp '{ENDS_AT}' - to_days(21) as answered_at
            from range({contacts}) r(i) where {_dice(14)} < 0.2""",
    }


def generate(folder: Path, contacts: int, activities: int) -> None:
    """Write the four tables into the folder."""
    with duckdb.connect() as con:
        for name, query in _tables(contacts, activities).items():
            con.execute(f"copy ({query}) to '{folder / name}.parquet' (format parquet)")
