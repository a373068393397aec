/** `comity policy affected`: past decisions that a correction touches, and which of them would change. */

import type { Command } from 'commander'
import { type Affected, affectedBy } from '../law/affected.ts'
import type { Draft } from '../law/as-if.ts'
import { choose, wholeBook } from './choose.ts'
import { screen, wrap } from './columns.ts'
import { type LogOptions, loggedBy, withLog } from './logged-facts.ts'
import { nameOf, replayable } from './policy-impact.ts'
import type { Gateway } from './profile.ts'
import { paint } from './say.ts'
import { turnLines, turnsJson, whole } from './turn-lines.ts'

/** Adds `affected` to the policy commands. */
export function addPolicyAffected(policy: Command, folder: string, gateway: Gateway): void {
  withLog(
    policy
      .command('affected')
      .description(
        'List past decisions that rested on what a file corrects, and which would change.',
      )
      .argument('<file>', 'the corrected version, such as de/bkag/2026-02-14.r2.json'),
    gateway,
  )
    .option('--json', 'print as JSON, with every id')
    .addHelpText(
      'after',
      `
A decision is touched if it was made while the file should have been in force, and rested on another
version. A file that is no correction is asked about the days from its own on, before it was sealed.
An office is given what was asked of holders in its own jurisdiction: each asks for itself.`,
    )
    .action(async (name: string, options: LogOptions & { readonly json?: true }) => {
      const now = new Date().toISOString()
      const draft = replayable(choose(folder, name, now))
      const decisions = await loggedBy(options, gateway, now)
      const affected = affectedBy(decisions, wholeBook(folder), draft, now)
      if (options.json) console.log(JSON.stringify(affectedJson(affected, draft), null, 2))
      else console.log(affectedLines(affected, draft, whoseOf(options), screen()).join('\n'))
    })
}

/** Whose decisions were looked at, so that nobody takes none of them for none at all. */
const whoseOf = ({ facts, agency }: LogOptions): readonly string[] =>
  facts === undefined
    ? [`Looked at: what was asked of holders in the jurisdiction of ${agency}.`]
    : []

function affectedLines(
  affected: Affected,
  draft: Draft,
  whose: readonly string[],
  width: number,
): readonly string[] {
  const { rested, on, changed, turns } = affected
  const both = changedOf(affected).length
  const others = changed - both
  const lines = [
    ...whose,
    rested.length === 0
      ? 'No decision rested on what it replaces.'
      : `${whole(rested.length)} rested on ${on.join(' or ')}; ${whole(both)} of them would be answered differently.`,
    ...(others === 0
      ? []
      : [`So would ${whole(others)} to which it did not apply, and now would.`]),
  ]
  return [
    paint('bold', draft.version.file.title),
    paint('dim', nameOf(draft)),
    ...lines.flatMap((line) => wrap(line, width)),
    ...turnLines(turns, width),
  ]
}

/** The ids of those that rested on the other version and would be answered differently. */
function changedOf({ turns, rested }: Affected): readonly string[] {
  const all = new Set(rested)
  return turns.flatMap(({ ids }) => ids).filter((id) => all.has(id))
}

const affectedJson = (affected: Affected, draft: Draft) => ({
  file: nameOf(draft),
  rested: { on: affected.on, ids: affected.rested },
  changed: affected.changed,
  turns: turnsJson(affected.turns, affected.changed),
})
