/** `comity agency list`, `show`, `history` and `check`: what the register says, and whether it holds. */

import type { Command } from 'commander'
import { registrarsChain } from '../identity/registrars.ts'
import { chainOf, type Registered } from '../identity/statements.ts'
import {
  looking,
  type OpenRegister,
  type Options,
  type Place,
  standing,
  withRegister,
} from './agency-sign.ts'
import { faultLines, historyLines, registeredLines } from './agency-words.ts'
import { exitCodes, Failure } from './exit.ts'
import { counted } from './log-export.ts'

const print = (options: Options, value: unknown, lines: readonly string[]): void =>
  console.log(options.json ? JSON.stringify(value, null, 2) : lines.join('\n'))

/** Adds what only looks. */
export function addLooks(agency: Command, place: Place): void {
  looking(agency.command('list'))
    .description('List the agencies that take part.')
    .action((options: Options) =>
      withRegister(place, options.deployed, async (register) => {
        const found = await verdicts(await register.statements.agencies(), register)
        const rows = found.map(({ id, verdict }) =>
          verdict === undefined || 'fault' in verdict
            ? { id, status: 'does not hold' }
            : rowOf(verdict),
        )
        const lines = rows.map(
          ({ id, ...rest }) => `${id.padEnd(16)}${Object.values(rest).join('; ')}`,
        )
        print(options, rows, lines.length === 0 ? ['No agency takes part.'] : lines)
      }),
    )
  looking(agency.command('show'))
    .description('Show what an agency is, and its keys.')
    .argument('<agency>')
    .action((id: string, options: Options) =>
      withRegister(place, options.deployed, async (register) => {
        const registered = await standing(id, register)
        print(options, registered, registeredLines(registered))
      }),
    )
  looking(agency.command('history'))
    .description('Show what was stated of an agency, by whom, and why.')
    .argument('<agency>')
    .action((id: string, options: Options) =>
      withRegister(place, options.deployed, async ({ statements, registrars }) => {
        const { statements: all } = await statements.chain(id, registrars)
        if (all.length === 0)
          throw new Failure(`couldn’t find \`${id}\`: nothing is stated of it`, exitCodes.usage)
        print(options, all, historyLines(all))
      }),
    )
  looking(agency.command('check'))
    .description('Check every statement and signature, of one agency or of all.')
    .argument('[agency]')
    .addHelpText('after', '\nExit code 0: all of it holds; 5: something does not.')
    .action((id: string | undefined, options: Options) =>
      withRegister(place, options.deployed, async (register) => {
        const ids = id === undefined ? await register.statements.agencies() : [id]
        const found = await verdicts(ids, register)
        const bad = found.flatMap(({ id: each, verdict }) =>
          verdict !== undefined && 'fault' in verdict ? [{ id: each, ...verdict }] : [],
        )
        if (bad.length > 0) process.exitCode = exitCodes.integrityFailed
        const sets = register.registrars.sets.length
        print(options, { agencies: ids.length, registrars: sets, faults: bad }, [
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
