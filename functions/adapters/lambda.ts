/** Functions that call each other: the sealer asks the signer, and acts on subjects ask the sealer. */

import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda'
import * as z from 'zod'
import { ComityError } from '../failure.ts'
import type { Signer } from '../log-ports.ts'
import { extensionJson, signingSchema } from './extension-json.ts'

/** Longest we wait for the signer, ms; one instance of it serves all, so that we may be in its way. */
const signMs = 10_000
const signAttemptsMax = 8
/** Longest we wait for the sealer, ms: two attempts fit into the 29 s of a call. */
const sealMs = 12_000
const sealAttemptsMax = 2

/** The signer behind a function's name. */
export function lambdaSigner(name: string, client = lambdaClient(signMs, signAttemptsMax)): Signer {
  let last: Promise<unknown> = Promise.resolve()
  return {
    sign(extension) {
      // One at a time: of two at once, the one instance of the signer would refuse one.
      const signing = last.then(async () =>
        signingSchema.parse(await invoke(client, name, extensionJson(extension))),
      )
      last = signing.catch(() => undefined)
      return signing
    },
  }
}

/** A log that could not be sealed to the end, as the sealer says it. */
export const unsealedSchema = z.strictObject({
  log: z.string(),
  why: z.string(),
  /** Whether a store did not answer, so that it may go well later. */
  away: z.boolean(),
})
export type Unsealed = z.infer<typeof unsealedSchema>

/** Has the sealer behind a function's name seal every log; gives those that it could not. */
export function lambdaSealer(name: string, client = lambdaClient(sealMs, sealAttemptsMax)) {
  return async (): Promise<readonly { readonly log: string; readonly error: Error }[]> =>
    z
      .array(unsealedSchema)
      .parse(await invoke(client, name, {}))
      .map(({ log, why, away }) => {
        // As the SDK marks what comes of a store that does not answer.
        const error = Object.assign(new ComityError(why), away ? { $metadata: {} } : {})
        return { log, error }
      })
}

const lambdaClient = (timeoutMs: number, maxAttempts: number): LambdaClient =>
  new LambdaClient({
    maxAttempts,
    requestHandler: {
      connectionTimeout: 1000,
      requestTimeout: timeoutMs,
      throwOnRequestTimeout: true,
    },
  })

async function invoke(client: LambdaClient, name: string, event: unknown): Promise<unknown> {
  const command = new InvokeCommand({
    FunctionName: name,
    Payload: Buffer.from(JSON.stringify(event)),
  })
  const { Payload = new Uint8Array(), FunctionError } = await client.send(command)
  const answer: unknown = JSON.parse(Buffer.from(Payload).toString() || 'null')
  if (FunctionError === undefined) return answer
  const thrown = z.looseObject({ errorMessage: z.string(), errorType: z.string() }).parse(answer)
  // Only of a failure of our own is the sentence known to speak of nobody.
  const why = thrown.errorType === 'ComityError' ? thrown.errorMessage : 'it failed'
  throw new ComityError(`couldn’t call the function ${name}: ${why}`)
}
