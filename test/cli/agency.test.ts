/** `comity agency`, over a register that the tests fill; registrars are those of the demonstration. */

import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { dynamodbAttestations } from '../../functions/adapters/attestations-dynamodb.ts'
import { addAgency } from '../../functions/cli/agency.ts'
import { agencyKey } from '../../functions/demo/keys.ts'
import type { KeptAttestation } from '../../functions/ports.ts'
import { freshId } from '../adapters/make.ts'
import { actMarksIn } from '../adapters/vouched.ts'
import { type Store, startDynalite } from '../dynalite.ts'
import { pairOf, profile, registrarsOf } from '../identity/registering.ts'
import { run } from './in-process.ts'

let store: Store
const data = mkdtempSync(join(tmpdir(), 'comity-agency-'))
beforeAll(async () => {
  store = await startDynalite()
  // Where a private key is goes to whoever sits there.
  vi.spyOn(console, 'error').mockImplementation(() => undefined)
  mkdirSync(join(data, 'agencies'))
})
afterAll(async () => {
  vi.restoreAllMocks()
  await store.close()
  rmSync(data, { recursive: true })
})

const openStore = async () => ({ ...store, archive: data, close: async () => undefined })
const comity = (...args: readonly string[]) =>
  run((program) => addAgency(program, { data, openStore, makeKey: agencyKey }), '', [
    'agency',
    ...args,
  ])

const registrar = (n: number) =>
  join(import.meta.dirname, `../../policies/demonstration-keys/registrar-${n}.json`)
const by = (...numbers: readonly number[]) => ['--key', ...numbers.map(registrar)]
const why = ['--why', 'Their letter of 20 November asks for it.']
const fileOf = (name: string, value: unknown) => {
  const file = join(data, name)
  writeFileSync(file, JSON.stringify(value))
  return file
}

let joined = 0
/** An agency that has joined, with a key of which it has the private half. */
async function agency(changes: object = {}) {
  const id = `SE-N${++joined}`
  const made = await comity('key', 'new', id)
  const file = fileOf(`${id}.json`, { ...profile, id, ...changes, keys: [JSON.parse(made.stdout)] })
  await comity('add', file, ...by(1, 2), ...why, '--yes')
  return { id, kid: String(JSON.parse(made.stdout).kid), key: join(data, 'agencies', `${id}.json`) }
}
/** A further public key, and its private half. */
async function further(id: string) {
  const folder = mkdtempSync(join(data, 'further-'))
  const { kid, alg, privateJwk } = await agencyKey(folder, id)
  const { d: _, ...jwk } = privateJwk
  const file = fileOf(`${kid}.json`, { kid, alg, from: '2026-01-01T00:00:00Z', jwk })
  return { kid, file, key: join(folder, `${id}.json`) }
}
const shown = async (id: string) => JSON.parse((await comity('show', id, '--json')).stdout)
const standings = async (id: string) =>
  Object.fromEntries(
    (await shown(id)).keys.map((key: { kid: string; standing: string }) => [key.kid, key.standing]),
  )

