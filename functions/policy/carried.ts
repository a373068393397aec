/** The law as a bundle carries it: every version as it was read, checked and sealed when the bundle was made. */

import type { Book, List, Policy } from './book.ts'
import { compile } from './compile.ts'
import { ready } from './logic.ts'

type Carried = {
  readonly policies: readonly Omit<Policy, 'applies' | 'rules' | 'transposes'>[]
  readonly lists: readonly List[]
}

/** Writes a book as text. */
export function carry({ policies, lists }: Book): string {
  const written = policies.map(({ applies: _, rules: __, transposes: ___, ...version }) => version)
  return JSON.stringify({ policies: written, lists } satisfies Carried)
}

/** The book again. Nothing is checked once more: the text is part of the build, as the code is. */
export function opened(text: string): Book {
  // A cast: `carry` wrote it.
  const { policies, lists } = JSON.parse(text) as Carried
  return { policies: policies.map((each) => compile(each, ready, ignore)), lists }
}

const ignore = () => {}
