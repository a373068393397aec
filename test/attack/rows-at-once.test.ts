/**
 * Somebody may write to the table of attestations, and changes rows of two kinds at once, brings one from another
 * gateway, or makes one look as if the key of today had signed it. What lets data leave counts only as it was signed.
 */

import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { TableItem } from '../../functions/adapters/dynamodb.ts'
import type { Agency } from '../../functions/identity/register.ts'
import { homicide, startHomicide } from '../answer/homicide.ts'
import { done } from '../world.ts'

type Homicide = Awaited<ReturnType<typeof startHomicide>>

/** What is stated of the ministry since. */
let stated: Partial<Agency> = {}
let at: Homicide
let elsewhere: Homicide
beforeAll(async () => {
  const change: NonNullable<Parameters<typeof startHomicide>[0]>['change'] = (world) => ({
    ...world,
    register: {
      ...world.register,
      async agency(id) {
        const own = await world.register.agency(id)
        return own && id === 'GB-MIN' ? { ...own, ...stated } : own
      },
    },
  })
  at = await startHomicide({ change })
  elsewhere = await startHomicide()
})
afterAll(async () => {
  await at.gateway.close()
  await elsewhere.gateway.close()
})

const assurance = 'assurance.deathPenalty'
const rowsOf = ({ gateway }: Homicide) => gateway.store.rows.attestations
const acts = async (of: Homicide): Promise<readonly TableItem[]> =>
  (await rowsOf(of).everything()).filter(({ pk }) => /^A#/.test(pk?.S ?? ''))
/** Each row that says something of an act, with what `change` makes of it. */
async function changeEach(id: string, change: (row: TableItem) => TableItem): Promise<void> {
  for (const row of await acts(at))
    if (JSON.stringify(row).includes(id)) await rowsOf(at).put(change(row))
}
/** What is known of the assurance when it is asked again; undefined too where nothing is answered. */
async function known(body: ReturnType<typeof homicide>, previous: string): Promise<unknown> {
  const response = await at.refuse({ ...body, previous })
  if (response.status >= 500) return undefined
  return at.factIn(await done(response), assurance)
}

describe('Of an assurance and the doubt of it', () => {
  async function doubted() {
    const body = homicide()
    const { id } = await at.ask(body)
    const said = await at.assure(id)
    expect(await known(body, id)).toBe('given-and-verified')
    const doubt = await done(await at.object('GB-POL', said))
    expect(await known(body, id)).toBeUndefined()
    return { body, id, said, doubt }
  }
  const rowOf = async (id: string) =>
    (await acts(at)).find((row) => row.pk?.S?.startsWith('A#GB') && row.sk?.S?.endsWith(id))

  // DESIGN 2, “what lets go was signed”; that nothing is answered at all is as good.
  test('the doubt stays where its row says the assurance once more', async () => {
    const { body, id, said, doubt } = await doubted()
    const [of, against] = [await rowOf(said), await rowOf(doubt)]
    if (of?.attestation === undefined || against === undefined) throw new Error('there is no row')
    const { objection: _, ...bare } = against
    await rowsOf(at).put({ ...bare, attestation: of.attestation })
    expect(await known(body, id)).not.toBe('given-and-verified')
  })

  // Kills: one kind that is looked for by its marks, and not the other.
  test('the doubt stays with both rows gone, and with that of the assurance alone put back', async () => {
    const { body, id, said } = await doubted()
    const were = (await acts(at)).filter((row) => JSON.stringify(row).includes(said))
    for (const { pk = { S: '' }, sk = { S: '' } } of were) await rowsOf(at).remove({ pk, sk })
    expect(await known(body, id)).not.toBe('given-and-verified')
    await rowsOf(at).putAll(were.filter(({ objection }) => objection === undefined))
    at.gateway.clock.pass(61_000)
    expect(await known(body, id)).not.toBe('given-and-verified')
  })
})

// Kills: a row that is believed by its own word, where this ledger has no entry of it.
test('An assurance that was given at another gateway is none at this one', async () => {
  const body = homicide()
  const { id } = await at.ask(body)
  const there = await elsewhere.ask(body)
  const said = await elsewhere.assure(there.id)
  // Whoever brings it names the request and the person as they are named here.
  const names = await Promise.all(
    (
      [
        [elsewhere, there.id],
        [at, id],
      ] as const
    ).map(async ([of, request]) => [
      request,
      (await of.gateway.entry(request)).opened.subject.asked,
    ]),
  )
  const [theirs = [], ours = []] = names
  const asOurs = (text: string) =>
    theirs.reduce((all, name, i) => all.replaceAll(name, ours[i] ?? ''), text)
  const rows = (await acts(elsewhere)).filter((row) => JSON.stringify(row).includes(said))
  expect(rows.length).toBeGreaterThan(1)
  await rowsOf(at).putAll(rows.map((row) => JSON.parse(asOurs(JSON.stringify(row)))))
  expect(await known(body, id)).toBe('none')
})

describe('Once the key that gave an assurance is known to be stolen', () => {
  // Kills: a key that is read from the row, and not from the call.
  test('no row makes it look as if another key of the office had signed', async () => {
    const body = homicide()
    const { id } = await at.ask(body)
    const said = await at.assure(id)
    const ministry = await at.gateway.world.register.agency('GB-MIN')
    const [stolen, ...others] = ministry?.keys ?? []
    if (stolen === undefined) throw new Error('there is no key')
    const fresh = { ...stolen, kid: 'fresh' }
    const compromisedSince = '2026-11-01T00:00:00.000Z'
    stated = { keys: [{ ...stolen, compromisedSince }, fresh, ...others] }
    try {
      expect(await known(body, id)).not.toBe('given-and-verified')
      await changeEach(said, (row) =>
        JSON.parse(JSON.stringify(row).replaceAll(stolen.kid, 'fresh')),
      )
      expect(JSON.stringify(await acts(at))).toContain('fresh')
      expect(await known(body, id)).not.toBe('given-and-verified')
      // An older row names no key.
      await changeEach(said, (row) =>
        JSON.parse(JSON.stringify(row).replaceAll(/\\"kid\\":\\"[^"]*\\",/g, '')),
      )
      expect(await known(body, id)).not.toBe('given-and-verified')
    } finally {
      stated = {}
    }
  })
})
