/** The page of a bundle of evidence: for a court, on paper or on a phone, without a script. */

import type { Opened } from '../answer/entries/reader.ts'
import { type Html, headHtml, html } from '../answer/reply/html.ts'
import type { Reply } from '../answer/reply/reply-schema.ts'
import { say } from '../answer/reply/say.ts'
import { isOwn, policyNames } from '../ledger/entry.ts'
import { fingerprintOf, type ManifestParts, paths } from '../ledger/evidence.ts'
import { parseNote } from '../ledger/note.ts'
import { valueIn } from '../policy/json.ts'
import { confidences } from '../policy/sentence.ts'
import { classes } from '../policy/vocabulary.ts'
import { factWords } from '../policy/words.ts'
import { kindWords } from './entry-words.ts'
import type { LawFile, ShownEntry } from './evidence-files.ts'

/** The page. The same parts give the same bytes. */
export function pageOf(about: About, shown: readonly ShownEntry[], publicKey: Uint8Array): string {
  const { gateway, question, says } = about.parts
  return html`${headHtml(say('evidence.title', { gateway }))}
<body>
<h1>${say('evidence.title', { gateway })}</h1>
<p class="note">${say('evidence.reading')}</p>
<p>${say('evidence.says', { office: question.office, jurisdiction: question.jurisdiction, purpose: question.purpose.replaceAll('-', ' ') })}</p>
<h2>${say('evidence.inIt')}</h2>
<ol>${shown.map((each, i) => lineHtml(each, i + 1))}</ol>
${says.map((each) => html`<p>${each}</p>`)}
<h2>${say('evidence.how')}</h2>
<p>${say('evidence.signed')}</p>
<p><code class="key">${fingerprintOf(publicKey)}</code></p>
<p>${say('evidence.compare')}</p>
<p>${say('evidence.ownWord')}</p>
${shown.map((each, i) => entryHtml(each, i + 1, about))}
<section>
<h2>${say('evidence.proved')}</h2>
<p>${say('evidence.provedOnce')}</p>
<ul>
<li>${say('evidence.proves.stood')}</li>
<li>${say('evidence.proves.shown')}</li>
<li>${say('evidence.proves.signed')}</li>
<li>${say('evidence.proves.rules')}</li>
</ul>
<p>${say('evidence.notProved')}</p>
<ul>
<li>${say('evidence.not.true')}</li>
<li>${say('evidence.not.right')}</li>
<li>${say('evidence.not.kept')}</li>
<li>${say('evidence.not.outside')}</li>
<li>${say('evidence.not.page')}</li>
<li>${say('evidence.not.closed')}</li>
</ul>
</section>
</body>
</html>
`.write('en')
}

/** What the page uses besides the entries. */
type About = {
  readonly parts: ManifestParts
  /** The law in the bundle, by its path there. */
  readonly law: ReadonlyMap<string, LawFile>
  /** Agencies' names by id. */
  readonly names: ReadonlyMap<string, string>
}

type Leaf = ShownEntry['stored']['leaf']
type Values = Partial<Omit<Opened, 'evidence'>> & { readonly reply?: Reply }

// A cast: entries other than decisions have fewer of these values.
const valuesOf = ({ opened }: ShownEntry): Values => (opened?.values ?? {}) as Values

/** An entry in one line, which links to its section. */
function lineHtml(entry: ShownEntry, no: number): Html {
  const { leaf } = entry.stored
  const { call, matter, reply } = valuesOf(entry)
  const asker = reply?.receivedBy?.from.name ?? call?.agency
  const to = reply?.provided?.to
  const did =
    to === undefined
      ? say('evidence.asked', { asker, holder: matter?.holder })
      : say('evidence.gave', { asker, to })
  const who = matter === undefined ? '' : html`: ${did}`
  const out = leaf.out === undefined ? '' : html`, ${say(`lines.outcomes.${leaf.out}`)}`
  return html`<li><a href="#entry-${no}">${say('evidence.kindOf', { kind: kindWords[leaf.t], moment: moment(leaf.ts) })}</a>${who}${out}</li>`
}

