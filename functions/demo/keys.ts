/** Keys of the invented agencies, made at the first start and kept beside the data. */

import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { calculateJwkThumbprint, exportJWK, generateKeyPair } from 'jose'
import type * as z from 'zod'
import { keyFile } from '../client/send.ts'
import type { AgencyKey } from '../identity/register.ts'

/** A key file: what an agency signs with. */
export type AgencyKeyFile = z.infer<typeof keyFile>

/** The key of an agency in `folder`. Makes it there if there is none; only the file's owner can read it. */
export async function agencyKey(folder: string, agency: string): Promise<AgencyKeyFile> {
  const file = join(folder, `${agency}.json`)
  if (existsSync(file)) return keyFile.parse(JSON.parse(readFileSync(file, 'utf8')))
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  const { privateKey } = await generateKeyPair('ES256', { extractable: true })
  const privateJwk = await exportJWK(privateKey)
  const kid = await calculateJwkThumbprint(privateJwk)
  // A command would take such an id for an option.
  if (kid.startsWith('-')) return agencyKey(folder, agency)
  const made = keyFile.parse({ kid, alg: 'ES256', privateJwk })
  writeFileSync(file, `${JSON.stringify(made, null, 2)}\n`, { mode: 0o600 })
  return made
}

/** The public half, as the register keeps it. */
export function registered(
  { kid, alg, privateJwk }: AgencyKeyFile,
  from: string,
  channel?: AgencyKey['channel'],
): AgencyKey {
  const { crv, x, y } = privateJwk
  return {
    kid,
    alg,
    status: 'active',
    from,
    ...(channel === undefined ? {} : { channel }),
    jwk: { kty: 'EC', crv: crv as 'P-256', x, y: String(y) },
  }
}
