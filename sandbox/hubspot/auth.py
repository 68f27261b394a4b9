"""Tokens: a service key that never expires, and OAuth access tokens that do."""

from dataclasses import dataclass
from random import Random

from sandbox.hubspot.errors import token_expired, unauthenticated
from sandbox.hubspot.values import iso_ms

ACCESS_TOKEN_LIFE_S = 1800
ALL_SCOPES = frozenset(
    {
        "oauth",
        "automation",
        "business-intelligence",
        "communication_preferences.read",
        "communication_preferences.read_write",
        "content",
        "crm.lists.read",
        "crm.lists.write",
        "crm.objects.owners.read",
        "forms",
        "marketing-email",
        "e-commerce",
        "analytics.behavioral_events.send",
        *(
            f"crm.{area}.{name}.{way}"
            for area in ("objects", "schemas")
            for name in (
                "contacts",
                "companies",
                "deals",
                "tickets",
                "products",
                "line_items",
                "quotes",
                "invoices",
                "leads",
                "carts",
                "orders",
                "feedback_submissions",
            )
            for way in ("read", "write")
        ),
    }
)


@dataclass(slots=True)
class Token:
    """expires_ms None: a service key. oauth: counted against the app's own burst limit."""

    text: str
    scopes: set[str]
    expires_ms: int | None = None

    @property
    def oauth(self) -> bool:
        return self.expires_ms is not None


class Keyring:
    """All tokens of the account, made from a seed so that they are the same every time."""

    def __init__(self, seed: int) -> None:
        self._random = Random(seed)
        self.service_key = f"pat-na1-{self._secret(8)}-{self._secret(4)}-{self._secret(4)}-{self._secret(12)}"
        self.client_id = f"{self._secret(8)}-{self._secret(4)}-{self._secret(4)}-{self._secret(12)}"
        self.client_secret = f"{self._secret(8)}-cs-{self._secret(12)}"
        self.refresh_token = f"na1-{self._secret(8)}-rt-{self._secret(12)}"
        self.refreshes = 0
        self.scopes = set(ALL_SCOPES)
        self.tokens = {self.service_key: Token(self.service_key, self.scopes)}

    def check(self, header: str | None, now_ms: int) -> Token:
        """ApiError 401 without a Bearer token, with an unknown one, or an expired one."""
        scheme, _, text = (header or "").partition(" ")
        token = self.tokens.get(text.strip())
        if scheme.lower() != "bearer" or token is None:
            raise unauthenticated()
        if token.expires_ms is not None and token.expires_ms <= now_ms:
            raise token_expired((now_ms - token.expires_ms) // 1000, iso_ms(token.expires_ms))
        return token

    def refresh(self, now_ms: int) -> Token:
        """A new access token; those before stay valid until they expire."""
        self.refreshes += 1
        token = Token(f"CJT{self._secret(40)}", self.scopes, now_ms + ACCESS_TOKEN_LIFE_S * 1000)
        self.tokens[token.text] = token
        return token

    def expire(self, now_ms: int) -> None:
        """Every OAuth token has expired a moment ago."""
        for token in self.tokens.values():
            if token.expires_ms is not None:
                token.expires_ms = min(token.expires_ms, now_ms - 1000)

    def revoke(self, text: str) -> bool:
        return self.tokens.pop(text, None) is not None

    def _secret(self, length: int) -> str:
        return "".join(self._random.choices("0123456789abcdef", k=length))
