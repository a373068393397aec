/** `comity log pin`: the keys of a deployed gateway, for a file that a verifier keeps. */

import { createPublicKey } from 'node:crypto'
import { type Command, InvalidArgumentError } from 'commander'
import * as z from 'zod'
import { withLooks } from '../../ledger/looks-log.ts'
import { fromBase64, parseVkey, verifierKey, writeVkey } from '../../ledger/note.ts'
import { isLogName, keysFile } from '../../ledger/verify-files.ts'
import { number, url } from '../../terminal/arguments.ts'
import { Failure, misuse } from '../../terminal/exit.ts'
import { published } from '../../terminal/published.ts'

type Options = {
  readonly checkpointKey: Uint8Array
  readonly gateway: string
  readonly country: readonly string[]
  readonly year: number
  readonly witness?: readonly string[]
  readonly quorum: number
  readonly url: string
}

/** Adds `pin` to `comity log`. */
export function addLogPin(log: Command): void {
  log
    .command('pin')
    .description('Print the keys of a deployed gateway, for whoever verifies its log to keep.')
    .requiredOption(
      '--checkpoint-key <base64>',
      'the public half of the key of checkpoints, as KMS prints it',
      ed25519,
    )
    .requiredOption('--gateway <name>', 'the setting `gateway`, such as comity.prod')
    .requiredOption(
      '--country <code...>',
      'the countries of all agencies, of those that only ask, too, such as DE FR',
      country,
    )
    .requiredOption('--url <url>', 'the gateway, for the keys of its receipts', url)
    .option(
      '--year <year>',
      'the year of its first logs',
      number('a year is written like 2026.', 2000, 2099),
      new Date().getUTCFullYear(),
    )
    .option('--witness <vkey...>', 'the witnesses in its settings', vkey)
    .option(
      '--quorum <number>',
      'how many of them must cosign',
      number('a number is written like 2.', 0, 99),
      0,
    )
    .addHelpText(
      'after',
      `
  comity log pin --gateway comity.prod --country DE FR --url URL --checkpoint-key "$(aws kms get-public-key \\
    --key-id CHECKPOINT_KEY_ARN --query PublicKey --output text)" > pinned.json
A key is worth what it was fetched by: this one from KMS, not from the log; those of receipts by TLS.
Keys of a year are good for the years that follow, as long as the gateway signs with the same. \`sources\` says that
all came from the gateway: what is verified by them is its own word. Compare each with what its owner publishes, add
the keys of agencies from theirs, and write into \`sources\` from where and when you had which.`,
    )
    .action(async (options: Options) => {
      const { gateway, checkpointKey: key, witness = [], quorum } = options
      if (quorum > witness.length) throw misuse('couldn’t pin: the quorum is above the witnesses')
      const logs = [...new Set(options.country)].sort().flatMap((each) => {
        const name = `${gateway}/${each.toLowerCase()}/${options.year}`
        if (isLogName(name))
          return withLooks(name).map((log) => writeVkey(verifierKey(log, 1, key)))
        throw misuse(`couldn’t pin: no log has the name ${name}`)
      })
      const { receipts, evidence } = await publishedKeys(options.url)
      const from = { from: 'gateway', what: `asked of ${options.url}, and of its operator` }
      const sources = [{ ...from, on: new Date().toISOString().slice(0, 10) }]
      const keys = { v: 1, logs, witnesses: witness, quorum, receipts, agencies: [], evidence }
      console.log(JSON.stringify({ ...keys, sources }, null, 2))
    })
}

/** The published keys of receipts, and the fingerprints of the keys of evidence. */
async function publishedKeys(gateway: string): Promise<z.infer<typeof jwksSchema>> {
  const path = '/.well-known/jwks.json'
  const jwks = await published(gateway, path, jwksSchema)
  if ('why' in jwks) throw new Failure(`couldn’t pin: ${new URL(path, gateway)} ${jwks.why}`)
  return jwks.body
}

const jwksSchema = z
  .looseObject({ keys: z.array(z.looseObject({ kty: z.string(), kid: z.string().optional() })) })
  .transform(({ keys }) => ({
    receipts: { keys: keys.filter(({ kty }) => kty === 'EC') },
    evidence: keys.flatMap(({ kty, kid }) => (kty === 'OKP' && kid ? [kid] : [])),
  }))
  .pipe(z.object({ receipts: keysFile.shape.receipts, evidence: z.array(z.string()) }))

/** The bytes of an Ed25519 key in a SubjectPublicKeyInfo (RFC 8410), in base64. */
function ed25519(base64: string): Uint8Array {
  const der = fromBase64(base64.trim())
  try {
    const key = createPublicKey({ key: Buffer.from(der ?? []), format: 'der', type: 'spki' })
    const { crv, x = '' } = key.export({ format: 'jwk' })
    if (crv === 'Ed25519') return Buffer.from(x, 'base64url')
  } catch {
    // The failure is thrown below.
  }
  throw new InvalidArgumentError(
    'it is no Ed25519 public key as `aws kms get-public-key` prints it (SubjectPublicKeyInfo, base64).',
  )
}

const listed = <T>(of: T, before: readonly T[] | undefined): readonly T[] => [...(before ?? []), of]

function country(code: string, before?: readonly string[]): readonly string[] {
  if (/^[A-Z]{2,9}$/.test(code)) return listed(code, before)
  throw new InvalidArgumentError('a country is written like DE.')
}

function vkey(text: string, before?: readonly string[]): readonly string[] {
  const parsed = parseVkey(text)
  if ('key' in parsed && parsed.key.type === 4) return listed(text, before)
  throw new InvalidArgumentError('wrong' in parsed ? `${parsed.wrong}.` : 'it is no witness’s key.')
}
