/** What people read before they sign a version. */

import { expect, test } from 'vitest'
import { signedSentences } from '../../../functions/workbench/commands/signing.ts'
import { ownOn } from '../../own-law.ts'

const { policies } = ownOn('2026-11-01')

// Kills: an exception that two people sign unseen, or what it says in another language (signing.ts, `saidIn`).
test('Whoever signs reads each sentence of a version, in each language in which it stands', () => {
  const unread = policies.flatMap((policy) => {
    const read = signedSentences(policy)
    const { rules, automation } = policy.file
    const said = [
      ...rules.flatMap(({ unless }) => unless ?? []).map(({ says }) => `unless: ${says}`),
      ...(automation === undefined ? [] : [automation.says]),
      ...[...(policy.translations?.values() ?? [])].flatMap((each) =>
        Object.entries(each).map(([tag, text]) => `${tag}: ${text}`),
      ),
    ]
    return said.filter((each) => !read.includes(each)).map((each) => `${policy.id}: ${each}`)
  })
  expect(policies.some(({ translations }) => translations !== undefined)).toBe(true)
  expect(unread).toEqual([])
})

test('An exception stands behind the sentence that it is one to', () => {
  const policy = policies.find(({ id }) => id === 'eu/exchange')
  const read = policy === undefined ? [] : signedSentences(policy)
  const at = read.findIndex((each) => each.startsWith('unless: The holder found an imminent'))
  expect(read.slice(at - 3, at + 2)).toEqual([
    expect.stringMatching(/^Where the holder's law prescribes SIENA already, a request past it/),
    expect.stringMatching(/^de: /),
    expect.stringMatching(/^fr: /),
    'unless: The holder found an imminent threat to life, or a serious one to public security.',
    expect.stringMatching(/^de: Die datenhaltende Stelle hat eine unmittelbare Gefahr/),
  ])
})
