/** `comity agency`: who takes part and with which keys, in statements that registrars sign. */

import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { type Command, Option } from 'commander'
import * as z from 'zod'
import { publicOf } from '../adapters/pkcs11.ts'
import { inModule } from '../client/send.ts'
import { loginSchema, type OfficerRole, officerRoles } from '../identity/officers.ts'
import { type NewPasskey, newKeySchema, newPasskeySchema } from '../identity/register.ts'
import { registrarsChain, registrarsSchema, signed } from '../identity/registrars.ts'
import { type Body, profileSchema, type Registered } from '../identity/statements.ts'
import { nextLink, type Tip } from '../policy/chain.ts'
import { vocabulary } from '../policy/vocabulary.ts'
import { instant } from '../terminal/arguments.ts'
import { printed } from '../terminal/columns.ts'
import { Failure, misuse } from '../terminal/exit.ts'
import { readJson } from '../terminal/files.ts'
import { addCompromised, addLooks } from './agency-look.ts'
import {
  type AsRegistrar,
  keysOf,
  lastOf,
  looking,
  momentAfter,
  type Options,
  type Place,
  proceed,
  second,
  signing,
  state,
  stateOf,
  stating,
  whyOf,
  withRegister,
} from './agency-sign.ts'
import { historyLines, nameOf } from './agency-words.ts'

const help = `
What gives (joining, a key, a right) takes two registrars; what takes away counts at once with one signature, of a
registrar or of a key of the agency. Two who sit at two machines sign one after the other: the first leaves a file,
the second signs that. Without --deployed, the register is that of the local gateway. Its file says
{ "register": "<table>", "registrars": [as the deployment pins them] }, reached with the credentials of the environment;
or { "postgres": "postgresql://…", "registrars": […] } on machines of one's own.`

/** Adds `agency` to the program. */
export function addAgency(program: Command, place: Place): void {
  const agency = program
    .command('agency')
    .description('Say who takes part, with which keys, by statements that registrars sign.')
    .addHelpText('after', help)
  addJoining(agency, place)
  addKeys(agency.command('key').description('Make, add, replace or revoke a key.'), place)
  addEnding(agency, place)
  signing(agency.command('sign'))
    .description('Read a statement that waits, and add a signature to it.')
    .argument('<file>', 'the statement, as whoever signed first left it')
    .action((file: string, options: Options) =>
      withRegister(place, options, (register) => second(file, options, register)),
    )
  addOfficersOf(agency, place)
  addPasskeys(agency.command('passkey').description('Enter an officer’s passkey.'), place)
  addLooks(agency, place)
  addCompromised(agency, place)
  addRegistrars(agency, place)
}

const fileSchema = profileSchema.extend({ keys: z.array(newKeySchema).max(10).default([]) })

function addJoining(agency: Command, place: Place): void {
  stating(agency.command('add'))
    .description('Let an agency join. Two registrars sign.')
    .argument(
      '<file>',
      'JSON: what it is, as functions/identity/register.ts says, and its public keys',
    )
    .option(
      '--public-key <file...>',
      'public keys beside those in it, as `agency key new` prints them',
    )
    .action((file: string, options: Options & { readonly publicKey?: readonly string[] }) => {
      const { keys, ...profile } = readJson(file, fileSchema)
      const further = (options.publicKey ?? []).map((each) => readJson(each, newKeySchema))
      const all = [...keys, ...further]
      const body: Body = { act: 'join', agency: profile, keys: all, why: whyOf(options) }
      return withRegister(place, options, (register) => state(profile.id, body, options, register))
    })
  stating(agency.command('change'))
    .description(
      'Change what an agency is: name, kind, channels, rights, role. Two registrars sign.',
    )
    .argument('<file>', 'JSON: all of what it is to be, without keys')
    .action((file: string, options: Options) => {
      const profile = readJson(file, profileSchema)
      return stateOf(profile.id, { act: 'change', agency: profile }, options, place)
    })
}

type Rotating = Options & { readonly replaces?: string; readonly until?: string }

/** How long a replaced key still signs by default, ms. */
const overlapMs = 86_400_000

