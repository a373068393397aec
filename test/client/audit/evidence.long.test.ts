/** `comity evidence` and `comity log replay`, at a gateway that answers, and then without it. */

import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest'
import { addEvidence } from '../../../functions/client/audit/evidence.ts'
import { addLogReplay } from '../../../functions/client/audit/log-replay.ts'
import { agencies } from '../../../functions/demo/agencies.ts'
import { profileOf } from '../../../functions/demo/demonstration.ts'
import { writeVkey } from '../../../functions/ledger/note.ts'
import { writeZip } from '../../../functions/ledger/zip.ts'
import { directive, requestOf, subjectsOf } from '../../answer/people.ts'
import {
  type Evidencing,
  filesOf,
  jsonIn,
  manifestOf,
  startEvidencing,
} from '../../audit/evidencing.ts'
import { run } from '../../cli/in-process.ts'
import { writeProfile } from '../../cli/profile.ts'
import { copyOf, putBack } from '../../drills/tables.ts'
import { serving } from '../../serving.ts'
import { answered } from '../../world.ts'

let evidencing: Evidencing
let server: Awaited<ReturnType<typeof serving>>
let data: string
let url: string
let ids: readonly string[]
/** What the gateway makes of its answer. */
let changed = async (_: Request, response: Response) => response
const log = 'comity.test/de/2026'

beforeAll(async () => {
  // The command signs for its own now; the gateway's stands still.
  vi.useFakeTimers({ toFake: ['Date'], now: new Date('2026-11-25T09:00:00Z') })
  server = await serving(async (request) => changed(request, await evidencing.audit.fetch(request)))
  url = server.url
  evidencing = await startEvidencing({ origin: url })
  data = mkdtempSync(join(tmpdir(), 'comity-evidence-'))
  writeProfile(data, url, evidencing.keys, ['DE-DPA', 'GB-DPA', 'NL-POL'])
  writeFileSync(
    file('person.json'),
    JSON.stringify(requestOf({ subject: subjectsOf('R-1').recordId })),
  )
  const { sealing, auditWorld } = evidencing
  const trust = { v: 1, witnesses: auditWorld.witnessVkeys, quorum: 1, receipts: { keys: [] } }
  const logs = ['de', 'fr'].map((each) => sealing.vkey(`comity.test/${each}/2026`))
  writeFileSync(file('trust.json'), JSON.stringify({ ...trust, logs }))
  await evidencing.keepPerson('R-1')
  ids = [
    await ask('FR-SPOC', 'CASE 1', 'DE-POL', 'R-1', directive),
    await ask('US-POL', 'CASE 1', 'DE-POL', 'R-1'),
    await ask('FR-SPOC', 'CASE-2', 'DE-POL', 'R-1'),
  ]
  await evidencing.sealLogs()
})
afterAll(async () => {
  await server.close()
  await evidencing.stop()
  rmSync(data, { recursive: true })
  vi.useRealTimers()
})

let errors: string[] = []
beforeEach(() => {
  errors = []
  vi.spyOn(console, 'error').mockImplementation((text: string) => void errors.push(text))
})
afterEach(() => vi.restoreAllMocks())

const file = (name: string) => join(data, name)
const evidence = (...args: readonly string[]) =>
  run((command) => addEvidence(command, { data, url }), '', args)
const create = (...args: readonly string[]) => evidence('create', '--out', file('e.zip'), ...args)
const verify = (...args: readonly string[]) => evidence('verify', file('e.zip'), ...args)
const replay = (...args: readonly string[]) =>
  run((command) => addLogReplay(command, { data, url }), '', ['replay', ...args])
const ask = async (
  agency: string,
  caseReference: string,
  holder = 'DE-POL',
  person = 'R-2',
  by: Partial<typeof directive> = {},
) => {
  const body = requestOf({ subject: subjectsOf(person).recordId, caseReference, holder, ...by })
  return (await answered(await evidencing.ask(agency, 'officer-1', body))).id
}
const idsIn = async () =>
  JSON.parse((await verify('--json')).stdout).entries.map(({ id }: { id: string }) => id)

