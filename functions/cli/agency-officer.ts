/** `comity agency officer`: an agency names who decides for it, with its own keys. */

import { type Command, Option } from 'commander'
import { type OfficerRole, officerRoles } from '../identity/officers.ts'
import { type Options, type Place, stateOf, stating } from './agency-sign.ts'

/** Adds `officer` to `comity agency`. */
export function addOfficersOf(agency: Command, place: Place): void {
  const officer = agency
    .command('officer')
    .description('Name officers of an agency, or end what they may, with its own keys.')
  stating(officer.command('add'))
    .description(
      'Let officers decide for an agency, or say anew what they may. Two of its keys sign.',
    )
    .argument('<agency>')
    .argument('<officer...>', 'their ids, as in `sub` of a call: never a name')
    .addOption(
      new Option('--may <duty...>', 'all that each of them decides')
        .choices(officerRoles)
        .makeOptionMandatory(),
    )
    .addHelpText(
      'after',
      `
Once an agency has named anybody, nobody else decides for it: releases, vouches, objects, signs for data protection,
looks into the log or acts on a person’s part of it. Merely asking stays the word of whoever signs with its key. A
duty must lie within a right that registrars gave the agency.`,
    )
    .action(
      (id: string, names: string[], { may, ...options }: Options & { may: OfficerRole[] }) => {
        const officers = names.map((each) => ({ id: each, may }))
        return stateOf(id, { act: 'name-officers', officers }, options, place)
      },
    )
  stating(officer.command('end'))
    .description('Let officers decide nothing for an agency any more. One signature is enough.')
    .argument('<agency>')
    .argument('<officer...>', 'their ids')
    .action((id: string, officers: string[], options: Options) =>
      stateOf(id, { act: 'end-officers', officers }, options, place),
    )
}
