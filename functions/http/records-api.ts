/** Routes for the records of holders that have no system of their own, and for what becomes of what left. */

import { Hono } from 'hono'
import { recall, recallSchema, signRecall } from '../answer/messages/recall.ts'
import { answerNotice, changeSchema, didSchema, sayChanged } from '../answer/messages/recipients.ts'
import { correct, correctionSchema, erase, keep, keptSchema } from '../answer/records/records.ts'
import { recordId } from '../decision/record.ts'
import type { World } from '../ports.ts'
import { acting } from './acts.ts'
import type { Guarded, Log } from './guard.ts'

type App = Hono<{ Variables: Guarded }>

/** The routes. */
export function recordsApi(world: World, log: Log): App {
  const app: App = new Hono()
  const { act, actOn } = acting(log)
  app.put(
    '/records/:id',
    actOn(keptSchema, async (call, body, given) => {
      const id = recordId.safeParse(given)
      if (!id.success) return { kind: 'no-such-record' }
      const { kept, warnings } = await keep(call, id.data, body, world)
      return kept.kind === 'done' ? { ...kept, warnings } : kept
    }),
  )
  app.patch(
    '/records/:id',
    actOn(correctionSchema, (call, body, id) => correct(call, id, body, world)),
  )
  app.delete(
    '/records/:id',
    act((call, id) => erase(call, id, world)),
  )
  app.post(
    '/corrections',
    actOn(changeSchema, (call, body) => sayChanged(call, body, world)),
  )
  app.post(
    '/recalls',
    actOn(recallSchema, (call, body) => recall(call, body, world)),
  )
  app.post(
    '/recalls/:id/signatures',
    act((call, id) => signRecall(call, id, world)),
  )
  app.post(
    '/notices/:id/done',
    actOn(didSchema, (call, body, id) => answerNotice(call, id, body, world)),
  )
  return app
}
