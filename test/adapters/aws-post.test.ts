/** A call of the short way ends, whatever comes back, and only a whole answer of the service is one. */

import { createServer, type Socket } from 'node:net'
import { afterEach, describe, expect, test } from 'vitest'
import { poster } from '../../functions/adapters/aws-post.ts'
import { type Service, sender } from '../../functions/adapters/dynamodb-direct.ts'

let end = async () => {}
afterEach(() => end())

/** A call to a server at an address that writes these bytes and then waits, or closes. */
async function called(written: string, { address = '127.0.0.1', closes = false } = {}) {
  const open = new Set<Socket>()
  const server = createServer((socket) => {
    open.add(socket)
    socket.on('error', () => undefined)
    socket.once('data', () => (closes ? socket.end(written) : socket.write(written)))
  })
  const port = await new Promise<number>((resolve, reject) => {
    server.once('error', reject)
    server.listen(0, address, () => resolve(Object(server.address()).port))
  })
  end = async () => {
    for (const socket of open) socket.destroy()
    server.close()
  }
  const hostname = address.includes(':') ? `[${address}]` : address
  const service: Service = {
    ...{ name: 'dynamodb', target: 'DynamoDB_20120810', version: '1.0', region: 'local' },
    place: { protocol: 'http:', hostname, port, path: '/' },
    credentials: async () => ({ accessKeyId: 'local', secretAccessKey: 'local' }),
    post: poster({ connectionTimeout: 200, requestTimeout: 400 }),
  }
  return sender(service)('GetItem', {})
}

const answer = (body: string, { status = '200 OK', more = '' } = {}) =>
  `HTTP/1.1 ${status}\r\n${more}content-length: ${body.length}\r\n\r\n${body}`

describe('A call', () => {
  test('is answered by a whole answer in JSON, over IPv6, too', async () => {
    const got = { status: 200, said: { Item: {} } }
    expect(await called(answer('{"Item":{}}'))).toEqual(got)
    expect(await called(answer('{"Item":{}}'), { address: '::1' })).toEqual(got)
  })

  // Kills: a call that is waited for for ever; half an answer, or none, that is read as “nothing is there”.
  test.each([
    ['another protocol', 'HTTP/1.1 101 X\r\nconnection: upgrade\r\nupgrade: x\r\n\r\n'],
    ['that it may go on', 'HTTP/1.1 100 Continue\r\n\r\n'],
    ['headers alone', 'HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n'],
    ['a body without an end', 'HTTP/1.1 200 OK\r\n\r\n{}'],
    ['what is no HTTP', 'nothing\r\n\r\n'],
    ['nothing', ''],
    ['no content', 'HTTP/1.1 204 No Content\r\n\r\n'],
    ['an empty body', answer('')],
    ['a page', answer('<html>')],
    ['null', answer('null')],
    ['a number', answer('5')],
    ['a list', answer('[]')],
    ['a refusal that is null', answer('null', { status: '400 Bad Request' })],
    ['a redirect', answer('', { status: '307 X', more: 'location: http://127.0.0.1:1/\r\n' })],
    ['another body than it was', answer('{"Item":{}}', { more: 'x-amz-crc32: 1\r\n' })],
  ])('that is answered by %s is left to the SDK', async (_, written) => {
    expect(await called(written)).toBeUndefined()
  })

  test.each([
    ['its body', 'HTTP/1.1 200 OK\r\ncontent-length: 3\r\n\r\n{}'],
    ['the last part of it', 'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n2\r\n{}\r\n'],
  ])('whose connection ends before %s does is left to the SDK', async (_, written) => {
    expect(await called(written, { closes: true })).toBeUndefined()
  })
})
