/** Calls between functions: the sealer calls the signer, acts on subjects the sealer, and acts on pages the API. */

import type { LambdaClient } from '@aws-sdk/client-lambda'
import * as z from 'zod'
import { ComityError } from '../failure.ts'
import type { Signer } from '../log-ports.ts'
import { valueIn } from '../policy/json.ts'
import { accessWaitMs } from './answer-ends.ts'
import { poster, type Times, unanswered } from './aws-post.ts'
import { handlerBy, type IsAnswer } from './dynamodb-direct.ts'
import { extensionJson, signingSchema } from './extension-json.ts'
import { once } from './once.ts'

/** How long we wait for the signer, ms. One instance serves everybody, so we may have to wait our turn. */
const signMs = 10_000
const signAttemptsMax = 8
/** How long we wait for the sealer, ms. Two attempts fit into the 27 s of a call. */
const sealMs = 12_000
const sealAttemptsMax = 2
/** Attempts at Access. Only what was refused at once is sent again: there is no time to wait for it twice. */
const accessAttemptsMax = 2
const accessTimes = { requestTimeout: accessWaitMs, leastMs: accessWaitMs }

/** Gives a client, once it is needed. */
type Client = () => Promise<LambdaClient>

/** The signer that runs as the function `name`. */
export function lambdaSigner(
  name: string,
  client = lambdaClient({ requestTimeout: signMs }, signAttemptsMax),
): Signer {
  let last: Promise<unknown> = Promise.resolve()
  return {
    sign(extension) {
      // One at a time: the signer has one instance, which would refuse one of two calls at once.
      const signing = last.then(() => invoke(client, name, extensionJson(extension), signingSchema))
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
export function lambdaSealer(
  name: string,
  client = lambdaClient({ requestTimeout: sealMs }, sealAttemptsMax),
) {
  return async (
    jurisdiction: string,
  ): Promise<readonly { readonly log: string; readonly error: Error }[]> => {
    const unsealed = await invoke(client, name, { seal: jurisdiction }, z.array(unsealedSchema))
    return unsealed.map(({ log, why, away }) => ({
      log,
      error: away ? unanswered(why) : new ComityError(why),
    }))
  }
}

/**
 * Sends an event of an HTTP API to the function `name`, which is Access, and returns its result. It is not sent where
 * Access could end later than whoever waits.
 */
export const lambdaDoor =
  (name: string, client = lambdaClient(accessTimes, accessAttemptsMax)) =>
  (event: unknown): Promise<unknown> =>
    invoke(client, name, event, z.looseObject({}))

/** Loads the client when it is first asked, and not at a start: most pages and looks call no other function. */
const lambdaClient = (times: Times, maxAttempts: number): Client =>
  once(async () => {
    const { LambdaClient } = await import('@aws-sdk/client-lambda')
    // A cast: of a call's parts it reads six.
    const requestHandler = handlerBy(poster(times), isOfLambda) as never
    return new LambdaClient({ maxAttempts, requestHandler })
  })

/** Lambda refuses nothing without a word. What a function returned, `invoke` looks at. */
const isOfLambda: IsAnswer = ({ status, headers }) =>
  status < 300 || headers?.['x-amzn-errortype'] !== undefined

/** Calls a function; what it returned. An answer of another form is none, whatever was done: call it again. */
async function invoke<T>(
  clientOf: Client,
  name: string,
  event: unknown,
  returned: z.ZodType<T>,
): Promise<T> {
  const client = await clientOf()
  const { InvokeCommand } = await import('@aws-sdk/client-lambda')
  const command = new InvokeCommand({
    FunctionName: name,
    Payload: Buffer.from(JSON.stringify(event)),
  })
  const { Payload, FunctionError } = await client.send(command)
  const said = valueIn(Buffer.from(Payload ?? []).toString())
  if (FunctionError === undefined) {
    const { data } = returned.safeParse(said)
    if (data === undefined) throw unanswered(`couldn’t call the function ${name}: no answer`)
    return data
  }
  const { data: thrown } = thrownSchema.safeParse(said)
  // Only our own failures have messages that are sure to name nobody.
  const why = thrown?.errorType === 'ComityError' ? thrown.errorMessage : 'it failed'
  throw new ComityError(`couldn’t call the function ${name}: ${why}`)
}

const thrownSchema = z.looseObject({ errorMessage: z.string(), errorType: z.string() })
