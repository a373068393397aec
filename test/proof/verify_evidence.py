"""A second verifier of bundles of evidence, with nothing but Python's standard library.

Written from functions/ledger/FORMAT.md alone. It decides nothing again: for that it would need the law's engine.

    verify_evidence.py FILE [--fingerprint FINGERPRINT] [--trust FILE]

prints {"holds", "word", "fingerprint", "findings": [{"file", "says"}], "stamps"}, `file` null for the zip itself, and ends with
0, with 5 if something was found, with 2 if nothing was, but neither key nor trust file was named, or with 7 if nothing
was, by keys that only the file or its gateway vouches for.
With --cases it reads a JSON object a line, {"zip": base64, "key"?, "trust"?}, and prints as much a line.
"""

import base64
import datetime
import hashlib
import json
import re
import struct
import sys
import urllib.parse
import zlib

from signatures import ed25519
from stamps import stamp_in
from verify_log import (
    LOG_NAME,
    CLOCKS,
    WEAK,
    Keys,
    belongs,
    canonical,
    checkpoint_in,
    cosigned_by,
    included,
    instant,
    is_count,
    is_id,
    is_look,
    is_refs,
    is_text,
    iso,
    keys_in,
    leaf_hash,
    leaf_in,
    moment,
    note_in,
    proof_in,
    read_file,
    signed_by,
    signed_call,
    to64,
    un64,
    weakest,
    uncalled,
)

BYTES_MAX = 16 * 1024 * 1024
FILES_MAX = 2000
SLACK = 60
NAME = re.compile(r"(?!.*\.\.)[A-Za-z0-9][A-Za-z0-9._/-]{0,199}")


def sha64(data):
    return to64(hashlib.sha256(data).digest())


def canonical_in(data):
    """The value that these bytes are the canonical JSON (RFC 8785) of, or None."""
    try:
        text = data.decode()
        value = json.loads(text)
        return value if canonical(value) == text else None
    except (ValueError, TypeError, RecursionError):
        return None


def members(value, needed, optional=()):
    return isinstance(value, dict) and set(needed) <= set(value) <= set(needed) | set(optional)


# The zip.


def zip_of(files):
    """The one zip of these files."""
    local, directory = b"", b""
    for name, data in sorted(files.items()):
        shared = struct.pack("<5H3I2H", 20, 0x0800, 0, 0, 0x0021, zlib.crc32(data), len(data), len(data), len(name), 0)
        place = struct.pack("<3H2I", 0, 0, 0, 0, len(local))
        directory += b"PK\1\2" + struct.pack("<H", 20) + shared + place + name.encode()
        local += b"PK\3\4" + shared + name.encode() + data
    return local + directory + b"PK\5\6" + struct.pack("<I2H2IH", 0, len(files), len(files), len(directory), len(local), 0)


def files_in(data):
    """The files of a zip by name, or None."""
    end = len(data) - 22
    if end < 0 or data[end : end + 4] != b"PK\5\6":
        return None
    count, _, at = struct.unpack_from("<H2I", data, end + 10)
    files, total = {}, 0
    for _ in range(count):
        if count > FILES_MAX or at + 46 > end or data[at : at + 4] != b"PK\1\2":
            return None
        method, size = struct.unpack_from("<H", data, at + 10)[0], struct.unpack_from("<I", data, at + 24)[0]
        length, offset = struct.unpack_from("<H", data, at + 28)[0], struct.unpack_from("<I", data, at + 42)[0]
        name = data[at + 46 : at + 46 + length].decode("latin-1")
        start, total = offset + 30 + len(name), total + size
        if not NAME.fullmatch(name) or name in files or method != 0 or start + size > end or total > end:
            return None
        files[name] = data[start : start + size]
        at += 46 + len(name)
    return files


# The manifest and its signature.


