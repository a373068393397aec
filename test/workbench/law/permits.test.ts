/** Permits in words, as the command and the desk show them. */

import { afterAll, describe, expect, test } from 'vitest'
import { readBook } from '../../../functions/policy/read-book.ts'
import { addPolicyPermits } from '../../../functions/workbench/commands/policy-permits.ts'
import { permitsIn } from '../../../functions/workbench/law/permits.ts'
import { copyOfPolicies, removeCopies, run } from '../../cli/in-process.ts'
import { deny, fileOf, is, permit, sealed } from '../../decision/write.ts'

afterAll(removeCopies)

const police = is('requester.authorityType', 'police')
const court = is('requester.authorityType', 'court')
const ground = (id: string, from: string, ...rules: Parameters<typeof fileOf>[0]['rules']) =>
  fileOf({ id, kind: 'ground', rules }, from)
const bookOf = (...files: readonly ReturnType<typeof fileOf>[]) => {
  const { book, faults } = readBook(files, (path) => (path.includes('2030') ? undefined : sealed))
  expect(faults).toEqual([])
  return book
}

describe('The permits of the law', () => {
  // Kills: a version before the newest; a rule that permits nothing; a draft left out; another order than the ids'.
  test('are those of the newest version of each policy, a draft too, each with all that it tests', () => {
    const book = bookOf(
      ground('de/b', '2020-01-01', permit('old', police)),
      ground('de/b', '2030-01-01', permit('new', court), deny('never', police)),
      ground('de/a', '2020-01-01', permit('first', police)),
    )
    const permits = permitsIn(book, {})
    expect(permits.map(({ id, of }) => `${id} of ${of}`)).toEqual([
      'de/a/first of de/a@2020-01-01',
      'de/b/new of de/b@2030-01-01',
    ])
    expect(permits[1]).toMatchObject({
      says: 'The law says so.',
      tests: 'the kind of authority that asks is a court',
      ...{ cites: ['art. 1'], nature: 'mandatory', confidence: 'V', elsewhere: [] },
    })
  })

  test('are those of one policy or folder, if it is named', () => {
    const book = bookOf(
      ground('de/a', '2020-01-01', permit('a', police)),
      ground('de/ab', '2020-01-01', permit('b', police)),
      ground('fr/a', '2020-01-01', permit('c', police)),
    )
    const from = (start: string) => permitsIn(book, {}, start).map(({ id }) => id)
    expect(from('de/')).toEqual(['de/a/a', 'de/ab/b'])
    expect(from('de/a/')).toEqual(['de/a/a'])
  })
})

test('The command shows them to people and to programs, and says when there is none', async () => {
  const folder = copyOfPolicies('own')
  const show = (...args: readonly string[]) => run(addPolicyPermits, folder, ['permits', ...args])
  const { permits } = JSON.parse((await show('--json')).stdout)
  expect(permits.length).toBeGreaterThan(0)
  const [{ id, of, cites }] = permits
  const { stdout, code } = await show(of.split('@')[0])
  expect(code).toBe(0)
  expect(stdout).toContain(`${id} ${of}`)
  expect(stdout.replaceAll(/\s+/g, ' ')).toContain(`By: ${cites.join('; ')}`)
  const none = await show('xx')
  expect(none.code).toBe(2)
  expect(none.stderr).toContain('there is no permit in `xx`')
})
