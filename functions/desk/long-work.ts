/**
 * Work that takes longer than a page may: it is begun once, goes on in short turns, so that the desk answers meanwhile, and
 * says how far it is.
 */

import { setImmediate, setTimeout } from 'node:timers/promises'
import { type Html, html } from '../answer/html.ts'
import type { Progress } from '../cli/policy-test.ts'

/** One piece of work that was begun. `ended` once it is. */
export type Work<T> = {
  readonly id: string
  readonly progress: Progress | undefined
  readonly ended: { readonly result: T } | { readonly error: unknown } | undefined
}

/** How long one turn takes, ms. Source: a page that waits for a few of them still seems to answer at once. */
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
    async begin(name: string, steps: Iterator<Progress, T>): Promise<Work<T>> {
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
  }

  async function go(name: string, id: string, steps: Iterator<Progress, T>): Promise<void> {
    for (;;) {
      const work = works.get(name)
      if (work?.id !== id) return
      const end = performance.now() + turnMs
      do {
        try {
          const step = steps.next()
          if (step.done) work.ended = { result: step.value }
          else work.progress = step.value
        } catch (error) {
          work.ended = { error }
        }
        if (work.ended !== undefined) return
      } while (performance.now() < end)
      await setImmediate()
    }
  }
}

/** The header by which a page looks again by itself, without a script. */
export const lookAgain = { Refresh: String(lookAgainSeconds) } as const

/** How far it is, on a page that looks again; `here` is its address. */
export const progressHtml = (progress: Progress | undefined, here: string): Html =>
  html`<p role="status">${progress === undefined ? 'It has begun.' : html`${progress.done} of ${progress.of} ${progress.what}. <progress max="${progress.of}" value="${progress.done}" aria-label="${progress.what}"></progress>`}</p>
<p class="soft">This page looks again every ${lookAgainSeconds} seconds until it is done. <a href="${here}">Look now</a></p>`