/** The section of an entry. */
function entryHtml(entry: ShownEntry, no: number, about: About): Html {
  const { stored, index, head, file, opened } = entry
  const { leaf } = stored
  return html`<section id="entry-${no}">
<h2>${no}. ${kindWords[leaf.t]}, ${moment(leaf.ts)}</h2>
${opened === undefined ? closedHtml(file.closed) : html`${isOwn(leaf) ? '' : whoHtml(valuesOf(entry), about)}${decisionHtml(valuesOf(entry), leaf)}`}
${requestHtml(opened?.evidence.body)}
${knownHtml(valuesOf(entry))}
<h3>${say('evidence.what')}</h3>
<dl>
<dt>${say('terms.entry')}</dt><dd><code>${leaf.eid}</code></dd>
<dt>${say('entry.place')}</dt><dd>${say('evidence.place', { index: index + 1, size: head.size, log: head.log })}</dd>
<dt>${say('evidence.witnessed')}</dt><dd>${say('evidence.grew', { names: signersOf(head.note) })}</dd>
${opened === undefined ? '' : html`<dt>${say('evidence.signedBy')}</dt><dd>${opened.evidence.jws === '' ? (isOwn(leaf) ? say('evidence.byItself') : say('evidence.byPage')) : say('evidence.byKey', { agency: valuesOf(entry).call?.agency })}</dd>`}
${isOwn(leaf) ? '' : html`<dt>${say('evidence.jurisdictions')}</dt><dd>${say('evidence.sides', { holder: leaf.hj, caller: leaf.aj })}</dd>`}
<dt>${say('evidence.files')}</dt><dd>${paths.entry(leaf.eid)}, ${paths.proof(leaf.eid)}</dd>
</dl>
${lawHtml(leaf, about)}
</section>
`
}

const closedHtml = (why: ShownEntry['file']['closed']): Html =>
  why === 'erased'
    ? html`<p>${say('evidence.erased')}</p>`
    : html`<p>${say('evidence.restricted')}</p>`

function whoHtml({ call, matter, reply }: Values, { names }: About): Html {
  const named = (id = '', officer?: string) =>
    html`${names.get(id)} (<strong>${id}</strong>${officer === undefined ? '' : html`, ${say('evidence.officer', { officer })}`})`
  const caller = named(call?.agency, call?.officer)
  const received = reply?.receivedBy
  if (matter !== undefined && received !== undefined)
    return html`<p>${say('evidence.received', { caller, way: received.way, number: received.number, name: received.from.name, jurisdiction: received.from.jurisdiction, holder: named(matter.holder), purpose: matter.purpose.replaceAll('-', ' '), reference: matter.caseReference })}</p>`
  if (matter !== undefined && reply?.provided !== undefined)
    return html`<p>${say('evidence.provided', { caller, holder: named(reply.provided.to), purpose: matter.purpose.replaceAll('-', ' '), reference: matter.caseReference })}</p>`
  return matter === undefined
    ? html`<p>${say('evidence.called', { caller, call: `${call?.method} ${call?.url}` })}</p>`
    : html`<p>${say('evidence.askedFor', { caller, holder: named(matter.holder), purpose: matter.purpose.replaceAll('-', ' '), reference: matter.caseReference })}</p>`
}

function decisionHtml({ decision, reply }: Values, leaf: Leaf): Html {
  if (leaf.out === undefined) return html``
  const told = reply?.reasons ?? []
  const duties = reply?.obligations ?? []
  const fates = Object.entries(reply?.classes ?? {})
  const isOther = decision !== undefined && !isSame(decision.reasons, told)
  return html`<p>${say('evidence.told', { outcome: say(`evidence.outcomes.${leaf.out}`), standing: leaf.standing, dry: String(leaf.dryRun) })}</p>
${fates.length === 0 ? '' : html`<dl>${fates.map(([name, fate]) => html`<dt>${classNames[name] ?? name}</dt><dd>${say(leaf.dryRun ? 'evidence.wouldLeave' : 'evidence.left', { fate })}</dd>`)}</dl>`}
<h3>${say('evidence.why')}</h3>
${reasonsHtml(told)}
${isOther ? html`<p>${say('evidence.inFull', { outcome: say(`evidence.outcomes.${decision.outcome}`) })}</p>${reasonsHtml(decision.reasons)}` : ''}
${duties.length === 0 ? '' : html`<h3>${say('terms.duties')}</h3><ul>${duties.map(({ text, onWhom, due, cites }) => html`<li>${say(due === undefined ? 'evidence.duty' : 'evidence.dutyBy', { duty: text, whom: onWhom, day: due?.length === 10 ? due : moment(due ?? '') })} <cite>${cites.join('; ')}</cite></li>`)}</ul>`}`
}

