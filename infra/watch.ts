/**
 * What people are told of: alarms, each a sentence that has its section in RUNBOOK.md, and the topic that
 * carries them.
 */

import { Aws, CfnOutput, type Stack } from 'aws-cdk-lib'
import {
  Alarm,
  ComparisonOperator,
  CompositeAlarm,
  type IAlarmRule,
  type IMetric,
  TreatMissingData,
} from 'aws-cdk-lib/aws-cloudwatch'
import { SnsAction } from 'aws-cdk-lib/aws-cloudwatch-actions'
import { PolicyStatement, ServicePrincipal } from 'aws-cdk-lib/aws-iam'
import type { Key } from 'aws-cdk-lib/aws-kms'
import { Topic } from 'aws-cdk-lib/aws-sns'
import { EmailSubscription } from 'aws-cdk-lib/aws-sns-subscriptions'
import type { ArchiveCopy } from './archive.ts'
import { burning } from './budget.ts'
import { dashboard } from './dashboard.ts'
import { alarmsKey } from './key.ts'
import { metricsOf, type Seen } from './metrics.ts'
import type { Settings } from './settings.ts'
import { changedHeading, type Protected, tellerRole, watchTrail } from './trail.ts'

/** A metric that is so in so many of the last so many periods. */
type When = {
  readonly metric: IMetric
  readonly is: readonly ['at least' | 'below', number]
  readonly periods: readonly [number, number]
  /** What it means that there is nothing to measure. */
  readonly silence: TreatMissingData
}

/** An alarm: `says` is its name and the heading of its section. */
type Watched = { readonly id: string; readonly says: string; readonly when: When | IAlarmRule }

const { BREACHING, IGNORE, NOT_BREACHING } = TreatMissingData

/** Of what is counted: where nothing is counted, nothing is wrong. */
const counted = (metric: IMetric, periods: When['periods'], most = 0): When => ({
  metric,
  is: ['at least', most + 1],
  periods,
  silence: NOT_BREACHING,
})
/** Of this, one is never right. */
const any = (metric: IMetric): When => counted(metric, [1, 1])
/** One bad minute is nobody’s night. */
const lasting = (metric: IMetric, most = 0): When => counted(metric, [3, 5], most)

/** More refusals in a minute than wrong clocks and clumsy clients explain. */
const refusalsMost = 30

/** Every alarm. */
const alarms = (
  seen: Seen,
  burning: (id: 'Access' | 'Audit') => IAlarmRule,
): readonly Watched[] => [
  ...(seen.uncopied === undefined
    ? []
    : [
        {
          id: 'ArchiveUncopied',
          says: 'The archive was not copied to the second Region',
          when: any(seen.uncopied),
        },
      ]),
  {
    id: 'EntryUnsealed',
    says: 'An entry has been unsealed for 60 s',
    // A minute in which nobody looked changes nothing; five of them are an alarm of their own.
    when: { metric: seen.unsealed, is: ['at least', 60], periods: [1, 1], silence: IGNORE },
  },
  {
    id: 'SealerSilent',
    says: 'Nobody has looked for unsealed entries for 5 min',
    when: { metric: seen.looks, is: ['below', 1], periods: [1, 1], silence: BREACHING },
  },
  {
    id: 'ClockSilent',
    says: 'Nobody has looked at what is due for 10 min',
    when: { metric: seen.ticks, is: ['below', 1], periods: [2, 2], silence: BREACHING },
  },
  {
    id: 'EntryOverwritten',
    says: 'An entry was overwritten or removed',
    when: any(seen.overwritten),
  },
  {
    id: 'RowChanged',
    says: 'What an office said is not in its row',
    when: any(seen.rowChanged),
  },
  {
    id: 'AgencyNotBelieved',
    says: 'What is stated of an agency does not hold',
    when: any(seen.notBelieved),
  },
  { id: 'LogHalted', says: 'A log stands still', when: any(seen.halted) },
  {
    id: 'SignatureRefused',
    says: 'The signer refused a checkpoint',
    when: any(seen.signatureRefused),
  },
  {
    id: 'Unpublished',
    says: 'Checkpoints have been unpublished for 15 min',
    // There is one attempt a minute, which may fall into its neighbour.
    when: counted(seen.unpublished, [12, 15]),
  },
  {
    id: 'Unstamped',
    says: 'Checkpoints have been unstamped for 6 h',
    // A stamp is wanted once a day, and asked for every 15 min until there is one.
    when: counted(seen.unstamped, [6, 6]),
  },
  {
    id: 'SealingFails',
    says: 'Sealing has failed for 10 min',
    when: counted(seen.sealingFailed, [8, 10]),
  },
  {
    id: 'StreamLate',
    says: 'Seal is 5 min behind the stream of entries',
    // Entries wait up to 20 s for others; records that fail come back for an hour.
    when: { ...lasting(seen.streamAge), is: ['at least', 300_000] },
  },
  { id: 'SealErrors', says: 'Seal fails or runs out of time', when: lasting(seen.errors.Seal) },
  { id: 'SealFull', says: 'Seal has no instance left', when: lasting(seen.throttles.Seal) },
  {
    id: 'RecordsAbandoned',
    says: 'Records of the stream were given up',
    when: any(seen.abandoned),
  },
  {
    id: 'LawUnheld',
    says: 'Nothing is permitted: the law does not hold',
    when: any(seen.lawUnheld),
  },
  { id: 'AccessBurns', says: 'Too many calls of agencies fail', when: burning('Access') },
  { id: 'AuditBurns', says: 'Too many calls of auditors fail', when: burning('Audit') },
  { id: 'NotDurable', says: 'Entries cannot be made durable', when: lasting(seen.notDurable) },
  {
    id: 'CallsTurnedAway',
    says: 'Calls come faster than the API takes them',
    when: lasting(seen.turnedAway),
  },
  { id: 'AccessFull', says: 'Access has no instance left', when: lasting(seen.throttles.Access) },
  { id: 'AuditFull', says: 'Audit has no instance left', when: lasting(seen.throttles.Audit) },
  {
    id: 'CallsRefused',
    says: 'Many calls are refused for their signatures',
    when: lasting(seen.callsRefused, refusalsMost),
  },
  {
    id: 'TablesThrottled',
    says: 'DynamoDB throttles the tables',
    when: lasting(seen.throttledRequests),
  },
  { id: 'TablesFail', says: 'DynamoDB fails', when: lasting(seen.systemErrors) },
]

