/**
 * A gateway that is killed while it answers: whatever was answered is in the ledger, and the holder is told of all
 * that left. The same is then
 * tried with a gateway that answers before it has written, to see that it would be noticed.
 *
 *     COMITY_KILLS=50 npm run test:long -- test/demo/kill     the full run: over 1,000 answers
 */

import { cpSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { isDeepStrictEqual } from 'node:util'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { eventsPageSchema } from '../../functions/answer/messages/events.ts'
import { examples } from '../../functions/demo/demonstration.ts'
import {
  copyOfProject,
  freePort,
  freshJti,
  type Local,
  removeFolders,
  startLocal,
  temporaryFolder,
} from './process.ts'

const kills = Number(process.env.COMITY_KILLS ?? 5)
const mutantKillsMax = 20
const clients = 16
/** Between so many answers a gateway lives, and at most so long after the last, ms. */
const answersMin = 24
const answersMax = 48
const delayMsMax = 4
/** How long everything may take to be sealed at last, ms. */
const sealedMsMax = 60_000

let seeded: string
beforeAll(async () => {
  seeded = join(temporaryFolder(), 'data')
  await (await startLocal({ data: seeded })).interrupt()
})
afterAll(removeFolders)

test(`whatever was answered is in the ledger, though the gateway is killed ${kills} times`, async () => {
  const { answered, lost, missing, contradicted, untold } = await killUnderLoad({ kills })
  expect(missing).toEqual([])
  expect(contradicted).toEqual([])
  expect(untold).toEqual([])
  // Were nothing in flight at the kills, they would show nothing.
  expect(lost).toBeGreaterThan(kills)
  expect(answered).toBeGreaterThanOrEqual(kills * answersMin)
}, 600_000)

test('a gateway that answers before its entry is durable is found out', async () => {
  const folder = copyOfProject()
  const file = join(folder, 'functions/answer/entries/writer.ts')
  const source = readFileSync(file, 'utf8')
  const durableFirst = '  return ledger.append(\n'
  const answerFirst =
    "  return ((entry) => (void ledger.append(entry), Promise.resolve({ kind: 'durable', entry })))(\n"
  expect(source.split(durableFirst)).toHaveLength(2)
  writeFileSync(file, source.replace(durableFirst, answerFirst))
  const { missing } = await killUnderLoad({ kills: mutantKillsMax, folder, untilMissing: true })
  expect(missing).not.toEqual([])
}, 600_000)

type Asked = {
  readonly agency: string
  readonly officer: string
  readonly body: unknown
  readonly jti: string
  answer?: Answer
}
type Answer = { readonly id: string } & Readonly<Record<string, unknown>>

/** Kills a gateway again and again while many ask it; after each, looks for all that it answered. */
async function killUnderLoad(options: {
  readonly kills: number
  readonly folder?: string
  readonly untilMissing?: boolean
}) {
  const data = join(temporaryFolder(), 'data')
  cpSync(seeded, data, { recursive: true })
  const { kills, folder, untilMissing = false } = options
  // The same port each time: a call is signed for one address, and so is its retry.
  const port = await freePort()
  const start = () => startLocal({ data, port, ...(folder && { folder }) })
  const all: Asked[] = []
  let answered = 0
  const missing: string[] = []
  const contradicted: string[] = []
  const told: Told = { ids: new Map(), after: undefined }
  let gateway = await start()
  for (let kill = 1; kill <= kills; kill++) {
    const asked = await askUntilKilled(gateway, kill)
    all.push(...asked)
    answered += asked.filter(({ answer }) => answer !== undefined).length
    gateway = await start()
    if (!untilMissing) await followOn(gateway, told)
    await inParallel(asked, async (each) => {
      const found = await standing(gateway, each)
      if (each.answer === undefined) contradicted.push(...(await askAgain(gateway, each, found)))
      else if (found === undefined) missing.push(each.answer.id)
      else if (!isSame(found, each.answer)) contradicted.push(each.answer.id)
    })
    if (untilMissing && missing.length > 0) break
  }
  if (!untilMissing)
    await inParallel(all, async (each) => {
      if ((await standing(gateway, each)) === undefined) missing.push(`${each.jti}, later`)
    })
  const untold = untilMissing ? [] : await leftUntold(gateway, all, told)
  await gateway.kill()
  return { answered, lost: all.length - answered, missing, contradicted, untold }
}

/** What the holder was told, each entry under every id that it had, and how far it has read. */
type Told = { readonly ids: Map<string, Set<string>>; after: string | undefined }

/** The holder reads its events on, whatever gateway answers. */
async function followOn(gateway: Local, told: Told): Promise<void> {
  for (let more = true; more; ) {
    const path = `/v1/events${told.after === undefined ? '' : `?after=${told.after}`}`
    const response = await gateway.send('DE-POL', 'officer-1', { path })
    const page = eventsPageSchema.parse(await response.json())
    for (const { kind, entry, id } of page.events)
      if (kind === 'disclosed')
        told.ids.set(entry, (told.ids.get(entry) ?? new Set<string>()).add(id))
    told.after = page.next
    more = page.more
  }
}

/** What left, and the holder was not told of it, or not always under one id, once all is sealed. */
async function leftUntold(
  gateway: Local,
  all: readonly Asked[],
  told: Told,
): Promise<readonly string[]> {
  const left = all.flatMap(({ answer }) => (answer?.outcome === 'deny' ? [] : (answer?.id ?? [])))
  const untold = () => left.filter((id) => told.ids.get(id)?.size !== 1)
  const until = performance.now() + sealedMsMax
  while (untold().length > 0 && performance.now() < until) {
    await new Promise((resolve) => setTimeout(resolve, 500))
    await followOn(gateway, told)
  }
  return untold()
}

/** Asks on many connections at once and kills the gateway in the middle of it. */
async function askUntilKilled(gateway: Local, kill: number): Promise<readonly Asked[]> {
  const all: Asked[] = []
  const answers = answersMin + Math.floor(Math.random() * (answersMax - answersMin))
  // At every other kill, at the very moment of an answer; else a little after it.
  const delayMs = kill % 2 === 0 ? Math.random() * delayMsMax : 0
  let answered = 0
  let killed: Promise<void> | undefined
  const client = async () => {
    while (killed === undefined) {
      const example = examples[all.length % examples.length]
      if (example === undefined) return
      const { agency, officer, request } = example
      const body = { ...request, caseReference: `CASE-${kill}-${all.length}` }
      const asked: Asked = { agency, officer, body, jti: freshJti() }
      all.push(asked)
      const answer = await ask(gateway, asked).catch(() => undefined)
      if (answer === undefined) continue
      asked.answer = answer
      answered += 1
      if (answered !== answers) continue
      if (delayMs > 0) await new Promise((resolve) => setTimeout(resolve, delayMs))
      killed = gateway.kill()
    }
  }
  await Promise.all(Array.from({ length: clients }, client))
  await killed
  return all
}

/** The answer, received in full; throws if there is none. */
async function ask(gateway: Local, { agency, officer, body, jti }: Asked): Promise<Answer> {
  const call = { method: 'POST', path: '/v1/access-requests', body, jti }
  const response = await gateway.send(agency, officer, call)
  const text = await response.text()
  if (response.status !== 200 && response.status !== 201) throw new Error(text)
  return JSON.parse(text) as Answer
}

/** The decision that stands for a call, by the id that was answered or else by the call's own. */
async function standing(gateway: Local, asked: Asked): Promise<Answer | undefined> {
  const { agency, officer, jti, answer } = asked
  const path = answer === undefined ? `?jti=${jti}` : `/${answer.id}`
  const response = await gateway.send(agency, officer, { path: `/v1/access-requests${path}` })
  const text = await response.text()
  if (response.status === 404) return undefined
  if (response.status !== 200) throw new Error(`answered ${response.status}: ${text}`)
  return JSON.parse(text) as Answer
}

/** A call that was never answered is asked again: it gets an answer, of the decision if one stood. */
async function askAgain(
  gateway: Local,
  asked: Asked,
  stood: Answer | undefined,
): Promise<readonly string[]> {
  asked.answer = await ask(gateway, asked)
  return stood === undefined || isSame(stood, asked.answer) ? [] : [asked.answer.id]
}

/** Whether a decision that stands is the one that was answered, in all that it says of it. */
function isSame(standing: Answer, answer: Answer): boolean {
  const { receipt: _, cured: __, ...decision } = standing
  return Object.entries(decision).every(([name, value]) => isDeepStrictEqual(value, answer[name]))
}

async function inParallel<T>(all: readonly T[], each: (one: T) => Promise<void>): Promise<void> {
  const left = [...all]
  const worker = async () => {
    for (let one = left.pop(); one !== undefined; one = left.pop()) await each(one)
  }
  await Promise.all(Array.from({ length: clients }, worker))
}
