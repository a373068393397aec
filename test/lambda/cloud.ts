/**
 * AWS on this machine, behind IAM: DynamoDB, S3, KMS and Lambda at one address, each as far as our
 * functions use it. A call does what the template grants to whoever signed it, and is noted.
 */

import {
  createCipheriv,
  createDecipheriv,
  generateKeyPairSync,
  randomBytes,
  sign,
} from 'node:crypto'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { buffer } from 'node:stream/consumers'
import * as z from 'zod'
import type { Bucket } from '../adapters/s3.ts'
import { listen, type Store } from '../dynalite.ts'
import { type Ask, may, type Principal } from '../infra/iam.ts'
import { type Resources, resourceOf } from '../infra/template.ts'

/** What happens behind IAM. */
export type Behind = {
  readonly resources: Resources
  /** Who signs with which access key. */
  readonly principals: ReadonlyMap<string, Principal>
  readonly store: Store
  readonly bucket: Pick<Bucket, 'endpoint'>
  /** Calls a function by its name. */
  readonly invoke: (name: string, event: unknown) => Promise<unknown>
}

/** Somebody who asks, and what for. */
type Use = Ask & { readonly signer: string }

/** Starts it. */
export async function startCloud(behind: Behind) {
  const used = new Set<string>()
  /** Says no to some uses, or does something first. */
  let before: (use: Use) => boolean | Promise<boolean> = () => true
  /** Does something once it is done, before whoever asked is told. */
  let after: (use: Use) => void | Promise<void> = () => undefined

  const allows = async (use: Use): Promise<boolean> => {
    const principal = behind.principals.get(use.signer)
    used.add(`${use.signer} ${use.action} ${use.on}${use.path ?? ''}`)
    return principal !== undefined && may(principal, use, behind.resources) && (await before(use))
  }

  const kms = keyStore()
  const lambdas = functions(behind)
  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const body = await buffer(request)
    const [, signer = '', service = ''] =
      /Credential=(\w+)\/\d+\/[\w-]+\/(\w+)\//.exec(request.headers.authorization ?? '') ?? []
    const uses: Use[] = []
    const call = {
      request,
      body,
      allows(ask: Ask) {
        const use = { ...ask, signer }
        uses.push(use)
        return allows(use)
      },
    }
    const answered = await (service === 'dynamodb'
      ? dynamodb(call, behind.store)
      : service === 's3'
        ? s3(call, behind.bucket)
        : service === 'kms'
          ? kms.answer(call)
          : lambda(call, lambdas))
    for (const use of uses) await after(use)
    response.writeHead(answered.status, answered.headers).end(answered.body)
  }
  const server = createServer((request, response) => {
    answer(request, response).catch((error: unknown) => {
      response.writeHead(500).end(String(error))
    })
  })
  return {
    endpoint: await listen(server),
    /** Every right that was asked for: `ASIASEAL dynamodb:GetItem Sealing`. */
    used,
    /** From now on, what happens before a use that IAM allows, and after it; `false` denies it. */
    guard(next: typeof before, done: typeof after = () => undefined) {
      before = next
      after = done
    },
    /** How many calls came while a function already had all the instances that it may have. */
    throttled: () => lambdas.throttled,
    /** The public half of the checkpoint key. */
    checkpointKey: kms.publicKey,
    /** The public half of the console's key. */
    loginKey: kms.loginKey,
    close() {
      server.closeAllConnections()
      server.close()
    },
  }
}
export type Cloud = Awaited<ReturnType<typeof startCloud>>

type Call = {
  readonly request: IncomingMessage
  readonly body: Buffer
  readonly allows: (ask: Ask) => Promise<boolean>
}
type Answered = {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly body: Buffer | string
}

/** The construct that a name or an ARN of the template is of. */
const constructOf = (name: string): string => name.replace(/^arn:/, '').replace(/[0-9A-F]{8}$/, '')

/** A refusal that quotes all that was asked, as texts of a store may. */
const refused = (json: string, asked: Buffer): Answered => ({
  status: 400,
  headers: { 'Content-Type': `application/x-amz-json-${json}` },
  body: JSON.stringify({ __type: 'AccessDeniedException', Message: `no right to do ${asked}` }),
})

