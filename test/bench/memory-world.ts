/**
 * FOR THE BENCH ONLY: a world in memory, so that a whole request can be measured without a store and
 * its client. Nothing in it is durable, it forgets what is old, and it keeps none of the promises about failure and races.
 */

import { createHmac, createSecretKey, generateKeyPairSync, randomBytes } from 'node:crypto'
import { join } from 'node:path'
import { calculateJwkThumbprint } from 'jose'
import { sealedPolicies } from '../../functions/adapters/policies-files.ts'
import { drawing } from '../../functions/adapters/random.ts'
import type { Scope } from '../../functions/decision/attestation.ts'
import { findingCache } from '../../functions/decision/finding-cache.ts'
import { type HeldRecord, identifierOf, identifiersOf } from '../../functions/decision/record.ts'
import { foldCase } from '../../functions/decision/request.ts'
import type { Agency } from '../../functions/identity/register.ts'
import {
  bothOffices,
  type Inbox,
  type InboxRow,
  type Review,
  type Reviews,
} from '../../functions/inbox-ports.ts'
import { signAs } from '../../functions/ledger/receipt.ts'
import type {
  Attestations,
  Durable,
  KeptAttestation,
  KeptObjection,
  Ledger,
  Records,
  Secrets,
  SubjectKey,
  SubjectKeys,
  World,
} from '../../functions/ports.ts'
import { fixedLaw } from '../fixed-law.ts'

/** The world of a gateway that forgets everything when it ends. */
export async function memoryWorld(origin: string, agencies: readonly Agency[]): Promise<World> {
  const register = new Map(agencies.map((agency) => [agency.id, agency]))
  return {
    gateway: 'comity.bench',
    origin,
    build: 'bench',
    now: () => new Date(),
    random: drawing(),
    isStoreAway: () => false,
    law: fixedLaw(sealedPolicies(join(import.meta.dirname, '../../policies'))),
    register: { agency: async (id) => register.get(id), all: async () => agencies },
    holder: records(),
    attestations: attestations(),
    inbox: inbox(),
    reviews: reviews(),
    events: {
      ...{ file: async () => {}, logs: async () => [], list: async () => [] },
      forget: async () => true,
    },
    duties: { of: async () => [], put: async (_, duty) => duty },
    files: {
      ...{ put: async () => {}, has: async () => false, get: async () => undefined },
      ...{ list: async () => [], take: async () => true, remove: async () => {} },
      ...{ begin: async () => {}, end: async () => {}, begun: async () => [] },
    },
    filesGiven: { of: async () => [], put: async (_, given) => given },
    responses: {
      of: async () => [],
      put: async (_, response) => response,
      takeBack: async () => {},
    },
    messages: {
      ...{ put: async () => {}, of: async () => [], done: async () => undefined },
      ...{ did: async (_, did) => did, search: async () => undefined, keepSearch: async () => {} },
      ...{
        refuse: async () => {},
        retry: async () => {},
        tried: async () => ({ isRefused: false }),
      },
      ...{ sign: async () => {}, signed: async () => undefined },
      ...{ isRecalled: async () => false, keepIn: async () => {} },
      ...{ collect: async () => {}, isCollected: async () => false },
    },
    lookups: { list: async () => [] },
    handovers: { get: async () => undefined, put: async () => {} },
    refusals: { of: async () => [], put: async () => {} },
    personsAsked: { isBeyond: async () => false, forget: async () => true },
    findings: findingCache(),
    subjectKeys: subjectKeys(),
    ledger: ledger(),
    sealed: { placeOf: async () => undefined, marked: async () => 0, get: async () => undefined },
    secrets: await secrets(),
  }
}

/** How many entries and rows a world remembers, so that the memory measured is that of requests, not of a store. */
const keptMax = 200

/** Forgets what was put first, beyond that many. */
function forgetOldest(map: Map<string, unknown>): void {
  const [oldest] = map.keys()
  if (map.size > keptMax && oldest !== undefined) map.delete(oldest)
}

