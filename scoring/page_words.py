"""The words of the model page, English and Spanish."""

from collections.abc import Mapping
from types import MappingProxyType

Words = Mapping[str, str]

ENGLISH: Words = MappingProxyType({
    "title": "Model {name}, version {version}", "who": "Who is scored", "where": "Only people where {0}.",
    "everybody": "Everybody.", "out": "Left out as {reason}: {when}.", "does": "What they do",
    "are": "Who they are", "any event": "any activity", "first": "only the first time",
    "again": "only when repeated within {0} days", "at_least": "from {0}", "exactly": "at exactly {0}",
    "at_most": "at most {0}", "in": "{count} in {days} days", "per": "{count} per {per}",
    "once": "counted once", "each": "once per {0}", "distinct": "counting each {0} once",
    "unless": "not with {0}", "unless_after": "not when {0} follows",
    "cap": "limited to {0} points up or down",
    "floor": "never below {0} points", "signal": "a sign of {0}", "machine": "machines count too",
    "steps": "{points} from {start}", "tiers": "{points} for {limit}", "idle": "nothing for {0} days",
    "trend": "activity is {0}", "low": "gets mail and does nothing with it",
    "half_life": "half is left after {days} days", "linear": "fades to nothing in {days} days",
    "lose": "loses {percent} % every {days} days", "window": "counts for {days} days",
    "after": "after {0} days of grace", "none": "never ages", "ages": "Ages: {0}.",
    "group": "All of {group} together give from {least} to {most} points.",
    "group most": "All of {group} together give at most {most} points.",
    "total": "The score goes from {least} to {most}.", "open": "open",
    "quiet": "Quiet for {idle} days: {what}.", "to at most": "the score is at most {0}",
    "loses": "the score loses {0} %", "gets": "{0} points", "every": "every {0} days",
    "over": "if above {0}", "from": "if at least {0}", "to": "if at most {0}",
    "person": "The person", "company": "The company", "thirds": "{up} thirds of a letter up, {down} down if not",  # noqa: E501  # a sentence reads best in one piece
    "weight": "{weight} % of the fit: {values}", "value": "{points} for {when}", "grades": "Grade",
    "cut": "{letter} from {threshold}", "else": "{0} below", "unknown": "What is not known moves nothing.",
    "rating": "The rating", "stages": "Stages", "base": "Everybody begins as {0}.",
    "enter": "{name}: enters when {enter}; stays while {stay}.", "enter only": "{name}: while {enter}.",
    "escalate": "Escalated at once: a sign of {signal} in the last {within}{when}.", "and when": ", when {0}",
    "interest": "Interest in {0} is measured by the same activities.", "products": "products",
    "categories": "categories", "product": "product", "category": "category", "more": "Also", "satisfaction": "Satisfaction: {survey} answers of {valid} days.",  # noqa: E501  # a sentence reads best in one piece
    "journey": "Journey, {stage}: {types}.", "account": "The account's score is {how} of its people's.",
    "sum": "the sum", "max": "the highest", "mean": "the mean", "top": "the {0} best",
    "buyers": "{bonus} % more where {count} people have this: {when}.",
    "flag": "List condition {id}: {what}.", "since": "the last at least {0} ago",
    "until": "the last less than {0} ago", "in all": "at exactly {0} in all",
    "of one": "of one and the same {0}", "low interest": "Low interest: {what}.", "without": "without {0}",
    "help": "For the CRM's help text", "legend": "Letter = fit ({letters}, {best} best); digit = activity: {digits}.",  # noqa: E501  # a sentence reads best in one piece
    "digit": "{digit} = {span}", "below": "below {0}", "from to": "{0} to {1}", "from on": "from {0}",
    "no rating": "Score = activity points{bounds}.", "bounds": ", {0} to {1}",
    "hours": "{0} hours", "days": "{0} days", "minutes": "{0} minutes",
    "day": "day", "visit": "visit", "asset": "asset", "activity": "activity", "types and": " or ",
    "points": "points",
})  # fmt: skip

