"""Checks time stamps (RFC 3161) with nothing but Python's standard library.

Written from functions/ledger/FORMAT.md and the standards alone: DER, CMS (RFC 5652), certificates (RFC 5280).
With --cases it reads a JSON object a line, {"token", "bytes", "certificate", "policy"?}, bytes in base64, and prints
{"stamp": "named", "unnamed" or null, "ms"} a line.
"""

import base64
import datetime
import functools
import hashlib
import json
import re
import sys

from signatures import ecdsa, rsa

TOKEN_MAX = 32_768
CHAIN_MAX = 4
DEPTH_MAX = 32
CERTIFICATES_MAX = 8
OID_MAX = 128
MS_MAX = 32_503_680_000_000
SHA256 = "2.16.840.1.101.3.4.2.1"
DIGESTS = {SHA256: "sha256", "2.16.840.1.101.3.4.2.2": "sha384", "2.16.840.1.101.3.4.2.3": "sha512"}
SIGNATURES = {
    **{f"1.2.840.113549.1.1.{11 + i}": ("rsa", name) for i, name in enumerate(DIGESTS.values())},
    **{f"1.2.840.10045.4.3.{2 + i}": ("ec", name) for i, name in enumerate(DIGESTS.values())},
}
CURVES = {"1.2.840.10045.3.1.7": "P-256", "1.3.132.0.34": "P-384", "1.3.132.0.35": "P-521"}
BASIC, USAGE, EXTENDED = "2.5.29.19", "2.5.29.15", "2.5.29.37"
KNOWN = {BASIC, USAGE, EXTENDED, "2.5.29.32"}
STAMPING, ANY = "1.3.6.1.5.5.7.3.8", "2.5.29.37.0"


class Der:
    """One element: its tag, all its bytes, its contents and, of a constructed one, its parts."""

    def __init__(self, data, depth=0):
        self.tag, self.data = data[0], data
        length, start = data[1], 2
        if length >= 0x80:
            start += length & 0x7F
            length = int.from_bytes(data[2:start], "big")
            if start == 2 or data[2] == 0 or length < 0x80:
                raise ValueError("not the shortest length")
        if self.tag & 0x1F == 0x1F or start + length != len(data) or depth > DEPTH_MAX:
            raise ValueError("not one element")
        self.content, self.parts = data[start:], []
        rest = self.content if self.tag & 0x20 else b""
        while rest:
            size = whole(rest)
            self.parts.append(Der(rest[:size], depth + 1))
            rest = rest[size:]

    def __getitem__(self, at):
        return self.parts[at]


def whole(data):
    """How long the element at the beginning of these bytes is."""
    if data[1] < 0x80:
        return 2 + data[1]
    start = 2 + (data[1] & 0x7F)
    return start + int.from_bytes(data[2:start], "big")


def tagged(der, tag, *tags):
    """The parts of an element of this tag, whose first ones have these tags."""
    if der.tag != tag or len(der.parts) < len(tags) or any(a.tag != b for a, b in zip(der.parts, tags)):
        raise ValueError("another form")
    return der.parts


