/** What pages have for the script that checks in the reader's own browser, and what they say without it. */

import { type Html, html } from '../answer/reply/html.ts'
import type { ConsoleWorld, VerifyScript } from '../console-ports.ts'
import type { LogPlace } from '../log-ports.ts'
import type { Assets } from './assets.ts'
import { tokenHtml } from './frame.ts'
import type { Script } from './page.ts'

const address = '/console/verify.js'

/** The script as it is served beside the stylesheet; nothing where none was shipped. */
export const verifyAsset = ({ verifyScript }: Pick<ConsoleWorld, 'verifyScript'>): Assets =>
  verifyScript === undefined
    ? {}
    : { 'verify.js': ['text/javascript; charset=utf-8', () => verifyScript().text] }

/** The script of a page, which a browser runs only if it has this digest; none where none was shipped. */
export const verifyScripts = ({ verifyScript }: Pick<ConsoleWorld, 'verifyScript'>) =>
  verifyScript === undefined ? [] : [scriptOf(verifyScript())]

const scriptOf = ({ sha256 }: VerifyScript): Script => ({
  src: address,
  integrity: `sha256-${Buffer.from(sha256, 'hex').toString('base64')}`,
})

/** The panel of an entry: it is checked in the browser, from its evidence and the log's tiles. */
export function verifyEntryHtml(
  { id, place }: { readonly id: string; readonly place: LogPlace },
  purpose: string,
  secret: string,
  world: Pick<ConsoleWorld, 'verifyScript'>,
): Html {
  return html`<h2>Verified in this browser</h2>
<p>Your browser asks the gateway for the evidence of this entry, the newest checkpoint of its log and the tiles, and checks them by
your keys: that the entry stands at its place, who signed it, who saw the log grow, and that it is decided the same again.
Then it says here what the entry itself says, and where the rest of this page says something else. Believe what it says here.</p>
${withScript(
  world,
  html`<form id="verify-entry" data-script hidden data-entry="${id}" data-log="${place.log}" data-evidence="/console/entries/${id}/evidence">${tokenHtml(secret)}<input type="hidden" name="purpose" value="${purpose}">
${trustHtml}<p><button>Verify in this browser</button></p></form>
<section id="result" class="verified" role="status" tabindex="-1"></section>`,
)}`
}

/** The panel of the health page: what this browser saw of each log. Where it says what came of it is \`grownHtml\`. */
export const verifyLogsHtml = (world: Pick<ConsoleWorld, 'verifyScript'>): Html =>
  html`<h2>In this browser</h2>
<p>This browser keeps, for you alone, how large each log was when it last held, and its root; it then asks for a proof that the log grew
from that. A log that was rolled back, or forked, is caught, also where this page leaves it out. Whoever clears what this browser keeps, or uses another browser, begins anew.</p>
${withScript(
  world,
  html`<form id="verify-logs" data-script hidden>${trustHtml}<p><button>Check again</button> <button type="button" class="second" id="forget-trees">Forget what it saw</button></p></form>
<section id="other-logs" role="status" aria-label="Other logs that this browser saw"></section>`,
)}`

/** Where the script says whether a log grew. */
export const grownHtml = (log: string): Html =>
  html`<div class="verified" role="status" data-log="${log}"><p>Not checked: that takes a script.</p></div>`

const trustHtml = html`<p><label for="trust">The keys that you trust <span class="hint" id="trust-hint">a trust file, with where you had each key from; it stays in this browser, and goes nowhere</span></label><input type="file" id="trust" accept=".json" aria-describedby="trust-hint kept-trust"></p>
<p><span id="kept-trust" role="status"></span> <button type="button" class="second" id="forget-trust" hidden>Forget them</button></p>`

/** What takes the script; and what one can do instead of it, and against whoever wrote it. */
function withScript({ verifyScript }: Pick<ConsoleWorld, 'verifyScript'>, part: Html): Html {
  const instead = html`take the evidence of an entry and open it in <code>verify.html</code>, which needs no network, or use <code>comity evidence verify</code> and <code>comity log verify --since</code>`
  if (verifyScript === undefined)
    return html`<p>This gateway was set up without the script for it. Instead, ${instead}.</p>`
  return html`${part}<noscript><p>It takes a script, and scripts are off. Instead, ${instead}.</p></noscript>
<details><summary>Whose script this is</summary><p>The gateway’s own: whoever runs the gateway could serve another. This one has the SHA-256
<code>${verifyScript().sha256}</code>, and is what <code>verify.html</code> has within itself: <code>npm run verify-page</code> builds both from the source, byte for byte. For
what must hold against the gateway, ${instead}, from your own machine.</p></details>`
}
