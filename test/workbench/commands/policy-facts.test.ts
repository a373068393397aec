/** `comity policy facts`: every fact that a rule may read, for those who write rules. */

import { describe, expect, test } from 'vitest'
import { vocabulary } from '../../../functions/policy/vocabulary.ts'
import { vouching } from '../../../functions/policy/vouching.ts'
import { addPolicyFacts } from '../../../functions/workbench/commands/policy-facts.ts'
import { run } from '../../cli/in-process.ts'

const show = (...args: readonly string[]) => run(addPolicyFacts, '.', ['facts', ...args])

describe('the facts', () => {
  test('all stand there, each with what it is, what it may be and where it comes from', async () => {
    const { code, stdout } = await show()
    expect(code).toBe(0)
    const text = stdout.replaceAll(/\s+/g, ' ')
    for (const [name, { label, meaning }] of Object.entries(vocabulary)) {
      expect(stdout, name).toContain(`${name}\n`)
      expect(text, name).toContain(`${label}: ${meaning}`)
    }
    expect(stdout.match(/^ {2}- From: /gm)).toHaveLength(Object.keys(vocabulary).length)
    expect(stdout.match(/^ {2}- Vouched for by /gm)).toHaveLength(Object.keys(vouching).length)
  })

  test('one says its values, who may vouch for it, and for how much', async () => {
    const { stdout } = await show('arrangement.unlisted')
    expect(stdout).toBe(`arrangement.unlisted
  the arrangement that is on no list: Whether the holder's law accepts an unwritten, unpublished or
  ad hoc arrangement here, as its legal office found.
  - Values: not-asked (not asked), attested, refused
  - From: an office that vouches for it
  - Vouched for by the holder's ministry or central authority; for one request
`)
  })

  test('one that is worked out says from what', async () => {
    const { stdout } = await show('item.routineUse')
    expect(stdout.replaceAll(/\s+/g, ' ')).toContain(
      'From: worked out from the dated lists and holder.agency, item.system',
    )
  })

  test('a claim that binds says so', async () => {
    const { stdout } = await show('request.purpose')
    expect(stdout).toContain('the word of the requester, which leaves as a duty')
    expect((await show('request.urgency')).stdout).toContain('From: the word of the requester\n')
  })

  test('those that begin alike are shown together', async () => {
    const { stdout } = await show('arrangement')
    expect(stdout.match(/^\S+$/gm)).toEqual([
      'arrangement.covers',
      'arrangement.safeguards',
      'arrangement.unlisted',
    ])
  })

  test('programs read the same', async () => {
    const { facts } = JSON.parse((await show('--json')).stdout)
    expect(facts.map(({ name }: { name: string }) => name)).toEqual(Object.keys(vocabulary))
    const [status] = JSON.parse((await show('request.noticeStatus', '--json')).stdout).facts
    expect(status).toMatchObject({
      ...{ name: 'request.noticeStatus', type: 'enum', source: 'attestation' },
      ...{ attester: 'holder-officer', scopes: ['matter', 'case'], about: 'person' },
      open: ['not-yet-reviewed', 'suspended', 'blocked', 'under-review', 'expired'],
    })
    expect(status.against).toEqual(
      expect.arrayContaining(['withdrawn', 'cancelled', 'non-compliant']),
    )
  })

  test('a slip is answered with what was meant', async () => {
    const { code, stderr } = await show('arrangement.cover')
    expect(code).toBe(2)
    expect(stderr).toContain(
      'there is no fact `arrangement.cover`; did you mean `arrangement.covers`?',
    )
  })
})
