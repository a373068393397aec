/** `comity subject erase`, `restrict`, `hold` and `lift`, at a gateway that answers. */

import { hash } from 'node:crypto'
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { addSubjectActs } from '../../../functions/client/audit/subject.ts'
import { subjectsOf } from '../../answer/people.ts'
import { type Acting, startActing } from '../../audit/acting.ts'
import { run } from '../../cli/in-process.ts'
import { writeProfile } from '../../cli/profile.ts'
import { serving } from '../../serving.ts'
import { withoutIds } from '../../without-ids.ts'

let acting: Acting
let server: Awaited<ReturnType<typeof serving>>
let data: string
let url: string
/** Whether the gateway's next answer is lost on the way. */
let isLost = false

beforeAll(async () => {
  // The command signs for its own now; the gateway's stands still.
  vi.useFakeTimers({ toFake: ['Date'], now: new Date('2026-11-25T09:00:00Z') })
  const fetch = async (request: Request) => {
    const response = await acting.audit.fetch(request)
    if (!isLost || !request.url.endsWith('/v1/subject-acts')) return response
    isLost = false
    return new Response('not what the gateway said')
  }
  server = await serving(fetch)
  url = server.url
  acting = await startActing({ changeAudit: (world) => ({ ...world, origin: url }) })
  data = mkdtempSync(join(tmpdir(), 'comity-subject-'))
  writeProfile(data, url, acting.keys, ['DE-POL', 'DE-DPO', 'GB-DPO', 'FR-SPOC'])
})
afterAll(async () => {
  await server.close()
  await acting.close()
  rmSync(data, { recursive: true })
  vi.useRealTimers()
})

let people = 0
/** A person of whom the log has two entries, and a file that names the person by one identifier. */
async function person(by: 'recordId' | 'document' = 'document') {
  const id = `P-${++people}`
  await acting.keepPerson(id)
  const subjects = subjectsOf(id)
  const eids = [await acting.askFor(subjects.recordId), await acting.askFor(subjects.name)]
  const file = join(data, `${id}.json`)
  writeFileSync(file, JSON.stringify(subjects[by]))
  return { id, eids, file }
}

const who = ['--as', 'DE-POL', '--officer', 'officer-1']
const second = ['--approver', 'DE-DPO', '--approving-officer', 'dpo-1']
const ground = ['--ground', 'The person asked for it.', '--cite', 'LED 16(2)']
const comity = (...args: readonly string[]) =>
  run((subject) => addSubjectActs(subject, { data, url }), '', args)
/** An erasure without an order, which the law does not let go yet. */
const eraseAlone = (file: string, ...more: readonly string[]) =>
  comity('erase', '--subject', file, ...who, ...ground, ...more)
const order = ['--ordered-by', 'court', '--order-reference', 'VG Wiesbaden 6 K 34/26']
const erase = (file: string, ...more: readonly string[]) => {
  const document = join(data, 'order.pdf')
  writeFileSync(document, 'An order, as it was served.')
  return eraseAlone(file, ...order, '--order-document', document, ...more)
}

