/** Finds everything that is wrong with a folder of policies, all at once, each with what to do about it. */

import { createHash } from 'node:crypto'
import { isVersionPath, type Policy, type SourceFile } from '../../policy/book.ts'
import { spoken } from '../../policy/language.ts'
import { listSchema, policySchema } from '../../policy/policy.ts'
import { didYouMean } from '../../policy/suggest.ts'
import { lintBound } from './bound.ts'
import { at, type Flaw, type NoteOn, notesOn, type ReadFile, type TakeNote } from './finding.ts'
import { lintRules } from './lint-conditions.ts'
import { lintShape, listOf, nearDay, objectOf, readText } from './lint-file.ts'
import { lintLanguages } from './lint-languages.ts'
import { lintMembers, lintNames, lintRetention, lintUnused, type NamedList } from './lint-lists.ts'
import { lintChoices, lintRelease, type Within } from './lint-release.ts'
import { lintSays } from './lint-says.ts'
import { lintOrder, lintSeals, type SealingFound } from './lint-seals.ts'

/** Lints every policy and list as of a day; the findings of one file stand together. */
export function lint(
  files: readonly SourceFile[],
  sealing: SealingFound,
  asOf: string,
): readonly Flaw[] {
  const notes = new Map(files.map(({ path }) => [path, notesOn(path)]))
  const found: Flaw[] = []
  const noteOn = (path: string): TakeNote => {
    const known = notes.get(path) ?? notesOn(path)
    notes.set(path, known)
    return known.note
  }
  const { sealOf, lintStanding } = lintSeals(files, sealing, noteOn)
  const read = files
    .filter(({ path }) => isVersionPath(path))
    .map((file) => readFile(file, sealOf, noteOn(file.path)))
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
  const newest: NamedList[] = []
  for (const each of read.filter(({ folder }) => folder === 'lists')) {
    const list = listSchema.safeParse(each.value)
    for (const member of list.data?.members ?? [])
      if ('membersOf' in member && member.until === undefined && isNewest(each, read, asOf))
        within.push({ inner: member.membersOf, outer: each.id.slice('lists/'.length) })
    if (!list.success) continue
    lintMembers(list.data, isNewest(each, read, asOf) ? asOf : undefined, noteOn(each.path))
    if (isNewest(each, read, asOf)) newest.push({ path: each.path, id: each.id, file: list.data })
  }
  lintNames(read, noteOn)
  const policies = lintRules(read, noteOn)
  const names = namesOf(policies)
  for (const { path, value, folder } of read)
    if (folder !== 'lists')
      lintTransposes(objectOf(objectOf(value).transposes), names, noteOn(path))
  lintUnused(read, policies, noteOn)
  lintRetention(newest, policies, asOf, noteOn)
  for (const { path, folder, value, sealedAt: sealed } of read)
    if (folder !== 'lists') lintRelease(value, sealed !== undefined, noteOn(path))
  const past = new Set(read.filter((each) => isPast(each, read, asOf)).map(({ path }) => path))
  const standing = policies.filter(({ id, version }) => !past.has(`${id}/${version}.json`))
  lintChoices(standing, within, noteOn)
  lintWords(read, policies, asOf, noteOn)
  for (const [path, each] of notes)
    found.push(...each.found.filter((finding) => !past.has(path) || !isToBeMended(finding)))
  return found
}

/** Whether a finding asks to change the text, which is too late once a file is sealed. */
const isToBeMended = ({ severity, code }: Flaw): boolean =>
  severity === 'warning' && code !== 'suspended'

function readFile(
  { path, text }: SourceFile,
  sealOf: ReturnType<typeof lintSeals>['sealOf'],
  note: TakeNote,
): ReadFile {
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
    lintLanguages(value, note)
  }
  const digest = createHash('sha256').update(text).digest('hex')
  return {
    path,
    digest,
    folder,
    id: `${folder}/${name}`,
    day,
    revision: Number(revision ?? 1),
    value: spoken(value).english,
    ...sealOf(path, digest),
  }
}

