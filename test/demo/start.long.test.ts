/** `npm start`, as a developer meets it. */

import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { Agent, get } from 'node:http'
import { connect } from 'node:net'
import { networkInterfaces } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { answerSchema } from '../../functions/answer/reply/reply-schema.ts'
import { dataFormat } from '../../functions/demo/data.ts'
import { examples } from '../../functions/demo/demonstration.ts'
import { recordsOf } from '../../functions/demo/records.ts'
import { beatMs } from '../../functions/http/trace.ts'
import { comity } from '../cli/run.ts'
import {
  failToStart,
  freePort,
  freshJti,
  type Local,
  removeFolders,
  startLocal,
  temporaryFolder,
} from './process.ts'

/** What a developer waits for at most, ms. */
const startMsMax = 55_000
/** A gateway ends within three seconds; a busy machine may be a second late. It would wait five for a connection. */
const stopMsMax = 4000

/** Signals and file modes are another matter there. */
const onWindows = process.platform === 'win32'

let gateway: Local
beforeAll(async () => {
  gateway = await startLocal({ data: join(temporaryFolder(), 'data') }, startMsMax)
})
afterAll(removeFolders)

describe('A first start', () => {
  test('shows a released, a redacted and a denied answer, each with sentences and articles', () => {
    const [released = '', redacted = '', denied = ''] = examples.map(({ title }, i) => {
      const after = gateway.output.stdout.split(title)[1] ?? ''
      return after.split(examples[i + 1]?.title ?? 'Ask yourself')[0]
    })
    expect(released).toMatch(/^\nRELEASED\n- .+\.\n {2}.*BKAG.+\[.+\]\n/)
    expect(released).toContain('\nWhat leaves:\n- ')
    expect(redacted).toMatch(/^\nRELEASED IN PART\n- .+\.\n {2}.*IRG § 92b.+\[.+\]\n/)
    expect(redacted).toMatch(/\nWhat leaves:\n- (.|\n)+\nNot released:\n- location\n/)
    expect(denied).toMatch(
      /^\nNOT DECIDED YET \(.+\)\n(- .+\.\n {2}.+\[.+\]\n){2}To be checked:\n- .+\.\n {2}.+\[.+\]\nNot released:\n/,
    )
    expect(denied).toMatch(/\n- .+ death\.\n {2}.*ECHR Protocol 13.+\[death-penalty, .+\]\n/)
    expect(denied).toContain("\n- release.decision = release, by the holder's officer\n")
    expect(denied).not.toContain('What leaves')
  })

  test('then says where to look, and last of all that it is ready', async () => {
    const { origin, output, data } = gateway
    const [, ...last] = output.stdout.trimEnd().split('\nAsk yourself:')
    expect(last.join('')).toContain(`${origin}/openapi.json`)
    expect(last.join('')).toContain(data)
    expect(output.stdout.trimEnd().split('\n').at(-1)).toBe(`Comity is ready on ${origin}`)
    expect(output.stderr).toBe('')
    const addresses = output.stdout.match(/http:\/\/localhost:\d+\/\S+/g) ?? []
    expect(addresses).toHaveLength(4)
    // The console leads to its login.
    for (const address of addresses)
      expect((await fetch(address, { redirect: 'manual' })).status, address).toBe(
        address.endsWith('/console') ? 303 : 200,
      )
  })

  test.skipIf(onWindows)('leaves every key readable by its owner alone', () => {
    const { data } = gateway
    const keys = ['agencies', 'second-keys'].flatMap((folder) =>
      readdirSync(join(data, folder)).map((file) => join(data, folder, file)),
    )
    expect(keys.length).toBeGreaterThan(10)
    for (const file of [join(data, 'master.key'), ...keys])
      expect(statSync(file).mode & 0o777, file).toBe(0o600)
    for (const folder of [data, join(data, 'agencies'), join(data, 'second-keys')])
      expect(statSync(folder).mode & 0o777, folder).toBe(0o700)
  })

  test('can be reached on this machine and from no other', async () => {
    const others = Object.values(networkInterfaces())
      .flatMap((each) => each ?? [])
      .filter(({ internal, family }) => !internal && family === 'IPv4')
      .map(({ address }) => address)
    expect(await answers('127.0.0.1', gateway.port)).toBe(true)
    for (const host of others) expect(await answers(host, gateway.port), host).toBe(false)
  })

  test.skipIf(process.platform !== 'linux')('listens nowhere but on 127.0.0.1', () => {
    const loopback = '0100007F'
    const listening = addressesOf(gateway.pid)
    // The gateway, its store, its witness and its login provider.
    expect(listening).toHaveLength(4)
    for (const address of listening) expect(address.split(':')[0]).toBe(loopback)
  })
})

