/** `comity request send --many`, at a gateway that is busy, loses answers, and refuses whom it does not know. */

import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Command } from 'commander'
import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest'
import { addSending } from '../../functions/client/officers.ts'
import { generalAttestations } from '../../functions/demo/attestations.ts'
import { examples } from '../../functions/demo/demonstration.ts'
import { recordsOf } from '../../functions/demo/records.ts'
import { callAs } from '../../functions/demo/seed.ts'
import { run } from '../cli/in-process.ts'
import { writeProfile } from '../cli/profile.ts'
import { serving } from '../serving.ts'
import { done, freshJti, type Gateway, startGateway } from '../world.ts'

let gateway: Gateway
let server: Awaited<ReturnType<typeof serving>>
let data: string
let url: string
/** What the line between does to a call, by its number from 1; nothing unless a test says so. */
let line: (call: number) => 'busy' | 'lost' | undefined
/** The calls as they came, and what was answered. */
let calls: {
  readonly jti: string
  readonly status: number
  readonly id: string
  readonly at: number
}[]
beforeAll(async () => {
  // The commands sign for now; the gateway's clock stands still there.
  vi.useFakeTimers({ toFake: ['Date'], now: new Date('2026-11-25T09:00:00Z') })
  const answer = async (request: Request) => {
    const at = performance.now()
    const does = line(calls.length + 1)
    const [, claims = ''] = request.headers.get('authorization')?.split('.') ?? []
    const { jti } = JSON.parse(Buffer.from(claims, 'base64url').toString())
    const busy = new Response('{}', { status: 429, headers: { 'retry-after': '1' } })
    const response = does === 'busy' ? busy : await gateway.app.fetch(request)
    const { id = '' } = (await response.clone().json()) as { id?: string }
    calls.push({ jti, status: response.status, id, at })
    return does === 'lost' ? new Response('<html>', { status: 502 }) : response
  }
  server = await serving(answer)
  url = server.url
  gateway = await startGateway({ change: (world) => ({ ...world, origin: url }) })
  const { app, keys, clock } = gateway
  const made = async (agency: string, method: string, path: string, body?: unknown) => {
    const call = { method, path, body, jti: freshJti() }
    return done(await callAs(app, url, keys, agency, 'officer-1', call, clock.now))
  }
  for (const { id, ...body } of recordsOf('DE-POL').slice(0, 4))
    await made('DE-POL', 'PUT', `/v1/records/${id}`, body)
  const [from, until] = ['2026-11-25T00:00:00Z', '2026-12-25T00:00:00Z']
  for (const each of generalAttestations) {
    const { holder, scope } = each
    if (holder !== 'DE-POL' || scope.kind !== 'general' || scope.requester !== 'FR') continue
    const id = await made(holder, 'POST', '/v1/attestations', { ...each, from, until })
    await made('DE-DPO', 'POST', `/v1/attestations/${id}/signatures`)
  }
  data = mkdtempSync(join(tmpdir(), 'comity-many-'))
  // XX-POL has a key, which no register knows.
  const known = new Map([...keys, ['XX-POL', keys.get('DE-POL')]])
  writeProfile(data, url, known, [...known.keys()])
})
beforeEach(() => {
  line = () => undefined
  calls = []
})
afterAll(async () => {
  await server.close()
  await gateway.close()
  rmSync(data, { recursive: true })
  vi.useRealTimers()
})

const example = (file: string) => examples.find((each) => each.file === file)?.request
let files = 0
/** A file with a text, in a folder whose answers nobody has asked for. */
function fileOf(text: string): string {
  const file = join(data, `many-${++files}`)
  writeFileSync(file, text)
  return file
}
/** Requests of as many cases: every third is released in part, the others are released. */
const some = (count: number) =>
  Array.from({ length: count }, (_, i) => ({
    ...example(i % 3 === 2 ? 'redact.json' : 'release.json'),
    caseReference: `FR-${files}-${i}`,
  }))
const lines = (all: readonly object[]) => all.map((each) => JSON.stringify(each)).join('\n')

const send = async (file: string, more: readonly string[] = [], agency = 'FR-SPOC') => {
  const as = ['--as', agency, '--officer', 'officer-7']
  const ran = await run(
    (program: Command) =>
      addSending(program.command('request'), program.command('attestation'), { data, url }),
    '',
    ['request', 'send', '--many', file, ...as, ...more],
  )
  return { ...ran, summary: () => JSON.parse(ran.stdout) }
}
const idsOf = (summary: { readonly requests: readonly { readonly id?: string }[] }) =>
  summary.requests.map(({ id }) => id)

