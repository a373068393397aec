/** What a verifier saw of the logs before, held against the checkpoints of a bundle. */

import { parseCheckpoint } from '../ledger/checkpoint.ts'
import type { Manifest } from '../ledger/evidence.ts'
import { parseNote } from '../ledger/note.ts'
import type { EvidenceFinding } from './evidence-entry.ts'
import type { SeenLogs } from './verify-memory.ts'

/**
 * The logs that are no continuation of what was seen, as far as a bundle shows: smaller than they were, or of the same
 * size with another root. A log that grew is not shown to have kept what it had; `log verify --since` shows that.
 */
export const againstSeen = (
  { checkpoints }: Manifest,
  seen: SeenLogs,
): readonly EvidenceFinding[] =>
  Object.entries(checkpoints).flatMap(([log, note]) => {
    const before = seen.logs.find((each) => each.log === log)
    const read = parseNote(note)
    const parsed = 'wrong' in read ? read : parseCheckpoint(read.note.text)
    if (before === undefined || 'wrong' in parsed) return []
    const { size, root } = parsed.checkpoint
    const says =
      size < before.size
        ? `${log} has ${size} entries here, and had ${before.size} on ${seen.at.slice(0, 10)}: it was rolled back, or this was made before; ask for it anew`
        : size === before.size && Buffer.compare(root, before.root) !== 0
          ? `${log} is another log than the one seen on ${seen.at.slice(0, 10)}: the same size, and another root`
          : undefined
    return says === undefined ? [] : [{ file: 'manifest.json', says }]
  })
