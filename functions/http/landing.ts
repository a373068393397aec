/** The page at `/`: where a developer of an agency, an auditor or whoever verifies goes on. */

import { headHtml, html } from '../answer/reply/html.ts'
import { say } from '../answer/reply/say.ts'

/** The page. It says nothing that anybody may not know. */
export const landingPage = (gateway: string): string =>
  html`${headHtml(say('landing.title', { gateway }))}
<body>
<h1>${say('landing.title', { gateway })}</h1>
<p>${say('landing.says')}</p>
<h2>${say('landing.systems')}</h2>
<ul>
<li>${say('landing.requests', { a: (words) => html`<a href="/openapi.json">${words}</a>` })}</li>
<li>${say('landing.vocabulary', { a: (words) => html`<a href="/v1/vocabulary">${words}</a>` })}</li>
</ul>
<h2>${say('landing.auditors')}</h2>
<ul><li>${say('landing.console', { a: (words) => html`<a href="/console">${words}</a>` })}</li>
<li>${say('landing.audit', { a: (words) => html`<a href="/audit/openapi.json">${words}</a>` })}</li></ul>
<h2>${say('landing.everyone')}</h2>
<ul>
<li>${say('landing.law', { a: (words) => html`<a href="/v1/policies">${words}</a>` })}</li>
<li><a href="/.well-known/jwks.json">${say('landing.keys')}</a></li>
<li><a href="/healthz">${say('landing.runs')}</a></li>
</ul>
</body>
</html>
`.write('en')
