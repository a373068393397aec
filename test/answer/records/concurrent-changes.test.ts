/** Changes of one record that fall together: none is lost without a word, and no file that the record names. */

import { decodeJwt } from 'jose'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import * as z from 'zod'
import { keptFileSchema, type RecordItem } from '../../../functions/decision/record.ts'
import { entryId } from '../../../functions/ledger/entry.ts'
import { picture } from '../../picture/pictures.ts'
import { done, freshJti, type Gateway, problemOf, startGateway } from '../../world.ts'
import { itemOf, personOf } from '../people.ts'

/** What happens to a record that was read for a change and is not changed yet: once. */
let between: (() => Promise<unknown>) | undefined
const meanwhile = async () => {
  const happens = between
  between = undefined
  await happens?.()
}

/** What happens while a record is erased: once it is gone, and before each of its contents is taken. */
let inErasure: { readonly erased?: () => Promise<void>; readonly taking?: () => Promise<void> } = {}

let gateway: Gateway
beforeAll(async () => {
  gateway = await startGateway({
    change: ({ holder, files, ...rest }) => ({
      ...rest,
      files: {
        ...files,
        take: async (...args) => {
          await inErasure.taking?.()
          return files.take(...args)
        },
      },
      holder: {
        ...holder,
        erase: async (...args) => {
          const isGone = await holder.erase(...args)
          await inErasure.erased?.()
          return isGone
        },
        put: async (...args) => {
          await meanwhile()
          return holder.put(...args)
        },
        correct: async (...args) => {
          await meanwhile()
          return holder.correct(...args)
        },
      },
    }),
  })
})
afterAll(() => gateway.close())

const announced = itemOf('name', {
  ...{ id: 'face', element: 'nc:PersonDigitalImage', class: 'identification' },
  value: { type: 'image/jpeg' },
})
const send = (id: string, body = picture('baseline')) =>
  gateway.call('DE-POL', {
    ...{ method: 'PUT', path: `/v1/records/${id}/files/face`, body },
    headers: { 'content-type': 'image/jpeg' },
  })
const taken = async (response: Response) => {
  expect(response.status).toBe(201)
  return z
    .object({ value: keptFileSchema })
    .loose()
    .parse(await response.json()).value
}
const put = (id: string, items: readonly RecordItem[], jti = freshJti()) => {
  const { id: _, ...body } = personOf(id, items)
  return gateway.call('DE-POL', { method: 'PUT', path: `/v1/records/${id}`, body, jti })
}
const patch = (id: string, items: readonly Partial<RecordItem>[], jti = freshJti()) =>
  gateway.call('DE-POL', { method: 'PATCH', path: `/v1/records/${id}`, body: { items }, jti })
/** A record with a name and a face, the face's content sent. */
async function withFace(id: string) {
  await done(await put(id, [itemOf('name'), announced]))
  return taken(await send(id))
}
const itemsNow = async (id: string) => {
  const agency = await gateway.world.register.agency('DE-POL')
  const record = agency && (await gateway.world.holder.get(agency, id))
  return Object.fromEntries((record?.items ?? []).map((each) => [each.id, each]))
}
const contents = async (id: string) =>
  (await gateway.world.files.list('DE-POL', id)).map(({ digest }) => digest)
const tick = (ms: number) => gateway.clock.pass(ms)
/** It says that it was not made, and has the receipt of its entry. */
async function expectNotMade(response: Response, jti: string) {
  const problem = z.looseObject({ receipt: z.string() }).parse(await response.json())
  const id = entryId('DE-POL', jti)
  expect(problem).toMatchObject({ status: 409, code: 'record-changed', id })
  expect(problem.detail).toContain('was not made')
  expect(decodeJwt(problem.receipt)).toMatchObject({ eid: id })
}

