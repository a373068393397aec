/**
 * What offices said, as their signed calls say it. A row of the table of attestations is an index and no word of anybody:
 * what it says lets data leave only as far as the entry of its call, and the signature there, say the same; and what the
 * entry says against a disclosure counts, whatever the row says by now.
 */

import { attestationShape, type KeyUse } from '../../decision/attestation.ts'
import { ComityError } from '../../failure.ts'
import { callKeysOf } from '../../identity/register.ts'
import { readCall, wrongCall } from '../../ledger/agency-call.ts'
import { canonical } from '../../ledger/canonical.ts'
import { requestDigest } from '../../ledger/entry.ts'
import { valueIn } from '../../policy/json.ts'
import type { Durable, FoundVouching, KeptAttestation, KeptObjection, World } from '../../ports.ts'
import { type OpenedEntry, openAny } from '../entries/reader.ts'
import type { Call } from '../entries/signed-call.ts'
import type { AttestationValues, Values } from '../entries/values.ts'
import { matterIn } from './matter.ts'
import { type Concerning, concerned, concerning, requestOf } from './scope.ts'

/** What comparing rows with their entries needs. */
type Entries = Pick<World, 'register' | 'ledger' | 'subjectKeys' | 'isStoreAway'>
type Kept = KeptAttestation | KeptObjection

/** An attestation as requests find it. Its ground stays in the entry, and is erased with it. */
export const entered = (
  { ground: _, ...said }: AttestationValues,
  id: string,
  { agency, officer, kid }: Pick<Call, 'agency' | 'officer'> & { readonly kid: string },
  ts: string,
  about: Concerning,
): KeptAttestation => ({
  ...said,
  id,
  attester: agency,
  enteredBy: officer,
  enteredAt: ts,
  kid,
  ...concerning(about),
})

/** An objection as requests find it. */
export const objected = (
  { ground: _, ...said }: Values['objection']['objection'],
  id: string,
  { agency, officer }: Pick<Call, 'agency' | 'officer'>,
  ts: string,
  about: Concerning,
): KeptObjection => ({
  ...said,
  ...concerning(about),
  ...{ id, agency, enteredBy: officer, enteredAt: ts },
})

/** Rows that were compared with their entries and say the same, by digest, for as long as their register lives. */
const compared = new WeakMap<World['register'], Set<string>>()
/** Most digests to remember: some megabytes. */
const comparedMax = 50_000

/**
 * What was found, compared with its entries: what no signed call says is marked, and beside a row that says another thing
 * than its entry stands what the entry says. What was compared once is known by the digest of the whole row.
 */
export async function asSigned(found: FoundVouching, world: Entries): Promise<FoundVouching> {
  const known = compared.get(world.register) ?? new Set()
  compared.set(world.register, known)
  const digests = new Map<Kept, string>()
  for (const [group, rows] of Object.entries(found))
    for (const row of rows) digests.set(row, digestOf(group, row))
  const rows = [...digests.keys()].filter((row) => !known.has(digests.get(row) ?? ''))
  if (rows.length === 0) return found
  const ids = rows.flatMap(({ id, uses = [] }) => [id, ...uses.flatMap(({ entry = [] }) => entry)])
  const acts = await actsOf(ids, world)
  const over = new Set<Kept>([...found.takenBack, ...found.ended])
  const inPlace = new Map<Kept, readonly Kept[]>()
  const compare = async (row: Kept) => {
    const [first, ...more] = await comparedWith(acts, row, over.has(row), world)
    inPlace.set(row, first === undefined ? [] : [first, ...more])
    if (first !== row) return
    if (known.size >= comparedMax) known.clear()
    known.add(digests.get(row) ?? '')
  }
  await Promise.all(rows.map(compare))
  // A cast: what stands in place of a row is of its kind.
  const now = <T extends Kept>(all: readonly T[]) =>
    all.flatMap((row) => (inPlace.get(row) ?? [row]) as readonly T[])
  return {
    attestations: now(found.attestations),
    takenBack: now(found.takenBack),
    objections: now(found.objections),
    ended: now(found.ended),
  }
}

