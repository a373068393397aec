/**
 * The pages that go with a package: README.md, every page that it leads to, and its picture. What a package has not,
 * such as tests and our sources, is named there and no longer linked.
 */

import { cpSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'

/** `[text](path#heading)`, and the same with `!` of a picture. */
const inline = /(!?\[([^\]]*)\]\()([^)\s#:]+)((?:#[^)\s]*)?\))/g
/** `[text][name]`, of which `[name]: path` stands elsewhere. */
const byName = /!?\[([^\]]*)\]\[(\w+)\]/g
const named = /^\[(\w+)\]: (\S+)\n?/gm

/** Where a file of ours lies in the package. */
const placeOf = (path: string) => path.replace(/^test\/samples\b/, 'samples')

/** Whether it is for readers, and neither a test nor beside keys that everybody has. */
const isForReaders = (path: string) =>
  /\.(md|svg)$/.test(path) && !/^test\/|^policies\/demonstration-keys\//.test(placeOf(path))

/** Copies README.md into the package's folder, which has everything else already, and what it leads to. */
export function copyPages(root: string, folder: string): void {
  const pages = leadingFrom('README.md', root)
  const has = (path: string) => pages.has(path) || existsSync(join(folder, placeOf(path)))
  for (const [page, text] of pages) {
    const to = join(folder, placeOf(page))
    mkdirSync(dirname(to), { recursive: true })
    if (text === undefined) cpSync(join(root, page), to)
    else writeFileSync(to, linkedTo(has, page, text))
  }
}

/** Each page that one reaches from here, with its text; of a picture none. */
function leadingFrom(start: string, root: string): ReadonlyMap<string, string | undefined> {
  const found = new Map<string, string | undefined>()
  const waiting = [start]
  for (const page of waiting) {
    if (found.has(page)) continue
    const text = page.endsWith('.md') ? readFileSync(join(root, page), 'utf8') : undefined
    found.set(page, text)
    const links = [...(text ?? '').matchAll(inline)].map(([, , , to = '']) => to)
    waiting.push(...links.map((to) => join(dirname(page), to)).filter(isForReaders))
  }
  return found
}

/** The page's text for the package, in which what is not there is words without a link. */
function linkedTo(has: (path: string) => boolean, page: string, text: string): string {
  const from = (path: string) => join(dirname(page), path)
  const gone = new Set(
    [...text.matchAll(named)].flatMap(([, name = '', path = '']) => (has(from(path)) ? [] : name)),
  )
  return text
    .replaceAll(inline, (_, start, words, path, end) => {
      if (!has(from(path))) return words
      return start + relative(dirname(placeOf(page)), placeOf(from(path))) + end
    })
    .replaceAll(byName, (link, words, name) => (gone.has(name) ? words : link))
    .replaceAll(named, (line, name) => (gone.has(name) ? '' : line))
}
