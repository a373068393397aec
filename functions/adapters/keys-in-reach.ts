/** Whose private halves a process can read: in `prod` those of one role alone, or whoever has the process has both. */

import { accessSync, constants, existsSync, readdirSync, readFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import * as z from 'zod'
import { ComityError } from '../failure.ts'
import { sealingKeySchema } from '../policy/signed.ts'

/** The role of a gateway's own keys. */
const gateway = 'gateway'
const ofGateway = ['master.key', 'checkpoint.pem', 'login.pem']

/** A person's key; or an agency's, which no role of a deployment has. */
const keySchema = z.union([
  sealingKeySchema.transform(({ role }) => role ?? 'person'),
  z.looseObject({ privateJwk: z.looseObject({ d: z.string() }) }).transform(() => 'agency'),
])

/** Refuses two roles among a gateway's own keys, if it `isGateway`, these files of keys, and whatever is in these folders. */
export function expectOneRole(
  isGateway: boolean,
  files: readonly string[],
  folders: readonly string[],
): void {
  const beside = folders.flatMap((folder) =>
    existsSync(folder) ? readdirSync(folder).map((name) => join(folder, name)) : [],
  )
  const found = new Map<string, string>(isGateway ? [[gateway, 'its own keys']] : [])
  for (const file of [...files, ...beside]) {
    const role = roleIn(file)
    if (role !== undefined && !found.has(role)) found.set(role, `\`${file}\``)
  }
  if (found.size < 2) return
  const each = [...found].map(([role, file]) => `${file} (${role})`)
  throw new ComityError(
    `couldn’t go on: in \`prod\` nobody has private halves of two roles, and this process can read ${each.join(' and ')}; keep each on a machine of its holder’s own, and sign there`,
  )
}

/** The role whose private half is in a file; undefined if none is, or it cannot be read. */
function roleIn(file: string): string | undefined {
  try {
    if (ofGateway.includes(basename(file))) {
      accessSync(file, constants.R_OK)
      return gateway
    }
    return file.endsWith('.json')
      ? keySchema.safeParse(JSON.parse(readFileSync(file, 'utf8'))).data
      : undefined
  } catch {
    return undefined
  }
}
