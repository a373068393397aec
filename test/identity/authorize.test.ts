/** The table of rights, held cell by cell to a second reading of who may do what to whose. */

import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { transformSync } from 'esbuild'
import { describe, expect, test } from 'vitest'
import * as table from '../../functions/identity/authorize.ts'
import { agencySchema } from '../../functions/identity/register.ts'
import { factTypes } from '../../functions/policy/fact-types.ts'
import { byTie, type Tie } from './who-by-tie.ts'
import { registeredAs } from './who-cast.ts'
import { duties, takes } from './who-decides.ts'
import { everybody, type Row, reading, type Who, whos } from './who-may.ts'

const { actions, authorize } = table

const inTable = reading.filter(({ resource }) => resource !== undefined)

const expectedOf = (who: Who, { may, ownSide = [] }: Row): table.Sight | undefined => {
  if (may.includes(who)) return 'whole'
  return ownSide.includes(who) ? 'own-side' : undefined
}

/** Somebody to whom the register gave everything, in each role. */
const everything: table.Principal = {
  ...registeredAs('DE-GONE'),
  id: 'DE-ALL',
  status: 'active',
  attests: [{ holder: 'ZZ-POL', facts: ['*'] }],
  succeeds: ['ZZ-OLD'],
  entersFor: ['ZZ-MIN'],
}
const roles = ['agency', 'auditor', 'approver', 'legal-editor'] as const
const consent = [{ fact: 'item.originConsent', originator: 'DE' }]
const elsewhere = { holder: 'ZZ' }
/** Who is an officer of the keeper, once the register lets them vouch for everything there. */
const officers = [
  ['another police of its state', 'DE-LKA', 'DE-POL', 'whole'],
  ['a foreign police', 'NL-POL', 'DE-POL', undefined],
  ['a ministry of its state', 'DE-MIN', 'DE-POL', undefined],
  ['the ministry that keeps the records itself', 'DE-MIN', 'DE-MIN', 'whole'],
] as const
const ties: Readonly<
  Record<Tie | 'nothing', readonly [table.Resource, Partial<table.Principal>?]>
> = {
  'of the holder’s state': [{ holder: 'DE' }, { holdsRecords: false }],
  'of the holder’s state, with records': [{ holder: 'DE' }],
  'of the requester’s state': [{ ...elsewhere, requester: 'DE' }],
  'keeps it': [{ ...elsewhere, keeper: 'DE-ALL' }],
  'made it': [{ ...elsewhere, owner: 'DE-ALL' }],
  'took over who made it': [{ ...elsewhere, owner: 'ZZ-OLD' }],
  'enters decisions of who made it': [{ ...elsewhere, owner: 'ZZ-MIN' }],
  'vouches for it': [{ ...elsewhere, keeper: 'ZZ-POL', vouched: consent }],
  nothing: [{ ...elsewhere, requester: 'YY', keeper: 'ZZ-POL', owner: 'ZZ-POL', vouched: [] }],
}

/** Things of which each fact is decided by somebody of his own. */
const release = { fact: 'release.decision' }
const torture = { fact: 'risk.torture' }
const ofOfficers: readonly table.Resource[] = [[release], [release, torture], [torture]].flatMap(
  (vouched) => [
    ...['DE-ALL', 'ZZ-MIN'].map((owner) => ({ holder: 'DE', keeper: 'ZZ-POL', owner, vouched })),
    { holder: 'DE', keeper: 'DE-ALL', vouched },
  ],
)

/** The cells in which who acts makes another difference than by the second reading of who decides. */
function* differingByOfficer(decide: typeof authorize, act?: string): Generator<string> {
  const resources = [...Object.values(ties), ...ofOfficers.map((each) => [each] as const)]
  const named = [...duties.map((each) => [each]), [...duties], []]
  for (const [action, of] of Object.entries(takes).filter(([each]) => each === (act ?? each)))
    for (const role of roles)
      for (const [resource, changes] of resources)
        for (const may of named)
          for (const officer of ['named', 'another', undefined]) {
            const office = { ...everything, ...changes, ...(role === 'agency' ? {} : { role }) }
            const officers = may.length === 0 ? [] : [{ id: 'named', may }]
            const principal = { ...office, officers, ...(officer && { officer }) }
            const right = decide(principal, action as table.Action, resource)
            const isOne = (duty: (typeof duties)[number]) =>
              officer === 'named' && may.includes(duty)
            const expected = of(resource).every(isOne)
              ? authorize(office, action as table.Action, resource)
              : undefined
            if (right !== expected)
              yield `${role} ${action} ${may} by ${officer}: ${right ?? 'nothing'}`
          }
}