const classNames: Readonly<Record<string, string>> = classes

const isSame = (a: readonly { readonly rule: string }[], b: typeof a): boolean =>
  a.map(({ rule }) => rule).join() === b.map(({ rule }) => rule).join()

const reasonsHtml = (reasons: Reply['reasons'] | Opened['decision']['reasons']): Html =>
  html`<ul>${[...reasons].map(
    ({ says, cites, confidence, rule }) =>
      html`<li>${says} <cite>${cites.join('; ')}</cite>${confidence === 'V' ? '' : ` (${confidences[confidence]})`} <code>${rule}</code></li>`,
  )}</ul>`

/** What the agency sent, one line for each name. */
function requestHtml(body: string | undefined): Html {
  const value = body === undefined ? undefined : valueIn(body)
  if (value === undefined) return html``
  return html`<h3>${say('evidence.sent')}</h3>
<dl>${flat('', value).map(([name, value]) => html`<dt>${name}</dt><dd>${value}</dd>`)}</dl>`
}

function flat(name: string, value: unknown): readonly (readonly [string, string | Html])[] {
  if (typeof value !== 'object' || value === null) return [[name, String(value)]]
  if (Array.isArray(value) && value.every((each) => typeof each !== 'object'))
    return [[name, value.join(', ') || say('evidence.none')]]
  return Object.entries(value).flatMap(([key, each]) =>
    flat(name === '' ? key : `${name}.${key}`, each),
  )
}

/** The facts that decided, by where they came from. Only the holder's side has them. */
function knownHtml({ facts: known }: Values): Html {
  if (known === undefined) return html``
  const { facts, sources } = known
  const byOrigin = Map.groupBy(Object.entries(facts), ([name]) => originOf(sources[name]))
  return html`<h3>${say('evidence.known')}</h3>
${[...byOrigin]
  .sort(([a], [b]) => orderOf(a) - orderOf(b))
  .map(
    ([origin, each]) => html`<p>${origins[origin]}:</p>
<ul class="known">${each.map(([name, value]) => html`<li>${factWords(name, value)}</li>`)}</ul>
`,
  )}`
}

/** Where facts came from, in the order of the page. */
const origins = {
  claim: say('evidence.origins.claim'),
  token: say('evidence.origins.token'),
  register: say('evidence.origins.register'),
  record: say('evidence.origins.record'),
  list: say('evidence.origins.list'),
  attested: say('evidence.origins.attested'),
  silent: say('evidence.origins.silent'),
  derived: say('evidence.origins.derived'),
  clock: say('evidence.origins.clock'),
} as const
type Origin = keyof typeof origins
const orderOf = (origin: Origin): number => Object.keys(origins).indexOf(origin)

function originOf(of: Opened['facts']['sources'][string] | undefined): Origin {
  if (of?.source !== 'attestation') return of?.source ?? 'derived'
  return of.attestations?.length ? 'attested' : 'silent'
}

function lawHtml(leaf: Leaf, { law }: About): Html {
  const names = policyNames(leaf)
  return names.length === 0
    ? html``
    : html`<h3>${say('evidence.law')}</h3>
<ul>${names.map((name) => lawLine(name, law))}</ul>`
}

function lawLine(name: string, law: About['law']): Html {
  const [id = '', version = ''] = name.split('@')
  const path = paths.law({ id, version })
  return html`<li>${say('evidence.lawOf', { title: law.get(path)?.title, version, path })}</li>`
}

/** Who signed a checkpoint besides the log itself. */
function signersOf(note: string): string | Html {
  const read = parseNote(note)
  if ('wrong' in read) return say('evidence.nobody')
  const [log = ''] = read.note.text.split('\n')
  const names = read.note.signatures.map(({ name }) => name).filter((name) => name !== log)
  return names.join(', ') || say('evidence.nobody')
}

const moment = (ts: string): Html =>
  say('evidence.second', { day: ts.slice(0, 10), time: ts.slice(11, 19) })