def signer_of(jws, manifest):
    """The public key and the fingerprint of the key that signed a manifest; None if that is no signature, or fails."""
    parts = jws.decode("latin-1").split(".")
    header, signature = un64(parts[0]), un64(parts[-1])
    head = header and canonical_in(header)
    if len(parts) != 3 or parts[1] != "" or signature is None or not members(head, ("alg", "typ", "jwk")):
        return None
    jwk = head["jwk"]
    if (head["alg"], head["typ"]) != ("EdDSA", "comity-evidence+jws") or not members(jwk, ("kty", "crv", "x")):
        return None
    if (jwk["kty"], jwk["crv"]) != ("OKP", "Ed25519") or not is_id(jwk["x"]):
        return None
    message = f"{parts[0]}.{to64(manifest)}".encode()
    return ed25519(un64(jwk["x"]), message, signature), sha64(canonical(jwk).encode())


COUNTED = ("tagged", "examined", "erased", "damaged", "notExamined")
PARTS = ("v", "kind", "gateway", "question", "checkpoints", "entries", "tooEarly", "says", "keys", "law", "files")


def manifest_in(data):
    """The manifest, if it is of the form that is known here, and its keys; else None."""
    said = canonical_in(data)
    try:
        good = members(said, PARTS, ("completeness",)) and (said["v"], said["kind"]) == (1, "comity-evidence")
        good = good and all(members(each, ("eid", "log", "index")) for each in said["entries"])
        good = good and all(is_text(each["log"]) and is_count(each["index"]) for each in said["entries"])
        good = good and all(LOG_NAME.fullmatch(log) and is_text(note) for log, note in said["checkpoints"].items())
        good = good and all(map(is_text, said["files"].values())) and isinstance(said["law"], dict)
        good = good and isinstance(said["keys"]["agencies"], list)
        if "completeness" in said:
            claims = said["completeness"]
            good = good and members(claims, ("claimed", *COUNTED[1:], "looks", "records"), ("tagged",))
            good = good and claims["claimed"] in (True, False)
            good = good and all(is_count(count) for name, count in claims.items() if name != "claimed")
        return (said, Keys(said["keys"])) if good else None
    except (ValueError, KeyError, TypeError, AttributeError):
        return None


# One entry.

ENTRY = (("v", "side", "leaf"), ("closed", "refs", "openings", "evidence", "reply"))


def entry_in(data):
    entry = canonical_in(data or b"")
    if not members(entry, *ENTRY) or entry["v"] != 1 or entry["side"] not in ("holder", "requester"):
        return None
    openings, evidence = entry.get("openings", {}), entry.get("evidence", {"jws": "", "body": ""})
    refs = entry.get("refs", {"pol": [], "lists": []})
    if not members(refs, ("pol", "lists")) or not all(map(is_refs, refs.values())):
        return None
    good = entry.get("closed", "erased") in ("erased", "restricted") and members(evidence, ("jws", "body"))
    good = good and isinstance(openings, dict) and all(members(each, ("salt", "value")) for each in openings.values())
    return entry if good and all(map(is_text, evidence.values())) else None


def commitment(salt, value):
    return sha64(b"\2" + (un64(salt) or b"") + canonical(value).encode())


def refs_of(leaf, refs):
    """The versions of the law that an entry names: its own, or those beside it if its leaf has their digest; or None."""
    if "refs" not in leaf:
        return None if refs is not None else leaf.get("pol", []) + leaf.get("lists", [])
    if refs is None:
        return None
    refs = {name: sorted(refs[name], key=lambda each: each["id"]) for name in refs}
    names = [f"{each['id']}@{each['version']}" for each in refs["pol"]]
    is_named = leaf["refs"] == sha64(canonical(refs).encode()) and leaf["pol"] == names
    return refs["pol"] + refs["lists"] if is_named else None


def law_path(ref):
    folder = ref["id"] if "/" in ref["id"] else f"lists/{ref['id']}"
    return f"policies/{folder}/{ref['version']}.json"


