/** Entries of all kinds in words, as pages and the terminal have them. */

import { expect, test } from 'vitest'
import { valueSchemas } from '../../functions/answer/entries/values.ts'
import { entryTerms, kindWords } from '../../functions/audit/entry-words.ts'

test('every kind of entry has a name, and says nothing of what its side does not see', () => {
  expect(Object.keys(kindWords).sort()).toEqual(Object.keys(valueSchemas).sort())
  for (const kind of Object.keys(kindWords)) expect(entryTerms({ kind }), kind).toEqual([])
  // Kills: a name that every object has, taken for a kind.
  for (const kind of ['toString', 'of-a-newer-gateway']) expect(entryTerms({ kind })).toEqual([])
})

test('an attestation says what was vouched for, by which office, of what and how long', () => {
  const attestation = {
    ...{ fact: 'necessity.case', value: 'necessary', scope: { kind: 'matter' } },
    ...{ ground: 'read the file', from: '2026-11-25T09:00:00Z', until: '2026-11-27T09:00:00Z' },
    ...{ decidedBy: 'DE-POL', as: 'office' },
  }
  const said = Object.fromEntries(entryTerms({ kind: 'attestation', attestation }))
  expect(said).toMatchObject({
    'Of what': 'matter',
    Ground: 'read the file',
    'Decided by': 'DE-POL',
    Until: '2026-11-27T09:00:00Z',
  })
  expect(said['What was vouched for']).toContain('necess')
})

test.each([
  [
    { kind: 'delivery', delivery: { by: 'siena', number: '4711', sentAt: '2026-11-25T09:00:00Z' } },
    [
      ['By', 'siena'],
      ['Number there', '4711'],
      ['Sent', '2026-11-25T09:00:00Z'],
    ],
  ],
  [
    { kind: 'response', response: { what: 'ask-back', text: 'Which one?', to: 'FR-SPOC' } },
    [
      ['What', 'asked back'],
      ['Text', 'Which one?'],
      ['To', 'FR-SPOC'],
    ],
  ],
  [
    {
      kind: 'erasure',
      act: { ground: 'asked for', order: { by: 'court', reference: 'AC-1' } },
      approver: { agency: 'GB-DPO', officer: 'officer-2', kid: 'k' },
      about: { entries: ['a', 'b'], keys: ['c'] },
    },
    [
      ['Ground', 'asked for'],
      ['Ordered by', 'court'],
      ['Order', 'AC-1'],
      ['Approved by', 'GB-DPO, officer-2'],
      ['Entries', '2'],
      ['Keys', '1'],
    ],
  ],
  [
    {
      kind: 'notice',
      notice: { what: 'recalled', to: 'FR-SPOC', request: 'r', due: '2026-12-01', of: 'n' },
    },
    [
      ['What was told', 'recalled'],
      ['To', 'FR-SPOC'],
      ['About the answer', 'r'],
      ['Due', '2026-12-01'],
      ['Of the notice', 'n'],
    ],
  ],
  [
    { kind: 'record', act: { what: 'correct', recordId: 'R-1', changed: [{ how: 'corrected' }] } },
    [
      ['What was done', 'corrected'],
      ['Record', 'R-1'],
      ['What became of what may have left', 'corrected: all'],
    ],
  ],
])('an entry of kind $kind says what happened', (seen, said) => {
  expect(entryTerms(seen)).toEqual(said)
})
