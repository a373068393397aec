/** Stands in for `@aws-sdk/client-kms` in a bundle, with what the adapters use of it; `bundle.ts` says why. */

import { sender } from '../functions/adapters/dynamodb-direct.ts'
import { once } from '../functions/adapters/once.ts'
import { type ClientConfig, type Command, commandOf, reached } from './lambda-aws.ts'

export const [DecryptCommand, EncryptCommand, GetPublicKeyCommand, SignCommand] = [
  'DecryptCommand',
  'EncryptCommand',
  'GetPublicKeyCommand',
  'SignCommand',
].map(commandOf)

/** The members of outputs that are bytes: in JSON, base64. */
const bytes = ['CiphertextBlob', 'Plaintext', 'PublicKey', 'Signature']

/** A client that reads the SDK only for what does not go well at once. */
export class KMSClient {
  readonly #config: ClientConfig
  readonly #send: ReturnType<typeof sender> | undefined
  readonly #sdk = once(() => wholeClient(this.#config))

  constructor(config: ClientConfig) {
    const by = reached('kms', config)
    this.#config = config
    this.#send = by && sender({ name: 'kms', target: 'TrentService', version: '1.1', ...by })
  }

  async send(command: Command): Promise<unknown> {
    const operation = command.name.replace(/Command$/, '')
    const input = Object.entries(command.input).map(([name, value]) => [
      name,
      value instanceof Uint8Array ? Buffer.from(value).toString('base64') : value,
    ])
    const answered = await this.#send?.(operation, Object.fromEntries(input))
    if (answered?.status === 200)
      return Object.fromEntries(
        Object.entries(answered.said).map(([name, value]) => [
          name,
          bytes.includes(name) ? Buffer.from(String(value), 'base64') : value,
        ]),
      )
    return (await this.#sdk())(command)
  }
}

async function wholeClient(config: ClientConfig) {
  // @ts-expect-error: the SDK's types are elsewhere. By its path, since its name leads here.
  const sdk = await import('../node_modules/@aws-sdk/client-kms/dist-es/index.js')
  const client = new sdk.KMSClient(config)
  return ({ name, input }: Command): Promise<unknown> => client.send(new sdk[name](input))
}
