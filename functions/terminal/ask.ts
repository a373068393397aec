/** Asks the person at the terminal; without a terminal, the answers come from standard input. */

import { createInterface } from 'node:readline'
import { misuse } from './exit.ts'

/** Asks a question and gives the line that answers it; fails if there are no more answers. */
export type Ask = (question: string) => Promise<string>

/** Asks on standard error, so that standard output has only the result. */
export async function asking<T>(talk: (ask: Ask) => Promise<T>): Promise<T> {
  const lines = createInterface({ input: process.stdin, output: process.stderr })
  // Lines wait in the iterator: a pipe may bring all answers before the first question.
  const answers = lines[Symbol.asyncIterator]()
  try {
    return await talk(async (question) => {
      const line = question.lastIndexOf('\n') + 1
      process.stderr.write(question.slice(0, line))
      lines.setPrompt(question.slice(line))
      lines.prompt()
      const { value, done } = await answers.next()
      if (done) {
        const [first = ''] = question.trim().split('\n')
        throw misuse(`couldn’t go on: no answer to “${first}”`)
      }
      return String(value).trim()
    })
  } finally {
    lines.close()
  }
}

/** Asks the signer to type each name; `yes` says that they have read everything. */
export async function confirm(names: readonly string[], yes: boolean): Promise<void> {
  if (yes) return
  if (!process.stdin.isTTY)
    throw misuse(
      'couldn’t ask whether you mean it, since nobody is at a terminal: add --yes once you have read what is signed',
    )
  await asking(async (ask) => {
    for (const name of names)
      if ((await ask(`To sign, type ${name}: `)) !== name)
        throw misuse(`couldn’t sign: that is not ${name}; nothing was signed`)
  })
}
