/** `comity doctor`: checks a gateway and says how to fix it. */

import { existsSync, globSync, statfsSync, statSync } from 'node:fs'
import { join } from 'node:path'
import type { Command } from 'commander'
import * as z from 'zod'
import { awsAccount } from '../adapters/aws-account.ts'
import { buildDigest } from '../adapters/build-digest.ts'
import type { OpenStore } from '../adapters/log-export.ts'
import { keysFile, type Trust } from '../ledger/verify-files.ts'
import { url as address } from '../terminal/arguments.ts'
import { printed } from '../terminal/columns.ts'
import { counted } from '../terminal/counted.ts'
import { exitCodes, misuse } from '../terminal/exit.ts'
import { readJson } from '../terminal/files.ts'
import { paint } from '../terminal/say.ts'
import { checkAccount, planSchema } from './doctor/account.ts'
import { type Check, fault, listSome, type Mark, ok, warning } from './doctor/check.ts'
import { checkGateway } from './doctor/gateway.ts'
import { checkLaw } from './doctor/law.ts'
import { checkCheckpoints, checkStore } from './doctor/log.ts'

/** What the doctor checks by default. */
export type Patient = {
  /** The folder of the project. */
  readonly root: string
  readonly data: string
  readonly url: string
  readonly openStore: OpenStore
}

type Options = {
  readonly url?: string
  readonly auditUrl?: string
  readonly trust?: string
  readonly build?: string
  readonly account?: true
  readonly region?: string
  readonly json?: true
}

/** Adds `doctor` to the program. */
export function addDoctor(program: Command, patient: Patient): void {
  program
    .command('doctor')
    .description('Check a gateway and say how to fix it.')
    .option('--url <url>', 'a deployed gateway; without it, the local one', address)
    .option('--audit-url <url>', 'where its auditors call; without it, the same address', address)
    .option('--trust <file>', 'the pinned keys; without it, `trust.json` of the local gateway')
    .option('--build <digest>', 'the build that should answer; of the local gateway, this folder')
    .option('--account', 'an AWS account, before the first deployment there')
    .option('--region <region>', 'its Region; without it, that of `cdk.json`, or AWS_REGION')
    .option('--json', 'print as JSON')
    .addHelpText(
      'after',
      `
It looks at this machine (Node, packages), the policies (faults, whose seals count, drafts, suspensions,
what begins or ends in 30 days), the gateway (TLS, build, clock, receipt keys, the address that it knows
itself by, its law), and the log (the newest checkpoints and who cosigned them). Of the local gateway also
at the key files, the disk, entries that are not in the log yet, keys of agencies that end soon, and whether the rows of
what offices said say what was entered.
With --account it looks at nothing of this, but at an AWS account, with your credentials and reading alone: the
bootstrap of each Region, names that are taken, instances of Lambda, the trail, your rights, certificates; it says what
to ask AWS for. What \`cdk.json\` says is what is to be deployed.
Exit code 0: no fault, perhaps warnings; 1: a fault.`,
    )
    .action(async (options: Options) => {
      const checks = options.account
        ? await examineAccount(patient, options)
        : await examine(patient, options, new Date())
      if (checks.some(({ mark }) => mark === 'fault')) process.exitCode = exitCodes.unexpected
      printed(options.json, { checks }, () => checkLines(checks))
    })
}

/** Looks at the account alone. */
async function examineAccount(
  { root }: Patient,
  { region, url, auditUrl, trust, build }: Options,
): Promise<readonly Check[]> {
  if ([url, auditUrl, trust, build].some((each) => each !== undefined))
    throw misuse('an account or a gateway: leave out the other options')
  const { context } = readJson(join(root, 'cdk.json'), planSchema)
  const home = region ?? context.regions?.[0] ?? process.env.AWS_REGION
  if (home === undefined) throw misuse('say which Region is meant: --region')
  return checkAccount(context, home, (each) => awsAccount(each))
}

/** Runs every check, except those that need what an earlier check did not find. */
async function examine(
  { root, data, url: localUrl, openStore }: Patient,
  options: Options,
  now: Date,
): Promise<readonly Check[]> {
  const isLocal = options.url === undefined
  if (isLocal && options.auditUrl !== undefined)
    throw misuse('say which gateway is meant, too: --url')
  const url = options.url ?? localUrl
  const auditUrl = options.auditUrl ?? url
  const trust = trustIn(options.trust ?? (isLocal ? join(data, 'trust.json') : undefined))
  const law = checkLaw(join(root, 'policies'), now)
  const gateway = await checkGateway({
    url,
    auditUrl,
    build: options.build,
    ownBuild: isLocal ? buildDigest(join(root, 'functions')) : undefined,
    receiptKeys: trust?.receipts.keys.map(({ kid }) => kid),
    book: law.book,
    renew: isLocal
      ? 'start it again: it runs what was here when it started'
      : 'deploy, or look at what is meant to run',
    start: isLocal
      ? 'run `npm start`, or set PORT'
      : 'look at the address, the network and the lines of the function',
  })
  return [
    checkNode(process.versions.node),
    checkPackages(root),
    ...law.checks,
    ...gateway.checks,
    ...(gateway.answers ? await checkLog(auditUrl, trust) : []),
    ...(isLocal ? await checkLocal(data, openStore, trust, now) : []),
  ]
}