/** The cells in which a table of rights differs from the second reading: those of one act, or all. */
function* differing(decide: typeof authorize, act?: string): Generator<string> {
  const isAsked = (action: string) => action === (act ?? action)
  for (const [action, [by, all]] of Object.entries(byTie).filter(([each]) => isAsked(each)))
    for (const role of roles)
      for (const [tie, [resource, changes]] of Object.entries(ties)) {
        const principal = { ...everything, ...changes, ...(role === 'agency' ? {} : { role }) }
        // Casts, since `Object.entries` forgets the names of the keys.
        const right = decide(principal, action as table.Action, resource)
        const side = tie === 'of the requester’s state' ? 'own-side' : 'whole'
        const expected = [by].flat().includes(role) && all.includes(tie as Tie) ? side : undefined
        if (right !== expected) yield `the ${role} that ${tie}: ${action}: ${right ?? 'nothing'}`
      }
  yield* differingByOfficer(decide, act)
  for (const [whose, who, keeper, expected] of officers) {
    const principal = { ...registeredAs(who), attests: [{ holder: keeper, facts: ['*'] }] }
    const resource = { holder: 'DE', keeper, vouched: [{ fact: 'risk.torture' }] }
    const right = decide(principal, 'decide-release', resource)
    if (right !== expected) yield `${whose} judges for it: ${right ?? 'nothing'}`
  }
  for (const row of inTable.filter(({ action }) => isAsked(action)))
    for (const who of whos) {
      const right = decide(registeredAs(who), row.action, row.resource ?? { holder: '' })
      if (right !== expectedOf(who, row))
        yield `${who}, ${everybody[who]}: ${row.act} ${row.whose}: ${right ?? 'nothing'}`
    }
}

test('Everybody may do what the second reading says, and nothing else', () => {
  expect([...differing(authorize)]).toEqual([])
})

test('The second reading has each act, and no other', () => {
  const acts = new Set<string>(reading.map(({ action }) => action))
  expect(acts).toEqual(new Set(actions))
  expect(new Set(Object.keys(byTie))).toEqual(acts)
  expect(new Set(Object.keys(takes))).toEqual(acts)
})

test('A jurisdiction is compared whole: no prefix, no other case', () => {
  const auditor = registeredAs('DE-DPA')
  for (const jurisdiction of ['D', 'de', 'DEU', '', 'DE '])
    expect(
      authorize({ ...auditor, jurisdiction }, 'read-entry', { holder: 'DE', requester: 'DE' }),
    ).toBeUndefined()
})

test('Nothing is anybody’s who is not named: an absent owner, keeper or fact gives no right', () => {
  for (const who of whos)
    for (const action of actions)
      expect(authorize(registeredAs(who), action, { holder: 'ZZ' }), `${who} ${action}`).toBe(
        undefined,
      )
})

test('The register takes no agency of two roles', () => {
  const agency = { ...registeredAs('DE-DPA'), keys: [] }
  expect(agencySchema.safeParse(agency).success).toBe(true)
  for (const role of [['auditor', 'approver'], 'auditor approver', 'admin'])
    expect(agencySchema.safeParse({ ...agency, role }).success).toBe(false)
})

/**
 * The table with something changed. It is read as text, so that a mutant can be of any line; what
 * the text exports can be changed, too.
 */
const source = readFileSync(
  join(import.meta.dirname, '../../functions/identity/authorize.ts'),
  'utf8',
)
type Right = { role: string; of: string[]; duty?: string }
type Table = { readonly authorize: typeof authorize; readonly rights: Record<string, Right> }
const compiled = (text: string): string =>
  transformSync(`${text}\nexport { rights }`, { loader: 'ts', format: 'cjs' }).code
const unchanged = compiled(source)
function tableOf(text: string): Table {
  const code = text === source ? unchanged : compiled(text)
  const module = { exports: {} }
  const require = () => ({ factTypes })
  new Function('module', 'exports', 'require', code)(module, module.exports, require)
  // A cast: the text exports these.
  return module.exports as Table
}

/** Whoever is the one to a thing is the other, too: added to that, it changes nothing. */
const within: Readonly<Record<string, string>> = {
  keepsThere: 'holderSide',
  owns: 'ownsOrSucceeds',
}

/** What is changed in the row of an act. */
function* rowMutants(): Generator<readonly [string, string, (table: Table) => void]> {
  const { rights } = tableOf(source)
  const relations = [...new Set(Object.values(rights).flatMap(({ of }) => of))]
  for (const [act, right] of Object.entries(rights)) {
    const { role, of, duty: now = 'none' } = right
    const set = (changes: Partial<Right>) => (mutant: Table) =>
      void Object.assign(mutant.rights, { [act]: { ...right, ...changes } })
    for (const duty of ['none', 'of-facts', ...duties].filter((each) => each !== now)) {
      const { duty: _, ...without } = right
      const changed = duty === 'none' ? without : { ...without, duty }
      yield [
        act,
        `by an officer for ${duty}`,
        (mutant) => void Object.assign(mutant.rights, { [act]: changed }),
      ]
    }
    for (const other of ['agency', 'auditor', 'approver', 'legal-editor'])
      if (other !== role) yield [act, `by the ${other}`, set({ role: other })]
    for (const each of of)
      yield [act, `not who ${each}`, set({ of: of.filter((one) => one !== each) })]
    for (const each of relations)
      if (!of.includes(each) && !of.includes(within[each] ?? ''))
        yield [act, `whoever ${each}, too`, set({ of: [...of, each] })]
  }
}

