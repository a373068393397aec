/** Begins a policy that is not here yet: the form, its checks, and the two files that it writes. */

import { existsSync, globSync, mkdirSync } from 'node:fs'
import { dirname, join } from 'node:path'
import type { Hono } from 'hono'
import { versionFiles } from '../../adapters/policies-files.ts'
import type { FieldFault } from '../../console/page.ts'
import type { Policy } from '../../policy/book.ts'
import { bodies, isDay } from '../../policy/fact-types.ts'
import type { InForce } from '../../policy/history.ts'
import { readBook } from '../../policy/read-book.ts'
import { jsonLines } from '../commands/json-lines.ts'
import { checkPolicies } from '../commands/policy-check.ts'
import { lawsOf } from '../law/law.ts'
import { createFile, testOf } from './drafts.ts'
import { bestStart, type FirstStart, firstCase, written } from './first-case.ts'
import {
  codesOf,
  fieldAt,
  fileFrom,
  formOf,
  isCountry,
  languagesIn,
  type NewForm,
  partOf,
  stemOf,
} from './new-fields.ts'
import { type NewState, newPage } from './new-page.ts'
import type { Workplace } from './writing.ts'

/** Every file counts as sealed at this moment, since cases are written before the seal. */
const sealed = '9999-01-01T00:00:00Z'

/** Adds the form. */
export function addNewPolicy(app: Hono, { folder, shelf, form: word, now }: Workplace): void {
  const page = (form: NewForm, state: NewState) => newPage(form, state, shelf().book, word)
  app.get('/new', (c) => {
    const form = new FormData()
    for (const [name, value] of Object.entries(firstOf(now()))) form.set(name, value)
    return c.html(page(formOf(form), { faults: [] }))
  })
  app.post('/new', async (c) => {
    const sent = await c.req.formData()
    const form = withOwners(sent, shelf().book.policies)
    const act = form.one('act')
    if (act === 'show') return c.html(page(form, { faults: [] }))
    const made = checked(form, folder, now().slice(0, 10))
    if ('faults' in made) return c.html(page(form, made), 422)
    const { start } = made
    if (act !== 'write') {
      if (form.one('case.facts') === '') sent.set('case.facts', written(start.rule))
      return c.html(page(formOf(sent), { faults: [], start }))
    }
    const state = firstCaseOf(form, made)
    if ('faults' in state) return c.html(page(form, { ...state, start }), 422)
    writeBoth(folder, made, state.text)
    return c.redirect(`/cover?${new URLSearchParams({ file: made.path, go: '1' })}`, 303)
  })
}

/** What an empty form says: of what can be meant in several ways, the strictest. */
const firstOf = (now: string): Readonly<Record<string, string>> => ({
  day: `${Number(now.slice(0, 4)) + 1}-01-01`,
  owner: 'Legal team',
  leaves: 'nothing',
  ...Object.fromEntries(
    ['applies', 'otherwise', 'byRule', 'automation', 'rule'].map((part) => [
      `${part}.confidence`,
      'M?',
    ]),
  ),
})

/** The form, with the time zone of the folder's other files where it names none, and languages that nobody has checked. */
function withOwners(sent: FormData, policies: readonly Policy[]): NewForm {
  const form = formOf(sent)
  const own = policies.find((each) => each.folder === form.one('whose').toLowerCase())
  if (form.one('timeZone') === '' && own !== undefined) sent.set('timeZone', own.file.timeZone)
  for (const tag of languagesIn(form))
    if (form.one(`translated.${tag}`) === '') sent.set(`translated.${tag}`, 'M?')
  return formOf(sent)
}

/** A policy that nothing is wrong with. */
type Made = {
  readonly path: string
  readonly text: string
  readonly policy: Policy
  readonly now: InForce
  readonly start: FirstStart
}

/** The file of a form, held to all that `policy check` wants; or the faults by field. */
function checked(
  form: NewForm,
  folder: string,
  today: string,
): Made | { readonly faults: readonly FieldFault[] } {
  const path = `${stemOf(form)}.json`
  const placed = faultsOfPlace(form, folder, path)
  // Without a place of its own, a file cannot be checked.
  if (placed.length > 0) return { faults: [...placed, ...faultsOfCodes(form)] }
  const text = `${jsonLines(fileFrom(form), 100).join('\n')}\n`
  const { findings } = checkPolicies(folder, [path], today, { [path]: text })
  const found = findings
    .filter(({ severity }) => severity === 'error')
    .map(({ pointer, code, message, fix }) => {
      const field = fieldAt(pointer)
      const mend = code === 'citation' ? 'name them, such as LED art. 7(2)' : fix
      return { field, fix: `${partOf(field)}${message}: ${mend}` }
    })
  const own = [...faultsOfCodes(form), ...faultsOfClasses(form), ...faultsOfFact(form)]
  const faults = firstOfEach([...own, ...found])
  if (faults.length > 0) return { faults }
  const { book } = readBook([...versionFiles(folder), { path, text }], () => sealed)
  const policy = book.policies.find(({ id, version }) => `${id}/${version}.json` === path)
  if (policy === undefined) throw new Error(`no policy was read from ${path}`)
  const now = lawsOf(book, sealed)(policy.day, `${policy.id}@${policy.version}`)
  return { path, text, policy, now, start: bestStart(policy, now) }
}

