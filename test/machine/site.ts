/**
 * A gateway on machines of one's own: processes of `serve.ts` over one store, one archive and one folder of keys.
 *
 *     const site = await startSite(store.endpoint)
 *     const one = await site.start()
 *     await one.send('FR-SPOC', 'officer-7', { method: 'POST', path, body })
 *     await one.end('SIGTERM')
 *     await site.close(); removeFolders()          // in `afterAll`
 */

import { randomUUID } from 'node:crypto'
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import type { DynamoDBClient } from '@aws-sdk/client-dynamodb'
import { fileArchive } from '../../functions/adapters/archive-files.ts'
import { fileCheckpointKey } from '../../functions/adapters/key-files.ts'
import { exportLogs } from '../../functions/adapters/log-export.ts'
import { dynamodbMemory } from '../../functions/adapters/memory-dynamodb.ts'
import { lawToRun } from '../../functions/adapters/policies-files.ts'
import { localTableNames, tableNames } from '../../functions/adapters/tables.ts'
import { agencies } from '../../functions/demo/agencies.ts'
import { demonstrationFloor, enrolMissing } from '../../functions/demo/enrol.ts'
import { agencyKey } from '../../functions/demo/keys.ts'
import { type Keys, registeredAgencies, seed } from '../../functions/demo/seed.ts'
import { startWitness } from '../../functions/demo/witness.ts'
import { accessApi } from '../../functions/http/access-api.ts'
import { demonstrationRegistrars } from '../../functions/identity/registrars.ts'
import { parseVkey } from '../../functions/ledger/note.ts'
import { checkpointKeyIn, wrapperIn } from '../../functions/machine/checkpoint-key.ts'
import { openMachine } from '../../functions/machine/machine.ts'
import { vkeyOf } from '../../functions/machine/seal-world.ts'
import { readMachineConfig } from '../../functions/machine/settings.ts'
import { run } from '../../functions/policy/read-book.ts'
import { digestOfKeys } from '../../functions/policy/set.ts'
import type { World } from '../../functions/ports.ts'
import { folderFiles } from '../../functions/proof/commands/export-files.ts'
import { type Verdict, verifyLogs } from '../../functions/proof/verify-log.ts'
import type { HeldFile } from '../../functions/proof/verify-memory.ts'
import { trustFile } from '../../functions/proof/verify-trust.ts'
import { type Call, end, freePort, root, runDoor, send, temporaryFolder } from '../demo/process.ts'

/** Where callers sign for: what stands before the machines. */
export const origin = 'https://gateway.example'

/** A machine that runs. */
export type Served = Awaited<ReturnType<Site['start']>>
/** A store with what several machines share. */
export type Site = Awaited<ReturnType<typeof startSite>>

/** Longest a machine may take to start, ms. */
const startMsMax = 55_000

/** How long everything may take to be sealed at last, ms. */
const sealedMsMax = 60_000

const receiptKeys = ({ secrets }: World) => secrets.jwks.keys.filter(({ kty }) => kty === 'EC')

/**
 * Makes what a first start makes, and fills it with the invented world. `client` reaches the same store. Where it is
 * witnessed, each checkpoint is cosigned by a witness with a key of its own.
 */
