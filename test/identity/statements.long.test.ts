/** What the register says of an agency: who may state what, and what comes of what nobody may. */

import { createPrivateKey, type JsonWebKey, sign } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  demonstrationRegistrars,
  followRegistrars,
  type Registrars,
  registrarsIn,
  registrarsSchema,
  type Succession,
} from '../../functions/identity/registrars.ts'
import {
  type AgencyStatement,
  agencyInRows,
  agencyOf,
  type Body,
  chainOf,
  type Registered,
} from '../../functions/identity/statements.ts'
import { emptyTip } from '../../functions/policy/chain.ts'
import { runs } from '../decision/runs.ts'
import { passkeyOf } from './authenticator.ts'
import { blank, type Deed, read, rightsAtFirst, type Sheet } from './register-oracle.ts'
import {
  holding,
  keyOf,
  minute,
  pairOf,
  profile,
  registrarsOf,
  stated,
  succeeded,
  tipOf,
} from './registering.ts'

const [anna, bert, cleo, dora, egon] = ['anna', 'bert', 'cleo', 'dora', 'egon'].map((kid) =>
  pairOf(kid),
) as [ReturnType<typeof pairOf>, ...ReturnType<typeof pairOf>[]] as Pairs<5>
const [k1, k2, k3, k4] = [
  pairOf('k1', 'P-256'),
  pairOf('k2'),
  pairOf('k3', 'P-256'),
  pairOf('k4'),
] as Pairs<4>
type One = ReturnType<typeof pairOf>
type Pairs<N extends 4 | 5> = N extends 5 ? [One, One, One, One, One] : [One, One, One, One]

const pinned = registrarsOf(anna, bert, cleo)
const first = holding(followRegistrars(pinned, []))
const join = { act: 'join' as const, agency: profile, keys: [keyOf(k1), keyOf(k2)] }
const joined = [stated([], join, [anna, bert])]
const judged = (all: readonly AgencyStatement[], registrars = first) =>
  agencyOf(profile.id, all, registrars)
const added = (body: Parameters<typeof stated>[1], by: readonly One[], before = joined) => [
  ...before,
  stated(before, body, by),
]
const chainName = chainOf(profile.id)
const withTip = (of: readonly AgencyStatement[]) => ({ [profile.id]: tipOf(chainName, of) })

describe('An agency', () => {
  test('joins by two registrars, and is what they signed', () => {
    expect(holding(judged(joined)).agency).toEqual({
      ...profile,
      status: 'active',
      keys: [keyOf(k1), keyOf(k2)].map((key) => ({ ...key, status: 'active' })),
    })
  })

  test.each([
    ['one registrar', [anna], 'signatures-missing'],
    ['one registrar who signs twice', [anna, anna], 'signatures-missing'],
    ['a registrar and a key of its own', [anna, k1], 'signature-wrong'],
    ['a registrar and somebody of the same name', [anna, pairOf('bert')], 'signature-wrong'],
    ['two registrars and a stranger', [anna, bert, egon], 'signature-wrong'],
  ])('does not join by %s', (_, by, fault) => {
    expect(judged([stated([], join, by)])).toEqual({ fault, at: 1 })
  })

  test('is nothing, where nothing is stated of it', () => {
    expect(judged([])).toBeUndefined()
  })

  test('is not another agency, whose statement stands in its place', () => {
    const other = { ...join, agency: { ...profile, id: 'NO-POL' } }
    expect(judged([stated([], other, [anna, bert], 'NO-POL')])).toMatchObject({
      fault: 'another-chain',
    })
    expect(judged([stated([], other, [anna, bert])])).toEqual({ fault: 'another-agency', at: 1 })
  })

  test('holds records under its own address, CA and network, if it says so', () => {
    const system = {
      address: 'https://records.police.example',
      ca: '-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n',
      network: ['198.51.100.0/24', '2001:db8::/32'],
    }
    const all = added({ act: 'change', agency: { ...profile, system } }, [bert, cleo])
    const rows: unknown[] = JSON.parse(JSON.stringify(all))
    expect(holding(agencyInRows(profile.id, rows, first, emptyTip)).agency.system).toEqual(system)
  })
})

