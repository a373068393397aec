/**
 * A shorter way to DynamoDB for the calls that answers are made of, at less than half of the SDK's CPU: no middleware,
 * no schemas, no rules for endpoints. Whatever does not go well at once is left to the SDK, which sends it again, and
 * says what is wrong in its own errors.
 */

import type { IncomingHttpHeaders } from 'node:http'
import { Readable } from 'node:stream'
import {
  type AttributeValue,
  ConditionalCheckFailedException,
  type DynamoDBClient,
  type ServiceOutputTypes,
} from '@aws-sdk/client-dynamodb'
import { isAnswerTo } from './aws-answers.ts'
import { type AwsCredentials, signerFor } from './signature-v4.ts'

/** The calls, by the names of the SDK's commands. */
const operations: ReadonlyMap<string, string> = new Map(
  [
    ...['GetItem', 'Query', 'Scan', 'PutItem', 'UpdateItem', 'DeleteItem'],
    ...['BatchGetItem', 'BatchWriteItem'],
  ].map((each) => [`${each}Command`, each]),
)

/** Where calls go, as the SDK says. */
export type ServiceAddress = {
  readonly protocol: string
  readonly hostname: string
  readonly port?: number
  readonly path: string
}

/** Sends a call, a `POST` unless said, and gives its status and body; over a network, its headers, too. */
export type Post = (request: {
  readonly place: ServiceAddress
  readonly method?: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: string | Uint8Array
}) => Promise<{
  readonly status: number
  readonly body: Buffer
  readonly headers?: IncomingHttpHeaders
}>

/** A service of AWS that takes and gives JSON, and how to reach it. */
export type Service = {
  /** By which its calls are signed. */
  readonly name: string
  /** What its operations are named after, such as `DynamoDB_20120810`. */
  readonly target: string
  readonly version: '1.0' | '1.1'
  readonly place: ServiceAddress
  readonly region: string
  readonly credentials: () => Promise<AwsCredentials>
  readonly post: Post
}

/**
 * Takes the short way from the second call of a client on: the first shows where calls go. It uses the SDK's place and
 * credentials; calls go out by `post`.
 */
export function connectDirectly(client: DynamoDBClient, post: Post): void {
  let place: ServiceAddress | undefined
  let ask: ReturnType<typeof dynamodbBy> | undefined
  client.middlewareStack.add(
    (next) => (args) => {
      // A cast: in this step the request is made, and is HTTP.
      const { protocol, hostname, port, path } = args.request as ServiceAddress
      place ??= { protocol, hostname, path, ...(port !== undefined && { port }) }
      return next(args)
    },
    { step: 'build', name: 'notePlace' },
  )
  client.middlewareStack.add(
    (next, { commandName = '' }) =>
      async (args) => {
        if (!operations.has(commandName) || place === undefined) return next(args)
        const { credentials, region } = client.config
        ask ??= dynamodbBy({ place, region: await region(), credentials, post })
        const output = await ask(commandName, args.input)
        return output === undefined ? next(args) : { output, response: undefined }
      },
    // Last of its step, so that whoever watches calls sees this one, too.
    { step: 'initialize', priority: 'low', name: 'takeShortWay' },
  )
}

/**
 * Calls of DynamoDB by the names of the SDK's commands: their output; undefined if a call is for the SDK. Throws only
 * if the condition of a write does not hold.
 */
export function dynamodbBy(reached: Pick<Service, 'place' | 'region' | 'credentials' | 'post'>) {
  const send = sender({
    ...{ name: 'dynamodb', target: 'DynamoDB_20120810', version: '1.0' },
    ...reached,
  })
  return async (command: string, input: object): Promise<ServiceOutputTypes | undefined> => {
    const operation = operations.get(command)
    if (operation === undefined) return undefined
    const answered = await send(operation, changed(input, inputs, encoded))
    if (answered === undefined) return undefined
    const { status, said } = answered
    // A cast: an output is what the service says, and its bytes.
    if (status === 200) return changed(said, outputs, decoded) as ServiceOutputTypes
    if (!String(said.__type).endsWith('#ConditionalCheckFailedException')) return undefined
    const $metadata = { httpStatusCode: status }
    throw new ConditionalCheckFailedException({ message: said.message ?? '', $metadata })
  }
}

/**
 * Sends the SDK's own calls by `post`. The SDK takes whatever comes with a status of success for one, an empty body, too,
 * as something in between may answer: here a call of which no answer came has failed, and is sent again.
 */
export const handlerBy = (post: Post, isAnswer: IsAnswer = isOfService) => ({
  async handle({ method, headers, body: given = '', query = {}, ...place }: SdkRequest) {
    const asked = new URLSearchParams(query).toString()
    const path = asked === '' ? place.path : `${place.path}?${asked}`
    // The SDK's own kind of bytes warns where it is taken for a text.
    const body = typeof given === 'string' ? given : Uint8Array.from(given)
    const answered = await post({ place: { ...place, path }, method, headers, body })
    const { status: statusCode, headers: told = {} } = answered
    if (!isAnswer(answered, { headers, body })) throw noAnswer('answer-empty')
    const stream = Readable.from([answered.body])
    return { response: { statusCode, headers: { ...told }, body: stream } }
  },
})

