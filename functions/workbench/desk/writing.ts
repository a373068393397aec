/** The desk's part for those who change the law: drafts, their checks, and what they would do. */

import type { Hono } from 'hono'
import type { Gateway } from '../../client/profile.ts'
import { isVersionPath, type List, lawPath, type Policy } from '../../policy/book.ts'
import { sentenceEnd } from '../../policy/sentence.ts'
import { Failure, misuse } from '../../terminal/exit.ts'
import { loggedBy } from '../commands/logged-facts.ts'
import { checkPolicies } from '../commands/policy-check.ts'
import { type Compared, compareInSteps } from '../commands/policy-diff.ts'
import { replayable } from '../commands/policy-impact.ts'
import { type Tested, testInSteps } from '../commands/policy-test.ts'
import { type Impact, impactInSteps, withDrafts } from '../law/impact.ts'
import { comparePage } from './compare-page.ts'
import { addCase, type OpenFile, openFile, saveFile, startDraft } from './drafts.ts'
import { type EditState, editPage } from './edit-page.ts'
import { coverPage, type ImpactAsked, impactPage } from './effect-page.ts'
import { longWork, workPage } from './long-work.ts'
import { type Shelf, versionsOf } from './shelf.ts'

/** What the routes need. */
export type Workplace = {
  readonly folder: string
  readonly shelf: () => Shelf
  /** The word of this start, which stands in each form. */
  readonly form: string
  readonly now: () => string
  /** Where logged decisions are fetched from. */
  readonly gateway: Gateway
}

/** Adds drafts, comparison, coverage and impact. `saved` hears of each saved version. */
export function addWriting(app: Hono, at: Workplace, saved: (path: string) => void): void {
  addCoverage(app, at)
  addComparison(app, at)
  addImpact(app, at)
  app.get('/edit', (c) => {
    const file = openFile(at.folder, c.req.query('file') ?? '')
    const is = c.req.query('saved') === '1' ? 'saved' : 'open'
    return c.html(editPage(file, { is }, at.form))
  })
  app.post('/edit', async (c) => {
    const fields = await c.req.parseBody()
    const state = edited(fields, at)
    if (state === 'saved') {
      const file = text(fields.file)
      if (isVersionPath(file)) saved(file)
      return c.redirect(`/edit?${new URLSearchParams({ file, saved: '1' })}`, 303)
    }
    return c.html(editPage(fileIn(fields), state, at.form))
  })
  app.post('/draft', async (c) => {
    const fields = await c.req.parseBody()
    const version = found(at.shelf(), text(fields.of))
    const change = text(fields.change).trim()
    if (change.length < 8 || change.length > 400 || !sentenceEnd.test(change))
      throw misuse('say in a full sentence what the draft changes')
    const day = fields.kind === 'correction' ? undefined : text(fields.day).trim()
    const others = versionsOf(at.shelf(), version)
    const path = startDraft(at.folder, version, others, { day, change })
    return c.redirect(`/edit?${new URLSearchParams({ file: path })}`, 303)
  })
}

/** Adds what differs between two versions of one law. */
function addComparison(app: Hono, at: Workplace): void {
  const comparing = longWork<Compared>()
  app.get('/compare', (c) => {
    const shelf = at.shelf()
    const after = found(shelf, c.req.query('after') ?? '')
    const all = versionsOf(shelf, after)
    const name = (each: Policy | List) => lawPath(each).replace(/\/([^/]*)\.json$/, '@$1')
    const before =
      all.find((each) => name(each) === c.req.query('before')) ??
      all[all.indexOf(after) - 1] ??
      after
    const chosen = { before: name(before), after: name(after) }
    return workPage(c, comparing, {
      ...{ name: lawPath(after), fields: chosen },
      steps: () => compareInSteps(shelf, chosen.before, chosen.after, at.now()),
      page: (compared) => comparePage(after, all, chosen, compared),
    })
  })
}

