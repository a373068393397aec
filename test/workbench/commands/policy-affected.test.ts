/** `comity policy affected`, as a lawyer runs it when a version was wrong. */

import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Command } from 'commander'
import { afterAll, describe, expect, test } from 'vitest'
import { readPolicies } from '../../../functions/adapters/policies-files.ts'
import { agencyKey } from '../../../functions/demo/keys.ts'
import { addPolicyAffected } from '../../../functions/workbench/commands/policy-impact.ts'
import { affectedBy } from '../../../functions/workbench/law/impact.ts'
import { seededDecisions } from '../../bench/impact.ts'
import { copyOfPolicies, edit, removeCopies, rewrite, run } from '../../cli/in-process.ts'
import { writeProfile } from '../../cli/profile.ts'
import { removeFolders, temporaryFolder } from '../../demo/process.ts'
import { newestOwn, readOwn } from '../../own-law.ts'
import { serving } from '../../serving.ts'
import { draftOf } from '../law/own-drafts.ts'

const folder = copyOfPolicies()
afterAll(removeCopies)
afterAll(removeFolders)

const now = new Date().toISOString()
const { book } = readPolicies(folder)
const lines = [...seededDecisions(600, 5, book, now)]
const facts = join(temporaryFolder(), 'facts.ndjson')
writeFileSync(facts, lines.map((each) => `${JSON.stringify(each)}\n`).join(''))

const { name: corrected, path: original, next } = newestOwn('eu/exchange')
const correction = next.path
// biome-ignore lint/suspicious/noExplicitAny: a lawyer edits any part of the file.
const raised = (json: any): void => {
  const rule = json.rules.find((each: { id: string }) => each.id === 'seriousness')
  rule.when.or[1]['<='][1] = 24
}
rewrite(folder, correction, () => readOwn(original))
edit(folder, correction, raised)
const rested = lines.filter(({ policies }) => policies.includes(corrected))
const { turns, changed } = affectedBy(lines, book, draftOf(original, correction, raised), now)

const affected = (...args: readonly string[]) =>
  run(
    (policy: Command, policies: string) =>
      addPolicyAffected(policy, policies, { data: temporaryFolder(), url: 'http://localhost:1' }),
    folder,
    ['affected', ...args, '--facts', facts],
  )

describe('a correction', () => {
  test('names how many decisions rested on what it corrects, and which would be answered otherwise', async () => {
    const { code, stdout } = await affected(correction)
    const flat = stdout.replaceAll(/\s+/g, ' ')
    expect(code).toBe(0)
    const restedOn = new Set(rested.map(({ id }) => id))
    const both = turns.flatMap(({ ids }) => ids).filter((id) => restedOn.has(id)).length
    expect(both).toBeGreaterThan(0)
    expect(flat).toContain(
      `${rested.length} rested on ${corrected}; ${both} of them would be answered differently.`,
    )
    const [first] = turns
    const { outcome = '', standing = '' } = first?.before ?? {}
    const was = { release: 'released', redact: 'released in part', deny: 'denied, final' }
    const before =
      outcome === 'deny' && standing === 'open'
        ? 'not decided yet'
        : was[outcome as keyof typeof was]
    expect(flat).toContain(`${first?.requester} → ${first?.holder} ${before}`)
    expect(flat).toContain(first?.ids[0])
    expect(flat.includes(`So would ${changed - both} `)).toBe(changed > both)
  })

  test('is read by programs with the id of every decision that it touches', async () => {
    const { stdout } = await affected(correction, '--json')
    const json = JSON.parse(stdout)
    expect(json).toMatchObject({ file: next.name, changed })
    expect(json.rested).toEqual({ on: [corrected], ids: rested.map(({ id }) => id) })
    expect(json.turns.flatMap((each: { ids: string[] }) => each.ids)).toEqual(
      turns.flatMap(({ ids }) => ids),
    )
  })
})

// Why some that named no version of it are named all the same. Kills: who asked taken for somebody outside.
test('a decision of which the log does not say who asked is named, for the version may speak of it', () => {
  const draft = draftOf(original, correction, raised)
  const asked = (more: object) =>
    lines.flatMap((line, i) => {
      const { 'requester.jurisdiction': _, ...facts } = line.facts
      const policies = line.policies.filter((each) => each !== corrected)
      return [{ ...line, id: `${i}`, policies, facts: { ...facts, ...more } }]
    })
  const namedOf = (more: object) => affectedBy(asked(more), book, draft, now)
  const unknown = namedOf({})
  expect(unknown.rested).toEqual([])
  expect(unknown.changed).toBeGreaterThan(0)
  // Of somebody outside the Union and Schengen the version says nothing.
  expect(namedOf({ 'requester.jurisdiction': 'ZA' })).toMatchObject({ rested: [], changed: 0 })
})

test('a version that replaces nothing says that no decision rested on anything else', async () => {
  const { code, stdout } = await affected(corrected)
  expect(code).toBe(0)
  expect(stdout.split('\n').slice(1, 3)).toEqual([
    corrected,
    'No decision rested on what it replaces.',
  ])
})

// Kills: an office abroad that takes “no decision” for the whole world's.
test('an office is told whose decisions it was given', async () => {
  const data = temporaryFolder()
  const key = await agencyKey(temporaryFolder(), 'DE-LEGAL')
  const { url, close } = await serving(() => Response.json({ facts: [] }))
  writeProfile(data, url, new Map([['DE-LEGAL', key]]), ['DE-LEGAL'])
  const { code, stdout } = await run(
    (policy: Command, policies: string) => addPolicyAffected(policy, policies, { data, url }),
    folder,
    ['affected', correction, '--as', 'DE-LEGAL', '--officer', 'editor-1'],
  )
  await close()
  expect(code).toBe(0)
  expect(stdout.split('\n').slice(2)).toEqual([
    'Looked at: what was asked of holders in the jurisdiction of DE-LEGAL.',
    'No decision rested on what it replaces.',
  ])
})
