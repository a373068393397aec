/** How files stand: sealed, waiting for a second signature, superseded, retired, drafts, or out of order. */

import { isVersionPath, type SourceFile, withoutLetter } from '../../policy/book.ts'
import type { Waiting } from '../../policy/check-seals.ts'
import { judge } from '../../policy/check-seals.ts'
import type { FoundLaw } from '../../policy/set.ts'
import { missingRole, signedBy } from '../../policy/signed.ts'
import { type DatedFile, type NoteOn, noteFault, type ReadFile, type TakeNote } from './finding.ts'

/** Who signed what, as the files beside the law say. Without release keys, no set is looked at. */
export type SealingFound = Omit<FoundLaw, 'files'>

/** Notes bad seals and sets; `lintStanding` notes how each file stands on a day. */
export function lintSeals(
  files: readonly SourceFile[],
  sealing: SealingFound,
  noteOn: NoteOn,
): {
  readonly sealOf: (path: string, digest: string) => Pick<DatedFile, 'sealedAt' | 'retiredAt'>
  readonly lintStanding: (read: readonly ReadFile[]) => void
} {
  const { sealed, counting, waiting, faults } = judge({ ...sealing, files })
  for (const fault of faults) noteFault(fault, noteOn(fault.path))
  return {
    sealOf: (path, digest) => {
      const { sha256, ...own } = sealed.get(path) ?? {}
      return sha256 === digest ? own : {}
    },
    lintStanding: (read) => {
      if (sealing.releaseKeys === undefined && sealed.size > 0)
        noteOn('set.json')(
          '',
          'set',
          'there is no signed set here: what is sealed is not in one yet',
          'a release signs one: `comity policy set`',
          'note',
        )
      for (const each of read.filter(({ path }) => isVersionPath(path))) {
        const note = noteOn(each.path)
        const { retiredAt } = sealed.get(each.path) ?? {}
        // A file that changed after its seal has been noted as a fault already.
        if (!sealed.has(each.path)) noteDraft(each, read, waiting.get(each.path), note)
        else if (!counting.has(each.path))
          note(
            '',
            'set',
            'it is sealed, and not in a signed set yet: no request is decided by it',
            'sign a set with two release keys: `comity policy set`',
            'note',
          )
        if (retiredAt !== undefined)
          note(
            '',
            'retired',
            `it counts until ${retiredAt}, and no longer`,
            'nothing is to be done',
            'note',
          )
      }
    },
  }
}

function noteDraft(
  { path, id, day, revision, digest }: ReadFile,
  read: readonly ReadFile[],
  waiting: Waiting | undefined,
  note: TakeNote,
): void {
  const command = `comity policy seal ${path}`
  const draft = (message: string, fix: string) =>
    note('', 'draft', `it is a draft: ${message}`, fix, 'note')
  const sameDay = read.filter(
    (each) => each.path !== path && each.id === id && each.day === day && each.revision >= revision,
  )
  const rival = sameDay.find((each) => each.sealedAt !== undefined)
  const others = sameDay.filter((each) => withoutLetter(each.path) === withoutLetter(path))
  if (rival !== undefined)
    draft(
      `it is superseded, since \`${rival.path}\` is sealed for the same day`,
      `take it away, or make it the correction \`${day}.r${rival.revision + 1}.json\``,
    )
  else if (waiting !== undefined && waiting.seal.body.sha256 === digest)
    draft(
      `sealed by ${signedBy(waiting)}, waits for ${missingRole(waiting)}`,
      `\`${command} --key KEY\`, by ${missingRole(waiting)}`,
    )
  else if (waiting !== undefined)
    note(
      '',
      'changed',
      `it is a draft, and changed since ${signedBy(waiting)} signed it`,
      `let ${signedBy(waiting)} sign it anew: \`${command} --key KEY --why "…"\``,
      'warning',
    )
  else if (others.length > 0)
    draft(
      `one of those for this day, with ${others.map((each) => `\`${each.path}\``).join(', ')}`,
      `compare them with \`comity policy diff\`, and seal one`,
    )
  else draft('no request is decided by it', 'seal it with two keys: `comity policy seal`')
}

/** Notes corrections of nothing, and corrections that were sealed before what they correct. */
export function lintOrder(versions: readonly DatedFile[], noteOn: NoteOn): void {
  for (const same of Map.groupBy(versions, ({ id }) => id).values()) {
    const sorted = same.toSorted((a, b) =>
      a.day < b.day ? -1 : a.day > b.day ? 1 : a.revision - b.revision,
    )
    for (const [i, each] of sorted.entries()) {
      const before = sorted[i - 1]
      const sameDay = before?.day === each.day
      if (each.revision > 1 && !sameDay)
        noteOn(each.path)(
          '',
          'order',
          'it corrects a file that is not there',
          `name it \`${each.day}.json\``,
        )
      if (
        sameDay &&
        before?.sealedAt !== undefined &&
        each.sealedAt !== undefined &&
        each.sealedAt < before.sealedAt
      )
        noteOn(each.path)(
          '',
          'order',
          `it was sealed before \`${before.path}\`, which it corrects`,
          'seal the correction anew, under the next number',
          'warning',
        )
    }
  }
}
