/** Routes for holders' own systems. */

import { Hono } from 'hono'
import { answerQuestion, waitingQuestions } from '../answer/ask/questions.ts'
import { systemAnswerSchema } from '../decision/question.ts'
import type { World } from '../ports.ts'
import { waitSchema } from './bodies.ts'
import { bodyAs, type Guarded, type Log, queryAs } from './guard.ts'
import { refused } from './refusal.ts'

type App = Hono<{ Variables: Guarded }>

/** The routes. */
export function questionsApi(world: World, log: Log): App {
  const app: App = new Hono()
  app.get('/questions', async (c) => {
    const query = queryAs(c, waitSchema)
    if ('response' in query) return query.response
    const { kind, ...waiting } = await waitingQuestions(c.get('call'), query.value.wait, world)
    return kind === 'waiting' ? c.json(waiting) : refused(c.get('traceId'), { kind }, log)
  })
  app.post('/questions/:id', async (c) => {
    const body = await bodyAs(c, systemAnswerSchema())
    if ('response' in body) return body.response
    const taken = await answerQuestion(c.get('call'), c.req.param('id'), body.value, world)
    if (taken.kind !== 'taken') return refused(c.get('traceId'), taken, log)
    return c.json({ id: taken.id }, taken.first ? 201 : 200)
  })
  return app
}
