/** Door: signs for the sealer (Lambda). Nobody else has the key, and it signs only what extends the log. */

import { dynamodb } from './adapters/dynamodb.ts'
import { extensionSchema } from './adapters/extension-json.ts'
import { kmsCheckpointKey } from './adapters/kms.ts'
import { dynamodbMemory } from './adapters/memory-dynamodb.ts'
import { readSignConfig } from './config.ts'
import { ComityError, whyOf } from './failure.ts'
import { say } from './lines.ts'
import { type SignedHead, sign } from './sealing/sign.ts'

const config = readSignConfig(process.env)
const schema = extensionSchema(config.COMITY_GATEWAY)
const client = dynamodb(config.COMITY_DYNAMODB_ENDPOINT)
const memory = dynamodbMemory(client, config.COMITY_SIGNATURES_TABLE, 'signer')
const key = await kmsCheckpointKey(config.COMITY_CHECKPOINT_KEY)

/** Answers an extension in the form of `extension-json.ts`. */
export async function handler(event: unknown): Promise<SignedHead> {
  const asked = schema.safeParse(event)
  if (!asked.success) {
    // Input from outside is not repeated, not even unknown names.
    const faults = asked.error.issues.map(({ path, code, message }) =>
      code === 'unrecognized_keys' ? 'it has more than it may' : `/${path.join('/')}: ${message}`,
    )
    return refused('', `the extension is malformed: ${faults.join('; ').slice(0, 1000)}`)
  }
  const signing = await sign(asked.data, { memory, key }).catch((error: unknown) => {
    // Lambda logs what is thrown.
    throw new ComityError(whyOf(`couldn’t sign ${asked.data.log}`, error))
  })
  return signing.kind === 'refused' ? refused(asked.data.log, signing.why) : signing
}

/** People must see a refusal: the log has forked or was cut, or somebody other than the sealer asks. */
function refused(log: string, why: string): SignedHead {
  say({ event: 'signature-refused', log, why })
  return { kind: 'refused', why }
}
