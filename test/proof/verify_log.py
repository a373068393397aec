"""A second verifier of exported logs, with nothing but Python's standard library.

Written from functions/ledger/FORMAT.md alone, so that what the first one says can be checked.

    verify_log.py FOLDER [--trust FILE] [--since FILE] [--checkpoint FILE]... [--receipt FILE]... [--proof FILE]...
        [--calls FILE]...

prints {"whole", "findings": [{"code", "log", "where"}], "word", "stamps"} and ends with 0, with 5 if something was found, with 8 if
nothing was but that entries or stamps are late, or with 7 if nothing was, by keys that only the gateway or the export vouches for.
With --cases it reads a JSON object a line, {"folder", "keys"?, "now"?, "changed"?, "receipts"?, "proofs"?,
"checkpoints"?, "calls"?, "since"?: {"name", "seen"}}, and prints a verdict a line: `changed` has other bytes (base64) for some files, or null for none.
"""

import base64
import datetime
import decimal
import functools
import hashlib
import json
import os
import re
import struct
import sys
import time
import urllib.parse

from signatures import ed25519, es256
from stamps import certificate_in, stamp_in

SEAL_WITHIN = 60_000
CLOCKS = 5_000
LATE_MAX = 6 * 3_600_000
STAMP_WITHIN = 48 * 3_600_000
LATE = ("late", "stamp-late")
EMPTY = hashlib.sha256(b"").digest()


# Texts and numbers.


def parse(data):
    """What JSON says, as RFC 8259 has it: by itself Python takes UTF-16, a mark in front, and NaN, too."""
    return json.loads(data.decode() if isinstance(data, bytes) else data, parse_constant=not_json)


def not_json(word):
    raise ValueError(f"{word} is not JSON")


def un64(text):
    """base64url without padding, or None."""
    if not isinstance(text, str) or not re.fullmatch(r"[A-Za-z0-9_-]*", text) or len(text) % 4 == 1:
        return None
    data = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    return data if to64(data) == text else None


