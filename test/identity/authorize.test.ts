/** Who may see what: every role, every action, every place of a resource. */

import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import {
  type Action,
  authorize,
  type Principal,
  type Sight,
} from '../../functions/identity/authorize.ts'
import { agencySchema } from '../../functions/identity/register.ts'
import { type Gateway, startGateway } from '../world.ts'

/** Where the principal of `DE` stands to a resource. */
const places = {
  'is of its own jurisdiction alone': { holder: 'DE', requester: 'DE' },
  'is held in its jurisdiction': { holder: 'DE', requester: 'GB' },
  'was asked by its jurisdiction': { holder: 'GB', requester: 'DE' },
  'is foreign': { holder: 'GB', requester: 'FR' },
  'is of a foreign log': { holder: 'GB' },
  'is of its own log': { holder: 'DE' },
} as const
type Place = keyof typeof places

const principals = {
  auditor: { role: 'auditor', holdsRecords: false },
  'legal-editor': { role: 'legal-editor', holdsRecords: false },
  approver: { role: 'approver', holdsRecords: false },
  holder: { holdsRecords: true },
  requester: { holdsRecords: false },
  // The register would take it; what it may do by its role, it may, and nothing as a holder.
  'auditor that holds records': { role: 'auditor', holdsRecords: true },
} as const satisfies Readonly<Record<string, Partial<Principal>>>
type Who = keyof typeof principals

const ownLog: readonly Place[] = [
  'is of its own jurisdiction alone',
  'is held in its jurisdiction',
  'is of its own log',
]

/**
 * The whole of who may do what, as DESIGN says it: an auditor of the holder's jurisdiction sees all,
 * one of the requester's its own side. A new action does not compile without a row here.
 */
const allowed: Readonly<Record<Action, readonly [Who, 'both-sides' | 'own-log']>> = {
  'read-entry': ['auditor', 'both-sides'],
  'list-entries': ['auditor', 'both-sides'],
  'make-pseudonym': ['auditor', 'own-log'],
  'report-subject': ['auditor', 'both-sides'],
  'profile-officer': ['auditor', 'both-sides'],
  'report-year': ['auditor', 'own-log'],
  sample: ['auditor', 'own-log'],
  replay: ['auditor', 'own-log'],
  'create-evidence': ['auditor', 'both-sides'],
  'read-facts': ['legal-editor', 'own-log'],
  'act-on-subject': ['holder', 'own-log'],
  approve: ['approver', 'own-log'],
}

function expectedOf(who: Who, action: Action, place: Place): Sight | undefined {
  const [role, sides] = allowed[action]
  const isRole = who === role || (role === 'auditor' && who === 'auditor that holds records')
  if (!isRole) return undefined
  if (ownLog.includes(place)) return 'whole'
  return sides === 'both-sides' && place === 'was asked by its jurisdiction'
    ? 'own-side'
    : undefined
}

const actions = Object.keys(allowed) as Action[]
const everyCase = (Object.keys(principals) as Who[]).flatMap((who) =>
  actions.flatMap((action) =>
    (Object.keys(places) as Place[]).map((place) => [who, action, place] as const),
  ),
)

const principal = (who: Who, changes: Partial<Principal> = {}): Principal => ({
  status: 'active',
  jurisdiction: 'DE',
  ...principals[who],
  ...changes,
})

// Kills: a right of two roles, sides swapped, a right without a side, `whole` for the requester.
test.each(everyCase)('of the principals, %s may %s what %s only as the matrix says', (...of) => {
  const [who, action, place] = of
  expect(authorize(principal(who), action, places[place])).toBe(expectedOf(who, action, place))
})

// Kills: leaving the status to the guard alone; an approval is signed outside any guarded call.
test('A suspended office may do nothing', () => {
  const seen = everyCase.map(([who, action, place]) =>
    authorize(principal(who, { status: 'suspended' }), action, places[place]),
  )
  expect(new Set(seen)).toEqual(new Set([undefined]))
})

test('A jurisdiction is compared whole: no prefix, no other case', () => {
  for (const jurisdiction of ['D', 'de', 'DEU', '', 'DE '])
    expect(
      authorize(principal('auditor', { jurisdiction }), 'read-entry', {
        holder: 'DE',
        requester: 'DE',
      }),
    ).toBeUndefined()
})

describe('The register', () => {
  let gateway: Gateway
  beforeAll(async () => {
    gateway = await startGateway()
  })
  afterAll(() => gateway.close())

  test('takes no agency of two roles', async () => {
    const agency = await gateway.world.register.agency('DE-DPA')
    expect(agencySchema.safeParse(agency).success).toBe(true)
    for (const role of [['auditor', 'approver'], 'auditor approver', 'admin'])
      expect(agencySchema.safeParse({ ...agency, role }).success).toBe(false)
  })
})
