/** `comity agency registrars`: who signs what the register says, and who does from now on. */

import type { Command } from 'commander'
import { registrarsChain, registrarsSchema, signed } from '../identity/registrars.ts'
import type { Tip } from '../policy/chain.ts'
import { nextLink } from '../policy/chain.ts'
import {
  keysOf,
  lastOf,
  looking,
  momentAfter,
  type Options,
  type Place,
  proceed,
  signing,
  whyOf,
  withRegister,
} from './agency-sign.ts'
import { historyLines, nameOf } from './agency-words.ts'
import { readJson } from './files.ts'

/** Adds `registrars` to `comity agency`. */
export function addRegistrars(agency: Command, place: Place): void {
  const registrars = agency
    .command('registrars')
    .description('Show who signs what the register says, or replace them.')
  looking(registrars.command('show'))
    .description('Show the registrars as they are now, and how they came to be.')
    .action((options: Options) =>
      withRegister(place, options.deployed, async ({ registrars: { sets, tip }, successions }) => {
        const now = sets.at(-1)?.registrars ?? []
        const floor = `The floor, for \`registerFloor\` in the settings: ${JSON.stringify(tip)}`
        const lines = [
          ...now.map((each) => `- ${nameOf(each)}`),
          ...historyLines(successions),
          ...(tip.number === 0 ? [] : [floor]),
        ]
        console.log(options.json ? JSON.stringify(now, null, 2) : lines.join('\n'))
      }),
    )
  signing(registrars.command('replace'))
    .description('Let another set of registrars take over. Two of those before sign.')
    .argument('<file>', 'JSON: all who sign from then on, [{ "kid", "name", "jwk" }]')
    .option('--why <sentence>', 'why; whoever signs reads it')
    .addHelpText(
      'after',
      `
It names how far what is stated of each agency has come: until there, the registrars before count. So whoever has
left can sign nothing more. The same registrars may take over from themselves: with the floor that \`show\` then prints
in the settings, functions that start later, too, refuse a table that was put back to before.`,
    )
    .action((file: string, options: Options) =>
      withRegister(place, options.deployed, async (register) => {
        const { statements, successions, registrars: now } = register
        const next = readJson(file, registrarsSchema)
        const tips: Record<string, Tip> = {}
        for (const id of await statements.agencies()) tips[id] = await lastOf(id, register)
        const moment = momentAfter(successions.at(-1)?.statedAt)
        const body = { act: 'registrars', registrars: next, tips, why: whyOf(options) } as const
        const link = nextLink(registrarsChain, now.tip, moment, body)
        await proceed(signed(link, keysOf(options)), options, register)
      }),
    )
}
