/** `comity evidence`: a bundle for a court, made by an auditor and checked by anyone. */

import { readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type Command, InvalidArgumentError, Option } from 'commander'
import * as z from 'zod'
import { subjectSchema } from '../decision/record.ts'
import { agencyId } from '../decision/request.ts'
import { purposeSchema } from '../journeys/consult.ts'
import { decidesAgain } from '../journeys/replay.ts'
import { bundleBytesMax, checkBundle } from '../ledger/evidence-check.ts'
import { url } from './arguments.ts'
import { type Look, look } from './audit-call.ts'
import { bundleJson, bundleLines, findingLines } from './evidence-lines.ts'
import { exitCodes, Failure } from './exit.ts'
import { readJson } from './files.ts'
import type { Gateway } from './logged-facts.ts'
import { problemLines } from './say.ts'
import { answerTo, freshJti } from './send.ts'

type Options = Look & {
  readonly case?: readonly string[]
  readonly subject?: string
  readonly entry?: readonly string[]
  readonly at?: Readonly<Record<string, number>>
  readonly out: string
}

/** Adds the options that say who looks and what for; without them, an auditor of the local gateway does. */
export const asOffice = (command: Command, gateway: Gateway): Command =>
  command
    .option('--as <id>', 'the auditor’s office that signs', 'DE-DPA')
    .option('--officer <id>', 'who looks', 'auditor-1')
    .addOption(
      new Option('--purpose <purpose>', 'what the look is for (LED art. 25(2))')
        .choices(purposeSchema.options)
        .default('lawfulness'),
    )
    .option('--url <url>', 'the gateway', url, gateway.url)

/** Adds `create` and `verify` to `comity evidence`. */
export function addEvidence(evidence: Command, gateway: Gateway): void {
  asOffice(evidence.command('create'), gateway)
    .description(
      'Make evidence of entries of the log that your office may see. The look is entered.',
    )
    .option(
      '--case <agency-and-reference...>',
      'a case, such as GB-POL "CASE 1" or GB-POL/CASE-1; the agency may be left out if only one has such a case',
    )
    .option('--subject <file>', 'a person: JSON as in a request; `-` reads standard input')
    .option('--entry <id...>', 'entries by their ids')
    .option('--at <log=size...>', 'as of these checkpoints, such as comity.local/de/2026=12', sizes)
    .requiredOption('--out <file>', 'where the bundle goes')
    .addHelpText(
      'after',
      `
What left is proved, and what is restricted is shown, for the purpose criminal-proceedings alone.`,
    )
    .action((options: Options) => create(options, gateway))

  evidence
    .command('verify')
    .description('Check a bundle of evidence, offline: nothing else is needed but the fingerprint.')
    .argument('<file>', 'the bundle')
    .option(
      '--key <fingerprint>',
      'of the gateway’s key of evidence, had in another way',
      fingerprint,
    )
    .option('--json', 'print as JSON')
    .addHelpText(
      'after',
      `
Exit code 5: something is not as it was signed. The fingerprint is the id of the EdDSA key that the
gateway publishes in /.well-known/jwks.json. Whoever forges a bundle can put any key into it.`,
    )
    .action((file: string, options: { key?: string; json?: true }) => verify(file, options))
}

function sizes(value: string, before: Readonly<Record<string, number>> = {}) {
  const [, log = '', size = ''] = /^(.+)=(\d{1,15})$/.exec(value) ?? []
  if (log !== '') return { ...before, [log]: Number(size) }
  throw new InvalidArgumentError('a checkpoint is written like comity.local/de/2026=12.')
}

const fingerprint = (value: string): string => {
  if (/^[A-Za-z0-9_-]{43}$/.test(value)) return value
  throw new InvalidArgumentError('a fingerprint has 43 letters, digits, - and _.')
}

async function create(options: Options, gateway: Gateway): Promise<void> {
  const { as: agency, officer, out, purpose, at } = options
  const of = await matterOf(options, gateway)
  const keys = join(gateway.data, 'agencies')
  const question = { purpose, ...of, ...(at && { at }) }
  const response = await answerTo(
    { agency, officer, url: options.url, keys, jti: freshJti() },
    'POST',
    '/v1/evidence',
    JSON.stringify(question),
  )
  if (response.status !== 200)
    throw new Failure(problemLines(await response.json().catch(() => undefined)).join('\n'))
  const zip = new Uint8Array(await response.arrayBuffer())
  const checked = await checkBundle(zip, undefined, decidesAgain)
  if (checked.manifest === undefined || checked.findings.length > 0) {
    console.error(findingLines('What the gateway answered', checked.findings).join('\n'))
    process.exitCode = exitCodes.integrityFailed
    return
  }
  writeFileSync(out, zip, { mode: 0o600 })
  const { manifest, fingerprint: key } = checked
  const asOf = Object.entries(manifest.checkpoints).map(
    ([log, note]) => `${log}=${note.split('\n')[1]}`,
  )
  console.log(
    [
      `Evidence in ${out}, ${Math.ceil(zip.length / 1024)} KB:`,
      ...bundleLines(checked),
      ...(asOf.length === 0 ? [] : [`The same file again: --at ${asOf.join(' ')}`]),
      '',
      `Fingerprint of the key that signed it: ${key}`,
      `To check it: npx comity evidence verify ${out} --key ${key}`,
      'Give the fingerprint to whoever checks it in another way than the file.',
    ].join('\n'),
  )
}

