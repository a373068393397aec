/** Takes an act that an officer signed, sends it to the API, and shows what came of it. */

import * as z from 'zod'
import { type Html, html } from '../answer/reply/html.ts'
import { say } from '../answer/reply/say.ts'
import type { ConsoleWorld } from '../console-ports.ts'
import { problem, problemSchema } from '../http/problem.ts'
import { failed } from '../http/refusal.ts'
import { mayActNow } from '../identity/session.ts'
import { changeHtml, type Done } from './act.ts'
import { show, tokenHtml } from './frame.ts'
import {
  asSentBefore,
  doneBefore,
  enteredBefore,
  hiddenHtml,
  jsonIn,
  keptFormHtml,
  signedIn,
  stillNotKnownHtml,
  typedIn,
  wasSentBefore,
} from './kept-form.ts'
import type { Looking } from './looking.ts'
import { termsHtml } from './page.ts'
import { formToken, nextOf, noteSigned, type PageContext } from './visitor.ts'

/**
 * Takes an act that was signed, and sends it to the API. The form must be of this session (`visitors` saw to that), and
 * the act of its officer: what another signed is not done here, whoever sends it. All else the API checks.
 */
export async function takeAct(
  c: PageContext,
  { world, log }: Looking,
  doneBy: (method: string, path: string) => Done | undefined,
): Promise<Response> {
  const traceId = c.get('traceId')
  const [form, visitor] = [c.get('form'), c.get('visitor')]
  const field = (name: string) => form.get(name) ?? ''
  const back = nextOf(field('back'))
  const act = signedIn(form)
  if (world.api === undefined || act === undefined) return problem(traceId, 'not-found')
  const { claims, authorization } = act
  const { pathname } = new URL(claims.htu)
  const done = doneBy(claims.htm, pathname)
  const isOwn = claims.iss === visitor.agency.id && claims.sub === visitor.officer.id
  if (!isOwn || done === undefined || claims.htu !== `${world.api.origin}${pathname}`)
    return problem(traceId, 'not-found')
  if (!mayActNow(visitor.session, world.now().getTime()))
    return late(c, world, back, () => tooLate(c, world, form))
  const body = field('body')
  const call = new Request(claims.htu, {
    method: claims.htm,
    headers: {
      authorization,
      // The page shows sentences in the officer's language, as any caller asks for them.
      'accept-language': c.req.header('Accept-Language') ?? 'en',
      ...(body === '' ? {} : { 'content-type': 'application/json' }),
    },
    ...(body === '' ? {} : { body }),
  })
  const answered = await answerTo(call, world.api, (error) =>
    failed(traceId, error, world.isStoreAway, log),
  )
  if (answered === undefined) return notKnown(c, world, form, back)
  const { said, isDone } = answered
  if (!isDone) {
    const isTooLate = problemSchema.parse(said).code === 'unauthorized'
    const refused = () => notDone(c, world, said, form)
    return isTooLate ? late(c, world, back, refused) : refused()
  }
  noteSigned(c, act.kid)
  try {
    const sent = {
      ...{ at: world.now().toISOString(), path: pathname },
      ...{ body: jsonIn(body), typed: typedIn(form, nextOf).fields },
    }
    const main = html`${done.main(said, visitor, sent)}${ending(back)}`
    return show(c, world, { title: done.title, main, styles: done.styles ?? [] })
  } catch (error) {
    failed(traceId, error, world.isStoreAway, log)
    return notShown(c, world, said, back)
  }
}

/**
 * The answer of the API. Undefined if there is none, or if it failed: then nobody knows here whether the act was
 * entered. `report` takes what went wrong on the way.
 */
async function answerTo(
  sent: Request,
  api: NonNullable<ConsoleWorld['api']>,
  report: (error: unknown) => void,
): Promise<{ readonly said: unknown; readonly isDone: boolean } | undefined> {
  try {
    const answer = await api.call(sent)
    if (answer.status >= 500) return undefined
    return { said: await answer.json(), isDone: answer.ok }
  } catch (error) {
    report(error)
    return undefined
  }
}

/** An act whose answer did not come. It is one call however often it is sent, so the officer sends the same again. */
function notKnown(
  c: PageContext,
  world: ConsoleWorld,
  form: URLSearchParams,
  back: string,
): Response {
  const main = html`<p>${say('sent.notKnownSays')}</p>
<form method="post" action="/console/acts">${tokenHtml(c.get('visitor').secret)}${hiddenHtml(asSentBefore(form))}
<p><button>${say('sent.sendAgain')}</button></p></form>${ending(back)}`
  return show(c, world, { title: say('sent.notKnown'), main, status: 503 })
}

/**
 * An act that comes too late now. If it was done when it was sent before, the page says so; `refused` says that nothing
 * was done, for one that was not.
 */
async function late(
  c: PageContext,
  world: ConsoleWorld,
  back: string,
  refused: () => Response,
): Promise<Response> {
  const form = c.get('form')
  const entry = await enteredBefore(form, c.get('visitor'), world)
  if (entry !== undefined) {
    const { title, main } = doneBefore(entry)
    return show(c, world, { title, main: html`${main}${ending(back)}` })
  }
  return wasSentBefore(form) ? stillNotKnown(c, world, back) : refused()
}

/** An act that was sent before and comes too late now: that it is refused does not say that it was not entered. */
const stillNotKnown = (c: PageContext, world: ConsoleWorld, back: string): Response =>
  show(c, world, {
    title: say('sent.notKnown'),
    main: html`${stillNotKnownHtml}${ending(back)}`,
    status: 422,
  })

/** An act that was entered, and whose answer this page cannot show. */
function notShown(c: PageContext, world: ConsoleWorld, said: unknown, back: string): Response {
  const { id, receipt } = z
    .looseObject({ id: z.string(), receipt: z.string() })
    .partial()
    .catch({})
    .parse(said)
  const main = html`<p>${say('sent.notShown')}</p>
${id === undefined ? '' : termsHtml([[say('terms.entry'), html`<code>${id}</code>`]])}
${receipt === undefined ? '' : html`<details><summary>${say('terms.theReceipt')}</summary><pre>${receipt}</pre></details>`}${ending(back)}`
  return show(c, world, { title: say('sent.done'), main })
}

const ending = (back: string): Html =>
  html`<p><a class="button second" href="${back}">${say('terms.goBack')}</a></p>`

function tooLate(c: PageContext, world: ConsoleWorld, form: URLSearchParams): Response {
  const { to, fields } = typedIn(form, nextOf)
  const token = formToken(c.get('visitor').secret)
  const main = html`<p>${say('sent.tooLateSays')}</p>
${keptFormHtml(to, [['token', token], ...fields])}`
  return show(c, world, { title: say('sent.tooLate'), main, status: 422 })
}

function notDone(
  c: PageContext,
  world: ConsoleWorld,
  said: unknown,
  form: URLSearchParams,
): Response {
  const { to, fields } = typedIn(form, nextOf)
  const { title, code, detail, errors = [] } = problemSchema.parse(said)
  const why =
    code === 'unauthorized' ? html`<p>${say('sent.noSignature')}</p>` : html`<p>${title}.</p>`
  const main = html`${why}${detail === undefined ? '' : html`<p>${detail}</p>`}
<ul>${errors.map((each) => html`<li><code>${each.pointer}</code> ${each.detail}</li>`)}</ul>${changeHtml(c.get('visitor'), to, fields)}${ending(nextOf(form.get('back') ?? undefined))}`
  return show(c, world, { title: say('sent.nothingDone'), main, status: 422 })
}