describe('A holder', () => {
  test('erases a person with the approval of a second office, and reads what came of it', async () => {
    const { eids, file } = await person()
    const { code, stdout } = await erase(file, ...second)
    expect(stdout).toMatch(/^ERASED in the log of DE\n- It is about \d+ entries under \d+ keys\.\n/)
    expect(stdout).toContain('can never be read again')
    expect(stdout).toContain(
      '\nNo backup of the gateway holds it from 2026-12-30T09:00:00.000Z on.\n',
    )
    expect(stdout).toMatch(/\nid [A-Za-z0-9_-]{43}$/)
    expect(code).toBe(0)
    expect(await acting.readable(eids)).toEqual([])
  })

  // Kills: a refusal that helps nobody; an exit code that says it was done.
  test('may not erase what left before its time, and reads until when and what it takes', async () => {
    const { eids, file } = await person()
    const said = vi.spyOn(console, 'error').mockImplementation(() => undefined)
    const { code } = await eraseAlone(file, ...second)
    expect(said.mock.calls.flat().join('\n')).toMatch(
      /^The law still keeps what would go; nothing was erased \(order-needed\)\n- the log keeps what left by 2 entries, until 2027-12-31 \(DE § 76\(4\)\); .*supervisory authority or of a court/,
    )
    said.mockRestore()
    expect(code).toBe(1)
    expect(await acting.readable(eids)).toEqual(eids)
  })

  // Kills: a digest of something else than the document; an order that is only half named.
  test('erases it by an order, whose document it names by the SHA-256', async () => {
    const { eids, file } = await person()
    const half = await eraseAlone(file, ...order, ...second)
    expect([half.code, half.stderr]).toEqual([2, expect.stringContaining('--order-document')])
    expect(await acting.readable(eids)).toEqual(eids)
    const { stdout } = await erase(file, ...second)
    const digest = hash('sha256', 'An order, as it was served.', 'base64url')
    expect(stdout).toContain(
      `\n- It was ordered by a court: VG Wiesbaden 6 K 34/26, a document with the SHA-256 ${digest}.\n`,
    )
    expect(await acting.readable(eids)).toEqual([])
  })

  // Kills: a person named in the act, and so kept beside what was erased.
  test('names nobody in the act', async () => {
    const { id, file } = await person()
    const { stdout } = await erase(file, ...second, '--json')
    const { stored, opened } = await acting.entry(JSON.parse(stdout).id)
    expect(stored.leaf.t).toBe('erasure')
    expect(JSON.stringify(opened)).not.toContain(id)
  })

  // Kills: leaving out the entries by which the record was kept, when nobody ever asked for it.
  test('erases what it did to the record, too, though nobody ever asked for it', async () => {
    const id = `P-${++people}`
    const kept = await acting.keepPerson(id)
    const file = join(data, `${id}.json`)
    writeFileSync(file, JSON.stringify(subjectsOf(id).recordId))
    expect((await erase(file, ...second)).code).toBe(0)
    expect(await acting.readable([kept])).toEqual([])
  })

  test('holds a person, may not erase then, and may once the hold is lifted', async () => {
    const { eids, file } = await person('recordId')
    const hold = await comity('hold', '--subject', file, ...who, ...ground, ...second, '--json')
    const { id } = JSON.parse(hold.stdout)
    const refused = await erase(file, ...second, '--json')
    expect(JSON.parse(refused.stdout)).toMatchObject({ code: 'held' })
    expect(refused.code).toBe(1)
    expect(await acting.readable(eids)).toEqual(eids)
    const lift = await comity('lift', '--act', id, ...who, ...ground, ...second)
    expect(lift.stdout).toMatch(/^LIFTED in the log of DE\n/)
    expect((await erase(file, ...second)).code).toBe(0)
  })

  test('restricts a person', async () => {
    const { file } = await person()
    const { code, stdout } = await comity(
      'restrict',
      '--subject',
      file,
      ...who,
      ...ground,
      ...second,
    )
    expect(stdout).toMatch(/^RESTRICTED in the log of DE\n(.*\n)*.*shown as evidence only/)
    expect(code).toBe(0)
  })

  // Kills: an expiry that is reported as done while there is more.
  test('lets what is past the period of the law expire, and is told when it is not', async () => {
    const early = await comity(
      'expire',
      '--before',
      '2026-Q4',
      ...who,
      ...ground,
      ...second,
      '--json',
    )
    expect(JSON.parse(early.stdout)).toMatchObject({ errors: [{ pointer: '/before' }] })
    const due = await comity('expire', '--before', '2025-Q1', ...who, ...ground, ...second)
    expect(due.stdout).toMatch(
      /^EXPIRED in the log of DE\n.*before 2025-Q1 has expired by DE § 76\(4\)\./,
    )
    expect(due.code).toBe(0)
  })

  test('names one person by several files', async () => {
    const { id, file, eids } = await person('recordId')
    const other = join(data, `${id}-2.json`)
    writeFileSync(other, JSON.stringify(subjectsOf(id).name))
    expect((await erase(file, '--subject', other, ...second)).code).toBe(0)
    expect(await acting.readable(eids)).toEqual([])
  })
})

