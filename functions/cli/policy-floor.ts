/** `comity policy floor`: the oldest set of the law that may start, stated with two release keys. */

import type { Command } from 'commander'
import * as z from 'zod'
import { dynamodb } from '../adapters/dynamodb.ts'
import { readFloors, stateFloor } from '../adapters/floor-dynamodb.ts'
import { lawToRun } from '../adapters/policies-files.ts'
import { localTableNames } from '../adapters/tables.ts'
import { saying } from '../policy/book.ts'
import { run } from '../policy/carried.ts'
import { type Floor, floorOf, isLower } from '../policy/floor.ts'
import { whySchema } from '../policy/policy.ts'
import type { LawSet } from '../policy/set.ts'
import type { Place } from './agency-sign.ts'
import { confirm } from './ask.ts'
import { exitCodes, Failure } from './exit.ts'
import { readJson } from './files.ts'
import { releaseKeyIn, startable } from './policy-set.ts'
import { refused } from './signing.ts'

type Options = {
  readonly key: readonly string[]
  readonly why?: string
  readonly deployed?: string
  readonly dryRun?: true
  readonly yes?: true
}

/** What `--deployed` names: the table of the register, in which floors are, too. */
const deployedSchema = z.looseObject({ register: z.string() })

/** Adds `floor` to the policy commands. */
export function addPolicyFloor(
  policy: Command,
  folder: string,
  { data, openStore }: Pick<Place, 'data' | 'openStore'>,
): void {
  policy
    .command('floor')
    .description('State that nothing older than the signed set may start from now on.')
    .requiredOption('--key <file...>', 'both private release keys')
    .option('--why <sentence>', 'why the floor goes down; one that goes up needs no reason')
    .option('--deployed <file>', 'a gateway in the cloud: the table of its register, as JSON')
    .option('--dry-run', 'only say what would be stated')
    .option('--yes', 'sign without being asked to type the name of the set')
    .addHelpText(
      'after',
      `
A release states it once its canary has ended: until then the set before can come back. A gateway that runs
goes on; one that starts refuses a set that is below.`,
    )
    .action(async ({ key, why, deployed, dryRun, yes }: Options) => {
      const law = startable(() => run(lawToRun(folder)))
      const keys = key.map((file) => releaseKeyIn(file, law.releaseKeys))
      const local = deployed === undefined ? await openStore(data) : undefined
      const client = local?.client ?? dynamodb()
      const table =
        deployed === undefined
          ? localTableNames().register
          : readJson(deployed, deployedSchema).register
      try {
        const floors = await readFloors(client, table, law.releaseKeys)
        if ('fault' in floors)
          throw new Failure(
            `couldn’t read the floor: statement ${floors.fault.place.slice(1)} does not count: ${saying(floors.fault)}`,
            exitCodes.integrityFailed,
          )
        const floor = floorOf(law.set, floors.tip, new Date().toISOString(), why, keys)
        refuse(floor, floors.floor, keys.length)
        console.log(floorLines(law.set, floor, floors.floor).join('\n'))
        if (dryRun) return
        const name = floor.body.set.slice(0, 12)
        await confirm([name], yes ?? false)
        if (!(await stateFloor(client, table, floor)))
          throw refused('couldn’t state the floor: somebody else did meanwhile; look again')
        console.log(`the floor is the set ${name}, as statement ${floor.number}`)
      } finally {
        if (local === undefined) client.destroy()
        else await local.close()
      }
    })
}

function refuse({ body }: Floor, before: Floor | undefined, keys: number): void {
  if (keys < 2) throw refused('couldn’t state the floor: two release keys sign it: --key A B')
  if (before?.body.set === body.set)
    throw refused('couldn’t state the floor: it is this set already')
  if (
    before !== undefined &&
    isLower(body.heads, before.body.heads) &&
    !whySchema.safeParse(body.why).success
  )
    throw new Failure(
      'couldn’t state the floor: it goes down; say why in a full sentence: --why "The last set denied too much."',
      exitCodes.usage,
    )
}

/** From which seal to which the floor goes, folder by folder. */
function floorLines({ folders }: LawSet, { body }: Floor, before: Floor | undefined) {
  const then = before?.body.heads ?? {}
  const names = [...new Set([...Object.keys(then), ...Object.keys(folders)])].sort()
  return [
    before === undefined
      ? 'The first floor.'
      : `The floor was the set ${before.body.set.slice(0, 12)}.`,
    ...names
      .filter((name) => then[name]?.digest !== body.heads[name]?.digest)
      .map(
        (name) =>
          `- ${name}: seal ${body.heads[name]?.number ?? 0} (${then[name]?.number ?? 0} before)`,
      ),
    ...(body.why === undefined ? [] : [`Why: ${body.why}`]),
  ]
}
