#!/usr/bin/env bash
# Asks a gateway with curl and openssl alone.
#
#     ./ask.sh http://localhost:8787 FR-SPOC officer-7 .comity/agencies/FR-SPOC.json request.json
#
# Whatever breaks, set JTI to the id that was printed and ask again: it is the same call, with the same answer.
set -euo pipefail
gateway=$1 agency=$2 officer=$3 key=$4 request=$5
url=$gateway/v1/access-requests
jti=${JTI:-$(openssl rand -hex 16)}
echo "jti $jti" >&2

base64url() { openssl base64 -A | tr '+/' '-_' | tr -d '='; }
member() { sed -n "s/.*\"$1\": *\"\([^\"]*\)\".*/\1/p" "$key"; }
to_bytes() { printf "$(sed 's/../\\x&/g')"; }
to_hex() { od -An -v -tx1 | tr -d ' \n'; }

# The private key (RFC 5915) around the 32 bytes of `d`, as openssl reads it.
private_key() {
  local d
  d=$(member d | tr '_-' '/+' | sed 's/$/=/' | openssl base64 -d -A | to_hex)
  echo '-----BEGIN EC PRIVATE KEY-----'
  printf '303102010104%s%sa00a06082a8648ce3d030107' 20 "$d" | to_bytes | openssl base64
  echo '-----END EC PRIVATE KEY-----'
}

# openssl writes r and s as two integers; a JWS has them as 32 bytes each (RFC 7518 section 3.4).
signature() {
  openssl dgst -sha256 -sign <(private_key) | openssl asn1parse -inform DER |
    sed -n 's/.*INTEGER *://p' | while read -r number; do printf '%64s' "$number" | tr ' ' 0; done |
    to_bytes | base64url
}

now=$(date +%s)
digest=$(openssl dgst -sha256 -binary <"$request" | base64url)
header=$(printf '{"alg":"ES256","typ":"comity-request+jwt","kid":"%s"}' "$(member kid)" | base64url)
claims=$(printf '{"iss":"%s","sub":"%s","aud":"%s","iat":%d,"exp":%d,"jti":"%s","htm":"POST","htu":"%s","request_body_sha256":"%s"}' \
  "$agency" "$officer" "$gateway" "$now" "$((now + 300))" "$jti" "$url" "$digest" | base64url)
signed=$(printf '%s.%s' "$header" "$claims" | signature)

# By standard input, since others see the arguments of a process.
printf 'authorization: Bearer %s.%s.%s\n' "$header" "$claims" "$signed" |
  curl --silent --show-error --fail-with-body --retry 3 --retry-connrefused \
    --header @- --header 'content-type: application/json' --data-binary "@$request" "$url"