describe('A key', () => {
  const standings = (all: readonly AgencyStatement[]) =>
    Object.fromEntries(holding(judged(all)).keys.map(({ kid, standing }) => [kid, standing]))

  test('is revoked at once by one registrar, or by itself', () => {
    for (const by of [anna, k1]) {
      const all = added({ act: 'revoke-key', kid: 'k1' }, [by])
      expect(standings(all)).toEqual({ k1: 'revoked', k2: 'active' })
      expect(holding(judged(all)).agency.keys[0]).toMatchObject({
        status: 'revoked',
        until: minute(1),
      })
    }
  })

  test('that was stolen and revokes the good one stands still with it, until a registrar answers', () => {
    const all = added({ act: 'revoke-key', kid: 'k1' }, [k2])
    expect(standings(all)).toEqual({ k1: 'still', k2: 'still' })
    expect(holding(judged(all)).agency.keys.map(({ status }) => status)).toEqual([
      'revoked',
      'revoked',
    ])
    // Meanwhile the thief can do nothing more to the agency.
    for (const body of [{ act: 'suspend' }, { act: 'end-right', right: 'role' }] as const)
      expect(judged(added(body, [k2], all))).toEqual({ fault: 'signature-wrong', at: 3 })
    expect(judged(added({ act: 'answer', stands: ['k2'] }, [k2], all))).toMatchObject({
      fault: 'signature-wrong',
    })
    const answered = added({ act: 'answer', stands: ['k1'] }, [cleo], all)
    expect(standings(answered)).toEqual({ k1: 'active', k2: 'revoked' })
    expect(holding(judged(answered)).agency.keys[0]).toEqual({ ...keyOf(k1), status: 'active' })
  })

  test('comes in the place of another, which signs until a moment and no later', () => {
    const replaces = { kid: 'k1', until: minute(600) }
    const all = added({ act: 'add-key', key: keyOf(k3), replaces }, [anna, cleo])
    const { agency } = holding(judged(all))
    expect(agency.keys.map(({ kid, until }) => [kid, until])).toEqual([
      ['k1', minute(600)],
      ['k2', undefined],
      ['k3', undefined],
    ])
  })

  test('says since when others may have had it', () => {
    const compromisedSince = '2026-11-01T00:00:00Z'
    const all = added({ act: 'revoke-key', kid: 'k1', compromisedSince }, [anna])
    expect(holding(judged(all)).keys[0]).toMatchObject({ compromisedSince })
  })

  // Kills: a moment that one signature makes later, and with it lets go what did not any more.
  test('that was revoked is said to be known to others later on by a registrar, and ever longer', () => {
    const revoked = added({ act: 'revoke-key', kid: 'k1' }, [k1])
    const since = (compromisedSince: string, by: readonly One[], before = revoked) =>
      added({ act: 'revoke-key', kid: 'k1', compromisedSince }, by, before)
    const [june, july] = ['2026-06-01T00:00:00Z', '2026-07-01T00:00:00Z']
    const found = (all: readonly AgencyStatement[]) => holding(judged(all)).agency.keys[0]
    const known = since(july, [cleo])
    expect(found(known)).toMatchObject({ status: 'revoked', compromisedSince: july })
    expect(found(since(june, [cleo], known))).toMatchObject({ compromisedSince: june })
    expect(judged(since(july, [cleo], since(june, [cleo], known)))).toMatchObject({
      fault: 'key-ended',
    })
    for (const by of [k1, k2])
      expect(judged(since(june, [by]))).toMatchObject({ fault: 'key-ended' })
    expect(judged(added({ act: 'revoke-key', kid: 'k1' }, [cleo], revoked))).toMatchObject({
      fault: 'key-ended',
    })
    // Nor does it become later while the key stands still.
    const still = since(june, [k2], joined)
    expect(found(since(july, [cleo], still))).toMatchObject({ compromisedSince: june })
  })

  test('whose time is over takes nothing away any more', () => {
    const replaces = { kid: 'k1', until: '2026-11-27T12:00:30Z' }
    const all = added({ act: 'add-key', key: keyOf(k3), replaces }, [anna, cleo])
    expect(judged(added({ act: 'suspend' }, [k1], all))).toMatchObject({ fault: 'signature-wrong' })
  })

  test('of an agency signs for that agency alone', () => {
    const [other] = [
      stated([], { ...join, agency: { ...profile, id: 'NO-POL' } }, [anna, bert], 'NO-POL'),
    ]
    const taken = stated([other as AgencyStatement], { act: 'suspend' }, [pairOf('k1')], 'NO-POL')
    expect(agencyOf('NO-POL', [other as AgencyStatement, taken], first)).toMatchObject({
      fault: 'signature-wrong',
    })
  })
})

