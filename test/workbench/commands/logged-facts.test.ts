/** Logged decisions as a legal editor’s command fetches them, at a gateway that answers. */

import { mkdirSync, readdirSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { decisionsIn, fetchInto } from '../../../functions/workbench/commands/logged-facts.ts'
import { impactOf, withDrafts } from '../../../functions/workbench/law/impact.ts'
import {
  attestAll,
  benignOfMember,
  itemOf,
  personOf,
  requestOfMember,
} from '../../answer/people.ts'
import { seededDecisions } from '../../bench/impact.ts'
import { removeFolders, temporaryFolder } from '../../demo/process.ts'
import { type Audited, startAudited } from '../../http/audit-gateway.ts'
import { own as law } from '../../own-law.ts'
import { serving } from '../../serving.ts'
import { answered } from '../../world.ts'

let audited: Audited
let server: Awaited<ReturnType<typeof serving>>
let url: string
const keys = join(temporaryFolder(), 'agencies')

beforeAll(async () => {
  // The command signs for its own now; the gateway's stands still.
  vi.useFakeTimers({ toFake: ['Date'], now: new Date('2026-11-25T09:00:00Z') })
  server = await serving((request) => audited.audit.fetch(request))
  url = server.url
  audited = await startAudited({ changeAudit: (world) => ({ ...world, origin: url }) })
  mkdirSync(keys)
  for (const office of ['DE-LEGAL', 'DE-DPA'])
    writeFileSync(join(keys, `${office}.json`), JSON.stringify(audited.keys.get(office)), {
      mode: 0o600,
    })
  await audited.putRecord('DE-POL', personOf('R-1', [itemOf('name')]))
  await attestAll(audited, 'DE-POL', { kind: 'general', requester: 'FR' }, benignOfMember)
})
afterAll(async () => {
  await server.close()
  await audited.close()
  await removeFolders()
  vi.useRealTimers()
})

async function ask(agency: string, caseReference: string): Promise<string> {
  audited.clock.pass(1000)
  const asked = await audited.ask(agency, 'officer-1', requestOfMember({ caseReference }))
  const { id } = await answered(asked)
  await audited.fileAll([id])
  return id
}
const fetching = (file: string, agency = 'DE-LEGAL') =>
  fetchInto(file, { agency, officer: 'editor-1', url, key: join(keys, `${agency}.json`) })

test('what the gateway logged is fetched once, and replayed as it was decided', async () => {
  const file = join(temporaryFolder(), 'facts.ndjson')
  const first = await ask('FR-SPOC', 'CASE 1')
  await fetching(file)
  const second = await ask('ES-SPOC', 'CASE 2')
  await fetching(file)
  const kept = [...decisionsIn(file)]
  expect(kept.map(({ id, outcome }) => [id, outcome])).toEqual([
    [first, 'release'],
    [second, 'deny'],
  ])
  const { book } = await audited.world.law.now()
  const ground = book.policies.findLast(({ id }) => id === 'de/police')
  if (ground === undefined) throw new Error('there is no such policy')
  const day = { day: '2027-01-01', version: '2027-01-01', revision: 1 }
  const forNobody = { kind: 'policy', version: { ...ground, ...day, rules: [] } } as const
  const impact = impactOf(kept, withDrafts(book, [forNobody], '2026-11-25T09:00:00Z'))
  expect(
    impact.turns.map(({ ids, before, after }) => [ids, before.outcome, after.outcome]),
  ).toEqual(expect.arrayContaining([[[first], 'release', 'deny']]))
})

// Kills: a file that stays open once it is read, or once its reader has enough of it.
test.skipIf(process.platform !== 'linux')('a file of decisions is closed after it is read', () => {
  const file = join(temporaryFolder(), 'facts.ndjson')
  const [decision] = seededDecisions(1, 3, law.book, '2026-11-25T09:00:00Z')
  const line = `${JSON.stringify(decision)}\n`
  writeFileSync(file, line.repeat(3))
  const { ino } = statSync(file)
  const isOpen = () =>
    readdirSync('/proc/self/fd').some(
      (fd) => statSync(`/proc/self/fd/${fd}`, { throwIfNoEntry: false })?.ino === ino,
    )
  let wasOpen = false
  for (const { id } of decisionsIn(file)) {
    expect(id).toBe(decision?.id)
    wasOpen = isOpen()
    break
  }
  expect([wasOpen, isOpen()]).toEqual([true, false])
  expect([...decisionsIn(file)]).toHaveLength(3)
  writeFileSync(file, `${line}no decision\n`)
  expect(() => [...decisionsIn(file)]).toThrow('facts.ndjson:2')
  expect(isOpen()).toBe(false)
})

test('who is no legal editor fetches nothing, and reads why', async () => {
  const file = join(temporaryFolder(), 'facts.ndjson')
  await expect(fetching(file, 'DE-DPA')).rejects.toThrow(/^.+ \([a-z-]+\)\ntrace /)
  expect(() => [...decisionsIn(file)]).toThrow('ENOENT')
})
