/** Makes a statement of the register, judges it, collects its signatures, and enters it. */

import { writeFileSync } from 'node:fs'
import type { Command } from 'commander'
import * as z from 'zod'
import { type AnyVouched, allVouched } from '../adapters/attestations-scan.ts'
import type { LocalGateway } from '../adapters/log-export.ts'
import { dynamodbStatements, type Statements } from '../adapters/register-statements.ts'
import { localTableNames } from '../adapters/tables.ts'
import { deployedIn, needed, onTables } from '../client/deployed-store.ts'
import { keyFile } from '../client/send.ts'
import {
  demonstrationRegistrars,
  faultWords,
  followRegistrars,
  type Registrar,
  type Registrars,
  registrarsChain,
  type StatementFault,
  type Succession,
  setFor,
  signed,
  signersMin,
  successionSchema,
} from '../identity/registrars.ts'
import {
  type AgencyStatement,
  agencyOf,
  agencyStatementSchema,
  type Body,
  chainOf,
  giving,
  type Registered,
} from '../identity/statements.ts'
import { emptyTip, nextLink } from '../policy/chain.ts'
import { type StatementKey, sealingKeySchema } from '../policy/signed.ts'
import { confirm } from '../terminal/ask.ts'
import { exitCodes, Failure, misuse } from '../terminal/exit.ts'
import { readJson } from '../terminal/files.ts'
import {
  type Candidate,
  effectLines,
  isSuccession,
  nameOf,
  signersOf,
  subjectOf,
} from './agency-words.ts'

/** Where the register is (the local gateway's, unless a file names another), and how keys are made. */
export type Place = LocalGateway & {
  /** Makes a key file in a folder, for an agency that has none there. */
  readonly makeKey: (folder: string, agency: string) => Promise<z.infer<typeof keyFile>>
}
/** The options of a command that signs or looks. */
export type Options = {
  readonly deployed?: string
  readonly key?: readonly string[]
  readonly why?: string
  readonly out?: string
  readonly dryRun?: true
  readonly yes?: true
  readonly json?: true
}

/** A register that is open, with its registrars as they are now. */
export type OpenRegister = {
  readonly statements: Statements
  readonly registrars: Registrars
  readonly pinned: readonly Registrar[]
  readonly successions: readonly Succession[]
  /** Scans the attestations and objections of its gateway. */
  readonly vouched: () => AsyncIterable<AnyVouched | undefined>
}

/** Adds the options for signing. */
export const signing = (command: Command): Command =>
  looking(command)
    .option('--key <file...>', 'your private key; or those of both who sign')
    .option('--out <file>', 'where the statement waits if a signature is missing')
    .option('--dry-run', 'only say what would happen, and whose signature is missing')
    .option('--yes', 'sign without being asked to type the agency')

/** Adds the options for looking. */
export const looking = (command: Command): Command =>
  command
    .option(
      '--deployed <file>',
      'a deployed gateway: its table or database, and its registrars, as JSON',
    )
    .option('--json', 'print it as JSON')

/** Adds the options for making a statement. */
export const stating = (command: Command): Command =>
  signing(command).option('--why <sentence>', 'why; whoever signs reads it')

/** Calls `run` with the register; fails if its registrars do not hold, since then no agency does. */
export async function withRegister<T>(
  place: LocalGateway,
  { deployed, key }: Pick<Options, 'deployed' | 'key'>,
  run: (register: OpenRegister) => Promise<T>,
): Promise<T> {
  const named = deployedIn(deployed, key)
  const { register, attestations } = named ?? localTableNames()
  const pinned = named ? needed(named, 'registrars', deployed) : demonstrationRegistrars
  return onTables(place, named, async (client) => {
    const statements = dynamodbStatements(client, register, pinned)
    const { successions, verdict: registrars } = await statements.registrars()
    if ('fault' in registrars)
      throw new Failure(
        `couldn’t read the registrars: statement ${registrars.at} of \`${registrarsChain}\` does not count: ${faultWords[registrars.fault]}; no agency is believed until it is gone`,
        exitCodes.integrityFailed,
      )
    const vouched = () => allVouched(client, attestations)
    return run({ statements, registrars, pinned, successions, vouched })
  })
}

const sentence = z.string().min(10).max(500)

/** The reason, as the first signer gives it. */
export function whyOf({ why }: Options): string {
  const { success, data } = sentence.safeParse(why)
  if (success) return data
  throw misuse(
    'couldn’t go on: say why in a full sentence: --why "Their letter of 20 November asks for it."',
  )
}

/** The private key in a file: a registrar's, or an agency's. */
function keyIn(file: string): StatementKey {
  const key = readJson(file, z.union([sealingKeySchema, keyFile]))
  return 'jwk' in key ? key : { kid: key.kid, jwk: key.privateJwk }
}