describe('A passkey', () => {
  const { role: _, ...police } = profile
  const officer = { id: 'officer-1', may: ['attest' as const] }
  const named = added(
    { act: 'name-officers', officers: [officer] },
    [k1, k2],
    added({ act: 'change', agency: police }, [anna, bert]),
  )
  const own = passkeyOf('officer-1').entered
  const adding = { act: 'add-passkey' as const, key: own }
  const entered = added(adding, [k1, k2], named)
  const passkeys = (all: readonly AgencyStatement[]) => holding(judged(all)).agency.passkeys

  test('is entered by two keys of the agency for an officer whom it names, and by nobody else', () => {
    expect(passkeys(entered)).toEqual([{ ...own, status: 'active' }])
    // It stands apart: whatever reads the agency's keys has none of it.
    expect(holding(judged(entered)).agency.keys.map(({ kid }) => kid)).toEqual(['k1', 'k2'])
    for (const [by, fault] of [
      [[k1], 'signatures-missing'],
      [[k1, k1], 'signatures-missing'],
      [[anna, bert], 'signature-wrong'],
      [[anna, k1, k2], 'signature-wrong'],
      [[k1, k3], 'signature-wrong'],
    ] as const)
      expect(judged(added(adding, by, named)), fault).toEqual({ fault, at: 4 })
    const other = { ...adding, key: passkeyOf('officer-2').entered }
    expect(judged(added(other, [k1, k2], named))).toMatchObject({ fault: 'officer-unknown' })
    expect(judged(added(adding, [k1, k2]))).toMatchObject({ fault: 'officer-unknown' })
  })

  test('is entered once, under the id of its credential, and is no key that the agency has', () => {
    expect(judged(added(adding, [k1, k2], entered))).toMatchObject({ fault: 'key-taken' })
    const renamed = { ...adding, key: { ...own, kid: 'k9' } }
    expect(judged(added(renamed, [k1, k2], named))).toMatchObject({ fault: 'key-taken' })
    const { alg, jwk } = keyOf(k1)
    const twin = { ...adding, key: { ...own, alg, jwk } } as typeof adding
    expect(judged(added(twin, [k1, k2], named))).toMatchObject({ fault: 'key-taken' })
  })

  // Kills: a passkey that counts as one of the agency's own keys.
  test('signs no statement of the register', () => {
    const { pair } = passkeyOf('officer-1')
    const secret = { kid: own.kid, jwk: pair.privateJwk }
    const one = { secret, open: { kid: own.kid, jwk: own.jwk } as typeof k1.open }
    expect(judged(added({ act: 'suspend' }, [one], entered))).toMatchObject({
      fault: 'signature-wrong',
    })
    const ended = { act: 'revoke-key' as const, kid: own.kid }
    expect(judged(added(ended, [one], entered))).toMatchObject({ fault: 'signature-wrong' })
  })

  test('is ended at once by a registrar or any key of the agency, which goes on signing', () => {
    for (const by of [anna, k1]) {
      const all = added({ act: 'revoke-key', kid: own.kid }, [by], entered)
      expect(passkeys(all)).toEqual([{ ...own, status: 'revoked', until: minute(4) }])
      expect(holding(judged(all)).keys.map(({ standing }) => standing)).toEqual([
        'active',
        'active',
        'revoked',
      ])
    }
  })

  // Kills: a passkey of a thief that outlives the key by which he entered it.
  test('counts no more once a key that entered it was compromised', () => {
    const since = { compromisedSince: minute(2) }
    const all = added({ act: 'revoke-key', kid: 'k2', ...since }, [anna], entered)
    expect(passkeys(all)).toEqual([{ ...own, status: 'revoked', compromisedSince: own.from }])
  })
})

