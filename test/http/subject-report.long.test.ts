/** What a person is told of the log, and what the authority alone is told. */

import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openAny } from '../../functions/answer/entries/reader.ts'
import { bothPartsSchema } from '../../functions/audit/subject-report.ts'
import { identifierOf, type Subject } from '../../functions/decision/record.ts'
import type { AccessRequest } from '../../functions/decision/request.ts'
import {
  attestAll,
  benign,
  benignOfMember,
  granted,
  itemOf,
  personOf,
  requestOfMember,
  subjectsOf,
} from '../answer/people.ts'
import { answered, freshJti, problemOf } from '../world.ts'
import { type Audited, bodyOf, idsOf, startAudited } from './audit-gateway.ts'

/** Of these the person knows: charges were brought. */
const known = { purpose: 'prosecution', stage: 'charged' } as const

/** Keys that are kept as evidence only. */
const restricted = new Set<string>()
let away = false
let audited: Audited
beforeAll(async () => {
  audited = await startAudited({
    change: (world) => ({
      ...world,
      subjectKeys: {
        ...world.subjectKeys,
        isRestricted: async (kid) => restricted.has(kid),
      },
      ledger: {
        append: async (entry) =>
          away ? { kind: 'unavailable', why: 'away' } : world.ledger.append(entry),
        read: (eid) => world.ledger.read(eid),
        readAll: (eids) => world.ledger.readAll(eids),
      },
    }),
  })
  await attestAll(audited, 'DE-POL', { kind: 'general', requester: 'FR' }, benignOfMember)
  await attestAll(audited, 'DE-POL', { kind: 'general', requester: 'GB' }, benign)
})
afterAll(() => audited.close())

let people = 0
/** A person with a record of these items, who is in no other test. */
async function person(items = [itemOf('name'), itemOf('address')]): Promise<string> {
  const id = `P-${++people}`
  await audited.putRecord('DE-POL', personOf(id, items))
  return id
}

/** Asks for a person by a document, and files the entry. */
async function ask(
  id: string,
  changes: Partial<AccessRequest> = {},
  agency = 'FR-SPOC',
): Promise<string> {
  audited.clock.pass(60_000)
  const request = requestOfMember({ subject: subjectsOf(id).document, ...known, ...changes })
  // What leaves the Union leaves by the decision of an officer.
  const answer =
    agency === 'GB-POL'
      ? await granted(audited, agency, { ...request, instrument: 'none' })
      : await answered(await audited.ask(agency, 'officer-1', request))
  await audited.fileAll([answer.id])
  return answer.id
}

const send = (
  office: string,
  subject: Subject,
  {
    purpose = 'lawfulness',
    jti = freshJti(),
    officer = 'auditor-1',
    ...more
  }: Record<string, unknown> = {},
) =>
  audited.callAudit(office, {
    method: 'POST',
    path: '/v1/subject-reports',
    body: { purpose, subject, ...more },
    jti: String(jti),
    officer: String(officer),
  })
const report = async (id: string, more = {}, office = 'DE-DPA') =>
  bothPartsSchema.parse(await bodyOf(await send(office, subjectsOf(id).document, more)))

