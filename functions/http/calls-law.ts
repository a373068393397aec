/** Shows what is in force, in JSON and in words. These calls need no signature, since law is not secret. */

import { inForce } from '../policy/history.ts'
import { duties } from '../policy/obligations.ts'
import { confidences } from '../policy/sentence.ts'
import { vocabulary } from '../policy/vocabulary.ts'
import { vouching } from '../policy/vouching.ts'
import type { World } from '../ports.ts'
import { anything } from './bodies.ts'
import { type CallRows, call } from './calls.ts'

/** The rows. */
export const callsOnLaw = {
  'GET /v1/policies': call({
    summary: 'What is in force.',
    answers: { 200: ['Today', anything] },
    take: async ({ c, world }) =>
      c.body(await lawToday(world), 200, { 'content-type': 'application/json' }),
  }),
  'GET /v1/policies/:folder/:name': call({
    summary: 'One version, its name written as `<policy>@<version>`.',
    answers: { 200: ['The version', anything] },
    problems: ['not-found'],
    take: async ({ c, world }) => {
      const { folder = '', name = '' } = c.req.param()
      const found = await versionOf(folder, name, world)
      return found === undefined ? { kind: 'not-found' } : c.json(found)
    },
  }),
  'GET /v1/vocabulary': call({
    summary: 'Every fact that a rule may read, every duty, every confidence mark.',
    answers: { 200: ['The vocabulary', anything] },
    take: async ({ c }) => c.json({ facts, duties, confidences }),
  }),
} satisfies CallRows

/** The answer of a second, of each book: whoever asks signs nothing, so that it is made once for all who ask in it. */
const todays = new WeakMap<
  object,
  { readonly second: string; readonly bytes: Uint8Array<ArrayBuffer> }
>()

async function lawToday(world: World): Promise<Uint8Array<ArrayBuffer>> {
  const now = world.now().toISOString()
  const { book } = await world.law.now()
  const second = now.slice(0, 19)
  const known = todays.get(book)
  if (known?.second === second) return known.bytes
  const bytes = new TextEncoder().encode(JSON.stringify(lawAt(now, book)))
  todays.set(book, { second, bytes })
  return bytes
}

function lawAt(now: string, book: Parameters<typeof inForce>[0]) {
  const { policies, listVersions, suspended } = inForce(book, now, now)
  return {
    asOf: now,
    policies: policies.map((policy) => {
      const { id, version, digest, sealedAt, file } = policy
      return {
        id,
        version,
        digest,
        sealedAt,
        ...(suspended.has(policy) ? { suspended: true } : {}),
        title: file.title,
        kind: file.kind,
        notice: file.notice,
        instrument: file.instrument,
        says: [file.applies.says, ...file.rules.map(({ says }) => says)],
      }
    }),
    lists: listVersions.map(({ id, version, digest, sealedAt, file }) => ({
      id,
      version,
      digest,
      sealedAt,
      title: file.title,
      says: file.says,
    })),
  }
}

async function versionOf(folder: string, given: string, world: World) {
  const [name = '', version = ''] = given.split('@')
  const id = `${folder}/${name}`
  const { book } = await world.law.now()
  const policy = book.policies.find((each) => each.id === id && each.version === version)
  if (policy === undefined) return undefined
  const { digest, sealedAt, file, translations } = policy
  const sentences = [...(translations ?? [])].map(([en, others]) => ({ en, ...others }))
  return { id, version, digest, sealedAt, policy: file, sentences }
}

/** Every fact. A fact that an office vouches for also says what it is about, and how far its word may reach. */
const facts = Object.fromEntries(
  Object.entries(vocabulary).map(([name, fact]) => {
    const own = vouching[name]
    return [name, own === undefined ? fact : { ...fact, vouching: own }]
  }),
)
