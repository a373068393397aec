/** `comity log export` and `comity log verify`, as an operator and an auditor use them. */

import { generateKeyPairSync } from 'node:crypto'
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type ServerType, serve } from '@hono/node-server'
import { Command } from 'commander'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import type { OpenStore } from '../../../functions/adapters/log-export.ts'
import { addLogExport, hereAt } from '../../../functions/cli/log-export.ts'
import { openLocalStore } from '../../../functions/demo/store.ts'
import { fingerprintOf } from '../../../functions/ledger/evidence.ts'
import { looksLogOf, withLooks } from '../../../functions/ledger/looks-log.ts'
import { addLogPin } from '../../../functions/proof/commands/log-pin.ts'
import { addLogVerify } from '../../../functions/proof/commands/log-verify.ts'
import { addLogWatch } from '../../../functions/proof/commands/log-watch.ts'
import type { LogFinding } from '../../../functions/proof/verify-findings.ts'
import { Failure } from '../../../functions/terminal/exit.ts'
import { run } from '../../cli/in-process.ts'
import { comity } from '../../cli/run.ts'
import { freePort } from '../../demo/process.ts'
import { startDynalite } from '../../dynalite.ts'
import { startSealed } from '../exported.ts'
import { exitOf } from '../second.ts'

/** A key of another kind, as KMS would print it. */
const p256 = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  .publicKey.export({ format: 'der', type: 'spki' })
  .toString('base64')

let sealed: Awaited<ReturnType<typeof startSealed>>
let data: string
let log: string
const openStore: OpenStore = async () => {
  const { client, tables } = sealed.gateway.store
  return { client, tables, archive: join(data, 'log'), close: async () => {} }
}
beforeAll(async () => {
  // The commands know no other time than now.
  sealed = await startSealed({ now: new Date().toISOString() })
  data = sealed.folder
  log = `comity.test/de/${sealed.gateway.clock.now.getUTCFullYear()}`
  await sealed.append('DE', 2)
  await sealed.append('GB', 1)
  await sealed.seal()
  writeFileSync(join(data, 'trust.json'), JSON.stringify(sealed.keys))
})
afterAll(() => sealed.close())

const verify = (args: readonly string[], open = openStore, folder = data) =>
  run((parent, at) => addLogVerify(parent, hereAt(at, open)), folder, ['verify', ...args])
const exportTo = (out: string) =>
  run((parent, at) => addLogExport(parent, at, openStore), data, ['export', '--out', out])
const nothing =
  'Compared with nothing that was seen before: a log that was emptied or put back looks the same.'
const whole = new RegExp(
  `^2 logs, 3 entries: whole as of 20\\S+Z\\. In the tree, proved, signed, cosigned by 2 of 2\\.\n${nothing}$`,
)

