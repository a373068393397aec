/** `comity evidence`: a bundle for a court, made by an auditor and checked by anyone. */

import { readFileSync, statSync, writeFileSync } from 'node:fs'
import { setTimeout as pause } from 'node:timers/promises'
import { type Command, InvalidArgumentError } from 'commander'
import { looks } from '../audit/looks.ts'
import { decidesAgain } from '../audit/replay.ts'
import { saidLines, saidOfEach } from '../audit/said-terms.ts'
import { agencyId } from '../decision/request.ts'
import { entryFileSchema, readCanonical } from '../ledger/evidence.ts'
import { readZip } from '../ledger/zip.ts'
import { bundleBytesMax, type CheckedBundle, checkBundle } from '../proof/evidence-check.ts'
import { bundleJson, bundleLines, findingLines, verdictLines } from '../proof/verdict.ts'
import { isFromOutside, type TrustFile, trustFile } from '../proof/verify-trust.ts'
import { type Asking, type Auditor, asAuditor, elsewhere, look, looksOf } from './audit-call.ts'
import { madeLines } from './evidence-lines.ts'
import { exitCodes, Failure } from './exit.ts'
import { personIn, readJson } from './files.ts'
import { type Gateway, identityIn } from './profile.ts'
import { problemLines } from './say.ts'
import { answerTo, callFor, freshJti } from './send.ts'

type Options = MatterOptions & {
  readonly at?: Readonly<Record<string, number>>
  readonly out: string
}

/** Adds `create` and `verify` to `comity evidence`. */
export function addEvidence(evidence: Command, gateway: Gateway): void {
  asAuditor(evidence.command('create'), gateway)
    .description(
      'Make evidence of entries of the log that your office may see. The look is entered.',
    )
    .option(
      '--case <agency-and-reference...>',
      'a case, such as GB-POL "CASE 1" or GB-POL/CASE-1; the agency may be left out if only one has such a case',
    )
    .option('--subject <file>', 'a person: JSON as in a request; `-` reads standard input')
    .option('--entry <id...>', 'entries by their ids, whatever was erased of them')
    .option('--at <log=size...>', 'as of these checkpoints, such as comity.local/de/2026=12', sizes)
    .requiredOption('--out <file>', 'where the bundle goes')
    .addHelpText(
      'after',
      `
A bundle is what one office may see: without --as, that of the auditor of whoever held the record.
What left is proved, and what is restricted is shown, to courts alone: --purpose criminal-proceedings,
or proceedings-on-lawfulness where the exchange itself is in dispute.`,
    )
    .action((options: Options) => create(options, gateway))

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
\`comity log verify --calls\` reads them, and checks each: an entry that was sealed late is explained by its agency’s
own signature alone. They name the officer who called, and nobody else.`,
    )
    .action((files: readonly string[]) => calls(files))
}

/** Prints the signed calls in open entries of bundles, one a line, for `comity log verify --calls`. */
async function calls(files: readonly string[]): Promise<void> {
  const lines: string[] = []
  for (const file of files) {
    const zip = readZip(bytesOf(file))
    if ('wrong' in zip) throw new Failure(`${file}: ${zip.wrong}`, exitCodes.usage)
    for (const [path, bytes] of zip.files) {
      if (!path.startsWith('entries/')) continue
      const entry = readCanonical(entryFileSchema, bytes)
      if (entry === undefined)
        throw new Failure(`${file}: ${path} is not an entry of evidence`, exitCodes.usage)
      const eid = path.slice('entries/'.length, -'.json'.length)
      if (entry.evidence !== undefined) lines.push(JSON.stringify({ eid, jws: entry.evidence.jws }))
    }
  }
  if (lines.length > 0) console.log(lines.join('\n'))
}

