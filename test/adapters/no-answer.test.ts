/**
 * What a service of AWS never answers counts for no answer: not for one that nothing is there, by which a revocation or
 * a refusal would be missed, nor for a write that was done. A server on loopback answers so, to the real clients.
 */

import { createServer, type IncomingMessage } from 'node:http'
import { buffer } from 'node:stream/consumers'
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest'
import { s3Archive, s3Client } from '../../functions/adapters/archive-s3.ts'
import { isAnswerTo } from '../../functions/adapters/aws-answers.ts'
import { dynamodb, isStoreAway, rowsIn } from '../../functions/adapters/dynamodb.ts'
import { kmsCheckpointKey, kmsWrapper } from '../../functions/adapters/kms.ts'
import { lambdaDoor, lambdaSealer } from '../../functions/adapters/lambda.ts'
import { listen } from '../dynalite.ts'

/** What comes back over the wire, status line and all. */
let wire = ''
let calls = 0
const server = createServer((request: IncomingMessage) => {
  calls += 1
  void buffer(request).then(() => request.socket.end(wire))
})
let endpoint = ''
beforeAll(async () => {
  endpoint = await listen(server)
  for (const [name, value] of [
    ['AWS_REGION', 'local'],
    ['AWS_ACCESS_KEY_ID', 'local'],
    ['AWS_SECRET_ACCESS_KEY', 'local'],
    ['AWS_ENDPOINT_URL', endpoint],
  ] as const)
    vi.stubEnv(name, value)
})
afterEach(() => {
  calls = 0
})
afterAll(() => {
  vi.unstubAllEnvs()
  server.closeAllConnections()
  server.close()
})

const answer = (body: string, more = '', status = '200 OK') =>
  `HTTP/1.1 ${status}\r\n${more}content-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`

/** Expects that there was no answer, and that whoever asked is told to come again. */
async function expectNone(act: () => Promise<unknown>, attempts = 1): Promise<void> {
  const before = calls
  const came = await act().catch((error: unknown) => error)
  expect([wire, came instanceof Error, isStoreAway(came)]).toEqual([wire, true, true])
  expect(calls - before).toBeGreaterThanOrEqual(attempts)
}

const Item = { pk: { S: 'a' }, sk: { S: 'b' } }
const json = JSON.stringify(Item)

describe('DynamoDB', () => {
  const rows = () => rowsIn(dynamodb(endpoint), 'T')
  type Rows = ReturnType<typeof rows>
  const acts = {
    get: (of: Rows) => of.get(Item),
    all: (of: Rows) => of.all('a'),
    scan: async (of: Rows) => (await of.scan().next()).value,
    each: (of: Rows) => of.getEach([Item]),
    put: (of: Rows) => of.putNew(Item),
    puts: (of: Rows) => of.putAll([Item]),
  }

  // Kills: a row that is taken not to be there, a list that is taken to be at its end, or a write that is taken for done,
  // by what something in between said; on the short way, or on the SDK's.
  test.each([
    ['get', '{"Count":1}'],
    ['get', '{"message":"not now"}'],
    ['get', '{"Item":"x"}'],
    ['get', '{"Item":{"pk":"a"}}'],
    ['all', '{}'],
    ['all', '{"Items":"x","Count":1}'],
    ['all', '{"Count":1}'],
    ['all', '{"Items":[],"Count":1}'],
    ['all', '{"Items":[],"Count":0,"LastEvaluatedKey":{}}'],
    ['scan', '{"ScannedCount":3}'],
    ['each', '{"Responses":{},"UnprocessedKeys":{}}'],
    ['each', '{"Responses":{"T":[]}}'],
    ['each', '{"Responses":{"T":[]},"UnprocessedKeys":{"T":{"Keys":"x"}}}'],
    ['each', `{"Responses":{"T":[]},"UnprocessedKeys":{"U":{"Keys":[${json}]}}}`],
    ['put', '{"Items":[],"Count":0}'],
    ['puts', '{}'],
    ['puts', '{"UnprocessedItems":{"T":"x"}}'],
  ] as const)('does not answer to %s: %s', async (name, body) => {
    const own = rows()
    // Its first call shows where calls go: then it takes the short way.
    wire = answer('{}')
    await own.get(Item)
    wire = answer(body)
    await Promise.all([own, rows()].map((each) => expectNone(() => acts[name](each), 3)))
  })

  test('refuses nothing without a word', async () => {
    wire = answer('{}', '', '400 Bad Request')
    await expectNone(() => acts.get(rows()), 3)
  })

  // Kills: a check that some answer of DynamoDB does not pass, so that nobody would be answered any more.
  test.each([
    ['GetItem', {}, {}],
    ['GetItem', { Item: {} }, {}],
    ['GetItem', { ConsumedCapacity: { TableName: 'T' } }, {}],
    ['PutItem', {}, {}],
    ['UpdateItem', { Attributes: Item }, { ReturnValues: 'ALL_NEW' }],
    ['Query', { Items: [], Count: 0, ScannedCount: 3, LastEvaluatedKey: Item }, {}],
    ['Scan', { Items: [Item], Count: 1, ScannedCount: 1 }, {}],
    ['BatchWriteItem', { UnprocessedItems: {} }, { RequestItems: { T: [] } }],
    [
      'BatchWriteItem',
      { UnprocessedItems: { T: [{ PutRequest: { Item } }, { DeleteRequest: { Key: Item } }] } },
      { RequestItems: { T: [] } },
    ],
    [
      'BatchGetItem',
      { Responses: { T: [Item] }, UnprocessedKeys: {} },
      { RequestItems: { T: {} } },
    ],
    [
      'BatchGetItem',
      { Responses: {}, UnprocessedKeys: { T: { Keys: [Item], ConsistentRead: true } } },
      { RequestItems: { T: {} } },
    ],
    ['ListTables', { TableNames: [] }, {}],
  ])('answers %s by %o', (operation, said, asked) => {
    expect(isAnswerTo(operation, said, asked)).toBe(true)
  })

  test.each<[string, unknown, boolean]>([
    ['text', { S: '' }, true],
    ['number', { N: '-1.5e3' }, true],
    ['no number', { N: 'x' }, false],
    ['a number as such', { N: 1 }, false],
    ['bytes', { B: 'AAE=' }, true],
    ['true', { BOOL: false }, true],
    ['nothing', { NULL: true }, true],
    ['sets', { SS: ['a'] }, true],
    ['a set of others', { NS: ['a'] }, false],
    ['lists in maps', { M: { a: { L: [{ S: 'b' }, { BS: ['AA=='] }] } } }, true],
    ['a list of others', { L: ['b'] }, false],
    ['two values', { S: 'a', N: '1' }, false],
    ['no value', {}, false],
    ['another type', { constructor: 'x' }, false],
    ['null', null, false],
  ])('has values in its items, and nothing else: %s', (_, value, isOne) => {
    expect(isAnswerTo('GetItem', { Item: { value } }, {})).toBe(isOne)
  })
})

