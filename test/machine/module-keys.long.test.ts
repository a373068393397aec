/**
 * A gateway on machines of one's own whose keys are in a hardware module: SoftHSM, by the tool of OpenSC. Left out,
 * loudly, where they are not installed.
 */

import { existsSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { identifierOf, subjectSchema } from '../../functions/decision/record.ts'
import { examples } from '../../functions/demo/demonstration.ts'
import { signApproval } from '../../functions/identity/approval.ts'
import type { HeldFile } from '../../functions/proof/verify-memory.ts'
import { freshJti, removeFolders, runDoor } from '../demo/process.ts'
import { exitOf } from '../proof/second.ts'
import { isModuleHere, startToken } from '../softhsm.ts'
import { type Served, type Site, startSite } from './site.ts'
import { stores } from './stores.ts'

const tried = stores.filter(({ isThere }) => isThere)
const withModule = describe.skipIf(!isModuleHere)

withModule.each(tried)('A gateway whose keys are in a module, on $name', ({ start }) => {
  let store: Awaited<ReturnType<typeof start>>
  let token: ReturnType<typeof startToken>
  let site: Site
  let keys: { COMITY_MASTER_KEY: string; COMITY_CHECKPOINT_KEY: string }
  const receipts: HeldFile[] = []
  beforeAll(async () => {
    token = startToken('gateway')
    // The first key of the token is another; the gateway's are made as infra/MACHINES.md has it.
    token.make('other', ['--keypairgen', '--key-type', 'EC:edwards25519', '--id', '00'])
    const page = readFileSync(join(import.meta.dirname, '../../infra/MACHINES.md'), 'utf8')
    const typed = page.matchAll(
      /^pkcs11-tool --module M --token-label gateway --login (.+) --label (\w+)$/gm,
    )
    for (const [, how = '', object = ''] of typed) token.make(object, how.split(' '))
    keys = {
      COMITY_MASTER_KEY: token.uri('master'),
      COMITY_CHECKPOINT_KEY: token.uri('checkpoints'),
    }
    store = await start()
    site = await startSite(store.client, {
      ...store.environment,
      SOFTHSM2_CONF: process.env.SOFTHSM2_CONF,
      PATH: token.path,
      ...keys,
    })
  }, 120_000)
  afterAll(async () => {
    await site?.close()
    await store?.close()
    token?.remove()
    await removeFolders()
  })

  async function ask(machine: Served, at: number): Promise<void> {
    const { agency, officer, request } = examples[at % examples.length] ?? {}
    const call = { method: 'POST', path: '/v1/access-requests', body: request ?? {} }
    const response = await machine.send(String(agency), String(officer), call)
    const { id, receipt } = (await response.json()) as { id: string; receipt: string }
    expect(response.status).toBe(201)
    receipts.push({ name: `receipt ${id}`, text: receipt })
  }

  /** Asks to erase somebody's data, which waits until what was asked before is sealed. */
  async function erase(machine: Served): Promise<Response> {
    const key = site.keys.get('DE-DPO')
    if (key === undefined) throw new Error('no key')
    const subject = subjectSchema.parse(examples[0]?.request.subject)
    const jti = freshJti()
    const act = {
      ...{ act: 'erase' as const, jti, ground: 'The person asked for it.', cites: ['LED 16(2)'] },
      subjects: [site.world.secrets.pseudonym('DE', identifierOf(subject))],
      order: { by: 'court' as const, reference: 'K 12/26', documentDigest: 'A'.repeat(43) },
    }
    const iat = Math.floor(Date.now() / 1000)
    const approval = await signApproval(act, key, { agency: 'DE-DPO', officer: 'dpo-1', iat })
    const call = { method: 'POST', path: '/v1/subject-acts', body: { ...act, approval }, jti }
    return machine.send('DE-POL', 'officer-1', call)
  }

  /** What both verifiers find, with every receipt that was given. */
  async function expectWhole(): Promise<void> {
    const { findings, whole, logs } = await site.verify(receipts)
    expect([findings, whole]).toEqual([[], true])
    expect(logs.reduce((sum, { size }) => sum + size, 0)).toBeGreaterThan(receipts.length)
    const { out, written } = await site.exported()
    const folder = mkdtempSync(join(token.folder, 'held-'))
    const file = (name: string, text: string) => {
      writeFileSync(join(folder, name), text)
      return join(folder, name)
    }
    // The second checks each signature in Python alone, which takes a while.
    const held = receipts
      .slice(-4)
      .flatMap(({ text }, at) => ['--receipt', file(`receipt-${at}`, text)])
    const trust = file('trust.json', JSON.stringify(written))
    const second = exitOf('verify_log.py', [out, '--trust', trust, ...held])
    expect(JSON.parse(second.stdout)).toMatchObject({ whole: true, findings: [] })
    expect(second.code).toBe(0)
  }

  const failing = async (more: NodeJS.ProcessEnv) => {
    const { ended, output } = runDoor(['functions/serve.ts'], { ...site.environment, ...more })
    const { code } = await ended
    expect([code, output.stdout]).toEqual([1, ''])
    return output.stderr
  }

  // Kills: a key of a file that signs beside the one in the module; secrets that another start cannot open.
  test('answers, seals, and is verified by both verifiers; neither key is in a file', async () => {
    for (const start of [1, 2]) {
      const one = await site.start()
      for (let at = 0; at < 3; at += 1) await ask(one, at)
      await expectWhole()
      await one.end('SIGTERM')
      expect(one.output.stderr, `start ${start}`).toBe('')
    }
    for (const name of ['master.key', 'checkpoint.pem'])
      expect(existsSync(join(String(site.environment.COMITY_KEYS), name))).toBe(false)
  })

  // Kills: an answer that waits for the module; a checkpoint signed by nobody; an act that is said to be done.
  test('goes on to answer while the token is away, says so, and publishes everything once it is back', async () => {
    const one = await site.start()
    await ask(one, 0)
    token.takeOut()
    for (let at = 0; at < 6; at += 1) await ask(one, at)
    await expect.poll(() => one.output.stdout).toContain('"failed"')
    const said = one.output.stdout.split('\n').find((line) => line.includes('"failed"')) ?? ''
    expect(JSON.parse(said).why).toBe(
      'couldn’t use the key of the module: No slot with token named "gateway" found',
    )
    const refused = await erase(one)
    expect(refused.status).toBe(503)
    token.putBack()
    await ask(one, 1)
    expect((await erase(one)).status).toBe(201)
    await expectWhole()
    await one.end('SIGTERM')
  })

  // Kills: a queue in which each waits anew; an answer, or a check of health, that waits for the module; a tool that
  // outlives the gateway and keeps its session.
  test('goes on to answer while the module hangs, refuses acts in time, and publishes all once it wakes', async () => {
    const one = await site.start()
    await ask(one, 0)
    token.hang()
    for (let at = 0; at < 6; at += 1) await ask(one, at)
    await expect.poll(() => one.output.stdout).toContain('took longer')
    const said = one.output.stdout.split('\n').filter((line) => line.includes('"failed"'))
    for (const line of said)
      expect(JSON.parse(line).why).toMatch(
        /^couldn’t use the key of the module: (it|another use of it) took longer than 10 s$/,
      )
    const begun = Date.now()
    const acts = await Promise.all([erase(one), erase(one), erase(one)])
    expect(acts.map(({ status }) => status)).toEqual([503, 503, 503])
    // A caller is cut off after 29 s.
    expect(Date.now() - begun).toBeLessThan(27_000)
    expect((await fetch(`http://127.0.0.1:${one.port}/healthz`)).status).toBe(200)
    expect((await fetch(`http://127.0.0.1:${one.port}/readyz`)).status).toBe(200)
    token.answer()
    await ask(one, 1)
    expect((await erase(one)).status).toBe(201)
    await expectWhole()
    token.hang()
    await ask(one, 0)
    await expect.poll(token.hung).toBeGreaterThan(0)
    await one.end('SIGTERM')
    await expect.poll(() => isRunning(token.hung())).toBe(false)
    token.answer()
    expect(one.output.stderr).toBe('')
    // What it could not publish, the next start does.
    const next = await site.start()
    await expectWhole()
    await next.end('SIGTERM')
  })

  // Kills: a key file that is made where the module is away; another key of the token that signs instead.
  test('does not start without the token, with another key, or with a wrong PIN, and says why in one sentence', async () => {
    token.takeOut()
    expect(await failing({})).toBe(
      'couldn’t use the key of the module: No slot with token named "gateway" found\n',
    )
    token.putBack()
    expect(await failing({ COMITY_CHECKPOINT_KEY: token.uri('other') })).toMatch(
      /^couldn’t start: the key in the module is not the one that signs the checkpoints of this store; .*\n$/,
    )
    expect(await failing({ COMITY_CHECKPOINT_KEY: undefined })).toMatch(
      /^couldn’t start: `.*checkpoint\.pem` is not there; .*\n$/,
    )
    const wrong = join(token.folder, 'wrong')
    writeFileSync(wrong, '9999', { mode: 0o600 })
    const pin = readFileSync(token.pin, 'utf8').trim()
    const said = await failing({
      COMITY_MASTER_KEY: keys.COMITY_MASTER_KEY.replace(token.pin, wrong),
    })
    expect(said).toMatch(
      /^couldn’t open the secrets: couldn’t use the key of the module: .*CKR_PIN_INCORRECT.*\n$/,
    )
    for (const secret of [pin, '9999']) expect(said).not.toContain(secret)
    // Another key of the module opens nothing.
    const other = { COMITY_MASTER_KEY: token.uri('other') }
    expect(await failing(other)).toMatch(/^couldn’t /)
    await expectWhole()
  })
})

function isRunning(pid: number): boolean {
  try {
    return process.kill(pid, 0)
  } catch {
    return false
  }
}
