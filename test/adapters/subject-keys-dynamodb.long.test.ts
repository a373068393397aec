import { createCipheriv, createHash, randomBytes } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { dynamodb } from '../../functions/adapters/dynamodb.ts'
import {
  dynamodbEarlierKeys,
  dynamodbSubjectKeys,
} from '../../functions/adapters/subject-keys-dynamodb.ts'
import type { SubjectKeys } from '../../functions/ports.ts'
import { type Store, startDynalite } from '../dynalite.ts'
import { type Fault, startFaults } from './faults.ts'

const wrapKey = (jurisdiction: string) => createHash('sha256').update(jurisdiction).digest()
const now = '2026-11-25T09:00:00.000Z'
const someone = () => randomBytes(16).toString('base64url')

let store: Store
let keys: SubjectKeys
beforeAll(async () => {
  store = await startDynalite()
  keys = dynamodbSubjectKeys(store.client, store.tables.keys, wrapKey)
})
afterAll(() => store.close())

const rowsOf = (subject: string) => store.rows.keys.all(`K#DE#${subject}`)
const sortKey = (generation: number) => String(generation).padStart(6, '0')
const rowOf = (subject: string, generation: number) =>
  store.rows.keys.get({ pk: { S: `K#DE#${subject}` }, sk: { S: sortKey(generation) } })
const put = (item: object) => store.rows.keys.put({ ...item })
const hex = (bytes: Uint8Array | undefined) =>
  bytes === undefined ? undefined : Buffer.from(bytes).toString('hex')