describe('The person is told', () => {
  test('who asked whom and when, for what, by which law, what left and until when it is kept', async () => {
    const id = await person()
    const eid = await ask(id, { classes: ['identification', 'location'] })
    const { opened } = await audited.entry(eid)
    const { forTheSubject, forTheAuthority } = await report(id)
    const at = opened.told.reply.decidedAt.slice(11, 16)
    expect(forTheSubject.requests).toEqual([
      {
        says: [
          `On 2026-11-25 at ${at} (UTC) Invented Single Point of Contact of France asked Invented Federal Police of Germany about you, for prosecution: identification data; location data.`,
          'What was asked for was released.',
          'Released: identification data, as they are kept.',
          'Released: location data, as they are kept.',
          'Use the data as intelligence; use as evidence needs the consent of the holder state.',
          'This rests on what you stated: the purpose (prosecution). Use the data on no other footing, and tell the holder if it is not so.',
          'Use the data only for the stated purpose and case; any other use needs consent.',
        ],
        law: expect.arrayContaining([
          { cite: 'DE § 26(1)', confidence: 'V' },
          { cite: 'DE § 26(2)', confidence: 'V' },
        ]),
      },
    ])
    expect(forTheAuthority).toMatchObject({
      told: 1,
      leftOut: {},
      entries: [
        {
          id: eid,
          told: true,
          agency: 'FR-SPOC',
          officer: 'officer-1',
          classes: ['identification', 'location'],
          stage: 'charged',
          left: [
            { class: 'identification', treatment: 'release' },
            { class: 'location', treatment: 'release' },
          ],
        },
      ],
    })
  })

  test('never a value, a case or an officer', async () => {
    const id = await person()
    await ask(id, { classes: ['identification', 'location'], caseReference: 'CASE-77' })
    const { forTheSubject, forTheAuthority } = await report(id)
    for (const word of ['Anton', 'Altstadt', 'CASE-77', 'officer-1', id])
      expect(JSON.stringify(forTheSubject)).not.toContain(word)
    for (const word of ['Anton', 'Altstadt'])
      expect(JSON.stringify(forTheAuthority)).not.toContain(word)
  })

  test('that a dry run asked, and that nothing left', async () => {
    const id = await person()
    const hypothesis: NonNullable<AccessRequest['hypotheses']>[number] = {
      ...{ class: 'identification', role: 'suspect', minor: false, ageAtEvent: 35 },
      ...{ origin: 'holder', originConsent: 'own-data', system: 'national', quality: 'verified' },
      ...{ status: 'active', youthRecord: 'none', yearsSinceEvent: 1 },
    }
    const eid = await ask(id, { dryRun: true, hypotheses: [hypothesis] })
    expect((await audited.entry(eid)).opened.told.reply.outcome).toBe('release')
    const { forTheSubject } = await report(id)
    expect(forTheSubject.requests[0]?.says.slice(1)).toContain(
      'It only asked what the answer would be; nothing was looked up and nothing was released.',
    )
    expect(JSON.stringify(forTheSubject)).not.toContain('Released:')
  })

  // Kills: `requests` in the order of their ids.
  test('the oldest request first', async () => {
    const id = await person()
    for (let asked = 0; asked < 3; asked++) await ask(id)
    const said = (await report(id)).forTheSubject.requests.map(({ says }) => says[0])
    expect(said).toHaveLength(3)
    expect(said).toEqual([...said].sort())
  })
})

type Case = {
  readonly items?: Parameters<typeof person>[0]
  readonly changes?: Partial<AccessRequest>
  readonly agency?: string
  readonly vouch?: (id: string) => Promise<unknown>
  readonly keep?: (eid: string) => Promise<unknown>
}

/** What is not told, by the ground that the authority is given. */
const cases: Readonly<Record<string, readonly [ground: string, cite: string | undefined, Case]>> = {
  'what may be part of an open investigation': [
    'inquiry',
    'LED art. 15(1)(a)',
    { changes: { purpose: 'investigation', stage: 'suspect' } },
  ],
  'a prosecution before any charge': [
    'inquiry',
    'LED art. 15(1)(b)',
    { changes: { purpose: 'prosecution', stage: 'suspect' } },
  ],
  'a purpose that shows nothing': [
    'inquiry',
    'LED art. 15(1)(a)',
    { changes: { purpose: 'other', stage: 'charged' } },
  ],
  'what the requester was not told itself': [
    'untold',
    'LED art. 15(1)(b)',
    {
      items: [itemOf('name'), itemOf('informant', { class: 'identification' })],
    },
  ],
  'what shows that others are in the record': [
    'others',
    'LED art. 15(1)(e)',
    { items: [itemOf('name', { role: 'witness' })] },
  ],
  'that data on victims and witnesses was asked for': [
    'others',
    'LED art. 15(1)(e)',
    { changes: { classes: ['identification', 'victim-witness'] } },
  ],
  'what was marked, or to be kept confidential': [
    'confidential',
    'LED art. 15(1)(a)',
    { items: [itemOf('name', { handling: ['EU RESTRICTED'] })] },
  ],
  'what a channel marked': [
    'confidential',
    'LED art. 15(1)(b)',
    { changes: { channel: 'interpol' }, agency: 'GB-POL' },
  ],
  'what the holder found cause for concern in': [
    'concerns',
    'LED art. 15(1)(c)',
    {
      changes: { caseReference: 'WORRY' },
      vouch: async (id) => {
        const request = requestOfMember({
          subject: subjectsOf(id).document,
          ...known,
          caseReference: 'WORRY',
        })
        // Asked for, but not in the log yet that the report reads.
        const asked = await answered(await audited.ask('FR-SPOC', 'officer-1', request))
        const scope = { kind: 'case', requester: 'FR-SPOC', caseReference: 'WORRY' } as const
        return audited.attest('DE-POL', {
          holder: 'DE-POL',
          fact: 'transfer.caseCheck',
          value: 'concerns',
          scope: { ...scope, persons: [asked.id] },
        })
      },
    },
  ],
  'what is kept as evidence only': [
    'evidence',
    'LED art. 16(3)',
    {
      keep: async (eid) => restricted.add((await audited.entry(eid)).stored.kid),
    },
  ],
}

