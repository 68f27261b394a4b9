"""The words of explanations, in English and Spanish."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from scoring.spec import Model, Rule


@dataclass(frozen=True)
class Words:
    """One language."""

    today: str
    yesterday: str
    ago: tuple[str, str]
    more: str
    cap: str
    total: str
    ageing: str
    idle: str
    trend: Mapping[str, str]
    trend_word: Mapping[str, str]
    low_interest: str
    no_interest: str
    other: str
    buyers: str
    child: str
    against: str
    lacking: str
    raised: str
    raised_total: str
    types: Mapping[str, str]


_ENGLISH = Words(
    today="today",
    yesterday="yesterday",
    ago=("", " days ago"),
    more="more",
    cap="limit of {name}",
    total="limit of the total",
    ageing="quiet for {days} days",
    idle="nothing for {days} days",
    trend=MappingProxyType(
        {
            "falling": "less active than before",
            "rising": "more active than before",
            "steady": "as active as before",
        }
    ),
    trend_word=MappingProxyType({"falling": "falling", "rising": "rising", "steady": "steady"}),
    low_interest="gets mail and does nothing with it",
    no_interest="much reaches them, and nothing comes of it",
    other="did something",
    buyers="buying group",
    child="subsidiary",
    against="against",
    lacking="not",
    raised="minimum of {name}",
    raised_total="minimum of the total",
    types=MappingProxyType(
        {
            "email_sent": "was sent an e-mail",
            "email_open": "opened an e-mail",
            "email_click": "clicked in an e-mail",
            "email_bounce": "e-mail bounced",
            "unsubscribe": "unsubscribed",
            "page_view": "visited a page",
            "search": "searched the site",
            "form_submit": "filled in a form",
            "download": "downloaded something",
            "video_view": "watched a video",
            "webinar_register": "signed up for a webinar",
            "webinar_attend": "attended a webinar",
            "event_attend": "attended an event",
            "demo_request": "asked for a demo",
            "campaign_response": "answered a campaign",
            "social_interaction": "interacted on social media",
            "call": "had a call",
            "meeting": "had a meeting",
            "support_ticket": "opened a support ticket",
            "cart_update": "filled a cart",
            "purchase": "bought",
            "survey_response": "answered a survey",
            "signup": "signed up",
        }
    ),
)

_SPANISH = Words(
    today="hoy",
    yesterday="ayer",
    ago=("hace ", " días"),
    more="más",
    cap="límite de {name}",
    total="límite del total",
    ageing="{days} días sin actividad",
    idle="nada desde hace {days} días",
    trend=MappingProxyType(
        {
            "falling": "menos actividad que antes",
            "rising": "más actividad que antes",
            "steady": "igual actividad que antes",
        }
    ),
    trend_word=MappingProxyType({"falling": "a la baja", "rising": "al alza", "steady": "estable"}),
    low_interest="recibe correos y no hace nada con ellos",
    no_interest="le llega mucho y no sale nada de ello",
    other="hizo algo",
    buyers="grupo de compra",
    child="filial",
    against="en contra",
    lacking="no",
    raised="mínimo de {name}",
    raised_total="mínimo del total",
    types=MappingProxyType(
        {
            "email_sent": "recibió un correo",
            "email_open": "abrió un correo",
            "email_click": "hizo clic en un correo",
            "email_bounce": "correo rebotado",
            "unsubscribe": "se dio de baja",
            "page_view": "visitó una página",
            "search": "buscó en la web",
            "form_submit": "rellenó un formulario",
            "download": "descargó algo",
            "video_view": "vio un vídeo",
            "webinar_register": "se apuntó a un webinar",
            "webinar_attend": "asistió a un webinar",
            "event_attend": "asistió a un evento",
            "demo_request": "pidió una demo",
            "campaign_response": "respondió a una campaña",
            "social_interaction": "interactuó en redes",
            "call": "tuvo una llamada",
            "meeting": "tuvo una reunión",
            "support_ticket": "abrió una incidencia",
            "cart_update": "llenó un carrito",
            "purchase": "compró",
            "survey_response": "respondió a una encuesta",
            "signup": "se registró",
        }
    ),
)

LANGUAGES: Mapping[str, Words] = MappingProxyType({"en": _ENGLISH, "es": _SPANISH})


_MAIL = frozenset({"email_sent", "email_open", "email_click", "email_bounce"})
#: What follows a one in the plural.
_ONE = re.compile(r"(?<![\d.,])(1 (?:day|hour|minute|point|hora|minuto|punto|día|third|tercio))s\b")


def singular(text: str) -> str:
    """``quiet for 1 days`` → ``quiet for 1 day``."""
    return _ONE.sub(r"\1", text)


def low_interest_text(model: Model) -> str:
    """What low interest is, of mail or of other things too."""
    words, low = LANGUAGES[model.language], model.low_interest
    return words.no_interest if low and set(low.events) - _MAIL else words.low_interest


def rule_text(rule: Rule, model: Model) -> str:
    """What a rule says: its own words, else plain ones by what it looks at."""
    words = LANGUAGES[model.language]
    if rule.says:
        return rule.says
    if rule.source == "idle":
        return singular(words.idle.format(days=rule.idle))
    if rule.source == "trend":
        return words.trend[rule.trend]
    if rule.source == "low_interest":
        return low_interest_text(model)
    if len(rule.events) == 1 and rule.when is None:
        return words.types.get(rule.events[0], rule.id.replace("_", " "))
    return rule.id.replace("_", " ") if rule.events else words.other