describe('The key of a subject', () => {
  test('is made once, and opens by its id', async () => {
    const subject = someone()
    const first = await keys.keyFor('DE', subject, now)
    // Kills: an id made from the subject, which an entry would keep for ever.
    expect(first.kid).toMatch(/^[A-Za-z0-9_-]{22}$/)
    expect(first.kid).not.toContain(subject)
    expect(first.kek).toHaveLength(32)
    const again = await keys.keyFor('DE', subject, now)
    expect([again.kid, hex(again.kek)]).toEqual([first.kid, hex(first.kek)])
    expect(hex(await keys.open(first.kid))).toBe(hex(first.kek))
  })

  // Kills: a look that makes a key; one that gives another's; two keys of one generation.
  test('is looked for first and given later, as it was seen', async () => {
    const subject = someone()
    const [one, other] = await Promise.all([keys.look('DE', subject), keys.look('DE', subject)])
    expect(await keys.generations('DE', subject)).toEqual([])
    const made = await one(now)
    // It saw none, and another has made one since.
    expect((await other(now)).kid).toBe(made.kid)
    const before = await keys.look('DE', subject)
    await keys.shred(made.kid)
    expect((await before(now)).kid).toBe(made.kid)
    expect((await keys.keyFor('DE', subject, now)).kid).not.toBe(made.kid)
  })

  // Kills: keys of others; one that was erased; a key that is asked for twice and breaks the call.
  test('opens together with others, those that are erased or were never made left out', async () => {
    const made = await Promise.all(
      ['DE', 'FR', 'DE', 'DE'].map((each) => keys.keyFor(each, someone(), now)),
    )
    const [gone = { kid: '' }, ...left] = made
    await keys.shred(gone.kid)
    const kids = [...made, ...made].map(({ kid }) => kid)
    const opened = await keys.openEach([...kids, 'never-made'])
    expect([...opened].map(([kid, kek]) => [kid, hex(kek)]).sort()).toEqual(
      left.map(({ kid, kek }) => [kid, hex(kek)]).sort(),
    )
  })

  // Kills: one key for all subjects, or for all jurisdictions.
  test('is nobody else’s, nor that of the same pseudonym elsewhere', async () => {
    const subject = someone()
    const all = await Promise.all([
      keys.keyFor('DE', subject, now),
      keys.keyFor('FR', subject, now),
      keys.keyFor('DE', someone(), now),
    ])
    expect(new Set(all.map(({ kek }) => hex(kek))).size).toBe(3)
  })

  // Kills: an unconditional put; answering with a key that lost the race.
  test('is one, when a thousand ask for it at once', async () => {
    const subject = someone()
    const all = await Promise.all(
      Array.from({ length: 1000 }, () => keys.keyFor('DE', subject, now)),
    )
    expect(new Set(all.map(({ kek, kid }) => `${kid} ${hex(kek)}`)).size).toBe(1)
    expect(await rowsOf(subject)).toHaveLength(1)
  })

  // Kills: a key at rest in clear.
  test('is nowhere in the store as it is', async () => {
    const subject = someone()
    const { kek } = await keys.keyFor('DE', subject, now)
    const [row] = await rowsOf(subject)
    expect(row?.wrapped?.B).toHaveLength(60)
    expect(hex(row?.wrapped?.B)).not.toContain(hex(kek))
  })

  // Kills: no look at the state; the oldest instead of the newest; sort keys that are not padded;
  // a generation that is used twice.
  test('has a successor each time it was erased, and never comes back', async () => {
    const subject = someone()
    const seen = new Set<string | undefined>()
    const ids = new Set<string>()
    for (let generation = 1; generation <= 11; generation++) {
      const { kid, kek } = await keys.keyFor('DE', subject, now)
      ids.add(kid)
      seen.add(hex(kek))
      expect(await keys.shred(kid)).toBe('shredded')
      expect(await keys.open(kid)).toBeUndefined()
    }
    ids.add((await keys.keyFor('DE', subject, now)).kid)
    expect([seen.size, ids.size]).toEqual([11, 12])
    expect(await rowOf(subject, 12)).toBeDefined()
  })

  test('is one successor, however many ask at once after an erasure', async () => {
    const subject = someone()
    await keys.shred((await keys.keyFor('DE', subject, now)).kid)
    const all = await Promise.all(Array.from({ length: 50 }, () => keys.keyFor('DE', subject, now)))
    expect(new Set(all.map(({ kek, kid }) => `${kid} ${hex(kek)}`)).size).toBe(1)
    expect(await rowsOf(subject)).toHaveLength(2)
  })

  // Kills: a key that stays beside the one in its place; what was left without its key, or of another entry.
  test('gives way to another that opens what was left alone, unless it is held', async () => {
    const subject = someone()
    const { kid, kek } = await keys.keyFor('DE', subject, now)
    const beside = { openings: {}, evidence: { jws: 'a.b.c', body: '{}' }, isLeft: true } as const
    expect(await keys.replace(kid, new Map([['entry-1', beside]]))).toBe(true)
    const other = await keys.open(kid)
    expect(hex(other)).not.toBe(hex(kek))
    expect([...(other?.left ?? [])]).toEqual([['entry-1', beside]])
    expect((await keys.openEach([kid])).get(kid)?.left?.get('entry-1')).toEqual(beside)
    expect((await keys.openToAct(kid))?.left?.get('entry-1')).toEqual(beside)
    const next = await keys.keyFor('DE', subject, now)
    expect([next.kid, hex(next.kek)]).toEqual([kid, hex(other)])

    await keys.hold(kid, 'act-1')
    expect(await keys.replace(kid, new Map())).toBe(false)
    expect((await keys.open(kid))?.left?.size).toBe(1)
    await keys.lift(kid, 'act-1')
    expect(await keys.shred(kid)).toBe('shredded')
    await keys.forget('DE', subject)
    expect(JSON.stringify(await store.rows.keys.everything())).not.toContain('entry-1')
  })

  test('is restricted for the holder’s side alone, where an act says so', async () => {
    const { kid } = await keys.keyFor('DE', someone(), now)
    await keys.restrict(kid, 'act-1', 'findings')
    expect([await keys.isRestricted(kid), await keys.isRestricted(kid, 'findings')]).toEqual([
      false,
      true,
    ])
    expect(await keys.openToAct(kid)).toBeDefined()
    await keys.lift(kid, 'act-1')
    expect(await keys.isRestricted(kid, 'findings')).toBe(false)
  })

  // Kills: a row marked as erased that still opens because its bytes were left behind.
  test('does not open once its row says that it was erased', async () => {
    const subject = someone()
    const { kid } = await keys.keyFor('DE', subject, now)
    await put({ ...(await rowOf(subject, 1)), state: { S: 'shredded' } })
    expect(await keys.open(kid)).toBeUndefined()
    expect((await keys.keyFor('DE', subject, now)).kid).not.toBe(kid)
    expect(await rowOf(subject, 2)).toBeDefined()
  })

  test('does not open by an id under which none was made', async () => {
    for (const kid of ['', 'x', someone(), 'SECRETS', `K#DE#${someone()}`])
      expect(await keys.open(kid)).toBeUndefined()
  })

  // Kills: no look at whose key the row holds, so that a way left by a lost race would open another.
  test('does not open by an id that was made and lost its race', async () => {
    const subject = someone()
    const { kid } = await keys.keyFor('DE', subject, now)
    await put({ ...(await rowOf(subject, 1)), kid: { S: 'of-another' } })
    expect(await keys.open(kid)).toBeUndefined()
  })
})

