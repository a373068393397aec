/**
 * A holder's own system, as small as it can be: it keeps records in a file and answers what `comity bridge --answers`
 * asks in plain HTTP. Copy it, and put your own data in place of the file. The bridge signs, checks who asks, and
 * keeps what was asked; this needs no key and no port that others reach.
 *
 *     node holder.mjs records.json 9000
 *     comity bridge --as DE-POL --answers http://127.0.0.1:9000/
 *
 * Asked  {"entry":"…","subject":{"recordId":"R-1"},"classes":["identification"]}
 * or     {"subject":{"document":{"number":"X1","country":"DE"}}, …}
 * or     {"subject":{"name":{"given":"Anton","family":"Beispiel"},"birthDate":"1979-03-14"}, …}
 * answer {"found":"none"}
 * or     {"found":"one","record":{"id":…,"names":…,"birthDates":…,"documents":…,"items":…}}
 * or     {"found":"several","ids":["R-1","R-2"]}
 */

import { readFileSync } from 'node:fs'
import { createServer } from 'node:http'

const [, , file, port] = process.argv
const records = JSON.parse(readFileSync(file, 'utf8'))

/** One form of a word for looking up: no case, no marks, no punctuation. The gateway checks the match once more. */
const fold = (word) =>
  word
    .normalize('NFKD')
    .toUpperCase()
    .replace(/[^\p{L}\p{N}]/gu, '')

const isNamed = (subject) => (name) =>
  fold(name.family) === fold(subject.family) && fold(name.given) === fold(subject.given)

/** Whether a record is about whom the question names. */
function isAbout(record, { recordId, document, name, birthDate }) {
  if (recordId !== undefined) return record.id === recordId
  if (document !== undefined)
    return record.documents.some(
      ({ number, country }) =>
        country === document.country && fold(number) === fold(document.number),
    )
  return record.birthDates.includes(birthDate) && record.names.some(isNamed(name))
}

/** Everything that fits is said, so that nobody's record goes out for another's. No item of another class leaves. */
function answer({ subject, classes }) {
  const found = records.filter((record) => isAbout(record, subject))
  if (found.length === 0) return { found: 'none' }
  if (found.length > 1) return { found: 'several', ids: found.slice(0, 25).map(({ id }) => id) }
  const [record] = found
  const items = record.items.filter((item) => classes.includes(item.class))
  return { found: 'one', record: { ...record, items } }
}

/** A question is a few hundred bytes. */
const bytesMax = 16_384

const server = createServer((request, response) => {
  let body = ''
  request.on('data', (part) => {
    body += part
    if (body.length > bytesMax) request.destroy()
  })
  request.on('end', () => {
    try {
      const answered = JSON.stringify(answer(JSON.parse(body)))
      response.writeHead(200, { 'content-type': 'application/json' }).end(answered)
    } catch {
      // Nothing of the question goes into a log.
      response.writeHead(500).end()
    }
  })
})
// Only this machine reaches it.
server.listen(Number(port), '127.0.0.1', () => console.log(`The records of ${file} are ready`))
