/**
 * What offices said, as their signed calls say it. A row of the table of attestations is an index and no word of anybody:
 * what it says lets data leave only as far as the entry of its call, and the signature there, say the same; and what the
 * entry says against a disclosure counts, whatever the row says by now.
 */

import type { KeyUse } from '../../decision/attestation.ts'
import { wasChanged } from '../../failure.ts'
import { requestDigest } from '../../ledger/entry.ts'
import { valueIn } from '../../policy/json.ts'
import type { FoundVouching, KeptAttestation, KeptVouching, World } from '../../ports.ts'
import { actsOf, type EnteredAct, type Entries, rowIn, textOf } from './entered-acts.ts'

/**
 * Rows that were compared with their entries and say the same, by digest, for as long as their register lives, and when. An
 * erasure closes the entry of a row that names people, so that such a row is compared anew each minute.
 */
const compared = new WeakMap<World['register'], Map<string, number>>()
const namingMs = 60_000
/** Most digests to remember: some megabytes. */
const comparedMax = 50_000

/**
 * What was found, compared with its entries: what no signed call says is marked, and beside a row that says another thing
 * than its entry stands what the entry says. What was compared once is known by the digest of the whole row.
 */
export async function asSigned(found: FoundVouching, world: Entries): Promise<FoundVouching> {
  const [rows, missing] = await Promise.all([rowsAsSigned(found, world), missingIn(found, world)])
  if (missing.length === 0) return rows
  // A cast: each is of the kind of its group.
  const all = groups.map((group) => [
    group,
    [...rows[group], ...missing.flatMap((each) => (each.group === group ? [each.row] : []))],
  ])
  return Object.fromEntries(all) as FoundVouching
}

async function rowsAsSigned(found: FoundVouching, world: Entries): Promise<FoundVouching> {
  const known = compared.get(world.register) ?? new Map<string, number>()
  compared.set(world.register, known)
  const digests = new Map<KeptVouching, string>()
  for (const group of groups) for (const row of found[group]) digests.set(row, digestOf(group, row))
  const now = world.now().getTime()
  const unknown = [...digests.keys()].filter((row) => {
    const then = known.get(digests.get(row) ?? '')
    return then === undefined || (row.persons !== undefined && Math.abs(now - then) >= namingMs)
  })
  if (unknown.length === 0) return found
  const acts = await actsOf(unknown.flatMap(entriesOf), world)
  const over = new Set<KeptVouching>([...found.takenBack, ...found.ended])
  const inPlace = new Map<KeptVouching, readonly KeptVouching[]>()
  const compare = async (row: KeptVouching) => {
    const [first, ...more] = await comparedWith(acts, row, over.has(row), world)
    inPlace.set(row, first === undefined ? [] : [first, ...more])
    if (first !== row) return changed(row, digests.get(row) ?? '', acts, world)
    if (known.size >= comparedMax) known.clear()
    known.set(digests.get(row) ?? '', now)
  }
  await Promise.all(unknown.map(compare))
  const standing = groups.map((group) => [
    group,
    found[group].flatMap((row: KeptVouching) => inPlace.get(row) ?? [row]),
  ])
  // A cast: what stands in place of a row is of its kind.
  return Object.fromEntries(standing) as FoundVouching
}

const groups = ['attestations', 'takenBack', 'objections', 'ended'] as const
const entriesOf = ({ id, uses = [] }: Pick<KeptVouching, 'id' | 'uses'>): readonly string[] => [
  id,
  ...uses.flatMap(({ entry = [] }) => entry),
]

/** How long what was entered may have no row yet, ms. */
export const rowWithinMs = 60_000

/**
 * What marks show, and no row says any more, as its entries say it. It lets nothing go: an erasure that is under way may have
 * taken the row, and not yet the key.
 *
 * INVARIANT (not knowing is stricter): what stood against a disclosure, and whose entry does not open, fails the request,
 * unless the log has its withdrawal.
 */
async function missingIn({ missing = [] }: FoundVouching, world: Entries) {
  if (missing.length === 0) return []
  const acts = await actsOf(missing.flatMap(entriesOf), world)
  const rows = await Promise.all(
    missing.map(async ({ id, isAgainst, uses }) => {
      const own = await rowIn(acts.get(id), undefined, world)
      // What was entered just now is about to have a row.
      const { ts = '' } = acts.get(id)?.entry.leaf ?? {}
      const isLate = !(world.now().getTime() - Date.parse(ts) < rowWithinMs)
      if (own === undefined) {
        if (!isAgainst || (await isWithdrawn(id, uses, world))) return []
        throw wasChanged(`couldn’t read what was said: the row of ${id} is not there`)
      }
      if (isLate) await changed({ id }, id, acts, world)
      const shown = withUnsigned(acts, { ...own, uses }, false)
      const persons = own.persons && [...own.persons, ...addedIn(acts, shown)]
      const row = { ...own, uses: shown, ...(persons && { persons }), isUnsigned: true as const }
      const isOver = uses.some(({ did }) => did === 'withdraw')
      if ('against' in own) return [{ row, group: isOver ? 'ended' : 'objections' }]
      const of = partsSince(sinceIn(acts, shown))
      return [{ row: { ...row, ...of }, group: isOver ? 'takenBack' : 'attestations' }]
    }),
  )
  return rows.flat()
}

/** Whether the log has a withdrawal of an act, whoever it was about. */
async function isWithdrawn(id: string, uses: KeptVouching['uses'], world: Entries) {
  const ids = shownIn(uses, 'withdraw').flatMap(({ entry = [] }) => entry)
  const entries = [...(await world.ledger.readAll(ids)).values()]
  return entries.some(({ leaf: { t, previous } }) => t === 'withdrawal' && previous === id)
}