function sizes(value: string, before: Readonly<Record<string, number>> = {}) {
  const [, log = '', size = ''] = /^(.+)=(\d{1,15})$/.exec(value) ?? []
  if (log !== '') return { ...before, [log]: Number(size) }
  throw new InvalidArgumentError('a checkpoint is written like comity.local/de/2026=12.')
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

/** A bundle that the gateway made for an office, checked. */
type Made = { readonly look: Auditor; readonly zip: Uint8Array; readonly checked: CheckedBundle }

async function create(options: Options, gateway: Gateway): Promise<void> {
  const [{ look, zip, checked }, ...more] = await bestFirst(options, gateway)
  const { out } = options
  write(out, zip)
  const others = more.filter((each) => held(each) > 0).map((each) => each.look)
  // For a person, the other offices were left unasked on purpose, so they are not suggested.
  const unasked =
    options.subject === undefined
      ? ''
      : elsewhere(looksOf(options, gateway).filter(({ as }) => as !== look.as)).trim()
  console.log(
    [
      `Evidence in ${out}, ${Math.ceil(zip.length / 1024)} KB.`,
      ...madeLines(checked, look, others),
      ...(unasked === '' ? [] : [unasked]),
      '',
      `Fingerprint of the key that signed it: ${checked.fingerprint}`,
      `To check it: comity evidence verify ${out} --fingerprint ${checked.fingerprint}`,
      'Give the fingerprint to whoever checks it in another way than the file. It shows that the gateway says so;',
      'that the logs, witnesses and agencies do, a trust file shows: --trust FILE.',
    ].join('\n'),
  )
}

function write(out: string, zip: Uint8Array): void {
  try {
    writeFileSync(out, zip, { mode: 0o600 })
  } catch (error) {
    const why = error instanceof Error && 'code' in error ? String(error.code) : 'unwritable'
    throw new Failure(`couldn’t write \`${out}\`: ${why}`, exitCodes.usage)
  }
}

/**
 * How long to wait before the last look, if the one before found nothing, ms: the local gateway seals
 * sooner.
 */
const sealedMs = 2500

/** The bundles of the offices, the one with the most entries of the holder's side first. */
async function bestFirst(
  options: Options,
  gateway: Gateway,
): Promise<readonly [Made, ...(readonly Made[])]> {
  for (const isLast of [false, true]) {
    const made = await bundlesFor(options, gateway)
    const [best, ...more] = made.toSorted((a, b) => held(b) - held(a) || shown(b) - shown(a))
    // Only an office that was named gets an empty bundle, which says that it has nothing.
    if (best !== undefined && (shown(best) > 0 || (isLast && options.as !== undefined)))
      return [best, ...more]
    if (isLast) break
    console.error('Nothing yet; what was just asked is sealed within seconds, so once more …')
    await pause(sealedMs)
  }
  const asked = looksOf(options, gateway).map(({ as }) => as)
  throw new Failure(
    `nothing of it was found, asked as ${asked.join(', ')}
- What was asked in the last minute may not be sealed yet: ask again.
- What was erased is found under no person and no case any more, only by its id: --entry ID (which is in every answer, receipt and bundle)
- What there is, with ids: comity log query`,
  )
}

const shown = ({ checked }: Made): number => checked.entries.length
const held = ({ checked }: Made): number =>
  checked.entries.filter(({ side }) => side === 'holder').length

/** A bundle from each office that may have one; for a person, it stops at the first that finds anything. */
async function bundlesFor(options: Options, gateway: Gateway): Promise<readonly Made[]> {
  const made: Made[] = []
  let refusal: Failure | undefined
  for await (const { look, of } of mattersOf(options, gateway)) {
    const answer = await bundleFor(look, { ...of, ...(options.at && { at: options.at }) }, gateway)
    if (answer instanceof Failure) refusal = answer
    else {
      made.push(answer)
      if (options.subject !== undefined && shown(answer) > 0) break
    }
  }
  if (made.length === 0 && refusal !== undefined) throw refusal
  return made
}

/** A bundle, or the failure that this office sees no such thing. Throws any other failure. */
async function bundleFor(look: Auditor, of: object, gateway: Gateway): Promise<Made | Failure> {
  const { as, agency, officer, purpose, url } = look
  const sender = { agency, officer, url, key: identityIn(gateway, as).key, jti: freshJti() }
  const { method, path, body } = callFor(looks.evidence, { purpose, ...of })
  const response = await answerTo(sender, method, path, body)
  if (response.status === 200) {
    const zip = new Uint8Array(await response.arrayBuffer())
    const checked = await checkBundle(zip, {}, decidesAgain)
    if (checked.findings.length === 0) return { look, zip, checked }
    const wrong = findingLines(`What the gateway answered ${agency}`, checked.findings)
    throw new Failure(wrong.join('\n'), exitCodes.integrityFailed)
  }
  const problem = problemLines(await response.json().catch(() => undefined))
  const refusal = new Failure(problem.join('\n'))
  if (response.status === 404) return refusal
  throw refusal
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
  const lines = [verdictLines(file, checked), bundleLines(checked), saidLines(checked)]
  console.log(lines.flat().join('\n'))
}

/** The result for programs. What an entry says stands there only where nothing is wrong: else it was not checked. */
function verifiedJson(checked: CheckedBundle) {
  const { entries, ...result } = bundleJson(checked)
  const said = checked.findings.length === 0 ? saidOfEach(checked) : []
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
    throw new Failure(`couldn’t read \`${file}\`: ${why}`, exitCodes.usage)
  }
}