/** Texts of the table in whose place another is put. */
const lineMutants: readonly (readonly [string, string])[] = [
  ["principal.status !== 'active' || ", ''],
  [
    "principal.role ?? 'agency'",
    "principal.role === 'auditor' ? 'agency' : principal.role ?? 'agency'",
  ],
  ['officers === undefined ||', 'officers === undefined || officers.length === 0 ||'],
  ['id === officer && may.includes(duty)', 'may.includes(duty)'],
  ['id === officer && may.includes(duty)', 'id === officer'],
  ["fact === 'release.decision' ? 'release' : 'attest'", "'attest'"],
  ["if (vouched.length === 0) return ['attest']", 'if (vouched.length === 0) return []'],
  ['.every((each) => isNamedFor', '.some((each) => isNamedFor'],
  ['found.length === 0', 'false'],
  ["? 'own-side' : 'whole'", "? 'whole' : 'whole'"],
  [
    "found.every((relation) => relation === 'requesterSide')",
    "found.some((relation) => relation === 'requesterSide')",
  ],
  ['jurisdiction === holder,\n  requesterSide', 'true,\n  requesterSide'],
  ['    jurisdiction === requester,', '    true,'],
  ['    holdsRecords && jurisdiction === holder,', '    jurisdiction === holder,'],
  ['    holdsRecords && jurisdiction === holder,', '    holdsRecords,'],
  ['holdsRecords && id === keeper', 'id === keeper'],
  ['holdsRecords && id === keeper', 'holdsRecords'],
  ['=> id === owner,', '=> true,'],
  ['(id === owner || succeeds.includes(owner))', 'succeeds.includes(owner)'],
  ['(id === owner || succeeds.includes(owner))', 'id === owner'],
  ['(id === owner || succeeds.includes(owner))', 'true'],
  ['entersFor.includes(owner)', 'true'],
  ['(resource.vouched ?? []).length > 0 &&', ''],
  ['resource.vouched?.every(', 'resource.vouched?.some('],
  ['each.holder === keeper && ', ''],
  ['(each.facts.includes(fact) || ', "(each.facts.includes('*') || "],
  ["|| each.facts.includes('*')", ''],
  ["(each.facts.includes(fact) || each.facts.includes('*'))", 'true'],
  ['!isGiven || ', ''],
  ["jurisdiction === holder && (authorityType !== 'central", "(authorityType !== 'central"],
  ["(authorityType !== 'central-authority' || id === keeper)", 'true'],
  [
    "(authorityType !== 'central-authority' || id === keeper)",
    "authorityType !== 'central-authority'",
  ],
  ["(authorityType !== 'central-authority' || id === keeper)", 'id === keeper'],
  [
    "jurisdiction === holder && ['central-authority', alsoBy].includes(authorityType)",
    "['central-authority', alsoBy].includes(authorityType)",
  ],
  [
    "jurisdiction === holder && ['central-authority', alsoBy].includes(authorityType)",
    'jurisdiction === holder',
  ],
  ['originator === jurisdiction', 'true'],
  ['if (originator === jurisdiction) return of\n', ''],
  ['saysUnknown && id === keeper', 'id === keeper'],
  ['saysUnknown && id === keeper', 'saysUnknown'],
  ["? 'holder-officer' : undefined", '? undefined : undefined'],
]

describe('Of the mutants of the table', () => {
  test('the text that is changed is the table itself', () => {
    expect([...differing(tableOf(source).authorize)]).toEqual([])
  })

  test('every right given to another, dropped or widened is noticed', () => {
    const mutants = [...rowMutants()]
    expect(mutants.length).toBeGreaterThan(300)
    const surviving = mutants.filter(([act, , change]) => {
      const mutant = tableOf(source)
      change(mutant)
      return differing(mutant.authorize, act).next().done
    })
    expect(surviving.map(([act, changed]) => `${act}: ${changed}`)).toEqual([])
  })

  test.each(lineMutants)('%s, once changed to %j, is noticed', (from, to) => {
    expect(source.split(from).length).toBeGreaterThan(1)
    expect(differing(tableOf(source.replace(from, to)).authorize).next().done).toBe(false)
  })
})
