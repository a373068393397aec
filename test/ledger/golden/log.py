"""Computes log.json from FORMAT.md alone, with no code of the gateway: a log, its files, a checkpoint, proofs.

Run once, on a machine with Python's `cryptography`; its output is frozen: python3 log.py > log.json
"""

import base64
import hashlib
import json

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat


def H(*parts):
    return hashlib.sha256(b"".join(parts)).digest()


def b64s(data):
    return base64.b64encode(data).decode()


leaves = [("" if i == 0 else f"leaf {i} " * (1 + i % 3)).encode() for i in range(70_000)]
leaf_hashes = [H(b"\x00", leaf) for leaf in leaves]


def split(n):
    k = 1
    while k * 2 < n:
        k *= 2
    return k


def root(hashes):
    if not hashes:
        return H()
    if len(hashes) == 1:
        return hashes[0]
    k = split(len(hashes))
    return H(b"\x01", root(hashes[:k]), root(hashes[k:]))


def inclusion(m, hashes):
    if len(hashes) == 1:
        return []
    k = split(len(hashes))
    if m < k:
        return inclusion(m, hashes[:k]) + [root(hashes[k:])]
    return inclusion(m - k, hashes[k:]) + [root(hashes[:k])]


def place(index, width):
    groups = []
    while True:
        groups.insert(0, f"{index % 1000:03}")
        index //= 1000
        if index == 0:
            break
    path = "/".join(["x" + group for group in groups[:-1]] + groups[-1:])
    return path if width == 256 else f"{path}.p/{width}"


def files(size):
    """Path and bytes of every tile and bundle of a tree of a size."""
    level, hashes = 0, leaf_hashes[:size]
    while hashes:
        for index in range(0, (len(hashes) + 255) // 256):
            tile = hashes[index * 256 : index * 256 + 256]
            yield f"tile/{level}/{place(index, len(tile))}", b"".join(tile)
            if level == 0:
                some = leaves[: size][index * 256 : index * 256 + 256]
                bundle = b"".join(len(leaf).to_bytes(2, "big") + leaf for leaf in some)
                yield f"tile/entries/{place(index, len(tile))}", bundle
        full = len(hashes) // 256
        hashes = [root(hashes[at * 256 : at * 256 + 256]) for at in range(full)]
        level += 1


class Key:
    def __init__(self, name, kind):
        self.name, self.kind, self.seed = name, kind, H(f"seed of {name}".encode())
        self.secret = Ed25519PrivateKey.from_private_bytes(self.seed)
        self.public = self.secret.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
        self.id = H(name.encode() + b"\n" + bytes([kind]) + self.public)[:4]
        self.vkey = f"{name}+{self.id.hex()}+{b64s(bytes([kind]) + self.public)}"

    def line(self, text, time=None):
        if self.kind == 1:
            return f"— {self.name} {b64s(self.id + self.secret.sign(text.encode()))}\n"
        signature = self.secret.sign(f"cosignature/v1\ntime {time}\n{text}".encode())
        return f"— {self.name} {b64s(self.id + time.to_bytes(8, 'big') + signature)}\n"


log = Key("comity.example/de/2026", 1)
witnesses = [Key("witness.example/one", 4), Key("witness.example/two", 4)]
noon = 1_795_000_000


def checkpoint(size):
    text = f"{log.name}\n{size}\n{b64s(root(leaf_hashes[:size]))}\n"
    lines = [log.line(text)] + [key.line(text, noon + at) for at, key in enumerate(witnesses)]
    return f"{text}\n{''.join(lines)}"


def proof(index, size):
    path = inclusion(index, leaf_hashes[:size])
    lines = ["c2sp.org/tlog-proof@v1", f"index {index}", *map(b64s, path)]
    return "\n".join(lines) + "\n\n" + checkpoint(size)


tiles = sorted(files(70_000))
print(
    json.dumps(
        {
            "vkeys": [key.vkey for key in [log, *witnesses]],
            "noon": noon,
            "size": 70_000,
            "files": len(tiles),
            # Of each path, a zero byte, the length of the file in 4 bytes, and the file, in order of path.
            "filesDigest": H(
                *[p.encode() + b"\x00" + len(b).to_bytes(4, "big") + b for p, b in tiles]
            ).hex(),
            "proofs": [
                {"index": index, "size": size, "text": proof(index, size)}
                for index, size in [(0, 1), (4, 7), (255, 256), (69_999, 70_000), (65_535, 70_000)]
            ],
        },
        indent=2,
        ensure_ascii=False,
    )
)
