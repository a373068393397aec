/** The page of a bundle of evidence: for a court, on paper or on a phone, without a script. */

import type { Opened } from '../answer/entries/reader.ts'
import { type Html, headHtml, html } from '../answer/reply/html.ts'
import type { Reply } from '../answer/reply/reply-schema.ts'
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
  return html`${headHtml(`Evidence from the decision log of ${gateway}`)}
<body>
<h1>Evidence from the decision log of ${gateway}</h1>
<p class="note">The rules that decided, and what this page says of them, are <strong>an engineering
reading of the law, not legal advice</strong>. An article that is said to be from memory was not read at
its source.</p>
<p>Comity decides whether data of police records may cross a border, by written rules, and enters
every decision in a log to which entries can only be added. This page tells what the files beside it
prove. It was made for ${question.office}, an auditor of ${question.jurisdiction}, for the purpose
“${question.purpose.replaceAll('-', ' ')}”, and shows what that office may see. Times are UTC.</p>
<h2>What is in it</h2>
<ol>${shown.map((each, i) => lineHtml(each, i + 1))}</ol>
${says.map((each) => html`<p>${each}</p>`)}
<h2>How to check it</h2>
<p>The files are signed with the key of this fingerprint:</p>
<p><code class="key">${fingerprintOf(publicKey)}</code></p>
<p><strong>Compare it</strong> with the fingerprint that the gateway, or an authority you trust, gave
you in another way. If they are the same, <code>comity evidence verify</code> checks every file
against it, without a network; README.txt says how. A page alone proves nothing.</p>
<p><strong>That alone shows what the gateway says.</strong> The keys of the log, of its witnesses and of the
agencies stand in these files, and whoever has the gateway’s key could have put others there. Ask each owner for its
key, write them into a trust file with where you had each from, and add <code>--trust FILE</code>: then it shows what
they signed.</p>
${shown.map((each, i) => entryHtml(each, i + 1, about))}
<section>
<h2>What is proved, and what is not</h2>
<p>Proved, once checked with keys that their owners gave you; with the fingerprint alone, the gateway’s own word:</p>
<ul>
<li>that each entry stood in the log, at its place, when the log was signed and witnessed at that size;</li>
<li>that what is shown of it is what was entered then;</li>
<li>that the agency named signed exactly this call, with the key that was registered for it;</li>
<li>where the holder’s side is shown, that the rules in these files, applied to the facts that were
known, give exactly this decision.</li>
</ul>
<p>Not proved:</p>
<ul>
<li>that what officers attested, or the agency said, is true, or who sat at its keyboard;</li>
<li>that the rules are a right reading of the law: they are an engineering reading, and no court’s;</li>
<li>that the duties were kept, or that what left was received;</li>
<li>that nothing was decided outside of the gateway;</li>
<li>that this page says what the entries say: the gateway wrote it, for convenience, and no check compares them;</li>
<li>where an entry is closed, anything that it said; where the requester’s side is shown, more than
that the gateway says it told the agency this.</li>
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
  const did = to === undefined ? `${asker} asked ${matter?.holder}` : `${asker} gave ${to} unasked`
  const who = matter === undefined ? '' : `: ${did}`
  const out = leaf.out === undefined ? '' : `, ${outcomes[leaf.out].toLowerCase()}`
  return html`<li><a href="#entry-${no}">${kindWords[leaf.t]} of ${moment(leaf.ts)}</a>${who}${out}</li>`
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
<h3>What proves it</h3>
<dl>
<dt>Entry</dt><dd><code>${leaf.eid}</code></dd>
<dt>Place</dt><dd>no. ${index + 1} of the first ${head.size} in the log ${head.log}, signed at that size with the gateway’s key of the log</dd>
<dt>Witnessed by</dt><dd>${signersOf(head.note)}, who saw that the log only grew</dd>
${opened === undefined ? '' : html`<dt>Signed by</dt><dd>${opened.evidence.jws === '' ? (isOwn(leaf) ? 'nobody: the gateway entered it by itself' : 'nobody: an officer looked on a page, and the gateway entered it') : `${valuesOf(entry).call?.agency}, with a key that the register has of it: the call itself`}</dd>`}
${isOwn(leaf) ? '' : html`<dt>Jurisdictions</dt><dd>${leaf.hj} holds, ${leaf.aj} calls</dd>`}
<dt>Files</dt><dd>${paths.entry(leaf.eid)}, ${paths.proof(leaf.eid)}</dd>
</dl>
${lawHtml(leaf, about)}
</section>
`
}

const closedHtml = (why: ShownEntry['file']['closed']): Html =>
  why === 'erased'
    ? html`<p>Its personal part was <strong>erased</strong>: nobody can read any more who asked, about
whom and why. What is left says that there was this entry, when, and what came of it.</p>`
    : html`<p>Its personal part is <strong>restricted</strong>: it is kept as evidence for
proceedings in court only, and is not shown for this purpose.</p>`

