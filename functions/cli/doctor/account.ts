/** The doctor's look at an AWS account before the first deployment: what it lacks, and what to ask AWS for. */

import * as z from 'zod'
import type { AwsAccount } from '../../adapters/aws-account.ts'
import { valueIn } from '../../policy/json.ts'
import { type Check, fault, listSome, ok, warning } from './check.ts'
import { usualInstances } from './usual-instances.ts'

/** As text from a command line, or as a list or object from `cdk.json`. */
const parsed = (given: unknown): unknown =>
  typeof given === 'string' ? (valueIn(given) ?? given) : given
const instances = z.preprocess(
  parsed,
  z.record(z.string(), z.looseObject({ instancesMax: z.coerce.number().optional() })),
)
const regions = z.preprocess(
  (given) => (typeof given === 'string' ? given.split(',') : given),
  z.array(z.string()),
)

/** What `cdk.json` says of the deployment, as far as it matters to an account. `infra/settings.ts` checks it all. */
export const planSchema = z.looseObject({
  context: z
    .looseObject({
      environment: z.string().default('dev'),
      regions: regions.optional(),
      functions: instances.default({}),
      reserveInstances: z.preprocess(parsed, z.boolean()).optional(),
      logins: z.preprocess(parsed, z.array(z.unknown())).default([]),
      certificate: z.string().optional(),
      auditCertificate: z.string().optional(),
    })
    .prefault({}),
})
type Plan = z.infer<typeof planSchema>['context']

/** Checks the account in the Region of the stack; `at` opens it in any Region. */
export async function checkAccount(
  plan: Plan,
  region: string,
  at: (region: string) => AwsAccount,
): Promise<readonly Check[]> {
  const { environment, regions: [home = region, replica] = [] } = plan
  const stack = `Comity-${environment}`
  const account = at(home)
  const caller = await account.caller()
  if ('why' in caller) return [unknown('Account', caller.why)]
  const { account: id, arn } = caller.answer
  return [
    ok('Account', `${id}, as ${arn}`),
    ...(home === region
      ? []
      : [fault('Region', `${region} is asked for, and cdk.json says ${home}`, 'use one of them')]),
    await checkBootstrap(account, id, home),
    ...(replica === undefined ? [] : [await checkBootstrap(at(replica), id, replica)]),
    await checkStack(account, stack),
    await checkTables(account, stack),
    await checkInstances(account, plan),
    await checkTrail(account),
    await checkRights(account, arn),
    ...(await checkCertificates(account, plan, home)),
  ]
}

/** Nothing is known of it, which is not as if all were well. */
const unknown = (looked: string, why: string): Check =>
  ['there are no credentials', 'ExpiredToken', 'InvalidClientTokenId'].includes(why)
    ? fault(looked, `AWS does not know who asks: ${why}`, 'log in, and set AWS_PROFILE')
    : warning(looked, `not looked at: ${why}`, 'look yourself, or ask as somebody who may read it')

/** The least bootstrap that CDK 2 takes. */
const bootstrapMin = 6

async function checkBootstrap(account: AwsAccount, id: string, region: string): Promise<Check> {
  const looked = `Bootstrap in ${region}`
  const fix = `run \`npx cdk bootstrap aws://${id}/${region}\`; if the Region is not one of your account, enable it first`
  const stack = await account.stack('CDKToolkit')
  if ('why' in stack) return unknown(looked, stack.why)
  if (stack.answer === undefined) return fault(looked, 'there is none', fix)
  const version = Number(stack.answer.version ?? 0)
  return version < bootstrapMin
    ? fault(looked, `it is of version ${version}, and ${bootstrapMin} is needed`, fix)
    : ok(looked, `of version ${version}`)
}

async function checkStack(account: AwsAccount, name: string): Promise<Check> {
  const looked = `Stack ${name}`
  const stack = await account.stack(name)
  if ('why' in stack) return unknown(looked, stack.why)
  if (stack.answer === undefined) return ok(looked, 'its name is free')
  const { status } = stack.answer
  const failed = 'infra/README.md says what to do if the first try fails'
  if (/^ROLLBACK_/.test(status))
    return fault(looked, `a first try was taken back: ${status}`, failed)
  if (status === 'CREATE_FAILED') return warning(looked, 'a first try stopped half-way', failed)
  return /FAILED|IN_PROGRESS|^DELETE/.test(status)
    ? fault(looked, `it is in ${status}`, 'wait, or have CloudFormation finish it')
    : ok(looked, `it is there: ${status}`)
}