describe('An act that is prepared', () => {
  test('is approved by a second person elsewhere, and then sent, as often as need be', async () => {
    const { eids, file } = await person()
    const act = join(data, 'act.json')
    const { code, stdout } = await erase(file, '--prepare', act)
    expect([code, stdout]).toEqual([0, expect.stringContaining('subject approve')])
    expect(withoutIds(readFileSync(act, 'utf8'))).not.toContain('DOC')
    expect((await comity('send', act, ...who, '--json')).code).toBe(1)

    const approve = await comity('approve', act, '--as', 'DE-DPO', '--officer', 'dpo-1')
    expect(approve.stdout).toContain('act: erase')
    expect(approve.stdout).toContain('ground: The person asked for it.')
    expect(approve.stdout).toMatch(/\norder: by court, reference VG Wiesbaden 6 K 34\/26, document/)
    expect(await acting.readable(eids)).toEqual(eids)

    expect((await comity('send', act, ...who)).stdout).toMatch(/^ERASED in the log of DE\n/)
    expect((await comity('send', act, ...who)).stdout).toMatch(/^ERASED in the log of DE\n/)
    expect(await acting.readable(eids)).toEqual([])
  })

  // Kills: an act whose answer was lost, and which nobody can complete, since its approval is gone.
  test('or that got no answer, is kept so that it can be sent again as it was', async () => {
    const { eids, file } = await person()
    isLost = true
    const lost = await erase(file, ...second)
    expect(lost.code).toBe(1)
    expect(lost.stderr).toMatch(/^couldn’t tell what came of it: no answer/)
    const kept = readdirSync(data).filter((name) => name.startsWith('subject-act-'))
    expect(kept).toHaveLength(1)
    expect(lost.stderr).toContain(kept[0])
    const again = await comity('send', join(data, kept[0] ?? ''), ...who)
    expect(again.stdout).toMatch(/^ERASED in the log of DE\n/)
    expect(await acting.readable(eids)).toEqual([])
  })
})

describe('An act is not sent', () => {
  // Kills: a whole request taken for a person by its other members; a fault that leaves one guessing.
  test('about a file that names nobody, which is told how a person is written', async () => {
    const { eids, file } = await person()
    writeFileSync(join(data, 'nobody.json'), JSON.stringify({ subject: 'Anton' }))
    const { code, stderr } = await erase(join(data, 'nobody.json'), ...second)
    expect([code, stderr]).toEqual([2, expect.stringContaining('{"recordId": "DE-POL-0001"}')])
    expect(await acting.readable(eids)).toEqual(eids)
    const request = { holder: 'DE-POL', subject: JSON.parse(readFileSync(file, 'utf8')) }
    writeFileSync(join(data, 'request.json'), JSON.stringify(request))
    expect((await erase(join(data, 'request.json'), ...second)).code).toBe(0)
    expect(await acting.readable(eids)).toEqual([])
  })

  test.each([
    ['without a second office', [], 2, 'a second office must approve'],
    [
      'with one that has no key here',
      ['--approver', 'DE-XXX', '--approving-officer', 'x'],
      2,
      'no key',
    ],
  ])('%s', async (_, by, expected, why) => {
    const { eids, file } = await person()
    const { code, stderr } = await erase(file, ...by)
    expect([code, stderr]).toEqual([expected, expect.stringContaining(why)])
    expect(await acting.readable(eids)).toEqual(eids)
  })

  test('by an agency that holds nothing', async () => {
    const { eids, file } = await person()
    const { code, stderr } = await comity(
      ...['erase', '--subject', file, '--as', 'FR-SPOC', '--officer', 'x', ...ground, ...second],
    )
    expect([code, stderr]).toEqual([1, expect.stringContaining('not-your-role')])
    expect(await acting.readable(eids)).toEqual(eids)
  })
})
