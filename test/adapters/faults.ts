/**
 * A bad line to the store: a proxy on this machine, in front of a real store, that does to each call
 * what its plan says.
 *
 *     const line = await startFaults(store.endpoint, ({ operation }) =>
 *       operation === 'PutItem' ? 'answer-lost' : 'none')
 *     const ledger = dynamodbLedger(dynamodb(line.endpoint), ...)
 */

import { createServer, type IncomingMessage, request, type ServerResponse } from 'node:http'
import { listen } from '../dynalite.ts'

/** What can become of a call. In those that end in `-applied` or `-lost` the store did what it was told. */
export type Fault =
  | 'none'
  /** Cut before the store saw it. */
  | 'dropped'
  /** Cut after the store did it. */
  | 'answer-lost'
  | 'throttled'
  | 'failed'
  | 'failed-applied'
  /** Cut off before the store saw it, by something in between that answers for it, so: with `200`. */
  | 'answered-nothing'
  | 'answered-null'
  /** The same, with `302`, as where a network asks to log in. */
  | 'answered-elsewhere'
  /** No answer ever. */
  | 'hangs'
  | 'hangs-applied'

export type Call = {
  /** `PutItem`. */
  readonly operation: string
  /** How many calls there were before, and how many of this operation. */
  readonly index: number
  readonly indexOfOperation: number
  readonly body: Readonly<Record<string, unknown>>
}

export type Line = {
  readonly endpoint: string
  /** Every call so far. */
  readonly calls: readonly Call[]
  /** From now on connections are refused, and those that are open are cut. */
  cut(): Promise<void>
}

/** Starts a line to a store. A plan may take its time: meanwhile the call waits, and others pass it. */
export async function startFaults(
  target: string,
  plan: (call: Call) => Fault | Promise<Fault>,
): Promise<Line> {
  const calls: Call[] = []
  const server = createServer(async (incoming, outgoing) => {
    const body = await bodyOf(incoming)
    const operation = String(incoming.headers['x-amz-target']).split('.')[1] ?? ''
    const call = {
      operation,
      index: calls.length,
      indexOfOperation: calls.filter((each) => each.operation === operation).length,
      body: JSON.parse(body.toString('utf8')) as Call['body'],
    }
    calls.push(call)
    await suffer(await plan(call), target, incoming, body, outgoing)
  })
  const endpoint = await listen(server)
  return {
    endpoint,
    calls,
    cut() {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()))
      server.closeAllConnections()
      return closed
    },
  }
}

async function suffer(
  fault: Fault,
  target: string,
  incoming: IncomingMessage,
  body: Buffer,
  outgoing: ServerResponse,
): Promise<void> {
  switch (fault) {
    case 'none': {
      const answer = await forward(target, incoming, body)
      outgoing.writeHead(answer.status, answer.headers).end(answer.body)
      return
    }
    case 'dropped':
      incoming.socket.destroy()
      return
    case 'answer-lost':
      await forward(target, incoming, body)
      incoming.socket.destroy()
      return
    case 'throttled':
      return refuse(outgoing, 400, 'ProvisionedThroughputExceededException')
    case 'failed':
      return refuse(outgoing, 500, 'InternalServerError')
    case 'failed-applied':
      await forward(target, incoming, body)
      return refuse(outgoing, 500, 'InternalServerError')
    case 'answered-nothing':
      outgoing.end()
      return
    case 'answered-null':
      outgoing.end('{"Items":null,"Item":null,"Responses":null,"Attributes":null}')
      return
    case 'answered-elsewhere':
      outgoing.writeHead(302, { location: 'http://login.invalid/' }).end()
      return
    case 'hangs':
      return
    case 'hangs-applied':
      await forward(target, incoming, body)
      return
  }
}

function refuse(outgoing: ServerResponse, status: number, code: string): void {
  const body = { __type: `com.amazonaws.dynamodb.v20120810#${code}`, message: 'as the plan says' }
  outgoing.writeHead(status, { 'content-type': 'application/x-amz-json-1.0' })
  outgoing.end(JSON.stringify(body))
}

async function bodyOf(incoming: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = []
  for await (const chunk of incoming) chunks.push(Buffer.from(chunk))
  return Buffer.concat(chunks)
}

function forward(target: string, incoming: IncomingMessage, body: Buffer) {
  type Answer = {
    readonly status: number
    readonly headers: IncomingMessage['headers']
    readonly body: Buffer
  }
  return new Promise<Answer>((resolve, reject) => {
    const { method = 'POST', headers } = incoming
    const onward = request(target, { method, headers }, (answer) => {
      bodyOf(answer).then(
        (bytes) =>
          resolve({ status: answer.statusCode ?? 500, headers: answer.headers, body: bytes }),
        reject,
      )
    })
    onward.on('error', reject)
    onward.end(body)
  })
}
