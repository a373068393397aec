/** The test partner answers as its page says, by the real law, and no gateway of `prod` knows it. */

import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { type TestCase, testCases, testPartner } from '../../functions/demo/test-cases.ts'
import {
  freshJti,
  type Local,
  removeFolders,
  root,
  startLocal,
  temporaryFolder,
} from './process.ts'

let gateway: Local
beforeAll(async () => {
  gateway = await startLocal({ data: join(temporaryFolder(), 'data') })
}, 120_000)
afterAll(removeFolders)

type Told = {
  readonly id: string
  readonly outcome: string
  readonly standing?: string
  readonly reasons: readonly { readonly code: string }[]
  readonly code?: string
}

/** A request that meets a branch, of an agency of the Union. */
const requestFor = ({ document, classes, holder }: TestCase) => ({
  holder: holder ?? testPartner,
  subject: { document: { number: document, country: 'DE' } },
  classes,
  purpose: 'investigation',
  instrument: 'EU-2023/977',
  channel: 'siena',
  offence: { category: 'ordinary', description: 'organised theft', maxCustodyMonths: 60 },
  stage: 'suspect',
  urgency: 'none',
  necessity: {
    statement: 'To test my system.',
    strictlyNecessaryClasses: classes.filter((each) => each === 'biometric'),
  },
  caseReference: `TEST-${document}`,
})

async function ask(agency: string, each: TestCase, jti: string, more: object = {}) {
  const body = { ...requestFor(each), ...more }
  const call = { method: 'POST', path: '/v1/access-requests', body, jti }
  const response = await gateway.send(agency, 'officer-7', call)
  return { status: response.status, body: (await response.json()) as Told }
}

const caseOf = (document: string): TestCase => {
  const found = testCases.find((each) => each.document === document)
  if (found === undefined) throw new Error(`no case ${document}`)
  return found
}

/** Asks, and waits for an event about it. */
async function askThenTold(document: string, kind: string): Promise<Told> {
  const { body } = await ask('FR-SPOC', caseOf(document), freshJti())
  await vi.waitFor(
    async () => {
      const response = await gateway.send('FR-SPOC', 'officer-7', { path: '/v1/events' })
      const { events } = (await response.json()) as { events: { kind: string; request: string }[] }
      const kinds = events.filter(({ request }) => request === body.id).map((each) => each.kind)
      expect(kinds).toContain(kind)
    },
    { timeout: 100_000, interval: 1000 },
  )
  return body
}

describe.for(['FR-SPOC', 'NL-POL'])('For %s', (agency) => {
  // Kills: a row that says what the law does not.
  test.for(testCases)('$document is answered as the page says', async (each) => {
    const { body } = await ask(agency, each, freshJti())
    const codes = body.reasons.map(({ code }) => code)
    expect({ ...body, codes }).toMatchObject({
      outcome: each.outcome,
      ...(each.standing && { standing: each.standing }),
      ...(each.reason && { codes: expect.arrayContaining([each.reason]) }),
    })
  })
})

test('What an officer releases is told as answerable, and leaves when it is asked again', async () => {
  const { id } = await askThenTold('T-LATER', 'answerable')
  const again = await ask('FR-SPOC', caseOf('T-LATER'), freshJti(), { previous: id })
  expect(again.body.outcome).toBe('release')
}, 200_000)

test('An officer’s refusal and question are told', async () => {
  await askThenTold('T-REFUSED', 'refused')
  await askThenTold('T-ASKED', 'asked-back')
}, 200_000)

test('A record that changed is not given again by the same call', async () => {
  const jti = freshJti()
  expect((await ask('FR-SPOC', caseOf('T-CHANGED'), jti)).status).toBe(201)
  await vi.waitFor(
    async () => {
      const { status, body } = await ask('FR-SPOC', caseOf('T-CHANGED'), jti)
      expect([status, body.code]).toEqual([409, 'record-changed'])
    },
    { timeout: 60_000, interval: 1000 },
  )
})

/** The table of the page. */
const casesTable = (): string =>
  [
    '| document | classes | answer | then |',
    '| --- | --- | --- | --- |',
    ...testCases.map(
      ({ document, classes, holder, outcome, standing, reason, then }) =>
        `| \`${document}\`${holder ? ` at \`${holder}\`` : ''} | ${classes.join(', ')} | ${[outcome, standing].filter(Boolean).join(', ')}${reason ? `: \`${reason}\`` : ''} | ${then} |`,
    ),
  ].join('\n')

/** `COMITY_RENEW_GOLDEN` writes the table into the guide for agencies’ systems. */
test('The page has the table of answers', () => {
  const page = join(root, 'functions/http/README.md')
  const text = readFileSync(page, 'utf8')
  const wanted = text.replace(
    /<!-- answers -->\n[\s\S]*?<!-- end -->/,
    () => `<!-- answers -->\n\n${casesTable()}\n\n<!-- end -->`,
  )
  if (process.env.COMITY_RENEW_GOLDEN !== undefined) writeFileSync(page, wanted)
  expect(wanted).toContain(casesTable())
  expect(readFileSync(page, 'utf8')).toBe(wanted)
})
