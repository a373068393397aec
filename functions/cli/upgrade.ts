/** `comity upgrade`: which data of a gateway stop counting once this version runs; and the store says its format. */

import type { Command } from 'commander'
import { allVouched } from '../adapters/attestations-scan.ts'
import type { LocalGateway } from '../adapters/log-export.ts'
import { dynamodbMemory } from '../adapters/memory-dynamodb.ts'
import { sealedPolicies } from '../adapters/policies-files.ts'
import { dynamodbRegister } from '../adapters/register-dynamodb.ts'
import { localTableNames } from '../adapters/tables.ts'
import { packedVersion } from '../adapters/version.ts'
import { deployedIn, needed, onTables } from '../client/deployed-store.ts'
import { dayMs, type KeyUse, statementsOf } from '../decision/attestation.ts'
import { type NotCounting, whyNever } from '../decision/attested.ts'
import { type Agency, channelOfKey } from '../identity/register.ts'
import { demonstrationRegistrars } from '../identity/registrars.ts'
import { formatOf, storeFormat, writeFormat } from '../machine/store-format.ts'
import { type InForce, inForce } from '../policy/history.ts'
import { presumedList, vouching } from '../policy/vouching.ts'
import type { KeptAttestation } from '../ports.ts'
import { printed, row, screen } from '../terminal/columns.ts'
import { counted } from '../terminal/counted.ts'
import { exitCodes, misuse } from '../terminal/exit.ts'
import { paint, section } from '../terminal/say.ts'

type Options = { readonly dryRun?: true; readonly deployed?: string; readonly json?: true }

/** Adds `upgrade` to the program. */
export function addUpgrade(program: Command, policies: string, place: LocalGateway): void {
  program
    .command('upgrade')
    .description(
      'Look what of a gateway’s data stops counting, and have its store be of this version.',
    )
    .option('--dry-run', 'only look, and change nothing')
    .option('--deployed <file>', 'a deployed gateway: its tables or database, as JSON')
    .option('--json', 'print every finding as JSON')
    .addHelpText(
      'after',
      `
It looks at the attestations that were given, at the register and at the sealed policies of this folder. Run it
before a new version starts on old data. Without --deployed, it looks at the local gateway. Its file says
{ "attestations": "<table>", "register": "<table>", "registrars": [the registrars that are pinned] }, read with the
credentials of the environment; or { "postgres": "postgresql://…", "registrars": […] } on machines of one's own.
If nothing stops, and without --dry-run, the store then says the format of this version, so that no older one starts on
it where it could not read it. In the cloud a deployment does what is new, and --dry-run is needed.
Exit code 0: nothing stops; 6: something does, and nothing was changed; 1: a newer version wrote the store.`,
    )
    .action(async ({ dryRun, deployed, json }: Options) => {
      const looked = await look(policies, place, deployed, dryRun ?? false)
      if (stops(looked)) process.exitCode = exitCodes.limitExceeded
      printed(json, looked, () => lookedLines(looked).toSpliced(-1, 0, ...formatLines(looked)))
    })
}

async function look(
  policies: string,
  place: LocalGateway,
  deployed: string | undefined,
  isDry: boolean,
): Promise<Looked & Partial<FormatTold>> {
  const now = new Date()
  const rules = inForce(sealedPolicies(policies), now.toISOString(), now.toISOString())
  const named = deployedIn(deployed)
  const { attestations, register, signatures } = named ?? localTableNames()
  const isCloud = named && (named.postgres ?? named.endpoint) === undefined
  if (isCloud && !isDry)
    throw misuse(
      'couldn’t upgrade: in the cloud a deployment does. See what stops counting with --dry-run',
    )
  const registrars = named ? needed(named, 'registrars', deployed) : demonstrationRegistrars
  return onTables(place, named, async (client) => {
    const memory = dynamodbMemory(client, signatures, 'signer')
    const before = isCloud ? undefined : await formatOf(memory)
    const all: (KeptAttestation | undefined)[] = []
    for await (const each of allVouched(client, attestations)) {
      if (each === undefined) all.push(each)
      else if (each.attestation !== undefined && !each.isTakenBack) all.push(each.attestation)
    }
    const agencies = await dynamodbRegister(client, register, () => now, registrars).all()
    const looked = lookAt(all, agencies, rules, now)
    if (before === undefined) return looked
    const isWritten = !isDry && !stops(looked)
    if (isWritten) await writeFormat(memory, packedVersion)
    return { ...looked, format: { before, after: isWritten ? storeFormat : before } }
  })
}

/** Which format the store had, and has by now. */
type FormatTold = { readonly format: { readonly before: number; readonly after: number } }

const formatLines = ({ format }: Partial<FormatTold>): readonly string[] => {
  if (format === undefined) return []
  const { before, after } = format
  if (before < after) return [`The store had format ${before}, and has ${after} from now on.`]
  const next = after < storeFormat ? `; this version writes ${storeFormat}, without --dry-run` : ''
  return [`The store has format ${after}${next}.`]
}

/** Why something stops counting: as for requests, or since nothing leads to the entry of an act on it. */
type WhyStopping = NotCounting | 'signature-without-entry' | 'person-without-entry'

