/**
 * Somebody may write to the table of attestations, and to no other. While an office takes its word back, the row names
 * another case, so that the mark of the withdrawal goes there; then the row is put back.
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

describe('Of an assurance whose row names another case meanwhile', () => {
  /** Does `act` on an assurance, and gives what is known of it once the row is as it was. */
  async function during(act: (id: string) => Promise<Response>): Promise<unknown> {
    const body = homicide()
    const { id } = await at.ask(body)
    const said = await at.assure(id)
    const were = await acts()
    for (const row of were) {
      if (!row.attestation?.S?.includes(said)) continue
      const kept = JSON.parse(row.attestation.S)
      const inCase = { ...kept.inCase, caseReference: 'ANOTHER' }
      await rows().put({ ...row, attestation: { S: JSON.stringify({ ...kept, inCase }) } })
    }
    await done(await act(said))
    for (const { pk = { S: '' }, sk = { S: '' } } of await acts()) await rows().remove({ pk, sk })
    await rows().putAll(were)
    return at.factIn((await at.ask({ ...body, previous: id })).id, assurance)
  }

  // Kills: an office that acts on the case that a row names.
  test('a withdrawal that was receipted counts', async () => {
    expect(await during((id) => at.takeBack('GB-MIN', id))).toBe('none')
  })

  test('a doubt that was receipted counts', async () => {
    expect(await during((id) => at.object('GB-POL', id))).toBeUndefined()
  })
})
