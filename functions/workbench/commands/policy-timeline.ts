/** `comity policy timeline`: every version and list entry on one time axis, and what is odd about them. */

import type { Command } from 'commander'
import type { Titles } from '../../policy/words.ts'
import { printed, screen, wrap } from '../../terminal/columns.ts'
import { paint, section } from '../../terminal/say.ts'
import { type Stretch, type Strip, sealedLate, timeline } from '../law/timeline.ts'
import { noSuch, readLaw, titlesOf, wholeBook } from './choose.ts'

/** Adds `timeline` to `comity policy`. */
export function addPolicyTimeline(policy: Command, folder: string): void {
  policy
    .command('timeline')
    .description('Show when each version is in force, and each entry of a list good.')
    .argument('[id]', 'a policy, a list or a folder: de/bkag, lists/led-adequacy, gb')
    .option('--json', 'print as JSON')
    .addHelpText(
      'after',
      '\nGaps, overlaps, ended entries and late seals are named below the picture.',
    )
    .action((id: string | undefined, options: { readonly json?: true }) => {
      const book = wholeBook(readLaw(folder))
      const today = new Date().toISOString().slice(0, 10)
      const all = timeline(book, today)
      const strips = all.filter(
        (each) => id === undefined || each.id === id || each.id.startsWith(`${id}/`),
      )
      if (id !== undefined && strips.length === 0)
        throw noSuch(
          'policy, list or folder',
          id,
          all.map((each) => each.id),
        )
      printed(options.json, timelineJson(strips, today), () =>
        timelineLines(strips, titlesOf(book), today, screen()),
      )
    })
}

/** The timeline as programs read it. */
const timelineJson = (strips: readonly Strip[], today: string) => ({
  asOf: today,
  strips,
  sealedAfterTheirDay: Object.fromEntries(sealedLate(strips)),
})

/** Years before today that the picture shows. */
const yearsShown = 12
const labelWidth = 28

/** The timeline as people read it. */
function timelineLines(
  strips: readonly Strip[],
  titles: Titles,
  today: string,
  width: number,
): readonly string[] {
  const days = strips.flatMap(({ versions, entries }) => [...versions, ...entries])
  const first = days.map(({ from }) => from).sort()[0] ?? today
  const axis: Axis = {
    from: Math.max(time(first), time(today) - yearsShown * yearMs),
    until: time(today) + yearMs,
    columns: width - labelWidth,
    today,
  }
  return [
    ' '.repeat(labelWidth) + years(axis),
    ...strips.flatMap((strip) => ['', ...stripLines(strip, titles, axis, width)]),
    '',
    paint('dim', '━ in force  ─ no longer  ╌ still to come or a draft  ◂ since before  ┃ today'),
    ...noteLines(strips, width),
  ]
}

type Axis = {
  readonly from: number
  readonly until: number
  readonly columns: number
  readonly today: string
}

const time = (day: string) => Date.parse(`${day}T00:00:00Z`)
const yearMs = 365.25 * 86_400_000

/** The column of a moment, which may lie outside the picture. */
const column = ({ from, until, columns }: Axis, at: number): number =>
  Math.floor(((at - from) / (until - from)) * columns)

/** The years above the columns at which they start. */
function years(axis: Axis): string {
  const cells = Array.from({ length: axis.columns }, () => ' ')
  const first = new Date(axis.from).getUTCFullYear() + 1
  const count = new Date(axis.until).getUTCFullYear() - first + 1
  const step = Math.ceil((count * 6) / axis.columns)
  for (let year = first; year < first + count; year += step) {
    const at = column(axis, time(`${year}-01-01`))
    if (at + 4 <= axis.columns) cells.splice(at, 4, ...String(year))
  }
  return cells.join('').trimEnd()
}

function stripLines(strip: Strip, titles: Titles, axis: Axis, width: number): readonly string[] {
  // A corrected version has the days of its correction, and a note says until when it decided. A retired
  // version has no days, and a note says so.
  const shown = strip.versions.filter(({ state }) => state !== 'corrected' && state !== 'retired')
  const versions = shown.map((each) => {
    const revision = each.version.includes('.') ? ` ${each.version.split('.')[1]}` : ''
    return row(`${each.from} – ${each.until ?? ''}`.trimEnd() + revision, each, axis)
  })
  const groups = [
    ...Map.groupBy(strip.entries, ({ from, until }) => `${from} – ${until ?? ''}`.trimEnd()),
  ]
  const entries = groups.flatMap(([label, all]) => {
    const [one] = all
    if (one === undefined) return []
    const who = all.map((each) => nameOf(each.who, titles)).join(' ')
    return [row(label, one, axis), ...wrap(`      ${who}`, width)]
  })
  return [
    `${paint('bold', strip.id)}  ${strip.title}`,
    ...versions,
    ...(entries.length === 0 ? [] : ['    on the list', ...entries]),
  ]
}

const nameOf = (who: string, titles: Titles): string => {
  const list = /^members of (.+)$/.exec(who)?.[1]
  return list === undefined ? who : `all of “${titles[list] ?? list}”`
}

const strokes = {
  'in force': ['━', 'green'],
  past: ['─', 'dim'],
  corrected: ['─', 'dim'],
  retired: ['─', 'dim'],
  repealed: ['─', 'red'],
  'to come': ['╌', 'yellow'],
  draft: ['╌', 'yellow'],
} as const

/** A label and a bar from its first to its last day; a bar has at least one column. */
function row(label: string, { from, until, state }: Stretch, axis: Axis): string {
  const [stroke, colour] = strokes[state]
  const start = column(axis, time(from))
  const end = until === undefined ? axis.columns - 1 : column(axis, time(until))
  const now = column(axis, time(axis.today))
  const cells = Array.from({ length: axis.columns }, (_, x) => {
    if (x === 0 && start < 0 && end >= 0) return '◂'
    const inside = x >= start && (x <= end || x === start)
    return inside ? (x === now && state !== 'in force' ? '┃' : stroke) : x === now ? '┃' : ' '
  })
  return `  ${label}`.padEnd(labelWidth) + paint(colour, cells.join('').trimEnd())
}

function noteLines(strips: readonly Strip[], width: number): readonly string[] {
  const lines = (all: readonly string[]) => all.flatMap((each) => wrap(`- ${each}`, width))
  const late = [...sealedLate(strips)].map(([day, names]) => {
    const which = names.length > 4 ? `${names.length} files` : names.join(', ')
    return `Sealed on ${day}, after the day in the name: ${which}. What was decided before the seal did not know it.`
  })
  const notes = strips.flatMap(({ id, notes: all }) => all.map((note) => `${id}: ${note}`))
  return [...section('To be noted', lines([...notes, ...late]))]
}
