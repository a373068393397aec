/** `comity policy prove`, as a lawyer reads it. */

import { afterAll, expect, test } from 'vitest'
import { addPolicyProve } from '../../../functions/workbench/commands/policy-prove.ts'
import { copyOfPolicies, removeCopies, rewrite, run } from '../../cli/in-process.ts'
import { is } from '../../decision/write.ts'

const folder = copyOfPolicies()
afterAll(removeCopies)
const prove = (...args: readonly string[]) =>
  run(addPolicyProve, folder, ['prove', ...args, '--as-of', '2026-12-03'])

const write = (id: string, statement: object) =>
  rewrite(folder, `statements/${id}.json`, () =>
    JSON.stringify({
      notice: 'An engineering reading, not legal advice.',
      says: 'A sentence about all of the law.',
      ...{ nature: 'choice', confidence: 'V', ...statement },
    }),
  )
write('of-all', { always: ['O-LOG'] })
write('of-nobody', { holders: is('holder.jurisdiction', 'EU'), never: 'leaves' })
write('of-nothing', { when: is('holder.jurisdiction', 'JP'), never: 'leaves' })

// Kills: a holder from whom nothing leaves, dropped in silence, or counted among the proved.
test('A holder from whom nothing can leave is named, beside how many a statement is proved of', async () => {
  const { stdout } = await prove('of-all')
  expect(stdout).toMatch(/of-all as of 2026-12-03, of \d holders/)
  expect(stdout).toContain('nothing leaves of 1 holder: EU\n')
  const { stdout: data } = await prove('of-all', '--json')
  expect(JSON.parse(data)).toMatchObject([{ id: 'of-all', nothingLeaves: ['EU'] }])
})

// Kills: a statement of nobody called proved, or called broken.
test.each(['of-nobody', 'of-nothing'])('A statement %s is not proved, and says so', async (id) => {
  const { code, stdout } = await prove(id)
  expect(code).not.toBe(0)
  expect(stdout).toContain(`not proved: it says nothing ${id} `)
  expect(stdout).not.toContain('not so')
})
