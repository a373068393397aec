/** One entry: what was decided and why, by which facts of whose word, what left, and the law of that day. */

import { unheard } from '../answer/ask/record.ts'
import { lawOf } from '../answer/entries/law.ts'
import type { Opened } from '../answer/entries/reader.ts'
import type { Values } from '../answer/entries/values.ts'
import { type Html, html } from '../answer/reply/html.ts'
import { dutyHtml } from '../answer/reply/languages.ts'
import type { Reply } from '../answer/reply/reply-schema.ts'
import { say } from '../answer/reply/say.ts'
import { type NamedTerm, namedTerms } from '../audit/entry-terms.ts'
import { entryTerms } from '../audit/entry-words.ts'
import { looks } from '../audit/looks.ts'
import { judge, unseenItems } from '../decision/combine.ts'
import type { DecidedItem } from '../decision/decide.ts'
import type { Item } from '../decision/facts.ts'
import { whyOf } from '../decision/why.ts'
import { inCallersLanguages } from '../http/accept-language.ts'
import type { Leaf } from '../ledger/entry.ts'
import type { AuditLine, LogPlace } from '../log-ports.ts'
import type { Source } from '../policy/fact-types.ts'
import { inForce } from '../policy/history.ts'
import { vocabulary } from '../policy/vocabulary.ts'
import { factWords, valueWords } from '../policy/words.ts'
import { show, tokenHtml } from './frame.ts'
import { argumentHtml, outcomeHtml } from './lines.ts'
import { type Looking, lookOnPage, purposeForm, purposeIn } from './looking.ts'
import { tableHtml, termsHtml } from './page.ts'
import { verifyEntryHtml, verifyScripts } from './verify.ts'
import type { PageContext } from './visitor.ts'
import { waysOutHtml } from './ways-out.ts'
import { policyHtml } from './why.ts'

/** What an auditor may see of an entry: which of these it has depends on its kind and on the side. */
type Seen = AuditLine &
  Partial<Omit<Opened, 'told' | 'evidence'>> &
  Partial<Pick<Values['consultation'], 'consultation'>> & {
    readonly receipt: string
    readonly place: LogPlace | null
    readonly leaf?: Leaf
    readonly request?: unknown
    readonly told?: Reply
    readonly treatments?: readonly DecidedItem[]
    readonly erased?: true
    readonly restricted?: true
  }

/** The page; it looks only for a purpose. */
export async function entryPage(c: PageContext, looking: Looking): Promise<Response> {
  const { world } = looking
  const purpose = purposeIn(new URL(c.req.url).searchParams)
  const id = c.req.param('id') ?? ''
  const title = say('entry.title', { id: id.slice(0, 8) })
  if (purpose === undefined) return show(c, world, { title, main: purposeForm(c) })
  const looked = await lookOnPage(c, looks.entry, { purpose }, looking, { id })
  if ('response' in looked) return looked.response
  if ('faults' in looked) return show(c, world, { title, main: purposeForm(c), status: 422 })
  // A cast: the schema of the answer is loose, since each kind of entry has members of its own.
  const seen = looked.answer as unknown as Seen
  const main = html`${headHtml(seen)}${seen.kind === 'decision' && seen.told !== undefined ? await decisionHtml(c, seen, purpose, looking) : ''}${await whyHtml(seen, looking)}${factsHtml(seen, purpose)}${consultationHtml(seen, purpose)}${checkHtml(seen, purpose, c.get('visitor').secret, world)}${restHtml(seen)}`
  return show(c, world, { title, main, scripts: seen.place === null ? [] : verifyScripts(world) })
}