describe('A wrapped key', () => {
  // Kills: no AAD; an AAD without the subject, or without the generation.
  test('does not open in another subject’s row, nor in another generation’s', async () => {
    const [one, other] = [someone(), someone()]
    const { kid } = await keys.keyFor('DE', one, now)
    await keys.keyFor('DE', other, now)
    await put({ ...(await rowOf(one, 1)), wrapped: (await rowOf(other, 1))?.wrapped })
    await expect(keys.open(kid)).rejects.toThrow(/^couldn’t decrypt/)
    await expect(keys.keyFor('DE', one, now)).rejects.toThrow(/^couldn’t decrypt/)
    await put({ ...(await rowOf(other, 1)), sk: { S: sortKey(2) } })
    await expect(keys.keyFor('DE', other, now)).rejects.toThrow(/^couldn’t decrypt/)
  })

  // Kills: one wrap key for all jurisdictions.
  test('does not open under another jurisdiction’s key', async () => {
    const subject = someone()
    const { kid } = await keys.keyFor('DE', subject, now)
    const french = dynamodbSubjectKeys(store.client, store.tables.keys, () => wrapKey('FR'))
    await expect(french.open(kid)).rejects.toThrow(/^couldn’t decrypt/)
  })

  // Kills: a mode without authentication, a shortened tag.
  test('does not open when any one of its bytes is another', async () => {
    const subject = someone()
    const { kid } = await keys.keyFor('DE', subject, now)
    const row = await rowOf(subject, 1)
    const wrapped = row?.wrapped?.B ?? new Uint8Array()
    for (let i = 0; i < wrapped.length; i++) {
      const flipped = Buffer.from(wrapped)
      flipped.writeUInt8(flipped.readUInt8(i) ^ 1, i)
      await put({ ...row, wrapped: { B: flipped } })
      await expect(keys.open(kid)).rejects.toThrow(/^couldn’t decrypt/)
    }
    for (const length of [0, 12, 27, 28, 59]) {
      await put({ ...row, wrapped: { B: wrapped.subarray(0, length) } })
      await expect(keys.open(kid)).rejects.toThrow(/couldn’t/)
    }
  })
})

describe('A wrapped key that is empty', () => {
  // Kills: a tag shorter than 128 bits, which is guessed sooner.
  test('does not open with a shortened tag', async () => {
    const subject = someone()
    const { kid } = await keys.keyFor('DE', subject, now)
    const nonce = randomBytes(12)
    const cipher = createCipheriv('aes-256-gcm', wrapKey('DE'), nonce)
    cipher.setAAD(Buffer.from(`K#DE#${subject}\u001f000001`)).final()
    const wrapped = { B: Buffer.concat([nonce, cipher.getAuthTag().subarray(0, 12)]) }
    await put({ ...(await rowOf(subject, 1)), wrapped })
    await expect(keys.open(kid)).rejects.toThrow(/^couldn’t decrypt/)
  })
})

