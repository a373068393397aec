/** `verify.html` around its script: one file that loads nothing, whatever is in it. */

import { createHash } from 'node:crypto'
import { type Html, html, htmlBy } from '../../answer/reply/html.ts'
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
<title>Check evidence</title>
<style>${raw(ownStyle)}</style>
</head>
<body>
<header><span class="brand">Comity</span><span class="site">check evidence, without a network</span></header>
<main id="main">
<h1>Check evidence</h1>
<p>This page checks a file of evidence on this machine, and says whose word each part of it rests on. It sends nothing:
it works without a network. <strong>Compare its own SHA-256</strong> with the one that is published: a page that came
with the evidence is a convenience, and proves nothing.</p>
<form id="form">
<div><label for="evidence">The evidence</label><span class="hint" id="evidence-hint">a zip file from an auditor or a court</span><input type="file" id="evidence" accept=".zip" aria-describedby="evidence-hint"></div>
<div><label for="trust">The keys that you trust</label><span class="hint" id="trust-hint">a trust file: keys, and where you had each from; never one that came with the evidence</span><input type="file" id="trust" accept=".json" aria-describedby="trust-hint"></div>
<div><label for="fingerprint">Or the fingerprint of the gateway’s key</label><span class="hint" id="fingerprint-hint">43 characters, had in another way than with the evidence</span><input id="fingerprint" maxlength="60" autocomplete="off" spellcheck="false" aria-describedby="fingerprint-hint"></div>
<div><label for="seen">What you saw of the log before</label><span class="hint" id="seen-hint">the file that you keep with <code>comity log verify --since</code>; with it a log that was rolled back is found</span><input type="file" id="seen" accept=".json" aria-describedby="seen-hint"></div>
<p><button>Check</button></p>
</form>
<section id="result" class="verified" role="status" tabindex="-1"></section>
<noscript><p class="faults">This page needs its script, which is part of it. <code>comity evidence verify</code> does the same.</p></noscript>
</main>
<footer><p>What it cannot show: that a log which grew kept what it had (that takes <code>comity log verify --since</code>), that what officers said is true, or that the rules read the law rightly.</p></footer>
<script>${raw(script)}</script>
</body>
</html>
`.write('en')
}

/** The digest of what a page has within itself, as its policy names it. */
const sourceOf = (text: string): string =>
  `sha256-${createHash('sha256').update(text).digest('base64')}`