function headHtml(seen: Seen): Html {
  const { kind, told, erased, restricted } = seen
  const decidedBy = told?.decidedBy
  return html`${kind === 'decision' ? html`<p>${outcomeHtml(seen.outcome, seen.standing)}${seen.decided === undefined ? '' : say('entry.inFull', { outcome: outcomeHtml(seen.decided) })}${seen.dryRun ? html` ${say('terms.dryRun')}` : ''} ${decidedBy === undefined ? '' : decidedBy.kind === 'rule' ? say('terms.byRule') : say('entry.byOfficer', { office: decidedBy.office, attestation: decidedBy.attestation })}</p>` : ''}
${erased ? html`<div class="panel"><p>${say('entry.erased')}</p></div>` : ''}${restricted ? html`<div class="panel"><p>${say('entry.restricted')}</p></div>` : ''}
${termsHtml([
  ...termsOfPage(seen).map(({ name, term, says }) => [term, says, name] as const),
  ...(seen.requester === undefined ? [] : [[say('entry.forWhom'), seen.requester] as const]),
  [say('entry.sees'), seen.side === 'holder' ? say('entry.seesAll') : say('entry.seesSide')],
  ...(seen.place === null ? [[say('entry.place'), say('entry.notYet')] as const] : []),
])}`
}

/** What the page says of the entry, which the check in the browser compares with the entry itself. */
function termsOfPage(seen: Seen): readonly NamedTerm[] {
  const { id: eid, kind: t, outcome: out, agency, officer, call, place, holder } = seen
  const called = agency === undefined || officer === undefined ? undefined : { agency, officer }
  // Of the requester's side, the line has the holder, and the rest of the matter is in the call.
  const { matter = holder === undefined ? undefined : { holder }, decision } = seen
  const values = { call: called && { ...call, ...called }, matter, decision }
  const { ts, hj, aj, log, standing, dryRun } = seen
  return namedTerms({
    leaf: { t, eid, out, ts, hj, aj, log, standing, dryRun },
    index: place?.index,
    values,
  }).filter(({ name }) => name !== 'rules')
}

/** What the requester was told, what left, and the duties on it. */
async function decisionHtml(
  c: PageContext,
  { told, treatments, items, decision, hj }: Seen,
  purpose: string,
  { world }: Looking,
): Promise<Html> {
  if (told === undefined) return html``
  // The holder's side sees all that was decided; the other, what it was told.
  const said = await inCallersLanguages(c, decision ?? told, world.law)
  const { obligations, todo, policies } = said
  const classOf = (id: string) => items?.find((each) => each.id === id)?.facts['item.class']
  return html`<h2>${say('entry.sentence')}</h2>
${argumentHtml(said, hj)}
${
  treatments === undefined || treatments.length === 0
    ? ''
    : html`<h2>${say('entry.left')}</h2>${tableHtml(
        say('entry.items'),
        [say('terms.item'), say('terms.class'), say('entry.happened'), say('entry.byRules')],
        treatments.map(({ id, treatment, rules }) => [
          id,
          valueWords('item.class', classOf(id)),
          treatment.kind === 'withhold' ? say('entry.stayed') : treatment.kind,
          rules.join(', '),
        ]),
      )}`
}
${obligations.length === 0 ? '' : html`<h2>${say('terms.duties')}</h2><ul>${obligations.map(({ onWhom, due, cites, ...duty }) => html`<li>${dutyHtml(duty)} <span class="soft">[${duty.code}, ${onWhom}${due === undefined ? '' : say('entry.dutyBy', { day: due })}] ${cites.join('; ')}</span></li>`)}</ul>`}
${waysOutHtml({ todo }, html`<h2>${say('entry.wouldHelp')}</h2>`)}
<h2>${say('entry.law')}</h2>
<ul>${policies.map(({ id, version, digest }) => html`<li><a href="/console/law/${id}@${version}">${id}@${version}</a> <code>${digest.slice(0, 16)}…</code></li>`)}</ul>
${told.matter === undefined || told.matter === told.id ? '' : html`<p>${say('entry.askedAgain', { a: (words) => html`<a href="/console/entries/${told.matter}?purpose=${purpose}">${words}</a>`, matter: told.matter.slice(0, 8) })}</p>`}`
}

