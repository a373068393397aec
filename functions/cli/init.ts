/** `comity init`: makes what a gateway on machines of one's own keeps. Begun and broken off, it goes on from there. */

import { accessSync, constants, existsSync, rmSync } from 'node:fs'
import { dirname, join } from 'node:path'
import type { Command } from 'commander'
import * as z from 'zod'
import { createTables } from '../adapters/create-tables.ts'
import { rowsIn } from '../adapters/dynamodb.ts'
import { fileLoginKey, removeHalfMade } from '../adapters/key-files.ts'
import { dynamodbMemory, logsSigned } from '../adapters/memory-dynamodb.ts'
import { isPkcs11 } from '../adapters/pkcs11.ts'
import { areWrappedBy, haveSecrets, openSecrets } from '../adapters/secrets.ts'
import { openAddress } from '../adapters/store-address.ts'
import { localTableNames, type TableNames } from '../adapters/tables.ts'
import { packedVersion } from '../adapters/version.ts'
import { faultOf } from '../failure.ts'
import { canonical } from '../ledger/canonical.ts'
import {
  beginning,
  checkpointKeyIn,
  checkpointKeyOf,
  expectGateway,
  wrapperIn,
} from '../machine/checkpoint-key.ts'
import { openArchive, openStore } from '../machine/kept.ts'
import { readMachineConfig } from '../machine/settings.ts'
import { formatOf, storeFormat, writeFormat } from '../machine/store-format.ts'
import { exitCodes, Failure } from '../terminal/exit.ts'
import { readJson, writeWhole } from '../terminal/files.ts'

/** Adds `init` to the program. */
export function addInit(program: Command): void {
  program
    .command('init')
    .description('Make what a gateway on machines of one’s own keeps: tables, keys and secrets.')
    .option('--site <file>', 'the file that names its store to every command', 'site.json')
    .addHelpText(
      'after',
      `
It reads the same environment as \`serve\`. What is there already stays as it is, so that it may be given again: after
it broke off, and for a version with more tables. It makes no person's key: those come by \`comity key new\`.`,
    )
    .action(async ({ site }: { readonly site: string }) => {
      const config = readMachineConfig(process.env)
      // `npm start` opens its own store by a secret in its address, which is in nobody's file.
      const { error } = openAddress().optional().safeParse(config.COMITY_DYNAMODB_ENDPOINT)
      if (error !== undefined) throw lost(`COMITY_DYNAMODB_ENDPOINT: ${error.issues[0]?.message}`)
      const store = await openStore(config)
      try {
        await makeAll(config, store, site)
      } finally {
        await store.close()
      }
    })
}

/** Says of each thing whether it was made now. */
const tell = (isMade: boolean, what: string) =>
  console.log(`${isMade ? 'made ' : 'there'}  ${what}`)

async function makeAll(
  config: ReturnType<typeof readMachineConfig>,
  { client, names, there, places }: Awaited<ReturnType<typeof openStore>>,
  site: string,
): Promise<void> {
  const file = siteOf(config, names)
  const isTold = isThere(site, file)
  const ofSecrets = [names.keys, names.attestations]
  const had = await haveSecrets(client, of(ofSecrets, there))
  const memory = dynamodbMemory(client, names.signatures, 'signer')
  const logs = () => logsSigned(client, names.signatures)
  const hasMemory = there.includes(names.signatures)
  if (hasMemory) await formatOf(memory)
  const hasSigned = hasMemory && (await memory.last(beginning)) !== undefined
  // INVARIANT (made once): keys, then secrets, then the memory of the signer. Whatever comes later shows that what
  // comes before was there, and is lost: another in its place would begin a second history.
  if (hasSigned && !had)
    throw lost(`the store has a key of the checkpoints and no secrets; put \`${names.keys}\` back`)
  if (hasSigned) await expectGateway(config.COMITY_GATEWAY, memory, logs)
  const isUsed = there.includes(names.decisions) && (await hasRows(client, names.decisions))
  if (isUsed && !had) throw lost(`the store has entries and no secrets; put \`${names.keys}\` back`)
  const files = Object.values(places).filter((place) => !isPkcs11(place))
  const missing = files.find((place) => !existsSync(place))
  if (had && missing !== undefined)
    throw lost(`\`${missing}\` is not there; copy it from a machine that has it`)

  const fresh = files.filter((place) => !existsSync(place))
  checkpointKeyIn(places.checkpoint)
  await createTables(client, names)
  const made = Object.values(names).filter((each) => !there.includes(each))
  tell(made.length > 0, `tables${made.length > 0 ? `: ${made.join(', ')}` : ''}`)
  const wrapper = wrapperIn(places.master)
  await openSecrets(client, names.keys, wrapper, names.attestations).catch(async (error) => {
    if (fresh.length === 0 || (await areWrappedBy(client, names.keys, wrapper))) throw error
    // Another began it with keys of its own: these wrap nothing, and would be taken for what is to be copied.
    for (const file of fresh) rmSync(file, { force: true })
    throw new Failure(
      `couldn’t init: another began this store at the same time; copy ${files.join(' and ')} from there, and give it again`,
    )
  })
  const key = await checkpointKeyOf(places.checkpoint, memory, config.COMITY_GATEWAY, logs)
  // Last: a store that says its format has all of it.
  const before = await writeFormat(memory, packedVersion)
  tell(before < storeFormat, `format ${storeFormat} of the store`)
  for (const file of files) removeHalfMade(file)
  for (const place of Object.values(places)) tell(fresh.includes(place), place.split('?')[0] ?? '')
  tell(!had, 'the secrets')
  const hadArchive = existsSync(config.COMITY_ARCHIVE)
  await openArchive(config, true)
  if (!config.COMITY_ARCHIVE.startsWith('s3:')) tell(!hadArchive, config.COMITY_ARCHIVE)
  if (config.COMITY_LOGINS.length > 0) await makeLoginKey(join(config.COMITY_KEYS, 'login.pem'))
  if (!isTold) writeWhole(site, `${JSON.stringify(file, null, 2)}\n`, 0o644)
  tell(!isTold, site)
  console.log(nextSays(files, site, spki(key.publicKey)))
}

