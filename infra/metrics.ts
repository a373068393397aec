/**
 * What is counted: metrics that CloudWatch reads off the lines of the functions, and those that AWS
 * keeps of its own. Nothing of ours sends any: no code for it runs while a call is answered.
 */

import { Duration, type Stack } from 'aws-cdk-lib'
import { HttpApi } from 'aws-cdk-lib/aws-apigatewayv2'
import { MathExpression, Metric, Stats } from 'aws-cdk-lib/aws-cloudwatch'
import { Function as LambdaFunction } from 'aws-cdk-lib/aws-lambda'
import { FilterPattern, type JsonPattern, LogGroup, MetricFilter } from 'aws-cdk-lib/aws-logs'
import type { Bucket } from 'aws-cdk-lib/aws-s3'
import { Queue } from 'aws-cdk-lib/aws-sqs'
import type { Lines } from '../functions/lines.ts'
import { type ArchiveCopy, copyRule } from './archive.ts'
import type { Door } from './bundle.ts'
import type { Stores } from './function.ts'
import type { Settings } from './settings.ts'

/** What alarms and the dashboard look at. */
export type Seen = ReturnType<typeof metricsOf>

const minute = Duration.minutes(1)
const sum = { statistic: Stats.SUM, period: minute }

/** What is beside functions and APIs. */
type Whole = {
  readonly stores: Stores
  readonly archive: Bucket
  readonly copy: ArchiveCopy | undefined
}

