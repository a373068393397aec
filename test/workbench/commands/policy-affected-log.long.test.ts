/**
 * `comity policy affected` over the log of a gateway whose law changed while it ran: what each decision rested on, what
 * would be answered otherwise, and that what was decided stays as it was.
 */

import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Command } from 'commander'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { dynamodbMarks } from '../../../functions/adapters/chains-dynamodb.ts'
import { runningLaw, stateInLawChain } from '../../../functions/adapters/law-dynamodb.ts'
import { lawToRun } from '../../../functions/adapters/policies-files.ts'
import type { AccessRequest } from '../../../functions/decision/request.ts'
import { accessApi } from '../../../functions/http/access-api.ts'
import { auditApi } from '../../../functions/http/audit-api.ts'
import type { Runnable } from '../../../functions/policy/carried.ts'
import { emptyTip } from '../../../functions/policy/chain.ts'
import { floorOf } from '../../../functions/policy/floor.ts'
import { stateLaw } from '../../../functions/policy/law-chain.ts'
import { run as opened } from '../../../functions/policy/read-book.ts'
import { addPolicyAffected } from '../../../functions/workbench/commands/policy-impact.ts'
import {
  attestAll,
  benignOfMember,
  itemOf,
  personOf,
  requestOfMember,
} from '../../answer/people.ts'
import { copyOfPolicies, removeCopies, rewrite, run, sealAgain } from '../../cli/in-process.ts'
import { removeFolders, temporaryFolder } from '../../demo/process.ts'
import { type Audited, bodyOf, startAudited } from '../../http/audit-gateway.ts'
import { newestOwn } from '../../own-law.ts'
import { releaseKeys, sealOf } from '../../policy/sealing.ts'
import { answered } from '../../world.ts'

let audited: Audited
const folder = copyOfPolicies()
afterAll(removeCopies)
afterAll(removeFolders)
afterAll(() => audited.close())

type Rule = { id: string; when: unknown; then: unknown }
type Law = { change: string; applies: { when: unknown }; rules: Rule[] }

/** Seals a version like another, but for a change, as two people do at a moment. */
function sealLike(like: string, path: string, at: string, change: (law: Law) => void): void {
  const law: Law = JSON.parse(readFileSync(join(folder, like), 'utf8'))
  change(law)
  const text = `${JSON.stringify(law, null, 2)}\n`
  rewrite(folder, path, () => text)
  sealAgain(folder, path.split('/')[0] ?? '', (said) => [...said, sealOf({ path, text }, at)])
}

/** A gateway that starts on what is sealed, over the log of the ones before it. */
async function start(law: Runnable) {
  const { store, clock, world, auditWorld, acts } = audited
  const running = await runningLaw({
    ...{ client: store.client, table: store.tables.register, now: () => clock.now, law },
    unheld: () => undefined,
    marks: dynamodbMarks(store.client, store.tables.decisions),
  })
  const own = { ledger: { ...world.ledger }, law: running }
  const app = accessApi({ ...world, ...own }, () => undefined)
  const audit = auditApi({ ...auditWorld, ...own }, () => undefined, acts)
  return { app, audit }
}
let gateway: Awaited<ReturnType<typeof start>>
/** The law that it started on at first. */
let first: Runnable

/** What is answered at a moment, for a purpose. */
async function ask(at: string, purpose: AccessRequest['purpose']) {
  audited.clock.now = new Date(at)
  await attestAll(audited, 'DE-POL', { kind: 'general', requester: 'FR' }, benignOfMember)
  const body = requestOfMember({ subject: { recordId: 'R-1' }, caseReference: `C-${at}`, purpose })
  const call = { method: 'POST', path: '/v1/access-requests', body, officer: 'officer-7' }
  const { id, outcome, reasons } = await answered(
    await (await audited.prepare('FR-SPOC', call, gateway.app))(),
  )
  await audited.fileAll([id])
  const { policies } = (await audited.entry(id)).opened.decision
  const on = policies.find((each) => each.id === 'eu/exchange')?.version
  return { id, outcome, on, codes: reasons.map(({ code }) => code) }
}

