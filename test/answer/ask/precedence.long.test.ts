/** Who is heard on an item where several speak: each cell of one table, for one person asked for in one case. */

import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { precedence } from '../../../functions/answer/ask/consideration.ts'
import type { RecordItem } from '../../../functions/decision/record.ts'
import { type Audited, startAudited } from '../../http/audit-gateway.ts'
import { done } from '../../world.ts'
import { acts } from '../homicide.ts'
import { attestAll, benignOfMember, itemOf, personOf, requestOfMember } from '../people.ts'

let gateway: Audited
let at: ReturnType<typeof acts>
beforeAll(async () => {
  gateway = await startAudited()
  at = acts(gateway)
  await attestAll(gateway, 'DE-POL', { kind: 'general', requester: 'FR' }, benignOfMember)
})
afterAll(() => gateway.close())

/** What every cell is about. */
const item = 'birthDate'
const [law, refusal, takenOut, release, refusedBefore, takenOutBefore, no] = precedence.map(
  ([word]) => word,
)
const words = precedence.map(([word]) => word)
type Word = (typeof words)[number]
const whatHappens = new Map<Word | undefined, string>(precedence)

/** Whether the item leaves in a matter of a case in which these are said, each when the table says so. */
async function leaves(
  person: string,
  said: readonly Word[],
  isRefusedFirst: boolean,
): Promise<boolean> {
  const says = (word: Word | undefined) => said.some((each) => each === word)
  const forbidden: Partial<RecordItem> = says(law) ? { quality: 'doubtful' } : {}
  await gateway.putRecord('DE-POL', personOf(person, [itemOf('name'), itemOf(item, forbidden)]))
  const body = requestOfMember({ subject: { recordId: person }, caseReference: `C-${person}` })
  const ask = (previous?: string) =>
    at.ask({ ...body, ...(previous !== undefined && { previous }) }, 'FR-SPOC')
  const state = async (matter: string, fact: string, value: string) => {
    gateway.clock.pass(1000)
    const scope = { kind: 'matter', matter }
    await done(await at.post('DE-POL', { holder: 'DE-POL', fact, value, scope }))
  }
  const letGo = async (id: string, out: readonly string[]) => {
    gateway.clock.pass(1000)
    await gateway.releaseBy('DE-POL', id, out.length === 0 ? {} : { takenOut: [...out] })
  }

  if (says(takenOutBefore)) await letGo((await ask()).id, [item])
  if (says(refusedBefore)) await state((await ask()).id, 'release.decision', 'refuse')
  if (says(no)) await state((await ask()).id, 'use.compatible', 'no')
  const { id } = await ask()
  // Whether it comes before the release of its own matter or after.
  if (says(refusal) && isRefusedFirst) await state(id, 'release.decision', 'refuse')
  if (says(takenOut)) await letGo(id, [item])
  else if (says(release)) await letGo(id, [])
  if (says(refusal) && !isRefusedFirst) await state(id, 'release.decision', 'refuse')
  gateway.clock.pass(1000)
  const { records } = await ask(id)
  return records.some(({ items }) => items.some((each) => each.id === item))
}

const cells = words.flatMap((over, i) => words.slice(i).map((under) => [over, under] as const))

// Kills: a release from which what was taken out elsewhere is taken out, too (consideration.ts, `act.release ?? {}`).
describe('Of two who speak of an item, the earlier in the table is heard:', () => {
  test.each(cells)('%s; before %s', async (over, under) => {
    for (const isRefusedFirst of over === refusal || under === refusal ? [true, false] : [false]) {
      const person = `P-${words.indexOf(over)}-${words.indexOf(under)}-${isRefusedFirst}`
      const happens = (await leaves(person, [over, under], isRefusedFirst)) ? 'leaves' : 'stays'
      expect(happens).toBe(whatHappens.get(over))
    }
  })
})
