/** How files stand: sealed, waiting for a second signature, superseded, suspended, or drafts. */

import { isVersionPath, type SourceFile, withoutLetter } from '../policy/book.ts'
import type { Waiting } from '../policy/seal.ts'
import { type FoundLaw, judge } from '../policy/set.ts'
import { missingRole, signedBy } from '../policy/signed.ts'
import type { Note, Read } from './finding.ts'
import { noteFault } from './lint-fixes.ts'

/** Who signed what: what the files beside the law say. Without release keys, no set is looked at. */
export type Sealing = Omit<FoundLaw, 'files'>

/** Notes bad seals and sets; `lintStanding` notes how each file stands on a day. */
export function lintSeals(
  files: readonly SourceFile[],
  sealing: Sealing,
  noteOn: (path: string) => Note,
): {
  readonly sealedAt: (path: string, digest: string) => string | undefined
  readonly lintStanding: (read: readonly Read[]) => void
} {
  const { sealed, counting, waiting, faults } = judge({ ...sealing, files })
  for (const fault of faults) noteFault(fault, noteOn(fault.path))
  return {
    sealedAt: (path, digest) => {
      const own = sealed.get(path)
      return own?.sha256 === digest ? own.sealedAt : undefined
    },
    lintStanding: (read) => {
      if (sealing.releaseKeys === undefined && sealed.size > 0)
        noteOn('set.json')(
          '',
          'set',
          'there is no signed set here: what is sealed is not in one yet',
          'a release signs one: `comity policy set`',
          { severity: 'note' },
        )
      for (const each of read.filter(({ path }) => isVersionPath(path))) {
        const note = noteOn(each.path)
        const { retiredAt } = sealed.get(each.path) ?? {}
        // What changed after its seal is a fault already.
        if (!sealed.has(each.path)) noteDraft(each, read, waiting.get(each.path), note)
        else if (!counting.has(each.path))
          note(
            '',
            'set',
            'it is sealed, and not in a signed set yet: no request is decided by it',
            'sign a set with two release keys: `comity policy set`',
            { severity: 'note' },
          )
        if (retiredAt !== undefined)
          note(
            '',
            'retired',
            `it counts until ${retiredAt}, and no longer`,
            'nothing is to be done',
            {
              severity: 'note',
            },
          )
      }
    },
  }
}

function noteDraft(
  { path, id, day, revision, digest }: Read,
  read: readonly Read[],
  waiting: Waiting | undefined,
  note: Note,
): void {
  const command = `comity policy seal ${path}`
  const draft = (message: string, fix: string) =>
    note('', 'draft', `it is a draft: ${message}`, fix, { severity: 'note' })
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
      { severity: 'warning' },
    )
  else if (others.length > 0)
    draft(
      `one of those for this day, with ${others.map((each) => `\`${each.path}\``).join(', ')}`,
      `compare them with \`comity policy diff\`, and seal one`,
    )
  else draft('no request is decided by it', 'seal it with two keys: `comity policy seal`')
}
