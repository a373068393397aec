/** What `comity policy test` found, as people and as programs read it. */

import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { CaseFile } from '../law/cases.ts'
import type { Change } from '../law/changes.ts'
import type { Ran } from '../law/coverage.ts'
import { dayUnseen } from '../law/lint-cases.ts'
import { type Place, placesOf } from '../law/places.ts'
import type { Witness } from '../law/witness.ts'
import { jsonLines } from './json-lines.ts'
import { paint } from './say.ts'

/** A change that no case notices, where it stands, and a case that would notice it. */
export type Gap = {
  readonly change: Change
  readonly place: Place
  readonly witness?: Witness
  readonly tried: number
}

/** What the cases say of the policies. */
export type Tested = {
  /** Files that are not what was sealed. */
  readonly changed: readonly string[]
  readonly ran: readonly Ran[]
  readonly coverage?: {
    readonly noticed: number
    readonly gaps: readonly Gap[]
    readonly cannotMatter: readonly { readonly change: Change; readonly place: Place }[]
  }
}

/** Changes that nothing notices of which a case is shown: more at once help nobody. */
const explainedMax = 10

/** The result as people read it. */
export function testedLines(
  { changed, ran, coverage }: Tested,
  folder: string,
  seconds: number,
): readonly string[] {
  const failing = ran.filter((each) => each.failures.length > 0)
  const passed = `${ran.length - failing.length} of ${ran.length} cases passed`
  return [
    ...failing.flatMap((each) => failingLines(each, folder)),
    ...(coverage?.gaps ?? []).slice(0, explainedMax).flatMap(gapLines),
    ...(coverage?.gaps ?? []).slice(explainedMax).map(gapLine),
    ...[...new Map(ran.map(({ path, file }) => [path, file]))].flatMap(unseenLines),
    ...changed.map((path) => paint('yellow', `policies/${path} was changed after it was sealed`)),
    failing.length === 0 ? paint('green', passed) : paint('red', passed),
    ...(coverage === undefined ? [] : [coverageLine(coverage, failing.length > 0)]),
    paint('dim', `${seconds.toFixed(1)} s`),
  ]
}

function failingLines({ path, file, each, failures }: Ran, folder: string): readonly string[] {
  const places = placesOf(readFileSync(join(folder, path), 'utf8'))
  const { line } = places(`/cases/${file.cases.indexOf(each)}`)
  return [
    `${paint('red', 'failed')}  policies/${path}:${line}  ${each.name}`,
    ...failures.map((failure) => `    ${failure}`),
    '',
  ]
}

/** Cases that are of a day before their version starts notice nothing of it. */
function unseenLines([path, file]: readonly [string, CaseFile]): readonly string[] {
  const day = dayUnseen(file)
  if (day === undefined) return []
  const why = `its cases are of ${file.asOf}, before their version starts: write ${day} after \`asOf\``
  return [paint('yellow', `policies/${path}: ${why}`)]
}

function gapLine({ change, place }: Gap): string {
  const at = `policies/${change.path}:${place.line}:${place.column}`
  return `${paint('yellow', 'unnoticed')}  ${at}  ${change.rule}: ${change.says}`
}

function gapLines(gap: Gap): readonly string[] {
  const { witness, tried } = gap
  const head = gapLine(gap)
  if (witness === undefined)
    return [head, `    no case that would notice it was found among ${tried} tried`, '']
  const { asOf, facts, items, expect } = witness.each
  const written = jsonLines(
    {
      name: 'Say here what the law wants',
      ...(asOf === undefined ? {} : { asOf }),
      ...(facts === undefined ? {} : { facts }),
      ...(items === undefined ? {} : { items: items.map(({ id, ...item }) => ({ id, ...item })) }),
      expect,
    },
    84,
  )
  return [
    head,
    `    a case in policies/${witness.path} that would notice it, if the law is as it stands:`,
    ...written.map((line) => `      ${line}`),
    '',
  ]
}

function coverageLine(
  { noticed, gaps, cannotMatter }: NonNullable<Tested['coverage']>,
  failing: boolean,
): string {
  const all = noticed + gaps.length
  const percent = (Math.floor((noticed / Math.max(1, all)) * 1000) / 10).toFixed(1)
  const text =
    `coverage ${all === 0 ? '100.0' : percent} % (${gaps.length} of ${all} changes unnoticed` +
    `${cannotMatter.length === 0 ? '' : `; ${cannotMatter.length} more cannot matter`})`
  const part = failing ? '; cases that fail notice nothing' : ''
  return paint(gaps.length === 0 ? 'green' : 'yellow', text + part)
}

/** The result as programs read it. */
export const testedJson = ({ changed, ran, coverage }: Tested) => ({
  changed,
  cases: ran.map(({ path, each, failures }) => ({ path, name: each.name, failures })),
  ...(coverage === undefined
    ? {}
    : {
        coverage: {
          changes: coverage.noticed + coverage.gaps.length + coverage.cannotMatter.length,
          noticed: coverage.noticed,
          unnoticed: coverage.gaps.map(({ change, place, witness }) => ({
            ...stated(change, place),
            ...(witness === undefined ? {} : { witness }),
          })),
          cannotMatter: coverage.cannotMatter.map(({ change, place }) => stated(change, place)),
        },
      }),
})

const stated = ({ path, pointer, rule, says }: Change, { line, column }: Place) => ({
  path,
  line,
  column,
  pointer,
  rule,
  says,
})