export async function startSite(
  client: DynamoDBClient,
  store: NodeJS.ProcessEnv,
  { isWitnessed = false } = {},
) {
  const folder = temporaryFolder()
  const data = join(folder, 'agencies')
  const found = lawToRun(join(root, 'policies'))
  const lawKeys = digestOfKeys(found)
  const environment: NodeJS.ProcessEnv = {
    ...store,
    COMITY_ORIGIN: origin,
    COMITY_GATEWAY: 'comity.site',
    COMITY_ENVIRONMENT: 'dev',
    COMITY_REGISTRARS: JSON.stringify(demonstrationRegistrars),
    COMITY_LAW_KEYS: lawKeys,
    COMITY_ARCHIVE: join(folder, 'log'),
    COMITY_KEYS: join(folder, 'keys'),
    COMITY_BACKUP_DAYS: '0',
  }
  const checkpointFile = join(folder, 'keys', 'checkpoint.pem')
  const witness = isWitnessed ? await witnessOf(folder, client, checkpointFile) : undefined
  if (witness !== undefined) {
    environment.COMITY_WITNESSES = JSON.stringify([{ vkey: witness.vkey, url: witness.url }])
    environment.COMITY_QUORUM = '1'
  }
  const config = readMachineConfig(environment)
  const law = run(found)
  await demonstrationFloor(client, config.COMITY_REGISTER_TABLE, join(root, 'policies'), law)
  const created = runDoor(
    ['functions/comity.mjs', 'init', '--site', join(folder, 'site.json')],
    environment,
  )
  const { code } = await created.ended
  if (code !== 0) throw new Error(`not created\n${created.output.stdout}\n${created.output.stderr}`)
  mkdirSync(join(data, 'agencies'), { recursive: true })
  const keys: Keys = new Map(
    await Promise.all(
      agencies.map(async ({ id }) => [id, await agencyKey(join(data, 'agencies'), id)] as const),
    ),
  )
  const now = new Date()
  const registered = registeredAgencies(keys, '2026-01-01T00:00:00Z')
  await enrolMissing(client, config.COMITY_REGISTER_TABLE, registered, now)
  const key = checkpointKeyIn(config.COMITY_CHECKPOINT_KEY ?? checkpointFile)
  const { world } = await openMachine(config, {
    ...{ client, law, lawKeys, key, build: 'a test', witnesses: [], quorum: 0 },
    wrapper: wrapperIn(config.COMITY_MASTER_KEY ?? join(config.COMITY_KEYS, 'master.key')),
    archive: fileArchive(config.COMITY_ARCHIVE, randomUUID),
    remains: { purge: async () => undefined, backupDays: 0 },
    providers: [],
    say: () => undefined,
  })
  await seed(
    accessApi(world, () => undefined),
    origin,
    keys,
    now,
  )

  /** Exports the log as it is, whatever is done meanwhile; gives the folder, and the keys to verify it by. */
  const exported = async () => {
    const logs = ['de', 'gb', 'fr', 'us', 'es'].map((each) =>
      vkeyOf(key)(`comity.site/${each}/${now.getUTCFullYear()}`),
    )
    const witnesses = config.COMITY_WITNESSES.map(({ vkey }) => vkey)
    const published = { v: 1, logs, witnesses, quorum: config.COMITY_QUORUM }
    const keys = { ...published, receipts: { keys: receiptKeys(world) } }
    const sources = [{ from: 'paper', what: 'handed over at the start', on: '2026-11-25' }]
    const logStore = { client, tables: tableNames(config), archive: config.COMITY_ARCHIVE }
    const out = temporaryFolder()
    await exportLogs(logStore, keys, new Date(), out, () => undefined)
    return { out, trust: trustFile.parse({ ...keys, sources }), written: { ...keys, sources } }
  }
  const verifyNow = async (receipts: readonly HeldFile[] = []): Promise<Verdict> => {
    const { out, trust } = await exported()
    return verifyLogs({ files: folderFiles(out), trust, receipts, now: Date.now() })
  }

  return {
    config,
    created: created.output.stdout,
    environment,
    keys,
    data,
    world,
    exported,
    verifyNow,
    close: async () => witness?.close(),
    /** Exports the log and verifies it, once nothing waits to be sealed. */
    async verify(receipts: readonly HeldFile[] = []): Promise<Verdict> {
      for (const until = Date.now() + sealedMsMax; ; await pause(500)) {
        const verdict = await verifyNow(receipts)
        if (verdict.logs.every(({ pending }) => pending === 0) || Date.now() > until) return verdict
      }
    },
    /** Starts a machine; rejects with what it wrote if it does not come up. */
    async start(more: NodeJS.ProcessEnv = {}) {
      const [port, metrics] = [await freePort(), await freePort()]
      const { child, ended, output } = runDoor(['functions/serve.ts'], {
        ...environment,
        COMITY_LISTEN: `127.0.0.1:${port}`,
        COMITY_METRICS: `127.0.0.1:${metrics}`,
        ...more,
      })
      await new Promise<void>((resolve, reject) => {
        const fail = (why: string) => () =>
          reject(new Error(`${why}\n${output.stdout}\n${output.stderr}`))
        setTimeout(fail('not ready in time'), startMsMax).unref()
        child.stdout.on('data', () => output.stdout.includes('"ready"') && resolve())
        void ended.then(fail('it ended'))
      })
      return {
        port,
        pid: child.pid ?? 0,
        output,
        ended,
        send: (agency: string, officer: string, call: Call) =>
          send(origin, port, data, agency, officer, call),
        metrics: async () => (await fetch(`http://127.0.0.1:${metrics}/metrics`)).text(),
        end: (signal: NodeJS.Signals) => end(child, signal),
      }
    },
  }
}

/** A witness of all logs of a site, which remembers what it cosigned in the same store. */
const witnessOf = (folder: string, client: DynamoDBClient, checkpointFile: string) =>
  startWitness({
    name: 'witness.example/site',
    keyFile: join(folder, 'witness.pem'),
    memory: dynamodbMemory(client, localTableNames().signatures, 'witness'),
    logKey(origin) {
      const read = parseVkey(vkeyOf(fileCheckpointKey(checkpointFile))(origin))
      return origin.startsWith('comity.site/') && 'key' in read ? read.key : undefined
    },
    now: () => new Date(),
    log: () => undefined,
  })