describe('The person is not told', () => {
  // Kills: each of the grounds left out; a count of them in the part for the person.
  test.each(Object.entries(cases))('%s, and the authority is told why', async (_, of) => {
    const [ground, cite, { items, changes, agency, vouch, keep }] = of
    const id = await person(items)
    const before = (await report(id)).forTheSubject
    await vouch?.(id)
    const eid = await ask(id, changes, agency)
    await keep?.(eid)
    const { forTheSubject, forTheAuthority } = await report(id)
    expect(forTheSubject).toEqual(before)
    expect(forTheSubject.requests).toEqual([])
    const entry = forTheAuthority.entries.find((each) => each.id === eid)
    expect(entry).toMatchObject({ told: false })
    const why = entry?.leftOut.find((each) => each.ground === ground)
    expect(entry?.leftOut.map((each) => each.ground)).toContain(ground)
    if (cite !== undefined) expect(why?.law.map((each) => each.cite)).toContain(cite)
    expect(forTheAuthority).toMatchObject({ told: 0, leftOut: { [ground]: 1 } })
  })

  test('whether there is anything: nothing at all gives the same answer, byte for byte', async () => {
    const id = await person()
    await ask(id, { purpose: 'investigation', stage: 'suspect' })
    const nobody = await report('NOBODY')
    expect(JSON.stringify((await report(id)).forTheSubject)).toBe(
      JSON.stringify(nobody.forTheSubject),
    )
    expect(nobody.forTheSubject.closing[0]).toMatchObject({
      says: [expect.stringContaining('neither confirms nor denies')],
      law: [
        { cite: 'LED art. 14', confidence: 'V' },
        { cite: 'LED art. 15(3)', confidence: 'M' },
      ],
    })
  })

  // Kills: any trace of what is left out beside what is told.
  test('that more was left out beside what is told', async () => {
    const id = await person()
    await ask(id)
    const before = (await report(id)).forTheSubject
    await ask(id, { purpose: 'investigation', stage: 'suspect' })
    await ask(id, { purpose: 'detection' })
    const after = await report(id)
    expect(after.forTheSubject).toEqual(before)
    expect(after.forTheAuthority).toMatchObject({ told: 1, leftOut: { inquiry: 2 } })
  })

  // Kills: telling what was asked by a name that two people have by now.
  test('what was asked by a name that several people have', async () => {
    const [one, other] = [await person(), await person()]
    const name = { given: 'Erika', family: 'Zwilling' }
    const call = (id: string) => ({ ...personOf(id, [itemOf('name')]), names: [name] })
    await audited.putRecord('DE-POL', call(one))
    const subject = { name, birthDate: '1979-03-14' }
    const eid = await ask(one, { subject })
    const byName = async () => bothPartsSchema.parse(await bodyOf(await send('DE-DPA', subject)))
    expect((await byName()).forTheSubject.requests).toHaveLength(1)
    await audited.putRecord('DE-POL', call(other))
    await ask(other)
    const { forTheSubject, forTheAuthority } = await byName()
    expect(forTheSubject.requests).toEqual([])
    expect(forTheAuthority.says[0]).toContain('fits several people')
    expect(forTheAuthority.entries).toMatchObject([{ id: eid, leftOut: [{ ground: 'identity' }] }])
    // By a document it is certain.
    expect((await report(one)).forTheSubject.requests).toHaveLength(1)
  })

  // Kills: taking whatever is kept under the same key for the same person's.
  test('what was asked about another person who has their name now', async () => {
    const [one, other] = [await person(), await person()]
    const name = { given: 'Erich', family: 'Erbe' }
    const subject = { name, birthDate: '1979-03-14' }
    await audited.putRecord('DE-POL', { ...personOf(one, [itemOf('name')]), names: [name] })
    await ask(one, { subject })
    await audited.putRecord('DE-POL', personOf(one, [itemOf('name')]))
    await audited.putRecord('DE-POL', { ...personOf(other, [itemOf('name')]), names: [name] })
    const theirs = await ask(other, { subject })
    const { forTheSubject, forTheAuthority } = await report(one)
    expect(forTheSubject.requests).toHaveLength(1)
    expect(forTheAuthority.leftOut).toEqual({ identity: 1 })
    expect(forTheAuthority.entries.find((each) => each.told === false)?.id).toBe(theirs)
  })

  // Kills: telling a search without a hit, which a hit that may not be told must be like.
  test('that somebody searched for them and found nothing', async () => {
    const eid = await ask('NEVER-SEEN')
    const { forTheSubject, forTheAuthority } = await report('NEVER-SEEN')
    expect(forTheSubject).toEqual((await report('NOBODY')).forTheSubject)
    expect(forTheAuthority.entries).toMatchObject([{ id: eid, leftOut: [{ ground: 'untold' }] }])
  })

  test('what the controller says would endanger the law’s aims, by its letter', async () => {
    const id = await person()
    const [eid, other] = [await ask(id), await ask(id)]
    const restrictions = [{ entry: eid, because: 'national-security' }]
    const { forTheSubject, forTheAuthority } = await report(id, { restrictions })
    expect(forTheSubject.requests).toHaveLength(1)
    expect(forTheAuthority.entries.find((each) => each.id === eid)?.leftOut).toEqual([
      {
        ground: 'named',
        says: 'You named it: telling would endanger what the law protects.',
        law: [{ cite: 'LED art. 15(1)(d)', confidence: 'M' }],
      },
    ])
    expect(forTheAuthority.entries.find((each) => each.id === other)?.told).toBe(true)
  })

  // Kills: passing over an id that was mistyped, so that its entry is told.
  test('anything at all, if an entry is named that is not in the report', async () => {
    const id = await person()
    await ask(id)
    const restrictions = [{ entry: await ask(await person()), because: 'others' }]
    const { forTheSubject, forTheAuthority } = await report(id, { restrictions })
    expect(forTheSubject.requests).toEqual([])
    expect(forTheAuthority.leftOut).toMatchObject({ incomplete: 1 })
    expect(forTheAuthority.says[0]).toContain('1 of the entries that you named')
  })

  test('of acts of authorities, which the authority sees, looks at the log among them', async () => {
    const id = await person()
    await send('DE-DPA', subjectsOf(id).document, { officer: 'auditor-2' })
    const look = audited.looks.at(-1) ?? ''
    await audited.fileAll([look])
    const { forTheSubject, forTheAuthority } = await report(id)
    expect(forTheSubject.requests).toEqual([])
    expect(forTheAuthority.entries).toMatchObject([
      { id: look, kind: 'consultation', leftOut: [{ ground: 'no-request' }] },
    ])
  })
})