describe('Two registrars at two machines', () => {
  test('let an agency join: the first leaves a file, the second reads and signs it', async () => {
    const { stdout: key } = await comity('key', 'new', 'SE-ONE')
    expect(JSON.parse(key).jwk).not.toHaveProperty('d')
    const file = fileOf('se-one.json', { ...profile, id: 'SE-ONE' })
    const out = join(data, 'joining.json')
    const keyFile = fileOf('se-one.key.json', JSON.parse(key))
    const add = ['add', file, '--public-key', keyFile, ...why, '--out', out]

    const dry = await comity(...add, '--dry-run')
    expect(dry.stdout).toContain('SE-ONE joins: Invented Police of Sweden.')
    expect(dry.stdout).toMatch(/Whose signature is missing: 2 of .*registrar 1.*registrar 3/)
    expect(dry.stdout).toContain('A dry run: nothing was signed or entered.')
    const { role: _, ...asking } = profile
    fileOf('se-one.json', { ...asking, id: 'SE-ONE' })
    // Kills: an asker whom nobody can phone, joined without a word (`deskLines`).
    const unreachable = (await comity(...add, '--dry-run')).stdout
    expect(unreachable).toContain('- nobody to phone: give its desk as `duty`')
    fileOf('se-one.json', { ...profile, id: 'SE-ONE' })
    const first = await comity(...add, ...by(1), '--yes')
    expect(first).toMatchObject({ code: 0 })
    expect(first.stdout).toMatch(/Whose signature is missing: 1 of .*registrar 2.*registrar 3/)
    expect(first.stdout).toContain(`waits in ${out}`)
    expect((await comity('show', 'SE-ONE')).stderr).toContain('has not joined')

    const again = await comity('sign', out, ...by(1), '--yes')
    expect(again).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('has signed it already'),
    })
    const second = await comity('sign', out, ...by(2), '--yes')
    expect(second.stdout).toContain('Why: Their letter of 20 November asks for it.')
    expect(second.stdout).toContain('Entered. Every running gateway goes by it within a minute.')
    expect((await comity('show', 'SE-ONE')).stdout).toMatch(
      /signs\n1 statement, the last [0-9a-f]{64}$/,
    )
    expect((await comity('history', 'SE-ONE')).stdout).toMatch(
      /signed by demonstration-registrar-1-2026, demonstration-registrar-2-2026$/,
    )
    // It was entered once, and cannot be again.
    expect((await comity('sign', out, ...by(3), '--yes')).stderr).toContain('another came first')
  })

  test('cannot be one, nor somebody who is none', async () => {
    const { id } = await agency()
    const stranger = pairOf('demonstration-registrar-1-2026').secret
    const forged = ['--key', fileOf('forged.json', stranger), registrar(2)]
    const change = fileOf('change.json', { ...profile, id, role: 'approver' })
    const { stderr, code } = await comity('change', change, ...forged, ...why, '--yes')
    expect([code, stderr]).toEqual([2, expect.stringContaining('a signature is of nobody who may')])
    expect((await shown(id)).agency.role).toBe('auditor')
  })

  test('are asked for a reason, a key, and what they sign', async () => {
    const { id } = await agency()
    expect((await comity('suspend', id, ...by(1), '--yes')).stderr).toContain('say why')
    expect((await comity('suspend', id, ...why, '--yes')).stderr).toContain(
      'private key with --key',
    )
    expect((await comity('suspend', id, ...why, ...by(1))).stderr).toContain('add --yes')
    expect((await shown(id)).tip.number).toBe(1)
  })

  test('are told in JSON what came of it, for a program', async () => {
    const { id } = await agency()
    const change = fileOf('named.json', { ...profile, id, name: 'Another name' })
    const out = join(data, 'named.waiting.json')
    const waiting = await comity(
      'change',
      change,
      ...by(3),
      ...why,
      '--yes',
      '--json',
      '--out',
      out,
    )
    expect(JSON.parse(waiting.stdout)).toMatchObject({
      isEntered: false,
      waitsFor: [expect.stringMatching(/^1 of /)],
      file: out,
    })
    // What changes stands in words for whoever signs next.
    const dry = await comity('sign', out, '--dry-run')
    expect(dry.stdout).toContain('- name: "Invented Police of Sweden" becomes "Another name"')
    const entered = await comity('sign', out, ...by(1), '--yes', '--json')
    expect(JSON.parse(entered.stdout)).toMatchObject({ isEntered: true, waitsFor: [] })
    expect((await shown(id)).agency.name).toBe('Another name')
  })
})

