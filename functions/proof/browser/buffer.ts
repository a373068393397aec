/**
 * `Buffer` for a browser: the package, with the encoding of Node that it lacks (RFC 4648 §5), and with Node's reading of
 * what is no UTF-8 (Encoding Standard §8.1.1).
 */

import { Buffer as Packed } from 'buffer/index.js'

// A cast: the package follows Node’s own type, but for that encoding.
const Own = Packed as unknown as typeof globalThis.Buffer
type Read = (value: unknown, encoding?: unknown, length?: unknown) => Buffer
const read = Own.from.bind(Own) as Read
const write = Own.prototype.toString

const utf8 = new TextDecoder('utf-8', { ignoreBOM: true })

// The package reads either alphabet of base64 as the other.
Own.from = ((value, encoding, length) =>
  read(value, encoding === 'base64url' ? 'base64' : encoding, length)) as Read as typeof Own.from
Own.prototype.toString = function textOf(
  this: Buffer,
  encoding?: BufferEncoding,
  start?: number,
  end?: number,
) {
  if (encoding === undefined || encoding === 'utf8') return utf8.decode(this.subarray(start, end))
  if (encoding !== 'base64url') return write.call(this, encoding, start, end)
  const text = write.call(this, 'base64', start, end)
  return text.replaceAll('+', '-').replaceAll('/', '_').replace(/=+$/, '')
}

export { Own as Buffer }
