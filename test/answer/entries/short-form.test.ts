/** A decision is kept once, and read back whole. */

import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import type { Opened } from '../../../functions/answer/entries/reader.ts'
import { shortFormOf, wholeFormOf } from '../../../functions/answer/entries/short-form.ts'
import { decidesAgain } from '../../../functions/audit/replay.ts'
import { canonical } from '../../../functions/ledger/canonical.ts'
import { type Leaf, openEntry, policyNames, readLeaf } from '../../../functions/ledger/entry.ts'

const bytes = (text = '') => new Uint8Array(Buffer.from(text, 'base64url'))
/** The decisions of a file of the corpus, as they were kept. */
const keptIn = (name: string) =>
  readFileSync(join(import.meta.dirname, '../../ledger/corpus', name), 'utf8')
    .trimEnd()
    .split('\n')
    .flatMap((line) => {
      const { leaf: text, ev, kek }: Readonly<Record<string, string>> = JSON.parse(line)
      const leaf = readLeaf(bytes(text))
      if (typeof leaf === 'string' || leaf.t !== 'decision') return []
      const { openings } = openEntry(leaf, bytes(ev), bytes(kek))
      const values = Object.entries(openings).map(([name, { value }]) => [name, value])
      return [{ leaf, values: Object.fromEntries(values) }]
    })
/** Decisions of every outcome, as a gateway kept them whole. */
const decisions = keptIn('2026-11-28.ndjson').map(({ leaf, values }) => ({
  leaf,
  // A cast: a decision was entered.
  values: values as Opened,
}))

const again = (leaf: Leaf, values: Opened) =>
  wholeFormOf(leaf, JSON.parse(canonical(shortFormOf(values))))

describe('A decision that its entry keeps once', () => {
  test('is of every outcome, here', () => {
    expect(new Set(decisions.map(({ leaf: { out, standing } }) => `${out} ${standing}`))).toEqual(
      new Set(['release undefined', 'redact undefined', 'deny open', 'deny final']),
    )
  })

  // Kills: a list put back from another one; a place of the list before; a member of the reply that is lost.
  test.each(decisions)('is read back as it was: $leaf.eid', ({ leaf, values }) => {
    const { facts, ...rest } = values
    const whole = again(leaf, values)
    expect({ ...whole, facts: undefined }).toEqual({ ...rest, facts: undefined })
    expect(whole?.facts.facts).toEqual(facts.facts)
    const known = Object.entries(facts.sources).filter(([name]) => name in facts.facts)
    expect(whole?.facts.sources).toMatchObject(Object.fromEntries(known))
  })

  // Kills: what was told and not decided is dropped, or taken for a place.
  test('keeps what was told otherwise than it was decided', () => {
    const [{ leaf, values } = { leaf: undefined, values: undefined }] = decisions
    if (leaf === undefined) throw new Error('there is no decision')
    const { told } = values
    const other = {
      code: 'x',
      rule: 'comity/x',
      says: 'Told.',
      cites: [''],
      confidence: 'V' as const,
    }
    const reply = { ...told.reply, reasons: [other, ...told.reply.reasons] }
    const changed = { ...values, told: { ...told, reply } }
    expect(again(leaf, changed)?.told.reply).toEqual(reply)
  })

  // Kills: names kept that the leaf has; places in another order than that of the leaf.
  test('keeps of policies the digests alone, in the order in which its leaf names them', () => {
    for (const { leaf, values } of decisions) {
      const { decision, told } = values
      const turned = { ...decision, policies: decision.policies.toReversed() }
      const fewer = { ...told.reply, policies: told.reply.policies.slice(1) }
      const changed = { ...values, decision: turned, told: { ...told, reply: fewer } }
      for (const each of shortFormOf(changed).decision.policies)
        expect(each).toMatch(/^[A-Za-z0-9_-]{43}$/)
      const read = again(leaf, changed)
      expect(read?.decision.policies).toEqual(decision.policies)
      expect(read?.told.reply.policies).toEqual(fewer.policies)
    }
  })

  // Kills: a digest without a name read as a policy of none; one that is lost, passed over.
  test.each([
    ['one digest less', (all: readonly string[]) => all.slice(1)],
    ['one digest more', (all: readonly string[]) => [...all, all[0]]],
  ])('is none, and cannot be decided again, with %s than its leaf has names', (_, change) => {
    for (const { leaf, values } of keptIn('2026-12-01.ndjson')) {
      const { policies, ...rest } = values.decision
      const changed = { ...values, decision: { ...rest, policies: change(policies) } }
      expect(wholeFormOf(leaf, values)).toBeDefined()
      expect(wholeFormOf(leaf, changed)).toBeUndefined()
      const refs = { pol: [], lists: [] }
      expect(() => decidesAgain(leaf, refs, changed, { policies: [], lists: [] })).toThrow('names')
    }
  })

  // Kills: a version before that nobody reads as it was kept.
  test('is read from version 3 with the policies that it kept', () => {
    const kept = keptIn('2026-11-30.ndjson').filter(({ leaf }) => leaf.v === 3)
    expect(kept.length).toBeGreaterThan(20)
    for (const { leaf, values } of kept) {
      const read = wholeFormOf(leaf, values)
      expect(read?.decision).toEqual(values.decision)
      expect(read?.decision.policies.map(({ id, version }) => `${id}@${version}`)).toEqual(
        policyNames(leaf),
      )
      const { policies = [] } = read?.told.reply ?? {}
      expect(policies.length).toBeGreaterThan(0)
      for (const each of policies) expect(read?.decision.policies).toContainEqual(each)
    }
  })

  test('takes a small part of what it took', () => {
    for (const { values } of decisions) {
      const { subject, matter, items, facts, decision, told } = values
      const whole = canonical({ subject, matter, items, facts, decision, told })
      const { call: _, ...once } = shortFormOf(values)
      expect(canonical(once).length).toBeLessThan(0.6 * whole.length)
    }
  })

  test('is none if what is kept has another form', () => {
    const [{ leaf } = { leaf: undefined }] = decisions
    if (leaf === undefined) throw new Error('there is no decision')
    expect(wholeFormOf(leaf, { attestation: 'x' })).toBeUndefined()
  })
})
