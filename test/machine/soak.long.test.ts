/** A minute of the soak, slow enough for a build machine. `npm run soak -- --minutes 60` is the whole of it. */

import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'
import { plainEnvironment, root } from '../local/process.ts'

const minute = ['--minutes', '1', '--rate', '3', '--stop', '15']

test('Two machines under load, killed in turn, lose nothing, seal in time, and catch up', async () => {
  const soak = [process.execPath, '--import', './functions/runtime.mjs', 'test/machine/soak.ts']
  const [node = '', ...args] = [...soak, ...minute]
  // It rejects, with what was said, unless the soak ends with 0.
  const { stdout } = await promisify(execFile)(node, args, { cwd: root, env: plainEnvironment })
  expect(stdout.trimEnd().split('\n').at(-1)).toMatch(
    /^All held: .* 0 lost, [1-9] kills, .* erasures in /,
  )
})