/** The options that name a case, a person or entries. */
export type MatterOptions = Asking & {
  readonly case?: readonly string[]
  readonly subject?: string
  readonly entry?: readonly string[]
}

/** A question to one office: `of` is a part of the body of `POST /v1/evidence`. */
export type MatterAsked = { readonly look: Auditor; readonly of: object }

/**
 * The questions, one at a time: each look at a person is itself kept, so a caller that found what it wanted
 * takes no more. For a case without its agency, only those of offices that see such a case.
 */
export async function* mattersOf(
  options: MatterOptions,
  gateway: Gateway,
): AsyncGenerator<MatterAsked> {
  const { case: named, subject, entry } = options
  if ([named, subject, entry].filter((each) => each !== undefined).length !== 1)
    throw new Failure('say what of: --case, --subject or --entry, one of them', exitCodes.usage)
  const offices = looksOf(options, gateway)
  const [agency, caseReference] = caseIn(named ?? [])
  if (named !== undefined && agency === undefined)
    return yield* casesCalled(caseReference, offices, gateway)
  const whom = subject === undefined ? undefined : { subject: personIn(subject) }
  const body = whom ?? { case: { agency, caseReference } }
  for (const each of offices)
    yield {
      look: each,
      of: entry === undefined ? await pseudonym(body, each, gateway) : { entries: entry },
    }
}

/** Reads `GB-POL "CASE 1"`, `GB-POL/CASE-1`, or a reference without its agency. */
export function caseIn(
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

/** The pseudonym that an office uses for a person or case, under the name of the query's parameter. */
export const pseudonym = (of: object, each: Auditor, gateway: Gateway) =>
  look(each, gateway, looks.pseudonym, { ...of })

/** The case with this reference, for every office that sees one. Throws if two agencies have such a case. */
async function* casesCalled(
  caseReference: string,
  offices: readonly Auditor[],
  gateway: Gateway,
): AsyncGenerator<MatterAsked> {
  const found: (MatterAsked & { readonly agency: string })[] = []
  for (const each of offices)
    for (const agency of await callersSeen(each, gateway)) {
      const of = await pseudonym({ case: { agency, caseReference } }, each, gateway)
      const page = await look(each, gateway, looks.list, of)
      if (page.entries.length > 0) found.push({ agency, look: each, of })
    }
  const agencies = [...new Set(found.map(({ agency }) => agency))]
  if (agencies.length > 1)
    throw new Failure(
      `more than one agency has such a case: ${agencies.join(', ')}; write which before it: --case ${agencies[0]}/${caseReference}`,
      exitCodes.usage,
    )
  yield* found
}

/** How many pages are read, at most, to see who asked. */
const pagesMax = 50

/** The agencies that asked, among the entries that an office sees. */
async function callersSeen(each: Auditor, gateway: Gateway): Promise<ReadonlySet<string>> {
  const agencies = new Set<string>()
  let cursor: string | undefined
  for (let page = 0; page < pagesMax; page++) {
    const { entries, next } = await look(each, gateway, looks.list, { limit: 200, cursor })
    for (const { agency } of entries) if (agency !== undefined) agencies.add(agency)
    if (next === undefined) break
    cursor = next
  }
  return agencies
}