/** Reads metrics off everything that the stack made; two deployments in one account have their own. */
export function metricsOf(
  stack: Stack,
  { environment, logins }: Settings,
  { stores, archive, copy }: Whole,
) {
  const namespace = `Comity/${environment}`
  /** A metric that filters read off some logs: how many lines match, unless a value of theirs is meant. */
  const read = (name: string, logs: readonly string[], filterPattern: JsonPattern, value = '1') => {
    for (const log of logs)
      new MetricFilter(stack, `${name}In${log}`, {
        logGroup: madeBy(stack, log, LogGroup),
        filterPattern,
        metricNamespace: namespace,
        metricName: name,
        metricValue: value,
      })
    return new Metric({ namespace, metricName: name, ...sum })
  }
  const unsealed = read(
    'UnsealedSeconds',
    [logOf('seal')],
    FilterPattern.all(isEvent('seal', 'swept'), number('$.unsealedSeconds', '>=', 0)),
    '$.unsealedSeconds',
  )
  const called = [
    ...[logOf('access'), logOf('audit')],
    ...(logins.length > 0 ? [logOf('console')] : []),
  ]
  const queue = madeBy(stack, 'Abandoned', Queue)
  return {
    /** Age of the oldest unsealed entry, s; and how often somebody looked, in 5 minutes. */
    unsealed: unsealed.with({ statistic: Stats.MAXIMUM }),
    looks: unsealed.with({ statistic: Stats.SAMPLE_COUNT, period: Duration.minutes(5) }),
    overwritten: read('Overwritten', [logOf('seal')], isEvent('seal', 'overwritten')),
    halted: read('Halted', [logOf('seal')], isEvent('seal', 'halted')),
    unpublished: read('Unpublished', [logOf('seal')], isEvent('seal', 'unpublished')),
    unstamped: read('Unstamped', [logOf('seal')], isEvent('seal', 'unstamped')).with({
      period: Duration.hours(1),
    }),
    sealingFailed: read(
      'SealingFailed',
      [logOf('seal')],
      FilterPattern.any(isEvent('seal', 'failed'), isEvent('seal', 'store-away')),
    ),
    notBelieved: read('NotBelieved', [logOf('seal')], isEvent('seal', 'agency-not-believed')),
    signatureRefused: read(
      'SignatureRefused',
      [logOf('sign')],
      isEvent('sign', 'signature-refused'),
    ),
    callsRefused: read('CallsRefused', called, isEvent('access', 'call-refused')),
    /** How often somebody looked at what is due, in 5 minutes. */
    ticks: read('Ticks', [logOf('access')], isEvent('access', 'ticked')).with({
      period: Duration.minutes(5),
    }),
    rowChanged: read('RowChanged', [logOf('access')], isEvent('access', 'row-changed')),
    lawUnheld: read('LawUnheld', called, isEvent('access', 'law-unheld')),
    notDurable: read(
      'NotDurable',
      called,
      FilterPattern.all(isEvent('access', 'answered'), text('$.code', '=', 'not-durable')),
    ),
    /** By the API itself, before a function: what a function answers with 429 is of one agency alone. */
    turnedAway: read(
      'TurnedAway',
      ['CallLog', 'AuditCallLog'],
      FilterPattern.all(text('$.status', '=', '429'), text('$.functionStatus', '!=', '429')),
    ),
    abandoned: queue.metricApproximateNumberOfMessagesVisible({
      statistic: Stats.MAXIMUM,
      period: minute,
    }),
    /** Files that S3 could not copy; those that it has not copied yet are no failure. */
    uncopied:
      copy &&
      new Metric({
        ...{ namespace: 'AWS/S3', metricName: 'OperationsFailedReplication', ...sum },
        dimensionsMap: {
          SourceBucket: archive.bucketName,
          DestinationBucket: copy.bucketName,
          RuleId: copyRule,
        },
      }),
    throttledRequests: ofTables(stores, 'ThrottledRequests'),
    systemErrors: ofTables(stores, 'SystemErrors'),
    apis: { Access: madeBy(stack, 'Api', HttpApi), Audit: madeBy(stack, 'AuditApi', HttpApi) },
    throttles: {
      Access: madeBy(stack, 'Access', LambdaFunction).metricThrottles(sum),
      Audit: madeBy(stack, 'Audit', LambdaFunction).metricThrottles(sum),
      Seal: madeBy(stack, 'Seal', LambdaFunction).metricThrottles(sum),
    },
    errors: { Seal: madeBy(stack, 'Seal', LambdaFunction).metricErrors(sum) },
    /** How old the last record was that `Seal` was told of, ms. */
    streamAge: madeBy(stack, 'Seal', LambdaFunction).metric('IteratorAge', {
      statistic: Stats.MAXIMUM,
      period: minute,
    }),
    functions: {
      Seal: madeBy(stack, 'Seal', LambdaFunction),
      Sign: madeBy(stack, 'Sign', LambdaFunction),
    },
    callLogs: called.map((log) => madeBy(stack, log, LogGroup).logGroupName),
  }
}

const logOf = (door: Door) => `${door[0]?.toUpperCase()}${door.slice(1)}Log`

const [text, number] = [FilterPattern.stringValue, FilterPattern.numberValue]

/** A line of such an event. INVARIANT (no silent alarm): an event that no function says does not compile. */
const isEvent = <D extends Door>(_: D, event: Lines[D]['event']): JsonPattern =>
  text('$.event', '=', event)

/**
 * A metric of DynamoDB over all tables of the deployment. It keeps these by operation and only once there
 * is something to keep, which is what a query is for: a sum of metrics that do not exist is no number.
 */
const ofTables = (stores: Stores, name: 'ThrottledRequests' | 'SystemErrors') => {
  const ours = Object.values(stores).map(({ tableName }) => `TableName = '${tableName}'`)
  return new MathExpression({
    expression: `SELECT SUM(${name}) FROM SCHEMA("AWS/DynamoDB", Operation, TableName) WHERE ${ours.join(' OR ')}`,
    label: name,
    period: minute,
  })
}

/** What the stack made under an id. */
function madeBy<T>(stack: Stack, id: string, kind: abstract new (...of: never[]) => T): T {
  const construct = stack.node.tryFindChild(id)
  if (construct instanceof kind) return construct
  throw new Error(`couldn’t watch ${id}: the stack has no such ${kind.name}`)
}
