/** Tokens whose form is right and whose signature, or signer, is not. */

import { sign } from 'node:crypto'
import { ed25519, type Pair, p256, pairs } from './cast.ts'
import {
  base64url,
  bytes32,
  ed25519Order,
  type Forgery,
  honestClaims,
  honestHeader,
  numberOf,
  p256Order,
  resigned,
  type Stage,
  signed,
} from './forge.ts'

export function hostileSignatures(stage: Stage): readonly Forgery[] {
  return [...ecdsa(stage), ...eddsa(stage), ...borrowed(stage), ...signers(stage)]
}

function ecdsa(stage: Stage): readonly Forgery[] {
  const token = signed(honestHeader, honestClaims(stage))
  const input = token.slice(0, token.lastIndexOf('.'))
  const der = sign('sha256', Buffer.from(input), pairs.desk.privateKey)
  const zero = bytes32(0n)
  const order = bytes32(p256Order)
  const as = (says: string, change: (r: Buffer, s: Buffer) => readonly Uint8Array[]): Forgery => [
    'signature-wrong',
    says,
    `Bearer ${resigned(token, (rs) => Buffer.concat(change(rs.subarray(0, 32), rs.subarray(32))))}`,
  ]
  return [
    as('a signature of zeros', () => [zero, zero]),
    as('a signature of one byte', () => [Buffer.of(0)]),
    as('a signature that is one byte short', (r, s) => [r, s.subarray(0, 31)]),
    as('a signature that is one byte long', (r, s) => [r, s, Buffer.of(0)]),
    as('a signature with leading zeros on r and s', (r, s) => [Buffer.of(0), r, Buffer.of(0), s]),
    as('a signature twice over', (r, s) => [r, s, r, s]),
    as('a good signature in DER', () => [der]),
    as('r = 0', (_, s) => [zero, s]),
    as('s = 0', (r) => [r, zero]),
    as('r = n', (_, s) => [order, s]),
    as('s = n', (r) => [r, order]),
    as('r = n and s = n', () => [order, order]),
    as('r = 1 and s = 1', () => [bytes32(1n), bytes32(1n)]),
    as('all bits set', () => [Buffer.alloc(64, 0xff)]),
    as('r and s changed about', (r, s) => [s, r]),
    as('n − r', (r, s) => [bytes32(p256Order - numberOf(r)), s]),
  ]
}

function eddsa(stage: Stage): readonly Forgery[] {
  const header = { ...honestHeader, alg: 'EdDSA', kid: 'vault' }
  const token = signed(header, honestClaims(stage), pairs.vault)
  const zero = bytes32(0n)
  const littleEndian = (n: bigint) => bytes32(n).reverse()
  const as = (says: string, change: (r: Buffer, s: Buffer) => readonly Uint8Array[]): Forgery => [
    'signature-wrong',
    `${says} (Ed25519)`,
    `Bearer ${resigned(token, (rs) => Buffer.concat(change(rs.subarray(0, 32), rs.subarray(32))))}`,
  ]
  return [
    as('a signature of zeros', () => [zero, zero]),
    as('a signature that is one byte short', (r, s) => [r, s.subarray(0, 31)]),
    as('a signature that is one byte long', (r, s) => [r, s, Buffer.of(0)]),
    as('S = 0 and R the neutral point', () => [littleEndian(1n), zero]),
    as('S = 0', (r) => [r, zero]),
    // RFC 8032 §5.1.7: S below the order, or every signature would have twins.
    as('S + the order', (r, s) => [
      r,
      littleEndian(numberOf(Buffer.from(s).reverse()) + ed25519Order),
    ]),
    as('R with its sign changed', (r, s) => [
      r.subarray(0, 31),
      Buffer.of((r.at(31) ?? 0) ^ 0x80),
      s,
    ]),
  ]
}