describe('comity evidence', () => {
  // Kills: a plain "holds", or exit code 0, for what the gateway alone says.
  test('makes a bundle, says what is in it, and checks it by fingerprint and by trust file', async () => {
    const [id = ''] = ids
    const made = await create('--entry', id)
    expect(made).toMatchObject({ code: 0, stderr: '' })
    for (const said of [
      'released: in the log comity.test/de/2026 at index',
      'witnessed by 2, by keys of the file; the call signed by its agency, by keys of the file; decided again, the same',
      `id ${id}`,
      'Entries were asked for by their ids',
      `comity evidence verify ${file('e.zip')} --fingerprint ${evidencing.fingerprint}`,
    ])
      expect(made.stdout).toContain(said)
    const checked = await verify('--fingerprint', evidencing.fingerprint)
    expect(checked.code).toBe(7)
    expect(checked.stdout).toContain('is as the key that signed it says, by its own word')
    expect(checked.stdout).toMatch(/ {2}the agency’s key FR-SPOC\/\S+: in the file alone\n/)
    expect(checked.stdout).toContain('decided again, the same')
    const { keys } = manifestOf(readFileSync(file('e.zip')))
    const source = { from: 'publication', what: 'read by the court', on: '2026-11-26' }
    const trust = {
      ...keys,
      logs: keys.logs.map(writeVkey),
      witnesses: keys.witnesses.map(writeVkey),
      evidence: [evidencing.fingerprint],
      sources: [source],
    }
    writeFileSync(file('court.json'), JSON.stringify(trust))
    const held = await verify('--trust', file('court.json'))
    expect(held.code).toBe(0)
    expect(held.stdout).toContain('holds: every key that it was checked with')
    expect(held.stdout).toContain('witnessed by 2; the call signed by its agency; decided again')
    expect(held.stdout).toMatch(
      /What entry 1 says, from what was checked:\n- Kind: .*\n- When: 2026-11-25 09:00:00 UTC\n- Who called: FR-SPOC, officer-1\n- Who was asked: DE-POL\n/,
    )
    expect(held.stdout).toMatch(/\n- Outcome, as told: released\n[\s\S]*\n- Law that applied: .*@/)
    const json = JSON.parse((await verify('--json', '--trust', file('court.json'))).stdout)
    expect(json.entries[0].says).toMatchObject({ outcome: 'released', holder: 'DE-POL', id })
    const other = { ...trust, logs: keys.witnesses.map(() => trust.witnesses[0]) }
    writeFileSync(file('wrong.json'), JSON.stringify(other))
    expect((await verify('--trust', file('wrong.json'))).code).toBe(2)
    expect(errors).toEqual([])
  })

  // Kills: a call of a closed entry; a file that is none, told in words of the parser.
  test('gives the calls that agencies signed, a line each, or says why a file has none', async () => {
    const [id = ''] = ids
    await create('--entry', id)
    const { code, stdout } = await evidence('calls', file('e.zip'))
    const entry = jsonIn(readFileSync(file('e.zip')), `entries/${id}.json`)
    expect([code, JSON.parse(stdout)]).toEqual([0, { eid: id, jws: entry.evidence.jws }])
    writeFileSync(file('no.zip'), 'no zip')
    const none = await evidence('calls', file('no.zip'))
    expect([none.code, none.stdout]).toEqual([2, ''])
    expect(none.stderr).toContain(file('no.zip'))
    writeFileSync(file('odd.zip'), writeZip(new Map([['entries/x.json', Buffer.from('{}')]])))
    const odd = await evidence('calls', file('odd.zip'))
    expect([odd.code, odd.stderr]).toEqual([
      2,
      `${file('odd.zip')}: entries/x.json is not an entry of evidence`,
    ])
  })

  test('finds a case with its agency, and without it if one alone has such a case', async () => {
    const [one, , other] = ids
    for (const [of, id] of [
      [['FR-SPOC', 'CASE 1'], one],
      [['FR-SPOC/CASE 1'], one],
      [['CASE-2'], other],
    ] as const) {
      expect(await create('--case', ...of)).toMatchObject({ code: 0 })
      expect(await idsIn()).toEqual([id])
    }
    // Kills: the first agency that has such a case taken for the one that was meant.
    const both = await create('--case', 'CASE 1')
    expect(both.code).toBe(2)
    expect(both.stderr).toMatch(
      /more than one agency has such a case: (FR-SPOC, US-POL|US-POL, FR-SPOC);/,
    )
    const none = await create('--case', 'CASE-3')
    expect([none.code, none.stderr]).toEqual([
      1,
      expect.stringMatching(
        /^nothing of it was found, asked as DE-DPA, GB-DPA\n(.*\n)*.*--entry ID/,
      ),
    ])
  })

  // Kills: one auditor for whatever is asked; the first who sees anything, though another holds it.
  test('of a case is made as the auditor of whoever holds it, and says as whom', async () => {
    const id = await ask('DE-POL', 'CASE-GB', 'GB-POL')
    await evidencing.sealLogs()
    const made = await create('--case', 'CASE-GB')
    expect(made.stdout).toContain(
      'Asked as GB-DPA, officer auditor-1, for lawfulness: what GB may see in comity.test/gb/2026, and in no other log.',
    )
    expect(made.stdout).not.toContain('in a log of its own')
    expect(await idsIn()).toEqual([id])
    await create('--entry', id)
    expect((await verify('--json')).stdout).toContain('"side": "holder"')
  })

  test('of a case of two countries says so, and how to get the other', async () => {
    const german = await ask('FR-SPOC', 'CASE-BOTH')
    const british = await ask('FR-SPOC', 'CASE-BOTH', 'GB-POL')
    await evidencing.sealLogs()
    const made = await create('--case', 'CASE-BOTH')
    expect(made.stdout).toContain('Asked as DE-DPA')
    expect(made.stdout).toContain(
      '\nGB has entries of it in a log of its own: add --as GB-DPA and another --out.\n',
    )
    expect(await idsIn()).toEqual([german])
    await create('--case', 'CASE-BOTH', '--as', 'GB-DPA')
    expect(await idsIn()).toEqual([british])
  })

  // Kills: giving up on what the sealer has in hand.
  test('looks once more for what was asked a moment ago', async () => {
    const id = await ask('FR-SPOC', 'CASE-NOW')
    let sealed: Promise<void> | undefined
    vi.spyOn(console, 'error').mockImplementation(() => {
      sealed ??= evidencing.sealLogs()
    })
    expect(await create('--case', 'CASE-NOW')).toMatchObject({ code: 0 })
    await sealed
    expect(await idsIn()).toEqual([id])
  })

  // Kills: only the newest page of those who asked.
  test('finds a case although two hundred others were asked since', async () => {
    const key = { jurisdiction: 'DE', by: 'all', value: '' } as const
    const { store } = evidencing
    const before = await copyOf(store, store.tables.lookups)
    const rows = Array.from({ length: 205 }, (_, at) => ({
      key,
      line: {
        id: Buffer.alloc(32, at).toString('base64url'),
        ts: `2026-11-30T08:00:00.${String(at).padStart(3, '0')}Z`,
        ...({ kind: 'decision', side: 'holder', log, hj: 'DE', aj: 'FR' } as const),
        ...{ agency: 'FR-SPOC', rules: [], policies: [] },
      },
    }))
    await evidencing.auditWorld.lookups.file(rows)
    await evidencing.auditWorld.lookups.put(rows)
    expect(await create('--case', 'CASE-2', '--as', 'DE-DPA')).toMatchObject({ code: 0 })
    expect(await idsIn()).toEqual([ids[2]])
    await putBack(store, store.tables.lookups, before)
  })

  test('is asked of every auditor that the local gateway makes keys for', () => {
    const auditors = agencies.filter(({ role }) => role === 'auditor').map(({ id }) => id)
    const named = Object.entries(profileOf(url).identities).filter(([, { purpose }]) => purpose)
    expect(named.map(([name]) => name)).toEqual(auditors)
  })

  test('finds a person, and makes the same file again as of the same checkpoints', async () => {
    const made = await create('--subject', file('person.json'))
    const zip = readFileSync(file('e.zip'))
    expect((await idsIn()).sort()).toEqual([...ids].sort())
    const [, again = ''] = /The same file again: (.+)/.exec(made.stdout) ?? []
    await answered(await evidencing.ask('GB-POL', 'officer-1', requestOf()))
    await evidencing.sealLogs()
    await create('--subject', file('person.json'))
    expect(readFileSync(file('e.zip')).equals(zip)).toBe(false)
    await create('--subject', file('person.json'), ...again.split(' '))
    expect(readFileSync(file('e.zip')).equals(zip)).toBe(true)
  })

  // Kills: a bundle called good that nobody is known to have signed.
  test('asks for the fingerprint, and takes no other', async () => {
    await create('--entry', ids[0] ?? '')
    expect(await verify()).toMatchObject({ code: 2, stdout: '' })
    expect(errors.join()).toContain('nothing shows from whom it is')
    expect(JSON.parse((await verify('--json')).stdout)).toMatchObject({
      holds: false,
      findings: [],
      fingerprint: evidencing.fingerprint,
    })
    const [first, ...rest] = evidencing.fingerprint
    const other = [first === 'x' ? 'y' : 'x', ...rest].join('')
    expect((await verify('--fingerprint', other)).code).toBe(5)
    expect(errors.at(-1)).toBe(
      `${file('e.zip')} does NOT hold: it is not signed with the key that you named.
- manifest.jws: it is signed with another key, ${evidencing.fingerprint}
- You named ${other}. Ask again whoever gave you that, in another way than the file.`,
    )
  })

  test('names the file that was changed, with exit code 5', async () => {
    await create('--entry', ids[0] ?? '')
    const files = filesOf(readFileSync(file('e.zip')))
    writeFileSync(file('e.zip'), writeZip(files.set('page.html', Buffer.from('All is well.'))))
    expect(await verify('--fingerprint', evidencing.fingerprint)).toMatchObject({
      code: 5,
      stdout: '',
    })
    expect(errors).toEqual([`${file('e.zip')} does NOT hold:\n- page.html: it was changed`])
    const { code, stdout } = await verify('--fingerprint', evidencing.fingerprint, '--json')
    expect([code, JSON.parse(stdout)]).toEqual([
      5,
      expect.objectContaining({
        holds: false,
        findings: [{ file: 'page.html', says: 'it was changed' }],
      }),
    ])
  })

  test('says what it needs, and what the gateway refuses', async () => {
    const out = file('none.zip')
    const all = [
      [[], 'say what of: --case, --subject or --entry, one of them', 2],
      [['--entry', 'x', '--case', 'y'], 'say what of', 2],
      [['--entry', 'x'], '- /entries/0: an id as given in an answer', 1],
      [['--entry', 'A'.repeat(43)], 'not yours to see', 1],
      [['--entry', ids[0] ?? '', '--at', `${log}=999`], 'no checkpoint of this size', 1],
      [['--as', 'FR-DPA', '--entry', ids[0] ?? ''], 'there is no key for `FR-DPA`', 2],
      [['--as', 'NL-POL', '--entry', ids[0] ?? ''], 'say who looks for NL-POL, and what for', 2],
      [['--subject', file('trust.json')], 'couldn’t read a person in', 2],
    ] as const
    for (const [args, says, code] of all) {
      const said = await evidence('create', '--out', out, ...args)
      expect(said.stderr).toContain(says)
      expect(said.code).toBe(code)
    }
    expect(existsSync(out)).toBe(false)
    expect((await evidence('verify', out)).stderr).toBe(`couldn’t read \`${out}\`: ENOENT`)
    const nowhere = join(data, 'nowhere', 'e.zip')
    expect(await evidence('create', '--out', nowhere, '--entry', ids[0] ?? '')).toMatchObject({
      code: 2,
      stderr: `couldn’t write \`${nowhere}\`: ENOENT`,
    })
  })
})