/** Where RUNBOOK.md says what to do: the heading is the sentence. */
export const runbookOf = (says: string): string =>
  `infra/RUNBOOK.md#${says
    .toLowerCase()
    .replaceAll(/[^a-z0-9 -]/g, '')
    .replaceAll(' ', '-')}`

/** Deploys the alarms, their topic and the dashboard, for all that the stack has by now. */
export function watch(
  stack: Stack,
  settings: Settings,
  whole: Protected & { readonly copy: ArchiveCopy | undefined },
): void {
  const seen = metricsOf(stack, settings, whole)
  const role = tellerRole(stack)
  const key = alarmsKey(stack, role)
  const topic = alarmTopic(stack, settings, key)
  watchTrail(
    stack,
    { ...whole, keys: [...whole.keys, key] },
    { topic, role, link: runbookOf(changedHeading) },
  )
  const named = (says: string) => `${says} (${stack.stackName})`
  const burn = (id: keyof Seen['apis']) => burning(stack, id, seen.apis[id], named)
  for (const { id, says, when } of alarms(seen, burn)) {
    const told = { alarmName: named(says), alarmDescription: `${says}. See ${runbookOf(says)}.` }
    const alarm =
      'metric' in when
        ? new Alarm(stack, id, { ...told, ...propertiesOf(when) })
        : new CompositeAlarm(stack, id, {
            ...told,
            compositeAlarmName: told.alarmName,
            alarmRule: when,
          })
    alarm.addAlarmAction(new SnsAction(topic))
    alarm.addOkAction(new SnsAction(topic))
  }
  dashboard(stack, settings, seen)
}

const propertiesOf = ({ metric, is: [comparison, threshold], periods, silence }: When) => ({
  metric,
  threshold,
  comparisonOperator:
    comparison === 'below'
      ? ComparisonOperator.LESS_THAN_THRESHOLD
      : ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
  datapointsToAlarm: periods[0],
  evaluationPeriods: periods[1],
  treatMissingData: silence,
})

/** Where alarms go: people, pagers and chats subscribe to it, and the settings may name one address. */
function alarmTopic(stack: Stack, { alarmEmail }: Settings, key: Key): Topic {
  const topic = new Topic(stack, 'Alarms', { masterKey: key, enforceSSL: true })
  topic.addToResourcePolicy(
    new PolicyStatement({
      sid: 'TheAlarms',
      principals: [new ServicePrincipal('cloudwatch.amazonaws.com')],
      actions: ['sns:Publish'],
      resources: [topic.topicArn],
      conditions: { StringEquals: { 'aws:SourceAccount': Aws.ACCOUNT_ID } },
    }),
  )
  if (alarmEmail !== undefined) topic.addSubscription(new EmailSubscription(alarmEmail))
  new CfnOutput(stack, 'AlarmTopic', {
    value: topic.topicArn,
    description: 'Whoever must be woken subscribes to it',
  })
  return topic
}
