/**
 * Who plays in every run: agencies, the people they ask for, their requests, the acts of a holder, and
 * the keys of the log and its witnesses. All of it is the same each time, whatever the seed.
 */

import { createHash, createHmac, createPrivateKey, createPublicKey, hash } from 'node:crypto'
import type { SignedCall } from '../../functions/answer/entries/signed-call.ts'
import type { Order, SubjectAct } from '../../functions/audit/subject-act.ts'
import type { HeldRecord } from '../../functions/decision/record.ts'
import { identifierOf, identifiersOf } from '../../functions/decision/record.ts'
import type { AccessRequest } from '../../functions/decision/request.ts'
import { signApproval } from '../../functions/identity/approval.ts'
import type { Agency } from '../../functions/identity/register.ts'
import type { signCall } from '../../functions/identity/sign.ts'
import { entryId } from '../../functions/ledger/entry.ts'
import { verifierKey, writeVkey } from '../../functions/ledger/note.ts'
import type { Book } from '../../functions/policy/book.ts'
import { readBook } from '../../functions/policy/read-book.ts'
import { itemOf, personOf, requestOf, subjectsOf } from '../answer/people.ts'
import { deny, fileOf, listOf, permit } from '../decision/write.ts'

import { signAtOnce } from './at-once.ts'

export const gateway = 'sim.test'

/** An Ed25519 key that is the same in every run. */
function keyOf(name: string) {
  const seed = hash('sha256', name, 'buffer')
  const pkcs8 = Buffer.concat([Buffer.from('302e020100300506032b657004220420', 'hex'), seed])
  const privateKey = createPrivateKey({ key: pkcs8, format: 'der', type: 'pkcs8' })
  const { x = '' } = createPublicKey(privateKey).export({ format: 'jwk' })
  return {
    x,
    publicKey: new Uint8Array(Buffer.from(x, 'base64url')),
    privateJwk: { kty: 'OKP', crv: 'Ed25519', x, d: seed.toString('base64url') },
    sign: (bytes: Uint8Array): Uint8Array => signAtOnce(bytes, privateKey, x),
  }
}

export const logKey = keyOf('log')
export const vkeyOf = (log: string): string => writeVkey(verifierKey(log, 1, logKey.publicKey))

/** Three witnesses. */
export const witnesses = ['one', 'two', 'three'].map((each) => {
  const name = `witness.${each}`
  const key = keyOf(name)
  const verifier = verifierKey(name, 4, key.publicKey)
  return { name, key, verifier, vkey: writeVkey(verifier) }
})

const [officeKey, holderKey] = [keyOf('office'), keyOf('holder')]

/** The keys that signed what stands from before a run. */
export const standingKeys: Readonly<Record<string, Parameters<typeof signCall>[1]>> = {
  'DE-POL': { kid: 'holder-1', alg: 'EdDSA', privateJwk: holderKey.privateJwk },
  'FR-POL': { kid: 'holder-1', alg: 'EdDSA', privateJwk: holderKey.privateJwk },
  'DE-DPO': { kid: 'office-1', alg: 'EdDSA', privateJwk: officeKey.privateJwk },
}

const keyRow = (kid: string, x: string) => ({
  ...{ kid, alg: 'EdDSA' as const, status: 'active' as const, from: '2026-01-01T00:00:00Z' },
  jwk: { kty: 'OKP' as const, crv: 'Ed25519' as const, x },
})

function agency(id: string, changes: Partial<Agency> = {}): Agency {
  return {
    id,
    name: id,
    jurisdiction: id.slice(0, 2),
    authorityType: 'police',
    status: 'active',
    timeZone: 'UTC',
    channels: ['bilateral'],
    cannotHonour: [],
    attests: [],
    holdsRecords: true,
    requestsPerMinute: 60,
    keys: [],
    ...changes,
  }
}

