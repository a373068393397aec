/** An act by a passkey, as anybody can check it later: both verifiers hold it to the register, and to what was signed. */

import { afterAll, beforeAll, expect, test } from 'vitest'
import { requestOf } from '../answer/people.ts'
import { type Evidencing, filesOf, manifestOf, startEvidencing } from '../audit/evidencing.ts'
import { removeFolders, temporaryFolder } from '../demo/process.ts'
import { enteredPasskey } from '../identity/entered-passkey.ts'
import { answered, done } from '../world.ts'
import { startSecond } from './second.ts'

let evidencing: Evidencing
let zip: Uint8Array
let act: string
let second: ReturnType<typeof startSecond<{ findings: readonly { file: string | null }[] }>>
beforeAll(async () => {
  second = startSecond('verify_evidence.py')
  evidencing = await startEvidencing()
  await evidencing.keepPerson('R-1')
  const call = await enteredPasskey(evidencing, 'DE-POL', 'officer-1', temporaryFolder())
  // Outside the Union it waits for an officer.
  const asks = requestOf({ holder: 'DE-POL' })
  const asked = await evidencing.ask('US-POL', 'officer-7', asks)
  const { id } = await answered(asked)
  const body = { what: 'refuse', text: 'This office will not say so.' }
  const path = `/v1/access-requests/${id}/responses`
  act = await done(await evidencing.app.request(...call('POST', path, body)))
  await evidencing.sealLogs()
  zip = await evidencing.evidence({ entries: [act] })
})
afterAll(async () => {
  await second.stop()
  await evidencing.stop()
  await removeFolders()
})

/** What both verifiers find wrong with a bundle, once they agree. */
async function filesNamed(bytes: Uint8Array): Promise<readonly (string | null)[]> {
  const { findings } = await evidencing.check(bytes)
  const asked = { zip: Buffer.from(bytes).toString('base64'), key: evidencing.fingerprint }
  const theirs = (await second.ask(asked)).findings.map(({ file }) => file)
  expect(theirs).toEqual(findings.map(({ file }) => file))
  return theirs
}

test('An act by a passkey stands in the log as its officer signed it, and both verifiers say so', async () => {
  const { keys } = manifestOf(zip).keys.agencies.find(({ id }) => id === 'DE-POL') ?? {}
  expect(keys?.some(({ passkey }) => passkey?.officer === 'officer-1')).toBe(true)
  expect(await filesNamed(zip)).toEqual([])
  const { opened } = await evidencing.entry(act)
  expect(opened.call).toMatchObject({ agency: 'DE-POL', officer: 'officer-1' })
  expect(opened.evidence.jws.split('.')).toHaveLength(3)
})

// Kills: an act of which only whoever showed it knows.
test('The agency of the officer is told of each act by a passkey, and nobody else is', async () => {
  const eventsOf = async (agency: string) => {
    const answer = await evidencing.call(agency, { path: '/v1/events' })
    const { events } = (await answer.json()) as { events: { entry: string; kind: string }[] }
    return events.filter(({ entry }) => entry === act)
  }
  expect(await eventsOf('DE-POL')).toMatchObject([
    { kind: 'acted-by-passkey', officer: 'officer-1' },
  ])
  expect((await eventsOf('US-POL')).map(({ kind }) => kind)).toEqual(['refused'])
})

type Listed = ReturnType<typeof manifestOf>['keys']['agencies'][number]['keys'][number]

function ofPasskey(changes: Partial<NonNullable<Listed['passkey']>>) {
  return ({ passkey, ...key }: Listed): Listed => ({
    ...key,
    passkey: passkey && { ...passkey, ...changes },
  })
}

// Kills, in both: origin, RP ID, officer, type of key, and the times of a passkey that are not compared.
test.each([
  ['of another site', ofPasskey({ origin: 'https://other.example' })],
  ['of another officer', ofPasskey({ officer: 'officer-2' })],
  ['that is said to be a key of the agency', ({ passkey: _, ...key }: Listed) => key],
  ['that was revoked before', (key: Listed) => ({ ...key, until: '2026-01-02T00:00:00Z' })],
  [
    'with another key',
    (key: Listed) => ({ ...key, jwk: { ...key.jwk, x: key.jwk.x.replace(/^./, 'B') } }),
  ],
] as const)('Both verifiers refuse an act by a passkey %s', async (_, change) => {
  const forged = await evidencing.forge(zip, (_, { keys }) => {
    for (const each of keys.agencies)
      each.keys = each.keys.map((key) => (key.passkey === undefined ? key : change(key)))
  })
  expect(await filesNamed(forged)).toEqual([`entries/${act}.json`])
})

// Kills, in both: a signature, a flag and a challenge that are not checked.
test.each(
  (['authenticatorData', 'clientDataJSON', 'signature'] as const).flatMap((member) => [
    ['one bit changed', member] as const,
    ['all but ten bytes cut off', member] as const,
  ]),
)('Both verifiers refuse an act with %s of %s', async (how, member) => {
  const path = `entries/${act}.json`
  const forged = await evidencing.forge(zip, (files) => {
    const entry = JSON.parse(Buffer.from(files.get(path) ?? []).toString())
    const [head, payload, part] = entry.evidence.jws.split('.')
    const made = JSON.parse(Buffer.from(part, 'base64url').toString())
    const bytes = Buffer.from(made[member], 'base64url')
    bytes[bytes.length - 2] = (bytes[bytes.length - 2] ?? 0) ^ 1
    made[member] = (how === 'one bit changed' ? bytes : bytes.subarray(0, 10)).toString('base64url')
    const changed = Buffer.from(JSON.stringify(made)).toString('base64url')
    entry.evidence.jws = `${head}.${payload}.${changed}`
    files.set(path, Buffer.from(JSON.stringify(entry)))
  })
  expect(filesOf(forged).has(path)).toBe(true)
  expect(await filesNamed(forged)).toContain(path)
})
