/** What the script uses of a page: its elements, the files that a reader chooses, and how a verdict is shown. */

import type * as z from 'zod'
import { visible } from '../../decision/free-text.ts'

/** As much of an element as the script uses. */
export type PageElement = {
  readonly files?: ArrayLike<File>
  readonly value: string
  readonly dataset: Readonly<Record<string, string | undefined>>
  readonly elements?: Readonly<Record<string, PageElement | undefined>>
  hidden: boolean
  textContent: string
  className: string
  append(...all: readonly (PageElement | string)[]): void
  replaceChildren(...all: readonly PageElement[]): void
  addEventListener(
    event: 'submit' | 'click' | 'change',
    on: (event: { preventDefault(): void }) => void,
  ): void
  focus(): void
}

type PageDocument = {
  getElementById(id: string): PageElement | null
  createElement(name: string): PageElement
  querySelectorAll(selector: string): Iterable<PageElement>
}
const { document } = globalThis as unknown as { readonly document: PageDocument }

/** The element with an id; undefined if the page has none. */
export const elementWith = (id: string): PageElement | undefined =>
  document.getElementById(id) ?? undefined

/** All elements that fit a selector. */
export const elementsOf = (selector: string): readonly PageElement[] => [
  ...document.querySelectorAll(selector),
]

/** A new element, with what its `data-` attributes say. */
export const elementOf = (
  name: string,
  of: Partial<Pick<PageElement, 'className' | 'textContent'>>,
  data: Readonly<Record<string, string>> = {},
): PageElement => {
  const made = Object.assign(document.createElement(name), of)
  Object.assign(made.dataset, data)
  return made
}

/** What is said in the end. Only `good` means that somebody other than the gateway vouches for all of it. */
export type CheckVerdict = {
  readonly mark: 'good' | 'part' | 'bad'
  readonly lines: readonly string[]
}

/** A verdict that something does not hold, or could not be checked. */
export const bad = (...lines: readonly string[]): CheckVerdict => ({ mark: 'bad', lines })

const signs = { good: '✓', part: '◐', bad: '✕' } as const

/**
 * Shows a verdict in place of what an element had. The name of a file may have characters that turn what follows around:
 * they are shown as what they are.
 */
export function showIn(result: PageElement, { mark, lines }: CheckVerdict): void {
  const [first = '', ...rest] = lines.map(visible)
  const head = document.createElement('p')
  head.className = `verdict ${mark}`
  head.append(`${signs[mark]} ${first}`)
  const all = rest.map((line) => {
    const each = document.createElement('p')
    // What leads to lines is a head; a sentence by itself is none.
    const isLine = line.startsWith('-') || line.startsWith('  ')
    each.className = isLine ? 'line' : line.endsWith(':') ? 'head' : 'says'
    each.textContent = line
    return each
  })
  result.replaceChildren(head, ...all)
}

/** The file that a reader chose in a field. */
export const fileIn = (id: string): File | undefined => elementWith(id)?.files?.[0]

/** Most bytes of a trust file, or of what was seen before. */
const jsonBytesMax = 1_048_576

/** What a reader's file says; or why it cannot be used; undefined if none was chosen. */
export async function jsonIn<T>(
  id: string,
  schema: z.ZodType<T>,
): Promise<{ readonly data: T; readonly text: string } | { readonly wrong: string } | undefined> {
  const file = fileIn(id)
  if (file === undefined) return undefined
  const wrong = (says: string) => ({ wrong: `${file.name} cannot be used: ${says}` })
  if (file.size > jsonBytesMax) return wrong('it is too large')
  const text = await file.text()
  const read = readAsJson(text, schema)
  return 'data' in read ? { ...read, text } : wrong(read.wrong)
}

/** Text as what a schema says. */
export function readAsJson<T>(
  text: string,
  schema: z.ZodType<T>,
): { readonly data: T } | { readonly wrong: string } {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    return { wrong: 'it is no JSON' }
  }
  const parsed = schema.safeParse(value)
  if (parsed.success) return { data: parsed.data }
  const [issue] = parsed.error.issues
  return { wrong: `/${issue?.path.map(String).join('/') ?? ''}: ${issue?.message}` }
}
