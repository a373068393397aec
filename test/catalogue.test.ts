/** The catalogue: every sentence of it is used, each with what it names; and pages that are done have none of their own. */

import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { IntlMessageFormat } from 'intl-messageformat'
import { expect, test } from 'vitest'
import { html } from '../functions/answer/reply/html.ts'
import { say, sayText } from '../functions/answer/reply/say.ts'
import en from '../functions/catalogue/en.json' with { type: 'json' }
import { trainingCases } from '../functions/console/training-cases.ts'
import { textsIn } from './catalogue-scan.ts'
import { closureOf } from './closure.ts'

const root = join(import.meta.dirname, '..')
const read = (file: string) => readFileSync(join(root, file), 'utf8')

/** The files whose sentences are all in the catalogue. */
const pages = [
  ...readdirSync(join(root, 'functions/console'))
    .filter((name) => name.endsWith('.ts'))
    .map((name) => `console/${name}`),
  'answer/handovers/package-page.ts',
  'audit/evidence-page.ts',
  'http/landing.ts',
  'proof/browser/shell.ts',
]

/** What looks like words and is none for people: a name, a header, a command, the name of a case of the law's tests. */
const isNoSentence = (text: string): boolean =>
  /^(Comity|Lax|Origin|default-src .*|Bearer .*|attachment; .*|camera=.*|<svg .*|comity form.*|--channel CHANNEL|&amp;anew)$/s.test(
    text,
  ) || trainingCases.some(({ scenario }) => scenario[1] === text)

type Tree = { readonly [name: string]: string | Tree }
const textsOf = (tree: Tree, path = ''): readonly (readonly [string, string])[] =>
  Object.entries(tree).flatMap(([name, of]) =>
    typeof of === 'string' ? [[path + name, of] as const] : textsOf(of, `${path}${name}.`),
  )
const texts = new Map(textsOf(en))

/** What a message names: its values and, but for those that every sentence has, its tags. */
function namesIn(text: string): ReadonlySet<string> {
  const names = new Set<string>()
  const walk = (parts: readonly unknown[]): void => {
    for (const part of parts as readonly Element[]) {
      if (part.type !== literal && part.type !== pound && !usual.includes(part.value))
        names.add(part.value)
      walk(part.children ?? [])
      for (const { value } of Object.values(part.options ?? {})) walk(value)
    }
  }
  walk(new IntlMessageFormat(text, 'en').getAst())
  return names
}
type Element = {
  readonly type: number
  readonly value: string
  readonly children?: readonly unknown[]
  readonly options?: Readonly<Record<string, { readonly value: readonly unknown[] }>>
}
const [literal, pound] = [0, 7]
const usual = ['strong', 'em', 'code']

/** The calls of `say` in a source: key, or what it begins with, and the names of its values. */
const callsIn = (source: string) =>
  [...source.matchAll(/\bsay(?:Text)?\(\s*(?:'([\w.-]+)'|`([\w.-]+)\$)/g)].map((found) => {
    const [, key, begins] = found
    return { key, begins, rest: source.slice(found.index + found[0].length) }
  })

const sources = (readdirSync(join(root, 'functions'), { recursive: true }) as string[])
  .filter((file) => file.endsWith('.ts'))
  .map((file) => read(`functions/${file.replaceAll('\\', '/')}`))

// Kills: a page that says a sentence of its own, in English for everybody.
test.each(pages)('%s says no sentence of its own', (name) => {
  const texts = textsIn(read(`functions/${name}`))
  expect(texts.filter(({ text }) => !isNoSentence(text))).toEqual([])
})

// Kills: a sentence that nobody says any more, for others to translate.
test('Every sentence is said somewhere', () => {
  const calls = sources.flatMap(callsIn)
  const quoted = new Set(
    sources.flatMap((each) => [...each.matchAll(/'([\w.-]+)'/g)].map(([, key]) => key)),
  )
  const begun = calls.flatMap(({ begins }) => begins ?? [])
  const unused = [...texts.keys()].filter(
    (key) => !quoted.has(key) && !begun.some((begins) => key.startsWith(begins)),
  )
  expect(unused).toEqual([])
})

// Kills: a sentence that fails its page, since a value that it names is not given.
test('Every sentence gets what it names', () => {
  const lacking = sources.flatMap(callsIn).flatMap(({ key, begins, rest }) => {
    const said = [...texts].filter(([of]) => of === key || (begins && of.startsWith(begins)))
    const given = rest.slice(0, endOf(rest))
    return said.flatMap(([of, text]) =>
      [...namesIn(text)]
        .filter((name) => !new RegExp(`\\b${name}\\b`).test(given))
        .map((name) => `${of}: ${name}`),
    )
  })
  expect(lacking).toEqual([])
})

/** Where the brackets of a call close. */
function endOf(rest: string): number {
  let depth = 1
  for (let at = 0; at < rest.length; at += 1) {
    if (rest[at] === '(') depth += 1
    if (rest[at] === ')') depth -= 1
    if (depth === 0) return at
  }
  return rest.length
}

test('What is put into a sentence is escaped, and its tags are those of the page', () => {
  expect(html`<p>${say('waiting.asks', { who: '<b>"A" & {b}</b>' })}</p>`.write('en')).toBe(
    '<p>&#60;b&#62;&#34;A&#34; &#38; {b}&#60;/b&#62; asks.</p>',
  )
  expect(say('waiting.saidPart').write('en')).toMatch(
    /^<strong>Your office has said its part.<\/strong> /,
  )
  expect(sayText('ways.others', 'en', { n: 2 })).toBe('Or one of 2 other ways')
})

// Kills: a page that shows what a program calls its HTML.
test('HTML is never a text by itself', () => {
  expect(() => `${say('inbox.title')}`).toThrow(TypeError)
  expect(() => [html`<p></p>`].join()).toThrow(TypeError)
})

test('A language that lacks a sentence has the English one', () => {
  expect(say('inbox.title').write('mt')).toBe('What waits for your office')
})

// Kills: a catalogue that each new instance reads before it decides.
test.each(['access', 'seal', 'sign'])(
  '%s.ts reads the catalogue only for who wants a page',
  (door) => {
    const [atStart, all] = [false, true].map((withLater) =>
      [...closureOf(`functions/${door}.ts`, undefined, withLater)].filter((file) =>
        file.startsWith('functions/catalogue/'),
      ),
    )
    expect(atStart).toEqual([])
    expect(all).toHaveLength(door === 'access' ? 2 : 0)
  },
)

test('A scan finds sentences wherever a page has them', () => {
  // A stand-in for what begins a placeholder, which the linter takes for a slip.
  const code = (source: string) =>
    textsIn(source.replaceAll('@{', '$' + '{')).map(({ text }) => text)
  const page =
    'html`<p title="Over there">@{b} asks.<br>@{c ? \'no time is set\' : `in @{d} days`}</p>`'
  expect(code(`const a = ['Due', ${page}]`)).toEqual([
    ...['Due', 'no time is set', 'in {…} days', 'Over there', '{…} asks.'],
  ])
  const none = ["'waiting'", "'text/plain; charset=utf-8'", 'html`<p class="soft">@{b}</p>`']
  expect(code(`const a = [${none.join()}]`)).toEqual([])
})
