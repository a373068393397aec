/** The page of a bundle of evidence: for a court, on paper or on a phone, without a script. */

import { fingerprintOf } from '../ledger/evidence.ts'
import type { ShownEntry } from './evidence-files.ts'
import { html, style } from './evidence-html.ts'
import { type About, entryHtml, lineHtml } from './evidence-section.ts'

/** The page. The same parts give the same bytes. */
export function pageOf(about: About, shown: readonly ShownEntry[], publicKey: Uint8Array): string {
  const { gateway, question, says } = about.parts
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
you in another way. If they are the same, <code>npx comity evidence verify</code> checks every file
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
<li>where an entry is closed, anything that it said; where the requester’s side is shown, more than
that the gateway says it told the agency this.</li>
</ul>
</section>
</body>
</html>
`.html
}