def is_look_said(said, body, look):
    """Whether the entry of a look, as far as it is shown, says which look was signed and what for."""
    if look is None:
        return True
    asked, query = look["value"], urllib.parse.parse_qs(urllib.parse.urlsplit(said["htu"]).query)
    purpose = json.loads(body)["purpose"] if body else query["purpose"][0]
    return is_look(said, asked["question"]["action"]) and asked["purpose"] == purpose


def is_file(leaf, said):
    """Whether the body of a call was the content of a file, which no entry keeps."""
    return leaf["t"] == "record" and said["htm"] == "PUT" and re.search("/v1/records/[^/?]+/files/[^/?]+$", said["htu"])


def call_key(evidence, leaf, opened, look, agencies, trust):
    """`agency/kid` and whether it is pinned, if a registered agency signed this call by a key valid then; or None."""
    try:
        header, payload, signature = evidence["jws"].split(".")
        head, said = json.loads(un64(header)), json.loads(un64(payload))
        body, digest = evidence["body"].encode(), said.get("request_body_sha256")
        agency = next(each for each in agencies if (each["id"], each["jurisdiction"]) == (said["iss"], leaf["aj"]))
        key = next(each for each in agency["keys"] if each["kid"] == head["kid"])
        pinned = [each for each in trust.agencies.get(said["iss"], []) if each["kid"] == head["kid"]] if trust else []
        key = (pinned + [key])[0]
        at, message = instant(leaf["ts"]) / 1000, f"{header}.{payload}".encode()
        if not members(head, ("alg", "typ", "kid")):
            return None
        made = sha64(f"{said['iss']}\x1f{said['jti']}".encode())
        if leaf["eid"] != made and not (leaf["t"] == "consultation" and is_look(said) and is_look_said(said, body, look)):
            return None
        if leaf["req"] != sha64(message):
            return None
        if body if is_file(leaf, said) else digest != (sha64(body) if body else None):
            return None
        if moment(key["from"]) > at:
            return None
        if "until" in key and at > moment(key["until"]) + SLACK or not said["iat"] - SLACK <= at <= said["exp"] + SLACK:
            return None
        call = {"agency": said["iss"], "officer": said["sub"], "method": said["htm"], "url": said["htu"], "body": digest}
        if opened is not None and canonical(opened["value"]) != canonical(call):
            return None
        good = signed_call(head, said, message, un64(signature), key)
        return (f"{said['iss']}/{head['kid']}", bool(pinned)) if good else None
    except (ValueError, KeyError, TypeError, StopIteration, AttributeError):
        return None


