/** What an instance does before its first call. */

import { afterAll, beforeAll, expect, test } from 'vitest'
import { ephemeralKey } from '../../functions/adapters/ephemeral-key.ts'
import { rareStores } from '../../functions/adapters/rare-stores.ts'
import { tables } from '../../functions/adapters/tables.ts'
import { makeWorld } from '../../functions/adapters/world.ts'
import { readConfig } from '../../functions/config.ts'
import { rehearse } from '../../functions/http/rehearsal.ts'
import { demonstrationRegistrars } from '../../functions/identity/registrars.ts'
import type { Entry } from '../../functions/ledger/entry.ts'
import { readBook } from '../../functions/policy/read-book.ts'
import { type Store, startDynalite } from '../dynalite.ts'
import { fixedLaw } from '../fixed-law.ts'
import { origin } from '../world.ts'
import { worldLaw } from '../world-law.ts'

let store: Store
beforeAll(async () => {
  store = await startDynalite()
})
afterAll(() => store.close())

const { book } = readBook(worldLaw, () => '2026-01-01T00:00:00Z')

/** What a rehearsal of a gateway for these jurisdictions came to, and what was asked of its store meanwhile. */
async function rehearsed(holds: string, failing?: Error) {
  const names = Object.values(tables).map(({ variable, localName }) => [variable, localName])
  const config = readConfig({
    ...Object.fromEntries(names),
    COMITY_ORIGIN: origin,
    COMITY_GATEWAY: 'comity.test',
    COMITY_REGISTRARS: JSON.stringify(demonstrationRegistrars),
    COMITY_ENVIRONMENT: 'dev',
    COMITY_HOLDS: holds,
  })
  const plain = { wrap: async (bytes: Uint8Array) => bytes, unwrap: async (b: Uint8Array) => b }
  const asked: object[] = []
  const read: object[] = []
  const watch = { step: 'initialize', name: 'watch', override: true } as const
  store.client.middlewareStack.add(
    (next) => (args) => {
      read.push(args.input)
      return next(args)
    },
    watch,
  )
  const entries: Entry[] = []
  let answer: Awaited<ReturnType<typeof rehearse>> | undefined
  const made = await makeWorld(config, {
    ...{ law: fixedLaw(book), wrapper: plain, build: 'test', stores: rareStores },
    client: store.client,
    async rehearse(world) {
      if (failing !== undefined) throw failing
      const { send } = store.client
      store.client.send = async ({ input }: { readonly input: object }) => void asked.push(input)
      const append = (entry: Entry) => {
        entries.push(entry)
        return world.ledger.append(entry)
      }
      answer = await rehearse({ ...world, ledger: { ...world.ledger, append } }, ephemeralKey())
      store.client.send = send
    },
  })
  return { asked, read, entries, answer, made }
}

// Kills: a start that says `ready` before what a call needs was read once; one that stops on the way, such as at a
// signature, and so warms nothing after it; an entry of somebody whom nobody asked for.
test.each(['DE', 'FR', 'GB'])(
  'A start of a gateway for %s goes through a whole answer, up to its entry, and asks no store but for the register',
  async (holds) => {
    const { asked, read, entries, answer } = await rehearsed(holds)
    // Who the registrars are, and what anybody has seen of them, the first call would wait to hear, too.
    const ofRegister = [`{"TableName":"${store.tables.register}"`, `{"pk":{"S":"M#register`]
    const has = (part: string) => (input: object) => JSON.stringify(input).includes(part)
    expect(ofRegister.filter((part) => !read.some(has(part)))).toEqual([])
    expect(asked.filter((each) => !ofRegister.some((part) => has(part)(each)))).toEqual([])
    expect(entries.map(({ leaf }) => [leaf.t, leaf.hj, leaf.out])).toEqual([
      ['decision', holds, 'deny'],
    ])
    expect(entries[0]?.ciphertext.length).toBeGreaterThan(2_000)
    // It was not durable, and so nothing was sent.
    expect(answer?.statusCode).toBe(503)
    expect(JSON.parse(answer?.body ?? '')).toMatchObject({ code: 'not-durable' })
    expect(answer?.body).not.toContain('Nobody')
  },
)

// Kills: an instance that answers nobody since what it does to be quick has failed.
test('A rehearsal that fails keeps no instance from answering', async () => {
  const { made } = await rehearsed('DE', new Error('it stopped on the way'))
  expect(made.gateway).toBe('comity.test')
  expect(await made.register.agency('XX-NONE')).toBeUndefined()
})
