/**
 * Door: agencies and auditors of a gateway on machines of one's own, one or several behind whatever ends TLS. Each
 * runs everything: both APIs, the sealer, the signer and the clocks. They share a store, an archive and the keys.
 *
 *     node --import ./functions/runtime.mjs functions/serve.ts
 *     node --import ./functions/runtime.mjs functions/serve.ts --law-keys  prints what COMITY_LAW_KEYS may be
 *     node --import ./functions/runtime.mjs functions/serve.ts --version   prints which version it is
 *
 * `comity init` makes what they share, once.
 */

import { join } from 'node:path'
import { buildDigest } from './adapters/build-digest.ts'
import { fileLoginKey } from './adapters/key-files.ts'
import { dynamodbMemory, logsSigned } from './adapters/memory-dynamodb.ts'
import { lawToRun } from './adapters/policies-files.ts'
import type { Wrapper } from './adapters/secrets.ts'
import { httpAuthority } from './adapters/stamp-http.ts'
import { shippedScript } from './adapters/verify-script.ts'
import { versionSays } from './adapters/version.ts'
import { httpWitness } from './adapters/witness-http.ts'
import { ComityError, faultOf, whyOf } from './failure.ts'
import { say as print } from './lines.ts'
import { checkpointKeyOf, wrapperIn } from './machine/checkpoint-key.ts'
import { openArchive, openStore } from './machine/kept.ts'
import { endOnSignal, listen } from './machine/listen.ts'
import { openMachine } from './machine/machine.ts'
import { startMetrics } from './machine/metrics.ts'
import { newsOnly } from './machine/rounds.ts'
import { readMachineConfig } from './machine/settings.ts'
import { formatOf } from './machine/store-format.ts'
import { carry, openedWhole } from './policy/read-book.ts'
import { digestOfKeys } from './policy/set.ts'

const shipped = join(import.meta.dirname, '../policies')

try {
  if (process.argv.includes('--version')) console.log(versionSays())
  else if (process.argv.includes('--law-keys'))
    console.log(digestOfKeys(lawToRun(process.env.COMITY_POLICIES ?? shipped)))
  else await start()
} catch (error) {
  console.error(error instanceof ComityError ? error.message : `couldn’t start: ${faultOf(error)}`)
  process.exit(1)
}

async function start(): Promise<void> {
  const config = readMachineConfig(process.env)
  const { client, at, names, there, places } = await openStore(config)
  expectTables(at, Object.values(names), there)
  const memory = dynamodbMemory(client, names.signatures, 'signer')
  // Before anything else is read: what a newer version wrote is no fault of the store.
  await formatOf(memory)
  const logs = () => logsSigned(client, names.signatures)
  const key = await checkpointKeyOf(places.checkpoint, memory, config.COMITY_GATEWAY, logs)
  const wrapper = openerOf(places.master)
  const archive = await openArchive(config, false)
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

/** The login providers of the console, which are asked once somebody logs in. */
async function loginsOf(
  { COMITY_LOGINS, COMITY_KEYS }: ReturnType<typeof readMachineConfig>,
  isTrial: boolean,
) {
  if (COMITY_LOGINS.length === 0) return []
  const { openidProvider, byKey } = await import('./adapters/login-openid.ts')
  const { key } = await fileLoginKey(join(COMITY_KEYS, 'login.pem'), false)
  return COMITY_LOGINS.map((each) => openidProvider({ ...each, proof: byKey(key) }, isTrial))
}

/** The law of a folder, with its seals. */
function lawIn(folder: string): string {
  try {
    return carry(lawToRun(folder))
  } catch (error) {
    throw new ComityError(whyOf(`couldn’t start: the law in \`${folder}\` can’t be read`, error))
  }
}

/** Throws unless all tables are there: an empty store may be the wrong one, and would begin a second history. */
function expectTables(at: string, wanted: readonly string[], there: readonly string[]): void {
  const missing = wanted.filter((each) => !there.includes(each))
  if (missing.length === 0) return
  const why =
    missing.length < wanted.length
      ? 'if that is its name and an earlier version made the others, `comity init` adds it'
      : 'if it is the right store, and a new one, run `comity init` once'
  throw new ComityError(
    `couldn’t start: the store at ${at} has no table ${missing.join(', ')}; ${why}`,
  )
}

/** Opens secrets by a key, in a file or in a module, and makes none. */
function openerOf(place: string): Wrapper {
  return {
    ...wrapperIn(place),
    async wrap() {
      throw new ComityError('couldn’t start: there are no secrets yet; run `comity init` once')
    },
  }
}
