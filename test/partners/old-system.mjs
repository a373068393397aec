/**
 * An old case-management system: it cannot sign, and knows plain HTTP alone. It asks its questions through the
 * bridge, some at once, and asks again under the same number whatever breaks. One line per answer.
 *
 *     node old-system.mjs http://127.0.0.1:8790 200
 */

import { request } from 'node:http'

const [, , bridge, count] = process.argv
const waiting = Array.from({ length: Number(count) }, (_, i) => i + 1)

const question = (number) => ({
  holder: 'DE-POL',
  subject: { name: { given: 'Anton', family: 'Beispiel' }, birthDate: '1979-03-14' },
  classes: ['identification'],
  purpose: 'investigation',
  instrument: 'EU-2023/977',
  channel: 'siena',
  offence: { category: 'ordinary', description: 'organised theft', maxCustodyMonths: 60 },
  stage: 'suspect',
  urgency: 'none',
  necessity: { statement: 'To find the suspect.', strictlyNecessaryClasses: [] },
  caseReference: `OLD-${number}`,
})

const ask = (number) =>
  new Promise((resolve) => {
    const headers = { 'idempotency-key': `Q-${number}`, 'content-type': 'application/json' }
    const call = request(`${bridge}/v1/access-requests`, { method: 'POST', headers }, (answer) => {
      let body = ''
      answer.on('data', (part) => (body += part))
      answer.on('end', () => resolve({ status: answer.statusCode, body }))
      answer.on('error', () => resolve({ status: 0 }))
    })
    call.on('error', () => resolve({ status: 0 }))
    call.end(JSON.stringify(question(number)))
  })

async function clerk() {
  for (let number = waiting.shift(); number !== undefined; number = waiting.shift()) {
    let answer = await ask(number)
    for (; answer.status === 0 || answer.status >= 500; answer = await ask(number))
      await new Promise((again) => setTimeout(again, 500))
    console.log(JSON.stringify({ number, ...answer }))
  }
}
await Promise.all(Array.from({ length: 8 }, clerk))