describe('An authority of the requester', () => {
  // Kills: the holder's view for the requester's side; `untold` told to whoever asked.
  test('sees its own side, and learns nothing from what is left out', async () => {
    const id = await person([itemOf('name'), itemOf('birthDate', { status: 'blocked' })])
    const eid = await ask(id)
    const { forTheSubject, forTheAuthority } = await report(id, {}, 'FR-DPA')
    expect(forTheSubject.requests).toHaveLength(1)
    expect(forTheSubject.requests[0]?.says).toContain('Released: identification data.')
    expect(forTheAuthority.entries).toMatchObject([
      { id: eid, side: 'requester', told: true, left: [{ class: 'identification' }] },
    ])
    expect(forTheAuthority.entries[0]).not.toHaveProperty('decided')
    expect(forTheAuthority.says[0]).toContain('another jurisdiction’s matter')
    expect(forTheSubject.closing[0]?.law).toEqual([
      { cite: 'LED art. 14', confidence: 'V' },
      { cite: 'LED art. 15(3)', confidence: 'M' },
    ])
    const holders = (await report(id)).forTheAuthority.entries.find((each) => each.id === eid)
    expect(holders).toMatchObject({ told: false, decided: 'redact' })
  })

  test('does not see what was asked by another identifier, nor what others asked', async () => {
    const id = await person()
    await ask(id, { subject: subjectsOf(id).recordId })
    expect((await report(id, {}, 'FR-DPA')).forTheAuthority.entries).toEqual([])
    expect((await report(id, {}, 'GB-DPA')).forTheAuthority.entries).toEqual([])
  })

  // Kills: the word of a row, which whoever can change rows may have put there: what was asked of one told to another.
  test('is shown nothing that a row alone says is of the person', async () => {
    const [id, another] = [await person(), await person()]
    const [eid] = [await ask(id), await ask(another)]
    const { lookups } = audited.store.rows
    const of = (each: string) => {
      const identifier = identifierOf(subjectsOf(each).document)
      return `FR#subject#${audited.world.secrets.pseudonym('FR', identifier)}#`
    }
    for (const row of await lookups.everything())
      if (row.pk?.S?.startsWith(of(another)))
        await lookups.put({ ...row, pk: { S: row.pk.S.replace(of(another), of(id)) } })
    const { forTheSubject, forTheAuthority } = await report(id, {}, 'FR-DPA')
    expect(forTheSubject.requests).toHaveLength(1)
    expect(forTheAuthority.entries.map((each) => each.id)).toEqual([eid])
    // Nor does a search by the person show it.
    const subject = of(id).split('#')[2]
    const query = `purpose=lawfulness&subject=${subject}`
    expect(await idsOf(await audited.get('FR-DPA', `/v1/decisions?${query}`))).toEqual([eid])
    const counted = await bodyOf(await audited.get('FR-DPA', `/v1/decisions/count?${query}`))
    expect(counted.total).toBe(1)
  })

  test('of a country whose law is not written here is given no article', async () => {
    const { forTheSubject, forTheAuthority } = await report('NOBODY', {}, 'US-OIG')
    expect(forTheSubject.closing).toHaveLength(1)
    expect([forTheSubject.closing[0]?.law, forTheAuthority.law]).toEqual([[], []])
  })
})

