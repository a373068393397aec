/** A desk with a draft of the next version of a directive, and what a lawyer does with its text. */

import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'vitest'
import { copyOfPolicies } from '../../cli/in-process.ts'
import { atDesk } from './browser.ts'

/** The version that the draft replaces, and the draft, by their paths without an ending. */
export const [before, draft] = ['eu/exchange/2024-12-12.r2', 'eu/exchange/2027-01-01'] as const

/** Starts the draft in a copy of the law. Whoever calls it removes the copies afterwards. */
export async function startDraft() {
  const folder = copyOfPolicies()
  const desk = atDesk(folder)
  const read = (path: string) => readFileSync(join(folder, path), 'utf8')
  const start = (more: Readonly<Record<string, string>> = {}) =>
    desk.post('/draft', {
      of: `${before}.json`,
      kind: 'version',
      day: '2027-01-01',
      change: 'Raises the threshold to two years.',
      ...more,
    })
  expect((await start()).headers.get('Location')).toBe('/edit?file=eu%2Fexchange%2F2027-01-01.json')
  return {
    ...{ folder, desk, read, start },
    /** Presses a button of the editor, as of what its page shows unless a digest is given. */
    async press(act: string, text: string, path = `${draft}.json`, digest?: string) {
      const { html } = await desk.get(`/edit?file=${path}`)
      // Browsers end the lines of a form with two characters.
      const fields = { act, file: path, text: text.replaceAll('\n', '\r\n') }
      return desk.post('/edit', { ...fields, digest: digest ?? digestIn(html) })
    },
    /** The draft with a threshold of two years instead of one. */
    raised() {
      const json = JSON.parse(read(`${draft}.json`))
      json.rules.find(({ id }: { id: string }) => id === 'seriousness').when.or[1]['<='][1] = 24
      return `${JSON.stringify(json, null, 2)}\n`
    },
  }
}

/** What a page says that the text of its editor was. */
export const digestIn = (html: string): string =>
  /name="digest" value="([^"]+)"/.exec(html)?.[1] ?? ''