describe('comity log verify', () => {
  test('says in a sentence that the logs of the local gateway are whole, and leaves nothing behind', async () => {
    // Others on this machine verify logs, too.
    const temporary = join(data, 'temporary')
    mkdirSync(temporary)
    for (const name of ['TMPDIR', 'TEMP']) vi.stubEnv(name, temporary)
    try {
      const { code, stdout, stderr } = await verify([])
      expect(stdout).toMatch(whole)
      expect([code, stderr]).toEqual([0, ''])
      expect(readdirSync(temporary)).toEqual([])
    } finally {
      vi.unstubAllEnvs()
    }
  })

  test('says the same to programs', async () => {
    const { code, stdout } = await verify(['--json'])
    expect(code).toBe(0)
    expect(JSON.parse(stdout)).toMatchObject({
      whole: true,
      witnesses: 2,
      quorum: 1,
      findings: [],
      unlisted: 0,
      warnings: [],
      logs: [
        { log, entries: 2, size: 2, signed: 2, cosigned: 2, pending: 0 },
        { entries: 1, size: 1, signed: 1, cosigned: 2, pending: 0 },
      ],
    })
  })

  // Kills: exit code 0 for a log that is not whole; a place that is not told.
  test('names what was changed and where, and ends with 5', async () => {
    const out = join(data, 'tampered')
    expect(await exportTo(out)).toMatchObject({
      code: 0,
      stdout: `2 logs, 3 entries: in ${out}`,
    })
    expect((await verify([out])).stdout).toMatch(whole)
    const tile = `${log}/tile/0/000.p/2`
    const bytes = readFileSync(join(out, tile))
    bytes.writeUInt8(bytes.readUInt8(40) ^ 1, 40)
    writeFileSync(join(out, tile), bytes)
    const words = await verify([out])
    expect(words.code).toBe(5)
    expect(words.stdout.split('\n')).toEqual([
      '2 logs, 3 entries: NOT whole, 1 finding.',
      `- ${tile}, index 1, bytes 32 to 63: its hash is not that of the leaves [tile-differs]`,
    ])
    const json = await verify([out, '--json'])
    expect(json.code).toBe(5)
    expect(JSON.parse(json.stdout).findings).toEqual([
      {
        code: 'tile-differs',
        log,
        where: { file: tile, index: 1, bytes: [32, 64] },
        says: 'its hash is not that of the leaves',
      },
    ])
  })

  // Kills: an exit code or a place that the two verifiers do not share; a kind of file that is not read.
  test.each([
    'entries.ndjson',
    'manifests.ndjson',
    'seals.ndjson',
    'head.json',
    'checkpoint',
    'checkpoints/2',
    'tile/0/000.p/2',
    'tile/entries/000.p/2',
  ])(
    'ends with 5 for one byte of %s, as the second verifier does, and both name it',
    async (name) => {
      const out = join(data, `one-byte-of-${name.replaceAll('/', '-')}`)
      await exportTo(out)
      const [file, keys] = [`${log}/${name}`, join(data, 'trust.json')]
      const second = () => exitOf('verify_log.py', [out, '--trust', keys])
      expect([(await verify([out])).code, second().code]).toEqual([0, 0])
      const bytes = readFileSync(join(out, file))
      // Of its first half, since the end of a head is a hint only (`sweptUntil`).
      const [at = 0] = fc.sample(fc.nat(bytes.length >> 1), 1)
      const [change = 0] = fc.sample(fc.integer({ min: 1, max: 255 }), 1)
      bytes.writeUInt8(bytes.readUInt8(at) ^ change, at)
      writeFileSync(join(out, file), bytes)
      const [mine, theirs] = [await verify([out]), second()]
      expect([mine.code, theirs.code], `byte ${at}`).toEqual([5, 5])
      const lines = mine.stdout.split('\n').filter((line) => line.startsWith(`- ${file}`))
      const named = JSON.parse(theirs.stdout).findings.filter(
        (each: LogFinding) => each.where.file === file,
      )
      expect(named, `byte ${at}`).toHaveLength(lines.length)
      expect(lines, `byte ${at}`).not.toEqual([])
    },
  )

  // Kills: whole, though the keys that were to be trusted could not be read.
  test('trusts no export whose pinned keys cannot be read, nor does the second verifier', async () => {
    const out = join(data, 'without-keys')
    await exportTo(out)
    const keys = join(data, 'not-there.json')
    expect((await verify([out, '--trust', keys])).code).toBe(2)
    expect(exitOf('verify_log.py', [out, '--trust', keys])).toEqual({ code: 2, stdout: '' })
  })

  // Kills: trusting the keys of an export without a word, or others than those that were named.
  test('trusts the keys that are named, else those that were pinned, else says what that is worth', async () => {
    const out = join(data, 'elsewhere')
    await exportTo(out)
    const nobody = join(data, 'nobody')
    const error = vi.spyOn(console, 'error').mockImplementation(() => {})
    const own = await verify([out], openStore, nobody)
    expect([own.code, own.stdout.split('\n')[1]]).toEqual([
      7,
      'By its own word: the keys that it was held to come with it.',
    ])
    expect(error.mock.calls.flat()).toEqual([
      expect.stringMatching(/^Warning: no keys were pinned: .*\.$/),
    ])
    error.mockRestore()
    // What is proved by a key is worth what the key was had by, to both verifiers.
    const weak = join(data, 'weak.json')
    for (const [from, says] of [
      ['gateway', 'By the gateway’s own word: nobody else vouches'],
      ['demonstration', 'By demonstration keys: whoever runs this made them all'],
    ] as const) {
      const [key] = sealed.keys.logs.map((vkey) => vkey.split('+').slice(0, 2).join('+'))
      const one = { from, what: 'by telephone', on: '2026-11-25', keys: [key] }
      const sources = [...sealed.keys.sources, one]
      writeFileSync(weak, JSON.stringify({ ...sealed.keys, sources }))
      const judged = await verify([out, '--trust', weak])
      expect([judged.code, judged.stdout]).toEqual([7, expect.stringContaining(says)])
      expect(exitOf('verify_log.py', [out, '--trust', weak]).code).toBe(7)
    }
    const keys = join(data, 'three.json')
    writeFileSync(keys, JSON.stringify({ ...sealed.keys, quorum: 3 }))
    const { code, stdout } = await verify([out, '--trust', keys], openStore, nobody)
    expect(code).toBe(5)
    expect(stdout).toContain(`- ${log}/checkpoint: cosigned by 2, not 3 [checkpoint-cosignatures]`)
  })

  test('holds receipts and proofs against the logs', async () => {
    const receipt = join(data, 'receipt.jws')
    const text = (await sealed.ask('DE-POL')).text
    writeFileSync(receipt, text)
    await sealed.seal()
    expect((await verify(['--receipt', receipt])).code).toBe(0)
    writeFileSync(receipt, text.replace(/.....$/, 'AAAAA'))
    const { code, stdout } = await verify(['--receipt', receipt, '--proof', receipt])
    expect(code).toBe(5)
    expect(stdout).toContain(`- ${receipt}: no pinned key signed it as a receipt [receipt-invalid]`)
    expect(stdout).toContain('[proof-invalid]')
  })

  // Kills: waiting for what is sealed already; not waiting; waiting for ever.
  test('counts what has time left, and waits for it if it is told to', async () => {
    sealed.gateway.clock.now = new Date()
    await sealed.append('DE', 1)
    const once = await verify([])
    expect(once.code).toBe(0)
    expect(once.stdout).toMatch(
      /\n1 entry waits to be in a signed tree, for less than 60 seconds so far\.\n/,
    )
    expect((await verify(['--wait', '0'])).stdout).toContain('1 entry waits')
    let opened = 0
    const sealing: OpenStore = async (of) => {
      opened += 1
      if (opened === 2) await sealed.seal()
      return openStore(of)
    }
    const { stdout } = await verify(['--wait', '60'], sealing)
    expect(stdout).not.toContain('waits')
    expect(opened).toBe(2)
  })

  test('refuses what it cannot do, and says why', async () => {
    const out = join(data, 'refused')
    expect(await verify([out])).toMatchObject({
      code: 2,
      stderr: `couldn’t verify \`${out}\`: it is not a folder`,
    })
    await exportTo(out)
    expect(await verify([out, '--wait', '1'])).toMatchObject({ code: 2 })
    expect(await verify([out, '--trust', join(out, 'logs.json')])).toMatchObject({ code: 2 })
    expect(await exportTo(out)).toMatchObject({
      code: 2,
      stderr: `couldn’t export to \`${out}\`: it is not empty`,
    })
  })
})