/** Of the whole row, and of whether it is marked as over. */
const digestOf = (group: string, row: Kept): string =>
  requestDigest(`${group} ${JSON.stringify(row)}`)

/** An entry that opened, with the call that made it, and whether a key that is known now signed that call. */
type Act = OpenedEntry & {
  readonly entry: Durable
  readonly kid: string
  readonly isSigned: boolean
}

/** The acts that these entries are, by id; without those whose entry is gone, does not open or is of no call. */
async function actsOf(ids: readonly string[], world: Entries): Promise<ReadonlyMap<string, Act>> {
  const entries = [...(await world.ledger.readAll(ids))]
  // Many entries of an office have one key.
  const keys = new Map<string, ReturnType<World['subjectKeys']['open']>>()
  const open = (kid: string) => {
    const key = keys.get(kid) ?? world.subjectKeys.open(kid)
    keys.set(kid, key)
    return key
  }
  const acts = await Promise.all(
    entries.map(async ([id, entry]) => {
      const act = await actOf(entry, { ...world, subjectKeys: { open } }).catch(
        (error: unknown) => {
          if (error instanceof ComityError && error.code === 'changed') return undefined
          throw error
        },
      )
      return act === undefined ? [] : [[id, act] as const]
    }),
  )
  return new Map(acts.flat())
}

async function actOf(
  entry: Durable,
  world: Omit<Entries, 'subjectKeys'> & Parameters<typeof openAny>[1],
): Promise<Act | undefined> {
  const opened = await openAny(entry, world)
  const call = opened && readCall(opened.evidence.jws)
  if (opened === undefined || call === undefined || !('call' in opened.values)) return undefined
  const { claims, head } = call
  const agency = await world.register.agency(claims.iss).catch((error: unknown) => {
    if (world.isStoreAway(error)) throw error
    // Its statements in the register do not hold, so its keys are unknown. That harms no other agency.
    return undefined
  })
  const key = agency && callKeysOf(agency).find(({ kid }) => kid === head.kid)
  const { leaf } = entry
  const wrong = await wrongCall(call, { ...leaf, ms: Date.parse(leaf.ts) }, key)
  const { body } = opened.evidence
  const isOfBody = body === '' || requestDigest(body) === claims.request_body_sha256
  const { agency: by, officer } = opened.values.call
  const isBy =
    by === claims.iss && officer === claims.sub && addressOf(opened, entry) === addressIn(claims)
  const isSigned = wrong === undefined && isOfBody && isBy
  return { ...opened, entry, kid: head.kid, isSigned }
}

const addressIn = ({ htm, htu }: { readonly htm: string; readonly htu: string }): string =>
  `${htm} ${decodeURIComponent(URL.parse(htu)?.pathname ?? '')}`

/** Where the call of such an entry went: an agency signs what it does, and not only the words. */
function addressOf({ kind, values }: OpenedEntry, { leaf: { previous } }: Durable): string {
  switch (kind) {
    case 'attestation':
      return `POST /v1/attestations${'person' in values ? `/${previous}/persons` : ''}`
    case 'countersignature':
      return `POST /v1/attestations/${previous}/signatures`
    case 'objection':
      return `POST /v1/attestations/${previous}/objections`
    case 'withdrawal':
      return `DELETE /v1/attestations/${previous}`
    default:
      return 'of no act on an attestation'
  }
}

