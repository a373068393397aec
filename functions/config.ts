/** The configuration of a gateway, from its environment: one type, checked at start. */

import * as z from 'zod'
import { tables } from './adapters/tables.ts'

const text = z.string().min(1)

const tableNames = Object.fromEntries(
  Object.values(tables).map(({ variable }) => [variable, text]),
) as Readonly<Record<(typeof tables)[keyof typeof tables]['variable'], typeof text>>

const schema = z.object({
  ...tableNames,
  /** What callers sign for: the address of the gateway, without a path. */
  COMITY_ORIGIN: z.url().regex(/^https?:\/\/[^/]+$/, 'an origin such as https://gateway.example'),
  /** The gateway's name in log names. */
  COMITY_GATEWAY: z.string().regex(/^[a-z0-9.-]+$/),
  /** The folder of sealed policies, and the file that says whose seals count. */
  COMITY_POLICIES: text,
  COMITY_SEALERS: text.optional(),
  /** The KMS key that wraps the gateway's secrets; or, without KMS, a key file. */
  COMITY_KMS_KEY: text.optional(),
  COMITY_KEY_FILE: text.optional(),
  /** Another DynamoDB than AWS's own. */
  COMITY_DYNAMODB_ENDPOINT: z.url().optional(),
})
export type Config = z.infer<typeof schema>

/** Reads the configuration; throws with every fault at once. */
export function readConfig(environment: Readonly<Record<string, string | undefined>>): Config {
  const result = schema.safeParse(environment)
  if (result.success) return result.data
  const faults = result.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`)
  throw new Error(`couldn’t start: ${faults.join('; ')}`)
}
