/** Everything that is wrong with a folder of policies, all at once, each with what to do about it. */

import { createHash } from 'node:crypto'
import {
  type Fault,
  isVersionPath,
  type Policy,
  readBook,
  type SourceFile,
} from '../policy/book.ts'
import { type ListFile, listSchema, policySchema } from '../policy/policy.ts'
import { suggest } from '../policy/suggest.ts'
import type { Read } from './finding.ts'
import { type Finding, type Note, notesOn } from './finding.ts'
import { lintConditions } from './lint-conditions.ts'
import { noteFault } from './lint-fixes.ts'
import { lintLinks } from './lint-links.ts'
import { lintChoices, lintRelease, type Within } from './lint-release.ts'
import { listOf, objectOf, repairedList, repairedPolicy, standIn } from './lint-repair.ts'
import { lintRetention } from './lint-retention.ts'
import { lintSays } from './lint-says.ts'
import { lintSeals, type Sealing } from './lint-seals.ts'
import { asFix, lintShape, nearDay } from './lint-shape.ts'
import { readText } from './lint-text.ts'
import { lintMembers, lintOrder } from './lint-time.ts'
import { isTimeZone, timeZones } from './time-zone.ts'

/** Lints every policy and list as of a day; the findings of one file stand together. */
export function lint(
  files: readonly SourceFile[],
  sealing: Sealing,
  asOf: string,
): readonly Finding[] {
  const notes = new Map(files.map(({ path }) => [path, notesOn(path)]))
  const found: Finding[] = []
  const noteOn = (path: string): Note => {
    const known = notes.get(path) ?? notesOn(path)
    notes.set(path, known)
    return known.note
  }
  const { sealedAt, lintStanding } = lintSeals(files, sealing, noteOn)
  const read = files
    .filter(({ path }) => isVersionPath(path))
    .map((file) => readFile(file, sealedAt, noteOn(file.path)))
  for (const { path } of files.filter((each) => !isVersionPath(each.path)))
    noteOn(path)(
      '',
      'name',
      'no policy or list has such a name: it is never read',
      'name it `<day>.json` or `<day>.r2.json` in `<folder>/<policy>/`',
    )
  lintStanding(read)
  lintOrder(read, noteOn)
  const within: Within[] = []
  const newest: { readonly path: string; readonly id: string; readonly file: ListFile }[] = []
  for (const each of read.filter(({ folder }) => folder === 'lists')) {
    const list = listSchema.safeParse(each.value)
    for (const member of list.data?.members ?? [])
      if ('membersOf' in member && member.until === undefined && isNewest(each, read, asOf))
        within.push({ inner: member.membersOf, outer: each.id.slice('lists/'.length) })
    if (!list.success) continue
    lintMembers(list.data, isNewest(each, read, asOf) ? asOf : undefined, noteOn(each.path))
    if (isNewest(each, read, asOf)) newest.push({ path: each.path, id: each.id, file: list.data })
  }
  const policies = lintRules(read, noteOn)
  lintLinks(read, policies, noteOn)
  lintRetention(newest, policies, asOf, noteOn)
  for (const { path, folder, value, sealedAt: sealed } of read)
    if (folder !== 'lists') lintRelease(value, sealed !== undefined, noteOn(path))
  lintChoices(policies, within, noteOn)
  lintWords(read, policies, asOf, noteOn)
  const past = new Set(read.filter((each) => isPast(each, read, asOf)).map(({ path }) => path))
  for (const [path, each] of notes)
    found.push(...each.found.filter((finding) => !past.has(path) || !isToBeMended(finding)))
  return found
}

/** Whether a finding asks for another text, which a sealed file can no longer have. */
const isToBeMended = ({ severity, code }: Finding): boolean =>
  severity === 'warning' && code !== 'suspended'

function readFile(
  { path, text }: SourceFile,
  sealedAt: (path: string, digest: string) => string | undefined,
  note: Note,
): Read {
  const [folder = '', name = '', file = ''] = path.split('/')
  const [, day = '', revision] = /^(.*?)(?:\.r(\d+))?(?:\.[b-z])?\.json$/.exec(file) ?? []
  if (nearDay(day) < day || Number.isNaN(Date.parse(day)))
    note(
      '',
      'day',
      `the name \`${file}\` is no day of the calendar`,
      `name it \`${nearDay(day)}.json\``,
    )
  const value = readText(text, note)?.value
  const isList = folder === 'lists'
  if (value !== undefined) {
    lintShape(isList ? listSchema : policySchema, value, note)
    lintHead(value, isList, note)
  }
  const digest = createHash('sha256').update(text).digest('hex')
  const sealed = sealedAt(path, digest)
  return {
    path,
    digest,
    folder,
    id: `${folder}/${name}`,
    day,
    revision: Number(revision ?? 1),
    value,
    repaired: isList ? repairedList(value) : repairedPolicy(value),
    ...(sealed === undefined ? {} : { sealedAt: sealed }),
  }
}

