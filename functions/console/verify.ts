/** What pages have for the script that checks in the reader's own browser, and what they say without it. */

import { type Html, html } from '../answer/reply/html.ts'
import { say } from '../answer/reply/say.ts'
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
  return html`<h2>${say('verify.title')}</h2>
<p>${say('verify.says')}</p>
${withScript(
  world,
  html`<form id="verify-entry" data-script hidden data-entry="${id}" data-log="${place.log}" data-evidence="/console/entries/${id}/evidence">${tokenHtml(secret)}<input type="hidden" name="purpose" value="${purpose}">
${trustHtml}<p><button>${say('verify.do')}</button></p></form>
<section id="result" class="verified" role="status" tabindex="-1"></section>`,
)}`
}

/** The panel of the health page: what this browser saw of each log. Where it says what came of it is \`grownHtml\`. */
export const verifyLogsHtml = (world: Pick<ConsoleWorld, 'verifyScript'>): Html =>
  html`<h2>${say('verify.logs')}</h2>
<p>${say('verify.logsSay')}</p>
${withScript(
  world,
  html`<form id="verify-logs" data-script hidden>${trustHtml}<p><button>${say('verify.again')}</button> <button type="button" class="second" id="forget-trees">${say('verify.forget')}</button></p></form>
<section id="other-logs" role="status" aria-label="${say('verify.others')}"></section>`,
)}`

/** Where the script says whether a log grew. */
export const grownHtml = (log: string): Html =>
  html`<div class="verified" role="status" data-log="${log}"><p>${say('verify.notChecked')}</p></div>`

const trustHtml = html`<p><label for="trust">${say('verify.keys')} <span class="hint" id="trust-hint">${say('verify.keysHint')}</span></label><input type="file" id="trust" accept=".json" aria-describedby="trust-hint kept-trust"></p>
<p><span id="kept-trust" role="status"></span> <button type="button" class="second" id="forget-trust" hidden>${say('verify.forgetKeys')}</button></p>`

/** What takes the script; and what one can do instead of it, and against whoever wrote it. */
function withScript({ verifyScript }: Pick<ConsoleWorld, 'verifyScript'>, part: Html): Html {
  const instead = say('verify.instead')
  if (verifyScript === undefined) return html`<p>${say('verify.noScript', { instead })}</p>`
  return html`${part}<noscript><p>${say('verify.scriptsOff', { instead })}</p></noscript>
<details><summary>${say('verify.whose')}</summary><p>${say('verify.whoseSays', { digest: verifyScript().sha256, instead })}</p></details>`
}