function whoHtml({ call, matter, reply }: Values, { names }: About): Html {
  const named = (id = '', officer?: string) =>
    html`${names.get(id)} (<strong>${id}</strong>${officer === undefined ? '' : `, officer ${officer}`})`
  const caller = named(call?.agency, call?.officer)
  const received = reply?.receivedBy
  if (matter !== undefined && received !== undefined)
    return html`<p>${caller} entered a request that came by ${received.way}, no. ${received.number}. It says that
${received.from.name}, ${received.from.jurisdiction}, asked ${named(matter.holder)} for data, for the purpose
“${matter.purpose.replaceAll('-', ' ')}”, in its case “${matter.caseReference}”. Who asked is the word of that
officer: no key of theirs signed.</p>`
  if (matter !== undefined && reply?.provided !== undefined)
    return html`<p>${caller} provided data to ${named(reply.provided.to)} unasked, for the purpose
“${matter.purpose.replaceAll('-', ' ')}”, in a case of its own, “${matter.caseReference}”.</p>`
  return matter === undefined
    ? html`<p>${caller} called <code>${call?.method} ${call?.url}</code>.</p>`
    : html`<p>${caller} asked ${named(matter.holder)} for data, for the purpose
“${matter.purpose.replaceAll('-', ' ')}”, in its case “${matter.caseReference}”.</p>`
}

const outcomes = {
  release: 'Released',
  redact: 'Released in part',
  deny: 'Denied',
} as const

const standings = {
  open: ' (open: somebody could still supply what was missing)',
  final: ' (final)',
} as const

function decisionHtml({ decision, reply }: Values, leaf: Leaf): Html {
  if (leaf.out === undefined) return html``
  const told = reply?.reasons ?? []
  const duties = reply?.obligations ?? []
  const fates = Object.entries(reply?.classes ?? {})
  const isOther = decision !== undefined && !isSame(decision.reasons, told)
  return html`<p>It was told: <strong>${outcomes[leaf.out]}</strong>${leaf.standing === undefined ? '' : standings[leaf.standing]}${leaf.dryRun ? ', as a dry run: nothing was disclosed' : ''}.</p>
${fates.length === 0 ? '' : html`<dl>${fates.map(([name, fate]) => html`<dt>${classNames[name] ?? name}</dt><dd>${fate === 'released' ? 'something' : 'nothing'} of it ${leaf.dryRun ? 'would leave' : 'left'}</dd>`)}</dl>`}
<h3>Why, and by which articles</h3>
${reasonsHtml(told)}
${isOther ? html`<p>Decided in full, which the agency was not told: <strong>${outcomes[decision.outcome]}</strong>.</p>${reasonsHtml(decision.reasons)}` : ''}
${duties.length === 0 ? '' : html`<h3>Duties</h3><ul>${duties.map(({ text, onWhom, due, cites }) => html`<li>${text} (the ${onWhom}${due === undefined ? '' : `, by ${due.length === 10 ? due : moment(due)}`}) <cite>${cites.join('; ')}</cite></li>`)}</ul>`}`
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
  return html`<h3>What the agency sent</h3>
<dl>${flat('', value).map(([name, value]) => html`<dt>${name}</dt><dd>${value}</dd>`)}</dl>`
}

function flat(name: string, value: unknown): readonly (readonly [string, string])[] {
  if (typeof value !== 'object' || value === null) return [[name, String(value)]]
  if (Array.isArray(value) && value.every((each) => typeof each !== 'object'))
    return [[name, value.join(', ') || 'none']]
  return Object.entries(value).flatMap(([key, each]) =>
    flat(name === '' ? key : `${name}.${key}`, each),
  )
}

/** The facts that decided, by where they came from. Only the holder's side has them. */
function knownHtml({ facts: known }: Values): Html {
  if (known === undefined) return html``
  const { facts, sources } = known
  const byOrigin = Map.groupBy(Object.entries(facts), ([name]) => originOf(sources[name]))
  return html`<h3>What was known of the request</h3>
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
  claim: 'The agency said',
  token: 'The signed call shows',
  register: 'The register of agencies says',
  record: 'The record says',
  list: 'Dated lists of the law say',
  attested: 'An officer had vouched that',
  silent: 'Nobody had vouched for anything else, so it counted that',
  derived: 'Worked out from these',
  clock: 'The clock says',
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
    : html`<h3>Law applied, word for word in these files</h3>
<ul>${names.map((name) => lawLine(name, law))}</ul>`
}

function lawLine(name: string, law: About['law']): Html {
  const [id = '', version = ''] = name.split('@')
  const path = paths.law({ id, version })
  return html`<li>${law.get(path)?.title}, version of ${version}: ${path}</li>`
}

/** Who signed a checkpoint besides the log itself. */
function signersOf(note: string): string {
  const read = parseNote(note)
  if ('wrong' in read) return 'nobody'
  const [log = ''] = read.note.text.split('\n')
  const names = read.note.signatures.map(({ name }) => name).filter((name) => name !== log)
  return names.join(', ') || 'nobody'
}

const moment = (ts: string): string => `${ts.slice(0, 10)}, ${ts.slice(11, 19)} UTC`
