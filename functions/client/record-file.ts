/** `comity record file` and `comity request file`: a file goes into a record, and one that left by an answer is fetched. */

import { writeFileSync } from 'node:fs'
import type { Command } from 'commander'
import * as z from 'zod'
import { answerSchema } from '../answer/reply/reply-schema.ts'
import { isKeptFile, keptFileSchema } from '../decision/record.ts'
import { fileDigest } from '../ledger/file.ts'
import { entryId } from '../terminal/arguments.ts'
import { exitCodes, Failure, misuse } from '../terminal/exit.ts'
import { readBytes, readJson } from '../terminal/files.ts'
import type { Gateway } from './profile.ts'
import { actingAs, answered, type Calling, doneSchema, print } from './send.ts'

type Item = Calling & { readonly item: string }

/** Adds both. */
export function addFiles(program: Command, request: Command, gateway: Gateway): void {
  const record = program.command('record').description('Keep records here, as their holder.')
  actingAs(record.command('file'), gateway)
    .description('Send the content of an item: a JPEG or PNG, of which the picture alone is kept.')
    .argument('<record>', 'the id of the record')
    .argument('<file>', 'the picture')
    .requiredOption('--item <id>', 'the item of the record')
    .action((id: string, file: string, options: Item) => sendFile(id, file, options, gateway))

  actingAs(request.command('file'), gateway)
    .description('Fetch a file that left by an answer, within 15 minutes of it.')
    .argument('<id>', 'the id of the request', entryId)
    .requiredOption('--item <id>', 'the item of the answer')
    .requiredOption('--out <file>', 'where it is written')
    .option('--told <file>', 'the answer as JSON, which says by a digest which file it is')
    .action((id: string, options: Item & Fetching) => fetchFile(id, options, gateway))
}

type Fetching = { readonly out: string; readonly told?: string }

const takenSchema = doneSchema.extend({ value: keptFileSchema })

async function sendFile(id: string, path: string, options: Item, gateway: Gateway): Promise<void> {
  const bytes = Buffer.from(readBytes(path))
  // The gateway looks for itself, and says if it is something else.
  const type = bytes[0] === 0x89 ? 'image/png' : 'image/jpeg'
  const address = `/v1/records/${encodeURIComponent(id)}/files/${encodeURIComponent(options.item)}`
  const answer: unknown = await (
    await answered(options, gateway, 'PUT', address, { type, bytes })
  ).json()
  if (options.json) return print([JSON.stringify(answer, null, 2)])
  const taken = takenSchema.parse(answer)
  print([
    `Kept: ${taken.value.type}, ${taken.value.length} bytes of ${bytes.length}; the rest was no picture.`,
    `id ${taken.id}`,
  ])
}

async function fetchFile(id: string, options: Item & Fetching, gateway: Gateway): Promise<void> {
  const { item, out, told: answer } = options
  const told = answer === undefined ? undefined : fileIn(answer, item)
  const path = `/v1/access-requests/${id}/files/${encodeURIComponent(item)}`
  const response = await answered(options, gateway, 'GET', path, undefined, '*/*')
  const bytes = new Uint8Array(await response.arrayBuffer())
  if (told !== undefined && fileDigest(told.salt, bytes) !== told.digest)
    throw new Failure('it is not the file that the answer names', exitCodes.integrityFailed)
  writeFileSync(out, bytes, { mode: 0o600 })
  const [duties, handling] = ['comity-duties', 'comity-handling'].map((each) =>
    response.headers.get(each),
  )
  const saved = { out, bytes: bytes.length, ...(told && { digest: told.digest }), duties, handling }
  if (options.json) return print([JSON.stringify(saved, null, 2)])
  print([
    `Written to ${out}: ${bytes.length} bytes${told === undefined ? '' : ', the file of the answer'}.`,
    ...(handling === null ? [] : [`Handling: ${handling}`]),
    ...(duties === null ? [] : [`Duties, by their codes: ${duties}`]),
  ])
}

/** The file of an item, as an answer names it. */
function fileIn(path: string, item: string) {
  const { records } = readJson(path, z.looseObject({ records: answerSchema.shape.records }))
  const value = records.flatMap(({ items }) => items).find(({ id }) => id === item)?.value
  if (value !== undefined && isKeptFile(value)) return value
  throw misuse(`the answer in \`${path}\` has no file as item ${item}`)
}
