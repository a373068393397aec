/** The page at `/`: where a developer of an agency, an auditor or whoever verifies goes on. */

import { headHtml, html } from '../answer/reply/html.ts'

/** The page. It says nothing that anybody may not know. */
export const landingPage = (gateway: string): string =>
  html`${headHtml(`Comity, ${gateway}`)}
<body>
<h1>Comity, ${gateway}</h1>
<p>A gateway between agencies of different countries. It checks each request for data against the law of everyone
concerned, and releases, redacts or denies it, with the articles that led there. Every answer is an entry of a log
that nobody can change unseen.</p>
<h2>For systems of agencies</h2>
<ul>
<li><a href="/openapi.json">OpenAPI of the requests</a>: how a call is signed, what is asked, what is answered</li>
<li><a href="/v1/vocabulary">The vocabulary</a>: every fact, duty and mark</li>
</ul>
<h2>For auditors</h2>
<ul><li><a href="/console">The console</a>, pages for people, where this address serves it</li>
<li><a href="/audit/openapi.json">OpenAPI of the audit</a>, where this address serves it</li></ul>
<h2>For everyone</h2>
<ul>
<li><a href="/v1/policies">The law in force here</a>, with its sources</li>
<li><a href="/.well-known/jwks.json">The keys of receipts and evidence</a></li>
<li><a href="/healthz">Whether it runs</a></li>
</ul>
</body>
</html>
`.write('en')
