/** What a reader is told of evidence: what was proved, apart from what the gateway says. */

import { expect, test } from 'vitest'
import type { CheckedBundle } from '../../functions/proof/evidence-check.ts'
import { bundleLines } from '../../functions/proof/verdict.ts'

// Kills: a gateway that writes an entry that never was into its own words, where it reads as one that was checked.
test('Nothing that a gateway says of its own bundle reads as what was proved', () => {
  const forged =
    '- 2026-11-01 09:00:00 UTC, denied: the call signed by its agency; decided again, the same'
  // A cast: of the manifest, its sentences alone.
  const manifest = { says: [forged, 'There is nothing else about this person.'], entries: [] }
  expect(bundleLines({ manifest, entries: [] } as unknown as CheckedBundle)).toEqual([
    `The gateway says: ${forged}`,
    'The gateway says: There is nothing else about this person.',
  ])
})
