/** Where in a text the things stand that a JSON Pointer (RFC 6901) names. */

import { findNodeAtLocation, type Node, parseTree } from 'jsonc-parser'
import { placeOf } from '../policy/json.ts'

/** Line and column from 1, and how many characters are meant. */
export type Place = { readonly line: number; readonly column: number; readonly length: number }

/** Finds values by pointer, or the name before them; what is not there is found where it would be. */
export type Places = (pointer: string, part?: 'value' | 'name') => Place

/** The places of a text, which may be broken in parts. */
export function placesOf(text: string): Places {
  const root = parseTree(text)
  return (pointer, part = 'value') => {
    const steps = stepsOf(pointer)
    for (let depth = steps.length; depth >= 0; depth--) {
      const node = nodeAt(root, steps.slice(0, depth))
      if (node === undefined) continue
      // What is missing is missing in its whole surroundings: only their beginning is shown.
      return placed(text, part === 'name' ? nameOf(node) : node, depth === steps.length)
    }
    return { line: 1, column: 1, length: 1 }
  }
}

/** The steps of a pointer. */
export const stepsOf = (pointer: string): readonly string[] =>
  pointer
    .split('/')
    .slice(1)
    .map((step) => step.replaceAll('~1', '/').replaceAll('~0', '~'))

/** A pointer from its steps. */
export const pointerOf = (steps: readonly PropertyKey[]): string =>
  steps.map((step) => `/${String(step).replaceAll('~', '~0').replaceAll('/', '~1')}`).join('')

function nodeAt(root: Node | undefined, steps: readonly string[]): Node | undefined {
  let at = root
  for (const step of steps)
    at =
      at === undefined
        ? undefined
        : findNodeAtLocation(at, [at.type === 'array' ? Number(step) : step])
  return at
}

const nameOf = (node: Node): Node =>
  node.parent?.type === 'property' ? (node.parent.children?.[0] ?? node) : node

function placed(text: string, node: Node, whole: boolean): Place {
  const { line, column } = placeOf(text, node.offset)
  const rest = text.slice(node.offset).split('\n')[0]?.length ?? 1
  return { line, column, length: whole ? Math.max(1, Math.min(node.length, rest)) : 1 }
}