/** Why, rule by rule: the law as it was known then, over what was known then. */
async function whyHtml(
  { kind, leaf, facts, items, matter }: Seen,
  { world }: Looking,
): Promise<Html> {
  if (kind !== 'decision' || leaf === undefined || facts === undefined) return html``
  const law = await lawOf(leaf, world)
  if ('why' in law)
    return html`<h2>${say('terms.why')}</h2><p>${say('entry.lawUnknown', { why: law.why })}</p>`
  const now = inForce(law, leaf.ts, leaf.ts)
  const judged: readonly Item[] =
    items !== undefined && items.length > 0
      ? items.map((item) => (leaf.v < 5 || leaf.dryRun ? unheard(item) : item))
      : unseenItems(matter?.classes)
  const why = whyOf(judge(now, facts.facts, judged))
  const titles = Object.fromEntries(now.listVersions.map(({ id, file }) => [id, file.title]))
  return html`<h2>${say('entry.everyLaw')}</h2>
<p>${items !== undefined && items.length > 0 ? '' : html`${say('entry.noRecord')} `}${say('entry.judged')}</p>
${why.map((each) => policyHtml(each, judged.length, titles))}`
}

const sourceWords: Readonly<Record<Source, Html>> = {
  token: say('entry.sources.token'),
  register: say('entry.sources.register'),
  claim: say('entry.sources.claim'),
  record: say('entry.sources.record'),
  attestation: say('entry.sources.attestation'),
  list: say('entry.sources.list'),
  derived: say('entry.sources.derived'),
  clock: say('entry.sources.clock'),
}

/** What was known, by whose word. */
function factsHtml({ facts, request }: Seen, purpose: string): Html {
  if (facts === undefined)
    return request === undefined || request === null
      ? html``
      : html`<h2>${say('entry.sent')}</h2><pre>${JSON.stringify(request, null, 2)}</pre>`
  const rows = Object.entries(facts.facts).flatMap(([name, value]) => {
    const from = facts.sources[name]
    const by = from?.attestations ?? []
    const source = from?.source ?? vocabulary[name]?.source
    const of = source === 'attestation' && by.length === 0 ? undefined : source
    return value === undefined || value === null ? [] : [{ name, value, of, by }]
  })
  const parts = Map.groupBy(rows, ({ of }) => of)
  return html`<h2>${say('entry.known')}</h2>
${[...parts].map(
  ([of, all]) => html`<h3>${of === undefined ? say('entry.nobody') : sourceWords[of]}</h3>
<ul>${all.map(({ name, value, by }) => html`<li>${factWords(name, value)} <code>${name}</code>${by.map((id) => html` · <a href="/console/entries/${id}?purpose=${purpose}">${say('entry.vouched', { id: id.slice(0, 8) })}</a>`)}</li>`)}</ul>`,
)}
<details><summary>${say('entry.call')}</summary><pre>${JSON.stringify(request, null, 2)}</pre></details>`
}

/** Of a look: what for, what was asked and what was shown. */
function consultationHtml({ consultation }: Seen, purpose: string): Html {
  if (consultation === undefined) return html``
  const { purpose: lookedFor, question, shown } = consultation
  return html`<h2>${say('entry.looked')}</h2>
${termsHtml([
  [say('terms.whatFor'), lookedFor],
  [say('terms.question'), html`<code>${JSON.stringify(question)}</code>`],
  [say('terms.shown'), say('counts.entries', { n: shown.length })],
])}
<ul>${shown.slice(0, 50).map((id) => html`<li><a href="/console/entries/${id}?purpose=${purpose}"><code>${id}</code></a></li>`)}</ul>`
}