const german = agency('DE-POL', { keys: [keyRow('holder-1', holderKey.x)] })
const french = agency('FR-POL', { keys: [keyRow('holder-1', holderKey.x)] })
const british = agency('GB-POL', { holdsRecords: false })
const office = agency('DE-DPO', {
  holdsRecords: false,
  role: 'approver',
  keys: [keyRow('office-1', officeKey.x)],
})

export const agencies: readonly Agency[] = [german, french, british, office]

const elements = listOf('elements', [], {
  elements: [{ value: 'nc:PersonFullName', class: ['identification'], holds: 'text' }],
})
/** What the log says of people is kept to the end of its year, and no longer. */
const retention = listOf('log-retention', [], {
  members: [
    {
      ...{ value: 'DE', from: '2020-01-01', cites: 'art. 1', confidence: 'V' },
      kept: { yearsMin: 0, yearsMax: 0, nature: 'mandatory' },
    },
  ],
})
const ground = (id: string) => fileOf({ id, kind: 'ground', rules: [permit('all', true)] })

function bookOf(files: Parameters<typeof readBook>[0]): Book {
  const { book, faults } = readBook(files, () => '2020-01-01T00:00:00Z')
  if (faults.length > 0) throw new Error(`the cast wrote a fault: ${JSON.stringify(faults)}`)
  return book
}

/** Two states of the law: all is released, and nothing is. Gateways learn of a change one by one. */
export const books: readonly Book[] = [
  bookOf([ground('de/own'), ground('fr/own'), elements, retention]),
  bookOf([
    ground('de/own'),
    ground('fr/own'),
    fileOf({ id: 'eu/a', kind: 'limit', rules: [deny('all', true)] }, '2021-01-01'),
    elements,
    retention,
  ]),
]

/** The people, each with one record; a later version of it has another name. */
export const records: readonly {
  readonly holder: string
  readonly versions: readonly HeldRecord[]
}[] = (
  [
    ['DE-POL', 'R-1'],
    ['DE-POL', 'R-2'],
    ['FR-POL', 'R-3'],
  ] as const
).map(([holder, id]) => ({
  holder,
  versions: ['Anton Beispiel', 'Anton Anders'].map((value) =>
    personOf(id, [itemOf('name', { value })]),
  ),
}))

const pseudonyms = new Map<string, string>()
/** A pseudonym as the gateway's own are: keyed, and different in each jurisdiction. */
export function pseudonym(jurisdiction: string, identifier: string): string {
  const text = `${jurisdiction} ${identifier}`
  const known = pseudonyms.get(text)
  if (known !== undefined) return known
  const made = createHmac('sha256', 'pseudonyms').update(text).digest().subarray(0, 16)
  pseudonyms.set(text, made.toString('base64url'))
  return made.toString('base64url')
}

/** A request that some client wants answered, and what of it others may know. */
export type Client = {
  readonly call: SignedCall
  readonly request: AccessRequest
  readonly eid: string
  /** Which of the records it is about. */
  readonly record: number
  readonly holderJurisdiction: string
  /** Every pseudonym under which a side may find it: subjects and the case. */
  readonly known: Readonly<Record<'holder' | 'requester', readonly string[]>>
}

const jtiOf = (name: string): string => name.padEnd(22, '-')

function callOf(by: Agency, jti: string, path: string, body: string): SignedCall {
  const [officer, kid, method, url] = ['officer-1', 'key-1', 'POST', `https://${gateway}${path}`]
  const bodyDigest = createHash('sha256').update(body).digest('base64url')
  const times = { iat: 0, exp: 300 }
  const claims = { iss: by.id, sub: officer, jti, ...times, htm: method, htu: url }
  const signingInput = [
    { alg: 'ES256', typ: 'comity-request+jwt', kid },
    { ...claims, request_body_sha256: bodyDigest },
  ]
    .map((part) => Buffer.from(JSON.stringify(part)).toString('base64url'))
    .join('.')
  // Whether it is signed is not looked at here: only which key it names.
  const jws = `${signingInput}.signature`
  return {
    ...{ agency: by, officer, kid, jti, ...times, bodyDigest, signingInput, jws },
    ...{ method, url, body },
  }
}