describe('When the store fails while a key is made', () => {
  // Kills: giving out a key whose row is not in the store.
  test.each<Fault>(['dropped', 'answer-lost', 'throttled', 'failed', 'failed-applied'])(
    '%s: a key that was given out is the one in the store',
    async (fault) => {
      for (const extent of ['once', 'always']) {
        const line = await startFaults(store.endpoint, ({ operation, indexOfOperation }) =>
          operation === 'PutItem' && (extent === 'always' || indexOfOperation === 0)
            ? fault
            : 'none',
        )
        const client = dynamodb(line.endpoint)
        const subject = someone()
        const through = dynamodbSubjectKeys(client, store.tables.keys, wrapKey)
        const given = await through.keyFor('DE', subject, now).catch(() => undefined)
        const stands = await keys.keyFor('DE', subject, now)
        if (extent === 'once') expect(given).toBeDefined()
        if (given !== undefined) expect(hex(given.kek)).toBe(hex(stands.kek))
        client.destroy()
        await line.cut()
      }
    },
  )

  // Kills: a cache, or a read that gives an older view.
  test('every look is at what was last written, each time', async () => {
    const line = await startFaults(store.endpoint, () => 'none')
    const client = dynamodb(line.endpoint)
    const through = dynamodbSubjectKeys(client, store.tables.keys, wrapKey)
    const { kid } = await through.keyFor('DE', someone(), now)
    await through.open(kid)
    await through.open(kid)
    const reads = line.calls.filter(({ operation }) => operation !== 'PutItem')
    expect(reads.map(({ operation }) => operation)).toEqual([
      'Query',
      ...Array.from({ length: 4 }, () => 'GetItem'),
    ])
    expect(reads.every(({ body }) => body.ConsistentRead === true)).toBe(true)
    client.destroy()
    await line.cut()
  })
})

describe('A key in its quarter', () => {
  // Kills: one key for ever; a quarter told by the month's number alone; the year left out.
  test('serves that quarter, and the next one has its own', async () => {
    const subject = someone()
    const kidAt = async (at: string) => (await keys.keyFor('DE', subject, at)).kid
    const first = await kidAt('2026-10-01T00:00:00.000Z')
    expect(await kidAt('2026-12-31T23:59:59.999Z')).toBe(first)
    const next = await kidAt('2027-01-01T00:00:00.000Z')
    const after = await kidAt('2027-11-01T00:00:00.000Z')
    expect(new Set([first, next, after]).size).toBe(3)
    for (const kid of [first, next, after]) expect(await keys.open(kid)).toHaveLength(32)
    const standing = await keys.generations('DE', subject)
    expect(standing.map(({ kid }) => kid)).toEqual([first, next, after])
  })

  // Kills: a new generation whenever the quarters differ, so that two clocks make keys in turn.
  test('serves a clock that is behind as well', async () => {
    const subject = someone()
    const { kid } = await keys.keyFor('DE', subject, '2027-01-01T00:00:00.000Z')
    expect((await keys.keyFor('DE', subject, '2026-12-31T23:59:59.999Z')).kid).toBe(kid)
  })

  test('opens if it was made before there were quarters', async () => {
    const subject = someone()
    const { kid } = await keys.keyFor('DE', subject, now)
    const { quarter: _, ...old } = (await rowOf(subject, 1)) ?? {}
    await put(old)
    expect(await keys.open(kid)).toHaveLength(32)
    expect((await keys.keyFor('DE', subject, now)).kid).not.toBe(kid)
    expect(await keys.generations('DE', subject)).toHaveLength(2)
  })
})

