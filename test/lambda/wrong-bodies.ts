/** Bodies that are wrong in every way, each with marks where it is wrong. */

import { fileBytesMax } from '../../functions/picture/limits.ts'
import { chunk, picture, pngOf, segment, withSegments } from '../picture/pictures.ts'
import { marks } from './fed.ts'

/** Wrong bodies of a call that brings a picture or an object; `unknown` is a name that nothing has. */
export const wrongBodies = (body: object, unknown: string): readonly unknown[] =>
  Buffer.isBuffer(body) ? wrongPictures(body) : wrongJson(body, unknown)

/** Types that a body is not of, each with the body that is sent so, and what that is answered. */
export const wrongTypes = (
  body: object,
): readonly (readonly [type: string, given: unknown, status: number])[] =>
  Buffer.isBuffer(body)
    ? [`image/${marks.given}`, marks.given, 'image/png'].map(
        (type) => [type, body, type === 'image/png' ? 422 : 415] as const,
      )
    : [
        [`text/${marks.given}`, body, 415],
        // What is no text comes in base64.
        [marks.given, Buffer.concat([Buffer.from(JSON.stringify(body)), Buffer.of(0xff)]), 400],
      ]

/** Of an object. */
function wrongJson(body: object, unknown: string): readonly unknown[] {
  const whole = JSON.stringify(body)
  return [
    whole.slice(0, -1),
    `${whole.slice(0, -1)},}`,
    `{"${marks.given}":1,"${marks.given}":"${marks.statement}"}`,
    `{"__proto__":"${marks.given}"}`,
    `{"name":"${marks.statement}\\ud83d"}`,
    `"${marks.statement}`,
    JSON.stringify(marks.statement),
    JSON.stringify([body]),
    { ...body, [unknown]: marks.statement },
    markedAs(body),
    `${whole.slice(0, -1)},"more":"${marks.statement.repeat(600)}"}`,
  ]
}

/** Of a picture: none, half of one, another, or one that is not whole. */
function wrongPictures(jpeg: Buffer): readonly Buffer[] {
  const text = Buffer.from(Object.values(marks).join(' '))
  return [
    text,
    Buffer.from(JSON.stringify(marks)),
    jpeg.subarray(0, jpeg.length / 2),
    Buffer.concat([Buffer.of(0xff, 0xd8, 0xff), text]),
    Buffer.concat([jpeg.subarray(0, 2), text, jpeg.subarray(2)]),
    // Tables, a frame and a scan that are none.
    ...[0xdb, 0xc4, 0xc0, 0xda, 0xdd, 0xcc].map((marker) =>
      withSegments(picture('baseline'), segment(marker, text)),
    ),
    pngOf(chunk('tEXt', text)),
    pngOf(chunk('IHDR', text)),
    Buffer.concat([jpeg, Buffer.alloc(fileBytesMax, text)]),
  ]
}

/** A value of the same form, each text or number of which is a mark. */
export function markedAs(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(markedAs)
  if (typeof value === 'object' && value !== null)
    return Object.fromEntries(Object.entries(value).map(([name, each]) => [name, markedAs(each)]))
  return `${marks.statement}\u0007`
}