describe('A report', () => {
  test('opens what is kept as evidence for criminal proceedings only', async () => {
    const id = await person()
    restricted.add((await audited.entry(await ask(id))).stored.kid)
    const [entry] = (await report(id)).forTheAuthority.entries
    expect(entry).toMatchObject({ restricted: true })
    for (const member of ['agency', 'officer', 'classes', 'law'])
      expect(entry).not.toHaveProperty(member)
    const proceedings = await report(id, { purpose: 'criminal-proceedings' })
    expect(proceedings.forTheAuthority.entries).toMatchObject([
      { restricted: true, agency: 'FR-SPOC', told: false },
    ])
  })

  test('is an entry that says which entries it showed, under the person’s own key', async () => {
    const id = await person()
    const eid = await ask(id)
    const jti = freshJti()
    await send('DE-DPA', subjectsOf(id).document, { jti })
    const stored = await audited.world.ledger.read(audited.looks.at(-1) ?? '')
    const opened = stored && (await openAny(stored, audited.world))
    const asked = audited.world.secrets.pseudonym('DE', identifierOf(subjectsOf(id).document))
    expect(opened?.values).toMatchObject({
      call: { agency: 'DE-DPA', officer: 'auditor-1' },
      subject: { asked },
      consultation: {
        purpose: 'lawfulness',
        question: { action: 'report-subject' },
        shown: [eid],
      },
    })
    away = true
    const refused = await problemOf(await send('DE-DPA', subjectsOf(id).document))
    away = false
    expect(refused).toMatchObject({ status: 503, code: 'not-durable' })
  })

  // Kills: counting the look itself among what it shows.
  test('is the same when it is sent again, though its own entry was filed since', async () => {
    const id = await person()
    await ask(id)
    const jti = freshJti()
    const first = await (await send('DE-DPA', subjectsOf(id).document, { jti })).text()
    await audited.fileAll([audited.looks.at(-1) ?? ''])
    expect(await (await send('DE-DPA', subjectsOf(id).document, { jti })).text()).toBe(first)
    const before = audited.looks.length
    await ask(id)
    const changed = await (await send('DE-DPA', subjectsOf(id).document, { jti })).text()
    expect(changed).not.toBe(first)
    expect(audited.looks.length).toBe(before + 1)
  })

  test('says where a fault is, and takes nobody’s data into an address', async () => {
    const faults = async (body: object) =>
      (
        await problemOf(
          await audited.callAudit('DE-DPA', { method: 'POST', path: '/v1/subject-reports', body }),
        )
      ).errors
    expect(await faults({ subject: { recordId: 'R-1' } })).toMatchObject([{ pointer: '/purpose' }])
    const restrictions = [{ entry: 'x', because: 'whim' }]
    expect(
      await faults({ purpose: 'lawfulness', subject: { recordId: 'R-1' }, restrictions }),
    ).toMatchObject([{ pointer: '/restrictions/0/entry' }, { pointer: '/restrictions/0/because' }])
  })
})
