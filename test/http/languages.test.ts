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

const untranslated = (each: object) => ({ ...each, translation: undefined })
const without = ({ reasons, obligations, ...answer }: Awaited<ReturnType<typeof answered>>) => ({
  ...answer,
  // Signed anew each time.
  receipt: undefined,
  reasons: reasons.map(untranslated),
  obligations: obligations.map(untranslated),
})

describe('An answer', () => {
  test('without a wish is in English, and says so', async () => {
    const { language, answer } = await ask(undefined)
    expect(language).toBe('en')
    expect(answer.reasons.length).toBeGreaterThan(0)
    expect(answer.obligations.length).toBeGreaterThan(0)
    expect(JSON.stringify(answer)).not.toContain('translation')
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

  // Kills: a duty in English alone between German reasons.
  test('in German has each duty in German, to be checked by counsel, beside the English', async () => {
    const { answer } = await ask('de')
    expect(answer.obligations.map(({ text }) => text)).toContain(
      'Give the reasons for the refusal in time.',
    )
    const german = answer.obligations.find(({ code }) => code === 'O-REASONS')?.translation
    expect(german).toEqual({
      language: 'de',
      says: 'Die Gründe der Ablehnung rechtzeitig mitteilen.',
      confidence: 'M',
    })
    for (const { code, translation } of answer.obligations)
      expect(translation, code).toMatchObject({ language: 'de', says: expect.any(String) })
  })

  test('says of a sentence that it does not stand in the language; it makes none', async () => {
    const { language, answer } = await ask('nl')
    expect(language).toBe('en')
    for (const { translation } of [...answer.reasons, ...answer.obligations])
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
    expect(again.answer.obligations).toEqual(first.answer.obligations)
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
