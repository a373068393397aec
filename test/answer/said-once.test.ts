/** A decision is kept once, and read back whole. */

import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import type { Opened } from '../../functions/answer/opened.ts'
import { saidOnce, saidWhole } from '../../functions/answer/said-once.ts'
import { canonical } from '../../functions/ledger/canonical.ts'
import { type Leaf, openEntry, readLeaf } from '../../functions/ledger/entry.ts'

const bytes = (text = '') => new Uint8Array(Buffer.from(text, 'base64url'))
const file = join(import.meta.dirname, '../ledger/corpus/2026-11-28.ndjson')
/** Decisions of every outcome, as a gateway kept them whole. */
const decisions = readFileSync(file, 'utf8')
  .trimEnd()
  .split('\n')
  .flatMap((line) => {
    const { leaf: text, ev, kek }: Readonly<Record<string, string>> = JSON.parse(line)
    const leaf = readLeaf(bytes(text))
    if (typeof leaf === 'string' || leaf.t !== 'decision') return []
    const { openings } = openEntry(leaf, bytes(ev), bytes(kek))
    const values = Object.entries(openings).map(([name, { value }]) => [name, value])
    // A cast: a decision was entered.
    return [{ leaf, values: Object.fromEntries(values) as Opened }]
  })

const again = (leaf: Leaf, values: Opened) =>
  saidWhole(leaf, JSON.parse(canonical(saidOnce(values))))

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

  test('takes a small part of what it took', () => {
    for (const { values } of decisions) {
      const { subject, matter, items, facts, decision, told } = values
      const whole = canonical({ subject, matter, items, facts, decision, told })
      const { call: _, ...once } = saidOnce(values)
      expect(canonical(once).length).toBeLessThan(0.6 * whole.length)
    }
  })

  test('is none if what is kept has another form', () => {
    const [{ leaf } = { leaf: undefined }] = decisions
    if (leaf === undefined) throw new Error('there is no decision')
    expect(saidWhole(leaf, { attestation: 'x' })).toBeUndefined()
  })
})