/** The row itself, if its entries say all of it; else what counts of it, and what its entry says beside it. */
async function comparedWith(
  acts: ReadonlyMap<string, Act>,
  row: Kept,
  isOver: boolean,
  world: Entries,
): Promise<readonly Kept[]> {
  const act = acts.get(row.id)
  const uses = withUnsigned(acts, row, isOver)
  const own = await saidIn(act, row, world)
  const named = [...(own?.persons ?? []), ...addedIn(acts, uses)]
  const isNamed = (one: string) => 'against' in row || named.includes(one)
  const isEnded = !isOver && shownIn(uses, 'withdraw').length > 0
  const isSame =
    own !== undefined &&
    act?.isSigned === true &&
    !isEnded &&
    partsOf(own, row) === partsOf(row, row) &&
    (row.persons ?? []).every(isNamed)
  // What its acts say, whatever the row kept of them; a person added whose entry is erased is of no concern to others.
  const signatures = shownIn(uses, 'sign').flatMap(({ entry = '' }) => signatureIn(acts.get(entry)))
  const added = shownIn(uses, 'add-person').flatMap(({ of = [] }) => of)
  const of = 'against' in row ? {} : partsSince({ signatures, added })
  const isWhole =
    isSame &&
    ('against' in row ||
      (textOf(added.toSorted()) === textOf((row.added ?? []).toSorted()) &&
        signatures.every(({ agency, as }) =>
          row.signatures?.some((each) => each.agency === agency && each.as === as),
        ))) &&
    named.every((one) => row.persons === undefined || row.persons.includes(one)) &&
    textOf(own.inCase ?? row.inCase) === textOf(row.inCase)
  if (isWhole && uses === row.uses) return [row]
  const acted = uses === undefined ? {} : { uses }
  const { added: _, ...rest } = row as KeptAttestation
  // A cast: it is of the row's kind.
  const kept = {
    ...('against' in row ? row : { ...rest, ...(added.length > 0 && { added }) }),
    ...acted,
    ...(isSame ? {} : { isUnsigned: true as const }),
  } as Kept
  if (own === undefined || isWhole) return [kept]
  // It reaches whom its entry names and whom the row names by now.
  const persons = [...new Set([...named, ...(row.persons ?? [])])]
  const reaching = own.persons === undefined ? {} : { persons }
  // In the row's own words, by which an objection finds what it is against.
  const scope = textOf(own.scope) === textOf(row.scope) ? row.scope : own.scope
  return [kept, { ...own, scope, ...reaching, ...acted, ...of, isUnsigned: true as const }]
}

/** The uses of a row that entries show. */
const shownIn = (uses: Kept['uses'] = [], did: KeyUse['did']): readonly KeyUse[] =>
  uses.filter((use) => use.did === did && !use.isUnsigned)

const signatureIn = (act: Act | undefined) =>
  act?.kind === 'countersignature' ? [act.values.signature] : []

const partsSince = (since: Pick<Required<KeptAttestation>, 'signatures' | 'added'>) => ({
  ...(since.signatures.length > 0 && { signatures: since.signatures }),
  ...(since.added.length > 0 && { added: since.added }),
})

/** The uses of keys of a row, those marked that no entry shows; the row's own if each is shown. */
function withUnsigned(acts: ReadonlyMap<string, Act>, row: Kept, isOver: boolean): Kept['uses'] {
  const { uses = [] } = row
  const shown = uses.map((use) =>
    isUse(use, row, acts.get(use.entry ?? '')) ? use : { ...use, isUnsigned: true as const },
  )
  const missing = marksOf(row, isOver)
    .filter(
      ({ did, of, agency }) =>
        !uses.some(
          (use) => use.did === did && use.of === of && (did !== 'sign' || use.agency === agency),
        ),
    )
    .map((mark) => ({ ...mark, kid: '', at: '', isUnsigned: true as const }))
  const all = [...shown, ...missing].filter((use) => use.did !== 'add-person' || !use.isUnsigned)
  return all.length === uses.length && all.every((use, i) => use === uses[i]) ? row.uses : all
}