class Bundle:
    def __init__(self, files, manifest, keys, found, trust):
        self.files, self.manifest, self.keys, self.found, self.trust = files, manifest, keys, found, trust
        self.words, self.stamps = [], []
        self.known = set()
        for listed in manifest["entries"]:
            self.check_entry(listed)
        for log in manifest["checkpoints"].keys() - {listed["log"] for listed in manifest["entries"]}:
            self.check_head(log, manifest["checkpoints"][log])
        self.check_counts()
        self.known |= {"manifest.json", "manifest.jws", "README.txt", "page.html", *manifest["law"]}
        for listed in manifest["entries"]:
            eid = listed["eid"]
            self.known |= {f"entries/{eid}.json", f"proofs/{eid}.tlog-proof", f"stamps/{eid}.tlog-proof"}
        for name in files.keys() - self.known:
            found(name, "it belongs to no entry")

    def check_counts(self):
        """What is claimed of other entries counts all of the asker's own logs."""
        claims = self.manifest.get("completeness")
        if claims is None:
            return
        own = f"/{self.manifest['question']['jurisdiction'].lower()}/"
        notes = [note_in(text) for log, text in self.manifest["checkpoints"].items() if own in log]
        heads = [note and checkpoint_in(note[0]) for note in notes]
        size = sum(head[1] for head in heads if head)
        if sum(claims.get(name, 0) for name in COUNTED) != size:
            self.found("manifest.json", f"it does not count the {size} entries of its checkpoints")
        elif claims["claimed"] and (size == 0 or any(claims[name] for name in COUNTED[2:])):
            self.found("manifest.json", "it claims what it did not look at")

    def check_entry(self, listed):
        file = f"entries/{listed['eid']}.json"
        entry = entry_in(self.files.get(file))
        data = entry and un64(entry["leaf"])
        leaf = data and leaf_in(data)
        if not leaf:
            return self.found(file, "it is not an entry")
        if (leaf["eid"], leaf["log"]) != (listed["eid"], listed["log"]):
            self.found(file, "it is another entry than the manifest says")
        if not belongs(leaf):
            self.found(file, "its leaf is of another jurisdiction, year or kind than its log")
        self.check_proof(listed, leaf_hash(data))
        self.check_stamp(listed, leaf, leaf_hash(data))
        refs = refs_of(leaf, entry.get("refs"))
        if refs is None:
            self.found(file, "`refs` is not the law that its leaf names")
        for ref in refs or []:
            law = self.files.get(law_path(ref))
            if law is None or hashlib.sha256(law).hexdigest() != ref["digest"]:
                self.found(law_path(ref), "it is not the law that an entry names")
        openings, evidence = entry.get("openings", {}), entry.get("evidence")
        for name, opening in openings.items():
            if leaf["d"].get(name) != commitment(opening["salt"], opening["value"]):
                self.found(file, f"{name} does not fit its commitment")
        if evidence and not (uncalled(leaf) and evidence == {"jws": "", "body": ""}):
            agencies = self.manifest["keys"]["agencies"]
            call = call_key(evidence, leaf, openings.get("call"), openings.get("consultation"), agencies, self.trust)
            if call is None:
                self.found(file, "its agency did not sign this call")
            else:
                self.words.append(self.trust.word(call[0]) if call[1] else "file")
        is_shown = bool(openings) or "reply" in entry
        if (is_shown or evidence) if "closed" in entry else not evidence:
            self.found(file, "it is neither open nor closed")

    def check_proof(self, listed, digest):
        file = f"proofs/{listed['eid']}.tlog-proof"
        pinned = self.trust and self.trust.of_log(listed["log"])
        key, by = pinned or self.keys.of_log(listed["log"]), self.trust or self.keys
        text = self.files.get(file, b"").decode("utf-8", "replace")
        proof = proof_in(text)
        if proof is None or key is None:
            return self.found(file, "it is no proof, or of no known log")
        index, path, note, (origin, size, root) = proof
        seen = cosigned_by(note, by.witnesses)
        if origin != listed["log"] or not signed_by(note, key) or not by.is_cosigned(origin, seen):
            self.found(file, "its checkpoint is not signed")
        elif not included(digest, index, size, path, root):
            self.found(file, "its path does not lead to the root")
        elif index != listed["index"] or text.partition("\n\n")[2] != self.manifest["checkpoints"].get(origin):
            self.found(file, "it proves another place than the manifest says")
        else:
            words = by.words(key, seen, pinned)
            self.words += words if self.trust else ["file"] * len(words)

    def check_head(self, log, text):
        pinned = self.trust and self.trust.of_log(log)
        key, by = pinned or self.keys.of_log(log), self.trust or self.keys
        note = note_in(text)
        said = note and checkpoint_in(note[0])
        seen = note and cosigned_by(note, by.witnesses)
        if key is None or not said or said[0] != log or not signed_by(note, key) or not by.is_cosigned(log, seen):
            return self.found("manifest.json", "a checkpoint is not signed")
        words = by.words(key, seen, pinned)
        self.words += words if self.trust else ["file"] * len(words)

    def check_stamp(self, listed, leaf, digest):
        file = f"stamps/{listed['eid']}.tlog-proof"
        key = (self.trust and self.trust.of_log(listed["log"])) or self.keys.of_log(listed["log"])
        if file not in self.files or key is None:
            return
        by, text = self.trust or self.keys, self.files[file].decode("utf-8", "replace")
        proof = proof_in(text)
        if proof is None:
            return self.found(file, "it is no proof")
        index, path, note, (origin, size, root) = proof
        seen = cosigned_by(note, by.witnesses)
        if origin != listed["log"] or not signed_by(note, key) or not by.is_cosigned(origin, seen):
            return self.found(file, "its checkpoint is not signed")
        if not included(digest, index, size, path, root):
            return self.found(file, "its path does not lead to the root")
        token = f"stamps/{listed['log']}/{size}.tst"
        self.known.add(token)
        stamp = stamp_in(self.files.get(token, b""))
        if stamp is None or stamp.imprint != hashlib.sha256(text.partition("\n\n")[2].encode()).digest():
            return self.found(token, "it is no stamp of this checkpoint")
        if instant(leaf["ts"]) > stamp.ms + CLOCKS:
            self.found(file, "its entry says a later time than its stamp")
        by = self.trust and self.trust.authority(stamp)
        counted = by and {"at": iso(stamp.ms), "authority": by[0], "word": by[1]}
        self.stamps.append({"eid": listed["eid"], "stamp": counted or "unnamed"})


