"""Asks a gateway with Python's own library, and `cryptography` to sign.

    python3 ask.py http://localhost:8787 FR-SPOC officer-7 .comity/agencies/FR-SPOC.json request.json

Whatever breaks, give the id that was printed as a sixth argument: it is the same call, with the same answer.
"""

import base64
import hashlib
import json
import secrets
import sys
import time
import urllib.error
import urllib.request

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, utils


def base64url(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def signed(key, claims):
    header = {"alg": "ES256", "typ": "comity-request+jwt", "kid": key["kid"]}
    text = ".".join(base64url(json.dumps(part).encode()) for part in (header, claims))
    secret = int.from_bytes(base64.urlsafe_b64decode(key["privateJwk"]["d"] + "="), "big")
    private = ec.derive_private_key(secret, ec.SECP256R1())
    # A JWS has r and s as 32 bytes each (RFC 7518 section 3.4).
    r, s = utils.decode_dss_signature(private.sign(text.encode(), ec.ECDSA(hashes.SHA256())))
    return f"{text}.{base64url(r.to_bytes(32, 'big') + s.to_bytes(32, 'big'))}"


def ask(gateway, agency, officer, key, body, jti):
    url, now = f"{gateway}/v1/access-requests", int(time.time())
    claims = {"iss": agency, "sub": officer, "aud": gateway, "iat": now, "exp": now + 300, "jti": jti}
    claims |= {"htm": "POST", "htu": url, "request_body_sha256": base64url(hashlib.sha256(body).digest())}
    headers = {"authorization": f"Bearer {signed(key, claims)}", "content-type": "application/json"}
    try:
        with urllib.request.urlopen(urllib.request.Request(url, body, headers), timeout=30) as response:
            return json.load(response)
    except urllib.error.HTTPError as problem:
        sys.exit(problem.read().decode())


gateway, agency, officer, key_file, request_file, *again = sys.argv[1:]
jti = again[0] if again else secrets.token_urlsafe(16)
print("jti", jti, file=sys.stderr)
with open(key_file) as key, open(request_file, "rb") as request:
    answer = ask(gateway, agency, officer, json.load(key), request.read(), jti)
print(json.dumps(answer, indent=2))