/**
 * A row to act on: the row itself, or what its entry says, if that is another thing or there is no row. So nobody acts as
 * whose a row was made to look, nor on what it was made to say. Where no entry opens, only the row is left.
 */
export async function asEntered<T extends KeptVouching>(
  row: T | undefined,
  id: string,
  isObjection: boolean,
  world: Entries,
): Promise<T | undefined> {
  if (row === undefined) {
    const act = (await actsOf([id], world)).get(id)
    const said = act?.isSigned ? await rowIn(act, undefined, world) : undefined
    // A cast: it is of this kind.
    return said && 'against' in said === isObjection ? (said as T) : undefined
  }
  const isOver = row.uses?.some(({ did }) => did === 'withdraw') ?? false
  const [first, second] =
    'against' in row ? (['objections', 'ended'] as const) : (['attestations', 'takenBack'] as const)
  const none = { attestations: [], takenBack: [], objections: [], ended: [] }
  const found = await asSigned({ ...none, [isOver ? second : first]: [row] }, world)
  // A cast: what stands in place of a row is of its kind.
  const [, own] = Object.values(found).flat() as unknown as readonly T[]
  return own ?? row
}

/** Tells of a row that is not as it was entered, once for what it says. What an erasure closed cannot be compared. */
async function changed(
  row: Pick<KeptVouching, 'id' | 'uses'>,
  digest: string,
  acts: ReadonlyMap<string, EnteredAct>,
  { register, rowChanged, ledger }: Entries,
): Promise<void> {
  const told = compared.get(register)
  if (rowChanged === undefined || told?.has(`told ${digest}`)) return
  told?.set(`told ${digest}`, 0)
  const unopened = entriesOf(row).filter((id) => !acts.has(id))
  if ((await ledger.readAll(unopened)).size === 0) rowChanged(row.id)
}

/** Of the whole row, and of whether it is marked as over. */
const digestOf = (group: string, row: KeptVouching): string =>
  requestDigest(`${group} ${JSON.stringify(row)}`)

/** The row itself, if its entries say all of it; else what counts of it, and what its entry says beside it. */
async function comparedWith(
  acts: ReadonlyMap<string, EnteredAct>,
  row: KeptVouching,
  isOver: boolean,
  world: Entries,
): Promise<readonly KeptVouching[]> {
  const act = acts.get(row.id)
  const uses = withUnsigned(acts, row, isOver)
  const own = await rowIn(act, row, world)
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
  const since = sinceIn(acts, uses)
  const { signatures, added } = since
  const of = 'against' in row ? {} : partsSince(since)
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
  } as KeptVouching
  if (own === undefined || isWhole) return [kept]
  // It reaches whom its entry names and whom the row names by now.
  const persons = [...new Set([...named, ...(row.persons ?? [])])]
  const reaching = own.persons === undefined ? {} : { persons }
  // In the row's own words, by which an objection finds what it is against.
  const scope = textOf(own.scope) === textOf(row.scope) ? row.scope : own.scope
  return [kept, { ...own, scope, ...reaching, ...acted, ...of, isUnsigned: true as const }]
}

/** The uses of a row that entries show. */
const shownIn = (uses: KeptVouching['uses'] = [], did: KeyUse['did']): readonly KeyUse[] =>
  uses.filter((use) => use.did === did && !use.isUnsigned)

const signatureIn = (act: EnteredAct | undefined) =>
  act?.kind === 'countersignature' ? [act.values.signature] : []

/** What its acts say of signatures and added persons, as far as entries show them. */
const sinceIn = (acts: ReadonlyMap<string, EnteredAct>, uses: KeptVouching['uses']) => ({
  signatures: shownIn(uses, 'sign').flatMap(({ entry = '' }) => signatureIn(acts.get(entry))),
  added: shownIn(uses, 'add-person').flatMap(({ of = [] }) => of),
})

const partsSince = (since: Pick<Required<KeptAttestation>, 'signatures' | 'added'>) => ({
  ...(since.signatures.length > 0 && { signatures: since.signatures }),
  ...(since.added.length > 0 && { added: since.added }),
})

/** The uses of keys of a row, those marked that no entry shows; the row's own if each is shown. */
function withUnsigned(
  acts: ReadonlyMap<string, EnteredAct>,
  row: KeptVouching,
  isOver: boolean,
): KeptVouching['uses'] {
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
function marksOf(row: KeptVouching, isOver: boolean): readonly Omit<KeyUse, 'kid' | 'at'>[] {
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
function isUse(use: KeyUse, row: KeptVouching, act: EnteredAct | undefined): boolean {
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
const requestIn = ({ evidence }: EnteredAct): unknown =>
  (Object(valueIn(evidence.body)) as { readonly request?: unknown }).request

/** The persons that requests added since, as far as entries show it. */
const addedIn = (
  acts: ReadonlyMap<string, EnteredAct>,
  uses: KeptVouching['uses'] = [],
): readonly string[] =>
  uses.flatMap(({ did, entry = '', isUnsigned }) => {
    const { values } = acts.get(entry) ?? {}
    return did === 'add-person' && !isUnsigned && values && 'person' in values
      ? [values.person]
      : []
  })

/** What a row says that decides, but for whom it reaches and who did what with it since. */
function partsOf(of: KeptVouching, row: KeptVouching): string {
  const { persons: _, inCase: __, uses: ___, ...said } = of
  const { signatures: _s, added: _a, kid, ...parts } = said as Partial<KeptAttestation>
  // An older row names no key, and is held to every compromised one for that.
  return textOf('kid' in row ? { ...parts, kid } : parts)
}