function ledger(): Ledger {
  const entries = new Map<string, Durable>()
  return {
    async append(made) {
      const { leaf } = made
      const there = entries.get(leaf.eid)
      if (there !== undefined) return { kind: 'already', entry: there }
      // Bytes of its own, as a store has: a small Buffer keeps all of the pool that it was cut from.
      const [leafBytes, ciphertext] = [made.leafBytes, made.ciphertext].map(
        (bytes) => new Uint8Array(bytes),
      )
      entries.set(leaf.eid, { ...made, leafBytes, ciphertext } as Durable)
      const entry = made as Durable
      forgetOldest(entries)
      return { kind: 'durable', entry }
    },
    read: async (eid) => entries.get(eid),
    readAll: async (eids) =>
      new Map(
        eids.flatMap((eid) => {
          const entry = entries.get(eid)
          return entry === undefined ? [] : [[eid, entry] as const]
        }),
      ),
  }
}

function records(): Records {
  const held = new Map<string, HeldRecord>()
  const ways = new Map<string, Set<string>>()
  const key = (holder: Agency, name: string) => `${holder.id} ${name}`
  const get = (holder: Agency, id: string) => held.get(key(holder, id))
  return {
    async find(holder, subject, atLastRead) {
      atLastRead?.()
      const ids = [...(ways.get(key(holder, identifierOf(subject))) ?? [])]
      const [record, ...others] = ids
        .map((id) => get(holder, id))
        .filter((each) => each !== undefined)
      if (record === undefined) return { kind: 'none' }
      return others.length > 0 ? { kind: 'several', ids } : { kind: 'one', record }
    },
    get: async (holder, id) => get(holder, id),
    last: async () => undefined,
    async put(holder, record) {
      held.set(key(holder, record.id), record)
      for (const each of identifiersOf(record)) {
        const way = key(holder, each)
        ways.set(way, (ways.get(way) ?? new Set()).add(record.id))
      }
      return true
    },
    async correct(holder, id, _entry, change) {
      const record = get(holder, id)
      const changed = record && change(record)
      if (changed === undefined) return false
      held.set(key(holder, id), changed)
      return true
    },
    async erase(holder, id) {
      held.delete(key(holder, id))
      return true
    },
  }
}

function attestations(): Attestations {
  const all = new Map<string, Map<string, KeptAttestation>>()
  const doubts = new Map<string, KeptObjection>()
  const byId = new Map<string, KeptAttestation>()
  type Placed = Pick<KeptAttestation, 'holder' | 'scope' | 'inCase'>
  const placeOf = ({ holder, scope, inCase }: Placed): string => {
    if (inCase !== undefined) return placeOf({ holder, scope: { kind: 'case', ...inCase } })
    switch (scope.kind) {
      case 'matter':
        return `${holder} matter ${scope.matter}`
      case 'case':
        return `${holder} case ${scope.requester} ${foldCase(scope.caseReference)}`
      case 'general':
        return `${holder} general ${scope.requester}`
    }
  }
  const replace = (attestation: KeptAttestation) =>
    all.get(placeOf(attestation))?.set(attestation.id, attestation)
  const standing = (attestation: KeptAttestation) =>
    all.get(placeOf(attestation))?.get(attestation.id)
  return {
    async about(holder, { id, requester, requesterJurisdiction, caseReference }) {
      const scopes: readonly Scope[] = [
        { kind: 'general', requester: requesterJurisdiction },
        { kind: 'case', requester, caseReference },
        { kind: 'matter', matter: id },
      ]
      const places = scopes.map((scope) => placeOf({ holder, scope }))
      return {
        attestations: places.flatMap((place) => [...(all.get(place)?.values() ?? [])]),
        takenBack: [],
        objections: [...doubts.values()].filter((each) => places.includes(placeOf(each))),
        ended: [],
      }
    },
    async put(attestation) {
      const place = placeOf(attestation)
      all.set(place, (all.get(place) ?? new Map()).set(attestation.id, attestation))
      byId.set(attestation.id, attestation)
    },
    get: async (id) => byId.get(id),
    decisions: async () => ({ decisions: [], complete: true }),
    async takeBack(attestation) {
      all.get(placeOf(attestation))?.delete(attestation.id)
    },
    async sign(attestation, signature) {
      const { signatures = [], ...rest } = standing(attestation) ?? attestation
      replace({ ...rest, signatures: [...signatures, signature] })
    },
    forget: async () => {},
    async addPerson(attestation, person) {
      const { persons = [], ...rest } = standing(attestation) ?? attestation
      replace({ ...rest, persons: [...persons, person] })
    },
    object: async (objection) => {
      doubts.set(objection.id, objection)
    },
    objection: async (id) => doubts.get(id),
    endObjection: async ({ id }) => {
      doubts.delete(id)
    },
    ending: async () => [],
  }
}