function addKeys(key: Command, place: Place): void {
  key
    .command('new')
    .description('Make a key for an agency here, and print its public half for the registrars.')
    .argument('<agency>', 'the agency, such as SE-POL')
    .option('--channel <channel>', 'the channel that it signs on, for an agency on several')
    .option('--module <uri>', 'print that of a key which a hardware module has already, pkcs11:…')
    .action((id: string, { channel, module }: { channel?: string; module?: string }) =>
      module === undefined
        ? printNewKey(place, id, channel)
        : printPublic({ ...inModule(() => publicOf(module)), alg: 'ES256' }, channel),
    )
  stating(key.command('add'))
    .description('Let an agency sign with one more key. Two registrars sign.')
    .argument('<agency>')
    .argument('<file>', 'the public key, as `agency key new` prints it')
    .action((id: string, file: string, options: Options) =>
      stateOf(id, { act: 'add-key', key: readJson(file, newKeySchema) }, options, place),
    )
  stating(key.command('rotate'))
    .description(
      'Let a new key come in the place of another, which goes on for a day. Two registrars sign.',
    )
    .argument('<agency>')
    .argument('<file>', 'the new public key')
    .option('--replaces <kid>', 'the key in whose place it comes; its only one unless said')
    .option('--until <moment>', 'until when that one still signs', instant)
    .action((id: string, file: string, options: Rotating) => {
      const replacing = ({ keys }: Registered): AsRegistrar => {
        const active = keys.filter((each) => each.standing === 'active').map((each) => each.kid)
        const kid = options.replaces ?? (active.length === 1 ? active[0] : undefined)
        if (kid === undefined)
          throw misuse(
            `couldn’t rotate: ${id} has several keys; name one with --replaces: ${active.join(', ')}`,
          )
        const until = options.until ?? new Date(Date.now() + overlapMs).toISOString()
        return { act: 'add-key', key: readJson(file, newKeySchema), replaces: { kid, until } }
      }
      return stateOf(id, replacing, options, place)
    })
  stating(key.command('revoke'))
    .description(
      'Revoke a key at once. One signature is enough: a registrar’s, the key’s own, or another’s.',
    )
    .argument('<agency>')
    .argument('<kid>')
    .option('--compromised-since <moment>', 'since when others may have had it', instant)
    .action((id: string, kid: string, options: Options & { compromisedSince?: string }) => {
      const { compromisedSince } = options
      const since = compromisedSince === undefined ? {} : { compromisedSince }
      return stateOf(id, { act: 'revoke-key', kid, ...since }, options, place)
    })
  stating(key.command('answer'))
    .description(
      'Say, as a registrar, which of the keys that stand still sign again; the others end.',
    )
    .argument('<agency>')
    .option('--stands <kid...>', 'those that sign again; none unless said', [])
    .action((id: string, options: Options & { readonly stands: string[] }) =>
      stateOf(id, { act: 'answer', stands: options.stands }, options, place),
    )
}

function addEnding(agency: Command, place: Place): void {
  stating(agency.command('suspend'))
    .description('Answer no call of an agency any more. One signature is enough.')
    .argument('<agency>')
    .action((id: string, options: Options) => stateOf(id, { act: 'suspend' }, options, place))
  stating(agency.command('resume'))
    .description('End a suspension. Two registrars sign.')
    .argument('<agency>')
    .action((id: string, options: Options) => stateOf(id, { act: 'resume' }, options, place))
  stating(agency.command('end-right'))
    .description('End a right of an agency at once. One signature is enough.')
    .argument('<agency>')
    .argument('<right>', 'attests, entersFor, succeeds, channel, role or holdsRecords')
    .argument('[of]', 'whose it is, or which: a holder, an office, a channel')
    .action((id: string, right: string, of: string | undefined, options: Options) => {
      const ended = endedSchema.safeParse(right)
      if (!ended.success)
        throw misuse(`couldn’t end \`${right}\`: it is one of ${endedSchema.options.join(', ')}`)
      const which = of === undefined ? {} : { of }
      return stateOf(id, { act: 'end-right', right: ended.data, ...which }, options, place)
    })
}

const endedSchema = z.enum(['attests', 'entersFor', 'succeeds', 'channel', 'role', 'holdsRecords'])

/** Makes a private key where the other commands find it, and prints the public half. */
async function printNewKey(
  { data, makeKey }: Place,
  id: string,
  channel: string | undefined,
): Promise<void> {
  const folder = join(data, 'agencies')
  const file = join(folder, `${profileSchema.shape.id.parse(id)}.json`)
  if (existsSync(file))
    throw new Failure(`couldn’t make a key: there is one in \`${file}\`; move it away first`)
  const { kid, alg, privateJwk } = await makeKey(folder, id)
  const { d: _, ...jwk } = privateJwk
  printPublic({ kid, alg, jwk }, channel)
  console.error(`The private half is in ${file}: keep it, and show it to nobody.`)
}

