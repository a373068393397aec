/** The desk as two people sign a draft on it by certificates, each in a program of their own. */

import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { readPolicies } from '../../../functions/adapters/policies-files.ts'
import { copyOfPolicies, removeCopies } from '../../cli/in-process.ts'
import { makeSigner } from '../../policy/signer.ts'
import { atDesk, today } from './browser.ts'

const folder = copyOfPolicies('own')
afterAll(removeCopies)
const desk = atDesk(folder)
const read = (path: string) => readFileSync(join(folder, path), 'utf8')

const draft = 'gb/assistance/2017-01-01.r2'
const erika = makeSigner('Erika Muster', 'P-384')
const max = makeSigner('Max Muster', 'RSA')
beforeAll(async () => {
  const of = { folders: ['gb'] }
  const added = [
    { kid: 'erika', name: 'Erika Muster', role: 'legal', ...of, certificate: erika.certificate },
    { kid: 'max', name: 'M. Muster', role: 'data-protection', ...of, certificate: max.certificate },
  ]
  const sealers = [...JSON.parse(read('sealers.json')), ...added]
  writeFileSync(join(folder, 'sealers.json'), JSON.stringify(sealers))
  const from = { of: 'gb/assistance/2017-01-01.json', kind: 'correction', day: '' }
  await desk.post('/draft', { ...from, change: 'It is called otherwise.' })
  const text = read(`${draft}.json`).replace('"title": "', '"title": "Corrected: ')
  writeFileSync(join(folder, `${draft}.json`), text)
})

const page = () => desk.get(`/sign?file=${draft}.json`)
const fieldsOf = async (change: Readonly<Record<string, string>> = {}) => {
  const digest = /name="digest" value="([^"]+)"/.exec((await page()).html)?.[1] ?? ''
  return { file: `${draft}.json`, digest, version: '2017-01-01.r2', ...change }
}
/** What somebody downloads to sign it. */
const download = async (change: Readonly<Record<string, string>> = {}) =>
  desk.send('/sign/statement', await fieldsOf(change), {})
const attach = async (
  statement: string,
  cms: Uint8Array,
  change: Readonly<Record<string, string>> = {},
) => desk.send('/sign/attach', await fieldsOf(change), { statement, cms: Uint8Array.from(cms) })

const why = { why: 'A slip is corrected.' }
const at = `${today}T12:01:00Z`
const sealedAt = () =>
  readPolicies(folder).book.policies.find(
    ({ id, version }) => id === 'gb/assistance' && version === '2017-01-01.r2',
  )?.sealedAt

test('what is downloaded says what is sealed and why, and is written nowhere', async () => {
  const before = read('gb/seals.json')
  const { status, html, headers } = await download(why)
  expect(status).toBe(200)
  expect(headers.get('Content-Disposition')).toBe(
    'attachment; filename="seal-gb-assistance-2017-01-01.r2.txt"',
  )
  const { digest } = await fieldsOf()
  expect(JSON.parse(html)).toMatchObject({
    chain: 'seals/gb',
    statedAt: `${today}T12:00:00.000Z`,
    body: { act: 'seal', path: `${draft}.json`, sha256: digest, ...why },
  })
  expect(read('gb/seals.json')).toBe(before)
  const unsaid = await download()
  expect([unsaid.status, unsaid.text]).toEqual([422, expect.stringContaining('a full sentence')])
}, 120_000)

// Kills: a text, a signer, a time or a version that is not compared; a statement that may be edited.
test('nothing is attached that is another text’s, another person’s, or of another time', async () => {
  const before = read('gb/seals.json')
  const { html: statement } = await download(why)
  const edited = statement.replace('A slip', 'Another slip')
  const elsewhere = statement.replace('gb/assistance', 'gb/dpa')
  const good = erika.sign(statement, at)
  const stranger = makeSigner('Erika Muster').sign(statement, at)
  const refused = {
    'signs another text': await attach(statement, erika.sign(edited, at)),
    'by another certificate': await attach(statement, stranger),
    'the key of its certificate did not sign this': await attach(
      statement,
      erika.sign(statement, at, { by: max.pair }),
    ),
    'a digest of SHA-1': await attach(statement, erika.sign(statement, at, { digest: 'sha1' })),
    'before what it signs was written': await attach(
      statement,
      erika.sign(statement, `${today}T11:59:00Z`),
    ),
    'later than this machine’s clock': await attach(
      statement,
      erika.sign(statement, `${today}T12:06:00Z`),
    ),
    'no signature in CMS': await attach(statement, Buffer.from('a signature')),
    'choose the signature': await attach(statement, new Uint8Array()),
    'byte for byte': await attach(`${statement}\n`, good),
    'on another file': await attach(elsewhere, erika.sign(elsewhere, at)),
    'the statement that was signed': await desk.send('/sign/attach', await fieldsOf(), {
      cms: Uint8Array.from(good),
    }),
    'type `2017-01-01.r2` to sign it': await attach(statement, good, { version: '2017-01-01' }),
    'since it was shown': await attach(statement, good, { digest: 'a'.repeat(64) }),
  }
  for (const [says, { status, text }] of Object.entries(refused))
    expect([status, text], says).toEqual([422, expect.stringContaining(says)])
  expect(read('gb/seals.json')).toBe(before)
}, 120_000)

test('one person’s certificate waits for the other’s, and the page says whose each is', async () => {
  const { html: statement } = await download(why)
  const first = await attach(statement, erika.sign(statement, at))
  expect(first.text).toContain('waits for data protection')
  expect(first.text).toContain(
    `Signed by Erika Muster, legal, ${today} 12:01:00 UTC , by the certificate of “Erika Muster”, issued by “Invented Trust” It waits`,
  )
  expect(sealedAt()).toBeUndefined()
  const again = await attach(statement, erika.sign(statement, at))
  expect([again.status, again.text]).toEqual([422, expect.stringContaining('has signed')])

  // The other signs the same text, which the folder has by now.
  const { html: same } = await download()
  expect(same).toBe(statement)
  const second = await desk.send('/sign/attach', await fieldsOf(), {
    // His program writes attributes in another order than it signs them.
    cms: Uint8Array.from(max.sign(same, `${today}T12:02:00Z`, { unsorted: true })),
  })
  expect(second.text).toContain(`sealed ${draft}.json`)
  expect(second.text).toContain('M. Muster, data protection')
  expect(sealedAt()).toBe(`${today}T12:02:00Z`)
}, 120_000)