describe('comity log verify --since', () => {
  let sealed: Awaited<ReturnType<typeof startSealed>>
  let data: string
  const openStore: OpenStore = async () => ({ ...sealed.store, close: async () => {} })
  beforeAll(async () => {
    // Each sealing passes some seconds, and the commands know no other time than now.
    sealed = await startSealed({ now: new Date(Date.now() - 50_000).toISOString() })
    data = sealed.folder
    await sealed.append('DE', 2)
    await sealed.append('GB', 1)
    await sealed.seal()
    writeFileSync(join(data, 'trust.json'), JSON.stringify(sealed.keys))
  })
  afterAll(() => sealed.close())
  const verify = (args: readonly string[]) =>
    run((parent, at) => addLogVerify(parent, hereAt(at, openStore)), data, ['verify', ...args])
  const exportTo = (out: string) =>
    run((parent, at) => addLogExport(parent, at, openStore), data, ['export', '--out', out])
  const state = () => join(data, 'state.json')
  const kept = () => JSON.parse(readFileSync(state(), 'utf8'))

  // Kills: a first run that claims more than it looked at; a state that a run with findings moves.
  test('compares with what it saw last, and remembers nothing of a run that found something', async () => {
    const first = await verify(['--since', state()])
    expect(first).toMatchObject({ code: 0, stdout: expect.stringContaining(nothing) })
    const before = kept()
    expect(before.logs).toMatchObject([{ log, size: 2 }, { size: 1 }])
    // Store, archive and witnesses as they were then agree with one another.
    const old = join(data, 'put-back')
    await exportTo(old)
    await sealed.append('DE', 1)
    await sealed.seal()
    const copy = join(data, 'as-it-is')
    await exportTo(copy)
    const grown = await verify(['--since', state()])
    expect(grown.stdout.split('\n').slice(1)).toEqual([
      `Every log begins as it was seen at ${before.at}.`,
      `${log} has grown from 2 to 3.`,
    ])
    expect(kept().logs).toMatchObject([{ log, size: 3 }, { size: 1 }])
    expect((await verify([old])).code).toBe(0)
    // Found, and found again, since the state stayed.
    for (let run = 0; run < 2; run += 1) {
      const found = await verify([old, '--since', state()])
      expect(found.code).toBe(5)
      expect(found.stdout).toContain(
        `- ${state()}, index 2: ${log} had 3 entries, and has 2 [truncated]`,
      )
      expect(exitOf('verify_log.py', [old, '--since', state()]).code).toBe(5)
      expect(kept().logs).toMatchObject([{ log, size: 3 }, { size: 1 }])
    }
    const checkpoint = join(copy, log, 'checkpoint')
    const byNote = await verify([old, '--checkpoint', checkpoint])
    expect(byNote.code).toBe(5)
    expect(byNote.stdout).toContain(`${log} had 3 entries, and has 2 [truncated]`)
  })

  // Kills: a state that is kept before what was found is told.
  test('remembers nothing of a run that died before it could tell, and the next one tells it', async () => {
    const file = join(data, 'killed.json')
    await verify(['--since', file])
    const before = readFileSync(file, 'utf8')
    await sealed.append('DE', 1)
    await sealed.seal()
    const dying = vi.spyOn(console, 'log').mockImplementation(() => {
      throw new Error('killed')
    })
    const watch = new Command('log')
    addLogVerify(watch, hereAt(data, openStore))
    await expect(watch.parseAsync(['verify', '--since', file], { from: 'user' })).rejects.toThrow(
      'killed',
    )
    dying.mockRestore()
    expect(readFileSync(file, 'utf8')).toBe(before)
    process.exitCode = 0
    expect((await verify(['--since', file])).stdout).toContain(`${log} has grown from `)
  })

  test('says what is wrong with a state that is none, and does not overwrite it', async () => {
    const file = join(data, 'no-state.json')
    for (const text of ['', '{}', '{"v":1,"at":"2026-11-25T00:00:00.000Z","logs":[{}]}']) {
      writeFileSync(file, text)
      expect(await verify(['--since', file])).toMatchObject({
        code: 2,
        stdout: '',
        stderr: expect.stringContaining(file),
      })
      expect(readFileSync(file, 'utf8')).toBe(text)
    }
    const nowhere = await verify(['--since', join(data, 'no-folder', 'state.json')])
    expect(nowhere.stdout).toContain('whole')
    expect(nowhere).toMatchObject({ code: 2, stderr: expect.stringContaining('couldn’t keep') })
  })

  // Kills: a watch that believes a state which somebody put in the place of its own.
  test('watch says what changed in each round, whatever becomes of the file meanwhile', async () => {
    const file = join(data, 'watched.json')
    const out = join(data, 'watched')
    let round = 0
    const open: OpenStore = async (folder) => {
      round += 1
      if (round === 2) rmSync(file)
      return openStore(folder)
    }
    const watch = (args: readonly string[], store = open) =>
      run((parent, at) => addLogWatch(parent, hereAt(at, store)), data, ['watch', ...args])
    const calm = await watch(['--since', file, '--every', '1', '--rounds', '2'])
    expect(calm.code).toBe(0)
    const lines = calm.stdout.split('\n')
    expect(lines.filter((line) => line === nothing)).toHaveLength(1)
    expect(lines.at(-1)).toMatch(/^Every log begins as it was seen at /)
    await exportTo(out)
    await sealed.append('DE', 1)
    await sealed.seal()
    await watch(['--since', file, '--every', '1', '--rounds', '1'])
    const found = await watch([out, '--since', file, '--every', '1', '--rounds', '2'])
    expect(found.code).toBe(5)
    expect(found.stdout.match(/\[truncated\]/g)).toHaveLength(2)
    // Kills: the last round's code, or the first's, in place of the worst one's.
    const trust = join(data, 'watched-keys.json')
    writeFileSync(trust, JSON.stringify(sealed.keys))
    const sources = [{ from: 'gateway', what: 'asked of it', on: '2026-11-25' }]
    const weaker = { ...sealed.keys, sources }
    const away = 'away'
    for (const [rounds, worst] of [
      [[sealed.keys, weaker], 7],
      [[weaker, sealed.keys], 7],
      [[sealed.keys, away], 1],
      [[away, weaker], 1],
    ] as const) {
      let at = 0
      const keep = () =>
        writeFileSync(trust, JSON.stringify(rounds[at] === away ? weaker : rounds[at]))
      keep()
      const next: OpenStore = async (folder) => {
        const isAway = rounds[at] === away
        // The keys of this round were read.
        at = Math.min(at + 1, 1)
        keep()
        if (isAway) throw new Failure('the store is away')
        return openStore(folder)
      }
      const args = ['--since', file, '--trust', trust, '--every', '1', '--rounds', '2']
      expect((await watch(args, next)).code).toBe(worst)
    }
  })
})