/** Prints the public half of a key, as registrars take it. */
function printPublic(key: { kid: string; alg: string; jwk: object }, channel?: string): void {
  const on = channel === undefined ? {} : { channel }
  const from = new Date().toISOString()
  console.log(JSON.stringify(newKeySchema.parse({ ...key, from, ...on }), null, 2))
}

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
    .option('--issuer <url>', 'the login provider by which one officer may look in a browser')
    .option('--login <sub>', 'what that provider calls the officer, `sub`')
    .addHelpText(
      'after',
      `
Once an agency has named anybody, nobody else decides for it: releases, vouches, objects, signs for data protection,
looks into the log or acts on a person’s part of it. Merely asking stays the word of whoever signs with its key; \`ask\`
names somebody for nothing else, so that they can log in. A duty must lie within a right that registrars
gave the agency.`,
    )
    .action((id: string, names: string[], { may, issuer, login, ...options }: Options & Naming) => {
      const officers = names.map((each) => ({
        id: each,
        may,
        ...loginOf(issuer, login, names),
      }))
      return stateOf(id, { act: 'name-officers', officers }, options, place)
    })
  stating(officer.command('end'))
    .description('Let officers decide nothing for an agency any more. One signature is enough.')
    .argument('<agency>')
    .argument('<officer...>', 'their ids')
    .action((id: string, officers: string[], options: Options) =>
      stateOf(id, { act: 'end-officers', officers }, options, place),
    )
}

const { 'request.channel': channel } = vocabulary
const channels = channel?.type === 'enum' ? Object.keys(channel.values) : []

function addPasskeys(passkey: Command, place: Place): void {
  stating(passkey.command('add'))
    .description('Let an officer act in a browser with a passkey. Two of the agency’s keys sign.')
    .argument('<agency>')
    .argument('<file>', 'its public half, as the officer’s page “Your passkey” gives it')
    .addOption(
      new Option(
        '--channel <channel>',
        'the channel that it signs on, for an agency on several',
      ).choices(channels),
    )
    .addHelpText(
      'after',
      `
The file came through pages of the gateway’s operator: ask the officer by another way whether the fingerprint is the
one that their page shows. It ends by \`comity agency key revoke\`, by which any key of the agency ends it at once, or
with its officer.`,
    )
    .action((id: string, file: string, options: Options & Pick<NewPasskey, 'channel'>) => {
      const { channel } = options
      const key = { ...readJson(file, newPasskeySchema), ...(channel && { channel }) }
      return stateOf(id, { act: 'add-passkey', key }, options, place)
    })
}

/** What is said of officers who are named. */
type Naming = {
  readonly may: OfficerRole[]
  readonly issuer?: string
  readonly login?: string
}

/** The login of the officer who is named, if any is given. One login is one person. */
function loginOf(iss: string | undefined, sub: string | undefined, names: readonly string[]) {
  if (iss === undefined && sub === undefined) return {}
  const login = loginSchema.safeParse({ iss, sub })
  if (login.success && names.length === 1) return { login: login.data }
  throw misuse(
    names.length === 1
      ? 'couldn’t name the officer: give `--issuer` and `--login` together, as the login provider writes them'
      : 'couldn’t name the officers: a login is of one officer; name each by a command of its own',
  )
}

/** Adds `registrars` to `comity agency`. */
export function addRegistrars(agency: Command, place: Place): void {
  const registrars = agency
    .command('registrars')
    .description('Show who signs what the register says, or replace them.')
  looking(registrars.command('show'))
    .description('Show the registrars as they are now, and how they came to be.')
    .action((options: Options) =>
      withRegister(place, options, async ({ registrars: { sets, tip }, successions }) => {
        const now = sets.at(-1)?.registrars ?? []
        const floor = `The floor, for \`registerFloor\` in the settings: ${JSON.stringify(tip)}`
        const lines = [
          ...now.map((each) => `- ${nameOf(each)}`),
          ...historyLines(successions),
          ...(tip.number === 0 ? [] : [floor]),
        ]
        printed(options.json, now, () => lines)
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
      withRegister(place, options, async (register) => {
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