describe('A key for what leaves', () => {
  // Kills: a key that is marked once something left, after it was destroyed or before it is known.
  test('is made for that, and serves what comes after it as well', async () => {
    const subject = someone()
    const plain = await keys.keyFor('DE', subject, now)
    const first = await keys.keyFor('DE', subject, now, true)
    expect(first.kid).not.toBe(plain.kid)
    expect((await keys.keyFor('DE', subject, now, true)).kid).toBe(first.kid)
    expect((await keys.keyFor('DE', subject, now)).kid).toBe(first.kid)
    expect(hex(await keys.open(plain.kid))).toBe(hex(plain.kek))
  })

  // Kills: a key of the quarter that is kept, destroyed; one of before it, kept; an order that counts for nothing.
  test('is destroyed once its quarter is kept no more, or by order', async () => {
    const { kid } = await keys.keyFor('DE', someone(), now, true)
    expect(await keys.shred(kid, '2026-Q4')).toBe('kept')
    expect(await keys.shred(kid, '0000-Q1')).toBe('kept')
    expect(await keys.open(kid)).toHaveLength(32)
    expect(await keys.shred(kid, '2027-Q1')).toBe('shredded')
    expect(await keys.shred(kid, '2026-Q4')).toBe('shredded')
    const { kid: other } = await keys.keyFor('DE', someone(), now, true)
    expect(await keys.shred(other)).toBe('shredded')
    const { kid: plain } = await keys.keyFor('DE', someone(), now)
    expect(await keys.shred(plain, '0000-Q1')).toBe('shredded')
  })

  // Kills: a hold that is told as what the law keeps, or passed over by an order.
  test('is held as any other', async () => {
    const { kid } = await keys.keyFor('DE', someone(), now, true)
    await keys.hold(kid, 'a')
    expect([await keys.shred(kid), await keys.shred(kid, '2026-Q4')]).toEqual(['held', 'held'])
    await keys.lift(kid, 'a')
    expect(await keys.shred(kid, '2026-Q4')).toBe('kept')
  })

  // Kills: two keys for what leaves at once; one that what leaves does not get.
  test('is one, though a hundred ask for it at once, and none of them without', async () => {
    const subject = someone()
    const asked = Array.from({ length: 100 }, (_, i) =>
      keys.keyFor('DE', subject, now, i % 2 === 0),
    )
    const given = await Promise.all(asked)
    const disclosing = new Set(given.filter((_, i) => i % 2 === 0).map(({ kid }) => kid))
    expect(disclosing.size).toBe(1)
    for (const kid of disclosing) expect(await keys.shred(kid, '2026-Q4')).toBe('kept')
  })
})

describe('An erased key', () => {
  // Kills: a row that keeps the key, or its id, which would lead from the entries to the subject.
  test('leaves nothing but that its generation was', async () => {
    const subject = someone()
    const { kid } = await keys.keyFor('DE', subject, now, true)
    await keys.hold(kid, 'a')
    await keys.lift(kid, 'a')
    expect(await keys.shred(kid)).toBe('shredded')
    const { kid: open } = await keys.keyFor('DE', subject, now)
    for (let times = 0; times < 2; times++) await keys.forget('DE', subject)
    expect(Object.keys((await rowOf(subject, 1)) ?? {}).sort()).toEqual([
      'pk',
      'quarter',
      'sk',
      'state',
    ])
    expect(await keys.open(open)).toHaveLength(32)
    await keys.shred(open)
    await keys.forget('DE', subject)
    const way = { pk: { S: `KID#${kid}` }, sk: { S: 'way' } }
    expect(await store.rows.keys.get(way)).toBeUndefined()
    expect(await keys.generations('DE', subject)).toEqual([])
  })

  // Kills: the row forgotten before the way, which nobody would find again.
  test('is forgotten by the next if whoever forgets it dies on the way', async () => {
    for (let writes = 0; writes < 2; writes++) {
      const subject = someone()
      const { kid } = await keys.keyFor('DE', subject, now)
      await keys.shred(kid)
      let left = writes
      const line = await startFaults(store.endpoint, ({ operation }) =>
        /^(Delete|Update)/.test(operation) && left-- <= 0 ? 'dropped' : 'none',
      )
      const dying = dynamodbSubjectKeys(dynamodb(line.endpoint), store.tables.keys, wrapKey)
      await expect(dying.forget('DE', subject)).rejects.toThrow()
      await line.cut()
      await keys.forget('DE', subject)
      const way = { pk: { S: `KID#${kid}` }, sk: { S: 'way' } }
      expect(await store.rows.keys.get(way)).toBeUndefined()
      expect((await rowOf(subject, 1))?.kid).toBeUndefined()
    }
  })

  test('is erased however often, and can be neither held nor restricted', async () => {
    const { kid } = await keys.keyFor('DE', someone(), now)
    expect(await Promise.all([keys.shred(kid), keys.shred(kid), keys.shred(kid)])).toEqual(
      Array(3).fill('shredded'),
    )
    expect(await keys.hold(kid, 'a')).toBe(false)
    expect(await keys.restrict(kid, 'a')).toBe(false)
    await keys.lift(kid, 'a')
    expect(await keys.open(kid)).toBeUndefined()
  })

  // Kills: an update that makes a row, or a key that is no more, out of nothing.
  test('does not come to be by an act on it', async () => {
    const subject = someone()
    for (const act of [keys.hold, keys.restrict, keys.lift]) await act(subject, 'a')
    expect(await keys.shred(subject)).toBe('shredded')
    expect(await rowsOf(subject)).toEqual([])
    expect(await keys.isRestricted(subject)).toBe(false)
  })
})

