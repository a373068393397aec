/**
 * The text of a PDF that Chromium printed, sheet by sheet: what somebody reads on the paper, and not what the page says
 * it would print. It knows only what Chromium writes (ISO 32000-1: 9.4.3 shows text, 9.10.3 says what its glyphs mean).
 */

import { inflateSync } from 'node:zlib'
import type { Page } from 'playwright-core'

/** Prints a page once its style is there too. Gives the text of each sheet. */
export async function printed(page: Page): Promise<readonly string[]> {
  await page.waitForLoadState()
  return sheetTexts(await page.pdf({ format: 'A4' }))
}

/** The text of each sheet, lines after one another. */
function sheetTexts(pdf: Uint8Array): readonly string[] {
  const objects = objectsIn(Buffer.from(pdf).toString('latin1'))
  const textOf = (id = '') => streamIn(objects.get(id) ?? '')
  return [...objects.values()]
    .filter((each) => /\/Type\s*\/Page\b/.test(each))
    .map((sheet) => {
      const glyphs = new Map(
        [...sheet.matchAll(/\/(F\d+) (\d+) 0 R/g)].map(([, name = '', font = '']) => {
          const [, map] = /\/ToUnicode (\d+) 0 R/.exec(objects.get(font) ?? '') ?? []
          return [name, glyphsIn(textOf(map))] as const
        }),
      )
      const [, contents] = /\/Contents (\d+) 0 R/.exec(sheet) ?? []
      // Letters that a font joins (`ffi`) are letters again.
      return shownIn(textOf(contents), glyphs).normalize('NFKC')
    })
}

/** Objects by number, each as it is written. */
function objectsIn(text: string): ReadonlyMap<string, string> {
  const found = new Map<string, string>()
  const start = /(?:^|\n)(\d+) 0 obj\n/g
  for (let at = start.exec(text); at !== null; at = start.exec(text)) {
    const end = text.indexOf('\nendobj', start.lastIndex)
    found.set(at[1] ?? '', text.slice(start.lastIndex, end))
    start.lastIndex = end
  }
  return found
}

function streamIn(object: string): string {
  const [head = '', ...rest] = object.split('stream\n')
  const length = Number(/\/Length (\d+)/.exec(head)?.[1])
  const bytes = Buffer.from(rest.join('stream\n').slice(0, length), 'latin1')
  return (head.includes('/FlateDecode') ? inflateSync(bytes) : bytes).toString('latin1')
}

/** What each glyph of a font means: single ones, and ranges of those that follow one another. */
function glyphsIn(map: string): ReadonlyMap<number, string> {
  const found = new Map<number, string>()
  const number = (hex = '') => Number.parseInt(hex, 16)
  for (const [, first, last, to] of map.matchAll(/^<(\w{4})>(?: <(\w{4})>)? <(\w+)>$/gm))
    for (let i = number(first); i <= number(last ?? first); i += 1)
      found.set(i, String.fromCodePoint(number(to) + i - number(first)))
  return found
}

type Glyphs = ReadonlyMap<string, ReadonlyMap<number, string>>

/** The text that is shown, by the font that is chosen at each place. */
function shownIn(contents: string, fonts: Glyphs): string {
  let text = ''
  let font: ReadonlyMap<number, string> | undefined
  for (const [, name, glyphs] of contents.matchAll(/\/(F\d+) \S+ Tf|<(\w+)> Tj/g)) {
    if (name !== undefined) font = fonts.get(name)
    for (const hex of glyphs?.match(/.{4}/g) ?? [])
      text += font?.get(Number.parseInt(hex, 16)) ?? '�'
  }
  return text
}
