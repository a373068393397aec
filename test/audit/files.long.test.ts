/** Files, as auditors, courts and the person see them: by whom they were had, what proves it, and what an erasure leaves. */

import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { identifierOf } from '../../functions/decision/record.ts'
import { entryId } from '../../functions/ledger/entry.ts'
import { itemOf, personOf, requestOfMember, subjectsOf } from '../answer/people.ts'
import { picture, secrets, telling, withSegments } from '../picture/pictures.ts'
import { startSecond } from '../proof/second.ts'
import { answered, done, freshJti, problemOf } from '../world.ts'
import { type Evidencing, filesOf, jsonIn, manifestOf, startEvidencing } from './evidencing.ts'

let at: Evidencing
let second: ReturnType<typeof startSecond<{ findings: readonly { file: string | null }[] }>>
beforeAll(async () => {
  second = startSecond('verify_evidence.py')
  at = await startEvidencing()
})
afterAll(async () => {
  await second.stop()
  await at.stop()
})

const face = { element: 'nc:PersonDigitalImage', value: { type: 'image/jpeg' } } as const
/** A photograph that says where it was taken goes in, and is fetched twice. */
async function fetchedTwice(record: string) {
  const sent = freshJti()
  await at.putRecord(
    'DE-POL',
    personOf(record, [itemOf('name'), itemOf('name', { id: 'face', ...face })]),
  )
  await done(
    await at.call('DE-POL', {
      ...{ method: 'PUT', path: `/v1/records/${record}/files/face`, jti: sent },
      ...{ body: withSegments(picture('baseline'), ...telling()) },
      headers: { 'content-type': 'image/jpeg' },
    }),
  )
  const body = requestOfMember({ subject: { recordId: record }, caseReference: `CASE-${record}` })
  const { id } = await answered(await at.ask('FR-SPOC', 'officer-7', body))
  const path = `/v1/access-requests/${id}/files/face`
  const fetch = (jti = freshJti()) => at.call('FR-SPOC', { path, officer: 'officer-7', jti })
  const jtis = [freshJti(), freshJti()]
  for (const jti of jtis) {
    const bytes = Buffer.from(await (await fetch(jti)).arrayBuffer())
    expect(bytes).toEqual(picture('baseline'))
    for (const secret of secrets) expect(bytes.includes(secret, 0, 'latin1')).toBe(false)
  }
  await at.sealLogs()
  const eids = [entryId('DE-POL', sent), ...jtis.map((jti) => entryId('FR-SPOC', jti))]
  return { id, eids, fetch }
}
/** Every row of the contents of a record. */
const contentsOf = async (record: string) => {
  const under = at.store.rows.records.all
  const own = await under(`F#DE-POL#${record}`)
  const digests = new Set(own.map(({ sk }) => sk?.S?.slice(0, 43)))
  const parts = await Promise.all([...digests].map((each) => under(`F#DE-POL#${record}#${each}`)))
  return [...own, ...parts.flat()]
}

