/** `comity request send` and `comity attestation send`, at a gateway that runs. */

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { answerSchema } from '../../functions/answer/reply/reply-schema.ts'
import { examples } from '../../functions/demo/demonstration.ts'
import { comity, fileOf } from '../cli/run.ts'
import {
  freePort,
  freshJti,
  type Local,
  plainEnvironment,
  removeFolders,
  root,
  startLocal,
  temporaryFolder,
} from '../demo/process.ts'

let gateway: Local
beforeAll(async () => {
  gateway = await startLocal({ data: join(temporaryFolder(), 'data') })
})
afterAll(removeFolders)

/** The file of an example, as the gateway's start leaves it, and who sends it. */
function example(name: 'release' | 'redact' | 'deny') {
  const found = examples.find(({ file }) => file === `${name}.json`)
  if (found === undefined) throw new Error(`no example ${name}`)
  const file = join(gateway.data, 'examples', found.file)
  const who = ['--as', found.agency, '--officer', found.officer]
  return { ...found, file, who, args: ['request', 'send', file, ...who] }
}

/** Runs a command beside the gateway, which it finds by PORT and COMITY_DATA. */
const run = (args: readonly string[], stdin?: string) =>
  comity(args, { port: gateway.port, data: gateway.data, ...(stdin && { stdin }) })

describe('An agency that asks', () => {
  test('reads what leaves, why, and what it must do with it', async () => {
    const { code, stdout, stderr } = await run(example('release').args)
    expect(stdout).toMatch(/^RELEASED\n- .+\.\n {2}BKAG .+\[.+, de\/bkag\/.+\]\n/)
    expect(stdout).toContain('\nWhat leaves:\n- nc:PersonFullName: Anton Beispiel\n')
    expect(stdout).toMatch(/\nDuties:\n- .+ \[O-[A-Z-]+, (requester|holder).*\]\n/)
    expect(stdout).toMatch(/\nid [A-Za-z0-9_-]{43}\n$/)
    expect(stderr).toBe('')
    expect(code).toBe(0)
  })

  test('is given a refusal as an answer, with what would remedy it', async () => {
    const { code, stdout } = await run(example('deny').args)
    expect(stdout).toMatch(/^NOT DECIDED YET \(somebody can still supply what is missing\)\n/)
    expect(stdout).toContain('- assurance.deathPenalty = given-and-verified, by the holder')
    expect(stdout).not.toContain('What leaves')
    expect(code).toBe(0)
  })

  test('gets the whole answer as JSON, receipt and all', async () => {
    const { code, stdout, stderr } = await run([...example('redact').args, '--json'])
    const answer = answerSchema.parse(JSON.parse(stdout))
    expect(answer).toMatchObject({ outcome: 'redact', classes: { location: 'not released' } })
    expect(answer.receipt.split('.')).toHaveLength(3)
    expect(stderr).toBe('')
    expect(code).toBe(0)
  })

  test('may send what another program writes', async () => {
    const { who, file } = example('release')
    const { code, stdout } = await run(['request', 'send', '-', ...who], readFileSync(file, 'utf8'))
    expect(stdout).toMatch(/^RELEASED\n/)
    expect(code).toBe(0)
  })

  test('may name the gateway by its address', async () => {
    const { args } = example('release')
    const elsewhere = { port: await freePort(), data: gateway.data }
    const { code, stdout } = await comity([...args, '--url', gateway.origin], elsewhere)
    expect(stdout).toMatch(/^RELEASED\n/)
    expect(code).toBe(0)
  })

  test('gets the same decision when it sends the same call again', async () => {
    const args = [...example('release').args, '--json', '--jti', freshJti()]
    const [first, second] = [await run(args), await run(args)]
    expect(first.code).toBe(0)
    expect(JSON.parse(second.stdout).id).toBe(JSON.parse(first.stdout).id)
    expect(JSON.parse(second.stdout).decidedAt).toBe(JSON.parse(first.stdout).decidedAt)
  })

  test('may not send another request as if it were the same call', async () => {
    const { request, who, args } = example('release')
    const jti = ['--jti', freshJti()]
    expect((await run([...args, ...jti])).code).toBe(0)
    const other = fileOf({ ...request, caseReference: 'ANOTHER' })
    const { code, stdout, stderr } = await run(['request', 'send', other, ...who, ...jti])
    expect(stderr).toMatch(/^Another call was signed with this jti.* \(jti-reused\)\n/)
    expect(stdout).toBe('')
    expect(code).toBe(1)
  })
})

