/**
 * Door: agencies and auditors of a gateway on machines of one's own, one or several behind whatever ends TLS. Each
 * runs everything: both APIs, the sealer, the signer and the clocks. They share a store, an archive and the keys.
 *
 *     node --import ./functions/runtime.mjs functions/serve.ts --create    once: makes tables, keys and secrets
 *     node --import ./functions/runtime.mjs functions/serve.ts
 *     node --import ./functions/runtime.mjs functions/serve.ts --law-keys  prints what COMITY_LAW_KEYS may be
 *     node --import ./functions/runtime.mjs functions/serve.ts --login-key prints the key to name at login providers
 */

import { randomUUID } from 'node:crypto'
import { accessSync, constants, mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { fileArchive } from './adapters/archive-files.ts'
import { buildDigest } from './adapters/build-digest.ts'
import { createTables, tablesIn } from './adapters/create-tables.ts'
import { dynamodb } from './adapters/dynamodb.ts'
import { fileLoginKey } from './adapters/key-files.ts'
import { dynamodbMemory } from './adapters/memory-dynamodb.ts'
import { lawToRun } from './adapters/policies-files.ts'
import { openSecrets, type Wrapper } from './adapters/secrets.ts'
import { httpAuthority } from './adapters/stamp-http.ts'
import { tableNames } from './adapters/tables.ts'
import { shippedScript } from './adapters/verify-script.ts'
import { httpWitness } from './adapters/witness-http.ts'
import { ComityError, faultOf, whyOf } from './failure.ts'
import { say as print } from './lines.ts'
import type { Archive } from './log-ports.ts'
import { checkpointKeyOf, wrapperIn } from './machine/checkpoint-key.ts'
import { endOnSignal, listen } from './machine/listen.ts'
import { openMachine } from './machine/machine.ts'
import { startMetrics } from './machine/metrics.ts'
import { newsOnly } from './machine/rounds.ts'
import { readMachineConfig } from './machine/settings.ts'
import { carry, openedWhole } from './policy/read-book.ts'
import { digestOfKeys } from './policy/set.ts'

const shipped = join(import.meta.dirname, '../policies')
const isToCreate = process.argv.includes('--create')

try {
  if (process.argv.includes('--law-keys'))
    console.log(digestOfKeys(lawToRun(process.env.COMITY_POLICIES ?? shipped)))
  else if (process.argv.includes('--login-key')) await printLoginKey()
  else await start()
} catch (error) {
  console.error(error instanceof ComityError ? error.message : `couldn’t start: ${faultOf(error)}`)
  process.exit(1)
}

async function start(): Promise<void> {
  const config = readMachineConfig(process.env)
  const names = tableNames(config)
  const { client, at } = await storeOf(config)
  if (isToCreate) await reached(at, createTables(client, names))
  else await expectTables(client, at, Object.values(names))
  const memory = dynamodbMemory(client, names.signatures, 'signer')
  const checkpointPlace = config.COMITY_CHECKPOINT_KEY ?? join(config.COMITY_KEYS, 'checkpoint.pem')
  const key = await checkpointKeyOf(checkpointPlace, memory, isToCreate)
  const masterPlace = config.COMITY_MASTER_KEY ?? join(config.COMITY_KEYS, 'master.key')
  const wrapper = wrapperOf(masterPlace)
  const archive = await archiveIn(config.COMITY_ARCHIVE, config.COMITY_S3_ENDPOINT)
  if (isToCreate) {
    // Without the law: its floor is stated once there is a table for it.
    await openSecrets(client, names.keys, wrapper, names.attestations)
    if (config.COMITY_LOGINS.length > 0)
      await fileLoginKey(join(config.COMITY_KEYS, 'login.pem'), isToCreate)
    console.log(createdSays(masterPlace, checkpointPlace))
    process.exit(0)
  }
  const isTrial = config.COMITY_ENVIRONMENT === 'dev'
  const carried = lawIn(config.COMITY_POLICIES ?? shipped)
  const build = buildDigest(import.meta.dirname)
  const metrics = startMetrics(build)
  const news = newsOnly(print, Date.now)
  const machine = await openMachine(config, {
    client,
    build,
    law: openedWhole(carried, config.COMITY_LAW_KEYS, isTrial),
    lawKeys: config.COMITY_LAW_KEYS,
    wrapper,
    archive,
    key,
    witnesses: config.COMITY_WITNESSES.map(({ vkey, url }) => httpWitness(vkey, url)),
    quorum: config.COMITY_QUORUM,
    authority: config.COMITY_STAMPS && httpAuthority(config.COMITY_STAMPS),
    // The store's own files are not ours to rewrite: how it forgets is its operator's to say.
    remains: { purge: async () => undefined, backupDays: config.COMITY_BACKUP_DAYS },
    providers: await loginsOf(config, isTrial),
    verifyScript: shippedScript(import.meta.dirname),
    say(line) {
      metrics.take(line)
      news(line)
    },
  })
  const servers = [
    await listen({
      ...{ fetch: machine.fetch, ...config.COMITY_LISTEN, variable: 'COMITY_LISTEN' },
      ...{ addressHeader: config.COMITY_ADDRESS_HEADER, proxies: config.COMITY_PROXIES },
    }),
  ]
  if (config.COMITY_METRICS !== undefined)
    servers.push(
      await listen({
        fetch: (request) =>
          new URL(request.url).pathname === '/metrics'
            ? new Response(metrics.text(), { headers: { 'content-type': 'text/plain' } })
            : new Response('', { status: 404 }),
        ...config.COMITY_METRICS,
        variable: 'COMITY_METRICS',
      }),
    )
  const stop = config.COMITY_SEALS === 'yes' ? machine.start() : async () => undefined
  endOnSignal(servers, stop, async () => client.destroy())
  const { host, port } = config.COMITY_LISTEN
  print({ event: 'ready', at: `http://${host}:${port}` })
}

/** What there is once a store was made, and what is next. */
function createdSays(...keys: readonly string[]): string {
  return `The tables and secrets are there, and ${keys.join(' and ')}: copy both to every machine, and keep one copy away.
Next, with a file that names this store (infra/MACHINES.md): \`comity policy floor --deployed FILE\`, then
\`comity agency add … --deployed FILE\` for each agency; then start it without --create.`
}

/** Prints what a login provider must know of the console (RFC 7517): the public half of its key. */
async function printLoginKey(): Promise<void> {
  const { COMITY_KEYS } = readMachineConfig(process.env)
  const { jwk } = await fileLoginKey(join(COMITY_KEYS, 'login.pem'), isToCreate)
  console.log(JSON.stringify({ keys: [jwk] }))
}

/** The login providers of the console, which are asked once somebody logs in. */
async function loginsOf(
  { COMITY_LOGINS, COMITY_KEYS }: ReturnType<typeof readMachineConfig>,
  isTrial: boolean,
) {
  if (COMITY_LOGINS.length === 0) return []
  const { openidProvider, byKey } = await import('./adapters/login-openid.ts')
  const { key } = await fileLoginKey(join(COMITY_KEYS, 'login.pem'), isToCreate)
  return COMITY_LOGINS.map((each) => openidProvider({ ...each, proof: byKey(key) }, isTrial))
}

/** A client of the store, and where the store is. */
async function storeOf(config: ReturnType<typeof readMachineConfig>) {
  const { COMITY_DYNAMODB_ENDPOINT: endpoint = '', COMITY_POSTGRES: address } = config
  if (address === undefined) return { client: dynamodb(endpoint), at: endpoint }
  const { notOnDisk, postgresAt, postgresClient } = await import('./adapters/postgres.ts')
  const database = postgresAt(address)
  // Asked here, it says why it does not answer.
  const why = await reached(address, notOnDisk(database, Object.values(tableNames(config))))
  if (why !== undefined)
    throw new ComityError(
      `couldn’t start: the store at ${address} may lose what it answered if power fails: ${why}`,
    )
  return { client: postgresClient(database), at: address }
}

/** The law of a folder, with its seals. */
function lawIn(folder: string): string {
  try {
    return carry(lawToRun(folder))
  } catch (error) {
    throw new ComityError(whyOf(`couldn’t start: the law in \`${folder}\` can’t be read`, error))
  }
}

/** Throws a sentence if the store does not answer. */
async function reached<T>(endpoint: string, asked: Promise<T>): Promise<T> {
  return asked.catch((error: unknown) => {
    throw new ComityError(`couldn’t start: no store answers at ${endpoint} (${faultOf(error)})`)
  })
}

/** Throws unless all tables are there: an empty store may be the wrong one, and would begin a second history. */
async function expectTables(
  client: ReturnType<typeof dynamodb>,
  endpoint: string,
  wanted: readonly string[],
): Promise<void> {
  const there = await reached(endpoint, tablesIn(client))
  const missing = wanted.filter((each) => !there.includes(each))
  if (missing.length === 0) return
  const why =
    missing.length < wanted.length
      ? 'if that is its name and an earlier version made the others, add it by one run with --create'
      : 'if it is the right store, and a new one, run once with --create'
  throw new ComityError(
    `couldn’t start: the store at ${endpoint} has no table ${missing.join(', ')}; ${why}`,
  )
}

/** Wraps secrets by a key, in a file or in a module; only the first start makes secrets. */
function wrapperOf(place: string): Wrapper {
  const wrapper = wrapperIn(place)
  const wrap = async () => {
    throw new ComityError('couldn’t start: there are no secrets yet; run once with --create')
  }
  return isToCreate ? wrapper : { ...wrapper, wrap }
}

/** The archive in a folder, or in a bucket. */
async function archiveIn(place: string, endpoint: string | undefined): Promise<Archive> {
  const [, bucket] = /^s3:\/\/(.+)$/.exec(place) ?? []
  if (bucket === undefined) {
    expectFolder(place)
    return fileArchive(place, randomUUID)
  }
  const { s3Archive, s3Client } = await import('./adapters/archive-s3.ts')
  return s3Archive(bucket, s3Client(endpoint))
}

/** Throws a sentence unless files can be written into a folder. The first start makes it. */
function expectFolder(folder: string): void {
  try {
    if (isToCreate) mkdirSync(folder, { recursive: true, mode: 0o700 })
    accessSync(folder, constants.W_OK)
  } catch (error) {
    throw new ComityError(
      `couldn’t start: the folder of the archive, \`${folder}\`, can’t be written to (${faultOf(error)})`,
    )
  }
}
