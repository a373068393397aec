/** Reading from strangers, who may send without end. */

/** The bytes of a stream; undefined, and its connection ended, as soon as there are more than `most`. */
export async function bytesUpTo(
  most: number,
  stream: AsyncIterable<Uint8Array> | null,
): Promise<Buffer<ArrayBuffer> | undefined> {
  const parts: Uint8Array[] = []
  let size = 0
  for await (const part of stream ?? []) {
    size += part.length
    // Leaving the loop ends the connection.
    if (size > most) return undefined
    parts.push(part)
  }
  return Buffer.concat(parts)
}
