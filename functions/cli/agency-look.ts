/**
 * `comity agency list`, `show`, `history`, `check` and `compromised`: what the register says, and whether it
 * holds.
 */

import type { Command } from 'commander'
import type { AnyVouched } from '../adapters/attestations-scan.ts'
import {
  type AgencySignature,
  type CompromisedKeys,
  isDoubtful,
  signingsOf,
  withdrawalsOf,
} from '../decision/compromised.ts'
import { registrarsChain } from '../identity/registrars.ts'
import { chainOf, type Registered } from '../identity/statements.ts'
import { printed } from '../terminal/columns.ts'
import { counted } from '../terminal/counted.ts'
import { exitCodes, Failure, misuse } from '../terminal/exit.ts'
import {
  looking,
  type OpenRegister,
  type Options,
  type Place,
  standing,
  withRegister,
} from './agency-sign.ts'
import { faultLines, historyLines, registeredLines } from './agency-words.ts'

/** Adds the commands that only look. */
export function addLooks(agency: Command, place: Place): void {
  looking(agency.command('list'))
    .description('List the agencies that take part.')
    .action((options: Options) =>
      withRegister(place, options, async (register) => {
        const found = await verdicts(await register.statements.agencies(), register)
        const rows = found.map(({ id, verdict }) =>
          verdict === undefined || 'fault' in verdict
            ? { id, status: 'does not hold' }
            : rowOf(verdict),
        )
        printed(options.json, rows, () =>
          rows.length === 0
            ? ['No agency takes part.']
            : rows.map(({ id, ...rest }) => `${id.padEnd(16)}${Object.values(rest).join('; ')}`),
        )
      }),
    )
  looking(agency.command('show'))
    .description('Show what an agency is, and its keys.')
    .argument('<agency>')
    .action((id: string, options: Options) =>
      withRegister(place, options, async (register) => {
        const registered = await standing(id, register)
        printed(options.json, registered, () => registeredLines(registered))
      }),
    )
  looking(agency.command('history'))
    .description('Show what was stated of an agency, by whom, and why.')
    .argument('<agency>')
    .action((id: string, options: Options) =>
      withRegister(place, options, async ({ statements, registrars }) => {
        const { statements: all } = await statements.chain(id, registrars)
        if (all.length === 0) throw misuse(`couldn’t find \`${id}\`: nothing is stated of it`)
        printed(options.json, all, () => historyLines(all))
      }),
    )
  looking(agency.command('check'))
    .description('Check every statement and signature, of one agency or of all.')
    .argument('[agency]')
    .addHelpText('after', '\nExit code 0: all of it holds; 5: something does not.')
    .action((id: string | undefined, options: Options) =>
      withRegister(place, options, async (register) => {
        const ids = id === undefined ? await register.statements.agencies() : [id]
        const found = await verdicts(ids, register)
        const bad = found.flatMap(({ id: each, verdict }) =>
          verdict !== undefined && 'fault' in verdict ? [{ id: each, ...verdict }] : [],
        )
        if (bad.length > 0) process.exitCode = exitCodes.integrityFailed
        const sets = register.registrars.sets.length
        printed(options.json, { agencies: ids.length, registrars: sets, faults: bad }, () => [
          `Of ${counted(ids.length, 'agency', 'agencies')}, ${ids.length - bad.length} hold to the last statement; so do ${counted(sets, 'set')} of registrars, in \`${registrarsChain}\`.`,
          ...bad.flatMap((each) => faultLines(chainOf(each.id), each)),
        ])
      }),
    )
}

const verdicts = (ids: readonly string[], { statements, registrars }: OpenRegister) =>
  Promise.all(
    ids.map(async (id) => ({ id, verdict: (await statements.chain(id, registrars)).verdict })),
  )

const rowOf = ({ agency, keys, tip }: Registered) => ({
  id: agency.id,
  status: agency.status,
  kind: `${agency.authorityType} of ${agency.jurisdiction}`,
  keys: counted(keys.filter(({ standing }) => standing === 'active').length, 'key'),
  statements: counted(tip.number, 'statement'),
  name: agency.name,
})

