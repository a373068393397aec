/** Asking again: the same matter, and nothing beside it, is helped by what was attested for it. */

import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openAny } from '../../../functions/answer/entries/reader.ts'
import { identifierOf } from '../../../functions/decision/record.ts'
import type { AccessRequest } from '../../../functions/decision/request.ts'
import { problemOf } from '../../world.ts'
import { codesOf, denied, homicide, startHomicide } from '../homicide.ts'
import { itemOf, personOf, subjectsOf } from '../people.ts'

let at: Awaited<ReturnType<typeof startHomicide>>
beforeAll(async () => {
  at = await startHomicide()
  await at.gateway.putRecord('GB-POL', personOf('R-2', [itemOf('name'), itemOf('conviction')]))
})
afterAll(() => at.gateway.close())

/** What is answered to whoever asks something else again: the same words, whatever differs. */
const plain = {
  status: 422,
  code: 'invalid-request',
  errors: [
    {
      pointer: '/previous',
      detail: 'this does not ask the same again, or not in time: ask without `previous`',
    },
  ],
}

/** A request with an assurance and a release for exactly it. */
async function assured(changes: Partial<AccessRequest> = {}) {
  const body = homicide(changes)
  const { id } = await at.ask(body)
  await at.assure(id)
  await at.release(id)
  return { body, id, again: { ...body, previous: id } }
}

/** What of a request is another matter, one change each. */
const others: Readonly<Record<string, (body: AccessRequest) => Partial<AccessRequest>>> = {
  'another person': () => ({ subject: { recordId: 'R-2' } }),
  'the same person by a document': () => ({ subject: subjectsOf('R-1').document }),
  'the same person by name': () => ({ subject: subjectsOf('R-1').name }),
  'another case': () => ({ caseReference: 'US-ANOTHER' }),
  'another purpose': () => ({ purpose: 'execution-of-penalty' }),
  'an offence of another category': ({ offence }) => ({
    offence: { ...offence, category: 'terrorism' },
  }),
  'an offence with another description': ({ offence }) => ({
    offence: { ...offence, description: 'organised theft' },
  }),
  'an offence with another maximum': ({ offence }) => ({
    offence: { ...offence, maxCustodyMonths: 61 },
  }),
  'another holder': () => ({ holder: 'DE-POL' }),
  'one class more': ({ classes }) => ({ classes: [...classes, 'location'] }),
  'one class for another': () => ({ classes: ['identification', 'location'] }),
}

