/** One question at a time: an example with it, a check after it, and again until it is answered. */

import { confidences } from '../policy/policy.ts'
import { suggest } from '../policy/suggest.ts'
import type { Ask } from './ask.ts'

/** An answer as it will be used, or what is wrong with it. */
export type Checked<T> = { readonly value: T } | { readonly wrong: string }

/** What a person may choose: names with what they mean. */
export type Choices = Readonly<Record<string, string>>

/** Asks a question until its answer passes the check. */
export async function put<T>(
  ask: Ask,
  question: string,
  example: string,
  check: (answer: string) => Checked<T>,
): Promise<T> {
  while (true) {
    const checked = check(await ask(`\n${question}\n  such as: ${example}\n> `))
    if ('value' in checked) return checked.value
    console.error(`  ${checked.wrong}`)
  }
}

/** A text of `min` to `max` characters that has the form. */
export const textLike =
  (min: number, max: number, form: RegExp, wrong: string) =>
  (answer: string): Checked<string> => {
    if (answer.length < min || answer.length > max)
      return { wrong: `write between ${min} and ${max} characters` }
    return form.test(answer) ? { value: answer } : { wrong }
  }

/** Asks for one choice, by number or name. */
export async function one(ask: Ask, question: string, choices: Choices): Promise<string> {
  const [example = ''] = Object.keys(choices)
  return put(ask, listed(question, choices), `1, or ${example}`, (answer) =>
    picked(answer, choices),
  )
}

/** Asks for several choices, by number or name; none means all. `more` takes what has no number. */
export async function several(
  ask: Ask,
  question: string,
  choices: Choices,
  more: (word: string) => string | undefined = () => undefined,
): Promise<readonly string[]> {
  const names = Object.keys(choices)
  return put(
    ask,
    `${listed(question, choices)}\n  Several with commas; Enter for all.`,
    `1, ${names[1] ?? names[0] ?? ''}`,
    (answer): Checked<readonly string[]> => {
      const words = answer.split(',').map((word) => word.trim())
      const all = words.filter(Boolean).map((word) => {
        const own = more(word)
        return own === undefined ? picked(word, choices) : { value: own }
      })
      const [bad] = all.flatMap((each) => ('wrong' in each ? [each] : []))
      return (
        bad ?? { value: [...new Set(all.flatMap((each) => ('value' in each ? each.value : [])))] }
      )
    },
  )
}

const listed = (question: string, choices: Choices): string =>
  [
    question,
    ...Object.entries(choices).map(
      ([name, label], i) =>
        `  ${String(i + 1).padStart(2)}  ${name}${label === '' ? '' : `: ${label}`}`,
    ),
  ].join('\n')

function picked(answer: string, choices: Choices): Checked<string> {
  const names = Object.keys(choices)
  const name = /^\d+$/.test(answer) ? names[Number(answer) - 1] : answer
  if (name !== undefined && names.includes(name)) return { value: name }
  const near = suggest(answer, names)
  return {
    wrong: `\`${answer}\` is none of them${near === '' ? '; write a number or a name' : near}`,
  }
}

/** A sentence with its articles, and how sure we are of them. */
export async function cited(ask: Ask, question: string, example: string) {
  const says = await put(ask, question, example, sentence)
  const cites = await put(
    ask,
    'By which articles? Several with semicolons.',
    'CPP art. 695-9-31; LED art. 8',
    (answer): Checked<string[]> => {
      const all = answer.split(';').map((each) => each.trim())
      return all.length <= 12 && all.every((each) => each.length >= 2 && each.length <= 200)
        ? { value: all }
        : { wrong: 'name at least one article, at most twelve' }
    },
  )
  const confidence = await one(ask, 'How well were they checked?', confidences)
  return { says, cites, confidence: confidence as keyof typeof confidences }
}

const sentence = textLike(8, 400, /[.?]$/, 'write a full sentence, ending with a full stop')