describe('An agency that asks in a wrong way', () => {
  test('reads every fault with its place, and the id to ask about', async () => {
    const { request, who } = example('release')
    const { holder: _, ...rest } = request
    const file = fileOf({ ...rest, purpose: 'curiosity', colour: 'red' })
    const { code, stdout, stderr } = await run(['request', 'send', file, ...who])
    expect(stderr).toMatch(/^.+ \(invalid-request\)\n/)
    expect(stderr).toMatch(/\n- \/holder: .+\n/)
    expect(stderr).toMatch(/\n- \/purpose: .+\n/)
    expect(stderr).toMatch(/\n- \/colour: .+\n/)
    expect(stderr).toMatch(/\ntrace [0-9a-f]{32}\n$/)
    expect(stdout).toBe('')
    expect(code).toBe(1)
  })

  test('gets the problem as JSON if it wants', async () => {
    const { who } = example('release')
    const { code, stdout } = await run(['request', 'send', fileOf({}), ...who, '--json'])
    expect(JSON.parse(stdout)).toMatchObject({ code: 'invalid-request', status: 422 })
    expect(code).toBe(1)
  })

  test('is told that it has no key, or no file, before anything is sent', async () => {
    const { file } = example('release')
    const officer = ['--officer', 'officer-7']
    const stranger = await run(['request', 'send', file, '--as', 'XX-NONE', ...officer])
    expect(stranger.stderr).toMatch(/^there is no key for `XX-NONE`, which would be `.+`/)
    expect(stranger.code).toBe(2)
    const absent = join(gateway.data, 'none.json')
    const unread = await run(['request', 'send', absent, '--as', 'FR-SPOC', ...officer])
    expect(unread.stderr).toMatch(/^couldn’t read `.+none\.json`/)
    expect(unread.code).toBe(2)
  })

  // Kills: an identity that is taken for its agency; a path that begins elsewhere than at its profile.
  test('is known by the profile of the gateway, or by one of their own', async () => {
    const { file } = example('release')
    const { data, port } = gateway
    const known = await comity(['request', 'send', file, '--as', 'FR-SPOC'], { data })
    expect([known.stderr, known.code]).toEqual(['', 0])
    const own = join(temporaryFolder(), 'own.json')
    const me = {
      agency: 'FR-SPOC',
      key: relative(dirname(own), join(data, 'agencies/FR-SPOC.json')),
    }
    const url = `http://localhost:${port}`
    writeFileSync(own, JSON.stringify({ url, keys: '.', identities: { me } }))
    const send = ['request', 'send', file, '--as']
    const unsaid = await comity([...send, 'me'], { profile: own })
    expect([unsaid.stderr, unsaid.code]).toEqual([
      'say which officer acts for me: --officer ID\n',
      2,
    ])
    const said = await comity([...send, 'me', '--officer', 'officer-7'], { profile: own })
    expect([said.stderr, said.code]).toEqual(['', 0])
    const none = await comity([...send, 'FR-SPOC', '--officer', 'officer-7'], { profile: own })
    expect(none.stderr).toMatch(/^there is no key for `FR-SPOC`, .+ the profile `.+` names me\n$/)
  })

  test('learns how to ask again safely when the gateway is down, and may', async () => {
    const { args } = example('release')
    const nobody = { port: await freePort(), data: gateway.data }
    const { code, stdout, stderr } = await comity(args, nobody)
    expect(stderr).toMatch(/^no answer from http:\/\/localhost:\d+; is the gateway running\?/)
    const [, jti = ''] = /--jti ([A-Za-z0-9_-]{22})`/.exec(stderr) ?? []
    expect(jti).not.toBe('')
    expect(stdout).toBe('')
    expect(code).toBe(1)
    expect((await run([...args, '--jti', jti])).stdout).toMatch(/^RELEASED\n/)
  })
})

describe('An agency that asks for many subjects', () => {
  const count = 40
  const many = () =>
    Array.from({ length: count }, (_, i) => {
      const birthDate = `19${String(50 + i)}-01-01`
      const subject = { name: { given: 'Nora', family: 'Unbekannt' }, birthDate }
      return JSON.stringify({ ...example('release').request, subject, caseReference: 'FR-MANY' })
    }).join('\n')

  // Kills: ids that are kept only in memory, or written after the call.
  test('asks nothing twice, whenever its run is killed, and has every answer in the end', async () => {
    const file = fileOf(many())
    const args = ['request', 'send', '--many', file, ...example('release').who]
    const env = { ...plainEnvironment, PORT: String(gateway.port), COMITY_DATA: gateway.data }
    const kept = () => {
      const folder = `${file}.answers`
      const files = existsSync(folder) ? readdirSync(folder) : []
      return files.filter((each) => each.length === 43 + '.json'.length).length
    }
    for (const enough of [1, 9, 20]) {
      const killed = spawn(process.execPath, ['functions/comity.mjs', ...args], { cwd: root, env })
      const closed = once(killed, 'close')
      while (kept() < enough && killed.exitCode === null) await setTimeout(2)
      killed.kill('SIGKILL')
      expect(await closed).toEqual([null, 'SIGKILL'])
      expect(kept()).toBeLessThan(count)
    }
    const { code, stdout, stderr } = await run([...args, '--json'])
    const { counts, requests } = JSON.parse(stdout)
    expect([counts.answered, code], stderr).toEqual([count, 0])
    const ids = requests.map(({ id }: { id: string }) => id)
    const inCase = ['--case', 'FR-SPOC', 'FR-MANY', '--as', 'DE-DPA', '--limit', '500', '--json']
    await expect
      .poll(
        async () => {
          const { entries } = JSON.parse((await run(['log', 'query', ...inCase])).stdout)
          return entries.map(({ id }: { id: string }) => id).sort()
        },
        { timeout: 30_000 },
      )
      .toEqual(ids.sort())
  })
})

describe('An officer who attests', () => {
  /** A denial of the example, in a case of its own: its file, and its id. */
  async function denied(caseReference: string) {
    const { request, who } = example('deny')
    const file = fileOf({ ...request, caseReference })
    const { stdout } = await run(['request', 'send', file, ...who])
    expect(stdout).toMatch(/^NOT DECIDED YET \(/)
    return { file, who, id: /\nid (\S+)\n$/.exec(stdout)?.[1] ?? '' }
  }

  /** What the ministry vouches for, of one matter. */
  const assurance = (matter: string) => ({
    holder: 'GB-POL',
    fact: 'assurance.deathPenalty',
    value: 'given-and-verified',
    scope: { kind: 'matter', matter },
    ground: 'Note of the embassy, verified by telephone.',
    decidedBy: 'GB-MIN',
    from: new Date(Date.now() - 60_000).toISOString(),
    until: new Date(Date.now() + 3_600_000).toISOString(),
  })
  const ministry = ['--as', 'GB-MIN', '--officer', 'officer-1']

  test('supplies what is missing, so that the rest is for the officer of the holder', async () => {
    const { file, who, id } = await denied('US-2026-CURED')
    const attestation = fileOf(assurance(id))
    const { code, stdout, stderr } = await run(['attestation', 'send', attestation, ...ministry])
    expect(stdout).toMatch(/^Attested; it counts from now on\.\nid [A-Za-z0-9_-]{43}\n$/)
    expect(stderr).toBe('')
    expect(code).toBe(0)
    const again = await run(['request', 'send', file, ...who, '--previous', id])
    expect(again.stdout).toMatch(/^NOT DECIDED YET \(/)
    expect(again.stdout).not.toContain('assurance.deathPenalty')
    expect(again.stdout).toContain("\n- release.decision = release, by the holder's officer\n")
    const anew = await run(['request', 'send', file, ...who])
    expect(anew.stdout).toContain('\n- assurance.deathPenalty = given-and-verified, by the ')
  })

  test('gets id and receipt as JSON', async () => {
    const file = fileOf(assurance((await denied('US-2026-JSON')).id))
    const { code, stdout } = await run(['attestation', 'send', file, ...ministry, '--json'])
    expect(JSON.parse(stdout)).toEqual({
      id: expect.stringMatching(/^[A-Za-z0-9_-]{43}$/),
      receipt: expect.stringMatching(/^[^.]+\.[^.]+\.[^.]+$/),
    })
    expect(code).toBe(0)
  })

  test('may vouch for nothing that is not an officer’s to say', async () => {
    const file = fileOf(assurance((await denied('US-2026-REFUSED')).id))
    const requester = ['--as', 'US-POL', '--officer', 'agent-12']
    const { code, stdout, stderr } = await run(['attestation', 'send', file, ...requester])
    expect(stderr).toMatch(/\(may-not-attest\)\n/)
    expect(stdout).toBe('')
    expect(code).toBe(1)
  })
})
