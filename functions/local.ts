/** Door: everything on localhost. An embedded DynamoDB keeps its data on disk; no account is needed. */

import { randomBytes } from 'node:crypto'
import { existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import { buildDigest } from './adapters/build-digest.ts'
import { createTables } from './adapters/create-tables.ts'
import { dynamodb } from './adapters/dynamodb.ts'
import { fileWrapper } from './adapters/key-files.ts'
import { openidProvider } from './adapters/login-openid.ts'
import { lawToRun } from './adapters/policies-files.ts'
import { httpAuthority } from './adapters/stamp-http.ts'
import { localTableNames, tables } from './adapters/tables.ts'
import { httpWitness } from './adapters/witness-http.ts'
import { answerSchema } from './answer/reply/reply-schema.ts'
import { keepProfile, profileIn } from './client/profile.ts'
import { readConfig, readStampConfig } from './config.ts'
import { returnTo } from './console/login.ts'
import { agencies, testPartners } from './demo/agencies.ts'
import { notWritable, openData } from './demo/data.ts'
import { examples, profileOf, received, unasked } from './demo/demonstration.ts'
import { openEmbedded } from './demo/embedded.ts'
import { demonstrationFloor, enrolMissing } from './demo/enrol.ts'
import { agencyKey } from './demo/keys.ts'
import { startLogin } from './demo/login.ts'
import { namePeople, people } from './demo/people.ts'
import { playLocally } from './demo/play-locally.ts'
import { portrait, whoIsIt } from './demo/portrait.ts'
import { localLog } from './demo/sealing.ts'
import { callAs, type Keys, registeredAgencies, seed } from './demo/seed.ts'
import { testPartner } from './demo/test-cases.ts'
import { localWitness, pinKeys, quorum } from './demo/trust.ts'
import { builtScript } from './demo/verify-script.ts'
import { ComityError, whyOf } from './failure.ts'
import { accessApi } from './http/access-api.ts'
import { demonstrationRegistrars } from './identity/registrars.ts'
import { endOnSignal, expectFree, listen } from './machine/listen.ts'
import { openMachine } from './machine/machine.ts'
import { newsOnly } from './machine/rounds.ts'
import { run } from './policy/read-book.ts'
import { digestOfKeys } from './policy/set.ts'
import { answerLines, paint, problemLines } from './terminal/say.ts'

/** Tells the operator why the gateway does not start, not where in the program. */
const sayWhy = (error: Error): never => {
  const isFileFault = 'syscall' in error && 'path' in error
  const said = isFileFault ? notWritable(data, error) : error
  console.error(said instanceof ComityError ? said.message : `couldn’t start: ${said.message}`)
  process.exit(1)
}
process.on('uncaughtException', sayWhy)

const data = process.env.COMITY_DATA ?? '.comity'
const port = portIn(process.env.PORT)
const host = '127.0.0.1'
const origin = `http://localhost:${port}`
const seeded = join(data, 'seeded')

// Before a first start fills the folder, which takes a while.
await expectFree({ host, port, variable: 'PORT' })
openData(data)
const store = await openEmbedded(join(data, 'dynamodb'), !existsSync(seeded))
const { endpoint } = store
writeFileSync(join(data, 'store.json'), `${JSON.stringify({ endpoint })}\n`, { mode: 0o600 })
const client = dynamodb(endpoint)
await createTables(client, localTableNames())

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
const log = localLog(data)
const witness = await localWitness(config.COMITY_GATEWAY, client, data, log.vkey, (line) =>
  console.error(line),
)
const policies = join(import.meta.dirname, '../policies')
const found = lawToRun(policies)
const law = run(found)
await demonstrationFloor(client, config.COMITY_REGISTER_TABLE, policies, law)
const stamps = readStampConfig(process.env)
// Successful calls are not printed: the user sees their answers.
const say = newsOnly((line) => {
  if (line.event !== 'answered') console.error(JSON.stringify(line))
}, Date.now)
const login = await startLogin(config.COMITY_ENVIRONMENT, returnTo(origin, 0), port + 1)
const { world, access, fetch, start } = await openMachine(config, {
  ...{ ...log, client, law, quorum, say },
  lawKeys: digestOfKeys(found),
  wrapper: fileWrapper(join(data, 'master.key')),
  build: buildDigest(import.meta.dirname),
  witnesses: [httpWitness(witness.vkey, witness.url)],
  authority: stamps && httpAuthority(stamps),
  remains: { purge: store.purge, backupDays: 0 },
  providers: [openidProvider(login.settings, true)],
  verifyScript: builtScript(),
})

const everybody = [...agencies, ...testPartners]
const keyed = everybody.map(
  async ({ id }) => [id, await agencyKey(join(data, 'agencies'), id)] as const,
)
const keys: Keys = new Map(await Promise.all(keyed))
keepProfile(profileIn(data), profileOf(origin))
const now = new Date()
const day = `${now.toISOString().slice(0, 10)}T00:00:00Z`
await enrolMissing(
  client,
  config.COMITY_REGISTER_TABLE,
  registeredAgencies(keys, day, everybody),
  now,
)
const { iss } = login.settings
await namePeople(client, config.COMITY_REGISTER_TABLE, keys, iss, data, now)
const partner = playLocally(accessApi(world, say), origin, keys)
if (!existsSync(seeded)) {
  // Nobody waits for these answers, so they need no beat.
  await seed(accessApi(world, say), origin, keys, now)
  await partner.prepare()
  await store.settle()
  writeFileSync(seeded, `${now.toISOString()}\n`, { flush: true })
}

await pinKeys(world, log.vkey, witness.vkey, join(data, 'trust.json'))
const stop = start()
let isEnding = false
const server = await listen({
  ...{ fetch, host, port, variable: 'PORT' },
})
endOnSignal([server], stop, async () => {
  isEnding = true
  partner.stop()
  await login.stop()
  await witness.close()
  await store.close()
})
await demonstrate()
partner.start()
// Purges what an earlier gateway removed if it died before it rewrote its files. That takes the longer the more is
// kept, so nobody waits for it.
store.purge().catch((error: unknown) => {
  if (isEnding) return
  console.error(whyOf(`couldn’t rewrite the files of \`${data}\``, error))
})

/** The port to listen on. The login takes the next one. */
function portIn(written = '8787'): number {
  const given = /^\d{1,5}$/.test(written) ? Number(written) : 0
  if (given > 0 && given < 65_535) return given
  throw new ComityError(
    `couldn’t start: PORT is \`${written}\`, and no port; set it to a number such as 8787`,
  )
}

/** Sends three requests as agencies would, and says where to look. */
async function demonstrate(): Promise<void> {
  const folder = join(data, 'examples')
  mkdirSync(folder, { recursive: true })
  for (const { title, file, agency, officer, request } of examples) {
    writeFileSync(join(folder, file), `${JSON.stringify(request, null, 2)}\n`)
    const call = { method: 'POST', path: '/v1/access-requests', body: request }
    const jti = randomBytes(16).toString('base64url')
    const response = await callAs(
      access,
      origin,
      keys,
      agency,
      officer,
      { ...call, jti },
      new Date(),
    )
    const body: unknown = await response.json()
    const answer = answerSchema.safeParse(body)
    console.log(paint('bold', `\n${title}`))
    console.log((answer.success ? answerLines(answer.data) : problemLines(body)).join('\n'))
  }
  writeFileSync(join(folder, portrait.file), portrait.bytes)
  for (const { file, request } of [received, unasked, whoIsIt])
    writeFileSync(join(folder, file), `${JSON.stringify(request, null, 2)}\n`)
  const example = relative('.', join(folder, 'release.json'))
  console.log(`
Ask yourself:  npx comity request send ${example} --as FR-SPOC --officer officer-7
Every branch:  functions/http/README.md, answered by ${testPartner}
For officers:  npx comity inbox --as GB-POL --officer officer-1
API:           ${origin}/openapi.json
In force:      ${origin}/v1/policies
Receipts:      ${origin}/.well-known/jwks.json
The log:       npx comity log verify
For auditors:  npx comity log query
The console:   ${origin}/console
Who may log in:
${people.map(({ name, agency, officer }) => `               ${name}: ${officer.id} of ${agency}`).join('\n')}
Data:          ${data}

Comity is ready on ${origin}`)
  process.off('uncaughtException', sayWhy)
}
