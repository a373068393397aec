/** Which statements about all of the law a draft breaks: proved from each save on, while the lawyer writes. */

import { setImmediate } from 'node:timers/promises'
import type { Hono } from 'hono'
import { foundLaw } from '../../adapters/policies-files.ts'
import { type Html, html } from '../../answer/reply/html.ts'
import { markHtml } from '../../console/page.ts'
import { type List, lawPath, type Policy } from '../../policy/book.ts'
import { judge } from '../../policy/check-seals.ts'
import {
  type BrokenStatement,
  brokenFix,
  brokenInSteps,
  brokenWords,
  changeBy,
} from '../commands/breaches.ts'
import { addressOf, deskPage, linksOf } from './frame.ts'
import { longWork, type WorkState, workHtml, workPage } from './long-work.ts'
import { found, type Workplace } from './writing.ts'

/** Adds the page; gives what begins to prove them of a draft, and does not wait. */
export function addStatements(app: Hono, at: Workplace): (path: string) => void {
  const proving = longWork<readonly BrokenStatement[]>()
  const steps = async (path: string) => {
    // Whoever saves has the answer first.
    await setImmediate()
    const law = foundLaw(at.folder)
    const counting = { act: 'seal', paths: [path] } as const
    const change = changeBy(law.files, judge(law), counting, at.now().slice(0, 10))
    return brokenInSteps(at.folder, change, at.now())
  }
  app.get('/statements', async (c) => {
    const version = found(at.shelf(), c.req.query('file') ?? '')
    const file = lawPath(version)
    const { go, run = proving.newest(file)?.id } = c.req.query()
    if (go === undefined && run !== c.req.query('run'))
      return c.redirect(`/statements?${new URLSearchParams({ file, run: run ?? '' })}`, 303)
    return workPage(c, proving, {
      ...{ name: file, fields: { file }, steps: () => steps(file) },
      page: (broken) => statementsPage(version, broken),
    })
  })
  return (path) => void proving.begin(path, steps(path))
}

function statementsPage(
  version: Policy | List,
  broken: WorkState<readonly BrokenStatement[]>,
): string {
  const main = html`
${linksOf(version, 'statements')}
<p>What no rule of any holder may ever do is proved of the law with this file, as if it were sealed: for each holder whom it reaches, from its first day on. Each save proves it anew.</p>
<form class="ask" method="get" action="/statements"><input type="hidden" name="file" value="${lawPath(version)}"><button name="go" value="1">Prove the statements</button></form>
${workHtml(broken, html`<p class="soft">This takes some seconds.</p>`, brokenHtml)}`
  return deskPage(`Statements about all of the law, with ${lawPath(version)}`, main)
}

const brokenHtml = (broken: readonly BrokenStatement[]): Html =>
  broken.length === 0
    ? html`<p role="status">${markHtml('good', 'it breaks no statement')}</p>`
    : html`<ul class="findings" role="status">${broken.map(
        (each) =>
          html`<li>${each.isOthers ? markHtml('part', 'stays broken') : markHtml('bad', 'broken')} ${brokenWords(each)}.<br>${brokenFix(each)}. ${each.against.permits.map(
            ({ policy, rule }) =>
              html`<a href="${addressOf(policy)}#${rule.rule.id}">Read ${rule.id}</a> `,
          )}</li>`,
      )}</ul>`