/** Adds which logged decisions a version would turn. */
function addImpact(app: Hono, at: Workplace): void {
  const replaying = longWork<Impact>()
  let fetching: Promise<unknown> = Promise.resolve()
  app.get('/impact', (c) => {
    const shelf = at.shelf()
    const version = found(shelf, c.req.query('file') ?? '')
    const { as = '', officer = '', last = '180' } = c.req.query()
    const asked = { as, officer, last }
    const file = lawPath(version)
    return workPage(c, replaying, {
      ...{ name: file, fields: { file, ...asked } },
      async steps() {
        const draft = replayable(
          'rules' in version
            ? { name: file, kind: 'policy', version }
            : { name: file, kind: 'list', version },
        )
        // One after the other, since they write the same file: what was begun before may still be fetched.
        const decisions = fetching.then(() => loggedAs(asked, at))
        fetching = decisions.catch(() => undefined)
        return impactInSteps(await decisions, withDrafts(shelf.book, [draft], at.now()))
      },
      page: (impact) => impactPage(version, asked, impact),
    })
  })
}

/** Adds the coverage of a version by its cases, and the cases that it proposes. */
function addCoverage(app: Hono, at: Workplace): void {
  const covering = longWork<Tested>()
  app.get('/cover', (c) => {
    const version = found(at.shelf(), c.req.query('file') ?? '')
    const file = lawPath(version)
    return workPage(c, covering, {
      ...{ name: file, fields: { file } },
      steps: () => testInSteps(at.folder, [file], true),
      page: (tested) => coverPage(version, tested, at.form),
    })
  })
  app.post('/case', async (c) => {
    const fields = await c.req.parseBody()
    const file = text(fields.file)
    addCase(at.folder, file, text(fields.case), text(fields.name).trim())
    return c.redirect(`/cover?${new URLSearchParams({ file, go: '1' })}`, 303)
  })
}

/** What the gateway logged, as it tells whoever asks. */
async function loggedAs({ as, officer, last }: ImpactAsked, { gateway, now }: Workplace) {
  if (!/^[1-9]\d{0,3}$/.test(last)) throw new Failure('write a number of days such as 180')
  const named = officer === '' ? { as } : { as, officer }
  return loggedBy({ ...named, last: Number(last), url: gateway.url }, gateway, now())
}

type Fields = Readonly<Record<string, unknown>>

/** A field of a form as text; empty if it is none. */
export const text = (value: unknown): string => (typeof value === 'string' ? value : '')

/** The text as the form has it. Browsers end lines with two characters (HTML §4.10.11), files with one. */
const fileIn = (fields: Fields): OpenFile => ({
  path: text(fields.file),
  text: text(fields.text).replaceAll('\r\n', '\n'),
  digest: text(fields.digest),
})

function edited(fields: Fields, { folder, now }: Workplace): EditState | 'saved' {
  const file = fileIn(fields)
  // Throws for a file that may not be written.
  const current = openFile(folder, file.path)
  if (fields.act !== 'save-faulty') {
    const today = now().slice(0, 10)
    const { findings } = checkPolicies(folder, [file.path], today, { [file.path]: file.text })
    if (fields.act !== 'save') return { is: 'checked', findings }
    if (findings.some(({ severity }) => severity === 'error')) return { is: 'faulty', findings }
  }
  return saveFile(folder, file) ? 'saved' : { is: 'changed-meanwhile', now: current }
}

/** A version by its path, `de/bkag/2026-02-14.json`, that of its cases, or its name. Throws a Failure if there is none. */
export function found({ book }: Shelf, name: string): Policy | List {
  const path = name.replace(/@([^@]*)$/, '/$1.json').replace(/\.test\.json$/, '.json')
  const version = [...book.policies, ...book.lists].find((each) => lawPath(each) === path)
  if (version !== undefined) return version
  throw misuse(`there is no version \`${name}\`, or it has errors`)
}