/** What the gateway gives a legal editor of all that was decided, and what the command finds in it. */
async function affectedBy(path: string) {
  const response = await audited.prepareAudit(
    'DE-LEGAL',
    { path: '/v1/facts?purpose=self-monitoring', officer: 'editor-1' },
    gateway.audit,
  )
  const { facts } = await bodyOf(await response())
  const file = join(temporaryFolder(), 'facts.ndjson')
  writeFileSync(
    file,
    (facts as readonly unknown[]).map((each) => `${JSON.stringify(each)}\n`).join(''),
  )
  vi.useFakeTimers({ now: audited.clock.now, toFake: ['Date'] })
  try {
    const { code, stdout, stderr } = await run(
      (policy: Command, policies: string) =>
        addPolicyAffected(policy, policies, { data: temporaryFolder(), url: 'http://localhost:1' }),
      folder,
      ['affected', path, '--facts', file, '--json'],
    )
    expect([code, stderr]).toEqual([0, ''])
    const { rested, changed, turns } = JSON.parse(stdout)
    return { on: rested.on, rested: rested.ids.toSorted(), changed, turns: turns.map(turnOf) }
  } finally {
    vi.useRealTimers()
  }
}
type Turn = {
  ids: string[]
  before: { outcome: string }
  after: { outcome: string }
  aspect: string
}
const turnOf = ({ ids, before, after, aspect }: Turn) => [
  ...[ids, before.outcome, after.outcome, aspect],
]

const directive = newestOwn('eu/exchange')
const corrected = directive.next.path
const next = 'eu/exchange/2026-12-03.json'
const narrow = newestOwn('gb/assistance')
const wider = narrow.next.path
type Asked = Awaited<ReturnType<typeof ask>>
const said = new Map<string, Asked>()
const id = (name: string): string => said.get(name)?.id ?? ''

beforeAll(async () => {
  audited = await startAudited({ now: '2026-12-01T09:00:00.000Z' })
  const { store, clock } = audited
  first = opened(lawToRun(folder))
  const floor = stateLaw(emptyTip, clock.now.toISOString(), floorOf(first.set), releaseKeys)
  await stateInLawChain(store.client, store.tables.register, floor)
  await audited.putRecord('DE-POL', personOf('R-1', [itemOf('name')]))
  gateway = await start(first)
  const keep = async (name: string, at: string, purpose: AccessRequest['purpose']) =>
    said.set(name, await ask(at, purpose))
  await keep('investigated', '2026-12-01T10:00:00Z', 'investigation')
  await keep('detected', '2026-12-01T10:01:00Z', 'detection')
  await keep('punished', '2026-12-01T10:02:00Z', 'execution-of-penalty')
  await keep('prevented', '2026-12-01T10:03:00Z', 'prevention')
  // A correction, counting from its first day on, known from today: nothing is told to detect offences.
  sealLike(directive.path, corrected, '2026-12-02T10:00:00Z', ({ rules }) => {
    const serious = rules.find((each) => each.id === 'seriousness')
    if (serious === undefined) throw new Error('there is no such rule')
    serious.when = { or: [serious.when, { '===': [{ var: 'request.purpose' }, 'detection'] }] }
  })
  gateway = await start(opened(lawToRun(folder)))
  await keep('detected once corrected', '2026-12-02T11:00:00Z', 'detection')
  await keep('investigated once corrected', '2026-12-02T11:01:00Z', 'investigation')
  // In Brussels it is half past eleven, and an hour later the day on which the next version starts.
  await keep('on its eve', '2026-12-02T22:30:00Z', 'investigation')
  await keep('on its day', '2026-12-02T23:30:00Z', 'investigation')
  // A version sealed twelve hours after its first day began: nothing is told to investigate.
  sealLike(corrected, next, '2026-12-03T12:00:00Z', ({ rules }) => {
    const serious = rules.find((each) => each.id === 'seriousness')
    if (serious === undefined) throw new Error('there is no such rule')
    serious.when = { or: [serious.when, { '===': [{ var: 'request.purpose' }, 'investigation'] }] }
  })
  // And a limit that spoke of one holder alone speaks of all, of those who prevent offences.
  sealLike(narrow.path, wider, '2026-12-03T12:00:00Z', (law) => {
    law.applies.when = true
    const [rule] = law.rules
    if (rule === undefined) throw new Error('there is no rule')
    const when = { '===': [{ var: 'request.purpose' }, 'prevention'] }
    law.rules = [{ ...rule, when, then: { effect: 'deny', code: 'purpose' } }]
  })
  gateway = await start(opened(lawToRun(folder)))
  await keep('once sealed', '2026-12-03T13:00:00Z', 'investigation')
})

