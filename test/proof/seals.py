"""Checks seals of policies, and the signatures attached to them, with nothing but Python's standard library.

Written from policies/FORMAT.md and the standards alone: JWS (RFC 7515, Ed25519), CMS (RFC 5652), CAdES (EN 319 122-1).

    python3 test/proof/seals.py policies gb       # each statement of the folder's chain, and since when it counts

With --cases it reads a JSON object a line: {"text", "cms", "certificates"}, the last two in base64, and prints {"by": which
of the certificates signed, or null, "at"?}; or {"folder", "seals", "sealers"}, and prints {"counts": [a moment or null]}.
"""

import base64
import datetime
import hashlib
import json
import pathlib
import re
import sys

from signatures import ed25519, rsa_pss
from stamps import DIGESTS, SIGNATURES, Der, Stamp, certificate_in, named, number, oid, signed_by, tagged, time_of

CMS_MAX = 65_535
DATA, SIGNED, PSS, RSA = "1.2.840.113549.1.7.1", "1.2.840.113549.1.7.2", "1.2.840.113549.1.1.10", "1.2.840.113549.1.1.1"
MGF1 = "1.2.840.113549.1.1.8"
CONTENT_TYPE, DIGEST, TIME = (f"1.2.840.113549.1.9.{n}" for n in (3, 4, 5))
# Of several drafts for one day.
LETTER = re.compile(r"\.[b-z](?=\.json\Z)")
OLD, NEW = (f"1.2.840.113549.1.9.16.2.{n}" for n in (12, 47))


def attached(text, cms, certificates):
    """Which of these certificates signed this text, and when, in seconds; ValueError and the like if none did."""
    if len(cms) > CMS_MAX:
        raise ValueError("too long")
    outer = tagged(Der(cms), 0x30, 0x06, 0xA0)
    parts = tagged(outer[1][0], 0x30, 0x02, 0x31, 0x30)
    content = tagged(parts[2], 0x30, 0x06)
    if oid(outer[0]) != SIGNED or oid(content[0]) != DATA or parts[-1].tag != 0x31 or len(parts[-1].parts) != 1:
        raise ValueError("not one signature of data")
    if len(content) > 1 and tagged(content[1], 0xA0, 0x04)[0].content != text:
        raise ValueError("another text within")
    _, _, digest, attributes, algorithm, signature = parts[-1][0].parts[:6]
    values, name = Stamp.attributes(attributes), DIGESTS[oid(digest[0])]
    if oid(values[CONTENT_TYPE]) != DATA or values[DIGEST].content != hashlib.new(name, text).digest():
        raise ValueError("another text")
    at = next(i for i, each in enumerate(certificates) if each and named(each, values.get(OLD), values[NEW]))
    certificate, ms = certificates[at], time_of(values[TIME])
    message = b"\x31" + attributes.data[1:]
    if signature.tag != 0x04 or not holds(certificate.key, algorithm, name, message, signature.content):
        raise ValueError("not signed")
    if not certificate.start <= ms <= certificate.end:
        raise ValueError("not valid then")
    return at, ms // 1000


def holds(key, algorithm, name, message, signature):
    of = oid(algorithm[0])
    if of != PSS:
        if of == RSA:
            of = next(each for each, known in SIGNATURES.items() if known == ("rsa", name))
        return signed_by(key, of, message, signature)
    digest, salt = parameters(algorithm[1])
    spki = Der(key)
    key_of, bits = oid(spki[0][0]), spki[1].content[1:]
    if key_of not in (RSA, PSS):
        raise ValueError("another kind of key")
    if key_of == PSS and len(spki[0].parts) > 1:
        # RFC 4055, 3.3: the key says with which digest it signs, and with how long a salt at least.
        own, least = parameters(spki[0][1])
        if own != digest or salt < least:
            raise ValueError("not as the key signs")
    n, e = map(number, tagged(Der(bits), 0x30, 0x02, 0x02))
    return rsa_pss(n, e, digest, salt, message, signature)


def parameters(der):
    """The digest of RSASSA-PSS, one for all, and the length of its salt (RFC 4055, 3.1)."""
    members = {each.tag & 0x1F: each[0] for each in reversed(tagged(der, 0x30)) if each.tag & 0xE0 == 0xA0}
    digest, mask = DIGESTS[oid(members[0][0])], tagged(members[1], 0x30, 0x06, 0x30)
    trailer = members[3].content if 3 in members else b"\1"
    if oid(mask[0]) != MGF1 or oid(mask[1][0]) != oid(members[0][0]) or trailer != b"\1":
        raise ValueError("not one digest for all")
    return digest, tagged_number(members[2]) if 2 in members else 20


def tagged_number(der):
    if der.tag != 0x02 or len(der.content) > 2 or der.content[0] > 0x7F:
        raise ValueError("no length of a salt")
    return number(der)


