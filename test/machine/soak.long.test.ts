/** A minute of the soak, slow enough for a build machine. `npm run soak -- --minutes 60` is the whole of it. */

import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'
import { plainEnvironment, root } from '../demo/process.ts'

const minute = ['--minutes', '1', '--rate', '3', '--stop', '15']

test('Two machines under load, killed in turn, lose nothing and answer each erasure', async () => {
  const soak = [process.execPath, '--import', './functions/runtime.mjs', 'test/machine/soak.ts']
  const [node = '', ...args] = [...soak, ...minute]
  const ran = promisify(execFile)(node, args, { cwd: root, env: plainEnvironment })
  // Where it does not end with 0, what it said is what went wrong.
  const { stdout } = await ran.catch((error: { stdout: string }) => error)
  expect(stdout.trimEnd().split('\n')).toStrictEqual([
    expect.stringMatching(/^All held: .* 0 lost, [1-9] kills, .* erasures in /),
  ])
})
