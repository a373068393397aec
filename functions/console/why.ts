/** Why it was decided so, as a tree: what held, what failed, what was unknown and what was not needed. */

import { type Html, html } from '../answer/reply/html.ts'
import { say } from '../answer/reply/say.ts'
import { type AnswerForItems, answeredLines, type PolicyWhy } from '../decision/why.ts'
import type { List, Policy } from '../policy/book.ts'
import { inOwners, lacking } from '../policy/language.ts'
import type { Truth } from '../policy/logic.ts'
import { vocabulary } from '../policy/vocabulary.ts'
import { factWords, type Titles } from '../policy/words.ts'
import { markHtml } from './page.ts'

const truths = {
  holds: ['good', 'held'],
  fails: ['fails', 'failed'],
  unanswerable: ['open', 'unknown'],
} as const

/** How something answered, in a word with a sign. */
const truthHtml = (truth: Truth, needed = true): Html => {
  if (!needed)
    return html`<span class="mark soft"><span aria-hidden="true">–</span> ${say('why.notNeeded')}</span>`
  const [kind, word] = truths[truth]
  return kind === 'fails'
    ? html`<span class="mark soft"><span aria-hidden="true">✕</span> ${word}</span>`
    : markHtml(kind, word)
}

/** What one law said: each rule with its answer, and its condition part by part. `count` is how many items there are. */
export function policyHtml(
  { policy, definitely, suspended, rules, byRule, reserved }: PolicyWhy,
  count: number,
  titles: Titles,
  link: Html = html``,
): Html {
  const spoke = rules.some(({ answers }) => answers.some(({ truth }) => truth !== 'fails'))
  const { automation } = policy.file
  const spoken = (says: string) => ownersHtml(says, policy)
  return html`<details class="why"${spoke || reserved.length > 0 ? html` open` : ''}><summary>${definitely ? markHtml('good', say('why.applies')) : markHtml('open', say('why.mayApply'))} ${policy.file.title} <small>${policy.id}@${policy.version}, a ${policy.file.kind}${suspended ? say('why.suspended') : ''}</small></summary>
<p>${link}${spoken(policy.file.applies.says)}</p>
<ul class="tree">${rules.flatMap(({ rule, answers }) =>
    answers.map((each) =>
      ruleHtml(
        each,
        rule.readsRecord ? count : 1,
        {
          ...{
            says: spoken(rule.rule.says),
            cites: rule.rule.cites,
            conditions: [rule.when.logic],
          },
          unless: rule.unless.map(({ exception, when }) => ({
            says: spoken(exception.says),
            logic: when.logic,
          })),
        },
        titles,
      ),
    ),
  )}${byRule.flatMap(({ said, answers }) =>
    answers.map((each) =>
      ruleHtml(
        each,
        count,
        {
          says: say('why.byRule', { says: spoken(said.says) }),
          cites: said.cites,
          conditions: [said.when],
          unless: [],
        },
        titles,
      ),
    ),
  )}${
    reserved.length === 0
      ? ''
      : html`<li>${markHtml('open', say('why.waits'))} ${say('why.officer', { says: automation === undefined ? say('why.noAutomation') : spoken(automation.says) })}${count > 1 ? html` ${say('why.items', { items: reserved.join(', ') })}` : ''} <span class="soft">${automation?.cites.join('; ')}</span></li>`
  }</ul></details>`
}

/** A sentence in its owner's language, if it stands in it, and then in English. */
export function ownersHtml(says: string, version: Policy | List): Html {
  const own = inOwners(says, version)
  const none = lacking(says, version)
  return own === undefined
    ? html`${says}${none === undefined ? '' : html` <em>(${none})</em>`}`
    : html`<span lang="${own.language}">${own.says}</span> <span class="soft" lang="en">${says}</span>`
}

type SaidRule = {
  readonly says: Html
  readonly cites: readonly string[]
  readonly conditions: readonly Parameters<typeof answeredLines>[0][]
  readonly unless: readonly {
    readonly says: Html
    readonly logic: Parameters<typeof answeredLines>[0]
  }[]
}

function ruleHtml(
  { truth, items, missing, known }: AnswerForItems,
  count: number,
  { says, cites, conditions, unless }: SaidRule,
  titles: Titles,
): Html {
  const which = count > 1 ? html` ${say('why.items', { items: items.join(', ') })}` : ''
  const lines = (logic: SaidRule['conditions'][number]) =>
    answeredLines(logic, known, titles).map(({ depth, label, text, truth: own, needed, reads }) => {
      const facts = reads.filter((name) => !name.startsWith('lists.') && name !== 'asOf')
      return html`<li class="in${Math.min(depth, 6)}">${truthHtml(own, needed)} ${label === '' ? '' : `(${label}) `}${text}${facts.length === 0 ? '' : html` <span class="soft">— ${facts.map((name) => factWords(name, known.get(name))).join('; ')}</span>`}</li>`
    })
  const unknown = missing.map((name) => vocabulary[name]?.label ?? name).join('; ')
  return html`<li><details><summary>${truthHtml(truth)} <span class="says">${says}${which}</span> <small>${cites.join('; ')}</small>${missing.length === 0 ? '' : html` <span class="open">${say('why.notKnown', { facts: unknown })}</span>`}</summary>
<ul class="tree">${conditions.flatMap(lines)}${unless.map(
    (each) => html`<li>${say('why.unless', { exception: each.says })}</li>${lines(each.logic)}`,
  )}</ul></details></li>`
}
