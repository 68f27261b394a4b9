"""Names of people and places, by language: accents, right-to-left scripts and emoji among them."""

from dataclasses import dataclass

from sandbox.world.chance import Chance


@dataclass(frozen=True, slots=True)
class Locale:
    """What people of one language are called and where they live. spelled: names in "
    "Latin letters for addresses.
    """

    language: str
    weight: float
    first: tuple[str, ...]
    last: tuple[str, ...]
    places: tuple[tuple[str, str, str], ...]
    dial: str
    tld: str
    spelled: bool = True


def _words(text: str) -> tuple[str, ...]:
    return tuple(text.split())


LOCALES: tuple[Locale, ...] = (
    Locale(
        "en",
        46,
        _words(
            "James Mary Robert Patricia John Jennifer Michael Linda David Elizabeth William "
            "Barbara Richard Susan "
            "Joseph Jessica Thomas Sarah Christopher Karen Daniel Nancy Matthew Lisa Anthony "
            "Betty Mark Sandra "
            "Steven Ashley Paul Emily Andrew Donna Joshua Michelle Kevin Carol Brian Amanda "
            "Siobhán Priya Aarav"
        ),
        (
            *_words(
                "Smith Johnson Williams Brown Jones Miller Davis Wilson Anderson Taylor Moore "
                "Jackson Martin Lee "
                "Thompson White Harris Clark Lewis Robinson Walker Young Allen King Wright Scott "
                "Torres Hill Green "
                "Adams Baker Nelson Carter Mitchell Roberts Turner Phillips Campbell Parker "
                "O'Brien O'Connor Patel"
            ),
            "Smith-Jones",
            "van der Berg",
            "St. John",
        ),
        (
            ("United States", "California", "San Francisco"),
            ("United States", "New York", "New York"),
            ("United States", "Texas", "Austin"),
            ("United States", "Illinois", "Chicago"),
            ("United Kingdom", "England", "London"),
            ("United Kingdom", "Scotland", "Edinburgh"),
            ("Canada", "Ontario", "Toronto"),
            ("Ireland", "Leinster", "Dublin"),
            ("Australia", "New South Wales", "Sydney"),
        ),
        "+1",
        "com",
    ),
    Locale(
        "de",
        14,
        _words(
            "Jürgen Käthe Björn Sören Anja Heike Matthias Ulrike Günter Steffi Lukas Jörg "
            "Ursula Till Franziska"
        ),
        _words(
            "Müller Schröder Weiß Groß Köhler Schäfer Krüger Böhm Vogel Lang Fuchs Jäger "
            "Hübner Zimmermann Öztürk"
        ),
        (
            ("Germany", "Bayern", "München"),
            ("Germany", "Berlin", "Berlin"),
            ("Germany", "Nordrhein-Westfalen", "Köln"),
            ("Austria", "Wien", "Wien"),
        ),
        "+49",
        "de",
    ),
    Locale(
        "fr",
        9,
        _words("Zoé François Hélène Jérôme Chloé Benoît Amélie Loïc Noémie Gaël Margaux Cédric Anaïs"),
        (
            *_words("Lefèvre Dupré Gérard Besançon Roux Moreau Girard Bonnet François Mercier Noël"),
            "de la Fontaine",
        ),
        (("France", "Île-de-France", "Paris"), ("France", "Rhône", "Lyon"), ("Canada", "Québec", "Montréal")),
        "+33",
        "fr",
    ),
    Locale(
        "es",
        8,
        _words("José María Íñigo Begoña Andrés Lucía Ramón Sofía Martín Inés Joaquín Belén"),
        _words("Núñez Gómez Ibáñez Martínez Peña Muñoz Castaño Rodríguez Díaz Sáez"),
        (
            ("Spain", "Cataluña", "Barcelona"),
            ("Spain", "Madrid", "Madrid"),
            ("Mexico", "CDMX", "Ciudad de México"),
        ),
        "+34",
        "es",
    ),
    Locale(
        "nordic",
        7,
        _words("Åsa Øyvind Søren Päivi Jääskö Linnéa Mårten Sæunn Þóra Mikko Ingrid Bjørg"),
        _words("Åkesson Sørensen Nyström Häkkinen Järvinen Bjørnstad Ødegård Lindqvist Sigurðsson Mäkinen"),
        (
            ("Finland", "Uusimaa", "Helsinki"),
            ("Sweden", "Stockholm", "Stockholm"),
            ("Denmark", "Hovedstaden", "København"),
        ),
        "+358",
        "fi",
    ),
    Locale(
        "pl",
        6,
        _words("Łukasz Małgorzata Paweł Żaneta Grzegorz Agnieszka Michał Zdzisław Bożena Wojciech"),
        _words("Kowalczyk Wiśniewski Dąbrowska Żółć Łaski Zieliński Wójcik Świątek Ćwik"),
        (
            ("Poland", "Mazowieckie", "Warszawa"),
            ("Poland", "Dolnośląskie", "Wrocław"),
            ("Czechia", "Praha", "Praha"),
        ),
        "+48",
        "pl",
    ),
    Locale(
        "ar",
        3,
        ("محمد", "فاطمة", "أحمد", "ليلى", "يوسف", "نور"),
        ("الحسن", "خليل", "المصري", "العلي", "حداد"),
        (("United Arab Emirates", "Dubai", "Dubai"), ("Egypt", "Cairo", "القاهرة")),
        "+971",
        "ae",
        spelled=False,
    ),
    Locale(
        "he",
        2,
        ("דוד", "נועה", "יעל", "משה", "רחל"),
        ("כהן", "לוי", "מזרחי", "פרץ"),
        (("Israel", "Tel Aviv", "תל אביב"),),
        "+972",
        "co.il",
        spelled=False,
    ),
    Locale(
        "ja",
        2,
        ("健太", "美咲", "翔", "陽子", "さくら"),
        ("佐藤", "鈴木", "高橋", "田中"),
        (("Japan", "Tokyo", "東京"),),
        "+81",
        "co.jp",
        spelled=False,
    ),
    Locale(
        "zh",
        2,
        ("伟", "芳", "娜", "Wei", "Xiuying"),
        ("王", "李", "Li", "Zhang", "陈"),
        (("China", "Shanghai", "上海"), ("Singapore", "Singapore", "Singapore")),
        "+86",
        "cn",
        spelled=False,
    ),
    Locale(
        "vi",
        1,
        # the second name is in decomposed form (NFD), as some forms send it
        ("Nguyễn", "Nguyê\u0303n", "Thảo", "Đức"),
        ("Trần", "Phạm", "Đặng"),
        (("Vietnam", "Hà Nội", "Hà Nội"),),
        "+84",
        "vn",
    ),
)