async function hasRows(...[client, table]: Parameters<typeof rowsIn>): Promise<boolean> {
  for await (const rows of rowsIn(client, table).scan({ Limit: 1 })) return rows.length > 0
  return false
}

const of = (wanted: readonly string[], there: readonly string[]) =>
  wanted.filter((each) => there.includes(each))

const lost = (why: string) => new Failure(`couldn’t init: ${why}. Nothing was made`)

/** Makes the console's key, and prints what a login provider must know of it (RFC 7517). */
async function makeLoginKey(place: string): Promise<void> {
  const had = existsSync(place)
  const { jwk } = await fileLoginKey(place, true)
  tell(!had, `${place}; for the login providers: ${JSON.stringify({ keys: [jwk] })}`)
}

/** What names the store to every command (`client/deployed-store.ts`). */
function siteOf(config: ReturnType<typeof readMachineConfig>, names: TableNames) {
  const local = localTableNames()
  const read = ['decisions', 'sealing', 'register', 'attestations', 'signatures'] as const
  const renamed = read.filter((each) => names[each] !== local[each])
  const { COMITY_POSTGRES: postgres, COMITY_DYNAMODB_ENDPOINT: endpoint } = config
  return {
    ...(postgres === undefined ? { endpoint } : { postgres }),
    environment: config.COMITY_ENVIRONMENT,
    ...Object.fromEntries(renamed.map((each) => [each, names[each]])),
    archive: config.COMITY_ARCHIVE.replace(/^s3:\/\//, ''),
    registrars: config.COMITY_REGISTRARS,
    keys: 'pinned.json',
  }
}

/** Whether the file says this already; fails if it can’t be made, or says something else, of another store perhaps. */
function isThere(file: string, wanted: object): boolean {
  if (!existsSync(file)) {
    try {
      accessSync(dirname(file), constants.W_OK)
    } catch (error) {
      throw lost(
        `\`${file}\` can’t be written (${faultOf(error)}); make its folder, or name another with --site`,
      )
    }
    return false
  }
  if (canonical(readJson(file, z.looseObject({}))) === canonical(wanted)) return true
  throw new Failure(
    `couldn’t init: \`${file}\` names something else than the settings do; move it away, or write another with --site. Nothing was made`,
    exitCodes.usage,
  )
}

/** The public half of a key of Ed25519, as \`log pin\` takes it (RFC 8410 §4). */
const spki = (key: Uint8Array) =>
  Buffer.concat([Buffer.from('302a300506032b6570032100', 'hex'), key]).toString('base64')

const nextSays = (files: readonly string[], site: string, key: string) => `
Next:
${
  files.length === 0
    ? ''
    : `- copy ${files.join(' and ')} to every machine, and keep one copy away
`
}- hand ${site} to whoever signs, each with a key and a machine of their own
- both who hold release keys: comity policy floor --key A B --deployed ${site}
- two registrars, for each agency: comity agency add … --out joining.json, then comity agency sign joining.json
- start each machine; whoever verifies the log pins its key: comity log pin --checkpoint-key ${key}`
