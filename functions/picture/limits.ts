/** Which files may be kept, how large they may be, and what comes of one whose metadata are stripped. */

/** The types of files: pictures alone, since of these we know how to drop what is not the picture. */
export const fileTypes = ['image/jpeg', 'image/png'] as const
/** One of these. */
export type FileType = (typeof fileTypes)[number]

/** Longest file, bytes. Ours: a face or a print has less, and a Lambda call takes 6 MB in base64. */
export const fileBytesMax = 2 * 1024 * 1024

/** Most pixels of a picture. Ours: a larger one would fill a reader's memory. */
const pixelsMax = 2 ** 24
/** Most bytes of a picture once it is unpacked: four for each pixel. */
export const unpackedBytesMax = 2 ** 26

/** A picture without what it says besides the picture, or why there is none. */
export type Stripped =
  | { readonly bytes: Uint8Array }
  /** A sentence for whoever sent it: what is wrong, and what to do. */
  | { readonly wrong: string }

/** Why a picture of this size is refused; undefined if it is not. */
export const wrongSize = (width: number, height: number): string | undefined =>
  width > 0 && height > 0 && width * height <= pixelsMax
    ? undefined
    : `it says that it has ${width} × ${height} pixels; send one of 1 to ${pixelsMax} in all`

/** The number in two bytes from a place on, the larger first; -1 if there are none. */
export const twoBytes = (bytes: Uint8Array, at: number): number => {
  const [high, low] = [bytes[at], bytes[at + 1]]
  return high === undefined || low === undefined ? -1 : high * 256 + low
}

/** Whether bytes begin, from a place on, as a text of one byte a character does. */
export const saysAt = (bytes: Uint8Array, at: number, text: string): boolean =>
  [...text].every((character, i) => bytes[at + i] === character.charCodeAt(0))

/** Bytes one after the other. */
export function joined(parts: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0))
  let at = 0
  for (const part of parts) {
    whole.set(part, at)
    at += part.length
  }
  return whole
}
