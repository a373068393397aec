/**
 * Somebody may write to the table of attestations, and to no other. While the row of an assurance is gone, its office
 * wants to take it back; then the row is put back.
 */

import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { TableItem } from '../../functions/adapters/dynamodb.ts'
import { homicide, startHomicide } from '../answer/homicide.ts'
import { done } from '../world.ts'

let at: Awaited<ReturnType<typeof startHomicide>>
beforeAll(async () => {
  at = await startHomicide()
})
afterAll(() => at.gateway.close())

const assurance = 'assurance.deathPenalty'
const rows = () => at.gateway.store.rows.attestations
const isOfAct = ({ pk }: TableItem) => /^[AEP]#/.test(pk?.S ?? '')
const acts = async () => (await rows().everything()).filter(isOfAct)

describe('Of an assurance whose row is gone meanwhile', () => {
  async function during(act: (id: string) => Promise<Response>): Promise<unknown> {
    const body = homicide()
    const { id } = await at.ask(body)
    const said = await at.assure(id)
    const were = await acts()
    for (const row of were) {
      const { pk = { S: '' }, sk = { S: '' } } = row
      if (JSON.stringify(row).includes(said)) await rows().remove({ pk, sk })
    }
    await done(await act(said))
    await rows().putAll(were)
    return at.factIn((await at.ask({ ...body, previous: id })).id, assurance)
  }

  // Kills: an office that is told that it said nothing, though the log has what it said.
  test('it can be taken back', async () => {
    expect(await during((id) => at.takeBack('GB-MIN', id))).toBe('none')
  })

  test('it can be doubted', async () => {
    expect(await during((id) => at.object('GB-POL', id))).toBeUndefined()
  })
})
