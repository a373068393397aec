/** Calls between functions: the sealer calls the signer, acts on subjects the sealer, and acts on pages the API. */

import type { LambdaClient } from '@aws-sdk/client-lambda'
import * as z from 'zod'
import { ComityError } from '../failure.ts'
import type { Signer } from '../log-ports.ts'
import { extensionJson, signingSchema } from './extension-json.ts'
import { once } from './once.ts'

/** How long we wait for the signer, ms. One instance serves everybody, so we may have to wait our turn. */
const signMs = 10_000
const signAttemptsMax = 8
/** How long we wait for the sealer, ms. Two attempts fit into the 29 s of a call. */
const sealMs = 12_000
const sealAttemptsMax = 2
/** How long we wait for the API, ms. Two attempts fit into the 29 s of a page; a signed call counts once. */
const callMs = 12_000
const callAttemptsMax = 2

/** Gives a client, once it is needed. */
type Client = () => Promise<LambdaClient>

/** The signer that runs as the function `name`. */
export function lambdaSigner(name: string, client = lambdaClient(signMs, signAttemptsMax)): Signer {
  let last: Promise<unknown> = Promise.resolve()
  return {
    sign(extension) {
      // One at a time: the signer has one instance, which would refuse one of two calls at once.
      const signing = last.then(async () =>
        signingSchema.parse(await invoke(client, name, extensionJson(extension))),
      )
      last = signing.catch(() => undefined)
      return signing
    },
  }
}

/** A log that the sealer could not seal to the end. */
export const unsealedSchema = z.strictObject({
  log: z.string(),
  why: z.string(),
  /** Whether a store did not answer, so that a later attempt may succeed. */
  away: z.boolean(),
})
export type Unsealed = z.infer<typeof unsealedSchema>

/** Makes the function `name`, the sealer, seal a jurisdiction's logs. Returns those that it could not seal. */
export function lambdaSealer(name: string, client = lambdaClient(sealMs, sealAttemptsMax)) {
  return async (
    jurisdiction: string,
  ): Promise<readonly { readonly log: string; readonly error: Error }[]> =>
    z
      .array(unsealedSchema)
      .parse(await invoke(client, name, { seal: jurisdiction }))
      .map(({ log, why, away }) => {
        // Marked as the SDK marks errors of a store that does not answer.
        const error = Object.assign(new ComityError(why), away ? { $metadata: {} } : {})
        return { log, error }
      })
}

/** Sends an event of an HTTP API to the function `name`, and returns its result. */
export const lambdaDoor =
  (name: string, client = lambdaClient(callMs, callAttemptsMax)) =>
  (event: unknown): Promise<unknown> =>
    invoke(client, name, event)

/** Loads the client when it is first asked, and not at a start: most pages and looks call no other function. */
const lambdaClient = (timeoutMs: number, maxAttempts: number): Client =>
  once(async () => {
    const { LambdaClient } = await import('@aws-sdk/client-lambda')
    return new LambdaClient({
      maxAttempts,
      requestHandler: {
        connectionTimeout: 1000,
        requestTimeout: timeoutMs,
        throwOnRequestTimeout: true,
      },
    })
  })

async function invoke(clientOf: Client, name: string, event: unknown): Promise<unknown> {
  const client = await clientOf()
  const { InvokeCommand } = await import('@aws-sdk/client-lambda')
  const command = new InvokeCommand({
    FunctionName: name,
    Payload: Buffer.from(JSON.stringify(event)),
  })
  const { Payload = new Uint8Array(), FunctionError } = await client.send(command)
  const answer: unknown = JSON.parse(Buffer.from(Payload).toString() || 'null')
  if (FunctionError === undefined) return answer
  const thrown = z.looseObject({ errorMessage: z.string(), errorType: z.string() }).parse(answer)
  // Only our own failures have messages that are sure to name nobody.
  const why = thrown.errorType === 'ComityError' ? thrown.errorMessage : 'it failed'
  throw new ComityError(`couldn’t call the function ${name}: ${why}`)
}
