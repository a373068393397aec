/**
 * Asks a gateway in TypeScript, by the types of its own document. Node 24 runs it as it is.
 *
 *     npm install comity-0.1.0.tgz
 *     node ask.ts http://localhost:8787 FR-SPOC officer-7 .comity/agencies/FR-SPOC.json request.json
 *
 * Whatever breaks, give the id that was printed as a sixth argument: it is the same call, with the same answer.
 */

import { randomBytes } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { type Body, client } from 'comity/client'

const [url = '', agency = '', officer = '', key = '', file = '', again] = process.argv.slice(2)
const jti = again ?? randomBytes(16).toString('base64url')
console.error('jti', jti)

const call = client({ url, agency, officer, key })
const body: Body<'POST /v1/access-requests'> = JSON.parse(readFileSync(file, 'utf8'))
const answer = await call('POST /v1/access-requests', { body }, jti)

if (answer.status === 200 || answer.status === 201) {
  // A refusal is an answer, too. Its reasons are sentences; its codes are for programs.
  const { id, outcome, standing, reasons, todo, records } = answer.body
  console.log(outcome, standing ?? '', id)
  for (const { code, says } of reasons) console.log(`${code}: ${says}`)
  for (const step of todo) console.log('missing:', JSON.stringify(step))
  for (const { items } of records)
    for (const { element, value } of items) console.log(element, JSON.stringify(value))
} else {
  // A problem (RFC 9457): what is wrong, where, and how to mend it.
  console.error(JSON.stringify(answer.body, null, 2))
  process.exitCode = 1
}