describe('A key', () => {
  test('comes in the place of another, which goes on for a day', async () => {
    const { id, kid } = await agency()
    const next = await further(id)
    const before = Date.now()
    await comity('key', 'rotate', id, next.file, ...by(2, 3), ...why, '--yes')
    const [old, fresh] = (await shown(id)).agency.keys
    expect(old.kid).toBe(kid)
    expect(Date.parse(old.until) - before).toBeGreaterThan(86_300_000)
    expect(fresh).toMatchObject({ kid: next.kid, status: 'active' })
    const third = await further(id)
    const unclear = await comity('key', 'rotate', id, third.file, ...by(2, 3), ...why, '--yes')
    expect(unclear.stderr).toContain('name one with --replaces')
  })

  test('is revoked at once by itself; by another, both stand still until a registrar answers', async () => {
    const { id, kid, key } = await agency()
    const second = await further(id)
    const third = await further(id)
    for (const { file } of [second, third])
      await comity('key', 'add', id, file, ...by(1, 2), ...why, '--yes')
    const since = '2026-11-20T00:00:00Z'
    const own = ['key', 'revoke', id, third.kid, '--key', third.key, '--compromised-since', since]
    expect((await comity(...own, ...why, '--yes')).stdout).toContain(
      'Others may have had it since 2026-11-20T00:00:00Z: what it vouched for from then on lets nothing go.',
    )
    expect((await standings(id))[third.kid]).toBe('revoked')

    await comity('key', 'revoke', id, kid, '--key', second.key, ...why, '--yes')
    expect(await standings(id)).toMatchObject({ [kid]: 'still', [second.kid]: 'still' })
    // The key that was accused cannot help itself, nor its accuser.
    const helped = await comity('key', 'answer', id, '--stands', kid, '--key', key, ...why, '--yes')
    expect(helped.stderr).toContain('a signature is of nobody who may sign it')
    await comity('key', 'answer', id, `--stands=${kid}`, ...by(3), ...why, '--yes')
    expect(await standings(id)).toMatchObject({ [kid]: 'active', [second.kid]: 'revoked' })
  })

  // Kills: a list that has what was signed before, or by others; one that names a person or a case.
  test('that others had is looked up: what it signed since is listed, and of nobody else', async () => {
    const { id, kid, key } = await agency()
    expect((await comity('compromised', id)).stdout).toBe(
      `No key of ${id} is stated to be compromised.`,
    )
    expect((await comity('show', id)).stdout).not.toContain('agency compromised')
    const since = '2026-11-20T00:00:00Z'
    const revoke = ['key', 'revoke', id, kid, '--key', key, '--compromised-since', since]
    await comity(...revoke, ...why, '--yes')
    expect((await comity('show', id)).stdout).toContain(`\`comity agency compromised ${id}\``)
    expect((await comity('compromised', id)).stdout).toContain('since is there.')

    const rows = dynamodbAttestations(
      store.client,
      store.tables.attestations,
      actMarksIn(store.client, store.tables),
    )
    const [early, late] = ['2026-11-19T23:59:59.000Z', '2026-11-21T08:00:00.000Z']
    const put = async (changes: Partial<KeptAttestation>) => {
      const attestation: KeptAttestation = {
        ...{ holder: 'DE-POL', fact: 'necessity.case', value: 'necessary', id: freshId() },
        scope: { kind: 'case', requester: 'FR-SPOC', caseReference: 'CASE-OF-SOMEBODY' },
        ...{ from: early, until: '2027-01-01T00:00:00Z', decidedBy: id, attester: id },
        ...{ enteredBy: 'officer-9', enteredAt: late, kid, persons: ['pseudonym-9'] },
        ...changes,
      }
      await rows.put(attestation)
      return attestation
    }
    await put({ enteredAt: early })
    await put({ kid: 'another' })
    const attested = await put({})
    const released = await put({
      ...{ fact: 'release.decision', value: 'release', release: { shown: 'S'.repeat(22) } },
      scope: { kind: 'matter', matter: freshId() },
    })
    const others = await put({ attester: 'DE-POL', decidedBy: 'DE-POL' })
    const by = { agency: id, kid, at: '2026-11-22T08:00:00.000Z', entry: freshId() }
    await rows.sign(others, { agency: id, officer: 'officer-9', as: 'office' }, by)
    await rows.takeBack(attested, { ...by, at: '2026-11-23T08:00:00.000Z' })
    const { kid: _, ...keyless } = await put({ enteredAt: early })
    await rows.put({ ...keyless, id: 'without-key', enteredAt: late })

    const { stdout, code } = await comity('compromised', id)
    expect(code).toBe(0)
    expect(
      stdout
        .split('\n')
        .filter((line) => line.startsWith('- '))
        .sort(),
    ).toEqual(
      [
        `- 2026-11-21  attested      ${attested.id}  for DE-POL, key ${kid}`,
        `- 2026-11-21  released      ${released.id}  for DE-POL, key ${kid}`,
        '- 2026-11-21  attested      without-key  for DE-POL, key not kept',
        `- 2026-11-22  signed        ${others.id}  for DE-POL, key ${kid}`,
        `- 2026-11-23  withdrawn     ${attested.id}  for DE-POL, key ${kid}`,
      ].sort(),
    )
    expect(stdout).not.toMatch(/officer-9|pseudonym-9|SOMEBODY/)
  })

  test('whose private half is there already is not made anew', async () => {
    const { id } = await agency()
    expect((await comity('key', 'new', id)).stderr).toContain('there is one in')
  })
})

