/** The search for marks finds each in every form that a line could have it in. */

import { describe, expect, test } from 'vitest'
import { searchFor } from './marks.ts'

describe('The search', () => {
  const hidden = 'Wendelgard von Ü'
  const search = searchFor({ hidden })
  const hex = Buffer.from(hidden).toString('hex')
  const escaped = hidden.replaceAll(
    /[\s\S]/g,
    (each) => `\\u${each.charCodeAt(0).toString(16).padStart(4, '0')}`,
  )
  test.each([
    ['as it is', hidden],
    ['of which there is a piece', 'delgard v'],
    ['in other case', hidden.toUpperCase()],
    ['in JSON', JSON.stringify({ hidden })],
    ['in JSON with every character escaped', escaped],
    ['in JSON within JSON', JSON.stringify(JSON.stringify(`"${hidden}"`))],
    ['in JSON within JSON, escaped', JSON.stringify(escaped)],
    ['percent-encoded', encodeURIComponent(hidden)],
    ['percent-encoded throughout', hex.replaceAll(/../g, '%$&')],
    ['in a query', new URLSearchParams({ hidden }).toString()],
    ['in hex', hex],
    ['in upper-case hex', hex.toUpperCase()],
    ...(['base64', 'base64url'] as const).flatMap((form) =>
      ['', 'x', 'xx'].map((before): [string, string] => [
        `in ${form} after ${before.length} bytes`,
        Buffer.from(`${before}${hidden} and more`).toString(form),
      ]),
    ),
  ])('finds a mark %s', (_, text) => {
    expect(search(`before ${text} after`)).toEqual(['hidden'])
  })

  test('finds none where there is none', () => {
    const text = `wendel gard ${Buffer.from('something else').toString('base64')}`
    expect(search(text)).toEqual([])
  })
})