describe('The store of the local gateway', () => {
  // Kills: reading a store that stopped; reading none that could be opened.
  test('is the one that runs, or else is opened where its data is', async () => {
    const folder = join(data, 'gateway')
    await expect(openLocalStore(folder)).rejects.toThrow('couldn’t find logs in')
    const running = await startDynalite(join(folder, 'dynamodb'))
    writeFileSync(join(folder, 'store.json'), JSON.stringify({ endpoint: running.endpoint }))
    writeFileSync(join(folder, 'trust.json'), JSON.stringify(sealed.keys))
    const empty =
      /^0 logs, 0 entries: NOT whole, 1 finding\.\n- logs.json: no log has an entry \[empty\]/
    expect((await verify([], openLocalStore, folder)).stdout).toMatch(empty)
    await running.close()
    expect((await verify([], openLocalStore, folder)).stdout).toMatch(empty)
    rmSync(join(folder, 'store.json'))
    expect((await verify([], openLocalStore, folder)).stdout).toMatch(empty)
  })

  // Kills: sending what is asked to wherever a file says.
  test('is on this machine', async () => {
    const folder = join(data, 'gateway')
    const file = join(folder, 'store.json')
    writeFileSync(file, JSON.stringify({ endpoint: 'http://store.example:8000' }))
    await expect(openLocalStore(folder)).rejects.toThrow(`${file}: /endpoint: `)
  })
})