// Kills: each comparison of `isSameMatter`, one at a time.
describe('What was attested for exactly one request', () => {
  test.each(Object.keys(others))('helps no request for %s', async (what) => {
    const { body, again } = await assured()
    const change = others[what]?.(body) ?? {}
    expect(await problemOf(await at.refuse({ ...again, ...change }))).toEqual(plain)
    // Without `previous` it is a matter of its own, for which nobody has vouched.
    const own = await at.ask({ ...body, ...change })
    expect(own).toMatchObject({ outcome: 'deny', records: [], matter: own.id })
    expect(await at.factIn(own.id, 'assurance.deathPenalty')).toBe('none')
    expect(await at.factIn(own.id, 'release.decision')).not.toBe('release')
  })

  test('helps the same again, however it is spelt, and less of it', async () => {
    const document = { number: 'doc r-1', country: 'DE' }
    const { id, again } = await assured({
      subject: { document: { ...document, number: 'DOC R-1' } },
    })
    expect(await at.ask(again)).toMatchObject({ outcome: 'release', matter: id })
    expect(identifierOf({ document })).toBe(identifierOf(again.subject))
    expect((await at.ask({ ...again, subject: { document } })).outcome).toBe('release')
    // Fewer classes are the matter; but the officer was shown both, so that he looks again.
    const less = await at.ask({ ...again, classes: ['identification'] })
    expect(less).toMatchObject({ ...denied, matter: id })
    expect(await at.factIn(less.id, 'assurance.deathPenalty')).toBe('given-and-verified')
    expect(codesOf(less)).toEqual(['human-decision'])
  })

  test('helps every asking of a chain, whichever of it is named', async () => {
    const { id, again } = await assured()
    const second = await at.ask(again)
    const third = await at.ask({ ...again, previous: second.id })
    for (const each of [second, third])
      expect(each).toMatchObject({ outcome: 'release', matter: id })
    const onSecond = await at.ask(homicide())
    const other = { ...(await bodyIn(onSecond.id)), previous: onSecond.id }
    const later = await at.ask(other)
    await at.assure(later.id)
    await at.release(later.id)
    // Vouched for by its second asking, it counts for each.
    expect((await at.ask(other)).outcome).toBe('release')
    expect((await at.ask({ ...other, previous: later.id })).outcome).toBe('release')
  })

  // Kills: a chain that is compared with its first or its newest alone.
  test('is lost to a chain that asks for less and then for more again', async () => {
    const { again } = await assured()
    const less = await at.ask({ ...again, classes: ['identification'] })
    expect(await problemOf(await at.refuse({ ...again, previous: less.id }))).toEqual(plain)
  })

  // Kills: a boundary of days, a matter counted from its newest asking.
  test('helps for ninety days from the first asking, and not a moment longer', async () => {
    const before = at.gateway.clock.now
    const { body, id } = await assured()
    const dayMs = 86_400_000
    try {
      at.gateway.clock.now = new Date(before.getTime() + 60 * dayMs)
      const second = await at.ask({ ...body, previous: id })
      expect(second.matter).toBe(id)
      at.gateway.clock.now = new Date(before.getTime() + 90 * dayMs)
      expect((await at.ask({ ...body, previous: second.id })).matter).toBe(id)
      at.gateway.clock.now = new Date(before.getTime() + 90 * dayMs + 1)
      for (const previous of [id, second.id])
        expect(await problemOf(await at.refuse({ ...body, previous }))).toEqual(plain)
    } finally {
      at.gateway.clock.now = before
    }
  })

  test('helps no other agency, nor is it told that there is such a request', async () => {
    const { again } = await assured()
    const asked = { ...again, channel: 'interpol' } as const
    for (const body of [asked, { ...asked, previous: 'A'.repeat(43) }])
      expect(await problemOf(await at.refuse(body, 'JP-NCB'))).toEqual(plain)
  })

  test('helps nobody once its request was erased', async () => {
    const { id, again } = await assured()
    const { stored } = await at.gateway.entry(id)
    // The key is that of the person in this quarter, so that every entry about them closes.
    await at.gateway.world.subjectKeys.shred(stored.kid)
    expect(await openAny(stored, at.gateway.world)).toBeUndefined()
    expect(await problemOf(await at.refuse(again))).toEqual(plain)
  })

  // Kills: any entry taken for a request.
  test('is asked again by the id of a request: no attestation, dry run or nonsense', async () => {
    const { body, id } = await assured()
    const attestation = await at.assure(id)
    const dryRun = await at.ask({ ...body, dryRun: true })
    for (const previous of [attestation, dryRun.id, 'A'.repeat(43)])
      expect(await problemOf(await at.refuse({ ...body, previous }))).toEqual(plain)
  })
})

describe('A deployment with fewer days', () => {
  let short: Awaited<ReturnType<typeof startHomicide>>
  beforeAll(async () => {
    short = await startHomicide({ change: (world) => ({ ...world, matterDays: 2 }) })
  })
  afterAll(() => short.gateway.close())

  // Kills: the setting not read.
  test('takes a matter for as many as it sets', async () => {
    const start = short.gateway.clock.now.getTime()
    const body = homicide()
    const { id } = await short.ask(body)
    short.gateway.clock.now = new Date(start + 2 * 86_400_000)
    expect((await short.ask({ ...body, previous: id })).matter).toBe(id)
    short.gateway.clock.now = new Date(start + 2 * 86_400_000 + 1)
    expect(await problemOf(await short.refuse({ ...body, previous: id }))).toEqual(plain)
  })
})

/** Kills: any member of the request that is left out of the comparison, in pairs, too. */
test('Whatever of a request is changed at random, its assurance helps only the same matter', async () => {
  const { body, again } = await assured()
  const names = Object.keys(others)
  await fc.assert(
    fc.asyncProperty(fc.subarray(names, { minLength: 1, maxLength: 3 }), async (which) => {
      const changes = which.map((name) => others[name]?.(body) ?? {})
      const changed: AccessRequest = Object.assign({}, again, ...changes)
      expect(await problemOf(await at.refuse(changed))).toEqual(plain)
    }),
    { numRuns: 30 },
  )
  expect((await at.ask(again)).outcome).toBe('release')
})

async function bodyIn(id: string): Promise<AccessRequest> {
  const { opened } = await at.gateway.entry(id)
  return JSON.parse(opened.evidence.body)
}
