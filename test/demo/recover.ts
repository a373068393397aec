/** What a thief does who has every file of a data folder: look for a key, whole or in part. */

import { readdirSync, readFileSync, statSync } from 'node:fs'
import { join, relative } from 'node:path'
import type { DynamoDBClient } from '@aws-sdk/client-dynamodb'
import { unseal } from '../../functions/adapters/aes-gcm.ts'
import { dynamodb, rowsIn } from '../../functions/adapters/dynamodb.ts'
import { fileWrapper } from '../../functions/adapters/key-files.ts'
import { dynamodbLedger } from '../../functions/adapters/ledger-dynamodb.ts'
import { openSecrets } from '../../functions/adapters/secrets.ts'
import { dynamodbSubjectKeys } from '../../functions/adapters/subject-keys-dynamodb.ts'
import { localTableNames } from '../../functions/adapters/tables.ts'
import { openAny } from '../../functions/answer/entries/reader.ts'
import { openEmbedded } from '../../functions/demo/embedded.ts'
import { openEntry } from '../../functions/ledger/entry.ts'
import { everything } from '../dynalite.ts'

/** How many characters or bytes in a row are no accident. */
const run = 16

/** Every file under a folder, however deep. */
export const filesUnder = (folder: string): readonly string[] =>
  readdirSync(folder).flatMap((name) => {
    const path = join(folder, name)
    return statSync(path).isDirectory() ? filesUnder(path) : [path]
  })

/**
 * The files in which any 16 bytes in a row of a secret stand, as they are or as text. LevelDB compresses
 * what it writes, and may break a text in two, but nothing random into pieces this small.
 */
export function filesWith(folder: string, secrets: readonly Uint8Array[]): readonly string[] {
  const parts = secrets.flatMap((secret) => {
    const bytes = Buffer.from(secret)
    const texts = (['base64', 'base64url', 'hex'] as const).map((form) => bytes.toString(form))
    return [bytes, ...texts.map((text) => Buffer.from(text.replace(/=+$/, '')))].flatMap(piecesOf)
  })
  const found = asItStands(() =>
    filesUnder(folder).filter((path) => {
      const content = readFileSync(path)
      return parts.some((part) => content.includes(part))
    }),
  )
  return found.map((path) => relative(folder, path))
}

/**
 * Looks at a folder that a gateway writes in, and anew when a file got its name, or went, meanwhile: where
 * it is now may be a place that was looked at already.
 */
export function asItStands<T>(look: () => T, times = 20): T {
  try {
    return look()
  } catch (error) {
    if (times === 1 || Object(error).code !== 'ENOENT') throw error
    return asItStands(look, times - 1)
  }
}

/** Pieces of a secret, each beginning eight bytes after the one before. */
const piecesOf = (bytes: Buffer): readonly Buffer[] =>
  Array.from({ length: Math.max(1, Math.floor((bytes.length - run) / 8) + 1) }, (_, i) =>
    bytes.subarray(i * 8, i * 8 + run),
  )

/** The wrapped key of a subject, as the store has it. */
export async function rowOfKey(
  client: DynamoDBClient,
  table: string,
  jurisdiction: string,
  pseudonym: string,
): Promise<Uint8Array> {
  const Key = { pk: { S: `K#${jurisdiction}#${pseudonym}` }, sk: { S: '000001' } }
  const wrapped = (await rowsIn(client, table).get(Key))?.wrapped?.B
  if (wrapped === undefined) throw new Error('there is no such key')
  return wrapped
}

/** What opens with all that stands in a copy of a data folder. */
export type Recovered = {
  /** Entries that a gateway started on the copy can read. */
  readonly byGateway: ReadonlySet<string>
  /** Entries that open with a key found anywhere in its files, whether any row leads to it or not. */
  readonly byThief: ReadonlySet<string>
}

/**
 * Opens whatever opens: `master.key` is in the copy, and with it the key of each jurisdiction. A key that
 * was wrapped is bound to its row, which stays when it is destroyed; so each text in each file that may be
 * one is tried for each row, and each key that comes out of it on each entry.
 */
export async function recover(copy: string): Promise<Recovered> {
  const texts = candidatesIn(copy)
  const store = await openEmbedded(join(copy, 'dynamodb'))
  const client = dynamodb(store.endpoint)
  const names = localTableNames()
  const secrets = await openSecrets(client, names.keys, fileWrapper(join(copy, 'master.key')))
  const subjectKeys = dynamodbSubjectKeys(client, names.keys, secrets.wrapKey)
  const eids = (await everything(rowsIn(client, names.decisions))).map(({ pk }) =>
    (pk?.S ?? '').slice(2),
  )
  const entries = [...(await dynamodbLedger(client, names.decisions).readAll(eids)).values()]
  const byGateway = new Set<string>()
  for (const entry of entries)
    if ((await openAny(entry, { subjectKeys })) !== undefined) byGateway.add(entry.leaf.eid)

  const rows = (await everything(rowsIn(client, names.keys))).filter(({ pk }) =>
    pk?.S?.startsWith('K#'),
  )
  const keks = rows.flatMap(({ pk, sk }) => {
    const wrapKey = secrets.wrapKey((pk?.S ?? '').split('#')[1] ?? '')
    const context = `${pk?.S}\u001f${sk?.S}`
    return texts.flatMap((text) => attempt(() => unseal(wrapKey, text, context)))
  })
  const isOpened = ({ leaf, ciphertext }: (typeof entries)[number]) =>
    keks.some((kek) => attempt(() => openEntry(leaf, ciphertext, kek)).length > 0)
  const byThief = new Set(entries.filter(isOpened).map(({ leaf }) => leaf.eid))
  client.destroy()
  await store.close()
  return { byGateway, byThief }
}

function attempt<T>(act: () => T): readonly T[] {
  try {
    return [act()]
  } catch {
    return []
  }
}

/**
 * A wrapped key has 60 bytes: 80 characters of base64, and none after them; a file that is compressed may
 * have a few before. What is longer is something else.
 */
function candidatesIn(folder: string): readonly Uint8Array[] {
  const [length, more] = [80, 8]
  return filesUnder(folder).flatMap((path) =>
    [...readFileSync(path, 'latin1').matchAll(/[A-Za-z0-9+/]{80,}/g)]
      .map(([run]) => run)
      .filter((run) => run.length <= length + more)
      .map((run) => Buffer.from(run.slice(-length), 'base64')),
  )
}