describe('comity log pin', () => {
  const pin = (args: readonly string[]) => run(addLogPin, data, ['pin', ...args])
  const spki = (publicKey: Uint8Array) =>
    // The prefix of RFC 8410, §10.1, before the 32 bytes of the key.
    Buffer.concat([Buffer.from('302a300506032b6570032100', 'hex'), publicKey]).toString('base64')
  const given = async (url: string) => {
    const { publicKey } = await sealed.logKey
    const witnesses = sealed.keys.witnesses.flatMap((vkey) => ['--witness', vkey])
    const countries = ['--country', 'GB', 'DE', '--year', String(log.split('/').at(-1))]
    const key = ['--checkpoint-key', spki(publicKey)]
    return ['--gateway', 'comity.test', '--url', url, ...key, ...countries, ...witnesses]
  }
  let server: ServerType
  let url: string
  /** What comes before the gateway’s own answers. */
  let answers: Response[] = []
  beforeAll(async () => {
    const fetch = (request: Request) => answers.shift() ?? sealed.gateway.app.fetch(request)
    url = await new Promise((resolve) => {
      server = serve({ fetch, port: 0, hostname: '127.0.0.1' }, ({ port }) =>
        resolve(`http://127.0.0.1:${port}`),
      )
    })
  })
  afterAll(() => server.close())

  // Kills: keys of another log, year or order; a quorum or a witness left out.
  test('prints the keys that the log is verified with', async () => {
    const { code, stdout } = await pin([...(await given(url)), '--quorum', '1'])
    const today = new Date().toISOString().slice(0, 10)
    const from = { from: 'gateway', what: `asked of ${url}, and of its operator`, on: today }
    const evidence = [fingerprintOf(sealed.gateway.world.secrets.evidence.publicKey)]
    const more = { agencies: [], evidence, sources: [from] }
    const names = sealed.keys.logs.map((vkey) => vkey.slice(0, vkey.indexOf('+')))
    const logs = names.flatMap(withLooks).map((name) => sealed.world.vkey(name))
    expect([code, JSON.parse(stdout)]).toEqual([0, { ...sealed.keys, logs, ...more }])
    // Whoever exports publishes the same.
    writeFileSync(join(data, 'trust.json'), stdout)
    const file = join(data, 'pinned.json')
    writeFileSync(file, stdout)
    // Whole, by the word of the gateway that gave its own keys.
    expect(await verify(['--trust', file])).toMatchObject({
      code: 7,
      stdout: expect.stringContaining(': whole as of '),
    })
    writeFileSync(join(data, 'trust.json'), JSON.stringify(sealed.keys))
  })

  // Kills: the first key alone; every key; an answer taken whatever its status.
  test('pins every key that signs receipts, of an answer that is one', async () => {
    const [ec] = sealed.keys.receipts.keys
    const older = { ...ec, kid: 'older' }
    answers = [200, 503].map((status) =>
      Response.json({ keys: [ec, { kty: 'OKP', kid: 'another' }, older] }, { status }),
    )
    const { stdout } = await pin(await given(url))
    expect(JSON.parse(stdout).receipts).toEqual({ keys: [ec, older] })
    expect(await pin(await given(url))).toMatchObject({
      code: 1,
      stderr: `couldn’t pin: ${url}/.well-known/jwks.json answers with status 503`,
    })
  })

  test('pins nothing that it could not hold a log to', async () => {
    const away = `http://127.0.0.1:${await freePort()}`
    expect(await pin(await given(away))).toMatchObject({
      code: 1,
      stderr: `couldn’t pin: ${away}/.well-known/jwks.json does not answer (ECONNREFUSED)`,
    })
    expect(await pin([...(await given(url)), '--quorum', '3'])).toMatchObject({
      code: 2,
      stderr: 'couldn’t pin: the quorum is above the witnesses',
    })
  })

  test.each([
    ['--checkpoint-key', 'MCowBQYDK2VwAyEA', 'it is no Ed25519 public key'],
    ['--checkpoint-key', p256, 'it is no Ed25519 public key'],
    ['--country', 'Germany', 'a country is written like DE'],
    ['--witness', 'witness.example+0+AA', 'the key is not <name>+<8 hex digits>+<base64>'],
    ['--year', '26', 'a year is written like 2026'],
  ])('refuses %s %s', async (option, value, why) => {
    const { code, stdout, stderr } = await comity([
      'log',
      'pin',
      ...(await given(url)),
      option,
      value,
    ])
    expect([code, stdout, stderr]).toEqual([2, '', expect.stringContaining(why)])
  })
})

// Kills: a quorum that is asked of a log which no witness sees; what no witness saw, taken for what the others show.
test('A log of looks is verified with the others, and counts for nothing in who cosigned them', async () => {
  const before = JSON.parse((await verify(['--json'])).stdout)
  const looks = looksLogOf(log)
  const eid = await sealed.look(looks)
  await sealed.seal()
  const { code, stdout } = await verify(['--json'])
  expect(code).toBe(0)
  const { logs } = JSON.parse(stdout)
  expect(logs).toHaveLength(before.logs.length + 1)
  expect(logs).toContainEqual(expect.objectContaining({ log: looks, signed: 1, cosigned: 0 }))
  expect((await verify([])).stdout).toContain('proved, signed, cosigned by 2 of 2.')
  const out = join(data, 'with-looks')
  await exportTo(out)
  expect(exitOf('verify_log.py', [out, '--trust', join(data, 'trust.json')]).code).toBe(0)
  expect(readFileSync(join(out, looks, 'entries.ndjson'), 'utf8')).toContain(eid)
})