def verify(data, key=None, trust=None):
    findings = []

    def found(file, says):
        findings.append({"file": file, "says": says})

    words, stamps = [], []

    def verdict(fingerprint=None):
        word = weakest(words)
        holds = not findings and word not in WEAK
        return {"holds": holds, "word": word, "fingerprint": fingerprint, "findings": findings, "stamps": stamps}

    def failed(file, says, fingerprint=None):
        found(file, says)
        return verdict(fingerprint)

    files = files_in(data) if len(data) <= BYTES_MAX else None
    if files is None:
        return failed(None, "it is not a zip of evidence")
    for name in ("manifest.json", "manifest.jws"):
        if name not in files:
            return failed(name, "it is not there")
    signed = signer_of(files["manifest.jws"], files["manifest.json"])
    if signed is None:
        return failed("manifest.jws", "it is not the signature of a manifest")
    good, fingerprint = signed
    if not good:
        return failed("manifest.json", "it is not what was signed")
    read = manifest_in(files["manifest.json"])
    if read is None:
        return failed("manifest.json", "it is of no form that is known here")
    known = [key] if key is not None else trust.evidence if trust else []
    if known and fingerprint not in known:
        return failed("manifest.jws", "it is signed with another key", fingerprint)
    digests = read[0]["files"]
    for name, digest in digests.items():
        if name not in files or sha64(files[name]) != digest:
            found(name, "it was changed" if name in files else "it is not there")
    for name in files.keys() - digests.keys() - {"manifest.json", "manifest.jws"}:
        found(name, "the manifest does not have it")
    if findings:
        return verdict(fingerprint)
    if zip_of(files) != data:
        found(None, "bytes around its files are not as they were written")
    words.append(trust.word(fingerprint) if trust and fingerprint in trust.evidence else "paper" if key else "file")
    bundle = Bundle(files, *read, found, trust)
    words += bundle.words
    stamps += bundle.stamps
    return verdict(fingerprint)


def main(arguments):
    if arguments == ["--cases"]:
        for line in sys.stdin:
            case = json.loads(line)
            trust = keys_in(json.dumps(case["trust"])) if case.get("trust") else None
            print(json.dumps(verify(base64.b64decode(case["zip"]), case.get("key"), trust)), flush=True)
        return 0
    file, *rest = arguments or [None]
    options = dict(zip(rest[::2], rest[1::2]))
    if file is None or len(rest) % 2 or not options.keys() <= {"--fingerprint", "--trust"}:
        sys.exit(__doc__)
    trust = keys_in(read_file(options["--trust"]) or b"") if "--trust" in options else None
    if "--trust" in options and trust is None:
        print(f"{options['--trust']} is not a list of keys", file=sys.stderr)
        return 2
    result = verify(read_file(file) or b"", options.get("--fingerprint"), trust)
    print(json.dumps(result, indent=2))
    return 5 if result["findings"] else 2 if not options else 0 if result["holds"] else 7


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