/** The keys that sign; a dry run needs none. */
export function keysOf({ key = [], dryRun }: Options): readonly StatementKey[] {
  if (key.length === 0 && !dryRun)
    throw misuse('couldn’t sign: name your private key with --key, or look with --dry-run')
  return key.map(keyIn)
}

/** An agency as registered now; fails if its chain does not hold or it has not joined. */
export async function standing(id: string, register: OpenRegister): Promise<Registered> {
  const { verdict } = await register.statements.chain(id, register.registrars)
  if (verdict === undefined)
    throw misuse(
      `couldn’t go on: \`${id}\` has not joined; \`comity agency list\` names those that have`,
    )
  if ('fault' in verdict) throw broken(id, verdict)
  return verdict
}

const broken = (id: string, { fault, at }: StatementFault): Failure =>
  new Failure(
    `couldn’t go on: statement ${at} of ${id} does not count: ${faultWords[fault]}; \`comity agency check ${id}\` says what to do`,
    exitCodes.integrityFailed,
  )

/** Makes the next statement of an agency, and proceeds with it. */
export async function state(
  id: string,
  body: Body,
  options: Options,
  register: OpenRegister,
): Promise<void> {
  const { verdict, statements } = await register.statements.chain(id, register.registrars)
  if (verdict !== undefined && 'fault' in verdict) throw broken(id, verdict)
  const tip = verdict?.tip ?? emptyTip
  const link = nextLink(chainOf(id), tip, momentAfter(statements.at(-1)?.statedAt), body)
  await proceed(signed(link, keysOf(options)), options, register)
}

type WithoutWhy<T> = T extends unknown ? Omit<T, 'why'> : never
/** The body of a statement, without its reason. */
export type AsRegistrar = WithoutWhy<Body>

/** Makes a statement of an agency that has joined. */
export const stateOf = (
  id: string,
  act: AsRegistrar | ((before: Registered) => AsRegistrar),
  options: Options,
  place: Place,
): Promise<void> =>
  withRegister(place, options, async (register) => {
    const before = await standing(id, register)
    const body = { ...(typeof act === 'function' ? act(before) : act), why: whyOf(options) }
    await state(id, body as Body, options, register)
  })

/** Now; fails if the last statement is later: then this machine's clock is wrong, or that signer's was. */
export function momentAfter(last: string | undefined): string {
  const now = new Date().toISOString()
  if (last === undefined || Date.parse(last) <= Date.parse(now)) return now
  throw new Failure(
    `couldn’t go on: the last statement is of ${last}, which is later than this machine’s clock`,
  )
}

/** Adds signatures to a statement that waits for them, and proceeds with it. */
export async function second(
  file: string,
  options: Options,
  register: OpenRegister,
): Promise<void> {
  const candidate: Candidate = readJson(file, z.union([agencyStatementSchema, successionSchema]))
  const { signatures, ...link } = candidate
  const now = new Date().toISOString()
  if (Date.parse(now) < Date.parse(candidate.statedAt))
    throw new Failure(
      `couldn’t sign: it was made at ${candidate.statedAt}, which is later than this machine’s clock`,
    )
  const again = keysOf(options).find(({ kid }) => signersOf(candidate).includes(kid))
  if (again !== undefined)
    throw misuse(`couldn’t sign: ${again.kid} has signed it already; another must`)
  const added = signed<unknown>(link, keysOf(options), now)
  const all = [...signatures, ...added.signatures]
  await proceed({ ...candidate, signatures: all } as Candidate, { out: file, ...options }, register)
}

/** Says what a statement will do and who must still sign it; then enters it, or writes it to a file. */
export async function proceed(
  candidate: Candidate,
  options: Options,
  register: OpenRegister,
): Promise<void> {
  const { isWhole, before } = await judge(candidate, register)
  const subject = subjectOf(candidate)
  const out = options.out ?? `${subject}-${candidate.number}.json`
  const waitsFor = isWhole ? [] : missing(candidate, register, before)
  const isEntered = isWhole && !options.dryRun
  const say = (lines: readonly string[]) => options.json || console.log(lines.join('\n'))
  say([
    ...effectLines(candidate, before),
    `Signed by ${signersOf(candidate).join(', ') || 'nobody yet'}.`,
  ])
  if (!options.dryRun) {
    await confirm([subject], options.yes ?? false)
    if (isEntered) await enter(candidate, register)
    else writeFileSync(out, `${JSON.stringify(candidate, null, 2)}\n`)
  }
  const file = isWhole || options.dryRun ? {} : { file: out }
  if (options.json)
    console.log(JSON.stringify({ statement: candidate, isEntered, waitsFor, ...file }, null, 2))
  say(outcome(waitsFor, out, options.dryRun ?? false))
}

