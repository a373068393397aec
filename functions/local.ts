/** Door: everything on localhost. An embedded DynamoDB keeps its data on disk; no account is needed. */

import { randomBytes } from 'node:crypto'
import { existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import { serve } from '@hono/node-server'
import { buildDigest } from './adapters/build-digest.ts'
import { lawFrom } from './adapters/carried-law.ts'
import { dynamodbMarks } from './adapters/chains-dynamodb.ts'
import { createTables, dynamodb } from './adapters/dynamodb.ts'
import { fileWrapper } from './adapters/key-files.ts'
import { runningLaw } from './adapters/law-dynamodb.ts'
import { lawToRun } from './adapters/policies-files.ts'
import { httpAuthority } from './adapters/stamp-http.ts'
import { localTableNames, tables } from './adapters/tables.ts'
import { makeWorld } from './adapters/world.ts'
import { answerSchema } from './answer/reply.ts'
import { keepProfile, profileIn } from './cli/profile.ts'
import { answerLines, paint, problemLines } from './cli/say.ts'
import { readConfig, readStampConfig } from './config.ts'
import { ComityError } from './failure.ts'
import { accessApi } from './http/access-api.ts'
import { runtimePause } from './http/trace.ts'
import { demonstrationRegistrars } from './identity/registrars.ts'
import type { CallLine } from './lines.ts'
import { agencies } from './local/agencies.ts'
import { examples, profileOf } from './local/demonstration.ts'
import { openEmbedded } from './local/embedded.ts'
import { demonstrationFloor, enrolMissing } from './local/enrol.ts'
import { agencyKey } from './local/keys.ts'
import { startLog } from './local/log.ts'
import { localLog } from './local/sealing.ts'
import { callAs, type Keys, registeredAgencies, seed } from './local/seed.ts'
import { run } from './policy/carried.ts'
import { digestOfKeys } from './policy/set.ts'

/** Tells the operator why the gateway does not start, not where in the program. */
const sayWhy = (error: Error): never => {
  const { message } = error
  const why =
    message === 'Database is closed'
      ? `the data in \`${data}\` is in use by another gateway`
      : message
  console.error(error instanceof ComityError ? message : `couldn’t start: ${why}`)
  process.exit(1)
}
process.on('uncaughtException', sayWhy)

const port = Number(process.env.PORT ?? 8787)
const data = process.env.COMITY_DATA ?? '.comity'
const host = '127.0.0.1'
const origin = `http://localhost:${port}`
const seeded = join(data, 'seeded')

mkdirSync(data, { recursive: true, mode: 0o700 })
const store = await openEmbedded(join(data, 'dynamodb'))
const { endpoint } = store
writeFileSync(join(data, 'store.json'), `${JSON.stringify({ endpoint })}\n`, { mode: 0o600 })
const client = dynamodb(endpoint)
await createTables(client, localTableNames())
// Purges what an earlier gateway removed if it died before it rewrote its files.
await store.purge()

const config = readConfig({
  ...Object.fromEntries(
    Object.values(tables).map(({ variable, localName }) => [variable, localName]),
  ),
  COMITY_ORIGIN: origin,
  COMITY_GATEWAY: 'comity.local',
  COMITY_DYNAMODB_ENDPOINT: endpoint,
  COMITY_REGISTRARS: JSON.stringify(demonstrationRegistrars),
  COMITY_ENVIRONMENT: 'dev',
})
const log = localLog(client, data)
const policies = join(import.meta.dirname, '../policies')
const found = lawToRun(policies)
const law = run(found)
await demonstrationFloor(client, config.COMITY_REGISTER_TABLE, policies, law)
const running = await runningLaw({
  ...{ client, table: config.COMITY_REGISTER_TABLE, now: () => new Date(), law },
  marks: dynamodbMarks(client, config.COMITY_DECISIONS_TABLE),
  unheld: (why) => console.error(`nothing is permitted: ${why}`),
  fetch: lawFrom(log.archive, digestOfKeys(found), true),
})
const made = await makeWorld(config, {
  law: running,
  wrapper: fileWrapper(join(data, 'master.key')),
  build: buildDigest(import.meta.dirname),
  client,
  secretsCopy: config.COMITY_ATTESTATIONS_TABLE,
  archive: log.archive,
})
const { holder } = made
const world = {
  ...made,
  holder: {
    ...holder,
    async erase(...of: Parameters<typeof holder.erase>) {
      const isGone = await holder.erase(...of)
      await store.purge()
      return isGone
    },
  },
}
// Successful calls are not printed: the user sees their answers.
const note = (line: CallLine) => {
  if (line.event !== 'answered') console.error(JSON.stringify(line))
}
const app = accessApi(world, note, runtimePause)

const keyed = agencies.map(
  async ({ id }) => [id, await agencyKey(join(data, 'agencies'), id)] as const,
)
const keys: Keys = new Map(await Promise.all(keyed))
keepProfile(profileIn(data), profileOf(origin))
const start = new Date()
const day = `${start.toISOString().slice(0, 10)}T00:00:00Z`
await enrolMissing(client, config.COMITY_REGISTER_TABLE, registeredAgencies(keys, day), start)
if (!existsSync(seeded)) {
  // Nobody waits for these answers, so they need no beat.
  await seed(accessApi(world, note), origin, keys, start)
  writeFileSync(seeded, `${start.toISOString()}\n`)
}

const say = (line: string) => console.error(line)
const stamps = readStampConfig(process.env)
const authority = stamps && httpAuthority(stamps)
const ledger = await startLog(world, client, store.purge, log, data, say, note, authority)

const answers = (request: Request) => ledger.answer(request) ?? app.fetch(request)
const server = serve({ fetch: answers, hostname: host, port }, () => void demonstrate())
server.on('error', (error) => {
  const why =
    'code' in error && error.code === 'EADDRINUSE'
      ? `port ${port} is in use; set PORT`
      : error.message
  console.error(`couldn’t start: ${why}`)
  process.exit(1)
})
for (const signal of ['SIGINT', 'SIGTERM'] as const)
  process.once(signal, () =>
    server.close(async () => {
      await ledger.stop()
      await store.close()
      process.exit(0)
    }),
  )

/** Sends three requests as agencies would, and says where to look. */
async function demonstrate(): Promise<void> {
  const folder = join(data, 'examples')
  mkdirSync(folder, { recursive: true })
  for (const { title, file, agency, officer, request } of examples) {
    writeFileSync(join(folder, file), `${JSON.stringify(request, null, 2)}\n`)
    const call = { method: 'POST', path: '/v1/access-requests', body: request }
    const jti = randomBytes(16).toString('base64url')
    const response = await callAs(app, origin, keys, agency, officer, { ...call, jti }, new Date())
    const body: unknown = await response.json()
    const answer = answerSchema.safeParse(body)
    console.log(paint('bold', `\n${title}`))
    console.log((answer.success ? answerLines(answer.data) : problemLines(body)).join('\n'))
  }
  const example = relative('.', join(folder, 'release.json'))
  console.log(`
Ask yourself:  npx comity request send ${example} --agency FR-SPOC --officer officer-7
For officers:  npx comity inbox --agency GB-POL --officer officer-1
API:           ${origin}/openapi.json
In force:      ${origin}/v1/policies
Receipts:      ${origin}/.well-known/jwks.json
The log:       npx comity log verify
For auditors:  npx comity log query
Data:          ${data}

Comity is ready on ${origin}`)
  process.off('uncaughtException', sayWhy)
}
