/** `comity upgrade`: what of a gateway's data stops counting once this version runs. */

import type { Command } from 'commander'
import * as z from 'zod'
import { allVouched } from '../adapters/attestations-dynamodb.ts'
import { dynamodb } from '../adapters/dynamodb.ts'
import { sealedPolicies } from '../adapters/policies-files.ts'
import { dynamodbRegister } from '../adapters/register-dynamodb.ts'
import { localTableNames } from '../adapters/tables.ts'
import type { NotCounting } from '../decision/attested.ts'
import { demonstrationRegistrars, registrarsSchema } from '../identity/registrars.ts'
import { inForce } from '../policy/history.ts'
import type { KeptAttestation } from '../ports.ts'
import { beside, screen } from './columns.ts'
import { exitCodes, Failure } from './exit.ts'
import { readJson } from './files.ts'
import { counted, type OpenStore } from './log-export.ts'
import { paint, section } from './say.ts'
import { type Looked, lookAt, stops } from './upgrade-look.ts'

/** Where a gateway in the cloud keeps what is looked at. */
const deployedSchema = z.strictObject({
  attestations: z.string(),
  register: z.string(),
  /** The first registrars, as the deployment pins them. */
  registrars: registrarsSchema,
})
type Tables = z.infer<typeof deployedSchema>

type Options = { readonly dryRun?: true; readonly deployed?: string; readonly json?: true }

/** Adds `upgrade` to the program. */
export function addUpgrade(
  program: Command,
  policies: string,
  data: string,
  openStore: OpenStore,
): void {
  program
    .command('upgrade')
    .description('Look what of a gateway’s data stops counting once this version runs.')
    .option('--dry-run', 'only look; there is nothing that this command changes')
    .option('--deployed <file>', 'a gateway in the cloud: its tables, as JSON')
    .option('--json', 'print every finding as JSON')
    .addHelpText(
      'after',
      `
It looks at the attestations that were given, at the register and at the sealed policies of this folder. Run it
before a new version starts on old data. Without --deployed, it looks at the local gateway. Its file says
{ "attestations": "<table>", "register": "<table>", "registrars": [the registrars that are pinned] }; they are read with the credentials of the environment.
Exit code 0: nothing stops; 6: something does.`,
    )
    .action(async ({ dryRun, deployed, json }: Options) => {
      if (!dryRun)
        throw new Failure(
          'couldn’t upgrade: nothing is changed by a command. See what stops counting with --dry-run',
          exitCodes.usage,
        )
      const looked = await look(policies, data, openStore, deployed)
      if (stops(looked)) process.exitCode = exitCodes.limitExceeded
      console.log(json ? JSON.stringify(looked, null, 2) : lookedLines(looked).join('\n'))
    })
}

async function look(
  policies: string,
  data: string,
  openStore: OpenStore,
  deployed: string | undefined,
): Promise<Looked> {
  const now = new Date()
  const rules = inForce(sealedPolicies(policies), now.toISOString(), now.toISOString())
  const opened = deployed === undefined ? await openStore(data) : undefined
  const client = opened?.client ?? dynamodb()
  const tables: Tables =
    deployed === undefined
      ? { ...localTableNames(), registrars: [...demonstrationRegistrars] }
      : readJson(deployed, deployedSchema)
  try {
    const all: (KeptAttestation | undefined)[] = []
    for await (const each of allVouched(client, tables.attestations)) {
      if (each === undefined) all.push(each)
      else if (each.attestation !== undefined && !each.isWithdrawn) all.push(each.attestation)
    }
    const { register, registrars } = tables
    const agencies = await dynamodbRegister(client, register, () => now, registrars).all()
    return lookAt(all, agencies, rules, now)
  } finally {
    if (opened === undefined) client.destroy()
    else await opened.close()
  }
}

/** What to do about facts that stop counting. */
const remedies: Readonly<Record<NotCounting, string>> = {
  'scope-not-of-fact': 'It is not said so broadly: attest it anew, for the matter.',
  'persons-not-named': 'A case may have many people: attest it anew, and name each.',
  'not-of-that-office': 'Let an office that may judge it attest it anew.',
  'life-and-limb-by-claim': 'Attest it anew of the country alone.',
  'too-long': 'Attest it anew, for a year at most.',
  'too-far-ahead': 'It begins more than a month after it was entered: attest it anew then.',
  'not-countersigned': 'Data protection signs it. comity attestation sign ID',
  'office-has-not-signed': 'The office that decided signs it. comity attestation sign ID',
  'necessity-not-presumed': 'No law presumes it between these two: an officer judges each matter.',
}

function lookedLines(looked: Looked): readonly string[] {
  const { attestations, stopping, unreadable, keys, grounds, rights, ending } = looked
  return [
    ...(stopping.length === 0
      ? [`Of ${counted(attestations, 'attestation')}, none stops counting.`]
      : stoppingLines(looked)),
    ...(unreadable === 0
      ? []
      : [
          `${counted(unreadable, 'row')} of attestations cannot be read: a request that meets one fails.`,
        ]),
    ...section(
      'Keys of agencies on several channels that say none; what they sign has no known channel',
      keys.map(({ agency, kid }) => `- ${agency}, key ${kid}: write its \`channel\``),
    ),
    ...section(
      'Grounds without `automation`; by rule alone they let nothing go',
      grounds.map((each) => `- ${each}`),
    ),
    ...section(
      'Rights to all facts; `*` is every fact that an office of its kind may vouch for',
      rights.map(({ agency, holder }) => `- ${agency}, for ${holder}`),
    ),
    ...section(
      'General attestations that end within 30 days',
      ending.map(
        ({ id, holder, fact, requester, until }) =>
          `- ${until.slice(0, 10)}: ${fact}, for ${holder} of ${requester}, ${id}`,
      ),
    ),
    stops(looked) ? 'Something stops.' : 'Nothing stops.',
  ]
}

function stoppingLines({ attestations, stopping }: Looked): readonly string[] {
  const rest = screen() - 44
  const widths = [24, 5, 12, rest]
  const [head, ...rows] = [
    ['Why', 'Facts', 'Would end', 'What to do'],
    ...[...Map.groupBy(stopping, ({ why }) => why)].map(([why, found]) => [
      why,
      String(found.length),
      found
        .map(({ until }) => until.slice(0, 10))
        .toSorted()
        .at(-1) ?? '',
      remedies[why],
    ]),
  ].map((cells) =>
    beside(
      cells.map((cell) => [cell]),
      widths,
    ),
  )
  const ids = new Set(stopping.map(({ id }) => id)).size
  return [
    `Of ${counted(attestations, 'attestation')}, ${ids} would stop counting, at once; --json lists them.`,
    ...(head ?? []).map((line) => paint('bold', line)),
    ...rows.flat(),
  ]
}
