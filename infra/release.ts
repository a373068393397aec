/**
 * How a new build goes out, and back. Callers know `live` alone. At a door, one call in ten goes to the
 * new version for some minutes, and then all do; if meanwhile a function or an API fails, all go to the
 * version before. The signer and the sealer change at once, before the doors, whose canary watches them:
 * there is one signer, and what one call in ten of a few a minute says is too little to go by.
 */

import { Duration } from 'aws-cdk-lib'
import {
  Alarm,
  ComparisonOperator,
  type Metric,
  TreatMissingData,
} from 'aws-cdk-lib/aws-cloudwatch'
import {
  LambdaApplication,
  LambdaDeploymentConfig,
  LambdaDeploymentGroup,
} from 'aws-cdk-lib/aws-codedeploy'
import { Policy, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam'
import type { Construct } from 'constructs'
import { aliasName, allow, type Live } from './function.ts'
import type { OpenDoor } from './http-door.ts'
import type { Settings } from './settings.ts'

/** What goes out: the doors gradually, after those that change at once. */
export type Released = { readonly doors: readonly OpenDoor[]; readonly before: readonly Live[] }

const shifts = {
  0: LambdaDeploymentConfig.ALL_AT_ONCE,
  5: LambdaDeploymentConfig.CANARY_10PERCENT_5MINUTES,
  10: LambdaDeploymentConfig.CANARY_10PERCENT_10MINUTES,
  15: LambdaDeploymentConfig.CANARY_10PERCENT_15MINUTES,
  30: LambdaDeploymentConfig.CANARY_10PERCENT_30MINUTES,
} as const satisfies Readonly<Record<Settings['canaryMinutes'], unknown>>

/** Has new versions of the doors shift gradually, and back when an alarm goes off. */
export function gradualRelease(
  scope: Construct,
  { canaryMinutes }: Settings,
  { doors, before }: Released,
): void {
  const beforeFail = before.map((live) => functionFails(scope, live))
  const application = new LambdaApplication(scope, 'Releases')
  const { role, rights } = shifter(scope, doors)
  for (const { live, api } of doors) {
    const { id } = live.lambda.node
    const group = new LambdaDeploymentGroup(scope, `${id}Release`, {
      application,
      // Without more policies: CDK would attach one of AWS's, over every function and many objects.
      role: role.withoutPolicyUpdates(),
      alias: live,
      deploymentConfig: shifts[canaryMinutes],
      alarms: [
        ...beforeFail,
        functionFails(scope, live),
        apiFails(scope, id, api.metricServerError()),
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
function shifter(scope: Construct, doors: readonly OpenDoor[]) {
  const role = new Role(scope, 'ReleaseRole', {
    assumedBy: new ServicePrincipal('codedeploy.amazonaws.com'),
  })
  const aliases = doors.flatMap(({ live: { lambda } }) => [
    lambda.functionArn,
    `${lambda.functionArn}:${aliasName}`,
  ])
  const rights = new Policy(scope, 'ReleaseRights', {
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

/** The new version alone is listened to: what the one before did says nothing against it. */
function functionFails(scope: Construct, live: Live): Alarm {
  const { functionName, node } = live.lambda
  const metric = live.metricErrors({
    dimensionsMap: {
      FunctionName: functionName,
      Resource: `${functionName}:${aliasName}`,
      ExecutedVersion: live.version.version,
    },
    period: Duration.minutes(1),
  })
  return alarm(
    scope,
    `${node.id}Fails`,
    `The function ${node.id} fails or runs out of time.`,
    metric,
    1,
  )
}

/** A single answer may be a store that was away for a moment. */
const apiFails = (scope: Construct, id: string, metric: Metric): Alarm =>
  alarm(
    scope,
    `${id}Answers5xx`,
    `The API of ${id} answers with 5xx, in two of five minutes.`,
    metric.with({ period: Duration.minutes(1), statistic: 'Sum' }),
    2,
  )

const alarm = (scope: Construct, id: string, says: string, metric: Metric, minutes: 1 | 2): Alarm =>
  new Alarm(scope, id, {
    alarmDescription: says,
    metric,
    threshold: 1,
    comparisonOperator: ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
    datapointsToAlarm: minutes,
    evaluationPeriods: minutes === 1 ? 1 : 5,
    // No call is no fault.
    treatMissingData: TreatMissingData.NOT_BREACHING,
  })
