/** The content of an item's file, from the holder of the record. */

import type { KeptFile } from '../../decision/record.ts'
import { fileDigest } from '../../ledger/file.ts'
import type { FileType } from '../../picture/limits.ts'
import { stripped } from '../../picture/picture.ts'
import { inForce } from '../../policy/history.ts'
import type { World } from '../../ports.ts'
import type { SignedCall } from '../entries/signed-call.ts'
import { putContent, withFile } from './contents.ts'
import { act, changesOf, type Kept, mayKeep } from './records.ts'

/** The result of taking a file: as of any change, or what is wrong with the file. */
export type FileKept =
  | Kept
  | { readonly kind: 'invalid'; readonly pointer: string; readonly detail: string }

/**
 * Takes the content of an item's file, said to be of a type. Its metadata are stripped first, and what cannot be stripped
 * is refused: the item stays as it is. The entry is made before the content is kept, and the item says so last.
 */
export async function keepFile(
  call: SignedCall,
  { id, item, type }: { readonly id: string; readonly item: string; readonly type: string },
  world: World,
): Promise<{ readonly kept: FileKept; readonly value?: KeptFile }> {
  const { agency, file: sent = new Uint8Array() } = call
  if (!mayKeep(agency, world)) return { kept: { kind: 'not-a-holder' } }
  const record = await world.holder.get(agency, id)
  const [held, ...twins] = record?.items.filter((each) => each.id === item) ?? []
  if (record === undefined || held === undefined) return { kept: { kind: 'no-such-record' } }
  if (twins.length > 0) return { kept: { kind: 'repeated-ids' } }
  const picture = await stripped(sent, type)
  if ('wrong' in picture) return refusal(picture.wrong)
  const holds = await elementHolds(held.element, world)
  if (holds !== 'image')
    return refusal(`the element of the item holds ${holds ?? 'nothing that is known'}, and no file`)
  const made = { ...committed(picture, world), item }
  let { item: _, ...value } = made
  const changed = changesOf(record.items, withFile(made)(record).items)
  const what = { what: 'file', file: made, changed } as const
  const kept = await act(call, id, what, world, (entry, { file = made }) => {
    // A retry keeps what the first call entered: its salt, over the same picture.
    ;({ item: _, ...value } = file)
    return putContent(agency, id, file, picture.bytes, entry, world)
  })
  return kept.kind === 'done' ? { kept, value } : { kept }
}

const refusal = (detail: string) => ({ kept: { kind: 'invalid', pointer: '', detail } as const })

/** What an element holds by the law of now; undefined if there is no such element. */
async function elementHolds(element: string, { law, now }: World) {
  const at = now().toISOString()
  const { elements } = inForce((await law.now()).book, at, at)
  return Object.hasOwn(elements, element) ? elements[element]?.holds : undefined
}

function committed(
  { bytes, type }: { readonly bytes: Uint8Array; readonly type: FileType },
  { random }: World,
): KeptFile {
  const salt = Buffer.from(random(32)).toString('base64url')
  return { type, length: bytes.length, digest: fileDigest(salt, bytes), salt }
}
