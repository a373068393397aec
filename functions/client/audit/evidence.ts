/** `comity evidence`: a bundle for a court, made by an auditor and checked by anyone. */

import { writeFileSync } from 'node:fs'
import { setTimeout as pause } from 'node:timers/promises'
import { type Command, InvalidArgumentError } from 'commander'
import { looks } from '../../audit/looks.ts'
import { decidesAgain } from '../../audit/replay.ts'
import { agencyId } from '../../decision/request.ts'
import { addEvidenceVerify } from '../../proof/commands/evidence-verify.ts'
import { type CheckedBundle, checkBundle } from '../../proof/evidence-check.ts'
import { findingLines } from '../../proof/verdict.ts'
import { exitCodes, Failure, misuse } from '../../terminal/exit.ts'
import { personIn } from '../../terminal/files.ts'
import { problemLines } from '../../terminal/say.ts'
import { type Gateway, identityIn } from '../profile.ts'
import { answerTo, callFor, freshJti } from '../send.ts'
import { type Asking, type Auditor, asAuditor, elsewhere, look, looksOf } from './audit-call.ts'
import { madeLines } from './evidence-lines.ts'

type Options = MatterOptions & {
  readonly at?: Readonly<Record<string, number>>
  readonly out: string
}

/** Adds `create` to `comity evidence`, and what checks a bundle. */
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

  addEvidenceVerify(evidence)
}

function sizes(value: string, before: Readonly<Record<string, number>> = {}) {
  const [, log = '', size = ''] = /^(.+)=(\d{1,15})$/.exec(value) ?? []
  if (log !== '') return { ...before, [log]: Number(size) }
  throw new InvalidArgumentError('a checkpoint is written like comity.local/de/2026=12.')
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
    throw misuse(`couldn’t write \`${out}\`: ${why}`)
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
    console.error('Nothing yet; what was just asked is in the log within seconds, so once more …')
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
    throw misuse('say what of: --case, --subject or --entry, one of them')
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
    throw misuse('a case is its agency and its reference: --case GB-POL "CASE 1"')
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
    throw misuse(
      `more than one agency has such a case: ${agencies.join(', ')}; write which before it: --case ${agencies[0]}/${caseReference}`,
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