async function forward(
  url: string,
  { request, body }: Call,
  wanted: RegExp,
): Promise<Answered & { readonly body: Buffer }> {
  const headers = Object.entries(request.headers).filter(([name]) => wanted.test(name))
  const method = request.method ?? 'GET'
  const answered = await fetch(url, {
    method,
    // A cast: none of these headers comes twice.
    headers: headers as [string, string][],
    ...(method === 'GET' ? {} : { body: new Uint8Array(body) }),
  })
  return {
    status: answered.status,
    headers: Object.fromEntries(
      [...answered.headers].filter(([name]) => /^(content-type|etag|x-amz)/.test(name)),
    ),
    body: Buffer.from(await answered.arrayBuffer()),
  }
}

const tablesSchema = z.union([
  z.looseObject({ TableName: z.string(), IndexName: z.string().optional() }),
  z.looseObject({ RequestItems: z.record(z.string(), z.unknown()) }),
])

async function dynamodb(call: Call, { endpoint }: Store): Promise<Answered> {
  const action = String(call.request.headers['x-amz-target']).replace(/^.*\./, 'dynamodb:')
  const read = tablesSchema.parse(JSON.parse(call.body.toString()))
  const [tables, index] =
    'RequestItems' in read
      ? [Object.keys(z.record(z.string(), z.unknown()).parse(read.RequestItems)), undefined]
      : [[String(read.TableName)], read.IndexName]
  const context = { 'dynamodb:LeadingKeys': leadingKeys(read) }
  for (const table of tables) {
    const path = index === undefined ? {} : { path: `/index/${index}` }
    if (!(await call.allows({ action, on: constructOf(table), ...path, context })))
      return refused('1.0', call.body)
  }
  return forward(endpoint, call, /^(authorization|content-type|x-amz-date|x-amz-target)$/)
}

/** The partition keys of the items that a call is about, where it names them. */
function leadingKeys(read: unknown): readonly string[] {
  const text = z.looseObject({ S: z.string() })
  const named = z.looseObject({ pk: text }).optional()
  const { Key, Item, KeyConditionExpression, ExpressionAttributeValues } = z
    .looseObject({
      Key: named,
      Item: named,
      KeyConditionExpression: z.string().optional(),
      ExpressionAttributeValues: z.record(z.string(), z.unknown()).optional(),
    })
    .parse(read)
  const asked = /\bpk = (:\w+)/.exec(KeyConditionExpression ?? '')?.[1]
  const queried = asked === undefined ? undefined : text.parse(ExpressionAttributeValues?.[asked])
  return [Key?.pk.S, Item?.pk.S, queried?.S].filter((each) => each !== undefined)
}

async function s3(call: Call, { endpoint }: Pick<Bucket, 'endpoint'>): Promise<Answered> {
  const { request, allows } = call
  const { pathname, search } = new URL(request.url ?? '', 'http://s3')
  const [, bucket = '', key = ''] = /^\/([^/]+)\/(.*)$/.exec(pathname) ?? []
  const on = constructOf(bucket)
  const context: Record<string, string> = { 'aws:SecureTransport': 'true', 's3:TlsVersion': '1.3' }
  for (const name of ['if-match', 'if-none-match']) {
    const given = request.headers[name]
    if (given !== undefined) context[`s3:${name}`] = String(given)
  }
  const denied = { status: 403, headers: {}, body: '<Error><Code>AccessDenied</Code></Error>' }
  const action = request.method === 'PUT' ? 's3:PutObject' : 's3:GetObject'
  const asked = key === '' ? { action: 's3:ListBucket', on } : { action, on, path: `/${key}` }
  if (!(await allows({ ...asked, context }))) return denied
  const answered = await forward(
    `${endpoint}/log/${key}${search}`,
    call,
    /^(if-|x-amz-checksum|x-amz-sdk-checksum|content-type)/,
  )
  const isMissing = request.method === 'GET' && answered.status === 404
  return isMissing && !(await allows({ action: 's3:ListBucket', on, context })) ? denied : answered
}

const kmsSchema = z.looseObject({
  KeyId: z.string(),
  EncryptionContext: z.record(z.string(), z.string()).default({}),
  Plaintext: z.base64().default(''),
  CiphertextBlob: z.base64().default(''),
  Message: z.base64().default(''),
  MessageType: z.string().optional(),
  SigningAlgorithm: z.string().optional(),
})

