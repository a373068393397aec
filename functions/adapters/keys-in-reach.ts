/** Whose private halves a process can read: in `prod` those of one role alone, or whoever has the process has both. */

import { accessSync, constants, readdirSync, readFileSync, statSync } from 'node:fs'
import { basename, join } from 'node:path'
import * as z from 'zod'
import { ComityError } from '../failure.ts'

/** The role of a gateway's own keys. */
const gateway = 'gateway'
const ofGateway = ['master.key', 'checkpoint.pem', 'login.pem']

const half = z.looseObject({ d: z.string() })
/** A person's key, whatever else is said with it; or an agency's, which no role of a deployment has. */
const keySchema = z.union([
  z.looseObject({ role: z.string().default('person'), jwk: half }).transform(({ role }) => role),
  z.looseObject({ privateJwk: half }).transform(() => 'agency'),
])
/** Bytes of the longest file that may be a key. */
const bytesMax = 65_536

/** Refuses two roles among a gateway's own keys, if it `isGateway`, these files of keys, and whatever is in these folders. */
export function expectOneRole(
  isGateway: boolean,
  files: readonly string[],
  folders: readonly string[],
): void {
  const beside = folders.flatMap((folder) =>
    statSync(folder, { throwIfNoEntry: false })?.isDirectory()
      ? readdirSync(folder).map((name) => join(folder, name))
      : [],
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

/** The role whose private half is in a file, whatever its name; undefined if none is, or it cannot be read. */
function roleIn(file: string): string | undefined {
  try {
    if (ofGateway.includes(basename(file))) {
      accessSync(file, constants.R_OK)
      return gateway
    }
    // Whoever reads a pipe waits for somebody to write.
    const found = statSync(file)
    if (!found.isFile() || found.size > bytesMax) return undefined
    return keySchema.safeParse(JSON.parse(readFileSync(file, 'utf8').replace(/^\ufeff/, ''))).data
  } catch {
    return undefined
  }
}
