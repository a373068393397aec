/** Stands in for `@aws-sdk/client-dynamodb` in a bundle, with what the adapters use of it; `bundle.ts` says why. */

import { dynamodbBy } from '../functions/adapters/dynamodb-direct.ts'
import { once } from '../functions/adapters/once.ts'
import { type ClientConfig, type Command, commandOf, reached } from './lambda-aws.ts'

export const [
  BatchGetItemCommand,
  BatchWriteItemCommand,
  DeleteItemCommand,
  GetItemCommand,
  PutItemCommand,
  QueryCommand,
  ScanCommand,
  UpdateItemCommand,
] = [
  'BatchGetItemCommand',
  'BatchWriteItemCommand',
  'DeleteItemCommand',
  'GetItemCommand',
  'PutItemCommand',
  'QueryCommand',
  'ScanCommand',
  'UpdateItemCommand',
].map(commandOf)

/** The condition of a write does not hold. */
export class ConditionalCheckFailedException extends Error {
  override readonly name = 'ConditionalCheckFailedException'
  readonly $fault = 'client'
  readonly $metadata: object
  constructor({ message, $metadata }: { readonly message: string; readonly $metadata: object }) {
    super(message)
    this.$metadata = $metadata
  }
}

/** A client that reads the SDK only for what the short way leaves to it. */
export class DynamoDBClient {
  /** Nobody comes between: every call takes the short way first. */
  readonly middlewareStack = { add: () => undefined }
  readonly #config: ClientConfig
  readonly #short: ReturnType<typeof dynamodbBy> | undefined
  readonly #sdk = once(() => wholeClient(this.#config))

  constructor(config: ClientConfig) {
    const by = reached('dynamodb', config)
    this.#config = config
    this.#short = by && dynamodbBy(by)
  }

  async send(command: Command): Promise<unknown> {
    const output = await this.#short?.(command.name, command.input)
    if (output !== undefined) return output
    return (await this.#sdk())(command)
  }
}

async function wholeClient(config: ClientConfig) {
  // @ts-expect-error: the SDK's types are elsewhere. By its path, since its name leads here.
  const sdk = await import('../node_modules/@aws-sdk/client-dynamodb/dist-es/index.js')
  const client = new sdk.DynamoDBClient(config)
  return ({ name, input }: Command): Promise<unknown> => client.send(new sdk[name](input))
}