/** What a row says was done with it, whether or not it says by which key. */
function marksOf(row: Kept, isOver: boolean): readonly Omit<KeyUse, 'kid' | 'at'>[] {
  const agency = 'against' in row ? row.agency : row.attester
  const ended = isOver ? [{ did: 'withdraw' as const, agency }] : []
  if ('against' in row) return ended
  const { signatures = [], added = [] } = row
  return [
    ...ended,
    ...signatures.map((each) => ({ did: 'sign' as const, agency: each.agency, of: each.as })),
    ...added.map((of) => ({ did: 'add-person' as const, agency, of })),
  ]
}

/** Whether an act is what a row says was done with it, by this key. */
function isUse(use: KeyUse, row: Kept, act: Act | undefined): boolean {
  if (!act?.isSigned || !('call' in act.values)) return false
  const { agency } = act.values.call
  const isBy = agency === use.agency && act.kid === use.kid && act.entry.leaf.ts === use.at
  if (!isBy || act.entry.leaf.previous !== row.id) return false
  switch (use.did) {
    case 'withdraw':
      return act.kind === 'withdrawal'
    case 'sign':
      return act.kind === 'countersignature' && act.values.signature.as === use.of
    case 'add-person':
      return act.kind === 'attestation' && 'person' in act.values && requestIn(act) === use.of
  }
}

/** The request by which an added person was named. */
const requestIn = ({ evidence }: Act): unknown =>
  (Object(valueIn(evidence.body)) as { readonly request?: unknown }).request

/** The persons that requests added since, as far as entries show it. */
const addedIn = (acts: ReadonlyMap<string, Act>, uses: Kept['uses'] = []): readonly string[] =>
  uses.flatMap(({ did, entry = '', isUnsigned }) => {
    const { values } = acts.get(entry) ?? {}
    return did === 'add-person' && !isUnsigned && values && 'person' in values
      ? [values.person]
      : []
  })

/** What the entry of a row says, as a row; undefined if no signed call says so. */
async function saidIn(act: Act | undefined, row: Kept, world: Entries): Promise<Kept | undefined> {
  if (act === undefined) return undefined
  const { eid, ts } = act.entry.leaf
  if ((act.kind === 'objection') !== 'against' in row)
    throw new ComityError(
      `couldn’t read what was attested: the row of ${eid} is of another kind`,
      'changed',
    )
  if (act.kind === 'objection') {
    const { call, objection } = act.values
    const about = await concerned(objection.scope, objection.holder, world)
    return objected(objection, eid, call, ts, about)
  }
  if (act.kind !== 'attestation' || 'person' in act.values) return undefined
  const { call, attestation } = act.values
  if (!(await isOfBody(attestation, act.evidence.body, world))) return undefined
  const about = await concerned(attestation.scope, attestation.holder, world)
  return entered(attestation, eid, { ...call, kid: act.kid }, ts, about)
}

/** Whether what an entry says is what its call says; a matter goes by its first request there. */
async function isOfBody(said: AttestationValues, body: string, world: Entries): Promise<boolean> {
  const sent = valueIn(body)
  const { scope: of, ...words } = Object(attestationShape.safeParse(sent).data ?? sent)
  const { scope, as: _, entersFor: __, ...own } = said
  if (textOf(words) !== textOf(own)) return false
  if (textOf(of) === textOf(scope)) return true
  if (of?.kind !== 'matter' || scope.kind !== 'matter') return false
  const found = await requestOf(String(of.matter), said.holder, world)
  return found !== undefined && matterIn(found.stored, found.opened).id === scope.matter
}

/** What a row says that decides, but for whom it reaches and who did what with it since. */
function partsOf(of: Kept, row: Kept): string {
  const { persons: _, inCase: __, uses: ___, ...said } = of
  const { signatures: _s, added: _a, kid, ...parts } = said as Partial<KeptAttestation>
  // An older row names no key, and is held to every compromised one for that.
  return textOf('kid' in row ? { ...parts, kid } : parts)
}

const textOf = (value: unknown): string => canonical(JSON.parse(JSON.stringify(value ?? null)))
