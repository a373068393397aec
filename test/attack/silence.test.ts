/** Attacks on silence by what can be repeated at will: the same call, sent again. */

import { afterAll, beforeAll, expect, test } from 'vitest'
import { attestAll, benignOfMember, itemOf, personOf, requestOfMember } from '../answer/people.ts'
import { answered, freshJti, type Gateway, startGateway } from '../world.ts'

const commands: string[] = []
let gateway: Gateway
beforeAll(async () => {
  gateway = await startGateway()
  await attestAll(gateway, 'DE-POL', { kind: 'general', requester: 'FR' }, benignOfMember)
  await gateway.putRecord('DE-POL', personOf('R-HELD', [itemOf('name', { status: 'blocked' })]))
  gateway.store.client.middlewareStack.add(
    (next, { commandName }) =>
      (args) => {
        const { TableName = '' } = args.input as { readonly TableName?: string }
        commands.push(`${commandName} ${TableName}`)
        return next(args)
      },
    { step: 'initialize' },
  )
})
afterAll(() => gateway.close())

// DESIGN 2, "a refusal tells nothing", its path through the code included: who may repeat it may time it.
test('The same call again takes the same way, whether nothing may be told of a record or none is held', async () => {
  const ways: string[][] = []
  for (const recordId of ['R-HELD', 'R-NONE']) {
    const jti = freshJti()
    const body = requestOfMember({ subject: { recordId }, caseReference: `FR-${recordId}` })
    const send = async () => answered(await gateway.ask('FR-SPOC', 'officer-7', body, { jti }))
    const { reasons } = await send()
    expect(reasons.map(({ code }) => code)).toEqual(['nothing-transmissible'])
    commands.length = 0
    await send()
    ways.push([...commands].sort())
  }
  expect(ways[0]).toEqual(ways[1])
})
