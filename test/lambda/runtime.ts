/** A running instance: AWS's own runtime client on a bundle, with a Runtime API on this machine. */

import { spawn } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { listen } from '../dynalite.ts'

/** A function's instance, ready for events. */
export type Instance = {
  /**
   * The answer to an event, if there are so many ms for it; rejects with what the handler threw. Once
   * they are over the instance is killed, as Lambda does it. `qualifier` is the version or alias by which the
   * function is called; a version unless said.
   */
  send(event: unknown, withinMs?: number, qualifier?: string): Promise<unknown>
  /** What was written to stdout so far. */
  lines(): readonly string[]
  /** All that left it but for answers: both its outputs, and what the Runtime API was told of errors. */
  said(): string
  /** How long it took from start to ready, ms. */
  readonly initMs: number
  /** Ends it in the middle of whatever it does, as the end of its time or of its machine would. */
  kill(): Promise<void>
  stop(): Promise<void>
}

/** Why an instance did not start, and all that it said until then. */
export class NotStarted extends Error {
  readonly said: string

  constructor(why: string, said: string) {
    super(why)
    this.said = said
  }
}

const client = createRequire(import.meta.url).resolve('aws-lambda-ric')
const nativeClient = join(import.meta.dirname, 'native-client.ts')
const timeoutMs = 60_000

/** What Lambda itself puts into the environment of a function. */
const fromLambda = (name: string) => ({
  // By it, the services on this machine know who calls.
  AWS_ACCESS_KEY_ID: `ASIA${name.toUpperCase()}`,
  AWS_EXECUTION_ENV: 'AWS_Lambda_nodejs24.x',
  AWS_LAMBDA_FUNCTION_MEMORY_SIZE: '512',
  AWS_LAMBDA_FUNCTION_NAME: name,
  AWS_LAMBDA_FUNCTION_VERSION: '$LATEST',
  AWS_LAMBDA_INITIALIZATION_TYPE: 'on-demand',
  AWS_LAMBDA_LOG_FORMAT: 'JSON',
  AWS_LAMBDA_LOG_GROUP_NAME: `/aws/lambda/${name}`,
  AWS_LAMBDA_LOG_STREAM_NAME: 'invented',
  // With this, the client asks for events by HTTP and not in its compiled part.
  AWS_LAMBDA_NODEJS_USE_ALTERNATIVE_CLIENT_1: 'true',
  AWS_REGION: 'eu-central-1',
  AWS_SECRET_ACCESS_KEY: 'invented',
  AWS_SESSION_TOKEN: 'invented',
  TZ: ':UTC',
  _HANDLER: 'index.handler',
})

/** Starts an instance of a function on the folder of its bundle. Rejects with `NotStarted`. */
export async function startInstance(
  name: string,
  folder: string,
  environment: Readonly<Record<string, string | undefined>>,
): Promise<Instance> {
  const api = runtimeApi(() => void child.kill('SIGKILL'))
  const address = await listen(api.server)
  const started = performance.now()
  const child = spawn(process.execPath, ['--import', nativeClient, client], {
    cwd: folder,
    // Nothing of this process's own: what a function needs, it must be given.
    env: {
      ...fromLambda(name),
      AWS_LAMBDA_RUNTIME_API: new URL(address).host,
      LAMBDA_TASK_ROOT: folder,
      ...environment,
    },
  })
  const output = { stdout: '', stderr: '' }
  for (const name of ['stdout', 'stderr'] as const)
    child[name].setEncoding('utf8').on('data', (chunk: string) => {
      output[name] += chunk
    })
  child.once('exit', (code) => api.fail(`the instance ended (${code}): ${output.stderr}`))
  const said = () => `${output.stdout}\n${output.stderr}\n${api.errors.join('\n')}`
  // Its outputs are read to the end.
  const ended = once(child, 'close')
  const stop = async (signal: 'SIGTERM' | 'SIGKILL' = 'SIGTERM') => {
    child.kill(signal)
    await ended
    api.server.closeAllConnections()
    api.server.close()
  }
  try {
    await api.ready
  } catch (error) {
    // What the client throws, the process says once more as it ends.
    await ended
    await stop()
    throw new NotStarted(String(error), said())
  }
  return {
    send: api.invoke,
    lines: () => output.stdout.split('\n').filter((line) => line !== ''),
    said,
    initMs: performance.now() - started,
    kill: () => stop('SIGKILL'),
    stop: () => stop(),
  }
}

/**
 * The Runtime API of Lambda (version 2018-06-01), as far as a client uses it. `timeOut` ends the client
 * once the time of an invocation is over.
 */
function runtimeApi(timeOut: () => void) {
  const ready = Promise.withResolvers<void>()
  const asked = new Map<string, PromiseWithResolvers<unknown>>()
  type Invocation = { id: string; event: unknown; ms: number; arn: string }
  const queue: Readonly<Invocation>[] = []
  const waiting: ServerResponse[] = []
  /** What it was told of errors, word for word. */
  const errors: string[] = []

  const deal = () => {
    const [response, invocation] = [waiting[0], queue[0]]
    if (response === undefined || invocation === undefined) return
    waiting.shift()
    queue.shift()
    response.writeHead(200, {
      'Content-Type': 'application/json',
      'Lambda-Runtime-Aws-Request-Id': invocation.id,
      'Lambda-Runtime-Deadline-Ms': String(Date.now() + invocation.ms),
      'Lambda-Runtime-Invoked-Function-Arn': invocation.arn,
      'Lambda-Runtime-Trace-Id': 'Root=1-00000000-000000000000000000000000;Sampled=0',
    })
    response.end(JSON.stringify(invocation.event))
  }

  const answer = async (request: IncomingMessage, response: ServerResponse) => {
    const [, , , kind = '', id = '', outcome = ''] = (request.url ?? '').split('/')
    if (kind === 'invocation' && id === 'next') {
      ready.resolve()
      waiting.push(response)
      return deal()
    }
    const sent = await text(request)
    const body: unknown = JSON.parse(sent)
    if (outcome !== 'response') errors.push(JSON.stringify(request.headers), sent)
    response.writeHead(202).end()
    if (kind === 'init') return ready.reject(errorOf(body))
    const call = asked.get(id)
    asked.delete(id)
    if (outcome === 'response') call?.resolve(body)
    else call?.reject(errorOf(body))
  }

  return {
    server: createServer((request, response) => void answer(request, response)),
    ready: ready.promise,
    invoke(event: unknown, ms = timeoutMs, qualifier = '7'): Promise<unknown> {
      const id = randomUUID()
      const call = Promise.withResolvers<unknown>()
      asked.set(id, call)
      const arn = `arn:aws:lambda:eu-central-1:1:function:access:${qualifier}`
      queue.push({ id, event, ms, arn })
      deal()
      const deadline = setTimeout(() => {
        timeOut()
        call.reject(new Error(`Sandbox.Timedout: Task timed out after ${ms} ms`))
      }, ms)
      return call.promise.finally(() => clearTimeout(deadline))
    },
    errors,
    fail(why: string) {
      for (const { reject } of [ready, ...asked.values()]) reject(new Error(why))
    },
  }
}

const errorOf = (body: unknown): Error => {
  const { errorType, errorMessage } = Object(body)
  return Object.assign(new Error(`${errorType}: ${errorMessage}`), { name: String(errorType) })
}