describe('A held key', () => {
  // Kills: a count in place of the acts, which a retry would raise; a lift that ends every hold.
  test('stays until every act that holds it is lifted, however often each came', async () => {
    const { kid, kek } = await keys.keyFor('DE', someone(), now)
    for (const act of ['a', 'a', 'b']) expect(await keys.hold(kid, act)).toBe(true)
    expect(await keys.shred(kid)).toBe('held')
    await keys.lift(kid, 'a')
    expect(await keys.shred(kid)).toBe('held')
    expect(hex(await keys.open(kid))).toBe(hex(kek))
    await keys.lift(kid, 'b')
    expect(await keys.shred(kid)).toBe('shredded')
  })

  // Kills: a late retry of a hold that brings back what was lifted.
  test('is not held anew by a retry after the lift', async () => {
    const { kid } = await keys.keyFor('DE', someone(), now)
    await keys.hold(kid, 'a')
    await keys.lift(kid, 'a')
    expect(await keys.hold(kid, 'a')).toBe(false)
    expect(await keys.shred(kid)).toBe('shredded')
  })

  test('says so of its generation alone', async () => {
    const subject = someone()
    const first = await keys.keyFor('DE', subject, now)
    const next = await keys.keyFor('DE', subject, '2027-01-01T00:00:00.000Z')
    await keys.hold(first.kid, 'a')
    expect(await keys.generations('DE', subject)).toEqual([
      { kid: first.kid, subject, isHeld: true },
      { kid: next.kid, subject, isHeld: false },
    ])
  })

  // Kills: looking whether it is held, and then erasing by a second, unconditional write.
  test('wins or loses against an erasure, never both: 200 races', async () => {
    const won = { hold: 0, shred: 0 }
    const races = Array.from({ length: 200 }, async (_, i) => {
      const { kid } = await keys.keyFor('DE', someone(), now)
      const shred = () => keys.shred(kid)
      const hold = () => keys.hold(kid, 'a')
      const [shredded, held] =
        i % 2 === 0
          ? await Promise.all([shred(), hold()])
          : await Promise.all([hold(), shred()]).then(([a, b]) => [b, a] as const)
      const opens = (await keys.open(kid)) !== undefined
      expect([shredded, held, opens]).toEqual(
        held ? ['held', true, true] : ['shredded', false, false],
      )
      won[held ? 'hold' : 'shred'] += 1
    })
    await Promise.all(races)
    // Both must have happened, or nothing was raced.
    expect(Math.min(won.hold, won.shred)).toBeGreaterThan(10)
  })

  // Kills: taking a lost answer for a refusal: an erased key reported as held, a held one as free.
  test.each<Fault>(['answer-lost', 'failed-applied'])(
    '%s: the answer is the truth',
    async (fault) => {
      const line = await startFaults(store.endpoint, ({ operation, indexOfOperation }) =>
        operation === 'UpdateItem' && indexOfOperation % 2 === 0 ? fault : 'none',
      )
      const client = dynamodb(line.endpoint)
      const through = dynamodbSubjectKeys(client, store.tables.keys, wrapKey)
      const { kid } = await keys.keyFor('DE', someone(), now)
      expect(await through.hold(kid, 'a')).toBe(true)
      expect(await through.shred(kid)).toBe('held')
      await through.lift(kid, 'a')
      expect(await through.shred(kid)).toBe('shredded')
      expect(await keys.open(kid)).toBeUndefined()
      client.destroy()
      await line.cut()
    },
  )
})