SPANISH: Words = MappingProxyType({
    "title": "Modelo {name}, versión {version}", "who": "A quién se puntúa",
    "where": "Solo personas para las que {0}.", "everybody": "A todo el mundo.",
    "out": "Fuera por {reason}: {when}.", "does": "Lo que hacen", "are": "Quiénes son",
    "any event": "cualquier actividad", "first": "solo la primera vez",
    "again": "solo si se repite en menos de {0} días", "at_least": "a partir de {0}",
    "exactly": "con exactamente {0}", "at_most": "como mucho {0}", "in": "{count} en {days} días",
    "per": "{count} por {per}", "once": "cuenta una vez", "each": "una vez por {0}",
    "distinct": "cada {0} cuenta una vez", "unless": "no si hay {0}", "unless_after": "no si después hay {0}",
    "cap": "hasta {0} puntos arriba o abajo", "floor": "nunca menos de {0} puntos", "signal": "señal de {0}",
    "machine": "las máquinas también cuentan", "steps": "{points} desde {start}",
    "tiers": "{points} por {limit}", "idle": "nada desde hace {0} días", "trend": "la actividad está {0}",
    "low": "recibe correos y no hace nada con ellos", "half_life": "queda la mitad a los {days} días",
    "linear": "se agota en {days} días", "lose": "pierde el {percent} % cada {days} días",
    "window": "cuenta durante {days} días", "after": "tras {0} días de gracia", "none": "no envejece",
    "ages": "Envejecimiento: {0}.",
    "group": "Todo lo de {group} junto da de {least} a {most} puntos.",
    "group most": "Todo lo de {group} junto da como mucho {most} puntos.",
    "total": "La puntuación va de {least} a {most}.", "open": "sin límite",
    "quiet": "Sin actividad {idle} días: {what}.", "to at most": "la puntuación es como mucho {0}",
    "loses": "la puntuación pierde el {0} %", "gets": "{0} puntos", "every": "cada {0} días",
    "over": "si supera {0}", "from": "si es al menos {0}", "to": "si es como mucho {0}",
    "person": "La persona", "company": "La empresa",
    "thirds": "sube {up} tercios de letra, baja {down} si no", "weight": "{weight} % del encaje: {values}",
    "value": "{points} por {when}", "grades": "Nota", "cut": "{letter} desde {threshold}",
    "else": "{0} por debajo", "unknown": "Lo que no se conoce no mueve nada.", "rating": "La valoración",
    "stages": "Etapas", "base": "Todo el mundo empieza como {0}.",
    "enter": "{name}: entra cuando {enter}; sigue mientras {stay}.", "enter only": "{name}: mientras {enter}.",  # noqa: E501  # a sentence reads best in one piece
    "escalate": "Aviso inmediato: señal de {signal} en {within}{when}.", "and when": ", cuando {0}",
    "interest": "El interés por {0} se mide con las mismas actividades.", "products": "productos",
    "categories": "categorías", "product": "producto", "category": "categoría", "more": "Además",
    "satisfaction": "Satisfacción: respuestas de {survey} de {valid} días.",
    "journey": "Recorrido, {stage}: {types}.",
    "account": "La puntuación de la cuenta es {how} de la de su gente.", "sum": "la suma", "max": "la más alta",  # noqa: E501  # a sentence reads best in one piece
    "mean": "la media", "top": "las {0} mejores",
    "buyers": "{bonus} % más donde {count} personas cumplen: {when}.",
    "flag": "Condición de lista {id}: {what}.",
    "since": "la última hace al menos {0}", "until": "la última hace menos de {0}",
    "in all": "con exactamente {0} en total", "of one": "de un mismo {0}",
    "low interest": "Poco interés: {what}.", "without": "sin {0}", "help": "Para el texto de ayuda del CRM",
    "legend": "Letra = encaje ({letters}; {best} es la mejor); cifra = actividad: {digits}.",
    "digit": "{digit} = {span}", "below": "menos de {0}", "from to": "{0} a {1}", "from on": "desde {0}",
    "no rating": "Puntuación = puntos de actividad{bounds}.", "bounds": ", de {0} a {1}",
    "hours": "{0} horas", "days": "{0} días", "minutes": "{0} minutos", "day": "día", "visit": "visita",
    "asset": "página o archivo", "activity": "actividad", "types and": " o ", "points": "puntos",
})  # fmt: skip

LANGUAGES: Mapping[str, Words] = MappingProxyType({"en": ENGLISH, "es": SPANISH})
