"""The words of conditions, and the names of columns, English and Spanish."""

from collections.abc import Mapping
from types import MappingProxyType

Words = Mapping[str, str]

ENGLISH: Words = MappingProxyType({
    "and": "and", "or": "or", "EQ": "is", "NEQ": "is not", "LT": "is less than",
    "LTE": "is at most", "GT": "is more than", "GTE": "is at least", "in": "is one of",
    "not in": "is none of", "between": "is from {low} to {high}", "outside": "is not from {low} to {high}",
    "contains": "contains", "starts": "begins with", "ends": "ends with", "like": "looks like",
    "not contains": "does not contain", "not starts": "does not begin with",
    "not ends": "does not end with", "not like": "does not look like", "not EQ": "is not",
    "%": "% is any text", "_": "_ is any one character",
    "never": "it is not so that", "or unknown": ", or that is not known",
    "unknown": "is not known", "known": "is known", "yes": "yes", "no": "no",
    "True": "always", "False": "never", "flag": "{0} is yes", "not flag": "{0} is not yes",
    "flag is_customer": "is a customer", "not flag is_customer": "is not a customer",
    "flag low_interest": "shows low interest", "not flag low_interest": "does not show low interest",
    "flag partial": "something of the fit is not known",
    "not flag partial": "all that the fit reads is known",
    "days since": "days since {0}", "length": "length of {0}", "abs": "size of {0}",
    "else": "{0} (if not known, {1})", "is": "is", "any case": "{0} (any case)",
    "lower": "{0} in small letters", "upper": "{0} in capitals",
    "column idle_days": "days without activity", "column employees": "number of employees",
    "column is_customer": "being a customer",
})  # fmt: skip

SPANISH: Words = MappingProxyType({
    "and": "y", "or": "o", "EQ": "es", "NEQ": "no es", "LT": "es menos de",
    "LTE": "es como mucho", "GT": "es más de", "GTE": "es al menos", "in": "es uno de",
    "not in": "no es ninguno de", "between": "está entre {low} y {high}",
    "outside": "no está entre {low} y {high}", "contains": "contiene", "starts": "empieza por",
    "ends": "termina en", "like": "se parece a", "not contains": "no contiene",
    "not starts": "no empieza por", "not ends": "no termina en", "not like": "no se parece a",
    "not EQ": "no es", "%": "% es cualquier texto", "_": "_ es un carácter cualquiera",
    "never": "no se cumple que", "or unknown": ", o no se sabe", "unknown": "no se conoce",
    "known": "se conoce", "yes": "sí", "no": "no", "True": "siempre", "False": "nunca",
    "flag": "{0} es sí", "not flag": "{0} no es sí",
    "flag is_customer": "es cliente", "not flag is_customer": "no es cliente",
    "flag low_interest": "muestra poco interés", "not flag low_interest": "no muestra poco interés",
    "flag partial": "falta por conocer algo del encaje",
    "not flag partial": "se conoce todo lo que lee el encaje",
    "days since": "días desde {0}", "length": "longitud de {0}", "abs": "tamaño de {0}",
    "else": "{0} (si no se conoce, {1})", "is": "es", "any case": "{0} (sin distinguir mayúsculas)",
    "lower": "{0} en minúsculas", "upper": "{0} en mayúsculas",
    "column contact_id": "contacto", "column account_id": "cuenta", "column email": "correo",
    "column first_name": "nombre", "column last_name": "apellidos", "column title": "cargo",
    "column phone": "teléfono", "column country": "país", "column region": "región", "column city": "ciudad",
    "column lifecycle": "ciclo de vida", "column is_customer": "ser cliente", "column owner": "responsable",
    "column created_at": "fecha de creación", "column name": "nombre", "column domain": "dominio",
    "column industry": "sector", "column employees": "número de empleados",
    "column annual_revenue": "facturación anual", "column parent_id": "empresa matriz",
    "column activity_id": "actividad", "column type": "tipo", "column occurred_at": "fecha",
    "column seen_at": "fecha de registro", "column product": "producto", "column category": "categoría",
    "column asset": "página o archivo", "column value": "valor", "column unit": "unidad",
    "column currency": "moneda", "column campaign": "campaña", "column origin": "origen",
    "column score": "puntuación", "column grade": "nota", "column person_grade": "nota de la persona",
    "column company_grade": "nota de la empresa", "column fit": "encaje",
    "column person_fit": "encaje de la persona", "column company_fit": "encaje de la empresa",
    "column partial": "encaje incompleto", "column level": "nivel", "column rating": "valoración",
    "column priority": "prioridad", "column idle_days": "días sin actividad", "column trend": "tendencia",
    "column temperature": "temperatura", "column low_interest": "poco interés",
    "column days_in_stage": "días en la etapa", "column stage": "etapa",
})  # fmt: skip

LANGUAGES: Mapping[str, Words] = MappingProxyType({"en": ENGLISH, "es": SPANISH})
