/** `verify.html` around its script: one file that loads nothing, whatever is in it. */

import { createHash } from 'node:crypto'
import { type Html, html, htmlBy } from '../../answer/reply/html.ts'
import { say } from '../../answer/reply/say.ts'
import { style } from '../../console/style.ts'

const ownStyle = `${style}header{padding-bottom:.6rem}main,footer{max-width:52rem}.verdict{font-size:1.2rem}
input[type=file]{border-style:dashed}form>div{margin-bottom:1.1rem}
`

/**
 * The page. Its policy (CSP 3) allows this script and this style by their digests, and nothing else: it can send
 * nothing anywhere.
 */
export function verifyPage(script: string): string {
  const policy = `default-src 'none'; script-src '${sourceOf(script)}'; style-src '${sourceOf(ownStyle)}'; base-uri 'none'; form-action 'none'`
  const raw = (text: string): Html => htmlBy(() => text)
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${raw(policy)}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${say('check.title')}</title>
<style>${raw(ownStyle)}</style>
</head>
<body>
<header><span class="brand">Comity</span><span class="site">${say('check.site')}</span></header>
<main id="main">
<h1>${say('check.title')}</h1>
<p>${say('check.says')}</p>
<form id="form">
<div><label for="evidence">${say('check.evidence')}</label><span class="hint" id="evidence-hint">${say('check.evidenceHint')}</span><input type="file" id="evidence" accept=".zip" aria-describedby="evidence-hint"></div>
<div><label for="trust">${say('verify.keys')}</label><span class="hint" id="trust-hint">${say('check.trustHint')}</span><input type="file" id="trust" accept=".json" aria-describedby="trust-hint"></div>
<div><label for="fingerprint">${say('check.fingerprint')}</label><span class="hint" id="fingerprint-hint">${say('check.fingerprintHint')}</span><input id="fingerprint" maxlength="60" autocomplete="off" spellcheck="false" aria-describedby="fingerprint-hint"></div>
<div><label for="seen">${say('check.seen')}</label><span class="hint" id="seen-hint">${say('check.seenHint')}</span><input type="file" id="seen" accept=".json" aria-describedby="seen-hint"></div>
<p><button>${say('check.do')}</button></p>
</form>
<section id="result" class="verified" role="status" tabindex="-1"></section>
<noscript><p class="faults">${say('check.needsScript')}</p></noscript>
</main>
<footer><p>${say('check.cannot')}</p></footer>
<script>${raw(script)}</script>
</body>
</html>
`.write('en')
}

/** The digest of what a page has within itself, as its policy names it. */
const sourceOf = (text: string): string =>
  `sha256-${createHash('sha256').update(text).digest('base64')}`
