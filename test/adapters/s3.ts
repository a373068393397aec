/**
 * A bucket on this machine: as much of S3's protocol as an archive needs, kept to what its
 * documentation says of conditional writes and of Object Lock (no upload without a checksum).
 */

import { createHash } from 'node:crypto'
import { createServer, type ServerResponse } from 'node:http'
import { buffer } from 'node:stream/consumers'
import { crc32 } from 'node:zlib'
import { S3Client } from '@aws-sdk/client-s3'
import { listen } from '../dynalite.ts'

/** What can become of a call. In those that end in `-lost` or `-applied` the store did it. */
export type Fault =
  | 'none'
  | 'dropped'
  | 'answer-lost'
  | 'failed'
  | 'failed-applied'
  | 'busy'
  /** Cut off before the store saw it, by something in between that answers for it, so: with `200`. */
  | 'answered-nothing'

export type Call = { readonly method: string; readonly path: string; readonly index: number }

export type Bucket = Awaited<ReturnType<typeof startBucket>>

/** Starts a bucket named `log`; `plan` says what becomes of each call, and may do something first. */
export async function startBucket(plan: (call: Call) => Fault | Promise<Fault> = () => 'none') {
  const objects = new Map<string, Buffer>()
  const calls: Call[] = []
  const server = createServer(async (request, response) => {
    const body = await buffer(request)
    const { pathname, searchParams } = new URL(request.url ?? '', 'http://bucket')
    const method = request.method ?? ''
    const path = decodeURIComponent(pathname).replace(/^\/log\//, '')
    const call = { method, path, index: calls.length }
    calls.push(call)
    const fault = await plan(call)
    if (fault === 'dropped') return request.socket.destroy()
    if (fault === 'failed') return refuse(response, 500, 'InternalError')
    if (fault === 'answered-nothing') return response.end()
    if (fault === 'busy') return refuse(response, 409, 'ConditionalRequestConflict')
    const prefix = searchParams.get('prefix')
    const answer =
      method === 'PUT'
        ? put(path, body, request.headers)
        : prefix === null
          ? get(path)
          : list(prefix)
    if (fault === 'answer-lost') return request.socket.destroy()
    if (fault === 'failed-applied') return refuse(response, 500, 'InternalError')
    return answer(response)
  })

  function put(path: string, body: Buffer, headers: Readonly<Record<string, unknown>>) {
    const sum = Buffer.alloc(4)
    sum.writeUInt32BE(crc32(body))
    if (headers['x-amz-checksum-crc32'] !== sum.toString('base64'))
      return (response: ServerResponse) => refuse(response, 400, 'InvalidRequest')
    const there = objects.get(path)
    const ifMatch = headers['if-match']
    if (ifMatch !== undefined && there === undefined)
      return (response: ServerResponse) => refuse(response, 404, 'NoSuchKey')
    const isRefused =
      (headers['if-none-match'] === '*' && there !== undefined) ||
      (ifMatch !== undefined && there !== undefined && ifMatch !== etagOf(there))
    if (isRefused) return (response: ServerResponse) => refuse(response, 412, 'PreconditionFailed')
    objects.set(path, body)
    return (response: ServerResponse) => response.writeHead(200, { etag: etagOf(body) }).end()
  }

  const get = (path: string) => (response: ServerResponse) => {
    const there = objects.get(path)
    return there === undefined
      ? refuse(response, 404, 'NoSuchKey')
      : response.writeHead(200, { etag: etagOf(there) }).end(there)
  }

  /** `ListObjectsV2`, in the order of UTF-8; a page has 1,000 keys. */
  const list = (prefix: string) => (response: ServerResponse) => {
    const keys = [...objects.keys()].filter((key) => key.startsWith(prefix)).sort()
    const contents = keys.slice(0, 1000).map((key) => `<Contents><Key>${key}</Key></Contents>`)
    response.writeHead(200, { 'content-type': 'application/xml' })
    response.end(
      `<?xml version="1.0"?><ListBucketResult><IsTruncated>${keys.length > 1000}</IsTruncated>${contents.join('')}</ListBucketResult>`,
    )
  }

  const endpoint = await listen(server)
  const client = new S3Client({
    endpoint,
    region: 'local',
    forcePathStyle: true,
    credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
  })
  return {
    name: 'log',
    endpoint,
    client,
    objects,
    calls,
    close() {
      client.destroy()
      server.closeAllConnections()
      return new Promise<void>((resolve) => server.close(() => resolve()))
    },
  }
}

const etagOf = (bytes: Buffer): string => `"${createHash('md5').update(bytes).digest('hex')}"`

function refuse(response: ServerResponse, status: number, code: string): void {
  response.writeHead(status, { 'content-type': 'application/xml' })
  response.end(`<?xml version="1.0"?><Error><Code>${code}</Code><Message>no</Message></Error>`)
}