describe('Whoever had a photograph', () => {
  test('is in the log of the holder each time, under the person and the case, which both sides find', async () => {
    const { eids } = await fetchedTwice('R-1')
    const [, ...fetches] = eids
    const list = async (office: string, query: string) => {
      const path = `/v1/decisions?purpose=lawfulness&kind=file&limit=50&${query}`
      const response = await at.callAudit(office, { path })
      return (await response.text()).match(/[A-Za-z0-9_-]{43}/g) ?? []
    }
    const person = at.world.secrets.pseudonym('DE', identifierOf({ recordId: 'R-1' }))
    expect(await list('DE-DPA', `subject=${person}`)).toEqual(expect.arrayContaining(fetches))
    const inCase = at.caseOf('FR', 'FR-SPOC', 'CASE-R-1')
    expect(await list('FR-DPA', `case=${inCase}`)).toEqual(expect.arrayContaining(fetches))
  })

  // Kills: evidence of a file's call that no verifier can read, or in whose place anything is read.
  test('is proved to a court, by both verifiers; bytes put in the place of those that nobody keeps are found', async () => {
    const { id, eids } = await fetchedTwice('R-2')
    const entries = [id, ...eids]
    const zip = await at.evidence({ entries, purpose: 'criminal-proceedings' })
    const verdict = async (bytes: Uint8Array) => {
      const { findings } = await at.check(bytes)
      const asked = { zip: Buffer.from(bytes).toString('base64'), key: at.fingerprint }
      const theirs = (await second.ask(asked)).findings
      expect(theirs.map(({ file }) => file)).toEqual(findings.map(({ file }) => file))
      return findings
    }
    expect(await verdict(zip)).toEqual([])
    expect(
      manifestOf(zip)
        .entries.map(({ eid }) => eid)
        .sort(),
    ).toEqual([...entries].sort())
    const file = `entries/${eids[0]}.json`
    expect(jsonIn(zip, file)).toMatchObject({ evidence: { body: '' } })
    for (const bytes of filesOf(zip).values())
      expect(Buffer.from(bytes).includes(picture('baseline').subarray(30, 80))).toBe(false)
    const forged = await at.forge(zip, (files, manifest) => {
      const entry = jsonIn(zip, file)
      const text = JSON.stringify({ ...entry, evidence: { ...entry.evidence, body: 'x' } })
      files.set(file, Buffer.from(text))
      return manifest
    })
    expect((await verdict(forged)).map((each) => each.file)).toContain(file)
  })
})

describe('A person whose data are erased', () => {
  // Kills: a photograph that outlives the person's erasure in the table, or comes back with a copy of it.
  test('leaves no photograph that can be read, neither in the table nor in a copy of it', async () => {
    const { id, fetch } = await fetchedTwice('R-3')
    const copy = await contentsOf('R-3')
    expect(copy).toHaveLength(3)
    const [{ kid = '' } = {}] = await at.world.files.list('DE-POL', 'R-3')
    expect(await at.world.subjectKeys.open(kid)).toBeDefined()
    const subjects = [at.pseudonym(subjectsOf('R-3').recordId)]
    const { says } = await at.act({ act: 'erase', subjects })
    expect(says).toContain(
      'If the record has files, their contents were destroyed with these keys.',
    )
    expect(await at.world.subjectKeys.open(kid)).toBeUndefined()
    // To whoever asked it is as if there had been none, since what it was told is erased, too.
    expect((await problemOf(await fetch())).code).toBe('not-found')
    for (const Item of copy) await at.store.rows.records.put(Item)
    const body = requestOfMember({ subject: { recordId: 'R-3' }, caseReference: 'CASE-AGAIN' })
    const again = await answered(await at.ask('FR-SPOC', 'officer-7', body))
    expect(again.id).not.toBe(id)
    const path = `/v1/access-requests/${again.id}/files/face`
    const gone = await problemOf(await at.call('FR-SPOC', { path, officer: 'officer-7' }))
    expect(gone).toMatchObject({ status: 410, code: 'file-gone' })
  })

  test('or whose record is, leaves no row of it, and a copy opens by no key', async () => {
    await fetchedTwice('R-4')
    const [{ kid = '' } = {}] = await at.world.files.list('DE-POL', 'R-4')
    await done(await at.call('DE-POL', { method: 'DELETE', path: '/v1/records/R-4' }))
    expect(await contentsOf('R-4')).toEqual([])
    expect(await at.world.subjectKeys.open(kid)).toBeUndefined()
  })

  // Kills: a hold or a restriction that stops at the entries.
  test('and one whose data are restricted or held: the photograph with them, until that is lifted', async () => {
    const { fetch } = await fetchedTwice('R-5')
    const subjects = [at.pseudonym(subjectsOf('R-5').recordId)]
    const { id: ends } = await at.act({ act: 'restrict', subjects })
    expect((await problemOf(await fetch())).code).toBe('record-changed')
    await at.act({ act: 'lift', ends })
    expect((await fetch()).status).toBe(200)
    const { id: hold } = await at.act({ act: 'hold', subjects })
    const [{ kid = '' } = {}] = await at.world.files.list('DE-POL', 'R-5')
    expect(await at.world.subjectKeys.shred(kid)).toBe('held')
    await at.act({ act: 'lift', ends: hold })
    expect((await fetch()).status).toBe(200)
  })
})