/** Notes what the schema cannot say, or says only once all else is right. */
function lintHead(value: unknown, isList: boolean, note: TakeNote): void {
  if (typeof value !== 'object' || value === null) return
  const { timeZone, kind, otherwise } = value as Readonly<Record<string, unknown>>
  if (typeof timeZone === 'string' && timeZone.length >= 3 && !isTimeZone(timeZone))
    note(
      '/timeZone',
      'time-zone',
      `there is no time zone \`${timeZone}\``,
      didYouMean(timeZone, timeZones()) ?? 'write one such as Europe/Berlin',
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

/**
 * Notes what rules name but do not test, in versions in force or to come. Earlier versions stay as they are.
 */
function lintWords(
  read: readonly ReadFile[],
  policies: readonly Policy[],
  asOf: string,
  noteOn: NoteOn,
): void {
  const current = read.filter((each) => each.day > asOf || isNewest(each, read, asOf))
  const lists = current
    .filter(({ folder }) => folder === 'lists')
    .flatMap(({ id, value }) => {
      const { data } = listSchema.safeParse(value)
      return data === undefined ? [] : [{ id: id.slice('lists/'.length), file: data }]
    })
  const policyOf = new Map(policies.map((each) => [`${each.id}/${each.version}.json`, each]))
  const newest = current.flatMap(({ path }) => policyOf.get(path) ?? [])
  for (const { path, folder, value, sealedAt } of current) {
    const policy = policyOf.get(path)
    if (policy === undefined) continue
    const texts = listOf(objectOf(value).rules)
    const severity = sealedAt === undefined ? 'error' : 'warning'
    lintBound({ folder, value }, lists, severity, noteOn(path))
    lintSays(policy, texts, { policies: newest, lists }, severity, noteOn(path))
  }
}

/** Whether a sealed version decides nothing more: a sealed correction took its place, or its time is over. */
const isPast = (version: ReadFile, all: readonly ReadFile[], asOf: string): boolean =>
  version.sealedAt !== undefined &&
  (isRetired(version, asOf) ||
    all.some(
      (each) =>
        each.sealedAt !== undefined &&
        !isRetired(each, asOf) &&
        each.id === version.id &&
        (each.day === version.day
          ? each.revision > version.revision
          : each.day > version.day && each.day <= asOf),
    ))

/** Whether a version is the one in force on a day, as far as its name and its seal say. */
const isNewest = (version: ReadFile, all: readonly ReadFile[], asOf: string): boolean =>
  version.day <= asOf &&
  !isRetired(version, asOf) &&
  !all.some(
    (each) =>
      each.id === version.id &&
      each.day <= asOf &&
      !isRetired(each, asOf) &&
      (each.day > version.day || (each.day === version.day && each.revision > version.revision)),
  )

/** Whether a version was retired by a day: the one before it decides again. */
const isRetired = ({ retiredAt }: ReadFile, asOf: string): boolean =>
  retiredAt !== undefined && retiredAt.slice(0, 10) <= asOf

/** The names that may be transposed, by policy: `quality`, `quality/unless`, `otherwise`, `automation`. */
function namesOf(policies: readonly Policy[]): ReadonlyMap<string, ReadonlySet<string>> {
  const names = new Map<string, Set<string>>()
  for (const { id, rules, file } of policies) {
    const known = names.get(id) ?? new Set()
    for (const { rule, unless } of rules) {
      known.add(rule.id)
      if (unless.length > 0) known.add(`${rule.id}/unless`)
    }
    if (file.otherwise !== undefined) known.add('otherwise')
    if (file.automation !== undefined) known.add('automation')
    names.set(id, known)
  }
  return names
}

function lintTransposes(
  transposes: Readonly<Record<string, unknown>>,
  names: ReadonlyMap<string, ReadonlySet<string>>,
  note: TakeNote,
): void {
  for (const [policy, rules] of Object.entries(transposes)) {
    const known = names.get(policy)
    if (known === undefined) {
      const fix =
        didYouMean(policy, [...names.keys()]) ?? 'name a policy by its folders, as `eu/led-data`'
      note(at('transposes', policy), 'transposes', `there is no policy \`${policy}\``, fix, {
        part: 'name',
      })
      continue
    }
    for (const rule of Object.keys(objectOf(rules))) {
      if (known.has(rule)) continue
      const fix =
        didYouMean(rule, [...known]) ?? `name a rule of ${policy}: ${[...known].join(', ')}`
      note(
        at('transposes', policy, rule),
        'transposes',
        `\`${policy}\` has no rule \`${rule}\``,
        fix,
        { part: 'name' },
      )
    }
  }
}

/** Every zone (IANA) under one of its names. */
export const timeZones = (): readonly string[] => ['UTC', ...Intl.supportedValuesOf('timeZone')]

/** Whether `name` is a time zone under any of its names: `Asia/Kolkata` may be listed as `Asia/Calcutta`. */
export function isTimeZone(name: string): boolean {
  if (name !== 'UTC' && !/^[A-Z]\w*(\/[A-Z][\w+-]*)+$/.test(name)) return false
  try {
    return new Intl.DateTimeFormat('en', { timeZone: name }).resolvedOptions().timeZone !== ''
  } catch {
    return false
  }
}