test('each request is answered by the version that was known then and whose day it was', () => {
  const told = Object.fromEntries(
    [...said].map(([name, { outcome, on, codes }]) => [name, [outcome, on, ...new Set(codes)]]),
  )
  const permitted = 'police-cooperation'
  expect(told).toEqual({
    investigated: ['release', directive.version, permitted],
    detected: ['release', directive.version, permitted],
    punished: ['deny', undefined, expect.any(String)],
    prevented: ['release', directive.version, permitted],
    'detected once corrected': ['deny', directive.next.version, 'seriousness'],
    'investigated once corrected': ['release', directive.next.version, permitted],
    'on its eve': ['release', directive.next.version, permitted],
    'on its day': ['release', directive.next.version, permitted],
    'once sealed': ['deny', '2026-12-03', 'seriousness'],
  })
})

describe('affected', () => {
  test('names of a correction what rested on what it corrects, and turns the one that it would refuse', async () => {
    expect(await affectedBy(corrected)).toEqual({
      on: [directive.name],
      rested: ['investigated', 'detected', 'prevented'].map(id).toSorted(),
      changed: 1,
      turns: [[[id('detected')], 'release', 'deny', 'outcome']],
    })
  })

  test('names of a version sealed late what was decided from its first day on, where its law is made', async () => {
    expect(await affectedBy(next)).toEqual({
      on: [directive.next.name],
      rested: [id('on its day')],
      changed: 1,
      turns: [[[id('on its day')], 'release', 'deny', 'outcome']],
    })
  })

  test('names of a limit that speaks of more than before what it would refuse, and that rested on none of it', async () => {
    expect(await affectedBy(wider)).toEqual({
      ...{ on: [], rested: [], changed: 1 },
      turns: [[[id('prevented')], 'release', 'deny', 'outcome']],
    })
  })
})

// Promise: what is corrected later changes no decision that was made.
test('every decision is decided again as it was, by the law as it was known then', async () => {
  const body = { purpose: 'lawfulness', entries: [...said.keys()].map(id) }
  const call = { method: 'POST', path: '/v1/replays', body }
  const response = await (await audited.prepareAudit('DE-DPA', call, gateway.audit))()
  expect(await bodyOf(response)).toMatchObject({
    ...{ same: said.size, erased: 0, notDecisions: 0, differs: [], unknown: [] },
  })
})

// Kills: what newer law decided, told as decided otherwise by whoever has not that law (replay.ts, `lawOf`).
test('of a decision by newer law a gateway with older law says that it cannot know', async () => {
  const body = { purpose: 'lawfulness', entries: [id('investigated'), id('once sealed')] }
  const call = { method: 'POST', path: '/v1/replays', body }
  const older = await start(first)
  const response = await (await audited.prepareAudit('DE-DPA', call, older.audit))()
  const why = expect.stringMatching(/^seal \d+ of `\w+`, which its set has, is not here: start a/)
  expect(await bodyOf(response)).toMatchObject({
    ...{ same: 1, differs: [], unknown: [{ id: id('once sealed'), index: null, why }] },
  })
})
