/** The sentences of an answer in the language that the caller asks for, beside those that the entry keeps. */

import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { languagesWanted } from '../../functions/http/accept-language.ts'
import { requestOf } from '../answer/people.ts'
import { answered, freshJti, type Gateway, startGateway } from '../world.ts'

let gateway: Gateway
beforeAll(async () => {
  gateway = await startGateway()
})
afterAll(() => gateway.close())

const ask = async (accept: string | undefined, jti = freshJti()) => {
  const response = await gateway.call('FR-SPOC', {
    ...{ method: 'POST', path: '/v1/access-requests', body: requestOf(), jti },
    headers: accept === undefined ? {} : { 'Accept-Language': accept },
  })
  const language = response.headers.get('content-language')
  return { language, answer: await answered(response) }
}

const without = <A extends { readonly reasons: readonly object[] }>(answer: A) => ({
  ...answer,
  // Signed anew each time.
  receipt: undefined,
  reasons: answer.reasons.map((each) => ({ ...each, translation: undefined })),
})

describe('An answer', () => {
  test('without a wish is in English, and says so', async () => {
    const { language, answer } = await ask(undefined)
    expect(language).toBe('en')
    expect(answer.reasons.length).toBeGreaterThan(0)
    for (const reason of answer.reasons) expect(reason).not.toHaveProperty('translation')
  })

  test('in German has each German sentence of the sealed law, with its mark, beside the English', async () => {
    const { language, answer } = await ask('de-AT, en;q=0.5')
    expect(language).toBe('en, de')
    const german = answer.reasons.filter(({ rule }) => rule.startsWith('de/'))
    expect(german.length).toBeGreaterThan(0)
    const { book } = await gateway.world.law.now()
    for (const { rule, says, translation } of german) {
      const used = answer.policies.find(({ id }) => rule.startsWith(`${id}/`))
      const policy = book.policies.find(
        ({ id, version }) => id === used?.id && version === used?.version,
      )
      expect(translation, rule).toEqual({
        language: 'de',
        says: policy?.translations?.get(says)?.de,
        confidence: 'M',
      })
    }
  })

  test('says of a sentence that it does not stand in the language; it makes none', async () => {
    const { language, answer } = await ask('nl')
    expect(language).toBe('en')
    for (const { translation } of answer.reasons)
      expect(translation).toEqual({ language: 'nl', none: 'no Dutch sentence yet' })
  })

  // Kills: a translation that is kept, or that counts in whether two answers are the same.
  test('is the same decision in every language, and its entry has the English alone', async () => {
    const jti = freshJti()
    const [first, again, english] = [
      await ask('de', jti),
      await ask('de', jti),
      await ask('en', jti),
    ]
    expect(again.answer.reasons).toEqual(first.answer.reasons)
    expect(without(english.answer)).toEqual(without(first.answer))
    const looked = await gateway.call('FR-SPOC', { path: `/v1/access-requests/${first.answer.id}` })
    const standing = (await looked.json()) as { readonly reasons: readonly object[] }
    expect(JSON.stringify(standing)).not.toContain('translation')
  })
})

describe('What a caller wants', () => {
  test.each([
    ['', []],
    ['de', ['de']],
    ['de-CH-1996, fr;q=0.9', ['de', 'fr']],
    ['fr;q=0.5, de', ['de', 'fr']],
    ['en, de', []],
    ['de, *, fr', ['de']],
    ['de;q=0, fr', ['fr']],
    ['tlh, de', ['de']],
    ['DE', ['de']],
    ['de, de-DE, de-AT', ['de']],
    [',;q=,=', []],
    [`de, ${'x'.repeat(2000)}`, []],
  ])('by `%s`', (header, wanted) => {
    expect(languagesWanted(header)).toEqual(wanted)
  })
})
