"""An RSA public key that checks RS256 signatures, read from PEM. Only what the JWT flow needs."""

import base64
import hashlib
import hmac
from dataclasses import dataclass

# DigestInfo of SHA-256, RFC 8017 section 9.2.
_SHA256 = bytes.fromhex("3031300d060960864801650304020105000420")


@dataclass(frozen=True, slots=True)
class PublicKey:
    modulus: int
    exponent: int

    @classmethod
    def parse(cls, pem: str) -> "PublicKey":
        """From ``-----BEGIN PUBLIC KEY-----``. ValueError if it is none."""
        lines = [line for line in pem.strip().splitlines() if line and not line.startswith("-----")]
        outer = _content(base64.b64decode("".join(lines)), 0x30)
        algorithm_end = _end(outer)
        bits = _content(outer[algorithm_end:], 0x03)
        numbers = _content(bits[1:], 0x30)
        modulus = _content(numbers, 0x02)
        exponent = _content(numbers[_end(numbers) :], 0x02)
        return cls(int.from_bytes(modulus), int.from_bytes(exponent))

    def verifies(self, message: bytes, signature: bytes) -> bool:
        """PKCS #1 v1.5 with SHA-256."""
        size = (self.modulus.bit_length() + 7) // 8
        opened = pow(int.from_bytes(signature), self.exponent, self.modulus).to_bytes(size)
        info = _SHA256 + hashlib.sha256(message).digest()
        padded = b"\x00\x01" + b"\xff" * (size - len(info) - 3) + b"\x00" + info
        return hmac.compare_digest(opened, padded)


def _span(der: bytes) -> tuple[int, int]:
    """Where the content of the first DER element starts and ends."""
    if len(der) < 2:
        message = "not a public key"
        raise ValueError(message)
    length = der[1]
    if length < 0x80:
        return 2, 2 + length
    count = length & 0x7F
    return 2 + count, 2 + count + int.from_bytes(der[2 : 2 + count])


def _content(der: bytes, tag: int) -> bytes:
    start, end = _span(der)
    if der[0] != tag:
        message = "not a public key"
        raise ValueError(message)
    return der[start:end]


def _end(der: bytes) -> int:
    return _span(der)[1]
