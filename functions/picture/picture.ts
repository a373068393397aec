/** What is kept of a file: the picture, and nothing that it says of where, when, by whom and with what it was made. */

import { strippedJpeg } from './jpeg.ts'
import { type FileType, fileBytesMax, fileTypes, type Stripped, saysAt } from './limits.ts'
import { isPng, strippedPng } from './png.ts'

/** What a file is by its own first bytes; undefined if it is of no type that is kept. */
const typeOf = (bytes: Uint8Array): FileType | undefined =>
  saysAt(bytes, 0, '\xff\xd8\xff') ? 'image/jpeg' : isPng(bytes) ? 'image/png' : undefined

/**
 * The picture of a file that is said to be of a type. What cannot be stripped is refused: nothing is ever kept as it
 * came. The same bytes give the same picture.
 */
export async function stripped(
  bytes: Uint8Array,
  said: string,
): Promise<
  | { readonly type: FileType; readonly bytes: Uint8Array }
  | Extract<Stripped, { readonly wrong: string }>
> {
  const type = typeOf(bytes)
  if (type === undefined)
    return { wrong: `it is none of ${fileTypes.join(', ')} by its first bytes` }
  if (type !== said) return { wrong: `it is ${type} by its first bytes; say so in Content-Type` }
  if (bytes.length > fileBytesMax) return { wrong: `it is longer than ${fileBytesMax} bytes` }
  const picture = type === 'image/jpeg' ? strippedJpeg(bytes) : await strippedPng(bytes)
  return 'wrong' in picture ? picture : { ...picture, type }
}