/** A call, as the SDK sends it. */
type SdkRequest = ServiceAddress & {
  readonly method: string
  readonly query?: Readonly<Record<string, string>>
  readonly headers: Readonly<Record<string, string>>
  readonly body?: string | Uint8Array
}

/** Whether what came can be the answer to a call. */
export type IsAnswer = (
  answered: Awaited<ReturnType<Post>>,
  call: Required<Pick<SdkRequest, 'headers' | 'body'>>,
) => boolean

/** That of a service that takes and gives JSON, which refuses nothing without a word. */
const isOfService: IsAnswer = ({ status, body }, call) => {
  const said = objectIn(body)
  if (said === undefined || status >= 300) return typeof said?.__type === 'string'
  const operation = String(call.headers['x-amz-target']).split('.')[1] ?? ''
  return isAnswerTo(operation, said, objectIn(Buffer.from(call.body)) ?? {})
}

/** There was no answer, as a code says that may be logged. The SDK sends again what failed so. */
export const noAnswer = (code: string) => Object.assign(new Error(code), { code, $retryable: {} })

/** The object of JSON that a body is, if it is one. */
function objectIn(body: Buffer): Answer | undefined {
  try {
    const said: unknown = JSON.parse(body.toString('utf8'))
    // A cast: whoever reads a member of it says of which type it is.
    return typeof said === 'object' && !Array.isArray(said)
      ? ((said ?? undefined) as Answer)
      : undefined
  } catch {
    return undefined
  }
}

/** Sends calls of a service, signed; undefined if there was no answer, or none that the operation can have. */
export function sender({ name, target, version, place, region, credentials, post }: Service) {
  const sign = signerFor(region, name)
  const { hostname, port, path } = place
  const host = port === undefined ? hostname : `${hostname}:${port}`
  return async (
    operation: string,
    input: object,
  ): Promise<{ readonly status: number; readonly said: Answer } | undefined> => {
    const body = JSON.stringify(input)
    const headers = {
      'content-type': `application/x-amz-json-${version}`,
      host,
      'x-amz-target': `${target}.${operation}`,
    }
    try {
      const signed = sign(await credentials(), { headers, path, body }, new Date())
      const length = { 'content-length': String(Buffer.byteLength(body)) }
      const answered = await post({ place, headers: { ...signed, ...length }, body })
      const { status } = answered
      const said = objectIn(answered.body)
      if (said === undefined || (status === 200 && !isAnswerTo(operation, said, input)))
        return undefined
      return { status, said }
    } catch {
      return undefined
    }
  }
}

type Answer = {
  readonly __type?: string
  readonly message?: string
  readonly [member: string]: unknown
}

// In JSON, bytes are base64; all other values are as the SDK has them.

/** The members of inputs and outputs that hold values by name. */
const items = ['Key', 'Item', 'Keys']
const inputs = [...items, 'ExpressionAttributeValues', 'ExclusiveStartKey']
const outputs = [...items, 'Items', 'Attributes', 'LastEvaluatedKey']
/** The members that hold, for each table, items or what is read or written of them. */
const byTable = ['RequestItems', 'Responses', 'UnprocessedKeys', 'UnprocessedItems']

/** An input or output with its bytes otherwise. */
function changed(of: object, names: readonly string[], change: Change): object {
  const all: Record<string, unknown> = { ...of }
  for (const name of names)
    if (Array.isArray(all[name])) all[name] = all[name].map((each) => values(each, change))
    else if (all[name] !== undefined) all[name] = values(all[name] as object, change)
  for (const name of byTable)
    if (all[name] !== undefined)
      all[name] = Object.fromEntries(
        Object.entries(all[name] as object).map(([table, part]) => [
          table,
          Array.isArray(part)
            ? part.map((each) =>
                name === 'Responses' ? values(each, change) : write(each, change),
              )
            : changed(part, items, change),
        ]),
      )
  return all
}

/** What is put or removed, with its bytes otherwise. */
const write = (request: object, change: Change): object =>
  Object.fromEntries(
    Object.entries(request).map(([how, of]) => [how, changed(of as object, items, change)]),
  )

type Change = (bytes: Uint8Array | string) => Uint8Array | string
const encoded: Change = (bytes) =>
  typeof bytes === 'string'
    ? bytes
    : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('base64')
const decoded: Change = (text) => (typeof text === 'string' ? Buffer.from(text, 'base64') : text)

/** Values by name, with their bytes otherwise: themselves, if none of them has bytes. */
function values(all: object, change: Change): object {
  let made: Record<string, object> | undefined
  for (const [name, value] of Object.entries(all)) {
    const other = changedValue(value, change)
    if (other === value) continue
    made ??= { ...all }
    made[name] = other
  }
  return made ?? all
}

function changedValue(value: AttributeValue, change: Change): object {
  if (value.B !== undefined) return { B: change(value.B) }
  if (value.BS !== undefined) return { BS: value.BS.map(change) }
  if (value.L !== undefined) return { L: value.L.map((each) => changedValue(each, change)) }
  return value.M === undefined ? value : { M: values(value.M, change) }
}
