/** Profiles: who signs the calls of a command, with which key, and at which gateway. */

import { chmodSync, existsSync, writeFileSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import * as z from 'zod'
import { purposeSchema } from '../audit/look.ts'
import { agencyId } from '../decision/request.ts'
import { misuse } from '../terminal/exit.ts'
import { readJson } from '../terminal/files.ts'

/** Where a command finds the gateway and its data, and the profile, if that is not with the data. */
export type Gateway = { readonly data: string; readonly url: string; readonly profile?: string }

/** A profile. Its paths are relative to its file. It holds no secret: keys are in files of their own. */
const profileSchema = z.strictObject({
  /** The gateway. */
  url: z.url({ protocol: /^https?$/ }),
  /** The folder of key files, each named after its agency. */
  keys: z.string(),
  /**
   * Who can be named with `--as`. An option must give what is missing here. Identities with a purpose are
   * auditors: if none is named, they are asked in this order.
   */
  identities: z.record(
    z.string(),
    z.strictObject({
      agency: z.string(),
      officer: z.string().optional(),
      /** Why this auditor looks at the log (LED art. 25(2)). */
      purpose: purposeSchema.optional(),
      /** The key file, if it is not in `keys`. */
      key: z.string().optional(),
    }),
  ),
})
/** What the file of a profile says. */
export type Profile = z.infer<typeof profileSchema>

/** An identity of a profile, with its key. */
export type Identity = Omit<Profile['identities'][string], 'key'> & {
  /** The file of the private key. */
  readonly key: string
}

/** The options that say who acts, as typed. */
export type Acting = {
  readonly as: string
  readonly officer?: string | undefined
  readonly url: string
  /** The file of the private key; without it, that of the profile. `as` is then the agency’s id, if no profile is there. */
  readonly key?: string | undefined
}

/** Where the profile of a data folder is. */
export const profileIn = (data: string): string => join(data, 'profile.json')

/** The address that a profile names, if there is one that can be read. */
export function addressIn(file: string): string | undefined {
  try {
    return readJson(file, profileSchema).url
  } catch {
    return undefined
  }
}

const fileOf = ({ data, profile = profileIn(data) }: Gateway): string => profile

function read(gateway: Gateway): Profile {
  const file = fileOf(gateway)
  if (existsSync(file)) return readJson(file, profileSchema)
  throw misuse(`couldn’t tell who signs: there is no profile \`${file}\`; \`npm start\` writes that of the local gateway, and COMITY_PROFILE names another, such as:
  {"url": "https://gateway.example", "keys": ".", "identities": {"me": {"agency": "DE-DPA", "officer": "ID", "purpose": "lawfulness"}}}`)
}

/** Writes the profile of a gateway on this machine; identities that it has already stay as they were. */
export function keepProfile(file: string, profile: Profile): void {
  const before = existsSync(file) ? readJson(file, profileSchema).identities : {}
  const kept = { ...profile, identities: { ...profile.identities, ...before } }
  writeFileSync(file, `${JSON.stringify(kept, null, 2)}\n`, { mode: 0o600 })
  // `mode` counts only for a new file.
  chmodSync(file, 0o600)
}

/** An identity by its name, or else the agency of that name, if its key is with the others. */
export function identityIn(gateway: Gateway, name: string): Identity {
  const { identities, keys } = read(gateway)
  const found = Object.hasOwn(identities, name) ? identities[name] : undefined
  const { agency, key } = found ?? { agency: name }
  const file = resolve(dirname(fileOf(gateway)), key ?? join(keys, `${agency}.json`))
  const isName = found !== undefined || agencyId.safeParse(name).success
  if (isName && existsSync(file)) return { ...found, agency, key: file }
  const known = Object.keys(identities).join(', ') || 'nobody'
  throw misuse(
    `there is no key for \`${name}\`, which would be \`${file}\`; the profile \`${fileOf(gateway)}\` names ${known}`,
  )
}

/** An identity whose key is named: of the profile, or else the agency of that id. */
function ownIn(gateway: Gateway, name: string): Omit<Identity, 'key'> {
  const identities = existsSync(fileOf(gateway)) ? read(gateway).identities : {}
  return new Map(Object.entries(identities)).get(name) ?? { agency: name }
}

/** The auditors of the profile, in the order in which they are asked. */
export const auditorsIn = (gateway: Gateway): readonly string[] =>
  Object.entries(read(gateway).identities)
    .filter(([, { purpose }]) => purpose !== undefined)
    .map(([name]) => name)

/** Who signs a call: the agency, its officer and the key. */
export function signerOf({ as, officer, url, key }: Acting, gateway: Gateway) {
  const identity = key === undefined ? identityIn(gateway, as) : { ...ownIn(gateway, as), key }
  const acting = officer ?? identity.officer
  if (acting === undefined) throw misuse(`say which officer acts for ${as}: --officer ID`)
  return { agency: identity.agency, officer: acting, url, key: identity.key }
}
