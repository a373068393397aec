"""Computes entry-v1.json to entry-v4.json from FORMAT.md alone, with no code of the gateway.

Run once, on a machine with Python's `cryptography`; its output is frozen, since entries of every version
are read for ever: python3 entry.py 4 > entry-v4.json
"""

import base64
import hashlib
import hmac
import json
import pathlib
import sys
import zlib

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, utils
from cryptography.hazmat.primitives.ciphers.aead import AESGCM


def b64(data):
    return base64.urlsafe_b64encode(data).decode().rstrip("=")


def sha256(data):
    return hashlib.sha256(data).digest()


def jcs(value):
    """RFC 8785, for what is below: ASCII names, whole numbers, no control characters."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def hkdf(key, info, length=32):
    """RFC 5869 with an empty salt."""
    extracted = hmac.new(bytes(32), key, hashlib.sha256).digest()
    last, out = b"", b""
    while len(out) < length:
        last = hmac.new(extracted, last + info + bytes([len(out) // 32 + 1]), hashlib.sha256).digest()
        out += last
    return out[:length]


def part(name, least, key, nonce, aad, value):
    """One part since version 3: deflated, filled to whole kilobytes, encrypted."""
    path = pathlib.Path(__file__).parents[3] / f"functions/ledger/dictionary-v{min(version, 4)}.json"
    usual = json.loads(path.read_text())
    deflater = zlib.compressobj(9, zlib.DEFLATED, -15, zdict=jcs(usual if version == 3 else usual[name]))
    deflated = deflater.compress(jcs(value)) + deflater.flush()
    plain = len(deflated).to_bytes(4, "big") + deflated
    plain += bytes(max(-(len(plain) + 28) % 1024, 1024 * least - len(plain) - 28))
    return nonce + AESGCM(key).encrypt(nonce, plain, aad)


version = int(sys.argv[1])
agency, jti = "FR-SPOC", "k3Jx0v1mQ2e8yZr5"
eid = b64(sha256(agency.encode() + b"\x1f" + jti.encode()))
law = {"pol": [{"id": "de/bkag", "version": "2026-02-14", "digest": "00" * 32}], "lists": []}
header = {
    "t": "decision",
    "log": "comity.example/de/2026",
    "eid": eid,
    "ts": "2026-11-24T22:25:46.123Z",
    "hj": "DE",
    "aj": "FR",
    "out": "redact",
    **(law if version < 3 else {"pol": ["de/bkag@2026-02-14"], "refs": b64(sha256(jcs(law)))}),
    "eng": "11" * 32,
    "req": b64(sha256(b"header.payload")),
    "pay": b64(sha256(b"\x02" + bytes([9]) * 32 + jcs({"items": []}))),
}
values = {
    "call": {"agency": agency, "officer": "officer-7"},
    "matter": {"caseReference": "K 12/26", "holder": "DE-POL"},
    "subject": {"asked": "AAAAAAAAAAAAAAAAAAAAAA", "name": "Zoë Łukasiewicz 🦉"},
}
evidence = {"jws": "header.payload.signature", "body": '{"holder":"DE-POL"}'}
kek = bytes(range(32))

aad = eid.encode() + b"\x1f" + header["log"].encode()
if version < 3:
    # The fresh bytes of the call number n are n, n, n, …: three salts, then the nonce.
    salts = {name: bytes([n]) * 32 for n, name in enumerate(values, 1)}
    nonce = bytes([4]) * 12
    openings = {name: {"salt": b64(salts[name]), "value": values[name]} for name in values}
    data_key = hkdf(kek, b"comity entry " + eid.encode())
    sealed = nonce + AESGCM(data_key).encrypt(
        nonce, jcs({"openings": openings, "evidence": evidence}), aad
    )
else:
    derived = hkdf(kek, b"comity entry 3 " + eid.encode(), 32 * (len(values) + 2))
    pieces = [derived[at : at + 32] for at in range(0, len(derived), 32)]
    salts = dict(zip(sorted(values), pieces[2:]))
    data_key = pieces[0]
    caller = {**evidence, "call": values["call"]}
    findings = {name: value for name, value in values.items() if name != "call"}
    first = part("caller", 1, pieces[0], bytes([1]) * 12, aad + b"\x1fcaller", caller)
    second = part("findings", 1 if version == 3 else 2, pieces[1], bytes([2]) * 12, aad + b"\x1ffindings", findings)
    sealed = (len(first) // 1024).to_bytes(2, "big") + first + second
attempt, kid_of_key = "AAAAAAAAAAAAAAAAAAAAAA", "BBBBBBBBBBBBBBBBBBBBBB"
leaf = {
    "v": version,
    **header,
    "d": {name: b64(sha256(b"\x02" + salts[name] + jcs(values[name]))) for name in values},
}
if version > 1:
    beside = attempt.encode() + b"\x1f" + kid_of_key.encode() + b"\x1f" + sealed
    leaf["kept"] = b64(sha256(b"\x03" + beside))
leaf_bytes = jcs(leaf)
leaf_hash = sha256(b"\x00" + leaf_bytes)

pk, sk = "K#DE#AAAAAAAAAAAAAAAAAAAAAA", "000001"
wrap_key = hkdf(bytes([1]) * 32, b"comity wrap DE")
wrapped = bytes([5]) * 12 + AESGCM(wrap_key).encrypt(
    bytes([5]) * 12, kek, pk.encode() + b"\x1f" + sk.encode()
)

signer = ec.derive_private_key(7, ec.SECP256R1())
numbers = signer.public_key().public_numbers()
jwk = {
    "kty": "EC",
    "crv": "P-256",
    "x": b64(numbers.x.to_bytes(32, "big")),
    "y": b64(numbers.y.to_bytes(32, "big")),
}
kid = b64(sha256(jcs(jwk)))
says = {
    "v": 1,
    "log": leaf["log"],
    "eid": eid,
    "lh": b64(leaf_hash),
    "out": "redact",
    "ts": leaf["ts"],
    "sealBy": "2026-11-24T22:26:46.123Z",
    "req": leaf["req"],
}
signed = b64(jcs({"alg": "ES256", "typ": "comity-receipt+jwt", "kid": kid})) + "." + b64(jcs(says))
r, s = utils.decode_dss_signature(signer.sign(signed.encode(), ec.ECDSA(hashes.SHA256())))
receipt = signed + "." + b64(r.to_bytes(32, "big") + s.to_bytes(32, "big"))

print(
    json.dumps(
        {
            "agency": agency,
            "jti": jti,
            "header": header,
            "values": values,
            "evidence": evidence,
            "kek": kek.hex(),
            "eid": eid,
            "leafBytes": leaf_bytes.hex(),
            "leafHash": leaf_hash.hex(),
            "dataKey": data_key.hex(),
            "sealed": sealed.hex(),
            "attempt": attempt,
            "shard": base64.urlsafe_b64decode(eid + "=")[0] % 4,
            "subjectKey": {
                "kid": kid_of_key,
                "pk": pk,
                "sk": sk,
                "wrapKey": wrap_key.hex(),
                "wrapped": wrapped.hex(),
            },
            "jwk": {**jwk, "kid": kid, "alg": "ES256", "use": "sig"},
            "receiptSays": says,
            "receipt": receipt,
        },
        indent=2,
        ensure_ascii=False,
    )
)
