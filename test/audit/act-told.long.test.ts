/** Whoever got something is told when what the log keeps of its person is erased or restricted (LED art. 16(6)). */

import { afterAll, beforeAll, expect, test } from 'vitest'
import { recipientsPageSchema } from '../../functions/answer/messages/recipients.ts'
import { tick } from '../../functions/answer/upkeep/clock.ts'
import { logOf } from '../../functions/ledger/entry.ts'
import type { Swept } from '../../functions/sealing/sweep.ts'
import { done, problemOf } from '../world.ts'
import { type Acting, certificateOf, startActing } from './acting.ts'

let acting: Acting
let swept: () => readonly Swept[] = () => []
beforeAll(async () => {
  acting = await startActing({ swept: () => swept() })
})
afterAll(() => acting.close())

const told = async (act: string) => {
  await acting.seal()
  const path = `/v1/corrections/${act}`
  return recipientsPageSchema.parse(await (await acting.call('DE-POL', { path })).json())
}
const subjectsOf = (record: string) => [acting.pseudonym({ recordId: record })]

// Kills: an act that nobody is told of; a notice under a key that the act destroys; one of a denial.
test.each([
  ['erase', 'erased'],
  ['restrict', 'restricted'],
] as const)(
  'An act to %s tells whoever got something, who then says that they acted',
  async (act, what) => {
    const record = `R-${act}`
    await acting.keepPerson(record)
    const request = await acting.askFor({ recordId: record })
    const none = await acting.askFor({ recordId: `NONE-${act}` })
    const subjects = [...subjectsOf(record), ...subjectsOf(`NONE-${act}`)]
    const { id, says } = await acting.act({ act, subjects })
    expect(says.join(' ')).toContain('art. 16(6)')
    const [notice, ...others] = (await told(id)).told
    expect(others).toEqual([])
    expect(notice).toMatchObject({ what, to: 'FR-SPOC', request, items: ['name'] })
    expect(JSON.stringify(notice)).not.toContain(none)
    const path = `/v1/notices/${notice?.id}/done`
    await done(await acting.call('FR-SPOC', { method: 'POST', path, body: { did: what } }))
    expect((await told(id)).told[0]?.done?.did).toBe(what)
  },
)

// Kills: a recipient who is forgotten since the answer was not sealed when its key was destroyed.
test('An erasure tells of what left a moment before, and of nothing twice', async () => {
  await acting.keepPerson('R-NEW')
  await acting.askFor({ recordId: 'R-NEW' })
  await acting.seal()
  const { send } = await acting.prepare({ act: 'erase', subjects: subjectsOf('R-NEW') })
  const { append } = acting.world.ledger
  let late: string | undefined
  const ledger = acting.world.ledger as { append: typeof append }
  ledger.append = async (entry) => {
    const appended = await append(entry)
    if (entry.leaf.t === 'erasure' && late === undefined) {
      late = ''
      late = await acting.askFor({ recordId: 'R-NEW' })
    }
    return appended
  }
  const first = await certificateOf(await send())
  ledger.append = append
  const again = await certificateOf(await send())
  const requests = (await told(first.id)).told.map(({ request }) => request)
  expect(requests).toContain(late)
  expect(new Set(requests).size).toBe(requests.length)
  expect(again.says).toEqual(first.says)
})

// Kills: a sealer that came to no end the second time, and a key that goes before anybody is told of what it left.
test('An act destroys nothing while what was entered a moment before waits to be sealed', async () => {
  await acting.keepPerson('R-WAITS')
  const request = await acting.askFor({ recordId: 'R-WAITS' })
  await acting.seal()
  const { kid } = (await acting.gateway.entry(request)).stored
  const { send } = await acting.prepare({ act: 'erase', subjects: subjectsOf('R-WAITS') })
  const log = logOf('comity.test', 'DE', '2026')
  let [sweeps, left] = [0, 1]
  swept = () => {
    sweeps += 1
    return sweeps === 1 ? [] : [{ log, sealed: 0, left, size: 9, published: 9 }]
  }
  expect(await problemOf(await send())).toMatchObject({ status: 503, code: 'not-durable' })
  expect(await acting.world.subjectKeys.open(kid)).toBeDefined()
  left = 0
  const { id } = await certificateOf(await send())
  expect((await told(id)).told.map((each) => each.request)).toEqual([request])
  expect(await acting.world.subjectKeys.open(kid)).toBeUndefined()
})

// Kills: the word of a row, which whoever can change rows may have put there: somebody else's entries erased with a person's,
// and whoever got those told to erase them.
test.each(['erase', 'restrict'] as const)(
  'An act to %s leaves alone what a row alone says is of the person',
  async (act) => {
    const [record, another] = [`P-${act}`, `Q-${act}`]
    for (const each of [record, another]) await acting.keepPerson(each)
    const request = await acting.askFor({ recordId: record })
    const other = await acting.askFor({ recordId: another })
    await acting.seal()
    const { lookups } = acting.store.rows
    const of = (id: string) => `DE#subject#${acting.pseudonym({ recordId: id })}#`
    for (const row of await lookups.everything())
      if (row.pk?.S?.startsWith(of(another)))
        await lookups.put({ ...row, pk: { S: row.pk.S.replace(of(another), of(record)) } })
    const { id } = await acting.act({ act, subjects: subjectsOf(record) })
    expect((await told(id)).told.map((each) => each.request)).toEqual([request])
    expect(await acting.readable([other])).toEqual([other])
    const { kid } = (await acting.gateway.entry(other)).stored
    expect(await acting.world.subjectKeys.isRestricted(kid)).toBe(false)
  },
)

// Kills: a reminder that needs the key of the answer, or names its case.
test('Whoever has not acted is reminded, though the answer itself cannot be read any more', async () => {
  await acting.keepPerson('R-LATE')
  await acting.askFor({ recordId: 'R-LATE' })
  const { id } = await acting.act({ act: 'erase', subjects: subjectsOf('R-LATE') })
  const [notice] = (await told(id)).told
  const { clock, world } = acting
  clock.pass(4 * 86_400_000)
  const { entered } = await tick(world, new Date(clock.now.getTime() + 3_600_000))
  expect(entered).toBeGreaterThan(0)
  expect(notice?.done).toBeUndefined()
})