describe('An officer', () => {
  const inspector = { id: 'inspector-1', may: ['audit' as const] }
  const naming = { act: 'name-officers' as const, officers: [inspector] }
  const named = added(naming, [k1, k2])
  const officers = (all: readonly AgencyStatement[]) => holding(judged(all)).agency.officers

  test('is named by two keys of the agency, once it has any, and by nobody else', () => {
    expect(officers(joined)).toBeUndefined()
    expect(officers(named)).toEqual([inspector])
    for (const [by, fault] of [
      [[k1], 'signatures-missing'],
      [[k1, k1], 'signatures-missing'],
      [[anna, bert], 'signature-wrong'],
      [[anna, k1, k2], 'signature-wrong'],
      [[k1, k3], 'signature-wrong'],
      [[k1, pairOf('k2')], 'signature-wrong'],
    ] as const)
      expect(judged(added(naming, by)), fault).toEqual({ fault, at: 2 })
    const revoked = added({ act: 'revoke-key', kid: 'k2' }, [anna])
    expect(judged(added(naming, [k1, k2], revoked))).toMatchObject({ fault: 'signature-wrong' })
  })

  // Kills: two keys that are one, under two names.
  test('is not named by one key that the agency has twice', () => {
    const twin = { ...keyOf(k1), kid: 'twin' }
    const both = added({ act: 'add-key', key: twin }, [anna, bert])
    const again = { secret: { ...k1.secret, kid: 'twin' }, open: k1.open }
    expect(judged(added(naming, [k1, again], both))).toMatchObject({ fault: 'signatures-missing' })
  })

  test('is named within the rights of the agency: an auditor’s looks, and releases nothing', () => {
    for (const may of ['release', 'attest', 'approve', 'edit', 'act-on-subjects', 'ask'] as const)
      expect(
        judged(
          added({ ...naming, officers: [{ id: 'inspector-1', may: ['audit', may] }] }, [k1, k2]),
        ),
        may,
      ).toEqual({ fault: 'right-unknown', at: 2 })
    const { role: _, ...rest } = profile
    const police = added({ act: 'change', agency: rest }, [anna, bert])
    const ofPolice = [{ id: 'officer-1', may: ['attest' as const, 'act-on-subjects' as const] }]
    expect(officers(added({ ...naming, officers: ofPolice }, [k1, k2], police))).toEqual(ofPolice)
    // Of the right to vouch for consent alone comes none to release.
    const releasing = [{ id: 'officer-1', may: ['release' as const] }]
    expect(judged(added({ ...naming, officers: releasing }, [k1, k2], police))).toMatchObject({
      fault: 'right-unknown',
    })
  })

  test('is ended by one signature, and then the agency has none', () => {
    for (const by of [anna, k1]) {
      const ended = added({ act: 'end-officers', officers: ['inspector-1'] }, [by], named)
      expect(officers(ended)).toEqual([])
    }
    const nobody = added({ act: 'end-officers', officers: ['officer-9'] }, [k1], named)
    expect(judged(nobody)).toMatchObject({ fault: 'officer-unknown' })
    expect(judged(added({ act: 'end-officers', officers: ['inspector-1'] }, [k3], named))).toEqual({
      fault: 'signature-wrong',
      at: 3,
    })
  })

  test('who is named again may what was said last', () => {
    const { role: _, ...rest } = profile
    const police = added({ act: 'change', agency: rest }, [anna, bert])
    const as = (may: readonly ('attest' | 'act-on-subjects')[], before: typeof police) =>
      added({ act: 'name-officers', officers: [{ id: 'o1', may: [...may] }] }, [k1, k2], before)
    const all = as(['attest'], as(['act-on-subjects', 'attest'], police))
    expect(officers(all)).toEqual([{ id: 'o1', may: ['attest'] }])
  })

  // Kills: an officer whom a thief named, too.
  test('is none where others had a key that named them, whatever day they say', () => {
    const since = (compromisedSince: string) =>
      officers(added({ act: 'revoke-key', kid: 'k2', compromisedSince }, [anna], named))
    // What day it bears is the word of whoever has the key.
    for (const at of [1, 2]) expect(since(minute(at))).toEqual([])
  })
})

describe('A signature', () => {
  test('whose header names another way to sign does not count, though it is good', () => {
    const [good] = joined as [AgencyStatement]
    const [header = '', payload = ''] = good.signatures[0]?.split('.') ?? []
    const said = JSON.parse(Buffer.from(header, 'base64url').toString())
    const other = Buffer.from(JSON.stringify({ ...said, alg: 'ES256' })).toString('base64url')
    const key = createPrivateKey({ key: anna.secret.jwk as JsonWebKey, format: 'jwk' })
    const bytes = sign(null, Buffer.from(`${other}.${payload}`), key)
    const jws = `${other}.${payload}.${bytes.toString('base64url')}`
    const signatures = [jws, ...good.signatures.slice(1)]
    expect(judged([{ ...good, signatures }])).toEqual({ fault: 'signature-wrong', at: 1 })
  })
})

