/** What a thief does who has every file of a data folder: look for a key, whole or in part. */

import { readdirSync, readFileSync, statSync } from 'node:fs'
import { join, relative } from 'node:path'
import { type DynamoDBClient, GetItemCommand } from '@aws-sdk/client-dynamodb'

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
  return filesUnder(folder)
    .filter((path) => {
      const content = readFileSync(path)
      return parts.some((part) => content.includes(part))
    })
    .map((path) => relative(folder, path))
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
  const command = new GetItemCommand({ TableName: table, Key, ConsistentRead: true })
  const wrapped = (await client.send(command)).Item?.wrapped?.B
  if (wrapped === undefined) throw new Error('there is no such key')
  return wrapped
}