def oid(der):
    if der.tag != 0x06 or len(der.content) > OID_MAX:
        return ""
    arcs, arc, begun = [], 0, False
    for byte in der.content:
        if not begun and byte == 0x80:
            return ""
        arc, begun = arc * 128 + (byte & 0x7F), byte >= 0x80
        if not begun:
            arcs.append(arc)
            arc = 0
    if begun or not arcs:
        return ""
    top = min(2, arcs[0] // 40)
    return ".".join(map(str, [top, arcs[0] - top * 40, *arcs[1:]]))


def time_of(der):
    """Milliseconds since the epoch, a part of one counted as one."""
    text = der.content.decode("ascii")
    if der.tag == 0x17:
        text = ("20" if int(text[:2]) < 50 else "19") + text
    elif der.tag != 0x18:
        raise ValueError("no time")
    match = re.fullmatch(r"(\d{14})(?:\.(\d*[1-9]))?Z", text, re.A)
    at = datetime.datetime.strptime(match[1], "%Y%m%d%H%M%S") - datetime.datetime(1970, 1, 1)
    part = match[2] or ""
    return at // datetime.timedelta(milliseconds=1) + int(part[:3].ljust(3, "0")) + (len(part) > 3)


def number(der):
    return int.from_bytes(der.content, "big")


@functools.lru_cache(maxsize=1024)
def signed_by(key, algorithm, message, signature):
    """Whether a key, as a certificate has it, signed bytes by an algorithm that is known here."""
    try:
        return holds(Der(key), algorithm, message, signature)
    except (ValueError, IndexError, TypeError):
        return False


def holds(key, algorithm, message, signature):
    kind, name = SIGNATURES.get(algorithm, (None, None))
    of, bits = oid(key[0][0]), key[1].content[1:]
    if kind == "rsa" and of == "1.2.840.113549.1.1.1":
        n, e = map(number, tagged(Der(bits), 0x30, 0x02, 0x02))
        return rsa(n, e, name, message, signature)
    curve = CURVES.get(oid(key[0][1])) if kind == "ec" and of == "1.2.840.10045.2.1" else None
    if curve is None or bits[0] != 4:
        return False
    half = (len(bits) + 1) // 2
    x, y = int.from_bytes(bits[1:half], "big"), int.from_bytes(bits[half:], "big")
    r, s = map(number, tagged(Der(signature), 0x30, 0x02, 0x02))
    if signature != pair(r, s):
        return False
    return ecdsa(curve, x, y, hashlib.new(name, message).digest(), r, s)


def pair(r, s):
    """The one way to write both."""
    numbers = [each.to_bytes(each.bit_length() // 8 + 1, "big") for each in (r, s)]
    content = b"".join(bytes([0x02, len(each)]) + each for each in numbers)
    return b"\x30" + (b"\x81" if len(content) > 127 else b"") + bytes([len(content)]) + content


class Certificate:
    def __init__(self, data):
        self.data = data
        self.tbs, algorithm, signature = tagged(Der(data), 0x30, 0x30, 0x30, 0x03)[:3]
        parts = tagged(self.tbs, 0x30, 0xA0, 0x02, 0x30, 0x30, 0x30, 0x30, 0x30)
        if signature.content[0] != 0:
            raise ValueError("bits to spare")
        self.algorithm, self.signature = oid(algorithm[0]) if algorithm.parts else "", signature.content[1:]
        self.issuer, self.subject, self.key = parts[3].data, parts[5].data, parts[6].data
        self.start, self.end = time_of(parts[4][0]), time_of(parts[4][1])
        self.extensions = {}
        for each in next((part[0].parts for part in parts[7:] if part.tag == 0xA3), []):
            critical = each[1].tag == 0x01
            if oid(each[0]) in self.extensions or (critical and each[1].content != b"\xff"):
                raise ValueError("an extension twice, or in another form")
            octets = each[2 if critical else 1]
            if octets.tag != 0x04:
                raise ValueError("no value")
            self.extensions[oid(each[0])] = critical, Der(octets.content)

    def value(self, name):
        return self.extensions.get(name, (False, None))[1]

    def may(self, bits):
        usage = self.value(USAGE)
        return usage is None or bool((usage.content + b"\0\0")[1] & bits)

    def for_stamps(self):
        """RFC 3161, 2.3."""
        critical, uses = self.extensions.get(EXTENDED, (False, None))
        return critical and [oid(each) for each in uses.parts] == [STAMPING] and self.may(0xC0)

    def may_issue(self, below):
        basic, uses = self.value(BASIC), self.value(EXTENDED)
        if basic is None or not basic.parts or (basic[0].tag, basic[0].content) != (0x01, b"\xff"):
            return False
        if len(basic.parts) > 1 and (not basic[1].content or below > basic[1].content[0]):
            return False
        return self.may(0x04) and (uses is None or bool({STAMPING, ANY} & {oid(each) for each in uses.parts}))

    def leads_to(self, trusted, others, ms, below=()):
        """RFC 5280, 6.1, but for what was revoked."""
        critical = {name for name, (is_critical, _) in self.extensions.items() if is_critical}
        if not self.start <= ms <= self.end or not critical <= KNOWN:
            return False
        if self.data == trusted.data:
            return True
        return len(below) < CHAIN_MAX and any(
            each.subject == self.issuer
            and each.data not in (self.data, *below)
            and each.may_issue(len(below))
            and signed_by(each.key, self.algorithm, self.tbs.data, self.signature)
            and each.leads_to(trusted, others, ms, (*below, self.data))
            for each in [trusted, *others]
        )


def certificate_in(data):
    try:
        return Certificate(data)
    except (ValueError, IndexError, TypeError, RecursionError):
        return None


class Stamp:
    """A token that its own certificate signed."""

    def __init__(self, token):
        if len(token) > TOKEN_MAX:
            raise ValueError("too long")
        outer = tagged(Der(token), 0x30, 0x06, 0xA0)
        parts = tagged(outer[1][0], 0x30, 0x02, 0x31, 0x30)
        kind, content = tagged(parts[2], 0x30, 0x06, 0xA0)[:2]
        info, signers = content[0], parts[-1]
        if oid(outer[0]) != "1.2.840.113549.1.7.2" or oid(kind) != "1.2.840.113549.1.9.16.1.4" or info.tag != 0x04:
            raise ValueError("no time stamp")
        certificates = next((part.parts for part in parts if part.tag == 0xA0), [])
        certificates = [each for each in (certificate_in(each.data) for each in certificates) if each]
        if len(certificates) > CERTIFICATES_MAX or signers.tag != 0x31 or len(signers.parts) != 1:
            raise ValueError("not one signer")
        _, _, digest, attributes, algorithm, signature = signers[0].parts[:6]
        self.read_info(info.content)
        name = DIGESTS[oid(digest[0])]
        values = self.attributes(attributes)
        if oid(values["1.2.840.113549.1.9.3"]) != "1.2.840.113549.1.9.16.1.4":
            raise ValueError("other content")
        if values["1.2.840.113549.1.9.4"].content != hashlib.new(name, info.content).digest():
            raise ValueError("other content")
        old, new = (values.get(f"1.2.840.113549.1.9.16.2.{n}") for n in (12, 47))
        if old is None and new is None:
            raise ValueError("no certificate is named")
        self.certificate = next(each for each in certificates if named(each, old, new))
        self.others = [each for each in certificates if each is not self.certificate]
        of = oid(algorithm[0])
        if of == "1.2.840.113549.1.1.1":
            of = next(each for each, known in SIGNATURES.items() if known == ("rsa", name))
        message = b"\x31" + attributes.data[1:]
        if signature.tag != 0x04 or not signed_by(self.certificate.key, of, message, signature.content):
            raise ValueError("not signed")
        if not self.certificate.for_stamps():
            raise ValueError("not for stamps")

    def read_info(self, data):
        parts = tagged(Der(data), 0x30, 0x02, 0x06, 0x30, 0x02, 0x18)
        algorithm, hashed = tagged(parts[2], 0x30, 0x30, 0x04)[:2]
        if parts[0].content != b"\1" or oid(algorithm[0]) != SHA256 or len(hashed.content) != 32:
            raise ValueError("another imprint")
        accuracy = next((part.parts for part in parts[5:] if part.tag == 0x30), [])
        value = {each.tag: each for each in reversed(accuracy) if each.tag in (0x02, 0x80, 0x81)}
        if any(len(each.content) > 2 for each in value.values()):
            raise ValueError("too far off")
        value = {tag: number(each) for tag, each in value.items()}
        wrong_by = value.get(0x02, 0) * 1000 + value.get(0x80, 0) + -(-value.get(0x81, 0) // 1000)
        self.imprint, self.policy, self.ms = hashed.content, oid(parts[1]), time_of(parts[4]) + wrong_by
        if self.ms >= MS_MAX:
            raise ValueError("too late")

    @staticmethod
    def attributes(der):
        values = {}
        if der.tag != 0xA0:
            raise ValueError("no signed attributes")
        for each in der.parts:
            kind, value = tagged(each, 0x30, 0x06, 0x31)[:2]
            if oid(kind) in values or len(value.parts) != 1 or not oid(kind):
                raise ValueError("an attribute twice")
            values[oid(kind)] = value[0]
        return values

    def is_by(self, authority):
        certificate, policy = authority
        return policy in (None, self.policy) and self.certificate.leads_to(certificate, self.others, self.ms)


def named(certificate, old, new):
    """Whether the signer names it by its digest, in every way in which it names one (RFC 5816)."""
    good = True
    if old is not None:
        good = old[0][0][0].content == hashlib.sha1(certificate.data).digest()
    if new is not None:
        first, *rest = new[0][0].parts
        name = "sha256" if first.tag == 0x04 else DIGESTS.get(oid(first[0]))
        digest = first if first.tag == 0x04 else rest[0]
        good = good and name is not None and digest.content == hashlib.new(name, certificate.data).digest()
    return good


@functools.lru_cache(maxsize=1024)
def stamp_in(token):
    """The stamp, or None: by whom is not said yet."""
    try:
        return Stamp(token)
    except (ValueError, IndexError, KeyError, TypeError, StopIteration, RecursionError):
        return None


def judge(case):
    """What a token over some bytes proves, as far as one authority is known."""
    stamp = stamp_in(base64.b64decode(case["token"]))
    certificate = certificate_in(base64.b64decode(case["certificate"]))
    if stamp is None or stamp.imprint != hashlib.sha256(base64.b64decode(case["bytes"])).digest():
        return {"stamp": None}
    by = certificate is not None and stamp.is_by((certificate, case.get("policy")))
    return {"stamp": "named" if by else "unnamed", "ms": stamp.ms}


if __name__ == "__main__":
    for line in sys.stdin:
        print(json.dumps(judge(json.loads(line))), flush=True)
