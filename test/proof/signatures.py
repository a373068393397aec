"""Checks signatures with nothing but Python's standard library: slow, short, and of another hand.

Ed25519 as in RFC 8032, 5.1.7 (without a cofactor, as Node checks it); ECDSA as in FIPS 186-5; RSA as in
RFC 8017, PKCS #1 v1.5.
"""

import functools
import hashlib

P = 2**255 - 19
L = 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, P - 2, P) % P


def ed_add(a, b):
    x1, y1, z1, t1 = a
    x2, y2, z2, t2 = b
    aa = (y1 - x1) * (y2 - x2) % P
    bb = (y1 + x1) * (y2 + x2) % P
    cc = 2 * t1 * t2 * D % P
    dd = 2 * z1 * z2 % P
    e, f, g, h = bb - aa, dd - cc, dd + cc, bb + aa
    return e * f % P, g * h % P, f * g % P, e * h % P


def times(k, point, add, zero):
    result = zero
    while k > 0:
        if k & 1:
            result = add(result, point)
        point = add(point, point)
        k >>= 1
    return result


def ed_point(data):
    y = int.from_bytes(data, "little")
    sign, y = y >> 255, y & ((1 << 255) - 1)
    if y >= P:
        return None
    x2 = (y * y - 1) * pow(D * y * y + 1, P - 2, P) % P
    x = pow(x2, (P + 3) // 8, P)
    if (x * x - x2) % P != 0:
        x = x * pow(2, (P - 1) // 4, P) % P
    if (x * x - x2) % P != 0 or (x == 0 and sign):
        return None
    x = P - x if x & 1 != sign else x
    return x, y, 1, x * y % P


ED_BASE = ed_point((4 * pow(5, P - 2, P) % P).to_bytes(32, "little"))


@functools.lru_cache(maxsize=4096)
def ed25519(key, message, signature):
    a, r = ed_point(key), ed_point(signature[:32])
    s = int.from_bytes(signature[32:], "little")
    if a is None or r is None or len(signature) != 64 or s >= L:
        return False
    digest = hashlib.sha512(signature[:32] + key + message).digest()
    h = int.from_bytes(digest, "little") % L
    zero = (0, 1, 1, 0)
    left = times(s, ED_BASE, ed_add, zero)
    right = ed_add(r, times(h, a, ed_add, zero))
    return (left[0] * right[2] - right[0] * left[2]) % P == 0 and (
        left[1] * right[2] - right[1] * left[2]
    ) % P == 0


# FIPS 186-5 and SP 800-186, 3.2.1: modulus, order, b and base point of y² = x³ - 3x + b.
CURVES = {
    "P-256": (
        2**256 - 2**224 + 2**192 + 2**96 - 1,
        0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551,
        0x5AC635D8AA3A93E7B3EBBD55769886BC651D06B0CC53B0F63BCE3C3E27D2604B,
        (
            0x6B17D1F2E12C4247F8BCE6E563A440F277037D812DEB33A0F4A13945D898C296,
            0x4FE342E2FE1A7F9B8EE7EB4A7C0F9E162BCE33576B315ECECBB6406837BF51F5,
        ),
    ),
    "P-384": (
        2**384 - 2**128 - 2**96 + 2**32 - 1,
        0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFC7634D81F4372DDF581A0DB248B0A77AECEC196ACCC52973,
        0xB3312FA7E23EE7E4988E056BE3F82D19181D9C6EFE8141120314088F5013875AC656398D8A2ED19D2A85C8EDD3EC2AEF,
        (
            0xAA87CA22BE8B05378EB1C71EF320AD746E1D3B628BA79B9859F741E082542A385502F25DBF55296C3A545E3872760AB7,
            0x3617DE4A96262C6F5D9E98BF9292DC29F8F41DBD289A147CE9DA3113B5F0B8C00A60B1CE1D7E819D7A431D7C90EA0E5F,
        ),
    ),
    "P-521": (
        2**521 - 1,
        0x01FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFA51868783BF2F966B7FCC0148F709A5D03BB5C9B8899C47AEBB6FB71E91386409,
        0x0051953EB9618E1C9A1F929A21A0B68540EEA2DA725B99B315F3B8B489918EF109E156193951EC7E937B1652C0BD3BB1BF073573DF883D2C34F1EF451FD46B503F00,
        (
            0x00C6858E06B70404E9CD9E3ECB662395B4429C648139053FB521F828AF606B4D3DBAA14B5E77EFE75928FE1DC127A2FFA8DE3348B3C1856A429BF97E7E31C2E5BD66,
            0x011839296A789A3BC0045C8A5FB42C7D1BD998F54449579B446817AFBD17273E662C97EE72995EF42640C550B9013FAD0761353C7086A272C24088BE94769FD16650,
        ),
    ),
}


def ec_add(a, b, q):
    if a is None or b is None:
        return a or b
    if a[0] == b[0]:
        if (a[1] + b[1]) % q == 0:
            return None
        slope = (3 * a[0] * a[0] - 3) * pow(2 * a[1], -1, q) % q
    else:
        slope = (b[1] - a[1]) * pow(b[0] - a[0], -1, q) % q
    x = (slope * slope - a[0] - b[0]) % q
    return x, (slope * (a[0] - x) - a[1]) % q


@functools.lru_cache(maxsize=256)
def ecdsa(curve, x, y, digest, r, s):
    """Whether r and s are of this digest, by the key (x, y)."""
    q, n, b, base = CURVES[curve]
    if not (0 < r < n and 0 < s < n):
        return False
    if x >= q or y >= q or (y * y - x * x * x + 3 * x - b) % q != 0:
        return False
    e = int.from_bytes(digest, "big") >> max(0, len(digest) * 8 - n.bit_length())
    w = pow(s, -1, n)
    add = functools.partial(ec_add, q=q)
    point = add(times(e * w % n, base, add, None), times(r * w % n, (x, y), add, None))
    return point is not None and point[0] % n == r


def es256(x, y, message, signature):
    x, y = (int.from_bytes(each, "big") for each in (x, y))
    r, s = (int.from_bytes(each, "big") for each in (signature[:32], signature[32:]))
    return len(signature) == 64 and ecdsa("P-256", x, y, hashlib.sha256(message).digest(), r, s)


# RFC 8017, 9.2: DigestInfo up to the digest.
DIGEST_INFO = {
    "sha256": bytes.fromhex("3031300d060960864801650304020105000420"),
    "sha384": bytes.fromhex("3041300d060960864801650304020205000430"),
    "sha512": bytes.fromhex("3051300d060960864801650304020305000440"),
}


def rsa(n, e, name, message, signature):
    """RSASSA-PKCS1-v1_5 (RFC 8017, 8.2.2)."""
    size, s = (n.bit_length() + 7) // 8, int.from_bytes(signature, "big")
    digest = DIGEST_INFO[name] + hashlib.new(name, message).digest()
    padded = b"\0\1" + b"\xff" * (size - len(digest) - 3) + b"\0" + digest
    return n.bit_length() >= 2048 and len(signature) == size and s < n and pow(s, e, n).to_bytes(size, "big") == padded


def rsa_pss(n, e, name, salt, message, signature):
    """RSASSA-PSS (RFC 8017, 8.1.2 and 9.1.2), with MGF1 of the same digest."""
    bits, s = n.bit_length() - 1, int.from_bytes(signature, "big")
    size, digest = (bits + 7) // 8, hashlib.new(name, message).digest()
    length, m = len(digest), pow(s, e, n)
    if bits < 2047 or len(signature) != (n.bit_length() + 7) // 8 or s >= n or m.bit_length() > bits:
        return False
    block, seed, end = (data := m.to_bytes(size, "big"))[: -length - 1], data[-length - 1 : -1], data[-1]
    mask = b"".join(hashlib.new(name, seed + i.to_bytes(4, "big")).digest() for i in range(size // length + 1))
    clear = int.from_bytes(block, "big") ^ int.from_bytes(mask[: len(block)], "big")
    padded = (clear & ((1 << (bits - 8 * length - 8)) - 1)).to_bytes(len(block), "big")
    start = len(padded) - salt
    if end != 0xBC or start < 1 or padded[:start] != b"\0" * (start - 1) + b"\1":
        return False
    return hashlib.new(name, b"\0" * 8 + digest + padded[start:]).digest() == seed
