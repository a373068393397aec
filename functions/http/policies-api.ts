/** Shows what is in force, in JSON and in words. These calls need no signature, since law is not secret. */

import { Hono } from 'hono'
import { inForce } from '../policy/history.ts'
import { duties } from '../policy/obligations.ts'
import { confidences } from '../policy/sentence.ts'
import { vocabulary } from '../policy/vocabulary.ts'
import { vouching } from '../policy/vouching.ts'
import type { World } from '../ports.ts'
import { problem } from './problem.ts'
import type { Trace } from './trace.ts'

/** Policies and vocabulary. */
export function policiesApi(world: World) {
  const app = new Hono<{ Variables: Trace }>()

  app.get('/policies', async (c) => {
    const now = world.now().toISOString()
    const { book } = await world.law.now()
    const { policies, listVersions, suspended } = inForce(book, now, now)
    return c.json({
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
    })
  })

  app.get('/policies/:folder/:name', async (c) => {
    const [name = '', version = ''] = c.req.param('name').split('@')
    const id = `${c.req.param('folder')}/${name}`
    const { book } = await world.law.now()
    const policy = book.policies.find((each) => each.id === id && each.version === version)
    if (policy === undefined) return problem(c.get('traceId'), 'not-found')
    const { digest, sealedAt, file, translations } = policy
    const sentences = [...(translations ?? [])].map(([en, others]) => ({ en, ...others }))
    return c.json({ id, version, digest, sealedAt, policy: file, sentences })
  })

  app.get('/vocabulary', (c) => c.json({ facts, duties, confidences }))

  return app
}

/** Every fact. A fact that an office vouches for also says what it is about, and how far its word may reach. */
const facts = Object.fromEntries(
  Object.entries(vocabulary).map(([name, fact]) => {
    const own = vouching[name]
    return [name, own === undefined ? fact : { ...fact, vouching: own }]
  }),
)
