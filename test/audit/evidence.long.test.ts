/** Evidence as auditors get it: what is in it, what is not, and that it is the same each time. */

import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { keyOfItem } from '../../functions/adapters/dynamodb.ts'
import { openAny } from '../../functions/answer/entries/reader.ts'
import { auditApi } from '../../functions/http/audit-api.ts'
import { entryId } from '../../functions/ledger/entry.ts'
import { itemOf, personOf, requestOf, requestOfMember, subjectsOf } from '../answer/people.ts'
import { answered, freshJti, problemOf } from '../world.ts'
import {
  type Evidencing,
  filesOf,
  jsonIn,
  manifestOf,
  startEvidencing,
  textIn,
} from './evidencing.ts'

let evidencing: Evidencing
beforeAll(async () => {
  evidencing = await startEvidencing()
})
afterAll(() => evidencing.stop())

let people = 0
/** A fresh person, asked for once by each of these ways, in one case, all of it sealed. */
async function asked(...ways: readonly (keyof ReturnType<typeof subjectsOf>)[]) {
  const id = `V-${++people}`
  const caseReference = `CASE <b>${id}</b>`
  await evidencing.putRecord('DE-POL', personOf(id, [itemOf('name'), itemOf('informant')]))
  const eids: string[] = []
  for (const way of ways) {
    const subject = subjectsOf(id)[way]
    const classes = ['identification', 'victim-witness'] as const
    const body = requestOfMember({ subject, caseReference, classes: [...classes] })
    eids.push((await answered(await evidencing.ask('FR-SPOC', 'officer-7', body))).id)
  }
  await evidencing.sealLogs()
  const subject = evidencing.pseudonym(subjectsOf(id).recordId)
  const ofCase = evidencing.caseOf('DE', 'FR-SPOC', caseReference)
  return { id, eids, subject, ofCase, family: `Beispiel ${id}` }
}

/** Everything in a bundle, as text. */
const whole = (zip: Uint8Array) => Buffer.from(zip).toString('utf8')
/** All but the law, which may name agencies. */
const withoutLaw = (zip: Uint8Array) =>
  [...filesOf(zip)]
    .filter(([path]) => !path.startsWith('policies/'))
    .map(([, bytes]) => Buffer.from(bytes).toString('utf8'))
    .join('\n')
const idsIn = (zip: Uint8Array) => manifestOf(zip).entries.map(({ eid }) => eid)

