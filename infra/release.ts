/**
 * How a new build goes out, and back. Callers know `live` alone. At a door, one call in ten goes to the
 * new version for some minutes, and then all do; if meanwhile an alarm goes off, all go to the version
 * before. The signer and the sealer change at once, before the doors, whose canary watches them: there is
 * one signer, and what one call in ten of a few a minute says is too little to go by.
 */

import { Duration, type Stack } from 'aws-cdk-lib'
import {
  Alarm,
  ComparisonOperator,
  type Metric,
  Stats,
  TreatMissingData,
} from 'aws-cdk-lib/aws-cloudwatch'
import {
  LambdaApplication,
  LambdaDeploymentConfig,
  LambdaDeploymentGroup,
} from 'aws-cdk-lib/aws-codedeploy'
import { Policy, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam'
import { aliasName, allow, type Live } from './function.ts'
import type { OpenDoor } from './http-door.ts'
import type { Settings } from './settings.ts'
import { runbookOf } from './watch.ts'

/** What goes out: the doors gradually, after those that change at once. */
export type Released = { readonly doors: readonly OpenDoor[]; readonly before: readonly Live[] }

const shifts = {
  0: LambdaDeploymentConfig.ALL_AT_ONCE,
  5: LambdaDeploymentConfig.CANARY_10PERCENT_5MINUTES,
  10: LambdaDeploymentConfig.CANARY_10PERCENT_10MINUTES,
  15: LambdaDeploymentConfig.CANARY_10PERCENT_15MINUTES,
  30: LambdaDeploymentConfig.CANARY_10PERCENT_30MINUTES,
} as const satisfies Readonly<Record<Settings['canaryMinutes'], unknown>>

/** Alarms of `watch.ts`: a sealer or a signer that works wrongly need not fail. */
const ofTheLog = ['EntryUnsealed', 'LogHalted', 'SignatureRefused']

/** Has new versions of the doors shift gradually, and back when an alarm goes off. */
export function gradualRelease(
  stack: Stack,
  { canaryMinutes }: Settings,
  { doors, before }: Released,
): void {
  const ofAll = [
    ...ofTheLog.map((id) => alarmOf(stack, id)),
    ...before.map((live) => functionFails(stack, live)),
  ]
  const application = new LambdaApplication(stack, 'Releases')
  const { role, rights } = shifter(stack, doors)
  for (const { live, api } of doors) {
    const { id } = live.lambda.node
    const group = new LambdaDeploymentGroup(stack, `${id}Release`, {
      application,
      // Without more policies: CDK would attach one of AWS's, over every function and many objects.
      role: role.withoutPolicyUpdates(),
      alias: live,
      deploymentConfig: shifts[canaryMinutes],
      alarms: [
        ...ofAll,
        functionFails(stack, live),
        apiFails(stack, id, api.metricServerError({ statistic: Stats.SUM })),
      ],
      // All at once is for what must be out whatever is ringing, such as the repair.
      ignoreAlarmConfiguration: canaryMinutes === '0',
      autoRollback: { deploymentInAlarm: true, failedDeployment: true, stoppedDeployment: true },
    })
    group.node.addDependency(rights)
    // The alarms listen to the new version before a call goes there.
    live.node.addDependency(group)
  }
}

/** Who shifts: CodeDeploy, which may point the doors' alias to another version and look at alarms. */
function shifter(stack: Stack, doors: readonly OpenDoor[]) {
  const role = new Role(stack, 'ReleaseRole', {
    assumedBy: new ServicePrincipal('codedeploy.amazonaws.com'),
  })
  const aliases = doors.flatMap(({ live: { lambda } }) => [
    lambda.functionArn,
    `${lambda.functionArn}:${aliasName}`,
  ])
  const rights = new Policy(stack, 'ReleaseRights', {
    roles: [role],
    statements: [
      allow(
        'ShiftDoors',
        'lambda',
        ['GetAlias', 'GetProvisionedConcurrencyConfig', 'UpdateAlias'],
        ...aliases,
      ),
      // To read, as in AWS's own policy for this: which alarms an account has is no secret of ours.
      allow('LookAtAlarms', 'cloudwatch', ['DescribeAlarms'], '*'),
    ],
  })
  return { role, rights }
}

function alarmOf(stack: Stack, id: string): Alarm {
  const alarm = stack.node.tryFindChild(id)
  if (alarm instanceof Alarm) return alarm
  throw new Error(`couldn’t have a release listen to ${id}: the stack has no such alarm`)
}

/** The new version alone is listened to: what the one before did says nothing against it. */
function functionFails(stack: Stack, live: Live): Alarm {
  const { functionName, node } = live.lambda
  const metric = live.metricErrors({
    dimensionsMap: {
      FunctionName: functionName,
      Resource: `${functionName}:${aliasName}`,
      ExecutedVersion: live.version.version,
    },
  })
  return alarm(stack, `${node.id}Fails`, `The new version of ${node.id} fails`, metric, [1, 1])
}

/** A single answer may be a store that was away for a moment. */
const apiFails = (stack: Stack, id: string, metric: Metric): Alarm =>
  alarm(stack, `${id}Answers5xx`, `The API of ${id} answers with 5xx in 2 of 5 min`, metric, [2, 5])

/** Tells CodeDeploy, and nobody else: whoever is at a deployment sees it go back. */
const alarm = (
  stack: Stack,
  id: string,
  says: string,
  metric: Metric,
  [minutes, of]: readonly [number, number],
): Alarm =>
  new Alarm(stack, id, {
    alarmName: `${says} (${stack.stackName})`,
    alarmDescription: `${says}. See ${runbookOf('A new version fails')}.`,
    metric: metric.with({ period: Duration.minutes(1) }),
    threshold: 1,
    comparisonOperator: ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
    datapointsToAlarm: minutes,
    evaluationPeriods: of,
    // No call is no fault.
    treatMissingData: TreatMissingData.NOT_BREACHING,
  })