describe('A gateway that is in use', () => {
  // Kills: a door that was put together without the beat.
  test('lets no answer to a call go before the beat', async () => {
    for (let i = 0; i < 5; i++) {
      const before = performance.now()
      const response = await gateway.send('FR-SPOC', 'officer-7', { path: '/v1/access-requests/x' })
      expect(response.status).toBe(404)
      // Timers count whole milliseconds.
      expect(performance.now() - before).toBeGreaterThan(beatMs - 1)
    }
  })

  // Kills: what stands beside entries in their table taken for one (log-export.ts).
  test('has logs that are whole, with what its law and its register rest on', async () => {
    await expect
      .poll(async () => (await comity(['log', 'verify'], gateway)).stdout, { timeout: 30_000 })
      .toMatch(/logs, \d+ entries: whole as of /)
  })

  test('does not start twice on one port, and says why in one line', async () => {
    const { port } = gateway
    const second = await failToStart({ data: temporaryFolder(), port })
    expect(second.stderr).toBe(`couldn’t start: port ${port} is in use; set PORT\n`)
    expect(second.stdout).toBe('')
    expect(second.code).toBe(1)
  })

  test('does not start twice on one folder, and says why in one line', async () => {
    const { code, stdout, stderr } = await failToStart({ data: gateway.data })
    const folder = join(gateway.data, 'dynamodb')
    expect(stderr).toBe(
      `couldn’t open the store: the data in \`${folder}\` is in use by another gateway\n`,
    )
    expect([stdout, code]).toEqual(['', 1])
    // Commands still find the one that runs.
    expect((await comity(['log', 'verify'], gateway)).stdout).toContain(': whole as of ')
  })

  test('stops on Ctrl-C, though somebody keeps a connection open', async () => {
    const agent = new Agent({ keepAlive: true })
    await new Promise<void>((resolve, reject) => {
      get(`http://127.0.0.1:${gateway.port}/healthz`, { agent }, (response) =>
        response.resume().once('end', resolve),
      ).once('error', reject)
    })
    const stopped = gateway.interrupt()
    const late = new Promise((resolve) => setTimeout(resolve, stopMsMax, 'late'))
    expect(await Promise.race([stopped.then(() => 'stopped'), late])).toBe('stopped')
    agent.destroy()
    // Windows has no signals: there, the process is ended from outside.
    if (!onWindows) expect(await gateway.ended).toEqual({ code: 0, signal: null })
    expect(gateway.output.stderr).toBe('')
  })
})

describe('A second start on the same data', () => {
  test('still knows what was decided and what was erased, and fills in nothing again', async () => {
    // The first start is that of above, which somebody has stopped.
    await gateway.interrupt()
    const { data } = gateway
    const first = await startLocal({ data })
    const [example] = examples
    if (example === undefined) throw new Error('no example')
    const { agency, officer, request } = example
    const path = '/v1/access-requests'
    const call = { method: 'POST', path, jti: freshJti() }
    const decided = await first.send(agency, officer, { ...call, body: request })
    const answer = answerSchema.parse(await decided.json())
    expect(decided.status).toBe(201)
    expect(answer.outcome).toBe('release')

    const record = recordsOf('DE-POL').find(({ birthDates }) =>
      birthDates.includes(String(Object(request.subject).birthDate)),
    )
    const erasure = { method: 'DELETE', path: `/v1/records/${record?.id}` }
    expect((await first.send('DE-POL', 'officer-1', erasure)).status).toBe(201)
    const seeded = readFileSync(join(data, 'seeded'), 'utf8')
    await first.interrupt()

    const second = await startLocal({ data, port: await freePort() })
    const found = await second.send(agency, officer, { path: `${path}/${answer.id}` })
    const { records, receipt, ...decision } = answer
    expect(await found.json()).toMatchObject(decision)
    const gone = await second.send(agency, officer, { method: 'POST', path, body: request })
    expect(await gone.json()).toMatchObject({
      outcome: 'deny',
      reasons: [{ code: 'nothing-transmissible' }],
      records: [],
    })
    expect(readFileSync(join(data, 'seeded'), 'utf8')).toBe(seeded)
    await second.interrupt()
  })
})

