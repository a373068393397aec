/** The desk as two people sign a draft on it. */

import { generateKeyPairSync } from 'node:crypto'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { readPolicies } from '../../../functions/adapters/policies-files.ts'
import { copyOfPolicies, removeCopies } from '../../cli/in-process.ts'
import { atDesk, today } from './browser.ts'

const folder = copyOfPolicies('own')
afterAll(removeCopies)
const desk = atDesk(folder)
const read = (path: string) => readFileSync(join(folder, path), 'utf8')
const keyOf = (name: string) => read(`demonstration-keys/${name}.json`)

const draft = 'gb/assistance/2017-01-01.r2'
beforeAll(async () => {
  const of = { of: 'gb/assistance/2017-01-01.json', kind: 'correction', day: '' }
  const { status } = await desk.post('/draft', { ...of, change: 'It is called otherwise.' })
  expect(status).toBe(303)
  const text = read(`${draft}.json`).replace('"title": "', '"title": "Corrected: ')
  writeFileSync(join(folder, `${draft}.json`), text)
})

const digest = async () =>
  /name="digest" value="([^"]+)"/.exec((await desk.get(`/sign?file=${draft}.json`)).html)?.[1] ?? ''

/** Signs as a browser does, with a file. */
async function sign(key: string, change: Readonly<Record<string, string>> = {}) {
  const of = { file: `${draft}.json`, digest: await digest(), version: '2017-01-01.r2', why: '' }
  return desk.send('/sign', { ...of, ...change }, { key })
}

const sealedAt = () =>
  readPolicies(folder).book.policies.find(
    ({ id, version }) => id === 'gb/assistance' && version === '2017-01-01.r2',
  )?.sealedAt

// Kills: a digest that is not compared; a version that is not typed; a key that is taken by its name alone.
test('nothing is signed that was not shown, or by a key that may not', async () => {
  const before = read('gb/seals.json')
  const legal = keyOf('legal')
  const why = { why: 'A slip is corrected.' }
  const { d, x } = generateKeyPairSync('ed25519').privateKey.export({ format: 'jwk' })
  const forged = JSON.parse(legal)
  forged.jwk = { ...forged.jwk, d, x }
  const refused = {
    'since it was shown': await sign(legal, { ...why, digest: 'a'.repeat(64) }),
    'type `2017-01-01.r2` to sign it': await sign(legal, { ...why, version: '2017-01-01' }),
    'holds no key': await sign('{"kid": "me"}', why),
    'names another key as': await sign(JSON.stringify(forged), why),
    'names no key': await sign(JSON.stringify({ ...forged, kid: 'nobody' }), why),
    'a full sentence': await sign(legal),
  }
  for (const [says, { status, text, html }] of Object.entries(refused)) {
    expect([status, text], says).toEqual([422, expect.stringContaining(says)])
    expect(html, says).not.toContain(d)
    expect(html, says).not.toContain(JSON.parse(legal).jwk.d)
  }
  expect(read('gb/seals.json')).toBe(before)
}, 120_000)

test('one person’s signature waits, and only the other person’s makes it count', async () => {
  const first = await sign(keyOf('legal'), { why: 'A slip is corrected.' })
  expect(first.text).toMatch(/signed gb\/assistance\/2017-01-01\.r2\.json: .* waits for/)
  const [legal, other] = JSON.parse(read('sealers.json'))
  expect(first.text).toContain(
    `Signed by ${legal.name}, legal, ${today} 12:00:00 UTC It waits for data protection. Why A slip`,
  )
  expect(first.html).not.toContain(JSON.parse(keyOf('legal')).jwk.d)
  expect(sealedAt()).toBeUndefined()

  const again = await sign(keyOf('legal'))
  expect([again.status, again.text]).toEqual([422, expect.stringContaining('has signed')])
  expect(sealedAt()).toBeUndefined()

  const second = await sign(keyOf('data-protection'))
  expect(second.text).toContain('sealed gb/assistance/2017-01-01.r2.json')
  for (const { name } of [legal, other]) expect(second.text).toContain(`${name}, `)
  expect(second.text).not.toContain('It waits for')
  expect(sealedAt()).toBe(`${today}T12:00:00.000Z`)
  const edited = await desk.get(`/edit?file=${draft}.json`)
  expect(edited.text).toContain('is sealed')
}, 120_000)
