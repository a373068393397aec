/** `comity evidence verify` and `calls`: whether a bundle of evidence holds, and the signed calls in it. */

import { readFileSync, statSync } from 'node:fs'
import { type Command, InvalidArgumentError } from 'commander'
import { termLines, termsOfEach } from '../../audit/entry-terms.ts'
import { decidesAgain } from '../../audit/replay.ts'
import { entryFileSchema, readCanonical } from '../../ledger/evidence.ts'
import { readZip } from '../../ledger/zip.ts'
import { exitCodes, misuse } from '../../terminal/exit.ts'
import { readJson } from '../../terminal/files.ts'
import { bundleBytesMax, type CheckedBundle, checkBundle } from '../evidence-check.ts'
import { bundleJson, bundleLines, findingLines, verdictLines } from '../verdict.ts'
import { isFromOutside, type TrustFile, trustFile } from '../verify-trust.ts'

/** Adds `verify` and `calls` to `comity evidence`. */
export function addEvidenceVerify(evidence: Command): void {
  evidence
    .command('verify')
    .description('Check a bundle of evidence, offline, by keys that you had in another way.')
    .argument('<file>', 'the bundle')
    .option(
      '--fingerprint <fingerprint>',
      'of the gateway’s key of evidence, had in another way',
      fingerprint,
    )
    .option('--trust <file>', 'the keys that you trust, and where each came from', trusted)
    .option('--json', 'print as JSON')
    .addHelpText(
      'after',
      `
Exit code 5: something is not as it was signed. 7: it is, by keys that only the file or its gateway vouches for;
a fingerprint alone shows no more, since the keys of logs, witnesses and agencies come with the file. The fingerprint is the id of the EdDSA key that the
gateway publishes in /.well-known/jwks.json. Whoever forges a bundle can put any key into it.`,
    )
    .action((file: string, options: Verifying) => verify(file, options))

  evidence
    .command('calls')
    .description('Print the calls that agencies signed, from bundles of evidence.')
    .argument('<file...>', 'the bundles')
    .addHelpText(
      'after',
      `
\`comity log verify --calls\` reads them, and checks each: an entry that came into the log late is explained by its agency’s
own signature alone. They name the officer who called, and nobody else.`,
    )
    .action((files: readonly string[]) => calls(files))
}

/** Prints the signed calls in open entries of bundles, one a line, for `comity log verify --calls`. */
async function calls(files: readonly string[]): Promise<void> {
  const lines: string[] = []
  for (const file of files) {
    const zip = readZip(bytesOf(file))
    if ('wrong' in zip) throw misuse(`${file}: ${zip.wrong}`)
    for (const [path, bytes] of zip.files) {
      if (!path.startsWith('entries/')) continue
      const entry = readCanonical(entryFileSchema, bytes)
      if (entry === undefined) throw misuse(`${file}: ${path} is not an entry of evidence`)
      const eid = path.slice('entries/'.length, -'.json'.length)
      if (entry.evidence !== undefined) lines.push(JSON.stringify({ eid, jws: entry.evidence.jws }))
    }
  }
  if (lines.length > 0) console.log(lines.join('\n'))
}

type Verifying = {
  readonly fingerprint?: string
  readonly trust?: TrustFile
  readonly json?: true
}

const trusted = (file: string): TrustFile => readJson(file, trustFile)

const fingerprint = (value: string): string => {
  if (/^[A-Za-z0-9_-]{43}$/.test(value)) return value
  throw new InvalidArgumentError('a fingerprint has 43 letters, digits, - and _.')
}

async function verify(file: string, { fingerprint: key, trust, json }: Verifying): Promise<void> {
  const checked = await checkBundle(bytesOf(file), { fingerprint: key, trust }, decidesAgain)
  const isSound = checked.findings.length === 0
  const isNobodys = key === undefined && trust === undefined
  if (!isSound) process.exitCode = exitCodes.integrityFailed
  else if (isNobodys) process.exitCode = exitCodes.usage
  else if (!isFromOutside(checked.word)) process.exitCode = exitCodes.ownWord
  if (json) return console.log(JSON.stringify(verifiedJson(checked), null, 2))
  const isOthers =
    key !== undefined && checked.fingerprint !== undefined && checked.fingerprint !== key
  if (isOthers)
    return console.error(
      `${file} does NOT hold: it is not signed with the key that you named.
- manifest.jws: it is signed with another key, ${checked.fingerprint}
- You named ${key}. Ask again whoever gave you that, in another way than the file.`,
    )
  if (!isSound) return console.error(findingLines(file, checked.findings).join('\n'))
  if (isNobodys)
    return console.error(
      `${file} agrees with itself, which anyone can make a file do: nothing shows from whom it is.
Ask the gateway, or an authority you trust, for the fingerprint of its key, and add --fingerprint FINGERPRINT.
This file is signed with the key ${checked.fingerprint}.`,
    )
  const lines = [verdictLines(file, checked), bundleLines(checked), termLines(checked)]
  console.log(lines.flat().join('\n'))
}

/** The result for programs. What an entry says stands there only where nothing is wrong: else it was not checked. */
function verifiedJson(checked: CheckedBundle) {
  const { entries, ...result } = bundleJson(checked)
  const said = checked.findings.length === 0 ? termsOfEach(checked) : []
  return {
    ...result,
    entries: entries.map((entry, i) => {
      const terms = said[i]?.map(({ name, says }) => [name, says] as const)
      return terms === undefined ? entry : { ...entry, says: Object.fromEntries(terms) }
    }),
  }
}

function bytesOf(file: string): Uint8Array {
  try {
    // One byte more than a bundle may have, so that the check finds it too long.
    return statSync(file).size > bundleBytesMax
      ? new Uint8Array(bundleBytesMax + 1)
      : new Uint8Array(readFileSync(file))
  } catch (error) {
    const why = error instanceof Error && 'code' in error ? String(error.code) : 'unreadable'
    throw misuse(`couldn’t read \`${file}\`: ${why}`)
  }
}