def to64(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def standard64(text):
    """base64 with padding, or None."""
    try:
        data = base64.b64decode(text, validate=True)
    except ValueError:
        return None
    return data if base64.b64encode(data).decode() == text else None


def is_id(text):
    data = un64(text)
    return data is not None and len(data) == 32


def is_count(value):
    return type(value) is int and 0 <= value < 2**53


def instant(text):
    """Milliseconds since the epoch, or None."""
    if not isinstance(text, str) or not re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", text, re.A):
        return None
    try:
        at = datetime.datetime.strptime(text, "%Y-%m-%dT%H:%M:%S.%fZ")
    except ValueError:
        return None
    return (at - datetime.datetime(1970, 1, 1)) // datetime.timedelta(milliseconds=1)


def compact(value):
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def canonical(value):
    """Canonical JSON (RFC 8785)."""
    if isinstance(value, dict):
        names = sorted(value, key=lambda name: name.encode("utf-16-be"))
        return "{" + ",".join(f"{compact(name)}:{canonical(value[name])}" for name in names) + "}"
    if isinstance(value, list):
        return "[" + ",".join(map(canonical, value)) + "]"
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return number(value)
    return compact(value)


def number(value):
    """As ECMAScript writes it: the shortest digits that read back the same."""
    if type(value) is int and abs(value) < 2**53:
        return str(value)
    sign, digits, exponent = decimal.Decimal(repr(float(str(value)))).normalize().as_tuple()
    digits = "".join(map(str, digits))
    point = len(digits) + exponent
    if digits == "0":
        return "0"
    if 0 < point <= 21:
        text = digits.ljust(point, "0")
        text = text[:point] + (f".{text[point:]}" if text[point:] else "")
    elif -6 < point <= 0:
        text = "0." + "0" * -point + digits
    else:
        text = digits[0] + (f".{digits[1:]}" if digits[1:] else "") + f"e{point - 1:+d}"
    return ("-" if sign else "") + text


def exactly(text, members):
    """A JSON object with exactly these members, each as it must be, written without any freedom."""
    try:
        value = parse(text)
        if compact(value) != text or list(sorted(value)) != sorted(members):
            return None
        return value if all(fits(value[name]) for name, fits in members.items()) else None
    except (ValueError, TypeError, RecursionError, AttributeError):
        return None


def is_text(value):
    return isinstance(value, str)


def is_bytes(value):
    return un64(value) is not None


LOG_NAME = re.compile(r"(?!.*\.\.)[A-Za-z0-9._-]+/[a-z]+/(looks-)?[0-9]{4}")
ENTRY = {
    **{name: is_text for name in ("kid", "att", "ts", "log", "logShard")},
    **{"eid": is_id, "lh": is_id, "leaf": is_bytes, "ev": is_bytes},
}
MANIFEST = {
    "start": is_count,
    "placed": lambda text: is_bytes(text) and len(un64(text)) > 0 and len(un64(text)) % 64 == 0,
}
SEAL = {"eid": is_id, "index": is_count}
HEAD = {
    **{"size": is_count, "marked": is_count, "root": is_id, "frontier": is_bytes},
    **{"sweptUntil": lambda text: text == "" or instant(text) is not None},
}
STAMP = {
    "v": lambda v: type(v) is int and v == 1,
    **{"size": is_count, "token": is_bytes, "digest": is_id},
}
LOGS = {
    "v": lambda v: type(v) is int and v == 1,
    "gateway": is_text,
    "at": lambda text: instant(text) is not None,
    "logs": lambda logs: isinstance(logs, list)
    and all(is_text(log) and LOG_NAME.fullmatch(log) for log in logs),
}


# The tree (RFC 6962, 2.1).


def leaf_hash(leaf):
    return hashlib.sha256(b"\0" + leaf).digest()


def node(left, right):
    return hashlib.sha256(b"\1" + left + right).digest()


def subtrees(hashes):
    """The roots of the complete subtrees, the largest first."""
    roots = []
    for size, each in enumerate(hashes):
        while size & 1:
            each = node(roots.pop(), each)
            size >>= 1
        roots.append(each)
    return roots


def root_of(hashes):
    roots = subtrees(hashes)
    root = roots.pop() if roots else EMPTY
    while roots:
        root = node(roots.pop(), root)
    return root


def included(leaf, index, size, path, root):
    """RFC 9162, 2.1.3.2."""
    if index >= size:
        return False
    fn, sn, at = index, size - 1, leaf
    for sibling in path:
        if sn == 0:
            return False
        if fn & 1 or fn == sn:
            at = node(sibling, at)
            while not fn & 1 and fn != 0:
                fn, sn = fn >> 1, sn >> 1
        else:
            at = node(at, sibling)
        fn, sn = fn >> 1, sn >> 1
    return sn == 0 and at == root


def tile_path(level, index, width):
    digits = str(index)
    digits = digits.zfill((len(digits) + 2) // 3 * 3)
    groups = [digits[at : at + 3] for at in range(0, len(digits), 3)]
    path = "/".join(["x" + group for group in groups[:-1]] + groups[-1:])
    return f"tile/{level}/{path}" + ("" if width == 256 else f".p/{width}")


def tiles_of(sizes):
    """(size, level, index, width) of every tile that a tree of one of these sizes has."""
    seen = set()
    for size in sizes:
        level, count = 0, size
        while count > 0:
            for index in range((count + 255) // 256):
                tile = level, index, min(256, count - index * 256)
                if tile not in seen:
                    seen.add(tile)
                    yield (size, *tile)
            level, count = level + 1, count // 256


def leaves_in(bundle, width):
    leaves, at = [], 0
    while at < len(bundle):
        if at + 2 > len(bundle):
            return None
        (length,) = struct.unpack_from(">H", bundle, at)
        leaves.append(bundle[at + 2 : at + 2 + length])
        at += 2 + length
    return leaves if at == len(bundle) and len(leaves) == width else None


# Notes and checkpoints (C2SP signed-note, tlog-checkpoint, tlog-cosignature).

NAME = re.compile(r"[^+\s\x00-\x1f]+")


def vkey(text, kind):
    """(name, key id, public key), or None."""
    match = re.fullmatch(r"([^+]*)\+([0-9a-f]{8})\+(.*)", text) if is_text(text) else None
    data = match and standard64(match[3])
    if not data or not NAME.fullmatch(match[1]) or len(data) != 33 or data[0] != kind:
        return None
    key = made_key(match[1], kind, data[1:])
    return key if key[1].hex() == match[2] else None


def made_key(name, kind, public):
    digest = hashlib.sha256(name.encode() + b"\n" + bytes([kind]) + public).digest()
    return name, digest[:4], public


def note_in(text):
    """(text, [(name, key id, bytes)]), or None."""
    end = text.rfind("\n\n")
    if end < 0 or re.search(r"[\x00-\x09\x0b-\x1f]", text) or len(text.encode("utf-8", "replace")) > 131072:
        return None
    lines = text[end + 2 :].split("\n")
    if lines.pop() != "" or not 0 < len(lines) <= 32:
        return None
    signatures = []
    for line in lines:
        match = re.fullmatch(r"— ([^ ]+) ([^ ]+)", line)
        data = match and standard64(match[2])
        if not data or not NAME.fullmatch(match[1]) or len(data) < 5:
            return None
        signatures.append((match[1], data[:4], data[4:]))
    return text[: end + 1], signatures


def checkpoint_in(text):
    """(origin, size, root), or None."""
    lines = text.split("\n")
    if lines.pop() != "" or len(lines) < 3 or "" in lines:
        return None
    root = standard64(lines[2])
    if not re.fullmatch(r"0|[1-9][0-9]{0,15}", lines[1], re.A) or root is None or len(root) != 32:
        return None
    size = int(lines[1])
    if size >= 2**53 or (size == 0 and root != EMPTY):
        return None
    return lines[0], size, root


def signed_by(note, key):
    """Whether a log signed a note; None if its signature fails."""
    text, signatures = note
    mine = [data for name, key_id, data in signatures if (name, key_id) == key[:2]]
    if any(not ed25519(key[2], text.encode(), data) for data in mine):
        return None
    return len(mine) > 0


def cosigned_by(note, witnesses):
    """The last seconds of each witness that cosigned a note, by its key; None if a signature fails."""
    text, signatures = note
    seen = {}
    for name, key_id, data in signatures:
        for key in witnesses:
            if key[:2] != (name, key_id):
                continue
            seconds = int.from_bytes(data[:8], "big")
            message = f"cosignature/v1\ntime {seconds}\n{text}".encode()
            if len(data) != 72 or seconds >= 2**53 or not ed25519(key[2], message, data[8:]):
                return None
            if seconds >= seen.get(key[2], (0, ""))[0]:
                seen[key[2]] = seconds, name
            break
    return seen


WORDS = ("file", "demonstration", "gateway", "paper", "publication")
WEAK = WORDS[:3]


def weakest(words):
    return min(words, key=WORDS.index, default="file")


def vkey_name(key):
    return f"{key[0]}+{key[1].hex()}"


class Keys:
    def __init__(self, value):
        self.logs = [vkey(text, 1) for text in value["logs"]]
        self.witnesses = [vkey(text, 4) for text in value["witnesses"]]
        self.quorum = value["quorum"]
        self.receipts = value["receipts"]["keys"]
        good = all(
            key["kty"] == "EC" and key["crv"] == "P-256" and all(is_text(key[name]) for name in ("kid", "x", "y"))
            for key in self.receipts
        )
        self.agencies = {each["id"]: each["keys"] for each in value.get("agencies", [])}
        self.evidence = value.get("evidence", [])
        self.sources = value.get("sources", [])
        self.authorities = [authority_in(each) for each in value.get("authorities", [])]
        if value["v"] is True or value["v"] != 1 or None in self.logs + self.witnesses or not is_count(self.quorum) or not good:
            raise ValueError("not keys")

    def of_log(self, log):
        """A log's own key, or the newest one of another log of its jurisdiction."""
        own = [key for key in self.logs if key[0] == log]
        family = [key for key in self.logs if key[0].rpartition("/")[0] == log.rpartition("/")[0]]
        newest = max(family, key=lambda key: (key[0][-4:], key[0]), default=None)
        return own[0] if own else made_key(log, 1, newest[2]) if newest else None

    def is_cosigned(self, log, seen):
        """Whether enough witnesses saw a checkpoint of a log: of a log of looks, none is asked."""
        return seen is not None and (is_of_looks(log) or len(seen) >= self.quorum)

    def word(self, key):
        """Whose word it is that a key is right; of one that nobody told of, the gateway's."""
        named = [each for each in self.sources if key in each.get("keys", [])]
        rest = [each for each in self.sources if "keys" not in each]
        return (named + rest + [{"from": "gateway"}])[0]["from"]

    def words(self, key, seen, pinned=True):
        """The words of a log's key and of as many cosigners as had to sign, the strongest of them."""
        same = [each for each in self.logs if each[2] == key[2]]
        own = next((each for each in same if each[0] == key[0]), same[0] if same else key)
        cosigned = [self.word(vkey_name(each)) for each in self.witnesses if each[2] in seen]
        cosigned.sort(key=WORDS.index, reverse=True)
        return [self.word(vkey_name(own)) if pinned else "file", *cosigned[: self.quorum]]

    def authority(self, stamp):
        """The name of the authority that made a stamp, and whose word it is that it is that; None if none is known."""
        for name, key, *expected in self.authorities:
            if stamp.is_by(expected):
                return name, self.word(key)
        return None

    def ids(self):
        keys = self.logs + self.witnesses
        return {key[:2] for key in keys} | {(key["kid"], key["x"], key["y"]) for key in self.receipts}


def authority_in(value):
    """(name, key, certificate, policy or None) of a time-stamping authority."""
    certificate = certificate_in(standard64(value["certificate"]) or b"")
    if certificate is None or not is_text(value["name"]) or set(value) - {"name", "certificate", "policy"}:
        raise ValueError("no authority")
    return value["name"], to64(hashlib.sha256(certificate.data).digest()), certificate, value.get("policy")


def stamp_file(data):
    """(size, token) of a stamp as it is kept, or None."""
    stamp = exactly(one_line(data), STAMP)
    token = stamp and un64(stamp["token"])
    return (stamp["size"], token) if stamp and to64(hashlib.sha256(token).digest()) == stamp["digest"] else None


def keys_in(data, pinned=True):
    """Keys, or None. Of those that are published nothing else counts: whoever publishes is no source."""
    try:
        value = parse(data)
        keys = Keys(value if pinned else {name: value[name] for name in ("v", "logs", "witnesses", "quorum", "receipts")})
        return keys if all(each["from"] in WORDS for each in keys.sources) else None
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return None


# The leaf of an entry.

TEXTS = ("t", "log", "hj", "aj", "eng", "out", "standing")
HEX = re.compile(r"[0-9a-f]{64}")
DIGESTS = ("eid", "req", "pay", "previous", "kept", "refs")
NEEDED = {"v", "t", "log", "eid", "ts", "hj", "aj", "eng", "req", "d"}


def is_refs(value):
    return isinstance(value, list) and all(
        sorted(each) == ["digest", "id", "version"] and all(map(is_text, each.values())) for each in value
    )


def leaf_in(data):
    """The leaf in these bytes, if it is canonical (RFC 8785) and of the form; else None."""

    def is_digest(value):
        return is_text(value) and re.fullmatch(r"[A-Za-z0-9_-]{43}", value)

    def is_hex(value):
        return is_text(value) and HEX.fullmatch(value)

    def is_tip(value):
        number = value["number"]
        return set(value) == {"number", "digest"} and is_hex(value["digest"]) and type(number) is int and number >= 0

    def is_law(value):
        names = {"set", "tip"} | ({"broken"} if value.get("broken") is True else set())
        return set(value) == names and is_hex(value["set"]) and is_tip(value["tip"])

    def fits(name, value):
        if name == "v":
            return type(value) is int and value in (1, 2, 3, 4, 5)
        if name in TEXTS:
            return is_text(value)
        if name in DIGESTS:
            return is_digest(value)
        if name == "ts":
            return instant(value) is not None
        if name == "dryRun":
            return value is True
        if name == "d":
            return isinstance(value, dict) and all(map(is_digest, value.values()))
        if name == "law":
            return is_law(value)
        if name == "stated":
            return is_text(value.get("chain")) and is_tip({k: v for k, v in value.items() if k != "chain"})
        if name in ("pol", "lists"):
            return isinstance(value, list)
        return False

    def is_law_named(leaf):
        """By names and a digest since version 3; before, whole."""
        if leaf["v"] >= 3:
            return "lists" not in leaf and ("pol" in leaf) == ("refs" in leaf) and all(map(is_text, leaf.get("pol", [])))
        return "refs" not in leaf and is_refs(leaf["pol"]) and is_refs(leaf["lists"])

    try:
        text = data.decode()
        leaf = parse(text)
        good = canonical(leaf) == text and all(fits(name, value) for name, value in leaf.items())
        good = good and NEEDED <= set(leaf) and ("kept" in leaf) == (leaf["v"] > 1) and is_law_named(leaf)
        return leaf if good else None
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return None


def faults_of(item, leaf, digest):
    faults = 0 if un64(item["lh"]) == digest else 1
    if leaf is None:
        return faults
    shard = f"{leaf['log']}#{un64(leaf['eid'] + '')[0] % 4}" if un64(leaf["eid"]) else None
    faults += sum(item[name] != leaf[name] for name in ("eid", "ts", "log"))
    faults += item["logShard"] != shard
    if "kept" in leaf:
        kept = b"\3" + item["att"].encode() + b"\x1f" + item["kid"].encode() + b"\x1f" + un64(item["ev"])
        faults += to64(hashlib.sha256(kept).digest()) != leaf["kept"]
    return faults


def is_of_looks(log):
    return re.search("/looks-[0-9]{4}$", log, re.A) is not None


def belongs(leaf):
    """Whether a leaf names a log that it may stand in."""
    state, year = f"{leaf['log'].partition('/')[0]}/{leaf['hj'].lower()}", leaf["ts"][:4]
    looked = leaf["hj"] == leaf["aj"] and leaf["t"] in ("consultation", "statement")
    return leaf["log"] == f"{state}/{year}" or looked and leaf["log"] == f"{state}/looks-{year}"


# One log.


class Files:
    def __init__(self, folder, changed):
        self.folder = folder
        self.changed = {path: None if data is None else base64.b64decode(data) for path, data in changed.items()}

    def get(self, path):
        if path in self.changed:
            return self.changed[path]
        return read_file(os.path.join(self.folder, path))

    def lines(self, path):
        lines = (self.get(path) or b"").decode("utf-8", "replace").split("\n")
        return enumerate(lines if lines[-1] != "" else lines[:-1], 1)

    def names(self, path):
        names = set(names_in(os.path.join(self.folder, path)))
        for each, data in self.changed.items():
            parent, _, name = each.rpartition("/")
            if parent == path:
                (names.discard if data is None else names.add)(name)
        return names


@functools.lru_cache(maxsize=None)
def read_file(path):
    try:
        with open(path, "rb") as file:
            return file.read()
    except OSError:
        return None


@functools.lru_cache(maxsize=None)
def names_in(path):
    return tuple(os.listdir(path)) if os.path.isdir(path) else ()


class Log:
    def __init__(self, log, files, trust, published, at, now, found, calls=None, pinned=None):
        self.calls, self.pinned, self.called = calls, pinned, []
        self.log, self.files, self.trust, self.at, self.now = log, files, trust, at, now
        self.key = trust.of_log(log)
        self.found = found
        if self.key is None:
            self.report("unknown-key", "/logs.json")
        known = {key[:2] for key in trust.witnesses + published.logs + published.witnesses}
        self.counted = []
        if self.key is not None:
            self.read_checkpoints(known | {self.key[:2]})
        self.signed = max((size for _, size, _, _ in self.counted), default=0)
        self.read_entries()
        self.read_manifests()
        self.read_tree()
        self.check_roots()
        self.check_entries()
        self.check_times()
        self.check_stamps()
        self.check_head()

    def words(self, pinned):
        """Whose word it is that the keys of its newest checkpoint are right."""
        newest = [seen for _, size, _, seen in self.counted if size == self.signed]
        if not newest:
            return []
        words = self.trust.words(self.key, newest[-1])
        return words if pinned else ["file"] * len(words)

    def report(self, code, file, **where):
        path = file[1:] if file[0] == "/" else f"{self.log}/{file}"
        self.found(code, self.log, path, **where)

    # 2

    def read_checkpoints(self, known):
        names = sorted(self.files.names(f"{self.log}/checkpoints"), key=lambda name: (len(name), name))
        kept, last = {}, {}
        for name in names:
            read = self.read_checkpoint(f"checkpoints/{name}", known)
            if read is None:
                continue
            data, size, root, seen = read
            if str(size) != name:
                self.report("checkpoint-differs", f"checkpoints/{name}")
                continue
            kept[size] = read
            self.counted.append((f"checkpoints/{name}", size, root, seen))
        for file, size, root, seen in self.counted:
            for seconds, name in seen.values():
                if 1000 * seconds + CLOCKS < 1000 * last.get(name, 0):
                    self.report("checkpoint-time", file)
                last[name] = max(seconds, last.get(name, 0))
        newest = self.read_checkpoint("checkpoint", known)
        self.published = newest[1] if newest else None
        if newest is None:
            return
        data, size, root, seen = newest
        self.counted.append(("checkpoint", size, root, seen))
        same = kept.get(size)
        if str(size) not in names:
            self.report("missing", f"checkpoints/{size}")
        elif same and same[2] != root:
            self.report("two-views", "checkpoint")
        elif same and same[0] != data:
            self.report("checkpoint-differs", "checkpoint")

    def read_checkpoint(self, file, known):
        data = self.files.get(f"{self.log}/{file}")
        if data is None:
            return None
        note = note_in(data.decode("utf-8", "replace"))
        read = note and checkpoint_in(note[0])
        if not read or read[0] != self.log or not signed_by(note, self.key):
            return self.report("checkpoint-signature", file)
        if any((name, key_id) not in known for name, key_id, _ in note[1]):
            self.report("checkpoint-signature", file)
        seen = cosigned_by(note, self.trust.witnesses)
        if not self.trust.is_cosigned(self.log, seen):
            self.report("checkpoint-cosignatures", file)
        return data, read[1], read[2], seen or {}

    # 3

    def read_entries(self):
        self.entries = {}
        for line, text in self.files.lines(f"{self.log}/entries.ndjson"):
            item = exactly(text, ENTRY)
            if item is None:
                self.report("form", "entries.ndjson", line=line)
                continue
            where = {"line": line, "entry": item["eid"]}
            if item["eid"] in self.entries:
                self.report("entry-twice", "entries.ndjson", **where)
                continue
            data = un64(item["leaf"])
            leaf, digest = leaf_in(data), leaf_hash(data)
            if leaf is None:
                self.report("leaf-form", "entries.ndjson", **where)
            else:
                if leaf["log"] != self.log or not belongs(leaf):
                    self.report("entry-elsewhere", "entries.ndjson", **where)
            faults = faults_of(item, leaf, digest)
            self.entries[item["eid"]] = line, digest, leaf, faults

    def ms(self, eid):
        entry = self.entries.get(eid)
        return instant(entry[2]["ts"]) if entry and entry[2] else None

    # 4

    def read_manifests(self):
        self.places, self.ends = {}, []
        read, due = [], 0
        for line, text in self.files.lines(f"{self.log}/manifests.ndjson"):
            manifest = exactly(text, MANIFEST)
            if manifest is None:
                self.report("form", "manifests.ndjson", line=line)
                continue
            start, placed = manifest["start"], un64(manifest["placed"])
            end = start + len(placed) // 64
            if start == due:
                self.ends.append(end)
            else:
                self.report("manifest-gap", "manifests.ndjson", line=line, index=due)
            due = end
            read.append((line, start, end, placed))
        most = max(self.signed, sum(len(placed) // 64 for *_, placed in read))
        self.size = 0
        for line, start, end, placed in read:
            if end > most:
                continue
            self.size = max(self.size, end)
            for index in range(start, end):
                at = (index - start) * 64
                self.places.setdefault(index, (line, at, placed[at : at + 32], placed[at + 32 : at + 64]))
        placed = self.size
        while self.size < self.signed:
            block = self.size // 256
            width = min(256, self.signed - block * 256)
            if self.files.get(f"{self.log}/{tile_path(0, block, width)}") is None:
                break
            self.size = block * 256 + width
        if placed < self.size:
            self.report("manifest-gap", "manifests.ndjson", index=placed)

    # 5, 6

    def read_tree(self):
        sizes = sorted({size for size in self.ends + [size for _, size, _, _ in self.counted] if size <= self.size})
        tiles = sorted(tiles_of(sizes), key=lambda tile: (tile[1], tile[2], tile[3]))
        bundles, hashes = {}, {}
        for size, level, index, width in tiles:
            if level > 0:
                break
            tile = self.files.get(f"{self.log}/{tile_path(0, index, width)}")
            bundle = leaves_in(self.files.get(f"{self.log}/{tile_path('entries', index, width)}") or b"", width)
            for at in range(width):
                if tile is not None and len(tile) == width * 32:
                    hashes[index * 256 + at] = tile[at * 32 : at * 32 + 32]
                if bundle is not None:
                    bundles[index * 256 + at] = bundle[at], leaf_hash(bundle[at])
        self.hashes, self.eids = [], []
        for index in range(self.size):
            self.settle(index, hashes.get(index), bundles.get(index))
        levels = [self.hashes]
        for size, level, index, width in tiles:
            while len(levels) <= level:
                below = [levels[-1][at : at + 256] for at in range(0, len(levels[-1]) // 256 * 256, 256)]
                levels.append([None if None in tile else root_of(tile) for tile in below])
            expected = levels[level][index * 256 : index * 256 + width]
            self.check_tile(size, level, index, width, expected)
            if level == 0:
                self.check_bundle(size, index, width, expected)
        named = set()
        for index, (line, at, eid, digest) in sorted(self.places.items()):
            if self.hashes[index] is None or line in named:
                continue
            if digest != self.hashes[index]:
                at += 32
            elif to64(eid) == self.eids[index]:
                continue
            named.add(line)
            self.report("manifest-differs", "manifests.ndjson", line=line, index=index, bytes=[at, at + 32])

    def settle(self, index, of_tile, of_bundle):
        place = self.places.get(index)
        eid = place and to64(place[2])
        entry = self.entries.get(eid)
        copies = [place and place[3], of_tile, of_bundle and of_bundle[1], entry and entry[1]]
        copies = [copy for copy in copies if copy is not None]
        digest = max(copies, key=copies.count, default=None)
        if not (entry and entry[1] == digest) and of_bundle and of_bundle[1] == digest:
            leaf = leaf_in(of_bundle[0])
            eid = leaf["eid"] if leaf else eid
        self.hashes.append(digest)
        self.eids.append(eid)

    def check_tile(self, size, level, index, width, expected):
        file = tile_path(level, index, width)
        tile = self.files.get(f"{self.log}/{file}")
        if tile is None:
            if size <= self.signed:
                self.report("missing", file)
        elif len(tile) != width * 32:
            self.report("tile-differs", file)
        else:
            for at, digest in enumerate(expected):
                if digest is not None and tile[at * 32 : at * 32 + 32] != digest:
                    leaf = (index * 256 + at) * 256**level
                    return self.report("tile-differs", file, index=leaf, bytes=[at * 32, at * 32 + 32])

    def check_bundle(self, size, index, width, expected):
        file = tile_path("entries", index, width)
        bundle = self.files.get(f"{self.log}/{file}")
        if bundle is None:
            if size <= self.signed:
                self.report("missing", file)
            return
        at, start = 0, 0
        for digest in expected:
            end = start + 2 + int.from_bytes(bundle[start : start + 2], "big")
            if start + 2 > len(bundle) or end > len(bundle):
                end = len(bundle)
                break
            if digest is not None and leaf_hash(bundle[start + 2 : end]) != digest:
                break
            at, start = at + 1, end
        else:
            end = len(bundle)
        if at < width or start < len(bundle):
            self.report("bundle-differs", file, index=index * 256 + at, bytes=[start, end])

    def tree(self, size):
        """The leaf hashes of a tree, if all are known."""
        hashes = self.hashes[:size]
        return hashes if len(hashes) == size and None not in hashes else None

    # 7

    def check_roots(self):
        agreed = 0
        for file, size, root, _ in self.counted:
            hashes = self.tree(size)
            if size > self.size:
                self.report("truncated", file, index=self.size)
            elif hashes is not None and root_of(hashes) != root:
                self.report("root-differs", file, index=min(agreed, size))
            elif hashes is not None:
                agreed = max(agreed, size)

    # 8

    def check_entries(self):
        self.index_of = {}
        unsigned = []
        for index, eid in enumerate(self.eids):
            if eid is None:
                continue
            if eid in self.index_of:
                self.report("entry-twice", "manifests.ndjson", entry=eid, index=index)
                continue
            self.index_of[eid] = index
            if eid not in self.entries:
                self.report("entry-missing", "entries.ndjson", entry=eid, index=index)
            if index >= self.signed:
                ms = self.ms(eid)
                unsigned.append(self.at if ms is None else ms)
        for eid, (line, digest, leaf, faults) in self.entries.items():
            index = self.index_of.get(eid)
            where = {"line": line, "entry": eid, **({} if index is None else {"index": index})}
            other = index is not None and self.hashes[index] not in (None, digest)
            if faults or other:
                self.report("entry-changed", "entries.ndjson", **where)
            if index is None and (leaf is None or self.ms(eid) + SEAL_WITHIN < self.at):
                self.report("unsealed", "entries.ndjson", **where)
        if unsigned and min(unsigned) + SEAL_WITHIN < self.at:
            self.report("unsigned", "checkpoint", index=self.signed)
        self.check_newest()

    def check_newest(self):
        """Whether a larger checkpoint than the published one has been kept for too long."""
        is_there = self.files.get(f"{self.log}/checkpoint") is not None
        if self.key is None or (is_there and self.published is None):
            return
        begin = self.published or 0
        for _, size, _, seen in self.counted:
            since = [first(seen)] if seen else [self.ms(eid) for eid in self.eids[begin:size] if eid]
            if size > begin and any((ms or self.at) + SEAL_WITHIN < self.at for ms in since):
                self.report("checkpoint-differs" if is_there else "missing", "checkpoint")
                return

    # 9

    def check_times(self):
        spans = []
        for _, size, _, seen in self.counted:
            ms = first(seen)
            if ms is None or (spans and size <= spans[-1][0]):
                continue
            earlier = [until for _, _, until in spans if until <= ms - SEAL_WITHIN]
            spans.append((size, earlier[-1] if earlier else 0, ms))
        for eid, (line, *_) in self.entries.items():
            ms, index = self.ms(eid), self.index_of.get(eid)
            if ms is None:
                continue
            span = next((each for each in spans if index is not None and each[0] > index), None)
            where = {"line": line, "entry": eid, **({} if index is None else {"index": index})}
            if ms > (span[2] if span else self.now) + CLOCKS:
                self.report("post-dated", "entries.ndjson", **where)
            if span and ms < span[1] - SEAL_WITHIN:
                own = uncalled(self.entries[eid][2])
                late = span[2] - ms <= LATE_MAX and (self.calls is None or own)
                if not late and span[2] - ms <= LATE_MAX and self.calls is not None:
                    word = covering(self.calls.get(eid), eid, self.entries[eid][2], ms, self.pinned)
                    late = word is not None
                    self.called += [word] if late else []
                self.report("late" if late else "unexplained", "entries.ndjson", **where)

    def check_stamps(self):
        self.stamps, self.unnamed, stamped = [], 0, set()
        seen_at = {file: first(seen) for file, _, _, seen in self.counted}
        timed = sorted((index, eid, self.ms(eid)) for eid, index in self.index_of.items() if self.ms(eid) is not None)
        for name in sorted(self.files.names(f"{self.log}/stamps")):
            file = f"stamps/{name}"
            kept = stamp_file(self.files.get(f"{self.log}/{file}") or b"")
            if kept is None:
                self.report("form", file)
                continue
            size, token = kept
            note = self.files.get(f"{self.log}/checkpoints/{size}")
            stamp = None if note is None else stamp_in(token)
            if stamp is None or stamp.imprint != hashlib.sha256(note).digest() or iso(stamp.ms)[:10] != name:
                self.report("stamp-invalid", file)
                continue
            if f"checkpoints/{size}" not in seen_at:
                continue
            by = self.pinned and self.pinned.authority(stamp)
            if by is None:
                self.unnamed += 1
                continue
            self.stamps.append({"log": self.log, "size": size, "at": iso(stamp.ms), "authority": by[0], "word": by[1]})
            seen = seen_at[f"checkpoints/{size}"]
            if size not in stamped and seen is not None and stamp.ms - seen > STAMP_WITHIN:
                self.report("stamp-late", file)
            stamped.add(size)
            early = next(((i, eid) for i, eid, ms in timed if i < size and ms > stamp.ms + CLOCKS), None)
            if early:
                self.report("stamp-early", file, entry=early[1], index=early[0])

    # 10, 11

    def due(self, eid):
        ms = self.ms(eid)
        return ms is not None and ms + SEAL_WITHIN < self.at

    def check_head(self):
        data = self.files.get(f"{self.log}/head.json")
        head = None if data is None else exactly(one_line(data), HEAD)
        if data is None:
            if self.signed > 0 or (self.size > 0 and self.due(self.eids[0])):
                self.report("missing", "head.json")
        elif head is None:
            self.report("form", "head.json")
        elif self.is_other_head(head):
            self.report("head-differs", "head.json")
        self.check_seals(head["marked"] if head else 0)

    def is_other_head(self, head):
        size, marked = head["size"], head["marked"]
        swept = instant(head["sweptUntil"]) or 0
        hashes = self.tree(size)
        if size < self.signed or size > self.size or marked > size or swept > self.at:
            return True
        if hashes is not None:
            frontier = b"".join(subtrees(hashes))
            if un64(head["root"]) != root_of(hashes) or un64(head["frontier"]) != frontier:
                return True
        if marked < size and self.due(self.eids[size - 1]):
            return True
        waiting = [eid for eid in self.entries if self.index_of.get(eid, marked) >= marked]
        return any((self.at if self.ms(eid) is None else self.ms(eid)) < swept for eid in waiting)

    def check_seals(self, marked):
        sealed = set()
        for line, text in self.files.lines(f"{self.log}/seals.ndjson"):
            seal = exactly(text, SEAL)
            if seal is None:
                self.report("form", "seals.ndjson", line=line)
                continue
            index, eid = seal["index"], seal["eid"]
            if index < self.size and self.eids[index] == eid:
                sealed.add(index)
            else:
                self.report("seal-differs", "seals.ndjson", line=line, entry=eid, index=index)
        for index, eid in enumerate(self.eids):
            if eid is not None and index not in sealed and (index < marked or self.due(eid)):
                self.report("seal-missing", "seals.ndjson", entry=eid, index=index)

    # 12

    def check_receipt(self, name, payload):
        entry, index = self.entries.get(payload["eid"]), self.index_of.get(payload["eid"])
        where = {"entry": payload["eid"]}
        digests = [entry and entry[1], None if index is None else self.hashes[index]]
        digests = [to64(digest) for digest in digests if digest is not None]
        leaf = entry and entry[2]
        said = leaf and {
            **{"v": 1, "lh": to64(entry[1]), "sealBy": iso(instant(leaf["ts"]) + SEAL_WITHIN)},
            **{name: leaf[name] for name in ("log", "eid", "out", "ts", "req") if name in leaf},
        }
        if any(digest != payload["lh"] for digest in digests) or (said and said != payload):
            self.found("receipt-differs", self.log, name, **where)
        promised = instant(payload["sealBy"] if digests else payload["ts"])
        if (index is None or index >= self.signed) and (promised or 0) < self.at:
            self.found("receipt-broken", self.log, name, **where)

    # 13

    def check_proof(self, name, index, path, note, checkpoint):
        _, size, root = checkpoint
        hashes = self.tree(size)
        seen = cosigned_by(note, self.trust.witnesses)
        digest = self.hashes[index] if index < self.size else None
        code = None
        if not signed_by(note, self.key) or not self.trust.is_cosigned(self.log, seen):
            code = "proof-invalid"
        elif index >= size:
            code = "proof-invalid"
        elif size > self.size:
            code = "truncated"
        elif hashes is not None and root_of(hashes) != root:
            code = "two-views"
        elif digest is not None and not included(digest, index, size, path, root):
            code = "proof-invalid"
        if code:
            self.found(code, self.log, name, index=index)


    # 14

    def check_tree(self, name, note, size, root):
        hashes = self.tree(size)
        if note is not None and self.key is not None and not signed_by(note, self.key):
            self.found("checkpoint-signature", self.log, name)
        elif size > self.size:
            self.found("truncated", self.log, name, index=self.size)
        elif hashes is not None and root_of(hashes) != root:
            self.found("two-views", self.log, name)


def first(seen):
    """When the first witness saw a checkpoint, in milliseconds; None if none did."""
    return min((seconds for seconds, _ in seen.values()), default=None) and 1000 * min(
        seconds for seconds, _ in seen.values()
    )


def iso(ms):
    at = datetime.datetime(1970, 1, 1) + datetime.timedelta(milliseconds=ms)
    return at.strftime("%Y-%m-%dT%H:%M:%S.") + f"{ms % 1000:03}Z"


def one_line(data):
    text = data.decode("utf-8", "replace")
    return text[:-1] if text.endswith("\n") else text


# What people hold against the logs.

# What a text editor may put around a line, a mark in front among it.
SPACE = " \t\n\v\f\r\u00a0\u2028\u2029\ufeff"
RECEIPT = {"v", "log", "eid", "lh", "ts", "sealBy", "req"}


def receipt_in(text, keys):
    """What a receipt says that one of the keys signed, or None."""
    try:
        header, payload, signature = text.strip(SPACE).split(".")
        head, said = parse(un64(header)), parse(un64(payload))
        key = next(key for key in keys if key["kid"] == head["kid"])
        texts = all(is_text(value) for name, value in said.items() if name != "v")
        good = head["alg"] == "ES256" and head["typ"] == "comity-receipt+jwt" and said["v"] == 1
        good = good and texts and set(said) - {"out"} == RECEIPT
        message = f"{header}.{payload}".encode()
        return said if good and es256(un64(key["x"]), un64(key["y"]), message, un64(signature)) else None
    except (ValueError, KeyError, TypeError, StopIteration, AttributeError, RecursionError):
        return None


def proof_in(text):
    """(index, path, note, checkpoint) of a C2SP tlog-proof, or None."""
    head, _, rest = text.partition("\n\n")
    title, *lines = head.split("\n")
    if title != "c2sp.org/tlog-proof@v1":
        return None
    if lines and lines[0].startswith("extra ") and not standard64(lines.pop(0)[6:]):
        return None
    match = re.fullmatch(r"index (0|[1-9][0-9]{0,15})", lines[0], re.A) if lines else None
    path = [standard64(line) for line in lines[1:]]
    note = note_in(rest)
    checkpoint = note and checkpoint_in(note[0])
    if not match or not checkpoint or len(path) > 63 or any(not each or len(each) != 32 for each in path):
        return None
    if not is_count(int(match[1])):
        return None
    return int(match[1]), path, note, checkpoint


# Signed calls.

CALL = {"eid": is_id, "jws": is_text}


def calls_in(files, found):
    calls = {}
    for each in files:
        for number, line in enumerate(each["text"].split("\n"), 1):
            call = line and exactly(line, CALL)
            if call:
                calls[call["eid"]] = call["jws"]
            elif line:
                found("form", None, each["name"], line=number)
    return calls


LOOKS = {
    "list-entries": ("GET", r"/v1/decisions"),
    "count-entries": ("GET", r"/v1/decisions/count"),
    "read-entry": ("GET", r"/v1/decisions/[^/]+"),
    "prove-entry": ("GET", r"/v1/decisions/[^/]+/proof"),
    "make-pseudonym": ("POST", r"/v1/pseudonyms"),
    "read-facts": ("GET", r"/v1/facts"),
    "report-subject": ("POST", r"/v1/subject-reports"),
    "profile-officer": ("POST", r"/v1/officer-profiles"),
    "rank-officers": ("POST", r"/v1/officer-rankings"),
    "set-alarm": ("POST", r"/v1/alarms"),
    "read-alarms": ("GET", r"/v1/alarms"),
    "read-deadlines": ("GET", r"/v1/deadlines"),
    "count-period": ("GET", r"/v1/figures"),
    "report-year": ("GET", r"/v1/reports/[^/]+"),
    "sample": ("GET", r"/v1/samples"),
    "pull-decisions": ("GET", r"/v1/decision-events"),
    "create-evidence": ("POST", r"/v1/evidence"),
    "replay": ("POST", r"/v1/replays"),
    "name-subject": ("POST", r"/v1/subject-pseudonyms"),
}


def uncalled(leaf):
    """Whether no agency signed a call for an entry: the gateway's own, and looks by a session."""
    none = to64(hashlib.sha256(b"").digest())
    return leaf["t"] in ("notice", "set", "statement") or leaf["t"] == "consultation" and leaf["req"] == none


def is_look(said, action=None):
    """Whether a call is a look of this name; without one, whether it is any look."""
    path = urllib.parse.urlsplit(said["htu"]).path
    named = LOOKS.values() if action is None else [LOOKS[action]] if action in LOOKS else []
    return any(method == said["htm"] and re.fullmatch(form, path) for method, form in named)


def from_der(data):
    """r ‖ s of an ECDSA-Sig-Value (X.690: the shortest form alone)."""
    plain, at = b"", 2
    if data[0] != 0x30 or data[1] != len(data) - 2:
        raise ValueError
    for _ in range(2):
        number = data[at + 2 : at + 2 + data[at + 1]]
        value = int.from_bytes(number, "big")
        if data[at] != 2 or value == 0 or number != value.to_bytes(value.bit_length() // 8 + 1, "big"):
            raise ValueError
        plain, at = plain + value.to_bytes(32, "big"), at + 2 + len(number)
    if at != len(data):
        raise ValueError
    return plain


def by_key(alg, jwk, message, signature):
    if alg == "ES256":
        return es256(un64(jwk["x"]), un64(jwk["y"]), message, signature)
    return ed25519(un64(jwk["x"]), message, signature)


ASSERTION = ("authenticatorData", "clientDataJSON", "signature")


def signed_call(head, said, message, signature, key):
    """Whether this key signed a call: a key of the agency the text itself, a passkey an assertion over it."""
    if head["alg"] not in (("ES256",) if key["alg"] == "ES256" else ("EdDSA", "Ed25519")):
        return False
    passkey = key.get("passkey")
    if passkey is None:
        return head["typ"] == "comity-request+jwt" and by_key(key["alg"], key["jwk"], message, signature)
    # Web Authentication, Level 3, 7.2.
    given = parse(signature)
    if head["typ"] != "comity-request+passkey" or sorted(given) != sorted(ASSERTION):
        return False
    data, client, signature = (un64(given[name]) for name in ASSERTION)
    made, host = parse(client), urllib.parse.urlsplit(passkey["origin"]).hostname
    if said["sub"] != passkey["officer"] or made["type"] != "webauthn.get" or made["origin"] != passkey["origin"]:
        return False
    if made.get("crossOrigin", False) is not False or "topOrigin" in made:
        return False
    if made["challenge"] != to64(hashlib.sha256(message).digest()):
        return False
    # User present and verified; backed up only if that may be; no extension.
    if len(data) != 37:
        return False
    flags = data[32]
    if data[:32] != hashlib.sha256(host.encode()).digest() or flags & 0xE7 != 5 or flags & 0x18 == 0x10:
        return False
    signature = from_der(signature) if key["alg"] == "ES256" else signature
    return by_key(key["alg"], key["jwk"], data + hashlib.sha256(client).digest(), signature)


def covering(jws, eid, leaf, ms, trust):
    """The word of the pinned key by which an agency signed this call at that time; None if none did."""
    try:
        header, payload, signature = jws.split(".")
        head, said, message = parse(un64(header)), parse(un64(payload)), f"{header}.{payload}".encode()
        if set(head) != {"alg", "typ", "kid"}:
            return None
        made = hashlib.sha256(f"{said['iss']}\x1f{said['jti']}".encode()).digest()
        is_its_own = leaf["t"] == "consultation" and is_look(said) or to64(made) == eid
        if not is_its_own or to64(hashlib.sha256(message).digest()) != leaf["req"]:
            return None
        key = next(each for each in trust.agencies[said["iss"]] if each["kid"] == head["kid"])
        if not said["iat"] - 60 <= ms / 1000 <= said["exp"] + 60 or ms / 1000 < moment(key["from"]):
            return None
        if "until" in key and ms / 1000 > moment(key["until"]) + 60:
            return None
        good = signed_call(head, said, message, un64(signature), key)
        return trust.word(f"{said['iss']}/{head['kid']}") if good else None
    except (ValueError, KeyError, TypeError, StopIteration, AttributeError, RecursionError):
        return None


def moment(text):
    return datetime.datetime.fromisoformat(text.replace("Z", "+00:00")).timestamp()


# All logs.


def verify(case):
    findings = []

    def found(code, log, file, **where):
        findings.append({"code": code, "log": log, "where": {"file": file, **where}})

    words, logs = [], {}

    def verdict():
        whole = all(each["code"] in LATE for each in findings)
        stamps = {
            "counted": [stamp for log in logs.values() for stamp in log.stamps],
            "unnamed": sum(log.unnamed for log in logs.values()),
        }
        return {"whole": whole, "findings": findings, "word": weakest(words), "stamps": stamps}

    files = Files(case["folder"], case.get("changed", {}))
    now = case.get("now") or time.time_ns() // 1_000_000
    published = keys_in(files.get("keys.json") or b"", pinned=False)
    trust = keys_in(read_file(case["keys"]) or b"") if case.get("keys") else keys_in(files.get("keys.json") or b"")
    index = exactly(one_line(files.get("logs.json") or b""), LOGS)
    at = index and instant(index["at"])
    if published is None:
        found("form", None, "keys.json")
    if index is None or at > now:
        found("form", None, "logs.json")
    if trust is None or index is None:
        return verdict()
    if published is not None and not trust.ids() <= published.ids():
        found("keys-differ", None, "keys.json")
    for name, _, _ in trust.logs:
        if name not in index["logs"]:
            found("log-missing", None, "logs.json")
    receipts, proofs, trees = [], [], []
    for each in case.get("receipts", []):
        said = receipt_in(each["text"], trust.receipts)
        if said is None:
            found("receipt-invalid", None, each["name"])
        elif said["log"] not in index["logs"]:
            found("log-missing", None, each["name"], entry=said["eid"])
        else:
            receipts.append((each["name"], said))
    for each in case.get("proofs", []):
        proof = proof_in(each["text"])
        if proof is None:
            found("proof-invalid", None, each["name"])
        elif proof[3][0] not in index["logs"]:
            found("log-missing", None, each["name"], index=proof[0])
        else:
            proofs.append((each["name"], *proof))
    since = case.get("since")
    for each in since["seen"]["logs"] if since else []:
        trees.append((each["log"], since["name"], None, each["size"], un64(each["root"])))
    for each in case.get("checkpoints", []):
        note = note_in(each["text"])
        checkpoint = note and checkpoint_in(note[0])
        if checkpoint is None:
            found("checkpoint-signature", None, each["name"])
        else:
            trees.append((checkpoint[0], each["name"], note, *checkpoint[1:]))
    for origin, name, _, size, _ in trees:
        if size > 0 and origin not in index["logs"]:
            found("log-missing", None, name)
    calls = calls_in(case["calls"], found) if "calls" in case else None
    for name in index["logs"]:
        pinned = trust if case.get("keys") else None
        logs[name] = Log(name, files, trust, published or trust, at, now, found, calls, pinned)
        words += logs[name].words(pinned) + logs[name].called
    for name, said in receipts:
        logs[said["log"]].check_receipt(name, said)
    for name, *proof in proofs:
        log = logs[proof[3][0]]
        if log.key is not None:
            log.check_proof(name, *proof)
    for origin, *tree in trees:
        if origin in logs:
            logs[origin].check_tree(*tree)
    if not any(log.entries or log.size or log.signed for log in logs.values()):
        found("empty", None, "logs.json")
    return verdict()


def main(arguments):
    if arguments == ["--cases"]:
        for line in sys.stdin:
            print(json.dumps(verify(json.loads(line))), flush=True)
        return 0
    case = {"folder": None, "receipts": [], "proofs": [], "checkpoints": []}
    while arguments:
        each = arguments.pop(0)
        if each in ("--receipt", "--proof", "--checkpoint"):
            name = arguments.pop(0)
            case[each[2:] + "s"].append({"name": name, "text": (read_file(name) or b"").decode("utf-8", "replace")})
        elif each == "--trust":
            case["keys"] = arguments.pop(0)
        elif each == "--calls":
            name = arguments.pop(0)
            text = (read_file(name) or b"").decode("utf-8", "replace")
            case.setdefault("calls", []).append({"name": name, "text": text})
        elif each == "--since":
            name = arguments.pop(0)
            case["since"] = {"name": name, "seen": json.loads(read_file(name) or b"")}
        else:
            case["folder"] = each
    if case["folder"] is None:
        sys.exit(__doc__)
    if "keys" in case and keys_in(read_file(case["keys"]) or b"") is None:
        print(f"{case['keys']} is not a list of keys", file=sys.stderr)
        return 2
    result = verify(case)
    print(json.dumps(result, indent=2))
    late = any(each["code"] in LATE for each in result["findings"])
    return 5 if not result["whole"] else 8 if late else 7 if result["word"] in WEAK else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
