/** What a crash leaves of a content that was replaced: the clock destroys it, and nothing that may still be named. */

import { afterAll, beforeAll, expect, test } from 'vitest'
import { keptKey } from '../../../functions/adapters/dynamodb.ts'
import { keptFileSchema } from '../../../functions/decision/record.ts'
import { picture, telling, withSegments } from '../../picture/pictures.ts'
import type { Gateway } from '../../world.ts'
import { itemOf, personOf } from '../people.ts'
import { hourMs, startTelling } from '../sealed-union.ts'

let at: Awaited<ReturnType<typeof startTelling>>
let gateway: Gateway
beforeAll(async () => {
  at = await startTelling()
  gateway = at.gateway
})
afterAll(() => at.close())

const face = { element: 'nc:PersonDigitalImage', class: 'identification' } as const
const photographs = [withSegments(picture('baseline'), ...telling()), picture('grey')] as const
const keep = (record: string) => {
  const announced = itemOf('name', { id: 'face', ...face, value: { type: 'image/jpeg' } })
  return gateway.putRecord('DE-POL', personOf(record, [itemOf('name'), announced]))
}
const send = async (record: string, body: Uint8Array) => {
  const response = await gateway.call('DE-POL', {
    ...{ method: 'PUT', path: `/v1/records/${record}/files/face`, body },
    headers: { 'content-type': 'image/jpeg' },
  })
  const { success, data } = keptFileSchema.safeParse(Object(await response.json()).value)
  return success ? data.digest : response.status
}
const digestsOf = async (record: string) =>
  (await gateway.world.files.list('DE-POL', record)).map(({ digest }) => digest).sort()
/** A minute for each agency, whose turn it is in one of them. */
async function everyTurn() {
  for (const _ of await gateway.world.register.all()) {
    at.wait(60_000)
    await at.turn()
  }
}
/** The call after which everything fails, as if the process had died there. */
async function dyingIn(name: 'list' | 'put', work: () => Promise<unknown>) {
  const { files } = gateway.world
  const own = files[name]
  Object.assign(files, { [name]: () => Promise.reject(new Error('it died')) })
  await work().finally(() => Object.assign(files, { [name]: own }))
}

// Kills: what was replaced left until the record is erased; a change that is noted after it is made.
test('A photograph that was replaced is destroyed with its key, though whoever replaced it died before', async () => {
  await keep('S-1')
  const before = await send('S-1', photographs[0])
  const { files, subjectKeys } = gateway.world
  const [kept] = await files.list('DE-POL', 'S-1')
  await dyingIn('list', async () => expect(await send('S-1', photographs[1])).toBe(500))
  const both = await digestsOf('S-1')
  expect(both).toHaveLength(2)
  expect(both).toContain(before)
  // A call may take until then, and name what it brought.
  await everyTurn()
  expect(await digestsOf('S-1')).toEqual(both)
  at.wait(hourMs)
  await everyTurn()
  const left = await digestsOf('S-1')
  expect(left).toEqual(both.filter((digest) => digest !== before))
  expect(await subjectKeys.open(kept?.kid ?? '')).toBeUndefined()
  const now = gateway.clock.now.toISOString()
  expect(await files.begun('DE-POL', now)).toEqual([])
})

// Kills: a sweep that destroys whatever no record names, though a call is about to name it.
test('What came within the hour stays, whatever an earlier crash left beside it', async () => {
  await keep('S-2')
  const before = await send('S-2', photographs[0])
  await dyingIn('list', () => send('S-2', photographs[1]))
  at.wait(2 * hourMs)
  const { files, now, subjectKeys } = gateway.world
  const place = { holder: 'DE-POL', record: 'S-2', digest: 'Q'.repeat(43) }
  const key = () => subjectKeys.forFile('DE', 'files.somebody')
  await files.put(place, photographs[1], key, now().toISOString())
  await everyTurn()
  const left = await digestsOf('S-2')
  expect(left).toHaveLength(2)
  expect(left).toContain(place.digest)
  expect(left).not.toContain(before)
})

// Kills: a photograph that is destroyed while its officer sends it again, and then named by the record.
test('What is sent again while the clock destroys it is there once it is named', async () => {
  await keep('S-3')
  const { files, holder, random } = gateway.world
  const own = { correct: holder.correct, list: files.list }
  const path = '/v1/records/S-3/files/face'
  const call = {
    method: 'PUT',
    path,
    body: photographs[0],
    jti: Buffer.from(random(16)).toString('base64url'),
  }
  const sendIt = () =>
    gateway.call('DE-POL', { ...call, headers: { 'content-type': 'image/jpeg' } })
  Object.assign(holder, { correct: () => Promise.reject(new Error('it died')) })
  expect(
    (await sendIt().finally(() => Object.assign(holder, own.correct && { correct: own.correct })))
      .status,
  ).toBe(500)
  expect(await digestsOf('S-3')).toHaveLength(1)
  at.wait(hourMs + 60_000)
  let again: Response | undefined
  Object.assign(files, {
    list: async (...of: Parameters<typeof files.list>) => {
      const listed = await own.list(...of)
      Object.assign(files, { list: own.list })
      again = await sendIt()
      return listed
    },
  })
  await everyTurn()
  expect(again?.status).toBe(200)
  const [kept] = await files.list('DE-POL', 'S-3')
  expect(await gateway.world.subjectKeys.open(kept?.kid ?? '')).toBeDefined()
})

// Kills: a sweep that ends at a record which cannot be read, so that nothing after it is ever destroyed.
test('A record that cannot be read holds up no other', async () => {
  const before: unknown[] = []
  for (const record of ['S-4', 'S-5']) {
    await keep(record)
    before.push(await send(record, photographs[0]))
    await dyingIn('list', () => send(record, photographs[1]))
    at.wait(1000)
  }
  const Key = keptKey('R#DE-POL#S-4', 'record')
  await gateway.store.rows.records.update(Key, 'SET held = :held', {
    values: { ':held': { S: '{}' } },
  })
  at.wait(2 * hourMs)
  await everyTurn()
  expect(await digestsOf('S-4')).toHaveLength(2)
  expect(await digestsOf('S-5')).not.toContain(before[1])
})

// Kills: as many records as one look takes, which cannot be read and stay first, so that no other is ever come to.
test('A hundred records that cannot be read hold up no other', async () => {
  const { files, random } = gateway.world
  const rows = gateway.store.rows.records
  const begun = gateway.clock.now.toISOString()
  for (let i = 0; i < 100; i += 1) {
    const record = `S-many-${i}`
    await rows.put({ ...keptKey(`R#DE-POL#${record}`, 'record'), held: { S: '{}' } })
    const id = Buffer.from(random(12)).toString('base64url')
    await files.begin('DE-POL', { record, at: begun, id })
  }
  at.wait(1000)
  await keep('S-6')
  const before = await send('S-6', photographs[0])
  await dyingIn('list', () => send('S-6', photographs[1]))
  at.wait(2 * hourMs)
  await everyTurn()
  // Those hundred have their turn again in an hour; now it is the next one's.
  await everyTurn()
  expect(await digestsOf('S-6')).not.toContain(before)
  expect(await files.begun('DE-POL', gateway.clock.now.toISOString())).toHaveLength(100)
})