/** How whoever reads this checks it, without believing the page. */
const checkHtml = (
  { id, kind, place, receipt }: Seen,
  purpose: string,
  secret: string,
  world: Looking['world'],
): Html => {
  const form = (action: string, text: Html) =>
    html`<form method="post" action="/console/entries/${id}/${action}">${tokenHtml(secret)}<input type="hidden" name="purpose" value="${purpose}"><button class="second">${text}</button></form>`
  return html`<h2>${say('entry.check')}</h2>
<p>${say('entry.checkSays')}</p>
<ul class="cards"><li><p>${say('entry.proofSays')}</p>${place === null ? say('entry.later') : html`<p><a class="button second" href="/console/entries/${id}/proof?purpose=${purpose}">${say('entry.proof')}</a></p>`}</li>
<li><p>${say('entry.evidenceSays')}</p>${place === null ? say('entry.later') : form('evidence', say('entry.evidence'))}</li>
${kind === 'decision' ? html`<li><p>${say('entry.againSays')}</p>${form('replay', say('entry.again'))}</li>` : ''}</ul>
${place === null ? '' : verifyEntryHtml({ id, place }, purpose, secret, world)}
<details><summary>${say('terms.theReceipt')}</summary><pre>${receipt}</pre></details>`
}

/** What an entry of another kind says, as it is kept. */
function restHtml(seen: Seen): Html {
  if (seen.kind === 'decision' || seen.kind === 'consultation') return html``
  const { receipt: _, leaf, ...rest } = seen
  return html`<h2>${say('entry.says')}</h2>${termsHtml(entryTerms(seen))}<details><summary>${say('entry.all')}</summary><pre>${JSON.stringify(rest, null, 2)}</pre></details><details><summary>${say('entry.leaf')}</summary><pre>${JSON.stringify(leaf, null, 2)}</pre></details>`
}

/** The proof of an entry, as a file. */
export async function proofFile(c: PageContext, looking: Looking): Promise<Response> {
  const purpose = new URL(c.req.url).searchParams.get('purpose') ?? ''
  const id = c.req.param('id') ?? ''
  const looked = await lookOnPage(c, looks.proof, { purpose }, looking, { id })
  if ('response' in looked) return looked.response
  if ('faults' in looked) return c.redirect(`/console/entries/${encodeURIComponent(id)}`, 303)
  return c.body(looked.answer, 200, {
    'Content-Type': 'text/plain; charset=utf-8',
    'Content-Disposition': `attachment; filename="${id}.tlog-proof"`,
  })
}

/** A bundle of evidence of an entry, as a file. */
export async function evidenceFile(c: PageContext, looking: Looking): Promise<Response> {
  const id = c.req.param('id') ?? ''
  const asked = { purpose: c.get('form').get('purpose') ?? '', entries: [id] }
  const looked = await lookOnPage(c, looks.evidence, asked, looking)
  if ('response' in looked) return looked.response
  if ('faults' in looked) return c.redirect(`/console/entries/${encodeURIComponent(id)}`, 303)
  return c.body(Uint8Array.from(looked.answer), 200, {
    'Content-Type': 'application/zip',
    'Content-Disposition': `attachment; filename="${id}.evidence.zip"`,
  })
}

/** Whether an entry is decided the same again. */
export async function replayPage(c: PageContext, looking: Looking): Promise<Response> {
  const id = c.req.param('id') ?? ''
  const purpose = c.get('form').get('purpose') ?? ''
  const looked = await lookOnPage(c, looks.replays, { purpose, entries: [id] }, looking)
  if ('response' in looked) return looked.response
  if ('faults' in looked) return c.redirect(`/console/entries/${encodeURIComponent(id)}`, 303)
  const { same, erased, differs, unknown = [] } = looked.answer
  const main = html`<p>${same === 1 ? say('entry.same') : erased === 1 ? say('entry.cannot') : ''}</p>
<ul>${differs.map(({ why }) => html`<li>${say('entry.otherwise', { why })}</li>`)}${unknown.map(({ why }) => html`<li>${say('entry.notHere', { why })}</li>`)}</ul>
<p><a href="/console/entries/${id}?purpose=${purpose}">${say('entry.backTo')}</a></p>`
  return show(c, looking.world, { title: say('entry.decidedAgain'), main })
}
