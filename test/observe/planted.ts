/** Leaks that are planted into the world with a hit, one at a time: the harness must find each. */

import type { World } from '../../functions/ports.ts'
import type { Planted } from './play.ts'
import { asker } from './scene.ts'

/** Whether a name has found somebody, as only the holder may know. */
type Found = { hit: boolean }

/** The world, noting whether a name finds somebody. */
const noting =
  (found: Found, change: (world: World) => Partial<World> = () => ({})) =>
  (world: World): World => ({
    ...world,
    holder: {
      ...world.holder,
      async find(agency, subject, ...rest) {
        const record = await world.holder.find(agency, subject, ...rest)
        if ('name' in subject && (record.kind === 'one' || record.kind === 'several'))
          found.hit = true
        return record
      },
    },
    ...change(world),
  })

/** A leak that changes what a party is answered, once somebody was found. */
const inAnswer = (party: string, name: string, change: (text: string) => string) => (): Planted => {
  const found = { hit: false }
  return {
    world: noting(found),
    answer: (of, text) =>
      found.hit && of.party === party && of.name === name ? change(text) : text,
  }
}

/** A leak in a port of the world with a hit. */
const inPort = (change: (found: Found) => (world: World) => Partial<World>) => (): Planted => {
  const found = { hit: false }
  return { world: noting(found, change(found)) }
}

/** By what it is. */
export const planted: Readonly<Record<string, () => Planted>> = {
  'an erasure by document takes what a name was told': inPort(() => ({ subjectKeys }) => ({
    subjectKeys: {
      ...subjectKeys,
      replace: async (kid) => (await subjectKeys.shred(kid)) === 'shredded',
    },
  })),
  'a restriction by document restricts what a name was told': inPort(() => ({ subjectKeys }) => ({
    subjectKeys: { ...subjectKeys, restrict: (kid, act) => subjectKeys.restrict(kid, act) },
  })),
  'an answer is one byte longer': inAnswer(asker.agency, 'POST /v1/access-requests', (text) =>
    text.replace(/\n(\d{3}) (\d+)\n/, (_, status, length) => `\n${status} ${Number(length) + 1}\n`),
  ),
  'a header says that something was found': inAnswer(
    asker.agency,
    'GET /v1/access-requests/:id',
    (text) => text.replace('cache-control', 'etag: "found"\ncache-control'),
  ),
  'a ministry’s feed has an event more': inAnswer('DE-MIN', 'GET /v1/events', (text) =>
    text.replace('"events":[', '"events":[{"kind":"denial-to-decide"},'),
  ),
  'a ministry’s inbox has a byte more': inAnswer('DE-MIN', 'GET /v1/inbox', (text) => `${text} `),
  'another body of the holder’s state reads an event more': inAnswer(
    'DE-LKA',
    'GET /v1/events',
    (text) => text.replace('"events":[', '"events":[{"kind":"denial-to-decide"},'),
  ),
  'an officer without the right is refused otherwise': inAnswer(
    'DE-POL, an officer not named',
    'POST /v1/access-requests/:id/proposal',
    (text) => text.replace(/\n4\d\d /, '\n409 '),
  ),
  'an authority without the right is told a word more': inAnswer(
    'DE-LDA, an auditor not named',
    'subjectReport',
    (text) => `${text} 1`,
  ),
  'the log grows by an entry more': () => {
    const found = { hit: false }
    let isDone = false
    return {
      world: noting(found),
      async answer(_, text, scene) {
        if (found.hit && !isDone) {
          isDone = true
          await scene.enter(1, 'CASE')
        }
        return text
      },
    }
  },
  'a line for operators names it': inAnswer('operators', 'lines', (text) =>
    text.replace('"status"', '"match":"one","status"'),
  ),
  'a figure that is published counts it': inAnswer(
    'the public',
    'published figures',
    (text) => `${text} 1`,
  ),
  'auditors of the side that asks read the full outcome': inAnswer(asker.auditor, 'list', (text) =>
    text.replace('"standing":', '"decided":"deny","standing":'),
  ),
  'a page lists it in another order': inAnswer(asker.agency, 'page requests', (text) =>
    [...text].reverse().join(''),
  ),
  'evidence has a sentence more': inAnswer(asker.auditor, 'evidence', (text) =>
    text.replace('manifest.json', 'found.json\nmanifest.json'),
  ),
}