describe('Evidence', () => {
  test('of a person or a case has every entry about it, proved, signed and decided again', async () => {
    const { eids, subject, ofCase } = await asked('recordId', 'name')
    for (const of of [{ subject }, { case: ofCase }]) {
      const zip = await evidencing.evidence(of)
      expect(idsIn(zip).sort()).toEqual([...eids].sort())
      const { findings, entries, fingerprint } = await evidencing.check(zip)
      expect(findings).toEqual([])
      expect(fingerprint).toBe(evidencing.fingerprint)
      for (const each of entries)
        expect(each).toMatchObject({
          side: 'holder',
          isSigned: true,
          isDecidedAgain: true,
          cosigners: 2,
        })
    }
  })

  // Kills: a key of receipts as the key of evidence; a fingerprint that nobody publishes.
  test('is signed by the key that the gateway publishes, under the id that people compare', async () => {
    const response = await evidencing.audit.request('/.well-known/jwks.json')
    expect(response.status).toBe(404)
    const published = await evidencing.world.secrets.jwks.keys
    expect(published.find(({ alg }) => alg === 'EdDSA')?.kid).toBe(evidencing.fingerprint)
  })

  // Kills: what the register says of a key beyond what a verifier reads.
  test('of an agency with a compromised key is read as before, and the key is a revoked one', async () => {
    const { subject } = await asked('recordId')
    const agency = await evidencing.world.register.agency('FR-SPOC')
    const since = evidencing.clock.now.toISOString()
    const keys = (agency?.keys ?? []).map((key) => ({
      ...{ ...key, status: 'revoked' as const, compromisedSince: since },
    }))
    await evidencing.change('FR-SPOC', { keys })
    const zip = await evidencing.evidence({ subject })
    await evidencing.change('FR-SPOC', {})
    expect((await evidencing.check(zip)).findings).toEqual([])
    const listed = manifestOf(zip).keys.agencies.find(({ id }) => id === 'FR-SPOC')
    expect(new Set(listed?.keys.map(({ status }) => status))).toEqual(new Set(['revoked']))
  })

  // Kills: times, ids of the call or the newest checkpoint in the bundle; an order that is chance.
  test('has the same bytes each time, and later, as of the same checkpoints', async () => {
    const { id, subject, ofCase, eids } = await asked('document', 'recordId')
    const questions = [{ subject }, { case: ofCase }, { entries: eids }]
    const zips: Uint8Array[] = []
    for (const each of questions) zips.push(await evidencing.evidence(each))
    const [question = {}, zip] = [questions[0], zips[0]]
    expect(await evidencing.evidence(question)).toEqual(zip)
    const body = requestOfMember({
      subject: subjectsOf(id).recordId,
      caseReference: `CASE <b>${id}</b>`,
    })
    await answered(await evidencing.ask('FR-SPOC', 'officer-7', body))
    evidencing.clock.pass(60_000)
    await evidencing.sealLogs()
    expect(await evidencing.evidence(question)).not.toEqual(zip)
    for (const [i, made] of zips.entries()) {
      const notes = Object.entries(manifestOf(made).checkpoints)
      const at = Object.fromEntries(notes.map(([log, note]) => [log, Number(note.split('\n')[1])]))
      expect(await evidencing.evidence({ ...questions[i], at })).toEqual(made)
    }
  })

  // Kills: logs and entries in the order in which they were named.
  test('has the same bytes in whatever order entries of several logs are named', async () => {
    const { eids } = await asked('recordId')
    const body = requestOf({ holder: 'GB-POL' })
    const british = (await answered(await evidencing.ask('DE-POL', 'officer-7', body))).id
    await evidencing.sealLogs()
    const both = [...eids, british]
    const zip = await evidencing.evidence({ entries: both })
    const { entries, checkpoints } = manifestOf(zip)
    expect(entries.map(({ eid }) => eid)).toEqual(both)
    expect(Object.keys(checkpoints)).toEqual(['comity.test/de/2026', 'comity.test/gb/2026'])
    expect(await evidencing.evidence({ entries: both.reverse() })).toEqual(zip)
    const checked = await evidencing.check(zip)
    expect(checked.findings).toEqual([])
    expect(checked.entries.map(({ side }) => side)).toEqual(['holder', 'requester'])
  })

  test('tells a court in words who asked whom, what came of it and by which articles', async () => {
    const { ofCase, family } = await asked('name')
    const zip = await evidencing.evidence({ case: ofCase })
    const [page, text] = [textIn(zip, 'page.html'), whole(zip)]
    // Kills: the salt of what left shown to whoever audits, who could guess what left by it.
    expect(text).not.toContain('paySalt')
    for (const said of [
      'an engineering reading of the law, not legal advice',
      'Invented Single Point of Contact of France (<strong>FR-SPOC</strong>, officer officer-7) asked Invented Federal Police of Germany (<strong>DE-POL</strong>)',
      'It was told: <strong>Released</strong>',
      '<dt>identification data</dt><dd>something of it left</dd>',
      '<dt>data on a victim, witness or informant</dt><dd>nothing of it left</dd>',
      `German police, version of 2026-02-14: policies/de/police/2026-02-14.json`,
      'that the rules are a right reading of the law',
      'DE § 26(1)',
      'Decided in full, which the agency was not told',
      family,
      evidencing.fingerprint,
      'witness.example/one, witness.example/two',
    ])
      expect(page).toContain(said)
    // Kills: what nobody vouched for told as if an officer had.
    expect(page).toMatch(/<p>An officer had vouched that:<\/p>\n<ul.*<li>the risk of torture or/)
    // Kills: values put into the page as they are.
    expect(page).toContain('CASE &#60;b&#62;')
    expect(page).not.toContain('<b>')
    expect(page).not.toMatch(/<script|\son\w+=|https?:\/\/(?!gateway)|src=|url\(/)
  })

  // Kills: an answer that is sent although its entry could not be made.
  test('is an entry of the log before it is anybody’s', async () => {
    const { subject, eids } = await asked('recordId')
    const jti = freshJti()
    const response = await evidencing.post('/v1/evidence', { subject }, 'DE-DPA', jti)
    expect(response.status).toBe(200)
    expect(response.headers.get('content-type')).toBe('application/zip')
    const stored = await evidencing.world.ledger.read(evidencing.looks.at(-1) ?? '')
    const opened = stored && (await openAny(stored, evidencing.world))
    expect(Object(opened?.values).consultation).toMatchObject({
      purpose: 'lawfulness',
      question: { action: 'create-evidence', subject },
      shown: eids,
    })
    const { auditWorld: world } = evidencing
    const append = async () => ({ kind: 'unavailable', why: 'away' }) as const
    const away = auditApi({ ...world, ledger: { ...world.ledger, append } }, () => undefined)
    const call = { method: 'POST', path: '/v1/evidence', body: { purpose: 'lawfulness', subject } }
    const refused = await (await evidencing.prepareAudit('DE-DPA', call, away))()
    expect(await problemOf(refused)).toMatchObject({ status: 503, code: 'not-durable' })
  })

  // Kills: a verifier that knows a look by the id of a call, though several calls may make one.
  test('of a look holds, and shows who looked', async () => {
    const { eids } = await asked('recordId')
    await evidencing.evidence({ entries: eids })
    const look = evidencing.looks.at(-1) ?? ''
    await evidencing.sealLogs()
    const zip = await evidencing.evidence({ entries: [look] })
    const { findings, entries } = await evidencing.check(zip)
    expect(findings).toEqual([])
    expect(entries).toMatchObject([{ leaf: { eid: look, t: 'consultation' }, isSigned: true }])
  })

  // Kills: an entry that is not sealed taken in, or left out without a word.
  test('names what was asked for too early, and leaves it out', async () => {
    const { eids } = await asked('recordId')
    const early = await evidencing.askFor(subjectsOf(`V-${people}`).recordId)
    const zip = await evidencing.evidence({ entries: [...eids, early] })
    expect(idsIn(zip)).toEqual(eids)
    expect(manifestOf(zip).tooEarly).toEqual([early])
    expect(textIn(zip, 'page.html')).toContain(`Asked for too early, since the checkpoints`)
    expect((await evidencing.check(zip)).findings).toEqual([])
    await evidencing.sealLogs()
    expect(idsIn(await evidencing.evidence({ entries: [early] }))).toEqual([early])
  })

  test('is asked for one matter, and as of a checkpoint that there is', async () => {
    const { subject, eids } = await asked('recordId')
    const faults = async (body: object) =>
      (await problemOf(await evidencing.post('/v1/evidence', { ...body }))).errors
    const one = [{ pointer: '/entries', detail: 'ask for one of `case`, `subject` and `entries`' }]
    expect(await faults({})).toEqual(one)
    expect(await faults({ subject, entries: eids })).toEqual(one)
    const none = [{ pointer: '/at', detail: 'a log has no checkpoint of this size' }]
    expect(await faults({ subject, at: { 'comity.test/de/2026': 999_999 } })).toEqual(none)
    expect(await faults({ subject, at: { 'other.test/de/2026': 1 } })).toEqual(none)
  })

  // Kills: a size, guessed by whoever asked, that shows how often the holder’s officers looked.
  test('is of another state’s log of looks by no means, whatever its size', async () => {
    const { eids } = await asked('recordId')
    const looks = 'comity.test/de/looks-2026'
    const { size } = await evidencing.sealing.sealing.head(looks)
    const refused = async (body: object, office: string) =>
      problemOf(await evidencing.post('/v1/evidence', { ...body }, office))
    expect(size).toBeGreaterThan(0)
    const guessed = { [looks]: size }
    for (const of of [{ entries: eids }, { case: evidencing.caseOf('FR', 'FR-SPOC', 'any') }])
      expect(await refused({ ...of, at: guessed }, 'FR-DPA')).toEqual(
        await refused({ ...of, at: { [looks]: size + 1 } }, 'FR-DPA'),
      )
    // To the holder’s own auditors, it is a log like any.
    const own = await evidencing.evidence({ entries: eids, at: guessed })
    expect(Object.keys(manifestOf(own).checkpoints)).toEqual([looks])
  })
})

describe('Of the side of the requester, evidence', () => {
  // Kills: every opening shown to either side; `told` as a whole, which says what was held back.
  test('shows what its agency said and was told, and nothing that the holder knew', async () => {
    const { eids, ofCase: _, id } = await asked('name')
    const [eid = ''] = eids
    const { opened } = await evidencing.entry(eid)
    const zip = await evidencing.evidence({ entries: [eid] }, 'FR-DPA')
    const file = jsonIn(zip, `entries/${eid}.json`)
    expect(file.side).toBe('requester')
    expect(Object.keys(file.openings)).toEqual(['call', 'matter'])
    expect(file.reply).toEqual(opened.told.reply)
    expect(file.evidence.body).toContain(`Beispiel ${id}`)
    const text = withoutLaw(zip)
    // What was found, what officers attested, and the item that was kept back without a word.
    const secrets = [
      'InformantAssociation',
      'risk.torture',
      'What was known',
      'item.role',
      opened.told.paySalt,
    ]
    for (const each of [...secrets, opened.subject.asked, ...opened.subject.found.flat()])
      expect(text).not.toContain(each)
    expect(text).not.toContain('Decided in full')
    const { findings, entries } = await evidencing.check(zip)
    expect(findings).toEqual([])
    expect(entries).toMatchObject([{ side: 'requester', isSigned: true, isDecidedAgain: false }])
  })

  test('is found by its own case, under its own pseudonym, and claims nothing of others’ logs', async () => {
    const { eids, id } = await asked('recordId')
    const ofCase = evidencing.caseOf('FR', 'FR-SPOC', `CASE <b>${id}</b>`)
    const zip = await evidencing.evidence({ case: ofCase }, 'FR-DPA')
    expect(idsIn(zip)).toEqual(eids)
    expect((await evidencing.check(zip)).findings).toEqual([])
    // Kills: a claim of whole logs by whoever cannot open them.
    const { completeness, says } = manifestOf(zip)
    const said = says.join(' ')
    expect(said).toContain('Nothing is claimed of other entries of comity.test/de/2026')
    expect(said).not.toMatch(/No other entry of [^,]*comity\.test\/de/)
    const { examined = 0, tagged = 0 } = completeness ?? {}
    const hasLog = examined + tagged > 0
    expect(completeness?.claimed).toBe(hasLog)
  })

  // Kills: a claim of no other entry by an office that has no log to look through.
  test('claims nothing at all where its country has no log', async () => {
    const { id } = await asked('recordId')
    const body = requestOf({ subject: subjectsOf(id).recordId, caseReference: `US ${id}` })
    await answered(await evidencing.ask('US-POL', 'agent-12', body))
    await evidencing.sealLogs()
    const ofCase = evidencing.caseOf('US', 'US-POL', `US ${id}`)
    const { completeness, says, entries } = manifestOf(
      await evidencing.evidence({ case: ofCase }, 'US-OIG'),
    )
    expect(entries).toHaveLength(1)
    expect(completeness).toMatchObject({ claimed: false, examined: 0 })
    expect(says.join(' ')).toContain('Whether any other entry is about this case is not claimed.')
  })

  test('of an entry of two other countries is as of one that does not exist', async () => {
    const { eids } = await asked('recordId')
    for (const entries of [eids, [entryId('FR-SPOC', 'nothing')]])
      expect(
        await problemOf(await evidencing.post('/v1/evidence', { entries }, 'US-OIG')),
      ).toMatchObject({ status: 404, code: 'not-found', errors: [] })
  })

  test('is for auditors alone', async () => {
    const { eids } = await asked('recordId')
    for (const office of ['DE-POL', 'FR-SPOC', 'DE-DPO', 'DE-LEGAL'])
      expect(
        await problemOf(await evidencing.post('/v1/evidence', { entries: eids }, office)),
      ).toMatchObject({ status: 403, code: 'not-your-role' })
  })
})

describe('After an erasure', () => {
  // Kills: openings kept in a cache; a name in the page, the law or the manifest.
  test('old evidence holds, and new evidence has no personal part', async () => {
    const { id, eids, subject, ofCase, family } = await asked('recordId', 'name')
    const old = await evidencing.evidence({ entries: eids })
    expect(whole(old)).toContain(family)
    await evidencing.act({ act: 'erase', subjects: [subject] })
    await evidencing.sealLogs()

    const checked = await evidencing.check(old)
    expect(checked.findings).toEqual([])
    expect(checked.entries.map(({ isDecidedAgain }) => isDecidedAgain)).toEqual([true, true])

    for (const of of [{ entries: eids }, { subject }, { case: ofCase }]) {
      const zip = await evidencing.evidence(of)
      const text = withoutLaw(zip)
      for (const name of [family, id, 'officer-7', 'FR-SPOC', 'Anton'])
        expect(text, name).not.toContain(name)
      expect((await evidencing.check(zip)).findings).toEqual([])
    }
    const zip = await evidencing.evidence({ entries: eids })
    expect(jsonIn(zip, `entries/${eids[0]}.json`)).toEqual({
      v: 1,
      side: 'holder',
      closed: 'erased',
      leaf: expect.any(String),
      refs: { lists: expect.any(Array), pol: expect.any(Array) },
    })
    expect(textIn(zip, 'page.html')).toContain(
      '2 of them were erased: nobody can read them any more, and they are still proved.',
    )
  })

  // Kills: a claim although entries cannot be read; acts of erasure left out.
  test('no claim is made of what nobody can read, and the erasure itself is there', async () => {
    const { subject } = await asked('recordId')
    await evidencing.act({ act: 'erase', subjects: [subject] })
    await evidencing.sealLogs()
    const zip = await evidencing.evidence({ subject })
    const { completeness, says } = manifestOf(zip)
    expect(completeness).toMatchObject({ claimed: false, damaged: 0, notExamined: 0 })
    expect(completeness?.erased).toBeGreaterThanOrEqual(2)
    expect(says.join(' ')).toContain('Whether any other entry is about this person')
    const { entries } = await evidencing.check(zip)
    expect(entries.map(({ leaf }) => leaf.t)).toEqual(['erasure'])
  })

  // Kills: a court that judges the exchange itself, which is shown less than a criminal court.
  test.each(['criminal-proceedings', 'proceedings-on-lawfulness'] as const)(
    'what is restricted is shown for %s, with the salt of what left, and for nothing else',
    async (purpose) => {
      const { eids, subject } = await asked('recordId')
      await evidencing.act({ act: 'restrict', subjects: [subject] })
      const path = `entries/${eids[0]}.json`
      const closed = await evidencing.evidence({ entries: eids })
      expect(jsonIn(closed, path)).toMatchObject({ closed: 'restricted' })
      expect(jsonIn(closed, path)).not.toHaveProperty('openings')
      expect(textIn(closed, 'page.html')).toContain('<strong>restricted</strong>')
      const open = await evidencing.evidence({ entries: eids, purpose })
      expect(jsonIn(open, path)).not.toHaveProperty('closed')
      expect(jsonIn(open, path).openings.told.value.paySalt).toHaveLength(43)
      expect((await evidencing.check(open)).findings).toEqual([])
    },
  )
})

describe('That no other entry is about it', () => {
  test('is claimed of every entry, and says what was left out', async () => {
    const own = await startEvidencing()
    try {
      await own.keepPerson('R-1')
      await own.askFor(subjectsOf('R-1').recordId)
      const other = await own.askFor(subjectsOf('R-2').recordId)
      await own.sealLogs()
      const subject = own.pseudonym(subjectsOf('R-1').recordId)
      const zip = await own.evidence({ subject })
      // Eight attestations, each signed, a record kept, two requests.
      const all = {
        examined: 2,
        tagged: 17,
        erased: 0,
        damaged: 0,
        notExamined: 0,
        looks: 0,
        records: 1,
      }
      expect(manifestOf(zip).completeness).toEqual({ claimed: true, ...all })
      expect(manifestOf(zip).says.join(' ')).toContain(
        'No other entry of comity.test/de/2026, as far as that went then, is about this person, by the identifier that was given, but for 1 change of the record, left out here. 2 entries were opened and looked through. Of 17 others it is known by what this gateway noted when it sealed them, bound to their places in the log.',
      )
      // Kills: an entry that was changed counted as one that was read; a change that stops everything.
      await own.store.rows.decisions.update({ pk: { S: `D#${other}` } }, 'SET ev = :ev', {
        values: { ':ev': { B: new Uint8Array(60) } },
      })
      const { says: _, ...still } = manifestOf(await own.evidence({ subject }))
      expect(still.completeness).toEqual({ claimed: true, ...all })
      // Without what was noted of it, it has to be opened.
      const lookups = own.store.rows.lookups
      for (const item of await lookups.all('TAGS#comity.test/de/2026'))
        await lookups.remove(keyOfItem(item))
      const after = manifestOf(await own.evidence({ subject }))
      expect(after.completeness).toMatchObject({ claimed: false, examined: 18, damaged: 1 })
      expect(after.says.join(' ')).toContain('1 entry is not what was sealed.')
    } finally {
      await own.stop()
    }
  })
})

describe('Evidence of a hundred entries and one', () => {
  test('is refused beyond what one bundle holds, with a way to ask for less', async () => {
    const id = `V-${++people}`
    await evidencing.enter(101, id)
    await evidencing.sealLogs()
    const of = { case: evidencing.caseOf('DE', 'FR-SPOC', id) }
    const { code, errors } = await problemOf(await evidencing.post('/v1/evidence', of))
    expect(code).toBe('invalid-request')
    expect(errors).toEqual([
      {
        pointer: '/entries',
        detail:
          'it is too much for one bundle, 101 entries; ask for fewer than that, and at most 100, by their ids',
      },
    ])
  })
})
