/** A gateway on machines of one's own, as its operator runs it: two processes over one store. */

import { cpSync, mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import pg from 'pg'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { dynamodb } from '../../functions/adapters/dynamodb.ts'
import { notOnDisk, postgresAt } from '../../functions/adapters/postgres.ts'
import { examples } from '../../functions/demo/demonstration.ts'
import { digestOfKeys } from '../../functions/policy/set.ts'
import { fileOf, permit } from '../decision/write.ts'
import { freshJti, removeFolders, runDoor, temporaryFolder } from '../demo/process.ts'
import { type Store, startDynalite } from '../dynalite.ts'
import { lawOf } from '../policy/sealing.ts'
import { postgresPrograms, startPostgres } from '../postgres.ts'
import { type Served, type Site, startSite } from './site.ts'
import { stores } from './stores.ts'

let site: Site
afterAll(removeFolders)

const path = '/v1/access-requests'
const clients = 8
/** A machine ends within three seconds; a busy one may be a second late, ms. */
const endMsMax = 4000

type Answer = { readonly id: string } & Readonly<Record<string, unknown>>
type Asked = { readonly jti: string; readonly number: number; readonly answer: Answer }

/** Asks a machine for one of the examples; rejects if it does not answer. */
async function ask(machine: Served, number: number, jti: string): Promise<Answer> {
  const { agency, officer, request } = exampleAt(number)
  const body = { ...request, caseReference: `CASE-${number}` }
  const response = await machine.send(agency, officer, { method: 'POST', path, body, jti })
  const text = await response.text()
  if (response.status !== 200 && response.status !== 201) throw new Error(text)
  return JSON.parse(text)
}

function exampleAt(number: number) {
  const example = examples[number % examples.length]
  if (example === undefined) throw new Error('no example')
  return example
}

/** Asks on several connections at once until told; whoever gets no answer asks another machine, with the same jti. */
function keepAsking(machines: () => readonly Served[]) {
  const asked: Asked[] = []
  const unanswered: string[] = []
  let [isOver, number, again] = [false, 0, 0]
  const client = async () => {
    while (!isOver) {
      const mine = number++
      const jti = freshJti()
      let answer: Answer | undefined
      for (let attempt = 0; answer === undefined && attempt < 10; attempt++) {
        const all = machines()
        const machine = all[(mine + attempt) % all.length]
        if (attempt > 0) again += 1
        answer = machine && (await ask(machine, mine, jti).catch(() => undefined))
      }
      if (answer === undefined) unanswered.push(jti)
      else asked.push({ jti, number: mine, answer })
    }
  }
  const running = Array.from({ length: clients }, client)
  return {
    asked,
    unanswered,
    async stop() {
      isOver = true
      await Promise.all(running)
      return again
    },
    reaches: (count: number) =>
      expect.poll(() => asked.length, { timeout: 60_000 }).toBeGreaterThan(count),
  }
}

/** The decisions that a machine does not have, or has otherwise than they were answered. */
async function missingAt(machine: Served, asked: readonly Asked[]): Promise<readonly string[]> {
  const missing: string[] = []
  for (const { number, answer } of asked) {
    const { agency, officer } = exampleAt(number)
    const response = await machine.send(agency, officer, { path: `${path}/${answer.id}` })
    const { outcome } = (await response.json()) as Answer
    if (response.status !== 200 || outcome !== answer.outcome) missing.push(answer.id)
  }
  return missing
}

/** That the log is whole, with an entry for each of these decisions. */
async function expectWhole(asked: readonly Asked[]) {
  const { findings, whole, logs } = await site.verify()
  expect(findings).toEqual([])
  expect(whole).toBe(true)
  expect(logs.reduce((sum, { entries }) => sum + entries, 0)).toBeGreaterThan(asked.length)
  for (const { answer } of asked) expect(await site.world.sealed.placeOf(answer.id)).toBeDefined()
}

describe.each(stores.filter(({ isThere }) => isThere))('Two machines over $name', ({ start }) => {
  let store: Awaited<ReturnType<typeof start>>
  beforeAll(async () => {
    store = await start()
    site = await startSite(store.client, store.environment)
  }, 120_000)
  afterAll(() => store.close())

  // Kills: an id of an entry that differs between machines; an append without its condition.
  test('give a call that came to both one entry and one answer', async () => {
    const [one, two] = await Promise.all([site.start(), site.start()])
    const jtis = Array.from({ length: 20 }, freshJti)
    for (const [number, jti] of jtis.entries()) {
      const [a, b] = await Promise.all([ask(one, number, jti), ask(two, number, jti)])
      const { receipt: _, ...first } = a
      const { receipt: __, ...second } = b
      expect(second).toEqual(first)
      expect(await ask(two, number, jti)).toMatchObject({ id: a.id })
    }
    const { findings } = await site.verify()
    expect(findings).toEqual([])
    await Promise.all([one.end('SIGTERM'), two.end('SIGTERM')])
  })

  // Kills: an answer before its entry is durable; a sealer that waits for another that has died.
  test('lose nothing when one is killed under load: the other has every answer, and seals on', async () => {
    const [one, two] = await Promise.all([site.start(), site.start()])
    const load = keepAsking(() => [one, two])
    await load.reaches(60)
    await one.end('SIGKILL')
    await load.reaches(120)
    expect(await load.stop()).toBeGreaterThan(0)
    expect(load.unanswered).toEqual([])
    expect(await missingAt(two, load.asked)).toEqual([])
    await expectWhole(load.asked)
    await two.end('SIGTERM')
  })

  // Kills: a machine that cuts what it is answering, or waits for connections that nobody closes.
  test('are started anew one after the other, and every call is answered', async () => {
    let [one, two] = await Promise.all([site.start(), site.start()])
    const load = keepAsking(() => [one, two])
    await load.reaches(30)
    for (const next of ['one', 'two']) {
      const before = next === 'one' ? one : two
      const began = performance.now()
      await before.end('SIGTERM')
      expect(performance.now() - began).toBeLessThan(endMsMax)
      expect(await before.ended).toEqual({ code: 0, signal: null })
      expect(before.output.stderr).toBe('')
      const after = await site.start()
      if (next === 'one') one = after
      else two = after
      await load.reaches(load.asked.length + 30)
    }
    await load.stop()
    expect(load.unanswered).toEqual([])
    expect(await missingAt(one, load.asked)).toEqual([])
    await expectWhole(load.asked)
    await Promise.all([one.end('SIGTERM'), two.end('SIGTERM')])
  })

  // Kills: an answer before the commit is on disk; a pool that keeps broken connections.
  test('lose nothing when the store itself crashes under load', async ({ skip }) => {
    const { crash } = store
    if (crash === undefined) return skip()
    const [one, two] = await Promise.all([site.start(), site.start()])
    const load = keepAsking(() => [one, two])
    for (let crashes = 0; crashes < 2; crashes++) {
      await load.reaches(load.asked.length + 30)
      await crash()
    }
    await load.reaches(load.asked.length + 30)
    await load.stop()
    expect(await missingAt(two, load.asked)).toEqual([])
    await expectWhole(load.asked)
    await Promise.all([one.end('SIGTERM'), two.end('SIGTERM')])
  })
})

describe('A machine', () => {
  let store: Store
  beforeAll(async () => {
    store = await startDynalite()
    site = await startSite(dynamodb(store.endpoint), { COMITY_DYNAMODB_ENDPOINT: store.endpoint })
  })
  afterAll(() => store.close())

  test('counts what it answers and seals, as Prometheus reads it, without a word of the caller', async () => {
    const one = await site.start()
    await ask(one, 0, freshJti())
    await expect.poll(() => one.metrics()).toMatch(/\ncomity_sealed_total [1-9]/)
    const text = await one.metrics()
    expect(text).toContain('comity_decisions_total{outcome="release"} 1\n')
    expect(text).toContain(
      'comity_answers_total{method="POST",route="/v1/access-requests",status="201"} 1\n',
    )
    expect(text).toMatch(/\ncomity_unsealed_seconds \d+\n/)
    // Every line is a comment, or a name with its value.
    for (const line of text.trimEnd().split('\n'))
      expect(line).toMatch(/^(# TYPE \w+ \w+|\w+(\{(\w+="[^"]*",?)+\})? [\d.e+-]+)$/)
    expect(text).not.toMatch(/CASE|FR-SPOC|Beispiel/)
    await one.end('SIGTERM')
  })

  const failing = async (more: NodeJS.ProcessEnv) => {
    const { ended, output } = runDoor(['functions/serve.ts'], { ...site.environment, ...more })
    const { code } = await ended
    expect(code).toBe(1)
    expect(output.stdout).toBe('')
    return output.stderr
  }

  // Kills: a second key, with which a second history would begin.
  test('says in one sentence that it has another key of the checkpoints than the store has seen, or with none', async () => {
    const folder = temporaryFolder()
    const { environment } = site
    expect(await failing({ COMITY_KEYS: folder })).toMatch(
      /^couldn’t start: .*checkpoint\.pem.*copy it.*\n$/,
    )
    const { ended } = runDoor(['functions/comity.mjs', 'init', '--site', join(folder, 'site')], {
      ...environment,
      COMITY_DECISIONS_TABLE: 'other-decisions',
      COMITY_KEYS_TABLE: 'other-keys',
      COMITY_ATTESTATIONS_TABLE: 'other-attestations',
      COMITY_SIGNATURES_TABLE: 'other-signatures',
      COMITY_KEYS: folder,
    })
    await ended
    const mixed = temporaryFolder()
    mkdirSync(mixed, { recursive: true })
    cpSync(join(String(environment.COMITY_KEYS), 'master.key'), join(mixed, 'master.key'))
    cpSync(join(folder, 'checkpoint.pem'), join(mixed, 'checkpoint.pem'))
    expect(await failing({ COMITY_KEYS: mixed })).toMatch(
      /^couldn’t start: .*is not the key that signs.*\n$/,
    )
  })

  // Kills: an empty store taken for a new one.
  test('says in one sentence that it is on a store without tables, or where none answers', async () => {
    expect(await failing({ COMITY_RECORDS_TABLE: 'elsewhere' })).toMatch(
      /^couldn’t start: the store at .* has no table elsewhere; if that is its name and .*`comity init` adds it\n$/,
    )
    const nowhere = { COMITY_DYNAMODB_ENDPOINT: 'http://127.0.0.1:9' }
    expect(await failing(nowhere)).toMatch(/^couldn’t start: no store answers at .*\n$/)
    const server = { COMITY_DYNAMODB_ENDPOINT: undefined, COMITY_POSTGRES: undefined }
    const closed = { ...server, COMITY_POSTGRES: 'postgresql://comity@127.0.0.1:9/comity' }
    expect(await failing(closed)).toMatch(
      /^couldn’t start: no store answers at .* \(ECONNREFUSED\)\n$/,
    )
  })

  // Kills: a server that is believed; a default of the server's that counts.
  test('says in one sentence that PostgreSQL does not wait for the disk, and starts where only its default is so', async ({
    skip,
  }) => {
    if (postgresPrograms === undefined) return skip()
    const none = { COMITY_DYNAMODB_ENDPOINT: undefined }
    for (const setting of ['fsync', 'full_page_writes']) {
      const unsafe = await startPostgres(postgresPrograms, [`${setting}=off`])
      const said = await failing({ ...none, COMITY_POSTGRES: unsafe.address })
      expect(said).toMatch(
        /^couldn’t start: the store at .* may lose what it answered if power fails: .*; set it to `on`\n$/,
      )
      expect(said).toContain(`: \`${setting}\` is \`off\`, so that `)
      await unsafe.close()
    }
    const lax = await startPostgres(postgresPrograms, ['synchronous_commit=off'])
    expect(await failing({ ...none, COMITY_POSTGRES: lax.address })).toMatch(/ has no table /)
    const database = postgresAt(lax.address)
    expect(await notOnDisk(database, [])).toBe(undefined)
    await database.end()
    await lax.close()
  })

  // Kills: a ledger that is empty after a crash, so that calls that were answered are decided anew, and entries are gone.
  test('says in one sentence that PostgreSQL goes on after a write that failed, or empties a table after a crash', async ({
    skip,
  }) => {
    if (postgresPrograms === undefined) return skip()
    const none = { COMITY_DYNAMODB_ENDPOINT: undefined }
    const retrying = await startPostgres(postgresPrograms, ['data_sync_retry=on'])
    expect(await failing({ ...none, COMITY_POSTGRES: retrying.address })).toMatch(
      /may lose what it answered if power fails: `data_sync_retry` is `on`, so that .*; set it to `off`\n$/,
    )
    await retrying.close()
    const server = await startPostgres(postgresPrograms)
    const pool = new pg.Pool({ connectionString: server.address, max: 1 })
    pool.on('error', () => undefined)
    await pool.query('CREATE UNLOGGED TABLE quick (n int)')
    await pool.query('INSERT INTO quick VALUES (1)')
    const of = { COMITY_POSTGRES: server.address, COMITY_DECISIONS_TABLE: 'quick' }
    expect(await failing({ ...none, ...of })).toMatch(
      /: `quick` is unlogged, so that the server empties it after a crash; `ALTER TABLE "quick" SET LOGGED`\n$/,
    )
    // What it says is so, and another's table is no matter of ours.
    await server.crash()
    expect((await pool.query('SELECT * FROM quick')).rows).toEqual([])
    expect(await notOnDisk(pool, ['slow'])).toBe(undefined)
    await pool.query('ALTER TABLE quick SET LOGGED')
    expect(await notOnDisk(pool, ['quick'])).toBe(undefined)
    await pool.end()
    await server.close()
  })

  // Kills: a refusal of what waits for the disk of its only server; a standby that is believed without being waited for.
  test('knows what counts behind something that drops what is asked of a connection', async ({
    skip,
  }) => {
    if (postgresPrograms === undefined) return skip()
    const server = await startPostgres(postgresPrograms)
    // It has no such standby: a write would wait for ever, and nothing is written.
    const followed = await startPostgres(postgresPrograms, ['synchronous_standby_names=nobody'])
    const as = async (commit: string, { address } = server) => {
      const options = `-c synchronous_commit=${commit}`
      const pool = new pg.Pool({ connectionString: address, options, max: 1 })
      // It is ended before its connection is, which the server may end first.
      pool.on('error', () => undefined)
      const why = await notOnDisk(pool, [])
      await pool.end()
      return why
    }
    for (const commit of ['on', 'remote_apply', 'local', 'remote_write'])
      expect(await as(commit), commit).toBe(undefined)
    expect(await as('off')).toMatch(
      /^`synchronous_commit` is `off`, so that it is not on disk yet; .*ALTER ROLE/,
    )
    for (const commit of ['local', 'remote_write'])
      expect(await as(commit, followed)).toMatch(
        /so that a standby that is promoted may lack it; .*ALTER ROLE/,
      )
    expect(await as('on', followed)).toBe(undefined)
    await followed.close()
    // What each setting that is taken says is so: rows that were answered outlive a crash of the server.
    for (const commit of ['local', 'remote_write']) {
      const options = `-c synchronous_commit=${commit}`
      const pool = new pg.Pool({ connectionString: server.address, options, max: 1 })
      pool.on('error', () => undefined)
      await pool.query(`CREATE TABLE ${commit} (n int)`)
      for (let n = 0; n < 300; n += 1) await pool.query(`INSERT INTO ${commit} VALUES (${n})`)
      await server.crash()
      const { rows } = await pool.query(`SELECT count(*)::int AS n FROM ${commit}`)
      expect(rows).toEqual([{ n: 300 }])
      await pool.end()
    }
    await server.close()
  })

  test('says in one sentence that it is on a port that is in use', async () => {
    const one = await site.start()
    const said = await failing({ COMITY_LISTEN: `127.0.0.1:${one.port}` })
    expect(said).toBe(`couldn’t start: port ${one.port} is in use; set COMITY_LISTEN\n`)
    await one.end('SIGTERM')
  })

  // Kills: law that a newer build sealed, of which this one leaves out what it does not know.
  test('says in one sentence that it has law of which it does not know all', async () => {
    const of = fileOf({ id: 'de/own', kind: 'ground', rules: [permit('a', true)] })
    const text = JSON.stringify({ ...(JSON.parse(of.text) as object), newer: true })
    const law = lawOf([{ ...of, text }], '2026-01-01T00:00:00Z')
    const folder = temporaryFolder()
    const write = (path: string, said: string) => {
      mkdirSync(dirname(join(folder, path)), { recursive: true })
      writeFileSync(join(folder, path), said)
    }
    write(of.path, text)
    write('de/seals.json', JSON.stringify(law.seals.de))
    write('sealers.json', JSON.stringify(law.sealers))
    write('release-keys.json', JSON.stringify(law.releaseKeys))
    write('set.json', JSON.stringify(law.set))
    const own = { COMITY_POLICIES: folder, COMITY_LAW_KEYS: digestOfKeys(law) }
    expect(await failing(own)).toMatch(
      /^couldn’t load policies: de\/own\/.*Unrecognized key: "newer"\n$/,
    )
  })

  test('says in one sentence that it has law that other keys signed than those that are pinned', async () => {
    const said = await failing({ COMITY_LAW_KEYS: '0'.repeat(64) })
    expect(said).toMatch(/^couldn’t load policies: the keys .*\n$/)
  })
})