describe('A record that is put while another file of it is sent', () => {
  // Kills: a record that names what was destroyed, so that whoever gets it finds 410 `file-gone`.
  test.each(['PUT', 'PATCH'])(
    'is left as it is by a %s that names the file before',
    async (how) => {
      const id = `R-${how}`
      const before = await withFace(id)
      tick(10)
      let after: unknown
      between = async () => {
        after = await taken(await send(id, picture('grey')))
        tick(10)
      }
      const jti = freshJti()
      const face = { ...announced, value: before }
      const name = itemOf('name', { value: 'Antonia' })
      const change = () =>
        how === 'PUT' ? put(id, [name, face], jti) : patch(id, [name, face], jti)
      await expectNotMade(await change(), jti)
      const { face: now, name: named } = await itemsNow(id)
      expect(now?.value).toEqual(after)
      expect(named).toEqual(itemOf('name'))
      expect(await contents(id)).toEqual([keptFileSchema.parse(after).digest])
      // The same call again finds its entry, and still not what it names.
      const again = await change()
      expect((await problemOf(again)).status).toBeGreaterThanOrEqual(409)
      expect((await itemsNow(id)).face?.value).toEqual(after)
      // Whoever looks and sends it anew is heard.
      await done(await put(id, [name, { ...announced, value: after as RecordItem['value'] }]))
      expect((await itemsNow(id)).name?.value).toBe('Antonia')
    },
  )

  // Kills: a content that no record names, and that nothing destroys.
  test('leaves no content behind that it does not name', async () => {
    await done(await put('R-1', [announced]))
    between = () => send('R-1')
    const jti = freshJti()
    await expectNotMade(await put('R-1', [itemOf('name')], jti), jti)
    const { face } = await itemsNow('R-1')
    expect(await contents('R-1')).toEqual([keptFileSchema.parse(face?.value).digest])
    await done(await put('R-1', [itemOf('name')]))
    expect(await contents('R-1')).toEqual([])
  })

  // Kills: a file that is said to be kept, of an item that is gone.
  test('without its item refuses the file, of which nothing is kept', async () => {
    await done(await put('R-2', [itemOf('name'), announced]))
    tick(10)
    between = async () => {
      // As if by a clock that is behind: it is ordered before the file.
      tick(-5)
      await done(await put('R-2', [itemOf('name')]))
      tick(5)
    }
    const response = await send('R-2')
    expect(await problemOf(response)).toMatchObject({ status: 409, code: 'record-changed' })
    expect(await contents('R-2')).toEqual([])
  })
})

describe('A record that is put while an item of it is corrected', () => {
  // Kills: a `PUT` that is answered as done and that a later correction overtook, so that what it restricts is not.
  test.each([
    ['after', 10],
    ['before', 0],
  ] as const)('%s the entry of the PUT is left as it is, and that is said', async (when, ms) => {
    const id = `R-corrected-${when}`
    await done(await put(id, [itemOf('name'), itemOf('conviction')]))
    tick(10)
    between = async () => {
      tick(ms)
      await done(await patch(id, [{ id: 'name', value: 'Antonia' }]))
    }
    const jti = freshJti()
    const items = [itemOf('name'), itemOf('conviction', { status: 'blocked' })]
    await expectNotMade(await put(id, items, jti), jti)
    // A retry reads the record anew: it undoes no later correction, and replaces an earlier one.
    expect((await put(id, items, jti)).status).toBe(when === 'after' ? 409 : 200)
    const { conviction } = await itemsNow(id)
    expect(conviction?.status === 'blocked').toBe(when === 'before')
  })

  test('and is gone meanwhile is not said to be corrected', async () => {
    await done(await put('R-3', [itemOf('name')]))
    tick(10)
    between = () => gateway.call('DE-POL', { method: 'DELETE', path: '/v1/records/R-3' })
    const jti = freshJti()
    await expectNotMade(await patch('R-3', [{ id: 'name', value: 'Antonia' }], jti), jti)
    expect(await itemsNow('R-3')).toEqual({})
  })
})

// Kills: a retry that takes its own first call for another's.
test('The same PUT twice at once is made once, and both are told so', async () => {
  await done(await put('R-4', [itemOf('name')]))
  tick(10)
  const jti = freshJti()
  const change = () => put('R-4', [itemOf('name', { value: 'Antonia' })], jti)
  let other: Response | undefined
  between = async () => {
    other = await change()
  }
  const first = await change()
  expect([first.status, other?.status].sort()).toEqual([200, 201])
  expect((await itemsNow('R-4')).name?.value).toBe('Antonia')
})

describe('A record that is erased, while it is put anew and a file of it is sent', () => {
  // Kills: an erasure that destroys what came after it and is named then; a file that is answered 201 and is gone.
  test.each(['before', 'after'])(
    'has the file, named %s the old ones are destroyed',
    async (when) => {
      const id = `R-anew-${when}`
      const old = await withFace(id)
      tick(10)
      const [isSent, mayBeNamed] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()]
      let sending: Promise<Response> | undefined
      const isNamed = async () => {
        mayBeNamed.resolve()
        await sending
      }
      inErasure = {
        async erased() {
          tick(10)
          await done(await put(id, [announced]))
          between = () => {
            isSent.resolve()
            return mayBeNamed.promise
          }
          sending = send(id, picture('grey'))
          await isSent.promise
        },
        ...(when === 'before' && { taking: isNamed }),
      }
      await done(await gateway.call('DE-POL', { method: 'DELETE', path: `/v1/records/${id}` }))
      inErasure = {}
      await isNamed()
      const { digest } = await taken((await sending) ?? Response.error())
      expect((await itemsNow(id)).face?.value).toMatchObject({ digest })
      const { files, subjectKeys } = gateway.world
      const kept = await files.get({ holder: 'DE-POL', record: id, digest })
      const key = kept && (await subjectKeys.open(kept.kid))
      expect(key && kept?.open(key)).toBeDefined()
      expect(await files.has({ holder: 'DE-POL', record: id, digest: old.digest })).toBe(false)
    },
  )
})