def canonical(value):
    """RFC 8785, of objects whose keys are ASCII and whose numbers are whole."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def moment(text):
    return datetime.datetime.fromisoformat(text.replace("Z", "+00:00"))


def unpadded(text):
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def signed(signature, text, began, sealers):
    """Who signed, and when."""
    if isinstance(signature, dict):
        certificates = [certificate_in(base64.b64decode(each.get("certificate", ""))) for each in sealers]
        at, seconds = attached(text, base64.b64decode(signature["cms"], validate=True), certificates)
        when = datetime.datetime.fromtimestamp(seconds, datetime.timezone.utc)
        # A program states whole seconds.
        is_within = moment(began) < when + datetime.timedelta(seconds=1)
        return sealers[at], max(when, moment(began)) if is_within else when
    header, payload, mark = signature.split(".")
    said = json.loads(unpadded(header))
    by = next(each for each in sealers if each["kid"] == said["kid"])
    message = header.encode() + b"." + base64.urlsafe_b64encode(text).rstrip(b"=")
    if payload or said["typ"] != "comity-seal+jws" or said["alg"] != "EdDSA" or set(said) - {"alg", "kid", "typ", "signedAt"}:
        raise ValueError("another kind of signature")
    if not ed25519(unpadded(by["jwk"]["x"]), message, unpadded(mark)):
        raise ValueError("not signed")
    return by, moment(said.get("signedAt", began))


def role_of(sealer):
    return sealer["role"]


def name_of(sealer):
    return sealer["name"]


def key_of(sealer):
    if "jwk" in sealer:
        return unpadded(sealer["jwk"]["x"])
    return certificate_in(base64.b64decode(sealer["certificate"])).key


def stands(folder, seal, when, files):
    """Whether what is said of a file can be said of it: sealed once for one day, and retired once. It is written down."""
    body, path = seal["body"], seal["body"]["path"]
    digest, ended = files.get(path, (None, None))
    if not path.startswith(f"{folder}/"):
        return False
    if body["act"] == "retire":
        if digest != body["sha256"] or ended or moment(body["from"]) < moment(seal["statedAt"]):
            return False
        files[path] = digest, max(moment(body["from"]), when)
        return True
    same = [end for other, (_, end) in files.items() if day_of(other) == day_of(path)]
    if digest or any(end is None or when < end for end in same):
        return False
    files[path] = body["sha256"], None
    return True


def day_of(path):
    return LETTER.sub("", path)


def counting(folder, seals, sealers):
    """When each statement of a chain counts from, or None: nothing behind what does not count does."""
    own = [each for each in sealers if "*" in each["folders"] or folder in each["folders"]]
    before, last, counts, files = "0" * 64, None, [], {}
    for at, seal in enumerate(seals):
        text = canonical({key: value for key, value in seal.items() if key != "signatures"})
        began = moment(seal["statedAt"])
        try:
            if (seal["chain"], seal["number"], seal["previous"]) != (f"seals/{folder}", at + 1, before):
                raise ValueError("the chain breaks")
            by = [signed(each, text, seal["statedAt"], own) for each in seal["signatures"]]
            # Two people, in both roles, with two keys, whatever certificate a key is in.
            two = any(all(of(a) != of(b) for of in (role_of, name_of, key_of)) for a, _ in by for b, _ in by)
            follows = None not in counts and (last is None or last <= began)
            when = max(when for _, when in by)
            is_sealed = two and follows and all(began <= each for _, each in by) and stands(folder, seal, when, files)
            counts.append(when.isoformat() if is_sealed else None)
        except (ValueError, IndexError, KeyError, TypeError, StopIteration, RecursionError):
            counts.append(None)
        before, last = hashlib.sha256(text).hexdigest(), began
    return counts


def judge(case):
    if "seals" in case:
        return {"counts": counting(case["folder"], case["seals"], case["sealers"])}
    certificates = [certificate_in(base64.b64decode(each)) for each in case["certificates"]]
    try:
        by, seconds = attached(case["text"].encode(), base64.b64decode(case["cms"]), certificates)
        return {"by": by, "at": seconds * 1000}
    except (ValueError, IndexError, KeyError, TypeError, StopIteration, RecursionError):
        return {"by": None}


if __name__ == "__main__":
    if sys.argv[1:] == ["--cases"]:
        for line in sys.stdin:
            print(json.dumps(judge(json.loads(line))), flush=True)
    else:
        policies, folder = pathlib.Path(sys.argv[1]), sys.argv[2]
        seals, sealers = (json.loads((policies / name).read_text()) for name in (f"{folder}/seals.json", "sealers.json"))
        counts = counting(folder, seals, sealers)
        for seal, since in zip(seals, counts):
            print(f"{seal['body']['act']} {seal['body']['path']}: {since or 'does not count'}")
        sys.exit(0 if None not in counts else 5)