/** An act signed with a key that others may have had by then; it names no person and no case. */
type Doubtful = {
  /** The id of the attestation or objection that the act was on. */
  readonly id: string
  readonly what: 'attested' | 'released' | 'signed' | 'person added' | 'withdrawn' | 'doubt ended'
  readonly holder: string
  /** Undefined, as is `kid`, where the row does not say it. */
  readonly day?: string
  readonly kid?: string
}

/** Adds `compromised` to `comity agency`. */
export function addCompromised(agency: Command, place: Place): void {
  looking(agency.command('compromised'))
    .description('List what an agency vouched for with a key since others may have had it.')
    .argument('<agency>')
    .addHelpText(
      'after',
      `
The ids are those of attestations and of objections, as in the log. What of them is against a disclosure goes on
counting; nothing else of them does. With --deployed, the file names the table of attestations, too, if it has another
name than on machines of one's own: { "attestations": "<table>", "register": "<table>", "registrars": […] }.`,
    )
    .action((id: string, options: Options) =>
      withRegister(place, options, async (register) => {
        const { keys } = await standing(id, register)
        const since = keys.flatMap(({ kid, compromisedSince: moment }) =>
          moment === undefined ? [] : [[kid, moment] as const],
        )
        const own: CompromisedKeys = new Map([[id, new Map(since)]])
        const found: Doubtful[] = []
        let unreadable = 0
        if (since.length > 0)
          for await (const each of register.vouched()) {
            if (each === undefined) unreadable += 1
            else found.push(...doubtfulOf(each, id, own))
          }
        const all = found.toSorted((a, b) => ((a.day ?? '') < (b.day ?? '') ? -1 : 1))
        const json = { keys: Object.fromEntries(since), doubtful: all, unreadable }
        printed(options.json, json, () => lines(id, json))
        if (unreadable > 0) throw new Failure(unread(unreadable), exitCodes.unexpected)
      }),
    )
}

const unread = (rows: number): string =>
  `couldn’t read ${counted(rows, 'row')} of attestations: whether they are among these, nobody knows`

function doubtfulOf(
  { attestation, objection, isTakenBack }: AnyVouched,
  agency: string,
  keys: CompromisedKeys,
): readonly Doubtful[] {
  const of = attestation ?? objection
  if (of === undefined) return []
  const signings = [
    ...(attestation === undefined ? [] : signingsOf(attestation)),
    ...(isTakenBack ? withdrawalsOf(of) : []),
  ]
  const isRelease = attestation?.release !== undefined
  return signings
    .filter((each) => each.agency === agency && isDoubtful(each, keys))
    .map(({ did, kid, at }) => ({
      id: of.id,
      what: did === 'enter' && isRelease ? 'released' : words(did, attestation === undefined),
      holder: of.holder,
      ...(at === undefined ? {} : { day: at.slice(0, 10) }),
      ...(kid === undefined ? {} : { kid }),
    }))
}

function words(did: AgencySignature['did'], isDoubt: boolean): Doubtful['what'] {
  switch (did) {
    case 'enter':
      return 'attested'
    case 'sign':
      return 'signed'
    case 'add-person':
      return 'person added'
    case 'withdraw':
      return isDoubt ? 'doubt ended' : 'withdrawn'
  }
}

function lines(
  id: string,
  {
    keys,
    doubtful,
  }: { readonly keys: Readonly<Record<string, string>>; readonly doubtful: readonly Doubtful[] },
): readonly string[] {
  const compromised = Object.entries(keys)
  if (compromised.length === 0) return [`No key of ${id} is stated to be compromised.`]
  return [
    ...compromised.map(([kid, since]) => `Others may have had the key ${kid} since ${since}.`),
    ...doubtful.map(
      ({ day = 'day not kept', what, id: of, holder, kid = 'not kept' }) =>
        `- ${day}  ${what.padEnd(12)}  ${of}  for ${holder}, key ${kid}`,
    ),
    doubtful.length === 0
      ? 'Nothing that was vouched for since is there.'
      : `${counted(doubtful.length, 'act')}: nothing of it lets data go. Have the office look at each, and attest anew what is true.`,
  ]
}