const outcome = (waitsFor: readonly string[], out: string, isDry: boolean): readonly string[] => [
  ...(waitsFor.length === 0 ? [] : [`Whose signature is missing: ${waitsFor.join(', ')}.`]),
  isDry
    ? 'A dry run: nothing was signed or entered.'
    : waitsFor.length === 0
      ? 'Entered. Every running gateway goes by it within a minute.'
      : `It does not count yet, and waits in ${out}: they read and sign it with \`comity agency sign ${out} --key THEIR-KEY\`.`,
]

/** Whether a statement has all its signatures; fails if no further signature would make it count. */
async function judge(
  candidate: Candidate,
  register: OpenRegister,
): Promise<{ readonly isWhole: boolean; readonly before?: Registered }> {
  if (isSuccession(candidate)) return judgeSuccession(candidate, register)
  const id = subjectOf(candidate)
  const { verdict, statements } = await register.statements.chain(id, register.registrars)
  if (verdict !== undefined && 'fault' in verdict) throw broken(id, verdict)
  const after = agencyOf(id, [...statements, candidate], register.registrars)
  const before = verdict === undefined ? {} : { before: verdict }
  return { isWhole: isWhole(after, candidate, register, verdict), ...before }
}

async function judgeSuccession(candidate: Succession, register: OpenRegister) {
  for (const id of await register.statements.agencies()) {
    const tip = await lastOf(id, register)
    if (candidate.body.tips[id]?.digest !== tip.digest)
      throw new Failure(
        `couldn’t go on: something was stated of ${id} since this was made; make it anew, so that nothing is lost`,
      )
  }
  const after = followRegistrars(register.pinned, [...register.successions, candidate])
  return { isWhole: isWhole(after, candidate, register) }
}

/** The tip of an agency's chain, up to the last statement that holds. */
export async function lastOf(id: string, { statements, registrars }: OpenRegister) {
  const { verdict, statements: all } = await statements.chain(id, registrars)
  if (verdict === undefined) return emptyTip
  if (!('fault' in verdict)) return verdict.tip
  const holding = agencyOf(id, all.slice(0, verdict.at - 1), registrars)
  return holding !== undefined && 'tip' in holding ? holding.tip : emptyTip
}

function isWhole(
  judged: Registered | Registrars | StatementFault | undefined,
  candidate: Candidate,
  register: OpenRegister,
  before?: Registered,
): boolean {
  if (judged === undefined || !('fault' in judged)) return true
  const { fault } = judged
  if (fault === 'signatures-missing') return false
  const who =
    fault === 'signature-wrong' ? `; ${namesOf(candidate, register, before).join(', ')} may` : ''
  const anew =
    fault === 'gap' || fault === 'another-predecessor' ? '; another came first, make it anew' : ''
  throw misuse(`couldn’t go on: ${faultWords[fault]}${who}${anew}`)
}

const setOf = (candidate: Candidate, { registrars }: OpenRegister): readonly Registrar[] =>
  isSuccession(candidate)
    ? (registrars.sets.at(-1)?.registrars ?? [])
    : setFor(registrars, subjectOf(candidate), candidate.number).registrars

/** Who may sign: the registrars, except for what an agency states with its own keys alone. */
const namesOf = (
  candidate: Candidate,
  register: OpenRegister,
  before: Registered | undefined,
  but: readonly string[] = [],
): readonly string[] => {
  const isLeft = ({ kid }: { readonly kid: string }) => !but.includes(kid)
  return isOfItsOwn(candidate.body.act)
    ? (before?.keys ?? []).filter(isLeft).flatMap(ownKey)
    : setOf(candidate, register).filter(isLeft).map(nameOf)
}
/** What an agency states with two of its own keys alone. */
const isOfItsOwn = (act: Candidate['body']['act']): boolean =>
  act === 'name-officers' || act === 'add-passkey'

const ownKey = ({ kid, standing, passkey }: Registered['keys'][number]): readonly string[] =>
  standing === 'active' && passkey === undefined ? [`its key ${kid}`] : []

/** Who may still sign, and how many of them must. */
function missing(
  candidate: Candidate,
  register: OpenRegister,
  before: Registered | undefined,
): readonly string[] {
  const done = signersOf(candidate)
  const { act } = candidate.body
  const isOfTwo = act === 'registrars' || isOfItsOwn(act) || giving.has(act)
  const takes = isOfTwo ? signersMin : 1
  const left = namesOf(candidate, register, before, done)
  const others = takes === 1 && act !== 'answer' ? [`or a key of ${subjectOf(candidate)}`] : []
  return [`${takes - done.length} of ${left.join(', ') || 'nobody'}`, ...others]
}

async function enter(candidate: Candidate, { statements }: OpenRegister): Promise<void> {
  if (await statements.enter(candidate as AgencyStatement | Succession)) return
  throw new Failure(
    'couldn’t enter it: another statement came first; look at it with `comity agency history`, and make this one anew',
  )
}