describe('The registrars', () => {
  const next = succeeded([], [cleo, dora, egon], withTip(joined), [anna, bert])

  test('are at least three, with three different keys', () => {
    expect(registrarsSchema.safeParse(pinned).success).toBe(true)
    expect(registrarsSchema.safeParse(pinned.slice(1)).success).toBe(false)
    const many = registrarsOf(...Array.from({ length: 8 }, (_, i) => pairOf(`r${i}`)))
    expect(registrarsSchema.safeParse(many.slice(1)).success).toBe(true)
    expect(registrarsSchema.safeParse(many).success).toBe(false)
    const twice = [...pinned.slice(0, 2), { ...pinned[0], kid: 'another' }]
    expect(registrarsSchema.safeParse(twice).success).toBe(false)
  })

  test('are followed by those whom two of them name, and who left signs nothing, whatever the date', () => {
    const now = holding(followRegistrars(pinned, [next]))
    expect(holding(judged(joined, now)).agency.status).toBe('active')
    expect(judged(added({ act: 'suspend' }, [anna]), now)).toEqual({
      fault: 'signature-wrong',
      at: 2,
    })
    expect(holding(judged(added({ act: 'suspend' }, [egon]), now)).agency.status).toBe('suspended')
    // Nor do those who came sign what was before their time.
    const early = [stated([], join, [dora, egon])]
    expect(judged(early, now)).toEqual({ fault: 'signature-wrong', at: 1 })
  })

  test.each([
    ['one of them', [anna], 'signatures-missing'],
    ['those who would come', [dora, egon], 'signature-wrong'],
  ])('are not replaced by %s', (_, by, fault) => {
    const forged = succeeded([], [cleo, dora, egon], {}, by)
    expect(followRegistrars(pinned, [forged])).toEqual({ fault, at: 1 })
  })

  test('refuse a chain that is shorter, or another, than they saw when they took over', () => {
    const seen = added({ act: 'suspend' }, [anna])
    const now = holding(
      followRegistrars(pinned, [succeeded([], [cleo, dora, egon], withTip(seen), [anna, bert])]),
    )
    expect(judged(joined, now)).toMatchObject({ fault: 'shorter-than-seen' })
    expect(judged(added({ act: 'resume' }, [anna, bert]), now)).toMatchObject({
      fault: 'shorter-than-seen',
    })
    expect(holding(judged(seen, now)).agency.status).toBe('suspended')
  })

  test('do not forget what those before them saw', () => {
    const forgetful = succeeded([next], [anna, bert, cleo], {}, [dora, egon])
    expect(followRegistrars(pinned, [next, forgetful])).toEqual({ fault: 'tips-behind', at: 2 })
  })

  test('are not followed by the demonstration’s, whose keys everybody has, whatever these are called', () => {
    const renamed = demonstrationRegistrars.map((each, i) => ({ ...each, kid: `r${i}` }))
    const body = { ...next.body, registrars: renamed }
    const { signatures: _, ...link } = next
    expect(followRegistrars(pinned, [{ ...link, body, signatures: [] }])).toEqual({
      fault: 'demonstration',
      at: 1,
    })
  })

  test('are refused where their chain is shorter than it was seen', () => {
    expect(registrarsIn([], pinned, tipOf('register', [next]))).toEqual({
      fault: 'shorter-than-seen',
      at: 0,
    })
  })
})

/** What a deed is in a statement. */
function bodyOf(deed: Deed): Parameters<typeof stated>[1] {
  switch (deed.does) {
    case 'join':
      return join
    case 'change':
      return { act: 'change', agency: profile }
    case 'suspend':
    case 'resume':
      return { act: deed.does }
    case 'add':
      return { act: 'add-key', key: keyOf(everybody[deed.key] as One) }
    case 'replace':
      return {
        act: 'add-key',
        key: keyOf(everybody[deed.key] as One),
        replaces: { kid: deed.old, until: minute(9000) },
      }
    case 'revoke':
      return { act: 'revoke-key', kid: deed.key }
    case 'answer':
      return { act: 'answer', stands: [...deed.stands] }
    case 'name':
      return { act: 'name-officers', officers: [{ id: deed.officer, may: ['audit'] }] }
    case 'unname':
      return { act: 'end-officers', officers: [deed.officer] }
    case 'end': {
      const of = { attests: 'DE-POL', entersFor: 'SE-MIN', succeeds: 'SE-OLD', channel: 'siena' }
      type Right = Extract<Body, { readonly act: 'end-right' }>['right']
      const right = deed.right as Right
      return right in of
        ? { act: 'end-right', right, of: of[right as keyof typeof of] }
        : { act: 'end-right', right }
    }
  }
}