/** Tables that stay when a stack goes are empty, or somebody's data. */
async function checkTables(account: AwsAccount, stack: string): Promise<Check> {
  const looked = 'Tables'
  const [tables, there] = [await account.tables(`${stack}-`), await account.stack(stack)]
  if ('why' in tables) return unknown(looked, tables.why)
  if ('answer' in there && there.answer !== undefined)
    return ok(looked, `${tables.answer.length} begin with ${stack}-`)
  return tables.answer.length === 0
    ? ok(looked, `none begins with ${stack}-`)
    : warning(
        looked,
        `${listSome(tables.answer)} without a stack`,
        'an earlier deployment or try left them, and this one makes its own: keep them if they hold entries',
      )
}

/** What AWS leaves unreserved of every account. */
const unreserved = 100

async function checkInstances(account: AwsAccount, plan: Plan): Promise<Check> {
  const looked = 'Instances of Lambda'
  const wanted = Object.entries(usualInstances)
    .filter(([door]) => door !== 'console' || plan.logins.length > 0)
    .reduce((sum, [door, usual]) => sum + (plan.functions[door]?.instancesMax ?? usual), 0)
  const quota = await account.instances()
  if ('why' in quota) return unknown(looked, quota.why)
  const { all, free } = quota.answer
  const isReserved = plan.reserveInstances ?? plan.environment !== 'dev'
  const needed = isReserved ? wanted + unreserved : wanted
  const found = `${free} of ${all} are free, and ${needed} are needed${isReserved ? `: ${wanted} to reserve, and ${unreserved} that AWS keeps free` : ''}`
  if (free >= needed) return ok(looked, found)
  const ask = `ask AWS for ${all - free + needed} (\`aws service-quotas request-service-quota-increase --service-code lambda --quota-code L-B99A9384 --desired-value ${Math.max(1000, all - free + needed)}\`)`
  return isReserved
    ? fault(looked, found, `${ask}, or set \`reserveInstances\` to false until it is granted`)
    : warning(looked, found, ask)
}

async function checkTrail(account: AwsAccount): Promise<Check> {
  const looked = 'Trail'
  const fix =
    'have CloudTrail log management events in this Region: people are told of changed policies by it'
  const trails = await account.trails()
  if ('why' in trails) return unknown(looked, trails.why)
  for (const { TrailARN } of trails.answer) {
    const logs = await account.isLogging(TrailARN)
    if ('answer' in logs && logs.answer) return ok(looked, 'the account’s trail logs here')
  }
  return warning(looked, 'none logs in this Region', fix)
}

/** What the steps of the first deployment call: the bootstrap's roles do the rest. */
const actionsOfSteps = [
  'sts:AssumeRole',
  'cloudformation:DescribeStacks',
  'dynamodb:PutItem',
  'dynamodb:Query',
  'dynamodb:Scan',
  'kms:GetPublicKey',
]

async function checkRights(account: AwsAccount, arn: string): Promise<Check> {
  const looked = 'Rights'
  // IAM simulates for users and roles; a session is of a role.
  const [, partition, id, role] = /^arn:([\w-]+):sts::(\d+):assumed-role\/([^/]+)\//.exec(arn) ?? []
  const of = role === undefined ? arn : `arn:${partition}:iam::${id}:role/${role}`
  const allowed = await account.allowed(of, actionsOfSteps)
  if ('why' in allowed) return unknown(looked, allowed.why)
  const missing = actionsOfSteps.filter((each) => !allowed.answer.includes(each))
  return missing.length === 0
    ? ok(looked, 'IAM lets you do each step; what organisations forbid is not looked at')
    : warning(
        looked,
        `IAM does not let you ${listSome(missing)} on everything`,
        'see that it lets you on what is deployed, or deploy as somebody who may',
      )
}

async function checkCertificates(
  account: AwsAccount,
  { certificate, auditCertificate }: Plan,
  home: string,
): Promise<readonly Check[]> {
  const checks: Check[] = []
  for (const arn of [certificate, auditCertificate]) {
    if (arn === undefined) continue
    const looked = 'Certificate'
    if (arn.split(':')[3] !== home) {
      checks.push(fault(looked, `${arn} is not of ${home}`, `have ACM issue one in ${home}`))
      continue
    }
    const status = await account.certificate(arn)
    if ('why' in status) checks.push(unknown(looked, status.why))
    else if (status.answer === 'ISSUED') checks.push(ok(looked, `${arn} is issued`))
    else checks.push(fault(looked, `${arn} is ${status.answer}`, 'wait until ACM has issued it'))
  }
  return checks
}