EMOJI = ("🚀", "🌟", "☕", "👩‍💻", "🦄")

INDUSTRIES: dict[str, float] = {
    "Software": 18,
    "Manufacturing": 14,
    "Retail": 12,
    "Textiles": 12,
    "Healthcare": 8,
    "Financial Services": 8,
    "Education": 7,
    "Logistics": 6,
    "Media": 5,
    "Consulting": 5,
    "Government": 3,
    "Hospitality": 2,
}

COMPANY_FIRST = _words(
    "Acorn Alder Amber Anchor Apex Arbor Atlas Aurora Beacon Birch Bluebird Bolt "
    "Boréal Bridge Canyon Cedar Cobalt "
    "Copper Coral Crescent Delta Ember Falcon Fjord Flint Granite Harbor Hazel Helix "
    "Horizon Indigo Iron Juniper "
    "Kestrel Lantern Linden Lumen Maple Meridian Nimbus Northwind Oak Onyx Orchard "
    "Pebble Pioneer Quarry Quartz Raven "
    "Redwood River Saffron Sierra Silver Slate Solstice Summit Tamarack Thistle Tidal "
    "Umber Vantage Velvet Willow Zephyr"
)
COMPANY_SECOND = _words(
    "Analytics Apparel Capital Care Clinics Digital Dynamics Fabrics Foods Freight "
    "Gärten Goods Group Health Homes "
    "Industries Interiors Labs Learning Logistics Looms Media Mills Networks Partners "
    "Retail Robotics Studios Supply "
    "Systems Textil Textiles Trading Works"
)
SUFFIX_BY_TLD: dict[str, tuple[str, ...]] = {
    "com": ("", "", " Inc.", " LLC", ", Inc", " Ltd"),
    "de": (" GmbH", " AG", " GmbH & Co. KG"),
    "fr": (" SA", " SARL", ""),
    "es": (" S.L.", " S.A."),
    "fi": (" Oy", " AB", " A/S"),
    "pl": (" Sp. z o.o.", ""),
}

_LATIN = str.maketrans(
    {
        "ä": "ae",
        "ö": "oe",
        "ü": "ue",
        "ß": "ss",
        "å": "a",
        "ø": "o",
        "æ": "ae",
        "ł": "l",
        "đ": "d",
        "ð": "d",
        "þ": "th",
        "é": "e",
        "è": "e",
        "ê": "e",
        "ë": "e",
        "á": "a",
        "à": "a",
        "â": "a",
        "í": "i",
        "ï": "i",
        "î": "i",
        "ô": "o",
        "ú": "u",
        "ñ": "n",
        "ç": "c",
        "ż": "z",
        "ź": "z",
        "ś": "s",
        "ć": "c",
        "ą": "a",
        "ę": "e",
        "ń": "n",
        "ó": "o",
        "ễ": "e",
        "ả": "a",
        "ứ": "u",
        "ầ": "a",
        "ạ": "a",
        "ặ": "a",
    }
)


def latin(text: str) -> str:
    """Spell for an address: lower case, only a-z, 0-9; "" when nothing is left."""
    spelled = text.lower().translate(_LATIN)
    return "".join(letter for letter in spelled if letter.isascii() and letter.isalnum())


def locale(chance: Chance, tld: str | None = None) -> Locale:
    """Draw a language: mostly the one of the company's domain when given."""
    if tld is not None and chance.often(0.8):
        for found in LOCALES:
            if found.tld == tld:
                return found
    return chance.one({found: found.weight for found in LOCALES})


def telephone(chance: Chance, dial: str) -> str:
    """Write a number in one of the ways people type them."""
    digits = f"{chance.randrange(10**9, 10**10)}"
    return chance.choice(
        (
            f"{dial} {digits[:3]} {digits[3:6]} {digits[6:]}",
            f"({digits[:3]}) {digits[3:6]}-{digits[6:]}",
            f"{dial}{digits}",
            f"{digits[:3]}.{digits[3:6]}.{digits[6:]}",
        )
    )