describe('What goes wrong at the start is one plain sentence:', () => {
  const failed = async (data: string, port?: number) => {
    const { code, stdout, stderr } = await failToStart({
      data,
      ...(port === undefined ? {} : { port }),
    })
    expect([stdout, code]).toEqual(['', 1])
    expect(stderr.trimEnd().split('\n')).toHaveLength(1)
    return stderr
  }

  // Kills: a build that takes data of a later one for its own.
  test('a newer build wrote the data', async () => {
    const data = temporaryFolder()
    writeFileSync(join(data, 'format'), `${dataFormat + 1}\n`)
    const said = await failed(data)
    expect(said).toContain(`the data in \`${data}\` was written by a newer Comity`)
    expect(readdirSync(data)).toEqual(['format'])
  })

  test('the folder is a file', async () => {
    const file = join(temporaryFolder(), 'file')
    writeFileSync(file, 'a letter')
    expect(await failed(file)).toMatch(/^couldn’t start: the data in .+ can’t be read and written/)
    expect(readFileSync(file, 'utf8')).toBe('a letter')
  })

  test('the files of the store are damaged, which is not called in use', async () => {
    const data = temporaryFolder()
    mkdirSync(join(data, 'dynamodb'))
    writeFileSync(join(data, 'dynamodb/CURRENT'), 'MANIFEST-000009\n')
    const said = await failed(data)
    expect(said).toMatch(/^couldn’t open the store: the files in .+ can’t be used \(LEVEL_/)
    expect(said).not.toContain('in use by')
  })

  test('the port is none', async () => {
    const data = join(temporaryFolder(), 'data')
    expect(await failed(data, 80_000)).toMatch(/^couldn’t start: PORT is `80000`, and no port;/)
    // Nothing was begun.
    expect(existsSync(data)).toBe(false)
  })
})

describe('After any load', () => {
  // Kills: an end that waits for calls, for a round of sealing, or for the rewriting of files.
  test.skipIf(onWindows)(
    'it ends within three seconds, and loses nothing that it answered',
    async () => {
      const { data } = gateway
      await gateway.interrupt()
      const first = await startLocal({ data })
      const answered: string[] = []
      const ask = async (i: number) => {
        const { agency, officer, request } = examples[i % examples.length] ?? ({} as never)
        const body = { ...request, caseReference: `LOAD-${i}` }
        const call = { method: 'POST', path: '/v1/access-requests', body }
        const response = await first.send(agency, officer, call)
        if (response.status === 201) answered.push(answerSchema.parse(await response.json()).id)
      }
      // Each asks until nobody answers, so that the end comes in the middle however quick it is.
      const askers = 100
      const asker = async (first: number) => {
        for (let i = first; ; i += askers) await ask(i)
      }
      const load = Promise.allSettled(Array.from({ length: askers }, (_, i) => asker(i)))
      await expect.poll(() => answered.length, { timeout: 60_000 }).toBeGreaterThan(50)
      const began = performance.now()
      await first.terminate()
      expect(performance.now() - began).toBeLessThan(stopMsMax)
      await load
      expect(await first.ended).toEqual({ code: 0, signal: null })

      const second = await startLocal({ data })
      const found = await Promise.all(
        answered.map(async (id) => {
          const path = `/v1/access-requests/${id}`
          const asked = examples.map(({ agency, officer }) =>
            second.send(agency, officer, { path }),
          )
          return (await Promise.all(asked)).some(({ status }) => status === 200)
        }),
      )
      expect(found).not.toContain(false)
      await second.interrupt()
    },
  )
})

const answers = (host: string, port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = connect({ host, port, timeout: 1000 })
    const done = (answered: boolean) => () => {
      socket.destroy()
      resolve(answered)
    }
    socket.once('connect', done(true)).once('error', done(false)).once('timeout', done(false))
  })

/** `ADDRESS:PORT`, in hex, of every socket on which a process of Linux listens. */
function addressesOf(pid: number): readonly string[] {
  const sockets = new Set(
    readdirSync(`/proc/${pid}/fd`).flatMap((fd) => {
      try {
        return /^socket:\[(\d+)\]$/.exec(readlinkSync(`/proc/${pid}/fd/${fd}`))?.[1] ?? []
      } catch {
        return []
      }
    }),
  )
  const listening = '0A'
  return ['tcp', 'tcp6'].flatMap((table) =>
    readFileSync(`/proc/${pid}/net/${table}`, 'utf8')
      .split('\n')
      .slice(1)
      .map((line) => line.trim().split(/\s+/))
      .filter(([, , , state, , , , , , inode = '']) => state === listening && sockets.has(inode))
      .map(([, address = '']) => address),
  )
}