function inbox(): Inbox {
  const places = new Map<string, Map<string, InboxRow>>()
  const placeOf = (holder: string, audience: string) => {
    const key = `${holder} ${audience}`
    const place = places.get(key) ?? new Map<string, InboxRow>()
    places.set(key, place)
    return place
  }
  return {
    async put(row) {
      const place = placeOf(row.holder, row.audience)
      place.set(row.eid, row)
      forgetOldest(place)
    },
    list: async (holder, audience, limit) =>
      [audience, bothOffices]
        .flatMap((each) => [...placeOf(holder, each).values()].map((row) => ({ ...row, audience })))
        .slice(-limit)
        .reverse(),
    async end(row) {
      placeOf(row.holder, row.audience).delete(row.eid)
    },
    async remove({ holder, audience, eid }) {
      placeOf(holder, audience).delete(eid)
    },
    watch: async () => {},
    unwatch: async () => {},
    dueFor: async () => [],
    seen: async () => {},
    unseen: async () => [],
    seenBy: async () => new Map(),
    decidedAgain: async () => {},
    lastDecided: async () => undefined,
    urgent: async () => [],
  }
}

function reviews(): Reviews {
  const all = new Map<string, Review>()
  return {
    get: async (eid) => all.get(eid),
    async ask(eid, review) {
      const stands = all.get(eid) ?? review
      all.set(eid, stands)
      return stands
    },
    async answer(eid, answer) {
      const asked = all.get(eid)
      if (asked !== undefined) all.set(eid, { ...asked, answer })
    },
  }
}

function subjectKeys(): SubjectKeys {
  const keys = new Map<string, SubjectKey>()
  const keyFor: SubjectKeys['keyFor'] = async (jurisdiction, pseudonym) => {
    const kid = `K#${jurisdiction}#${pseudonym}#g1`
    const key = keys.get(kid) ?? { kid, kek: randomBytes(32) }
    keys.set(kid, key)
    return key
  }
  return {
    keyFor,
    look: async (jurisdiction, pseudonym) => (at) => keyFor(jurisdiction, pseudonym, at),
    forFile: async (jurisdiction, pseudonym) => {
      const key = { kid: `K#${jurisdiction}#${pseudonym}#${keys.size}`, kek: randomBytes(32) }
      keys.set(key.kid, key)
      return key
    },
    open: async (kid) => keys.get(kid)?.kek,
    openEach: async (kids) =>
      new Map(
        kids.flatMap((kid) => {
          const key = keys.get(kid)
          return key === undefined ? [] : [[kid, key.kek] as const]
        }),
      ),
    openToAct: async (kid) => keys.get(kid)?.kek,
    generations: async () => [],
    shred: async (kid) => {
      keys.delete(kid)
      return 'shredded'
    },
    replace: async () => false,
    forget: async () => {},
    hold: async () => false,
    restrict: async () => false,
    lift: async () => {},
    isRestricted: async () => false,
  }
}

async function secrets(): Promise<Secrets> {
  // A KeyObject, as the gateway's own secrets use.
  const master = createSecretKey(randomBytes(32))
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const jwk = publicKey.export({ format: 'jwk' })
  const kid = await calculateJwkThumbprint(jwk)
  return {
    pseudonym: (jurisdiction, identifier) =>
      createHmac('sha256', master)
        .update(`${jurisdiction} ${identifier}`, 'utf8')
        .digest()
        .subarray(0, 16)
        .toString('base64url'),
    receipt: (payload) => signAs('receipt', payload, { kid, key: privateKey }),
    evidence: { publicKey: new Uint8Array(32), sign: async () => new Uint8Array(64) },
    jwks: { keys: [{ ...jwk, kid }] },
  }
}