const trustIn = (file: string | undefined): Trust | undefined =>
  file === undefined || (file.endsWith('trust.json') && !existsSync(file))
    ? undefined
    : readJson(file, keysFile)

const checkLog = (url: string, trust: Trust | undefined): Promise<readonly Check[]> =>
  trust === undefined
    ? Promise.resolve([
        warning(
          'Log',
          'not looked at: no keys of it are pinned',
          'give them with --trust; `comity log verify --help` says what they are',
        ),
      ])
    : checkCheckpoints(url, trust)

async function checkLocal(
  data: string,
  openStore: OpenStore,
  trust: Trust | undefined,
  now: Date,
): Promise<readonly Check[]> {
  const files = [checkKeyFiles(data), checkDisk(data)]
  if (trust === undefined) return files
  const logs = trust.logs.map(({ name }) => name)
  return [...files, ...(await checkStore(data, openStore, logs, now))]
}

const colours = { ok: 'green', warning: 'yellow', fault: 'red' } as const

function checkLines(checks: readonly Check[]): readonly string[] {
  const count = (mark: Mark) => checks.filter((each) => each.mark === mark).length
  const warnings = count('warning') === 0 ? [] : [counted(count('warning'), 'warning')]
  const faults = count('fault') === 0 ? [] : [counted(count('fault'), 'fault')]
  const sum = [...faults, ...warnings].join(', ')
  return [
    ...checks.map(
      ({ mark, looked, found, fix }) =>
        `${paint(colours[mark], mark.padEnd(7))}  ${looked}: ${found}${fix === undefined ? '' : `. Fix: ${fix}`}.`,
    ),
    sum === '' ? 'All is well.' : `${sum}.`,
  ]
}

/** The Node version that everything is tested with. An older one fails before it gets this far. */
const nodeMajor = 24

/** Whether this is the Node that the gateway is made for. */
export function checkNode(version: string): Check {
  const major = Number(version.split('.')[0])
  if (major === nodeMajor) return ok('Node', version)
  const fix = `use Node ${nodeMajor}: \`npm ci\` brings it on Linux and Windows, and \`npx\` takes it in that folder`
  return major < nodeMajor
    ? fault('Node', `${version} is too old`, fix)
    : warning('Node', `nothing was tested with ${version}`, fix)
}

const versions = z.record(z.string(), z.string()).default({})
const wanted = z.looseObject({ dependencies: versions, devDependencies: versions })
const installed = z.looseObject({ version: z.string() })

/** Whether what is installed is what the project was tested with. */
export function checkPackages(root: string): Check {
  const { dependencies, devDependencies } = readJson(join(root, 'package.json'), wanted)
  const all = Object.entries({ ...dependencies, ...devDependencies })
  const wrong = all.flatMap(([name, version]) => {
    const file = join(root, 'node_modules', name, 'package.json')
    if (!existsSync(file)) return [`${name} is not there`]
    const found = readJson(file, installed).version
    return found === version ? [] : [`${name} is ${found}, not ${version}`]
  })
  return wrong.length === 0
    ? ok('Packages', `${all.length} as package.json names them`)
    : fault('Packages', listSome(wrong), 'run `npm ci`')
}

/** The files of the data folder that hold secrets. */
const secret = ['*.key', '*.pem', 'agencies/*.json']

/** Whether nobody but the owner of the data folder can read the keys in it. */
export function checkKeyFiles(data: string): Check {
  const looked = 'Key files'
  // There, access lists say who may read, and Node does not see them.
  if (process.platform === 'win32') return ok(looked, 'not looked at on Windows')
  const files = globSync(secret, { cwd: data }).sort()
  if (files.length === 0)
    return fault(
      looked,
      `there are none in \`${data}\``,
      'start the gateway once with `npm start`, or set COMITY_DATA',
    )
  const open = files.filter((file) => (statSync(join(data, file)).mode & 0o077) !== 0)
  return open.length === 0
    ? ok(looked, `${files.length} that their owner alone may read`)
    : fault(
        looked,
        `others can read ${listSome(open)}`,
        `run \`chmod 600\` on them in \`${data}\`, and replace these keys: they may be known`,
      )
}

/** Free bytes on the disk: below the first it is soon full, below the second no entry can be written. */
const roomLow = 1_000_000_000
const roomMin = 100_000_000

/** Whether there is room for more entries. */
export function checkDisk(data: string): Check {
  const looked = 'Disk'
  const { bavail, bsize } = statfsSync(existsSync(data) ? data : '.')
  const bytes = bavail * bsize
  const found = `${(bytes / 1e9).toFixed(1)} GB are free for \`${data}\``
  const fix = 'make room: without it nothing can be entered, and so nothing is answered'
  if (bytes < roomMin) return fault(looked, found, fix)
  return bytes < roomLow ? warning(looked, found, fix) : ok(looked, found)
}