describe('A restricted key', () => {
  // Kills: a restriction that hides the key, or that a lift of another act ends.
  test('opens, and says that it is for evidence only, until its act is lifted', async () => {
    const { kid } = await keys.keyFor('DE', someone(), now)
    expect(await keys.isRestricted(kid)).toBe(false)
    expect(await keys.restrict(kid, 'a')).toBe(true)
    await keys.lift(kid, 'b')
    expect(await keys.isRestricted(kid)).toBe(true)
    expect(await keys.open(kid)).toHaveLength(32)
    await keys.lift(kid, 'a')
    expect(await keys.isRestricted(kid)).toBe(false)
    expect(await keys.restrict(kid, 'a')).toBe(false)
  })

  // Kills: a restricted key that opens to whoever acts; one that is given to what is asked since.
  test('opens to nobody who acts on it, and what is asked since has another, which does', async () => {
    const subject = someone()
    const { kid } = await keys.keyFor('DE', subject, now)
    expect(await keys.openToAct(kid)).toHaveLength(32)
    await keys.restrict(kid, 'a')
    expect(await keys.openToAct(kid)).toBeUndefined()
    const next = await keys.keyFor('DE', subject, now)
    expect(next.kid).not.toBe(kid)
    expect(Buffer.from((await keys.openToAct(next.kid)) ?? []).equals(next.kek)).toBe(true)
    await keys.lift(kid, 'a')
    expect(await keys.openToAct(kid)).toHaveLength(32)
    expect((await keys.keyFor('DE', subject, now)).kid).toBe(next.kid)
    await keys.shred(kid)
    expect(await keys.openToAct(kid)).toBeUndefined()
  })

  test('may be erased: restriction is no hold', async () => {
    const { kid } = await keys.keyFor('DE', someone(), now)
    await keys.restrict(kid, 'a')
    expect(await keys.shred(kid)).toBe('shredded')
    expect(await keys.isRestricted(kid)).toBe(false)
  })
})

describe('The keys that retention is about', () => {
  const earlier = async (jurisdiction: string, quarter: string) => {
    const found: string[] = []
    const keysOf = dynamodbEarlierKeys(store.client, store.tables.keys)
    for await (const { kid } of keysOf(jurisdiction, quarter)) found.push(kid)
    return found
  }
  const made = async (jurisdiction: string, at: string) =>
    (await keys.keyFor(jurisdiction, someone(), at)).kid

  // Kills: the quarter itself; another jurisdiction's keys; keys that are held, or erased and forgotten; an
  // erased one that is passed over though what leads to it is still there.
  test('are those of earlier quarters that are not held and not forgotten, of one jurisdiction', async () => {
    const old = await Promise.all([
      made('XX', '2019-12-31T23:59:59.999Z'),
      made('XX', '2018-01-01'),
    ])
    await made('XX', '2020-01-01T00:00:00.000Z')
    await made('XXX', '2019-01-01')
    const held = await made('XX', '2019-01-01')
    await keys.hold(held, 'a')
    const erased = await made('XX', '2019-01-01')
    await keys.shred(erased)
    old.push(erased)
    const forgotten = someone()
    await keys.shred((await keys.keyFor('XX', forgotten, '2019-01-01')).kid)
    await keys.forget('XX', forgotten)
    expect(new Set(await earlier('XX', '2020-Q1'))).toEqual(new Set(old))
    expect(await earlier('XX', '2018-Q1')).toEqual([])
    await keys.lift(held, 'a')
    expect(await earlier('XX', '2019-Q2')).toEqual(expect.arrayContaining([held]))
  })

  test('are not those that were made before there were quarters', async () => {
    const subject = someone()
    await keys.keyFor('YY', subject, '2019-01-01')
    const place = { pk: { S: `K#YY#${subject}` }, sk: { S: '000001' } }
    const { quarter: _, ...row } = (await store.rows.keys.get(place)) ?? {}
    await put(row)
    expect(await earlier('YY', '2030-Q1')).toEqual([])
  })
})