/** What the schema cannot say, or says only once all else is right. */
function lintHead(value: unknown, isList: boolean, note: Note): void {
  if (typeof value !== 'object' || value === null) return
  const { timeZone, kind, otherwise } = value as Readonly<Record<string, unknown>>
  if (typeof timeZone === 'string' && timeZone.length >= 3 && !isTimeZone(timeZone))
    note(
      '/timeZone',
      'time-zone',
      `there is no time zone \`${timeZone}\``,
      asFix(suggest(timeZone, timeZones())) ?? 'write one such as Europe/Berlin',
    )
  if (isList || policySchema.safeParse(value).success) return
  const broken = policySchema.safeParse(value).error?.issues.some(({ code }) => code !== 'custom')
  const isWrong = (kind === 'ground') === (otherwise === undefined)
  if (broken && isWrong && (kind === 'ground' || kind === 'limit'))
    note(
      '/otherwise',
      'shape',
      'a ground says what its silence means in `otherwise`; a limit has none',
      kind === 'ground' ? 'add `otherwise`' : 'take `otherwise` away',
    )
}

/** Faults of the conditions, and conditions that say nothing; the policies as far as they are sound. */
function lintRules(read: readonly Read[], noteOn: (path: string) => Note): readonly Policy[] {
  const files = read.map(({ path, repaired }) => ({ path, text: repaired }))
  const { faults } = readBook(files, () => undefined)
  for (const fault of faults) noteFault(fault, noteOn(fault.path))
  const { book } = readBook(
    files.map((file) => ({
      ...file,
      text: without(
        file.text,
        faults.filter(({ path }) => path === file.path),
      ),
    })),
    () => undefined,
  )
  for (const policy of book.policies) {
    const path = `${policy.id}/${policy.version}.json`
    const known = faults.filter((fault) => fault.path === path)
    const note = noteOn(path)
    lintConditions(policy, (pointer, ...rest) => {
      if (!known.some(({ place }) => place.startsWith(pointer.replace(/\/id$/, '/when'))))
        note(pointer, ...rest)
    })
  }
  return book.policies
}

/** A file with its faulty conditions replaced, each by one that no other contains. */
function without(text: string, faults: readonly Fault[]): string {
  if (faults.length === 0) return text
  const file = JSON.parse(text)
  // A list has no conditions.
  if (file.rules === undefined) return text
  for (const [i, { place }] of faults.entries()) {
    const [, alternative] = /^\/automation\/byRule\/(\d+)\//.exec(place) ?? []
    if (alternative !== undefined) {
      file.automation.byRule[alternative].when = standIn(80 + Number(alternative))
      continue
    }
    const [, rule, exception] = /^\/rules\/(\d+)(?:\/unless\/(\d+))?\//.exec(place) ?? []
    const { applies, rules } = file
    if (rule === undefined) applies.when = true
    else if (place.endsWith('/id')) rules[rule].id += `-${i}`
    else if (place.endsWith('/then')) {
      rules[rule].then.treatment = 'withhold'
      delete rules[rule].then.keepLast
    } else if (exception === undefined) rules[rule].when = standIn(Number(rule))
    else rules[rule].unless[exception].when = standIn(89)
  }
  return JSON.stringify(file)
}

/** What rules name and do not test, in what is in force or to come; what went before stays as it was. */
function lintWords(
  read: readonly Read[],
  policies: readonly Policy[],
  asOf: string,
  noteOn: (path: string) => Note,
): void {
  const current = read.filter((each) => each.day > asOf || isNewest(each, read, asOf))
  const { book } = readBook(
    current
      .filter(({ folder }) => folder === 'lists')
      .map(({ path, value }) => ({ path, text: JSON.stringify(value) })),
    () => undefined,
  )
  const policyOf = new Map(policies.map((each) => [`${each.id}/${each.version}.json`, each]))
  const newest = current.flatMap(({ path }) => policyOf.get(path) ?? [])
  for (const { path, value, sealedAt } of current) {
    const policy = policyOf.get(path)
    if (policy === undefined) continue
    const texts = listOf(objectOf(value).rules)
    const severity = sealedAt === undefined ? 'error' : 'warning'
    lintSays(policy, texts, { policies: newest, lists: book.lists }, severity, noteOn(path))
  }
}

/** Whether a sealed version decides nothing more: a sealed correction took its place, or its time is over. */
const isPast = (version: Read, all: readonly Read[], asOf: string): boolean =>
  version.sealedAt !== undefined &&
  all.some(
    ({ id, day, revision, sealedAt }) =>
      sealedAt !== undefined &&
      id === version.id &&
      (day === version.day ? revision > version.revision : day > version.day && day <= asOf),
  )

/** Whether a version is the one in force on a day, as far as its name says. */
const isNewest = (version: Read, all: readonly Read[], asOf: string): boolean =>
  version.day <= asOf &&
  !all.some(
    ({ id, day, revision }) =>
      id === version.id &&
      day <= asOf &&
      (day > version.day || (day === version.day && revision > version.revision)),
  )
