/**
 * A shorter way to DynamoDB for the five calls that answers are made of, at less than half of the SDK's CPU:
 * no middleware, no schemas, no rules for endpoints. It uses the SDK's place, credentials and sockets. Whatever
 * does not go well at once is left to the SDK, which sends it again, and says what is wrong in its own errors.
 */

import {
  type AttributeValue,
  ConditionalCheckFailedException,
  type DynamoDBClient,
  type ServiceOutputTypes,
} from '@aws-sdk/client-dynamodb'
import { signerFor } from './signature-v4.ts'

/** The calls, by the names of the SDK's commands. */
const operations: ReadonlyMap<string, string> = new Map(
  ['GetItem', 'Query', 'PutItem', 'UpdateItem', 'DeleteItem'].map((each) => [
    `${each}Command`,
    each,
  ]),
)

/** Where calls go, as the SDK says. */
type Place = {
  readonly protocol: string
  readonly hostname: string
  readonly port?: number
  readonly path: string
}

/** Takes the short way from the second call of a client on: the first shows where calls go. */
export function takeShortWay(client: DynamoDBClient): void {
  let place: Place | undefined
  let ask: ReturnType<typeof asking> | undefined
  client.middlewareStack.add(
    (next) => (args) => {
      // A cast: in this step the request is made, and is HTTP.
      const { protocol, hostname, port, path } = args.request as Place
      place ??= { protocol, hostname, path, ...(port !== undefined && { port }) }
      return next(args)
    },
    { step: 'build', name: 'notePlace' },
  )
  client.middlewareStack.add(
    (next, { commandName = '' }) =>
      async (args) => {
        const operation = operations.get(commandName)
        if (operation === undefined || place === undefined) return next(args)
        ask ??= asking(client, place, await client.config.region())
        const output = await ask(operation, args.input)
        return output === undefined ? next(args) : { output, response: undefined }
      },
    // Last of its step, so that whoever watches calls sees this one, too.
    { step: 'initialize', priority: 'low', name: 'takeShortWay' },
  )
}

/** The output of a call; undefined if it is for the SDK. Throws only if the condition of a write does not hold. */
const asking = ({ config }: DynamoDBClient, place: Place, region: string) => {
  const sign = signerFor(region, 'dynamodb')
  const { hostname, port, path } = place
  const host = port === undefined ? hostname : `${hostname}:${port}`
  return async (operation: string, input: object): Promise<ServiceOutputTypes | undefined> => {
    const body = JSON.stringify(changed(input, inputs, encoded))
    const headers = {
      'content-type': 'application/x-amz-json-1.0',
      host,
      'x-amz-target': `DynamoDB_20120810.${operation}`,
    }
    let read: { readonly status: number; readonly said: Said }
    try {
      const signed = sign(await config.credentials(), { headers, path, body }, new Date())
      const length = { 'content-length': String(Buffer.byteLength(body)) }
      const request = { ...place, method: 'POST', headers: { ...signed, ...length }, body }
      // A cast: the handler reads these parts of a request alone, and answers with a stream.
      const { response } = await config.requestHandler.handle(request as never)
      const chunks: Uint8Array[] = []
      for await (const chunk of response.body) chunks.push(chunk)
      const said = JSON.parse(Buffer.concat(chunks).toString('utf8'))
      read = { status: response.statusCode, said }
    } catch {
      return undefined
    }
    const { status, said } = read
    // A cast: an output is what the service says, and its bytes.
    if (status === 200) return changed(said, outputs, decoded) as ServiceOutputTypes
    if (!said.__type?.endsWith('#ConditionalCheckFailedException')) return undefined
    const $metadata = { httpStatusCode: status }
    throw new ConditionalCheckFailedException({ message: said.message ?? '', $metadata })
  }
}

type Said = { readonly __type?: string; readonly message?: string }

// In JSON, bytes are base64; all other values are as the SDK has them.

/** The members of inputs and outputs that hold values by name. */
const inputs = ['Key', 'Item', 'ExpressionAttributeValues', 'ExclusiveStartKey']
const outputs = ['Item', 'Items', 'Attributes', 'LastEvaluatedKey']

/** An input or output with its bytes otherwise. */
function changed(of: object, names: readonly string[], change: Change): object {
  const all: Record<string, unknown> = { ...of }
  for (const name of names)
    if (Array.isArray(all[name])) all[name] = all[name].map((each) => values(each, change))
    else if (all[name] !== undefined) all[name] = values(all[name] as object, change)
  return all
}

type Change = (bytes: Uint8Array | string) => Uint8Array | string
const encoded: Change = (bytes) =>
  typeof bytes === 'string'
    ? bytes
    : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('base64')
const decoded: Change = (text) => (typeof text === 'string' ? Buffer.from(text, 'base64') : text)

/** Values by name, with their bytes otherwise. */
function values(all: object, change: Change): object {
  const made: Record<string, unknown> = {}
  for (const [name, value] of Object.entries(all)) made[name] = changedValue(value, change)
  return made
}

function changedValue(value: AttributeValue, change: Change): object {
  if (value.B !== undefined) return { B: change(value.B) }
  if (value.BS !== undefined) return { BS: value.BS.map(change) }
  if (value.L !== undefined) return { L: value.L.map((each) => changedValue(each, change)) }
  return value.M === undefined ? value : { M: values(value.M, change) }
}
