/**
 * The second verifiers, in Python: they share no code with the first, and are asked the same.
 *
 *     const second = startSecond('verify_log.py')
 *     await second.ask({ folder })                      // one line in, one line out
 *     await second.stop()                               // in `afterAll`
 *     exitOf('verify_log.py', [folder])                 // as a person runs it
 */

import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { createInterface } from 'node:readline'

type Script = 'verify_log.py' | 'verify_evidence.py' | 'stamps.py' | 'seals.py'

const python = process.platform === 'win32' ? 'python' : 'python3'
const pathOf = (script: Script) => join(import.meta.dirname, script)

/** Starts one that judges case after case. */
export function startSecond<Verdict>(script: Script) {
  const running = spawn(python, [pathOf(script), '--cases'], { stdio: ['pipe', 'pipe', 'inherit'] })
  const lines = createInterface({ input: running.stdout })[Symbol.asyncIterator]()
  const ended = once(running, 'close')
  let last: Promise<unknown> = Promise.resolve()

  const answer = async (of: object): Promise<Verdict> => {
    running.stdin.write(`${JSON.stringify(of)}\n`)
    const { value, done } = await lines.next()
    if (done) throw new Error('the second verifier has ended')
    return JSON.parse(value)
  }
  return {
    /** Its verdict; calls wait for one another. */
    ask(of: object): Promise<Verdict> {
      const asked = last.then(() => answer(of))
      last = asked.catch(() => undefined)
      return asked
    },
    async stop(): Promise<void> {
      running.stdin.end()
      await ended
    },
  }
}

/** Another text in base64url of the same bytes: the last character of a signature has bits to spare. */
export function spare(text: string): string {
  const bytes = Buffer.from(text, 'base64url')
  const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'
  const others = [...alphabet].map((last) => text.slice(0, -1) + last)
  const isAnother = (each: string) => each !== text && Buffer.from(each, 'base64url').equals(bytes)
  return others.find(isAnother) ?? text
}

/** How it ends, and what it prints, called from a command line. */
export function exitOf(
  script: Script,
  args: readonly string[],
): { readonly code: number | null; readonly stdout: string } {
  const { status, stdout } = spawnSync(python, [pathOf(script), ...args], { encoding: 'utf8' })
  return { code: status, stdout }
}