const everybody: Readonly<Record<string, One>> = {
  ...{ anna, bert, cleo, dora, egon },
  ...{ k1, k2, k3, k4 },
}
const keyName = fc.constantFrom('k1', 'k2', 'k3', 'k4')
const deed: fc.Arbitrary<Deed> = fc.oneof(
  fc.constantFrom<Deed>(
    { does: 'join' },
    { does: 'change' },
    { does: 'suspend' },
    { does: 'resume' },
  ),
  fc.record({ does: fc.constantFrom('add', 'revoke'), key: keyName }),
  fc.record({ does: fc.constant('revoke'), key: keyName }),
  fc.record({ does: fc.constant('replace'), key: keyName, old: keyName }),
  fc.record({ does: fc.constant('end'), right: fc.constantFrom(...rightsAtFirst) }),
  fc.record({ does: fc.constantFrom('name', 'unname'), officer: fc.constantFrom('o1', 'o2') }),
  fc.record({ does: fc.constant('answer'), stands: fc.uniqueArray(keyName, { maxLength: 2 }) }),
)
const signers = fc.oneof(
  fc.constant<'two clerks'>('two clerks'),
  keyName.map((each) => [each]),
  fc.constant(['k1', 'k2']),
  fc.array(fc.constantFrom(...Object.keys(everybody)), { minLength: 1, maxLength: 3 }),
)
const takeover = fc.uniqueArray(fc.constantFrom('anna', 'bert', 'cleo', 'dora', 'egon'), {
  minLength: 3,
  maxLength: 3,
})
const step = fc.oneof(
  { weight: 9, arbitrary: fc.record({ deed, signers }) },
  { weight: 1, arbitrary: fc.record({ takeover }) },
)

const joining = { deed: { does: 'join' }, signers: 'two clerks' } as const
/** Most begin with the agency's joining: nothing else can be done before. */
const histories = fc
  .tuple(fc.nat(7), fc.array(step, { minLength: 4, maxLength: 20 }))
  .map(([n, steps]) => (n === 0 ? steps : [joining, ...steps]))

/** What the code says, in the words of the second reading. */
function sheetOf(registered: Registered | undefined): Sheet {
  if (registered === undefined) return blank
  const { agency, keys, officers } = registered
  const named = (standing: string) =>
    new Set(keys.filter((key) => key.standing === standing).map(({ kid }) => kid))
  const has: Readonly<Record<string, boolean>> = {
    attests: agency.attests.length > 0,
    entersFor: (agency.entersFor ?? []).length > 0,
    succeeds: (agency.succeeds ?? []).length > 0,
    channel: agency.channels.includes('siena'),
    role: agency.role !== undefined,
    holdsRecords: agency.holdsRecords,
  }
  return {
    hasJoined: true,
    isSuspended: agency.status === 'suspended',
    good: named('active'),
    disputed: named('still'),
    gone: named('revoked'),
    rights: new Set(rightsAtFirst.filter((each) => has[each])),
    officers: officers && new Set(officers.map(({ id }) => id)),
  }
}

// Kills (each was put into the code, and found): one registrar is enough; one who signs twice is two; a key
// of the agency gives; a registrar who left still signs; a key that stands still takes away, or revokes
// another; a thief's revocation is final; the accuser goes on; an answer revives a revoked key, or comes from
// a key; a revoked key comes back by another `add-key`; a right that is ended twice; resuming by one.
test('Of histories by chance, a second reading finds what the register does', () => {
  fc.assert(
    fc.property(histories, (steps) => {
      let sheet = blank
      let clerks: readonly string[] = ['anna', 'bert', 'cleo']
      let registrars: Registrars = first
      const successions: Succession[] = []
      const statements: AgencyStatement[] = []
      for (const each of steps) {
        if ('takeover' in each) {
          const by = clerks.slice(0, 2).map((name) => everybody[name] as One)
          const next = each.takeover.map((name) => everybody[name] as One)
          successions.push(succeeded(successions, next, withTip(statements), by))
          clerks = each.takeover
          registrars = holding(followRegistrars(pinned, successions))
          continue
        }
        const by = each.signers === 'two clerks' ? clerks.slice(1) : each.signers
        const pairs = by.map((name) => everybody[name] as One)
        const tried = [...statements, stated(statements, bodyOf(each.deed), pairs)]
        const found = judged(tried, registrars)
        const expected = read(sheet, each.deed, by, clerks)
        if (expected === undefined) {
          expect(found).toMatchObject({ fault: expect.any(String), at: tried.length })
          continue
        }
        expect(sheetOf(holding(found))).toEqual(expected)
        sheet = expected
        statements.push(...tried.slice(-1))
      }
    }),
    { numRuns: runs(120) },
  )
})
