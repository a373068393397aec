/** Sign a draft: what is signed, who has signed, and a form for one person's key file. */

import { type Html, html } from '../../answer/reply/html.ts'
import { markHtml, momentHtml, type Term, termsHtml } from '../../console/page.ts'
import { type List, lawId, lawPath, type Policy } from '../../policy/book.ts'
import type { Waiting } from '../../policy/check-seals.ts'
import type { SealBody } from '../../policy/sealers.ts'
import { missingRole, signedBy } from '../../policy/signed.ts'
import { certificateWords } from '../commands/certificate-words.ts'
import { signedSentences } from '../commands/signing.ts'
import { addressOf, deskPage, linksOf, listHtml } from './frame.ts'

/** What is known of the signatures of a draft. */
export type SignState = {
  /** The statement on exactly this file, with one signature or both. */
  readonly stated: Waiting | undefined
  /** What came of the last signature. */
  readonly done: readonly string[]
}

/** The page of one draft; `form` is the word of this start. */
export function signPage(
  version: Policy | List,
  { stated, done }: SignState,
  form: string,
): string {
  const path = lawPath(version)
  const { file } = version
  const main = html`
${linksOf(version, 'sign')}
${done.length === 0 ? '' : html`<div class="panel" role="status">${listHtml(done)}</div>`}
<p>Two people sign: one of the legal team and one for data protection, in either order, each with a key or a certificate of their own. What they sign is this file, byte for byte:</p>
${termsHtml([
  ['File', html`<a href="${addressOf(version)}">policies/${path}</a>, from ${version.day} on`],
  ['SHA-256', html`<code>${version.digest}</code>`],
  [
    'What changes',
    html`${file.change} <a href="/compare?after=${lawId(version)}@${version.version}">Compare</a>`,
  ],
  [
    'Signed by',
    stated === undefined
      ? 'nobody yet'
      : html`${listHtml(stated.signatures.map((each) => html`${each.by.name}, ${signedBy({ signatures: [each] })}, ${momentHtml(each.at)}${each.certificate === undefined ? '' : `, ${certificateWords(each.certificate)}`}`))}${stated.completeAt === undefined ? html`It waits for ${missingRole(stated)}.` : ''}`,
  ],
  ...(stated === undefined ? [] : whyTerms(stated.seal.body)),
])}
<h2>What it says, sentence by sentence</h2>
${listHtml(signedSentences(version))}
${version.sealedAt === undefined ? signHtml(version, stated, form) : html`<p>${markHtml('good', `sealed ${version.sealedAt}`)} It counts once a signed set has it.</p>`}`
  return deskPage(`Sign ${path}`, main)
}

/** Why it was sealed, and why changes may stay that no case notices: whoever signs second signs both. */
const whyTerms = (body: SealBody): readonly Term[] => [
  ['Why', body.why],
  ...(body.act === 'retire' || body.unnoticed === undefined
    ? []
    : [
        [
          'What no case notices',
          html`${body.unnoticed.why}${listHtml(body.unnoticed.changes)}`,
        ] as const,
      ]),
]

/** The name of the file in which somebody downloads what they sign. */
export const statementName = (path: string): string =>
  `seal-${path.replaceAll('/', '-').replace(/\.json$/, '.txt')}`

function signHtml(version: Policy | List, waiting: Waiting | undefined, form: string): Html {
  const path = lawPath(version)
  const hidden = html`<input type="hidden" name="form" value="${form}"><input type="hidden" name="file" value="${path}"><input type="hidden" name="digest" value="${version.digest}">`
  const reasons = (of: string) =>
    waiting === undefined
      ? html`<div><label for="${of}why">Why it is sealed, as a full sentence</label><input id="${of}why" name="why" maxlength="400" autocomplete="off"></div>
<div><label for="${of}unnoticed">Why changes may stay that no case notices, if there are any</label><input id="${of}unnoticed" name="unnoticed" maxlength="400" autocomplete="off"></div>`
      : html``
  const typed = (of: string) =>
    html`<div><label for="${of}version">Type the version, ${version.version}, to sign it</label><input id="${of}version" name="version" autocomplete="off"></div>`
  return html`<h2>${waiting === undefined ? 'Sign first' : 'Sign second'}</h2>
<p class="soft">Its cases are run first, and what of it no case notices is listed in the seal. That takes some seconds.</p>
<h3>With your key</h3>
<form class="ask" method="post" action="/sign" enctype="multipart/form-data">
${hidden}
${reasons('')}
<div><label for="key">Your key file</label><span class="hint" id="key-hint">it is read once, on this machine, and kept nowhere</span><input type="file" id="key" name="key" accept=".json" aria-describedby="key-hint"></div>
${typed('')}
<p><button>Sign</button></p></form>
<h3>With your own program</h3>
<p>If you sign with a card, or a service of a provider: download what you sign, sign it there, and attach what you get.</p>
<form class="ask" method="post" action="/sign/statement" enctype="multipart/form-data">
${hidden}
${reasons('own-')}
<p><button>Download what you sign</button></p></form>
<p>Sign <code>${statementName(path)}</code> as it is, without opening it in an editor that saves it anew: as CAdES, detached (a file <code>.p7s</code>).</p>
<form class="ask" method="post" action="/sign/attach" enctype="multipart/form-data">
${hidden}
<div><label for="statement">What you signed</label><span class="hint" id="statement-hint">the file that you downloaded</span><input type="file" id="statement" name="statement" accept=".txt" aria-describedby="statement-hint"></div>
<div><label for="cms">Its signature</label><span class="hint" id="cms-hint">DER or PEM</span><input type="file" id="cms" name="cms" accept=".p7s,.p7m,.pem,.der" aria-describedby="cms-hint"></div>
${typed('own-')}
<p><button>Attach the signature</button></p></form>
<p class="soft">A signature counts if it is of the very certificate that <code>sealers.json</code> has of you, and that was valid when you signed. Whether it is a qualified one (Regulation (EU) No 910/2014 art. 3(12)), and was not revoked, is for those to check who put it there: nothing here does.</p>`
}
