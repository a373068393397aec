/** `comity key`: the keys of people who sign the law or the register, each made on a machine of their own. */

import { generateKeyPairSync } from 'node:crypto'
import { existsSync, linkSync } from 'node:fs'
import { join } from 'node:path'
import { type Command, Option } from 'commander'
import * as z from 'zod'
import { freeText, visible } from '../decision/free-text.ts'
import { faultOf } from '../failure.ts'
import { canonical } from '../ledger/canonical.ts'
import { gatewayPattern } from '../ledger/looks-log.ts'
import { sealingJwk } from '../policy/sealers.ts'
import { keyRoles, sealingKeySchema, signerOf, signStatement } from '../policy/signed.ts'
import { exitCodes, Failure, misuse } from '../terminal/exit.ts'
import { readJson, writeWhole } from '../terminal/files.ts'

const kidPattern = /^[a-z0-9][a-z0-9-]{2,63}$/

/** The public half of a key: whose it is, and what for. */
const halfSchema = z.strictObject({
  kid: z.string().regex(kidPattern, 'small letters, digits and dashes'),
  name: freeText(120),
  role: z.enum(keyRoles),
  gateway: z.string().regex(gatewayPattern, 'a gateway’s name in its logs, such as comity.example'),
  jwk: sealingJwk,
})
/** The same with a signature by it over that: whoever hands it over has the private half, and means this. */
const publicSchema = halfSchema.extend({ proof: z.string() })
type Half = z.infer<typeof halfSchema>

const kind = 'comity-key+jws'

/** Adds `key` to the program. */
export function addKey(program: Command): void {
  const key = program
    .command('key')
    .description(
      'Make the key of a registrar, a sealer or a release, and check that somebody holds one.',
    )
  key
    .command('new')
    .description('Make a key here, and print its public half, which proves that you hold it.')
    .argument('<name>', 'its name for ever, such as legal-2027')
    .addOption(
      new Option('--role <role>', 'what it is for').choices(keyRoles).makeOptionMandatory(),
    )
    .requiredOption('--person <name>', 'whose it is')
    .requiredOption('--gateway <name>', 'for which gateway, by its name in its logs')
    .option('--folder <folder>', 'where the private half goes', '.')
    .addHelpText(
      'after',
      `
The private half stays on your own machine: nobody else needs it. Hand over what is printed; whoever takes it checks it
(\`comity key check\`), and puts \`kid\`, \`name\` and \`jwk\` where the keys of your role are named.`,
    )
    .action((kid: string, { folder, person: name, role, gateway }: NewKey) => {
      const meant = { role, gateway }
      if (!kidPattern.test(kid))
        throw misuse(
          `couldn’t make a key: \`${visible(kid)}\` is no name; write small letters, digits and dashes`,
        )
      const file = join(folder, `${kid}.json`)
      if (existsSync(file))
        throw new Failure(`couldn’t make a key: \`${file}\` is there; move it away first`)
      const { privateKey } = generateKeyPairSync('ed25519')
      const own = sealingKeySchema.parse({
        kid,
        role: meant.role,
        jwk: privateKey.export({ format: 'jwk' }),
      })
      const { d: _, ...jwk } = own.jwk
      const { data: half, error } = halfSchema.safeParse({ ...meant, kid, name, jwk })
      if (half === undefined)
        throw misuse(
          `couldn’t make a key: ${error.issues.map(({ message }) => message).join('; ')}`,
        )
      const proof = signStatement(kind, canonical(half), own)
      try {
        writeWhole(file, `${JSON.stringify(own, null, 2)}\n`, 0o600, linkSync)
      } catch (error) {
        throw new Failure(`couldn’t make a key: \`${file}\` can’t be written (${faultOf(error)})`)
      }
      console.log(JSON.stringify({ ...half, proof }, null, 2))
      console.error(`The private half is in ${file}: keep it, and show it to nobody.`)
    })
  key
    .command('check')
    .description('Check that whoever handed over a public half holds the key, and what it is for.')
    .argument('<file...>', 'what `comity key new` printed')
    .requiredOption('--gateway <name>', 'your gateway, by its name in its logs')
    .addHelpText(
      'after',
      `
It prints each as the list of its role has it: COMITY_REGISTRARS, policies/sealers.json or policies/release-keys.json.`,
    )
    .action((files: readonly string[], { gateway }: { readonly gateway: string }) => {
      const all = files.map((file) => {
        const { proof, ...half } = readJson(file, publicSchema)
        if (half.gateway !== gateway)
          throw misuse(`${file}: it is for the gateway \`${half.gateway}\`; ask for one for yours`)
        if (signerOf(kind, canonical(half), proof, [half]) === undefined)
          throw new Failure(
            `${file}: the proof is not by this key; ask for another, from its holder`,
            exitCodes.integrityFailed,
          )
        console.error(
          `${half.kid}: whoever made this holds the key, says that it is ${half.name}, and means it as ${half.role}. Ask them, on a number that you knew.`,
        )
        return half
      })
      refuseShared(all)
      console.log(JSON.stringify(all.map(listed), null, 2))
    })
}

type NewKey = Pick<Half, 'role' | 'gateway'> & { readonly folder: string; readonly person: string }

/** Refuses one key, name of a key or person that is there twice: two signatures would be one person's. */
function refuseShared(all: readonly Half[]): void {
  for (const same of [
    (half: Half) => half.kid,
    (half: Half) => half.jwk.x,
    (half: Half) => half.name,
  ])
    for (const [shared, halves] of Map.groupBy(all, same))
      if (halves.length > 1)
        throw misuse(`couldn’t take these: \`${shared}\` is there ${halves.length} times`)
}

/** A key as the list of its role has it. */
function listed({ kid, name, role, jwk }: Half) {
  return role === 'legal' || role === 'data-protection'
    ? { kid, name, role, folders: ['*'], jwk }
    : { kid, name, jwk }
}