/** Signatures that are good, but of something or someone else. */
function borrowed(stage: Stage): readonly Forgery[] {
  const claims = honestClaims(stage)
  const genuine = signed(honestHeader, claims)
  const other = signed(honestHeader, { ...claims, jti: 'ABCDEFGHIJKLMNOPQRSTUV' })
  const [header = '', payload = '', signature = ''] = genuine.split('.')
  const [, otherPayload = '', otherSignature = ''] = other.split('.')
  const nobody = signed(honestHeader, claims, pairs.nobody)
  const swapped = base64url({ ...honestHeader, kid: 'rotated' })
  return [
    [
      'signature-wrong',
      'the signature of another call',
      `Bearer ${header}.${payload}.${otherSignature}`,
    ],
    [
      'signature-wrong',
      'another payload under the signature',
      `Bearer ${header}.${otherPayload}.${signature}`,
    ],
    [
      'key-expired',
      'another header over the signature',
      `Bearer ${swapped}.${payload}.${signature}`,
    ],
    ['signature-wrong', 'a signature by a key of nobody', `Bearer ${nobody}`],
    [
      'payload-not-strict-json',
      'a token inside a token',
      `Bearer ${signed(honestHeader, genuine)}`,
    ],
    [
      'issuer-malformed',
      'a token inside a token, quoted',
      `Bearer ${signed(honestHeader, JSON.stringify(genuine))}`,
    ],
  ]
}

function signers(stage: Stage): readonly Forgery[] {
  const claims = honestClaims(stage)
  const by = (pair: Pair, kid: string, iss = 'DE-TESTBKA', alg: string = pair.alg) =>
    `Bearer ${signed({ ...honestHeader, alg, kid }, { ...claims, iss }, pair)}`
  return [
    ['agency-unknown', 'an agency that does not take part', by(pairs.desk, 'desk', 'XX-NOBODY')],
    ['agency-unknown', 'an agency named like a prototype', by(pairs.desk, 'desk', 'CONST-RUCTOR')],
    ['key-unknown', 'a key that its agency has not registered', by(pairs.nobody, 'nobody')],
    ['key-unknown', "another agency's key under its own id", by(pairs.otherOnly, 'only')],
    ['key-unknown', "one's own key in another agency's name", by(pairs.desk, 'vault', 'FR-TESTPJ')],
    ['signature-wrong', "another agency's key of the same id", by(pairs.otherDesk, 'desk')],
    [
      'signature-wrong',
      "one's own key of the same id in another agency's name",
      by(pairs.desk, 'desk', 'FR-TESTPJ'),
    ],
    ['key-revoked', 'a key that was revoked', by(pairs.stolen, 'stolen')],
    ['key-expired', 'a key after its last day', by(pairs.rotated, 'rotated')],
    ['key-not-yet-valid', 'a key before its first day', by(pairs.coming, 'coming')],
    ['agency-suspended', 'an agency that is suspended', by(pairs.suspended, 'desk', 'IT-TESTPS')],
    ['key-unusable', 'a registered key that is no point of the curve', by(pairs.desk, 'off-curve')],
    ['key-unusable', 'a registered key under the wrong algorithm', by(pairs.desk, 'mislabelled')],
    ...decoys.flatMap((pair): Forgery[] => [
      ['key-unknown', `the ${pair.alg} decoy in the name of an agency`, by(pair, 'decoy')],
      [
        'agency-unknown',
        `the ${pair.alg} decoy in the name of nobody`,
        by(pair, 'decoy', 'XX-NOBODY'),
      ],
      [
        'signature-wrong',
        `the ${pair.alg} decoy under a key in use`,
        by(pair, pair.alg === 'ES256' ? 'desk' : 'vault'),
      ],
    ]),
    ['agency-unknown', 'the decoy as Ed25519', by(ed25519Decoy, 'decoy', 'XX-NOBODY', 'Ed25519')],
  ]
}

/** The private halves, as RFC 8037 §A.1 and RFC 7515 §A.3.1 print them, of the keys we verify
 * against when there is no key. */
const pairOf = (alg: Pair['alg'], of: typeof p256, d: string) => ({
  ...pairs.nobody,
  alg,
  privateKey: of(Buffer.from(d, 'base64url')),
})
const ed25519Decoy = pairOf('EdDSA', ed25519, 'nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A')
const decoys = [
  pairOf('ES256', p256, 'jpsQnnGQmL-YBIffH1136cspYG6-0iY7X1fCE9-E9LI'),
  ed25519Decoy,
] as const
