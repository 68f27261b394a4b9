"""How addresses, names and domains are compared, as DuckDB macros."""

import duckdb

_ROLE_MAILBOXES = """
    abuse accounting accounts admin administracion administration administrator ap ar billing bookings
    business careers clientes comercial compras compliance contabilidad contact contacto contactus
    customercare customerservice dev director dispatch donotreply enquiries enquiry events facturacion
    feedback finance frontdesk general hello helpdesk help hola hostmaster hr info informacion information
    inquiries inquiry investors invoice invoices it jobs kontakt legal list mail mailbox mailer-daemon
    main management manager marketing media na news newsletter no-reply nobody noemail none nospam noreply
    office operations ops order orders partners payroll post postmaster pr press privacy procurement
    purchasing reception recruiting recruitment registrar reply returns rrhh sales security service
    services shop soporte spam staff subscribe support team tech test undisclosed-recipients unknown
    unsubscribe usenet user ventas webmaster welcome
"""

#: Mailboxes of a function rather than of a person; also where people who leave no address end up.
ROLE_MAILBOXES = frozenset(_ROLE_MAILBOXES.split())

_FREE_MAIL = """
    126.com 163.com aim.com alice.it aol.com arcor.de att.net bellsouth.net bigpond.com bluewin.ch
    bol.com.br btinternet.com charter.net comcast.net cox.net duck.com earthlink.net email.com
    fastmail.com fastmail.fm foxmail.com free.fr freenet.de gmail.com gmx.at gmx.ch gmx.com gmx.de gmx.es
    gmx.net googlemail.com hey.com hotmail.co.uk hotmail.com hotmail.de hotmail.es hotmail.fr hotmail.it
    hushmail.com icloud.com inbox.com inbox.ru interia.pl juno.com laposte.net libero.it list.ru
    live.co.uk live.com live.fr live.it live.nl lycos.com mac.com mail.com mail.ru mailbox.org
    mailinator.com me.com msn.com naver.com netscape.net neuf.fr ntlworld.com o2.pl online.de onet.pl
    optonline.net orange.es orange.fr outlook.com outlook.de outlook.es outlook.fr pm.me posteo.de
    proton.me protonmail.ch protonmail.com qq.com rambler.ru rediffmail.com rocketmail.com rogers.com
    sapo.pt sbcglobal.net seznam.cz sfr.fr shaw.ca sina.com sky.com skynet.be sympatico.ca t-online.de
    talktalk.net telefonica.net telenet.be terra.com.br terra.es tiscali.it tutanota.com ukr.net
    uol.com.br verizon.net virgilio.it virginmedia.com wanadoo.fr web.de wp.pl xtra.co.nz yahoo.ca
    yahoo.co.in yahoo.co.jp yahoo.co.uk yahoo.com yahoo.com.ar yahoo.com.br yahoo.com.mx yahoo.de yahoo.es
    yahoo.fr yahoo.it yandex.com yandex.ru ymail.com ziggo.nl zoho.com
"""

#: Domains that give addresses to anybody: sharing one says nothing about where somebody works.
FREE_MAIL = frozenset(_FREE_MAIL.split())

#: What people and integrations type where a name is required and none is known; compared after folding.
_NO_NAMES = """
    '', 'anonymous', 'n a', 'na', 'no name', 'none', 'not available', 'not provided', 'null', 'unknown', 'x'
"""

_EDGE = r"^[\s\p{Z}\p{Cc}\p{Cf}]+|[\s\p{Z}\p{Cc}\p{Cf}]+$"
_LABEL = r"[\p{L}\p{N}_]([\p{L}\p{N}\p{M}_-]*[\p{L}\p{N}\p{M}])?"
_LOCAL = r"[^\s@<>(),;:\"\\\[\]\p{Cc}\p{Z}]"
_ADDRESS = rf"{_LOCAL}+@({_LABEL}\.)+{_LABEL}"

_FOLDED = r"trim(regexp_replace(strip_accents(plain_text(raw)), '[^\p{L}\p{N}]+', ' ', 'g'))"

_MACROS = (
    # text without invisible edges, composed and in lower case
    f"plain_text(raw) as lower(nfc_normalize(regexp_replace(raw, '{_EDGE}', '', 'g')))",
    # an e-mail address without capitals and plus-tag; null for what is no address
    f"""_address(plain) as case
        when regexp_full_match(plain, '{_ADDRESS}') and not regexp_matches(plain, '^[.+]|[.]@|[.][.]')
        then regexp_replace(plain, '[+][^@]*@', '@') end""",
    "mail_address(raw) as _address(plain_text(raw))",
    # letters and digits without accents, single spaces between; null for nothing and for placeholders
    # (in place of list_contains, IN would become a join, which folds every row there is)
    f"folded_name(raw) as case when not list_contains([{_NO_NAMES}], {_FOLDED}) then {_FOLDED} end",
    # all words of a name in one order, so that swapped first and last names are equal; '' for no name
    """name_words(first, last) as
        array_to_string(list_sort(string_split(concat_ws(' ', first, last), ' ')), ' ')""",
    # a web address or domain without scheme, www, port and path; null for what is no domain
    """_host(raw) as rtrim(regexp_replace(regexp_replace(plain_text(raw), '^[a-z]+://', ''),
        '^(www[0-9]?[.])|[:/?#].*$', '', 'g'), '.')""",
    rf"""domain_name(raw) as
        case when regexp_full_match(_host(raw), '({_LABEL}\.)+{_LABEL}') then _host(raw) end""",
    # the domain of an address, unless it gives addresses to anybody
    """work_domain(address) as case when not is_free_mail(split_part(address, '@', 2))
        then nullif(split_part(address, '@', 2), '') end""",
)


def define(con: duckdb.DuckDBPyConnection, *only: str) -> None:
    """Make the macros known to this connection, or some of them: their patterns take a while to compile."""
    free, roles = _listed(FREE_MAIL), _listed(ROLE_MAILBOXES)
    listed = (
        f"is_free_mail(domain) as domain in ({free})",
        f"is_role_mailbox(mail) as regexp_replace(split_part(mail, '@', 1), '[0-9]+$', '') in ({roles})",
    )
    for macro in (*listed, *_MACROS):
        if not only or macro.partition("(")[0] in only:
            con.execute(f"create or replace temp macro {macro}")


def read(con: duckdb.DuckDBPyConnection) -> None:
    """``mail_of``: every e-mail of ``person_records`` (email), as plain_text, mail_address and work_domain
    (plain, address, domain) read it: once, for that takes longer than joining does.
    """
    con.execute(
        """create or replace temp table mail_of as
        select *, work_domain(address) as domain from (
            select *, _address(plain) as address from (
                select email, plain_text(email) as plain
                from (select distinct email from person_records where email is not null)))"""
    )


def _listed(words: frozenset[str]) -> str:
    return ", ".join(f"'{word}'" for word in sorted(words))
