/**
 * Work that takes longer than a page may: it is begun once, goes on in short turns, so that the desk answers meanwhile, and
 * says how far it is.
 */

import { setImmediate, setTimeout } from 'node:timers/promises'
import type { Context } from 'hono'
import { type Html, html } from '../../answer/reply/html.ts'
import { Failure } from '../../terminal/exit.ts'
import { type Progress, progressWords } from '../law/steps.ts'
import { failureHtml } from './frame.ts'

/** What is done in steps, each of which may say how far it is. */
type Steps<T> = Iterator<Progress | undefined, T>

/** One piece of work that was begun. `ended` once it is. */
export type Work<T> = {
  readonly id: string
  readonly progress: Progress | undefined
  readonly ended: { readonly result: T } | { readonly error: unknown } | undefined
}

/** How long one turn takes, ms: a page that waits for a few of them still seems to answer at once. */
const turnMs = 50
/** How long a page waits for the end before it says how far the work is, ms. */
const waitMs = 1000
/** After how many seconds a page that waits looks again. */
const lookAgainSeconds = 3

/** Work by name. Of each name only the newest goes on, and is kept. */
export function longWork<T>() {
  const works = new Map<string, { -readonly [Name in keyof Work<T>]: Work<T>[Name] }>()
  let begun = 0
  return {
    /** Begins anew, and comes back at its end or after a second. */
    async begin(name: string, steps: Steps<T> | Promise<Steps<T>>): Promise<Work<T>> {
      begun += 1
      const work = { id: String(begun), progress: undefined, ended: undefined }
      works.set(name, work)
      const late = setTimeout(waitMs, undefined, { ref: false })
      await Promise.race([go(name, work.id, steps), late])
      return works.get(name) ?? work
    },
    /** What was begun; undefined if it is not the newest of its name, or of an earlier start of the desk. */
    find(name: string, id: string): Work<T> | undefined {
      const work = works.get(name)
      return work?.id === id ? work : undefined
    },
    /** What was begun last under a name. */
    newest: (name: string): Work<T> | undefined => works.get(name),
  }

  async function go(name: string, id: string, begun: Steps<T> | Promise<Steps<T>>): Promise<void> {
    const steps = await Promise.resolve(begun).catch(failing)
    for (;;) {
      const work = works.get(name)
      if (work?.id !== id) return
      const end = performance.now() + turnMs
      do {
        try {
          const step = steps.next()
          if (step.done) work.ended = { result: step.value }
          else work.progress = step.value ?? work.progress
        } catch (error) {
          work.ended = { error }
        }
        if (work.ended !== undefined) return
      } while (performance.now() < end)
      await setImmediate()
    }
  }
}

/** Steps whose first fails with what came before them. */
const failing = (error: unknown) => ({
  next(): never {
    throw error
  },
})

/** What a page shows of long work. */
export type WorkState<T> =
  | { readonly is: 'not-begun' }
  | { readonly is: 'doing'; readonly progress: Progress | undefined; readonly here: string }
  | { readonly is: 'failed'; readonly failure: Failure }
  | { readonly is: 'done'; readonly result: T }

/** How a page is asked for that shows work, and how it is made. */
type Asked<T> = {
  /** Of which work only the newest goes on. */
  readonly name: string
  /** Each field of its address but `go`, which begins the work, and `run`, which is what was begun. */
  readonly fields: Readonly<Record<string, string>>
  readonly steps: () => Steps<T> | Promise<Steps<T>>
  readonly page: (shown: WorkState<T>) => string
}

/** Answers with the page: it begins the work once `go` is asked for, and then looks again by itself until it is done. */
export async function workPage<T>(
  c: Context,
  works: ReturnType<typeof longWork<T>>,
  { name, fields, steps, page }: Asked<T>,
): Promise<Response> {
  const { go, run = '' } = c.req.query()
  const work = go === undefined ? works.find(name, run) : await works.begin(name, steps())
  if (work === undefined) return c.html(page({ is: 'not-begun' }))
  if (work.ended === undefined) {
    const here = `${c.req.path}?${new URLSearchParams({ ...fields, run: work.id })}`
    if (go !== undefined) return c.redirect(here, 303)
    return c.html(page({ is: 'doing', progress: work.progress, here }), 200, lookAgain)
  }
  if ('result' in work.ended) return c.html(page({ is: 'done', result: work.ended.result }))
  const { error } = work.ended
  if (!(error instanceof Failure)) throw error
  return c.html(page({ is: 'failed', failure: error }), 422)
}

/** The part of the page that says how far it is, or what came of it. */
export function workHtml<T>(shown: WorkState<T>, idle: Html, done: (result: T) => Html): Html {
  switch (shown.is) {
    case 'not-begun':
      return idle
    case 'doing':
      return progressHtml(shown.progress, shown.here)
    case 'failed':
      return failureHtml(shown.failure.message)
    case 'done':
      return done(shown.result)
  }
}

/** The header by which a page looks again by itself, without a script. */
const lookAgain = { Refresh: String(lookAgainSeconds) } as const

/** How far it is, on a page that looks again; `here` is its address. */
export const progressHtml = (progress: Progress | undefined, here: string): Html =>
  html`<p role="status">${progress === undefined ? 'It has begun.' : html`${progressWords(progress)}. ${barHtml(progress)}`}</p>
<p class="soft">This page looks again every ${lookAgainSeconds} seconds until it is done. <a href="${here}">Look now</a></p>`

const barHtml = ({ done, of, what }: Progress): Html =>
  of === undefined
    ? html`<progress aria-label="${what}"></progress>`
    : html`<progress max="${of}" value="${done}" aria-label="${what}"></progress>`