describe('An agency that asks for many subjects at once', () => {
  // Kills: a pause for the one call alone that was told to wait; an answer that is counted and not kept.
  test('gets each answer in a file of its own, and a summary without data', async () => {
    const file = fileOf(lines(some(6)))
    line = (call) => (call === 3 ? 'busy' : undefined)
    const { stdout, stderr, code } = await send(file, ['--at-once', '2'])
    expect([stderr, code]).toEqual(['', 0])
    expect(stdout).toMatch(/^ {3}1 {2}RELEASED {2}[A-Za-z0-9_-]{43}\n/)
    expect(stdout).toMatch(/\n {3}3 {2}RELEASED IN PART {2}\S{43}\n/)
    expect(stdout).toContain(
      '\n6 of 6 answered: 4 released, 2 released in part, 0 not decided yet, 0 denied.',
    )
    expect(stdout).not.toContain('Beispiel')
    const summary = JSON.parse(readFileSync(`${file}.answers/summary.json`, 'utf8'))
    for (const { id, file: answer } of summary.requests)
      expect(JSON.parse(readFileSync(answer, 'utf8'))).toMatchObject({
        id,
        receipt: expect.any(String),
      })
    const [first] = summary.requests
    expect(readFileSync(first.file, 'utf8')).toContain('Anton Beispiel')
    expect(statSync(first.file).mode & 0o777).toBe(0o600)
    expect(calls.filter(({ status }) => status === 201)).toHaveLength(6)
    // The other call that was under way may still come; then nobody calls for the second that was asked for.
    const told = calls.findIndex(({ status }) => status === 429)
    const waited = calls.slice(told + 2).map(({ at }) => at - (calls[told]?.at ?? 0))
    expect(Math.min(...waited)).toBeGreaterThan(950)
  })

  test('may send a JSON array, and reads the summary as JSON, with what is due', async () => {
    const denied = { ...example('redact.json'), caseReference: 'ES-MANY-DENIED' }
    const { summary, code } = await send(fileOf(JSON.stringify([denied])), ['--json'], 'ES-SPOC')
    expect(code).toBe(0)
    expect(summary()).toMatchObject({
      counts: { answered: 1, deniedOpen: 1, failed: 0, notAsked: 0 },
      requests: [
        // Directive (EU) 2023/977 art. 5: seven days, to the end of the last in Berlin.
        { number: 1, id: calls[0]?.id, standing: 'open', due: '2026-12-02T23:00:00.000Z' },
      ],
    })
  })

  // Kills: an id that is made anew for a retry, so that an answer that was lost is asked for twice.
  test('asks nothing twice when an answer is lost on the way', async () => {
    line = (call) => (call === 2 ? 'lost' : undefined)
    const { summary, code } = await send(fileOf(lines(some(4))), ['--json', '--at-once', '1'])
    expect(code).toBe(0)
    expect(summary().counts).toMatchObject({ answered: 4 })
    expect(calls.map(({ status }) => status)).toEqual([201, 201, 200, 201, 201])
    expect(calls[2]).toMatchObject({ jti: calls[1]?.jti, id: calls[1]?.id })
  })

  // Kills: an id that another run makes anew; an answer that is asked for although it is in its file.
  test('goes on where it was, with a new request, and one mended', async () => {
    const [one, two, three] = some(3)
    const file = fileOf(lines([one ?? {}, { ...two, holder: 'nobody' }]))
    const before = await send(file)
    expect(before.code).toBe(1)
    expect(before.stdout).toMatch(
      /\n {3}2 {2}failed\n {6}The request has faults \(invalid-request\)\n/,
    )
    expect(before.stdout).toContain('- /holder: ')
    expect(before.stdout).toMatch(/\n1 without an answer\. The same command again asks only those/)
    const [first] = calls.filter(({ status }) => status === 201)
    calls = []
    writeFileSync(file, lines([three ?? {}, one ?? {}, two ?? {}]))
    const after = await send(file, ['--json'])
    expect(after.code).toBe(0)
    expect(after.summary().counts).toMatchObject({ answered: 3 })
    expect(idsOf(after.summary())[1]).toBe(first?.id)
    expect(calls.map(({ status }) => status)).toEqual([201, 201])
    calls = []
    expect((await send(file, ['--json'])).summary()).toEqual(after.summary())
    expect(calls).toEqual([])
  })

  // Kills: two hundred calls of a caller whom the gateway does not know.
  test('is stopped at once if it may not ask, and says what was not asked', async () => {
    const file = fileOf(lines(some(9)))
    const { stdout, stderr, code } = await send(file, ['--at-once', '2'], 'XX-POL')
    expect(stderr).toMatch(/\(unauthorized\)\n/)
    expect(stdout).toContain('\n0 of 9 answered')
    expect(calls.length).toBeLessThanOrEqual(2)
    expect(code).toBe(1)
    const other = await send(file)
    expect(other.stderr).toContain('.answers has what officer-7 of XX-POL asked')
    expect(other.code).toBe(2)
  })

  test.each([
    ['{"holder": 1', ':1, not JSON'],
    ['{"a": 1}\n\n[1]', ':3: write a JSON array of requests, or one request on each line'],
    ['[1]', ': write a JSON array of requests'],
    ['{"a": 1}\n{"b": 2}\n{"a": 1}', ': request 3 is the same as request 1'],
    [`{"a": "${'x'.repeat(16 * 1024)}"}`, ': request 1 is larger than 16 KB'],
    ['[]', ': it has 0 requests; write 1 to 5000'],
    ['{"a": 1}\n'.repeat(5001), ': it has 5001 requests'],
  ])('is told what is wrong with the file before anything is asked: %#', async (text, says) => {
    const { stderr, code } = await send(fileOf(text))
    expect(stderr).toContain(says)
    expect([code, calls]).toEqual([2, []])
  })
})
