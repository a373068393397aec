/** `comity key`: the keys of people who sign the law or the register, each made on a machine of their own. */

import { generateKeyPairSync } from 'node:crypto'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import type { Command } from 'commander'
import * as z from 'zod'
import { canonical } from '../ledger/canonical.ts'
import { sealingJwk } from '../policy/sealers.ts'
import { sealingKeySchema, signerOf, signStatement } from '../policy/signed.ts'
import { exitCodes, Failure, misuse } from '../terminal/exit.ts'
import { readJson, writeWhole } from '../terminal/files.ts'

/** The public half of a key, with a signature by it over that: whoever hands it over has the private half. */
const publicSchema = z.strictObject({ kid: z.string(), jwk: sealingJwk, proof: z.string() })

const kind = 'comity-key+jws'
const kidPattern = /^[a-z0-9][a-z0-9-]{2,63}$/

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
    .option('--folder <folder>', 'where the private half goes', '.')
    .addHelpText(
      'after',
      `
The private half stays on your own machine: nobody else needs it. Hand over what is printed; whoever takes it checks it
(\`comity key check\`), and puts \`kid\` and \`jwk\` where the keys of your role are named.`,
    )
    .action((kid: string, { folder }: { readonly folder: string }) => {
      if (!kidPattern.test(kid))
        throw misuse(
          `couldn’t make a key: \`${kid}\` is no name; write small letters, digits and dashes`,
        )
      const file = join(folder, `${kid}.json`)
      if (existsSync(file))
        throw new Failure(`couldn’t make a key: \`${file}\` is there; move it away first`)
      const { privateKey } = generateKeyPairSync('ed25519')
      const own = sealingKeySchema.parse({ kid, jwk: privateKey.export({ format: 'jwk' }) })
      const { d: _, ...jwk } = own.jwk
      const proof = signStatement(kind, canonical({ kid, jwk }), own)
      writeWhole(file, `${JSON.stringify(own, null, 2)}\n`)
      console.log(JSON.stringify({ kid, jwk, proof }, null, 2))
      console.error(`The private half is in ${file}: keep it, and show it to nobody.`)
    })
  key
    .command('check')
    .description('Check that whoever handed over a public half holds the key.')
    .argument('<file...>', 'what `comity key new` printed')
    .action((files: readonly string[]) => {
      for (const file of files) {
        const { kid, jwk, proof } = readJson(file, publicSchema)
        if (signerOf(kind, canonical({ kid, jwk }), proof, [{ kid, jwk }]) === undefined)
          throw new Failure(
            `${file}: the proof is not by this key; ask for another, from its holder`,
            exitCodes.integrityFailed,
          )
        console.log(`${kid}: whoever made this holds the key. It does not say who that is.`)
      }
    })
}