/** What the options ask for, by pseudonym or id. */
async function matterOf(options: Options, gateway: Gateway): Promise<object> {
  const { case: named, subject, entry } = options
  const given = [named, subject, entry].filter((each) => each !== undefined)
  if (given.length !== 1)
    throw new Failure('say what of: --case, --subject or --entry, one of them', exitCodes.usage)
  if (entry !== undefined) return { entries: entry }
  if (subject !== undefined)
    return pseudonym({ subject: readJson(subject, subjectSchema) }, options, gateway)
  const [agency, caseReference] = caseIn(named ?? [])
  return agency === undefined
    ? onlyCase(caseReference, options, gateway)
    : pseudonym({ case: { agency, caseReference } }, options, gateway)
}

const namedSchema = z.record(z.string(), z.string())
const pseudonym = (of: object, options: Options, gateway: Gateway) =>
  look(options, gateway, ['POST', '/v1/pseudonyms'], namedSchema, {
    purpose: options.purpose,
    ...of,
  })

/** `GB-POL "CASE 1"`, `GB-POL/CASE-1`, or a reference without its agency. */
function caseIn(
  named: readonly string[],
): readonly [agency: string | undefined, reference: string] {
  const [first = '', second, ...more] = named
  if (more.length > 0)
    throw new Failure(
      'a case is its agency and its reference: --case GB-POL "CASE 1"',
      exitCodes.usage,
    )
  if (second !== undefined) return [first, second]
  const slash = first.indexOf('/')
  const agency = first.slice(0, Math.max(slash, 0))
  return agencyId.safeParse(agency).success ? [agency, first.slice(slash + 1)] : [undefined, first]
}

const pageSchema = z.looseObject({
  entries: z.array(z.looseObject({ agency: z.string().optional() })),
})
const countSchema = z.looseObject({ total: z.number() })

/** The case of a reference, if of the agencies that asked lately exactly one has it. */
async function onlyCase(
  caseReference: string,
  options: Options,
  gateway: Gateway,
): Promise<object> {
  const { purpose } = options
  const recent = ['GET', `/v1/decisions?purpose=${purpose}&limit=200`] as const
  const { entries } = await look(options, gateway, recent, pageSchema)
  const found: (readonly [string, object])[] = []
  for (const agency of new Set(entries.flatMap((each) => each.agency ?? []))) {
    const of = await pseudonym({ case: { agency, caseReference } }, options, gateway)
    const query = new URLSearchParams({ purpose, ...of })
    const count = ['GET', `/v1/decisions/count?${query}`] as const
    if ((await look(options, gateway, count, countSchema)).total > 0) found.push([agency, of])
  }
  const [only, ...others] = found
  if (only !== undefined && others.length === 0) return only[1]
  const why =
    only === undefined
      ? 'no agency that asked lately has such a case; write its agency before it, such as GB-POL/CASE-1'
      : `more than one agency has such a case: ${found.map(([agency]) => agency).join(', ')}; write which before it`
  throw new Failure(`couldn’t tell which case is meant: ${why}`, exitCodes.usage)
}

async function verify(file: string, { key, json }: { key?: string; json?: true }): Promise<void> {
  const checked = await checkBundle(bytesOf(file), key, decidesAgain)
  const isSound = checked.findings.length === 0
  if (!isSound) process.exitCode = exitCodes.integrityFailed
  else if (key === undefined) process.exitCode = exitCodes.usage
  if (json) return console.log(JSON.stringify(bundleJson(checked, key), null, 2))
  if (!isSound) return console.error(findingLines(file, checked.findings).join('\n'))
  if (key === undefined)
    return console.error(
      `${file} agrees with itself, which anyone can make a file do: nothing shows from whom it is.
Ask the gateway, or an authority you trust, for the fingerprint of its key, and add --key FINGERPRINT.
This file is signed with the key ${checked.fingerprint}.`,
    )
  console.log(
    [`${file} holds: it is signed with the key that you named.`, ...bundleLines(checked)].join(
      '\n',
    ),
  )
}

function bytesOf(file: string): Uint8Array {
  try {
    // One more than is read, so that what is too long is seen to be.
    return statSync(file).size > bundleBytesMax
      ? new Uint8Array(bundleBytesMax + 1)
      : new Uint8Array(readFileSync(file))
  } catch (error) {
    const why = error instanceof Error && 'code' in error ? String(error.code) : 'unreadable'
    throw new Failure(`couldn’t read \`${file}\`: ${why}`, exitCodes.usage)
  }
}
