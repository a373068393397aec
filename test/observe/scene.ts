/**
 * One world of the harness: the real gateway in memory with its log sealed for real, the same ids and clock in each,
 * and what the holder keeps of the person that the requester asks for. Nobody but the holder may know the last.
 */

import { hash } from 'node:crypto'
import type { HeldRecord, RecordItem, Subject } from '../../functions/decision/record.ts'
import type { Agency } from '../../functions/identity/register.ts'
import type { World } from '../../functions/ports.ts'
import { sealAll } from '../../functions/sealing/sweep.ts'
import { itemOf } from '../answer/people.ts'
import { type Evidencing, startEvidencing } from '../audit/evidencing.ts'
import type { AuditOptions } from '../http/audit-gateway.ts'

/** Who asks, by the name. */
export const asker = { agency: 'FR-SPOC', officer: 'officer-7', auditor: 'FR-DPA' } as const
/** Who holds. */
export const holder = 'DE-POL'

/** The name that is asked for. */
export const asked = { name: { given: 'Anton', family: 'Beispiel' }, birthDate: '1979-03-14' }
/** By what the holder knows the person: what an act of the holder names. */
export const documentOf = (id: string) => ({ number: `DOC ${id}`, country: 'DE' })
/** The person of a record, by all that the holder needs for an act: the document alone. */
export const byDocument = (id: string): Subject => ({ document: documentOf(id) })

const others: HeldRecord['names'] = [{ given: 'Berta', family: 'Andersen' }]
const hidden: Partial<RecordItem> = { status: 'blocked' }

/** What is kept under an id: the same in each world, but for whose it is. */
const recordOf = (
  id: string,
  whose: 'asked' | 'nearly' | 'another',
  changes: Partial<RecordItem> = {},
): HeldRecord => ({
  id,
  names: { asked: [asked.name], nearly: [nearly], another: others }[whose],
  birthDates: whose === 'another' ? ['1961-08-02'] : [asked.birthDate],
  documents: [documentOf(id)],
  items: [itemOf('name', changes), itemOf('conviction', changes), itemOf('informant')],
})
/** Differs from the name asked for by a mark that is no accent. */
const nearly = { given: 'Anton', family: 'Beispiel\u0651' }

/** What is done before anybody asks by the name: in both worlds, on records of the same ids. */
type Before = 'nothing' | 'erase' | 'risk' | 'merge'

/** What is held of the person, and what the world without a hit has in its place: the same, of another. */
type State = {
  readonly says: string
  readonly records: (whose: 'asked' | 'another') => readonly HeldRecord[]
  readonly before?: Before
}

/** The states that nobody but the holder may tell from one in which no record is the person's. */
export const states = {
  hidden: {
    says: 'a hit of which nothing may be told',
    records: (whose) => [recordOf('R-1', whose, hidden), recordOf('R-2', 'another')],
  },
  near: {
    says: 'a name that nearly fits: an officer says whether it is the same person',
    records: (whose) => [
      recordOf('R-1', whose === 'asked' ? 'nearly' : 'another', hidden),
      recordOf('R-2', 'another'),
    ],
  },
  several: {
    says: 'two records fit',
    // If the holder removes the first, of the other alone nothing may be told either.
    records: (whose) => [recordOf('R-1', whose), recordOf('R-2', whose, hidden)],
  },
  restricted: {
    says: 'each item is restricted',
    records: (whose) => [
      recordOf('R-1', whose, { status: 'under-review' }),
      recordOf('R-2', 'another'),
    ],
  },
  expired: {
    says: 'may not be kept any longer',
    records: (whose) => [
      recordOf('R-1', whose, { retentionUntil: '2026-11-01' }),
      recordOf('R-2', 'another'),
    ],
  },
  erased: {
    says: 'was erased',
    before: 'erase',
    records: (whose) => [recordOf('R-1', whose), recordOf('R-2', 'another')],
  },
  merged: {
    says: 'became another record, of which nothing may be told',
    before: 'merge',
    records: (whose) => [recordOf('R-1', whose, hidden), recordOf('R-2', whose, hidden)],
  },
  risk: {
    says: 'a risk was found for them, in another matter',
    before: 'risk',
    records: (whose) => [recordOf('R-1', whose, hidden), recordOf('R-2', 'another')],
  },
} as const satisfies Readonly<Record<string, State>>

/** The name of a state. */
export type StateName = keyof typeof states
export const stateNames = Object.keys(states) as readonly StateName[]

/** Which of the two it is: with a hit that is not told, or with none. */
export type Side = 'hit' | 'none'

/** The state as one of the two worlds has it. */
export const stateOf = (name: StateName, side: Side): readonly HeldRecord[] =>
  states[name].records(side === 'hit' ? 'asked' : 'another')
export const beforeOf = (name: StateName): Before => (states[name] as State).before ?? 'nothing'

/** Offices of the holder’s state that may not know: another body that keeps records, and another authority. */
const besideHolder = [
  { id: 'DE-LKA', holdsRecords: true, attests: [{ holder: 'DE-LKA', facts: ['*'] }] },
  { id: 'DE-LDA', holdsRecords: false, attests: [], role: 'auditor' },
] as const

const officeOf = (of: (typeof besideHolder)[number]): Omit<Agency, 'keys'> => ({
  ...of,
  attests: of.attests.map(({ holder, facts }) => ({ holder, facts: [...facts] })),
  name: `Invented Office ${of.id}`,
  jurisdiction: 'DE',
  authorityType: 'police',
  status: 'active',
  timeZone: 'Europe/Berlin',
  channels: ['bilateral'],
  cannotHonour: [],
  requestsPerMinute: 100_000,
})

/** Whom agencies named, so that each has officers without a right. */
const named: Readonly<Record<string, NonNullable<Agency['officers']>>> = {
  [holder]: [{ id: 'officer-1', may: ['release', 'attest', 'act-on-subjects', 'desk'] }],
  'DE-LDA': [{ id: 'nobody-here', may: ['audit'] }],
}

/** The register, with the officers that agencies named. */
const withOfficers = ({ register, ...world }: World): World => ({
  ...world,
  register: {
    ...register,
    async agency(id) {
      const agency = await register.agency(id)
      return agency && id in named ? { ...agency, officers: [...(named[id] ?? [])] } : agency
    },
  },
})

/** A gateway whose log is sealed by the real sealer, also before an act on a person. */
export type Scene = Evidencing & { readonly sealNow: () => ReturnType<typeof sealAll> }

/** Starts one. Two that are started with one seed give the same call the same id. */
export async function startScene(seed: number, change?: AuditOptions['change']): Promise<Scene> {
  let calls = 0
  const fresh = () => hash('sha256', `${seed} ${++calls}`, 'base64url').slice(0, 22)
  const later: { seal?: () => ReturnType<typeof sealAll> } = {}
  const seal = async () => (await later.seal?.()) ?? []
  const beside = besideHolder.map(officeOf)
  const changed = (world: World) => change?.(withOfficers(world)) ?? withOfficers(world)
  const evidencing = await startEvidencing({}, { fresh, seal, beside, change: changed })
  later.seal = () => sealAll(evidencing.sealing, { what: 'new' })
  const sealNow = async () => {
    const all = await sealAll(evidencing.sealing, { what: 'new' })
    for (const swept of all)
      if ('error' in swept || swept.why !== undefined) throw new Error(JSON.stringify(swept))
    return all
  }
  return { ...evidencing, sealNow }
}