describe('comity log replay', () => {
  test('decides all decisions of the own logs again, and counts what is none', async () => {
    const { code, stdout } = await replay('--json')
    const [{ same = 0, notDecisions = 0, ...rest } = {}] = JSON.parse(stdout).logs
    expect(code).toBe(0)
    expect(rest).toMatchObject({ log, sampled: false, erased: 0, differs: [], unknown: [] })
    expect(same).toBeGreaterThanOrEqual(3)
    expect(same + notDecisions).toBe(rest.size)
    expect((await replay()).stdout).toContain(`- ${same} decisions decided again, the same`)
  })

  // Kills: a sample that is drawn anew each time; a seed that is not heeded.
  test('draws the same sample from the same checkpoint, by its size or from its file', async () => {
    const note = await (await fetch(`${url}/log/${log}/checkpoint`)).text()
    const size = note.split('\n')[1] ?? ''
    writeFileSync(file('checkpoint'), note)
    const bySize = await replay('--sample', '4', '--seed', size, '--log', log)
    expect(bySize.code).toBe(0)
    expect(bySize.stdout).toContain(`${log}, a sample of 4 of ${size} entries:`)
    await evidencing.sealLogs()
    expect(await replay('--sample', '4', '--seed', file('checkpoint'))).toEqual(bySize)
    const missing = await replay('--sample', '4', '--seed', '9999', '--log', log)
    expect([missing.code, missing.stderr]).toEqual([2, `${log} has no checkpoint of 9999 entries`])
    expect((await replay('--seed', size)).code).toBe(2)
  })

  // Kills: a decision that a gateway with older law cannot decide, told as one that comes out otherwise, or as one that is
  // the same.
  test('says of what newer law decided that it is unknown there, with exit code 1', async () => {
    const [id = ''] = ids
    const why = 'seal 9 of `gb`, which its set has, is not here: start a newer law'
    changed = async ({ url }, response) => {
      if (!url.endsWith('/v1/replays')) return response
      const said = Object(await response.json())
      return Response.json({ ...said, same: said.same - 1, unknown: [{ id, index: 0, why }] })
    }
    const { code, stdout } = await replay()
    changed = async (_, response) => response
    expect(code).toBe(1)
    expect(stdout).toContain(
      `- unknown, the law that decided is not held there: index 0, entry ${id}: ${why}`,
    )
    expect(stdout).not.toContain('NOT the same')
  })

  // Kills: a command that cannot read what an older gateway answers.
  test('reads the answer of an older gateway, which knows no unknown ones', async () => {
    changed = async ({ url }, response) => {
      if (!url.endsWith('/v1/replays')) return response
      const { unknown: _, ...before } = Object(await response.json())
      return Response.json(before)
    }
    const { code, stdout } = await replay('--json')
    changed = async (_, response) => response
    expect(code).toBe(0)
    expect(JSON.parse(stdout).logs).toMatchObject([{ log, differs: [], unknown: [] }])
  })

  test('names an entry that was changed, with exit code 5', async () => {
    const [id = ''] = ids
    await evidencing.store.rows.decisions.update({ pk: { S: `D#${id}` } }, 'SET att = :other', {
      values: { ':other': { S: 'another attempt' } },
    })
    const { code, stdout } = await replay()
    expect(code).toBe(5)
    expect(stdout).toMatch(
      new RegExp(`- NOT the same: index \\d+, entry ${id}: it is gone, or it was changed`),
    )
  })
})