describe('An officer', () => {
  test('is named by two keys of the agency, one after the other, and ended by one', async () => {
    const { id, key, kid } = await agency()
    const second = await further(id)
    await comity('key', 'add', id, second.file, ...by(1, 2), ...why, '--yes')
    expect((await comity('show', id)).stdout).toContain('- has named no officer')

    const out = join(data, 'officer.json')
    const add = ['officer', 'add', id, 'inspector-1', 'inspector-2', '--may', 'audit', ...why]
    const dry = await comity(...add, '--dry-run')
    expect(dry.stdout).toContain('- the officer inspector-1: audit')
    expect(dry.stdout).toContain('These are the first: from now on nobody decides')
    expect(dry.stdout).toContain(`signature is missing: 2 of its key ${kid}, its key ${second.kid}`)
    const first = await comity(...add, '--key', key, '--out', out, '--yes')
    expect(first.stdout).toContain(`signature is missing: 1 of its key ${second.kid}.`)
    const forged = await comity('sign', out, ...by(1), '--yes')
    expect(forged).toMatchObject({ code: 2 })
    expect(forged.stderr).toContain(`is of nobody who may sign it; its key ${kid}, its key`)
    await comity('sign', out, '--key', second.key, '--yes')
    expect((await shown(id)).agency.officers).toEqual([
      { id: 'inspector-1', may: ['audit'] },
      { id: 'inspector-2', may: ['audit'] },
    ])
    expect((await comity('show', id)).stdout).toContain('- the officer inspector-2: audit')
    expect((await comity('history', id)).stdout).toContain(`For ${id} these decide`)

    const end = await comity('officer', 'end', id, 'inspector-1', '--key', key, ...why, '--yes')
    expect(end.stdout).toContain('these decide nothing any more: inspector-1.')
    expect((await shown(id)).agency.officers).toEqual([{ id: 'inspector-2', may: ['audit'] }])
    await comity('officer', 'end', id, 'inspector-2', ...by(3), ...why, '--yes')
    expect((await comity('show', id)).stdout).toContain('- has no officer any more')
  })

  test('is named for what the agency may, or the command says why not', async () => {
    const { id, key } = await agency()
    const add = (may: string) =>
      comity('officer', 'add', id, 'officer-1', '--may', may, '--key', key, ...why, '--yes')
    expect((await add('release')).stderr).toContain('the agency has no such right')
    const ended = ['officer', 'end', id, 'officer-1', '--key', key, ...why, '--yes']
    expect((await comity(...ended)).stderr).toContain('has named no such officer')
  })
})

