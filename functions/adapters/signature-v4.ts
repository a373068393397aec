/** AWS Signature Version 4 of a `POST` of a whole body, without a query (docs.aws.amazon.com/IAM, “Create a signed AWS API request”). */

import { createHmac, createSecretKey, hash, type KeyObject } from 'node:crypto'

/** Whose key signs. */
export type AwsCredentials = {
  readonly accessKeyId: string
  readonly secretAccessKey: string
  readonly sessionToken?: string | undefined
}

/** What signs calls to one service in one region. It keeps the key of a day, which takes four digests to make. */
export function signerFor(region: string, service: string) {
  let made: { readonly of: string; readonly key: KeyObject } | undefined
  const keyOf = (secret: string, day: string): KeyObject => {
    const of = `${day} ${secret}`
    if (made?.of !== of) {
      const parts = [day, region, service, 'aws4_request']
      const first = createSecretKey(Buffer.from(`AWS4${secret}`))
      // As keys: Node takes longer to see what bytes are than to sign with them.
      const next = (key: KeyObject, part: string) => createSecretKey(hmac(key, part))
      made = { of, key: parts.reduce(next, first) }
    }
    return made.key
  }
  /**
   * The headers to send, with the signature over all of them and the body. `headers` are in lower case, trimmed
   * and in order of their names, without those added here.
   */
  return (
    { accessKeyId, secretAccessKey, sessionToken }: AwsCredentials,
    { headers, path, body }: ToSign,
    now: Date,
  ): Readonly<Record<string, string>> => {
    const time = now.toISOString().replaceAll(/[-:]|\.\d{3}/g, '')
    const signed: Record<string, string> = { ...headers, 'x-amz-date': time }
    if (sessionToken !== undefined) signed['x-amz-security-token'] = sessionToken
    const names = Object.keys(signed).sort()
    const lines = names.map((name) => `${name}:${signed[name]}\n`).join('')
    const canonical = `POST\n${path}\n\n${lines}\n${names.join(';')}\n${digest(body)}`
    const scope = `${time.slice(0, 8)}/${region}/${service}/aws4_request`
    const text = `AWS4-HMAC-SHA256\n${time}\n${scope}\n${digest(canonical)}`
    const signature = hmac(keyOf(secretAccessKey, time.slice(0, 8)), text).toString('hex')
    const by = `AWS4-HMAC-SHA256 Credential=${accessKeyId}/${scope}`
    const authorization = `${by}, SignedHeaders=${names.join(';')}, Signature=${signature}`
    return { ...signed, authorization }
  }
}

type ToSign = {
  readonly headers: Readonly<Record<string, string>>
  readonly path: string
  readonly body: string
}

const digest = (text: string): string => hash('sha256', text, 'hex')
const hmac = (key: KeyObject, text: string): Buffer =>
  createHmac('sha256', key).update(text, 'utf8').digest()
