/**
 * While the holder erases a person whom a hidden hit found, and for ever if that is cut off, the lists of whoever asked
 * are as if there had been no hit.
 */

import { afterAll, beforeAll, expect, test } from 'vitest'
import { itemOf, personOf, requestOfMember, subjectsOf } from '../answer/people.ts'
import { answered } from '../world.ts'
import { type Acting, startActing } from './acting.ts'

let acting: Acting
beforeAll(async () => {
  acting = await startActing()
})
afterAll(() => acting.close())

/** Calls `look` before each write, whose own reads are not looked at; gives how to end it. */
function beforeEachWrite(look: () => Promise<void>): () => void {
  const { client } = acting.store
  const send = client.send.bind(client)
  // Casts: the client has many forms of `send`, and each is passed on as it is.
  const through = send as (...args: readonly unknown[]) => Promise<unknown>
  let isLooking = false
  client.send = (async (command: object, ...rest: readonly unknown[]) => {
    if (!isLooking && /Put|Update|Delete|Write/.test(command.constructor.name)) {
      isLooking = true
      await look()
      isLooking = false
    }
    return through(command, ...rest)
  }) as typeof client.send
  return () => {
    client.send = send
  }
}

// Kills: an entry that is gone from the lists of the other side until it is filed again.
test.each(['hidden', 'none'])('All stand before each write of the act (%s)', async (world) => {
  const id = `H-${world}`
  const person = personOf(id, [itemOf('name', { status: 'blocked' })])
  const another = { ...person, names: [{ given: 'Berta', family: 'Andersen' }] }
  await acting.putRecord('DE-POL', world === 'hidden' ? person : another)
  const request = requestOfMember({ subject: subjectsOf(id).name, caseReference: `C-${id}` })
  const { id: eid } = await answered(await acting.ask('FR-SPOC', 'officer-7', request))
  await acting.seal()
  const rows = (await acting.rowsOf([eid])).filter(({ key }) => key.jurisdiction === 'FR')
  const listed = new Set<number>()
  const end = beforeEachWrite(async () => {
    listed.add((await acting.standing(rows)).length)
  })
  await acting.act({ act: 'erase', subjects: [acting.pseudonym(subjectsOf(id).document)] })
  end()
  listed.add((await acting.standing(rows)).length)
  expect([...listed]).toEqual([rows.length])
})