describe('One signature', () => {
  test('suspends, and two resume', async () => {
    const { id, key } = await agency()
    await comity('suspend', id, '--key', key, ...why, '--yes')
    expect((await comity('show', id)).stdout).toContain('Suspended: none of its calls is answered.')
    const one = await comity('resume', id, ...by(1), ...why, '--yes', '--out', join(data, 'r.json'))
    expect(one.stdout).toContain('It does not count yet')
    expect((await shown(id)).agency.status).toBe('suspended')
    await comity('sign', join(data, 'r.json'), ...by(2), '--yes')
    expect((await shown(id)).agency.status).toBe('active')
  })

  test('ends a right', async () => {
    const { id } = await agency()
    const end = (...which: readonly string[]) =>
      comity('end-right', id, ...which, ...by(2), ...why, '--yes')
    expect((await end('attests', 'DE-POL')).stdout).toContain(
      `${id} loses a right: attests DE-POL.`,
    )
    expect((await shown(id)).agency.attests).toEqual([])
    expect((await end('attests', 'DE-POL')).stderr).toContain('the agency has no such right')
    expect((await end('requests')).stderr).toContain('it is one of attests')
  })
})

describe('Whoever looks', () => {
  test('sees who takes part, and which row does not hold and what to do about it', async () => {
    const good = await agency()
    const { id } = await agency()
    expect(await comity('check')).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/^Of \d+ agencies, \d+ hold to the last statement/),
    })
    const row = { pk: { S: `register/${id}` }, sk: { S: '000002' }, statement: { S: '{}' } }
    await store.rows.register.put(row)
    const { code, stdout } = await comity('check')
    expect(code).toBe(5)
    expect(stdout).toContain(`register/${id}: statement 2 does not count: it is not a statement`)
    expect(stdout).toContain(`pk register/${id}, sk 000002`)
    expect((await comity('check', good.id)).code).toBe(0)
    const list = (await comity('list')).stdout
    expect(list).toMatch(new RegExp(`${id} +does not hold`))
    expect(list).toMatch(new RegExp(`${good.id} +active; police of SE; 1 key; 1 statement; `))
    const { stderr } = await comity('suspend', id, ...by(1), ...why, '--yes')
    expect(stderr).toContain(`\`comity agency check ${id}\` says what to do`)
  })

  test('is told that an agency is not there', async () => {
    expect((await comity('history', 'XX-NONE')).stderr).toContain('nothing is stated of it')
  })
})

describe('The registrars', () => {
  test('are replaced by two of them; then who left cannot sign, and what was stated stays', async () => {
    const { id } = await agency()
    const pairs = ['anna', 'bert', 'cleo'].map((kid) => pairOf(kid))
    const next = fileOf('next.json', registrarsOf(...pairs))
    const replace = ['registrars', 'replace', next, ...why]
    const out = join(data, 'replaced.json')
    await comity(...replace, ...by(1), '--yes', '--out', out)
    // Something is stated meanwhile: nothing of it may be lost.
    await comity('suspend', id, ...by(1), ...why, '--yes')
    expect((await comity('sign', out, ...by(2), '--yes')).stderr).toContain(`stated of ${id} since`)
    expect((await comity(...replace, ...by(1, 2), '--yes')).stdout).toContain('Entered.')

    expect((await comity('registrars', 'show')).stdout).toContain('- The registrar anna (anna)')
    expect((await shown(id)).agency.status).toBe('suspended')
    const late = await comity('resume', id, ...by(1, 2), ...why, '--yes')
    expect(late.stderr).toContain('The registrar anna (anna), ')
    const keys = pairs.map(({ secret }) => fileOf(`${secret.kid}.json`, secret))
    const resume = ['resume', id, '--key', ...keys.slice(0, 2), ...why, '--yes']
    expect((await comity(...resume)).stdout).toContain('Entered.')
    expect(existsSync(out) && readFileSync(out, 'utf8')).toContain('"registrars"')
  })
})