describe('KMS', () => {
  // Kills: a key or signature that is empty; one answer taken for the last word.
  test.each([
    ['nothing', '{}'],
    ['an empty text', '{"Signature":"","Plaintext":"","CiphertextBlob":"","PublicKey":""}'],
    ['a number', '{"Signature":1,"Plaintext":1,"CiphertextBlob":1,"PublicKey":1}'],
    ['a page', '<html>'],
  ])('does not answer by %s', async (_, body) => {
    wire = answer(body)
    await Promise.all([
      expectNone(() => kmsWrapper('alias/comity').unwrap(Buffer.from('x')), 3),
      expectNone(() => kmsCheckpointKey('alias/log'), 3),
      expect(kmsWrapper('alias/comity').wrap(Buffer.from('x'))).rejects.toThrow(
        'couldn’t wrap: answer-empty',
      ),
    ])
  })
})

describe('S3', () => {
  const archive = () => s3Archive('log', s3Client(endpoint))
  const etag = 'etag: "e"\r\n'
  // Kills: half a tile that is taken for one; a page, or a bucket that is gone, taken for an object that is not there.
  test.each([
    ['a body cut off', `HTTP/1.1 200 OK\r\n${etag}content-length: 5\r\n\r\nhal`],
    [
      'a body whose last part is cut off',
      `HTTP/1.1 200 OK\r\n${etag}transfer-encoding: chunked\r\n\r\n3\r\nhal\r\n`,
    ],
    ['a body of no length', `HTTP/1.1 200 OK\r\n${etag}\r\nhal`],
    ['another body than it was', answer('half', `${etag}x-amz-checksum-crc32: AAAAAA==\r\n`)],
    ['a body without its tag', answer('half')],
    ['a page, where something is not found', answer('<html></html>', '', '404 Not Found')],
    ['nothing, where something is not found', answer('', '', '404 Not Found')],
    ['a way elsewhere', answer('', 'location: http://login.invalid/\r\n', '302 Found')],
  ])('does not answer by %s', async (_, came) => {
    wire = came
    await expectNone(() => archive().get('a/b'))
  })

  test('says itself that an object is not there, which a bucket that is not there does not say', async () => {
    const missing = (code: string) =>
      answer(`<Error><Code>${code}</Code></Error>`, '', '404 Not Found')
    wire = missing('NoSuchKey')
    expect(await archive().get('a/b')).toBeUndefined()
    wire = missing('NoSuchBucket')
    await expect(archive().get('a/b')).rejects.toMatchObject({ name: 'NoSuchBucket' })
  })

  test.each([
    ['an empty one', '<ListBucketResult></ListBucketResult>'],
    ['the first page', '<ListBucketResult><IsTruncated>true</IsTruncated></ListBucketResult>'],
    [
      'one of nameless objects',
      '<ListBucketResult><IsTruncated>false</IsTruncated><Contents><Size>1</Size></Contents></ListBucketResult>',
    ],
  ])('does not list a bundle by %s', async (_, list) => {
    wire = answer(list, 'content-type: application/xml\r\n')
    await expectNone(() => archive().grownFrom('comity.test/de/2026', 0))
  })
})

describe('Another function', () => {
  // Kills: a log that is taken for sealed since nobody said otherwise; an error of ours for what came from elsewhere.
  test.each([
    ['nothing', answer('')],
    ['null', answer('null')],
    ['a page', answer('<html>')],
    ['half of a list', answer('[{"log":')],
    ['an empty object, where something is not found', answer('{}', '', '404 Not Found')],
  ])('does not answer by %s', async (_, came) => {
    wire = came
    await expectNone(() => lambdaSealer('seal')('de'))
    await expectNone(() => lambdaDoor('access')({}))
  })
})