/** What to do about facts that stop counting. */
const remedies: Readonly<Record<WhyStopping, string>> = {
  'scope-not-of-fact': 'It is not said so broadly: attest it anew, for the matter.',
  'persons-not-named': 'A case may have many people: attest it anew, and name each.',
  'not-of-that-office': 'Let an office that may judge it attest it anew.',
  'life-and-limb-by-claim': 'Attest it anew of the country alone.',
  'too-long': 'Attest it anew, for a year at most.',
  'too-far-ahead': 'It begins more than a month after it was entered: attest it anew then.',
  'not-countersigned': 'Data protection signs it. comity attestation sign ID',
  'office-has-not-signed': 'The office that decided signs it. comity attestation sign ID',
  'signature-without-entry': 'Whoever signed second signs anew. comity attestation sign ID',
  'person-without-entry': 'Attest it anew, and name each person.',
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
  ].map((cells) => row(cells, widths))
  const ids = new Set(stopping.map(({ id }) => id)).size
  return [
    `Of ${counted(attestations, 'attestation')}, ${ids} would stop counting, at once; --json lists them.`,
    ...(head ?? []).map((line) => paint('bold', line)),
    ...rows.flat(),
  ]
}

/** A fact that stops counting: until when it would have counted, and why it no longer does. */
type Stopping = {
  readonly id: string
  readonly holder: string
  readonly fact: string
  readonly until: string
  readonly why: WhyStopping
}

/** A general attestation that ends soon. */
type Ending = Omit<Stopping, 'why'> & { readonly requester: string }

/** What was found, grouped by where somebody must act. */
export type Looked = {
  /** How many attestations there are that have not ended. */
  readonly attestations: number
  readonly stopping: readonly Stopping[]
  /** Rows that this version cannot read: a request that meets one fails. */
  readonly unreadable: number
  /** Keys that name no channel, of agencies with several: the channel of what they sign is unknown. */
  readonly keys: readonly { readonly agency: string; readonly kid: string }[]
  /** Grounds in force without `automation`: by rule alone, they let nothing go. */
  readonly grounds: readonly string[]
  /** Rights to `*` in the register, which now means every fact that an office of its kind may vouch for. */
  readonly rights: readonly { readonly agency: string; readonly holder: string }[]
  readonly ending: readonly Ending[]
}

/** How soon a general attestation must end to be listed, ms. */
const endingMs = 30 * dayMs

/** Looks at everything except attestations that have ended. */
export function lookAt(
  all: readonly (KeptAttestation | undefined)[],
  agencies: readonly Agency[],
  rules: InForce,
  now: Date,
): Looked {
  const lasting = all.filter((each) => each !== undefined).filter((each) => endOf(each) > +now)
  return {
    attestations: lasting.length,
    stopping: lasting.flatMap((each) => stopping(each, agencies, rules)),
    unreadable: all.filter((each) => each === undefined).length,
    keys: agencies.flatMap((agency) =>
      agency.keys
        .filter(({ kid, status }) => status === 'active' && isWithoutChannel(agency, kid))
        .map(({ kid }) => ({ agency: agency.id, kid })),
    ),
    grounds: rules.policies
      .filter(({ file }) => file.kind === 'ground' && !file.repealed && !file.automation)
      .map(({ id, version }) => `${id}@${version}`),
    rights: agencies.flatMap(({ id, attests }) =>
      attests
        .filter(({ facts }) => facts.includes('*'))
        .map(({ holder }) => ({ agency: id, holder })),
    ),
    ending: lasting.flatMap(({ scope, id, holder, fact, until, ...each }) =>
      scope.kind === 'general' && endOf({ until, ...each }) <= +now + endingMs
        ? [{ id, holder, fact, until, requester: scope.requester }]
        : [],
    ),
  }
}

/** Whether something stops counting. `rights` is not asked: a `*` that means less shows in `stopping`. */
export const stops = ({ stopping, unreadable, keys, grounds }: Looked): boolean =>
  stopping.length + unreadable + keys.length + grounds.length > 0

const endOf = ({ until }: Pick<KeptAttestation, 'until'>): number => Date.parse(until)

const isWithoutChannel = (agency: Agency, kid: string): boolean =>
  agency.channels.length > 1 && channelOfKey(agency, kid) === undefined

function stopping(
  attestation: KeptAttestation,
  agencies: readonly Agency[],
  rules: InForce,
): readonly Stopping[] {
  const { id, holder, until } = attestation
  return statementsOf(attestation).flatMap(({ fact }) => {
    const why =
      whyNever(attestation, fact) ??
      unpresumed(attestation, fact, agencies, rules) ??
      unentered(attestation)
    return why === undefined ? [] : [{ id, holder, fact, until, why }]
  })
}

/** A second signature, or a person added, counts only by its entry, to which rows of earlier versions do not lead. */
const unentered = ({
  signatures = [],
  added = [],
  uses = [],
}: KeptAttestation): WhyStopping | undefined => {
  const isShown = (what: KeyUse['did'], name: string, agency?: string) =>
    uses.some(
      (use) =>
        use.did === what && use.of === name && (agency ?? use.agency) === use.agency && use.entry,
    )
  if (!signatures.every(({ agency, as }) => isShown('sign', as, agency)))
    return 'signature-without-entry'
  return added.every((each) => isShown('add-person', each)) ? undefined : 'person-without-entry'
}

/** A general attestation of necessity counts only between states whose law presumes it. */
function unpresumed(
  { scope, holder }: KeptAttestation,
  fact: string,
  agencies: readonly Agency[],
  { lists }: InForce,
): NotCounting | undefined {
  if (scope.kind !== 'general' || !vouching[fact]?.generalIfPresumed) return undefined
  const own = agencies.find(({ id }) => id === holder)?.jurisdiction
  const isPresumed = [scope.requester, own].every(
    (each) => each !== undefined && lists[presumedList]?.includes(each),
  )
  return isPresumed ? undefined : 'necessity-not-presumed'
}