function faultsOfPlace({ one }: NewForm, folder: string, path: string): readonly FieldFault[] {
  const whose = one('whose').toLowerCase()
  const bodies = globSync('*/*/*.json', { cwd: folder }).map((each) => each.split(/[\\/]/)[0])
  const isBody = bodies.includes(whose) && whose !== 'lists'
  return [
    ...(isCountry(whose) || isBody
      ? []
      : [
          {
            field: 'whose',
            fix:
              whose === ''
                ? 'say whose law it is, such as fr'
                : `there is no country \`${whose}\`, and no folder of such a body`,
          },
        ]),
    ...(/^[a-z0-9]+(-[a-z0-9]+)*$/.test(one('name'))
      ? []
      : [{ field: 'name', fix: 'write lower-case letters, digits and hyphens' }]),
    ...(isDay(one('day'))
      ? []
      : [{ field: 'day', fix: 'write a day of the calendar such as 2027-01-01' }]),
    ...([path, testOf(path)].some((each) => existsSync(join(folder, each)))
      ? [{ field: 'day', fix: `\`${path}\` is there already: start a draft of it instead` }]
      : []),
  ]
}

/** Codes of a side that are of no country and no body. */
const faultsOfCodes = (form: NewForm): readonly FieldFault[] =>
  (['requester', 'holder'] as const).flatMap((side) =>
    codesOf(form, side)
      .filter(
        (code) => !isCountry(code.toLowerCase()) && !(bodies as readonly string[]).includes(code),
      )
      .map((code) => ({
        field: `${side}.codes`,
        fix: `there is no country \`${code}\`, such as FR`,
      })),
  )

/** Whoever lets some classes leave by rule names them. */
const faultsOfClasses = ({ one, many }: NewForm): readonly FieldFault[] =>
  one('kind') === 'ground' && one('leaves') === 'classes' && many('leaves.classes').length === 0
    ? [{ field: 'leaves', fix: 'choose below which classes leave by rule' }]
    : []

/** A rule depends on a fact: without one, its value has no field. */
const faultsOfFact = ({ one }: NewForm): readonly FieldFault[] =>
  one('rule.fact') === ''
    ? ['rule.fact', 'rule.value'].map((field) => ({
        field,
        fix: 'The first rule: choose the fact that it depends on',
      }))
    : []

/** Of each field the first fault, since the others often follow from it; and one without a field not twice. */
const firstOfEach = (faults: readonly FieldFault[]): readonly FieldFault[] =>
  faults.filter(
    ({ field, fix }, i) =>
      faults.findIndex((each) => each.field === field) === i &&
      faults.findIndex((each) => each.fix === fix) === i,
  )

/** The text of the cases, if the file answers the first as the law wants; else what to mend. */
function firstCaseOf(
  form: NewForm,
  { policy, start, now }: Made,
): { readonly text: string } | NewState {
  const first = firstCase(policy, start, form.one('case.facts'), now)
  if ('wrong' in first) return { faults: [{ field: 'case.facts', fix: first.wrong }] }
  const [name, wanted] = [form.one('case.name'), form.one('case.outcome')]
  const faults = [
    ...(name.length >= 8 && name.length <= 200
      ? []
      : [{ field: 'case.name', fix: 'say in a sentence what should happen' }]),
    ...(wanted === '' ? [{ field: 'case.outcome', fix: 'say what the law wants' }] : []),
  ]
  if (faults.length > 0) return { faults }
  if (wanted !== first.decision.outcome)
    return {
      faults: [{ field: 'case.outcome', fix: 'the file answers otherwise: see below' }],
      answered: first.decision,
    }
  return { text: `${jsonLines(first.file(name), 100).join('\n')}\n` }
}

function writeBoth(folder: string, { path, text }: Made, cases: string): void {
  mkdirSync(dirname(join(folder, path)), { recursive: true })
  createFile(join(folder, path), text)
  createFile(join(folder, testOf(path)), cases)
}