/** One key that encrypts and two that sign, as KMS says they answer. */
function keyStore() {
  const secret = randomBytes(32)
  const { publicKey, privateKey } = generateKeyPairSync('ed25519')
  const spki = publicKey.export({ type: 'spki', format: 'der' })
  const login = generateKeyPairSync('ec', { namedCurve: 'P-256' })

  function done(operation: string, asked: z.infer<typeof kmsSchema>): Record<string, string> {
    const bound = Buffer.from(JSON.stringify(asked.EncryptionContext))
    const from = (text: string) => Buffer.from(text, 'base64')
    switch (operation) {
      case 'Encrypt': {
        const nonce = randomBytes(12)
        const cipher = createCipheriv('aes-256-gcm', secret, nonce).setAAD(bound)
        const text = Buffer.concat([cipher.update(from(asked.Plaintext)), cipher.final()])
        const blob = Buffer.concat([nonce, cipher.getAuthTag(), text])
        return { CiphertextBlob: blob.toString('base64') }
      }
      case 'Decrypt': {
        const blob = from(asked.CiphertextBlob)
        const decipher = createDecipheriv('aes-256-gcm', secret, blob.subarray(0, 12))
        decipher.setAAD(bound).setAuthTag(blob.subarray(12, 28))
        const text = Buffer.concat([decipher.update(blob.subarray(28)), decipher.final()])
        return { Plaintext: text.toString('base64') }
      }
      case 'GetPublicKey':
        return { PublicKey: spki.toString('base64') }
      case 'Sign':
        // An ECDSA signature is in DER, as KMS gives it.
        return {
          Signature: (asked.SigningAlgorithm === 'ECDSA_SHA_256'
            ? sign('sha256', from(asked.Message), login.privateKey)
            : sign(null, from(asked.Message), privateKey)
          ).toString('base64'),
        }
      default:
        throw new Error(`KMS is not asked for ${operation} here`)
    }
  }

  return {
    publicKey: new Uint8Array(spki.subarray(12)),
    loginKey: login.publicKey,
    async answer({ request, body, allows }: Call): Promise<Answered> {
      const operation = String(request.headers['x-amz-target']).replace(/^.*\./, '')
      const asked = kmsSchema.parse(JSON.parse(body.toString()))
      const { EncryptionContext: bound, MessageType: type, SigningAlgorithm: algorithm } = asked
      const context = {
        ...Object.fromEntries(
          Object.entries(bound).map(([name, value]) => [`kms:EncryptionContext:${name}`, value]),
        ),
        'kms:EncryptionContextKeys': Object.keys(bound),
        ...(type === undefined ? {} : { 'kms:MessageType': type }),
        ...(algorithm === undefined ? {} : { 'kms:SigningAlgorithm': algorithm }),
      }
      if (!(await allows({ action: `kms:${operation}`, on: constructOf(asked.KeyId), context })))
        return refused('1.1', body)
      const headers = { 'Content-Type': 'application/x-amz-json-1.1' }
      return { status: 200, headers, body: JSON.stringify(done(operation, asked)) }
    },
  }
}

/** Functions, each with as many instances as the template lets it have. */
function functions({ resources, invoke }: Behind) {
  const running = new Map<string, number>()
  const state = { throttled: 0 }
  return {
    get throttled() {
      return state.throttled
    },
    /** The answer of a function, or undefined if it has no instance left. */
    async call(name: string, event: unknown): Promise<Answered | undefined> {
      const most = Number(resourceOf(resources, name).properties.ReservedConcurrentExecutions)
      const now = running.get(name) ?? 0
      if (now >= most) {
        state.throttled += 1
        return undefined
      }
      running.set(name, now + 1)
      const headers = { 'Content-Type': 'application/json' }
      return invoke(name, event)
        .then(
          (value) => ({ status: 200, headers, body: JSON.stringify(value) }),
          ({ message, name: errorType }: Error) => ({
            status: 200,
            headers: { ...headers, 'X-Amz-Function-Error': 'Unhandled' },
            body: JSON.stringify({
              errorMessage: message.replace(/^\w+: /, ''),
              errorType,
            }),
          }),
        )
        .finally(() => running.set(name, (running.get(name) ?? 1) - 1))
    },
  }
}

async function lambda(
  { request, body, allows }: Call,
  lambdas: ReturnType<typeof functions>,
): Promise<Answered> {
  const [, name = ''] = /\/functions\/([^/]+)\/invocations$/.exec(request.url ?? '') ?? []
  const [, arn = '', path = ''] = /^(arn:\w+)(:\w+)?$/.exec(decodeURIComponent(name)) ?? []
  const on = constructOf(arn)
  const failing = (type: string) => ({ 'X-Amzn-ErrorType': type })
  if (!(await allows({ action: 'lambda:InvokeFunction', on, path })))
    return { ...refused('1.1', body), headers: failing('AccessDeniedException') }
  const headers = failing('TooManyRequestsException')
  return (
    (await lambdas.call(on, JSON.parse(body.toString()))) ?? { status: 429, headers, body: '{}' }
  )
}
