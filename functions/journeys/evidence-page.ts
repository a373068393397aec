/** The page of a bundle of evidence: for a court, on paper or on a phone, without a script. */

import { fingerprintOf, type ManifestParts, paths } from '../ledger/evidence.ts'
import { parseNote } from '../ledger/note.ts'
import { parseJson } from '../policy/json.ts'
import { confidences } from '../policy/policy.ts'
import type { ShownEntry } from './evidence-files.ts'
import type { Opened } from './opened.ts'
import type { Reply } from './reply.ts'

/** HTML: whatever is put into it is escaped, unless it is HTML itself. */
type Html = { readonly html: string }

/** The page. The same parts give the same bytes. */
export function pageOf(
  { gateway, question, says }: ManifestParts,
  shown: readonly ShownEntry[],
  publicKey: Uint8Array,
): string {
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>Evidence from the decision log of ${gateway}</title>
<style>${style}</style>
</head>
<body>
<h1>Evidence from the decision log of ${gateway}</h1>
<p>Comity decides whether data of police records may cross a border, by written rules, and enters
every decision in a log to which entries can only be added. This page tells what the files beside it
prove. It was made for ${question.office}, an auditor of ${question.jurisdiction}, for the purpose
“${question.purpose.replaceAll('-', ' ')}”.</p>
${says.map((each) => html`<p>${each}</p>`)}
<h2>How to check it</h2>
<p>The files are signed with the key of this fingerprint:</p>
<p><code class="key">${fingerprintOf(publicKey)}</code></p>
<p><strong>Compare it</strong> with the fingerprint that the gateway, or an authority you trust, gave
you in another way. If they are the same, <code>npx comity evidence verify</code> checks every file
against it, without a network; README.txt says how. A page alone proves nothing.</p>
${shown.map((each, i) => entryHtml(each, i + 1))}
<h2>What is proved, and what is not</h2>
<p>Proved, once checked: that each entry stood in the log, at its place, when the log was signed and
witnessed; that what is shown of it is what was entered; that the agency named signed exactly this
call, with the key that was registered for it; and, where the holder’s side is shown, that the rules
in these files, applied to the facts that were known, give exactly this decision.</p>
<p>Not proved: that what officers attested is true; that the rules are a right reading of the law;
that nothing was decided outside of the gateway; and, where an entry is closed, anything that it
said.</p>
</body>
</html>
`.html
}

function entryHtml({ stored: { leaf }, index, head, file, opened }: ShownEntry, no: number): Html {
  const name = kinds[leaf.t]
  return html`<section>
<h2>${no}. ${name}, ${moment(leaf.ts)}</h2>
${opened === undefined ? closedHtml(file.closed) : html`${whoHtml(opened.values)}${decisionHtml(opened.values, leaf)}`}
${requestHtml(opened?.evidence.body)}
<h3>Where it is</h3>
<dl>
<dt>Entry</dt><dd><code>${leaf.eid}</code></dd>
<dt>Place</dt><dd>no. ${index + 1} of ${head.size} in the log ${head.log}</dd>
<dt>Witnessed by</dt><dd>${signersOf(head.note)}</dd>
<dt>Jurisdictions</dt><dd>${leaf.hj} holds, ${leaf.aj} calls</dd>
<dt>Law applied</dt><dd>${[...leaf.pol].map(({ id, version }) => `${id}@${version}`).join(', ') || 'none'}</dd>
<dt>Files</dt><dd>${paths.entry(leaf.eid)}, ${paths.proof(leaf.eid)}</dd>
</dl>
</section>
`
}

const kinds = {
  decision: 'Decision',
  attestation: 'Attestation',
  withdrawal: 'Withdrawal of an attestation',
  record: 'Change of a record',
  consultation: 'Look at the log',
  erasure: 'Erasure',
  restriction: 'Restriction',
  hold: 'Hold against erasure',
  lift: 'End of a hold or restriction',
} as const satisfies Readonly<Record<ShownEntry['stored']['leaf']['t'], string>>

const closedHtml = (why: ShownEntry['file']['closed']): Html =>
  why === 'erased'
    ? html`<p>Its personal part was <strong>erased</strong>: nobody can read any more who asked, about
whom and why. What is left says that there was this entry, when, and what came of it.</p>`
    : html`<p>Its personal part is <strong>restricted</strong>: it is kept as evidence for criminal
proceedings only, and is not shown for this purpose.</p>`

type Values = Partial<Omit<Opened, 'evidence'>> & { readonly reply?: Reply }

function whoHtml(values: Readonly<Record<string, unknown>>): Html {
  // A cast: entries of other kinds have fewer of these.
  const { call, matter } = values as Values
  const caller = html`<strong>${call?.agency}</strong> (officer ${call?.officer})`
  return matter === undefined
    ? html`<p>${caller} called <code>${call?.method} ${call?.url}</code>.</p>`
    : html`<p>${caller} asked <strong>${matter.holder}</strong> for data, for the purpose
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

type Leaf = ShownEntry['stored']['leaf']

function decisionHtml(values: Readonly<Record<string, unknown>>, leaf: Leaf): Html {
  // A cast, as above.
  const { decision, reply } = values as Values
  if (leaf.out === undefined) return html``
  const told = reply?.reasons ?? []
  const duties = reply?.obligations ?? []
  const isOther = decision !== undefined && !isSame(decision.reasons, told)
  return html`<p>It was told: <strong>${outcomes[leaf.out]}</strong>${leaf.standing === undefined ? '' : standings[leaf.standing]}${leaf.dryRun ? ', as a dry run: nothing was disclosed' : ''}.</p>
${reasonsHtml(told)}
${isOther ? html`<p>Decided in full, which the agency was not told: <strong>${outcomes[decision.outcome]}</strong>.</p>${reasonsHtml(decision.reasons)}` : ''}
${duties.length === 0 ? '' : html`<h3>Duties</h3><ul>${duties.map(({ text, onWhom, due, cites }) => html`<li>${text} (the ${onWhom}${due === undefined ? '' : `, by ${due}`}) ${cites.join('; ')}</li>`)}</ul>`}`
}

const isSame = (a: readonly { readonly rule: string }[], b: typeof a): boolean =>
  a.map(({ rule }) => rule).join() === b.map(({ rule }) => rule).join()

const reasonsHtml = (reasons: Reply['reasons'] | Opened['decision']['reasons']): Html =>
  html`<ul>${[...reasons].map(
    ({ says, cites, confidence, rule }) =>
      html`<li>${says} <cite>${cites.join('; ')}</cite>${confidence === 'V' ? '' : ` (${confidences[confidence]})`} <code>${rule}</code></li>`,
  )}</ul>`

/** What the agency sent, name by name. */
function requestHtml(body: string | undefined): Html {
  const parsed = body === undefined || body === '' ? undefined : parseJson(body)
  if (parsed === undefined || 'fault' in parsed) return html``
  return html`<h3>What the agency sent</h3>
<dl>${flat('', parsed.value).map(([name, value]) => html`<dt>${name}</dt><dd>${value}</dd>`)}</dl>`
}

function flat(name: string, value: unknown): readonly (readonly [string, string])[] {
  if (typeof value !== 'object' || value === null) return [[name, String(value)]]
  if (Array.isArray(value) && value.every((each) => typeof each !== 'object'))
    return [[name, value.join(', ')]]
  return Object.entries(value).flatMap(([key, each]) =>
    flat(name === '' ? key : `${name}.${key}`, each),
  )
}

/** The names under a checkpoint, without the log's own. */
function signersOf(note: string): string {
  const read = parseNote(note)
  if ('wrong' in read) return 'nobody'
  const [log = ''] = read.note.text.split('\n')
  const names = read.note.signatures.map(({ name }) => name).filter((name) => name !== log)
  return names.join(', ') || 'nobody'
}

const moment = (ts: string): string => `${ts.slice(0, 10)}, ${ts.slice(11, 19)} UTC`

type Part = string | number | undefined | Html | readonly Html[]

const html = (texts: TemplateStringsArray, ...parts: readonly Part[]): Html => ({
  html: texts.map((text, i) => text + written(parts[i])).join(''),
})

function written(part: Part): string {
  if (part === undefined) return ''
  if (typeof part !== 'object') return escaped(String(part))
  return 'html' in part ? part.html : part.map(written).join('')
}

const escaped = (text: string): string =>
  text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`)

const style: Html = {
  html: `
body{max-width:46rem;margin:2rem auto;padding:0 1rem;font:1rem/1.5 Georgia,serif;color:#111;background:#fff}
h1,h2,h3{line-height:1.2;font-family:system-ui,sans-serif}h1{font-size:1.6rem}h2{font-size:1.2rem;margin-top:2.5rem}h3{font-size:1rem}
dl{display:grid;grid-template-columns:minmax(8rem,auto) 1fr;gap:.25rem 1rem}dt{color:#555}dd{margin:0}
dd,code,li,p{overflow-wrap:anywhere}code{font-size:.85em}.key{font-size:1.1rem;border:1px solid #111;padding:.3rem .5rem;display:inline-block}
section{break-inside:auto;border-top:1px solid #999}
@media (max-width:30rem){dl{grid-template-columns:1fr}dt{margin-top:.5rem}}
@media print{body{margin:0;max-width:none;font-size:11pt}h2,h3{break-after:avoid}li,dd{break-inside:avoid}}
`,
}
