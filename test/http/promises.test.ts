/** What a change of an API's document would break, and what it would not. */

import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import type { ApiDocument } from './document.ts'
import { brokenPromises } from './promises.ts'

const agreed = readFileSync(join(import.meta.dirname, 'openapi.golden.json'), 'utf8')
const ask = 'POST /v1/access-requests'

/** The sentences about a document that was changed. */
function broken(change: (document: ReturnType<typeof JSON.parse>) => void): readonly string[] {
  const before: ApiDocument = JSON.parse(agreed)
  const now = JSON.parse(agreed)
  change(now)
  return brokenPromises(before, now)
}

const body = 'PostAccessRequestsBody'
const answer = 'PostAccessRequestsAnswer'

test('The same document breaks no promise', () => {
  expect(broken(() => undefined)).toEqual([])
})

// Kills: a comparison that asks for equality.
test('What is added breaks none: an operation, a field, a value, a wider limit', () => {
  expect(
    broken(({ paths, components: { schemas } }) => {
      paths['/v1/more'] = { get: paths['/healthz'].get }
      schemas[body].properties.more = { type: 'string' }
      schemas[body].properties.purpose.enum.push('research')
      schemas[body].properties.caseReference.maxLength = 200
      schemas[answer].properties.more = { type: 'string' }
      schemas[answer].required.push('more')
      schemas[answer].properties.outcome.enum.push('later')
    }),
  ).toEqual([])
})

test.each([
  ['an operation that goes', ({ paths }) => delete paths['/v1/inbox'], 'GET /v1/inbox is gone'],
  [
    'a field of a body that goes',
    ({ components: { schemas } }) => delete schemas[body].properties.offence.properties.description,
    `${ask}: \`/offence/description\` is taken no more`,
  ],
  [
    'a new field that must be given',
    ({ components: { schemas } }) => {
      schemas[body].properties.more = { type: 'string' }
      schemas[body].required.push('more')
    },
    `${ask}: \`/more\` is new and must be given`,
  ],
  [
    'a field that must be given now',
    ({ components: { schemas } }) => schemas[body].properties.offence.required.push('description'),
    `${ask}: \`/offence/description\` must be given now`,
  ],
  [
    'a value that is taken no more',
    ({ components: { schemas } }) => schemas[body].properties.urgency.enum.pop(),
    `${ask}: \`/urgency\` takes no`,
  ],
  [
    'a limit that is tighter',
    ({ components: { schemas } }) => {
      schemas[body].properties.caseReference.maxLength = 10
    },
    `${ask}: \`/caseReference\` has a tighter maxLength`,
  ],
  [
    'a field of an answer that goes',
    ({ components: { schemas } }) =>
      delete schemas[answer].properties.reasons.items.properties.cites,
    `${ask} answers otherwise: 201 has no \`/reasons[]/cites\` any more`,
  ],
  [
    'a field of an answer that may be left out now',
    ({ components: { schemas } }) => schemas[answer].required.shift(),
    `${ask} answers otherwise: 201 may leave`,
  ],
  [
    'a type of an answer that changes',
    ({ components: { schemas } }) => {
      schemas[answer].properties.decidedAt.type = 'integer'
    },
    `${ask} answers otherwise: 201 has another type at \`/decidedAt\``,
  ],
  [
    'a status that is answered no more',
    ({ paths }) => delete paths['/v1/access-requests'].post.responses['200'],
    `${ask} answers otherwise: no more with 200 as application/json`,
  ],
  [
    'a signature that is needed now',
    ({ paths }) => paths['/v1/policies'].get.security.push({ signature: [] }),
    'GET /v1/policies needs a signature that it did not need',
  ],
] satisfies readonly (readonly [
  string,
  (document: ReturnType<typeof JSON.parse>) => unknown,
  string,
])[])('A promise is broken by %s', (_, change, says) => {
  expect(broken((document) => void change(document)).some((each) => each.startsWith(says))).toBe(
    true,
  )
})