function client(
  by: Agency,
  record: number,
  way: keyof ReturnType<typeof subjectsOf>,
  index: number,
): Client {
  const held = records[record]?.versions[0]
  const holder = [german, french].find(({ id }) => id === records[record]?.holder)
  if (held === undefined || holder === undefined) throw new Error(`there is no record ${record}`)
  const subject = subjectsOf(held.id)[way]
  const caseReference = `CASE-${index}`
  const request = requestOf({ holder: holder.id, subject, caseReference })
  const jti = jtiOf(`request-${index}`)
  const inCase = `case\u001f${by.id}\u001f${caseReference}`
  const [hj, aj] = [holder.jurisdiction, by.jurisdiction]
  return {
    call: callOf(by, jti, '/v1/access-requests', JSON.stringify(request)),
    request,
    eid: entryId(by.id, jti),
    record,
    holderJurisdiction: hj,
    known: {
      holder: [...identifiersOf(held), inCase].map((each) => pseudonym(hj, each)),
      requester: [identifierOf(subject), inCase].map((each) => pseudonym(aj, each)),
    },
  }
}

/** Requests of three agencies for three people, of whom one is asked for by every identifier. */
export const clients: readonly Client[] = [
  client(british, 0, 'recordId', 0),
  client(british, 1, 'recordId', 1),
  client(french, 0, 'document', 2),
  client(british, 2, 'recordId', 3),
  client(german, 1, 'name', 4),
  client(british, 0, 'recordId', 5),
]

/** An act of a holder on a person's part of the log, approved. */
export type Act = { readonly id: string; readonly call: SignedCall; readonly body: SubjectAct }

type Unapproved =
  | {
      readonly act: 'erase' | 'hold' | 'restrict'
      readonly subjects: readonly string[]
      readonly order?: Order
    }
  | { readonly act: 'lift'; readonly ends: string }
  | { readonly act: 'expire'; readonly before: string }

/** `on` is the day of the approval: six days before the earliest run ends, seven at most. */
async function act(name: string, given: Unapproved, on = '2026-12-28'): Promise<Act> {
  const jti = jtiOf(name)
  const wanted = { ground: 'The person asked for it.', cites: ['LED 16(2)'], jti, ...given }
  const iat = Date.parse(on) / 1000
  const key = { kid: 'office-1', alg: 'EdDSA', privateJwk: officeKey.privateJwk } as const
  const approval = await signApproval(wanted, key, { agency: office.id, officer: 'dpo-1', iat })
  // A cast: `wanted` is one of the acts, its lists just made.
  const body = { ...wanted, approval } as unknown as SubjectAct
  const call = callOf(german, jti, '/v1/subject-acts', JSON.stringify(body))
  return { id: entryId(german.id, jti), call, body }
}

const person = (record: number): readonly string[] => [
  pseudonym('DE', `record:${records[record]?.versions[0]?.id}`),
]
const held = await act('hold-1', { act: 'hold', subjects: person(0) })

/** Without one, nothing of a run's year could be erased by which something left. */
const order: Order = { by: 'court', reference: 'VG 1 K 1/26', documentDigest: 'A'.repeat(43) }

/** What a holder may do in a run: in this order, in any other, or at once. */
export const acts = {
  hold: held,
  erase: await act('erase-1', { act: 'erase', subjects: person(0), order }),
  lift: await act('lift-1', { act: 'lift', ends: held.id }),
  eraseOther: await act('erase-2', { act: 'erase', subjects: person(1), order }),
  restrict: await act('restrict-1', { act: 'restrict', subjects: person(1) }),
  expire: await act('expire-1', { act: 'expire', before: '2027-Q1' }),
  /** A year later, if an erasure expired before it was completed. */
  expireNext: await act('expire-2', { act: 'expire', before: '2028-Q1' }, '2028-01-01'),
} as const
