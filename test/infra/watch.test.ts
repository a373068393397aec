/** What people are told of: each alarm, what makes it ring, and what the runbook says then. */

import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import * as z from 'zod'
import type { Lines } from '../../functions/lines.ts'
import type { Door } from '../../infra/bundle.ts'
import { readSettings } from '../../infra/settings.ts'
import { comityStack, newApp } from '../../infra/stack.ts'
import { runbookOf } from '../../infra/watch.ts'
import { synthesise } from './deployment.ts'
import { filtersOf, readOff } from './filter-pattern.ts'
import { policyOf } from './iam.ts'
import { account, idOf, ofType, resourceOf, resourcesOf } from './template.ts'

const { resources, made, settings, end } = synthesise()
afterAll(end)

const alarmSchema = z.looseObject({
  AlarmName: z.string().optional(),
  AlarmDescription: z.string(),
  AlarmActions: z.array(z.string()).default([]),
  AlarmRule: z.string().optional(),
  MetricName: z.string().optional(),
  Statistic: z.string().optional(),
  ComparisonOperator: z.string().optional(),
  Threshold: z.number().optional(),
  Period: z.number().optional(),
  EvaluationPeriods: z.number().optional(),
  DatapointsToAlarm: z.number().optional(),
  TreatMissingData: z.string().optional(),
  Metrics: z
    .array(
      z.looseObject({
        Id: z.string(),
        Expression: z.string().optional(),
        MetricStat: z
          .looseObject({ Period: z.number(), Metric: z.looseObject({ MetricName: z.string() }) })
          .optional(),
      }),
    )
    .default([]),
})
const alarms = ['AWS::CloudWatch::Alarm', 'AWS::CloudWatch::CompositeAlarm']
  .flatMap((type) => ofType(resources, type))
  .map(({ properties }) => alarmSchema.parse(properties))
/** Of a deployment in two Regions, too. */
const inTwo = resourcesOf(
  comityStack(
    newApp(),
    readSettings((name) => ({ regions: 'eu-central-1,eu-west-1,eu-west-3' })[name]),
    made,
  ),
)
const alarmsInTwo = ofType(inTwo, 'AWS::CloudWatch::Alarm').map(({ properties }) =>
  alarmSchema.parse(properties),
)
const alarmOf = (id: string) => alarmSchema.parse(resourceOf(resources, id).properties)
const telling = alarms.filter(({ AlarmActions }) => AlarmActions.length > 0)

describe('A line that a function writes', () => {
  const log = 'comity.dev/de/2026'
  const traceId = 'ab'.repeat(16)
  const answered = { event: 'answered', traceId, method: 'POST', route: '/v1/x', ms: 3 } as const
  const why = 'a reason'
  // Typed as the functions have them: a line that none of them writes does not compile.
  const written: {
    [D in Door]: readonly (readonly [Lines[D], Readonly<Record<string, number>>])[]
  } = {
    access: [
      [{ ...answered, status: 201, outcome: 'release' }, {}],
      [{ ...answered, status: 503, code: 'not-durable' }, { NotDurable: 1 }],
      [{ ...answered, status: 500, code: 'internal' }, {}],
      [{ event: 'call-refused', why, traceId }, { CallsRefused: 1 }],
      [{ event: 'rate-limited', why, traceId }, {}],
      [{ event: 'failed', why, traceId }, {}],
      [{ event: 'law-unheld', why }, { LawUnheld: 1 }],
      [{ event: 'ticked', looked: 2, entered: 1, failed: 0, left: false }, { Ticks: 1 }],
      [{ event: 'not-looked-at', why }, {}],
      [{ event: 'row-changed', eid: 'A'.repeat(43) }, { RowChanged: 1 }],
    ],
    audit: [
      [{ event: 'law-unheld', why }, { LawUnheld: 1 }],
      [{ ...answered, status: 503, code: 'not-durable' }, { NotDurable: 1 }],
      [{ event: 'call-refused', why, traceId }, { CallsRefused: 1 }],
    ],
    console: [
      [{ event: 'law-unheld', why }, { LawUnheld: 1 }],
      [{ event: 'call-refused', why, traceId }, { CallsRefused: 1 }],
    ],
    seal: [
      [{ event: 'swept', sealed: 3, unsealedSeconds: 0 }, { UnsealedSeconds: 0 }],
      [{ event: 'swept', sealed: 3, unsealedSeconds: 61 }, { UnsealedSeconds: 61 }],
      [{ event: 'swept', sealed: 3 }, {}],
      [{ event: 'overwritten', eid: 'A'.repeat(43) }, { Overwritten: 1 }],
      [{ event: 'agency-not-believed', agency: 'SE-POL' }, { NotBelieved: 1 }],
      [{ event: 'agency-not-believed' }, { NotBelieved: 1 }],
      [{ event: 'halted', log, why }, { Halted: 1 }],
      [{ event: 'unpublished', log, why }, { Unpublished: 1 }],
      [{ event: 'unstamped', log, why }, { Unstamped: 1 }],
      [{ event: 'failed', log, why }, { SealingFailed: 1 }],
      [{ event: 'store-away', log, why }, { SealingFailed: 1 }],
    ],
    sign: [[{ event: 'signature-refused', log, why }, { SignatureRefused: 1 }]],
  }
  const logs = {
    access: 'AccessLog',
    audit: 'AuditLog',
    console: 'ConsoleLog',
    seal: 'SealLog',
    sign: 'SignLog',
  }
  const all = (Object.keys(written) as Door[]).flatMap((door) =>
    written[door].map(([line, counted]) => [logs[door], line, counted] as const),
  )

  // Kills: an event under another name; a filter on another log; `unsealedSeconds` counted, not read.
  test.each(all)('in %s is counted for what it is: %o', (of, line, counted) => {
    expect(readOff(resources, of, JSON.stringify(line))).toEqual(counted)
  })

  // Kills: an agency's own limit taken for the API's.
  test('of an API is counted if it turned the call away itself', () => {
    for (const of of ['CallLog', 'AuditCallLog']) {
      const read = (line: object) => readOff(resources, of, JSON.stringify(line))
      expect(read({ status: '429', functionStatus: '-' })).toEqual({ TurnedAway: 1 })
      expect(read({ status: '429', functionStatus: '429' })).toEqual({})
      expect(read({ status: '503', functionStatus: '-' })).toEqual({})
    }
  })

  test('is told apart from those of another deployment in the account', () => {
    const namespaces = new Set(filtersOf(resources).map(({ MetricNamespace }) => MetricNamespace))
    expect([...namespaces]).toEqual(['Comity/dev'])
  })
})

describe('An alarm rings', () => {
  const minutes = (id: string) => {
    const { DatapointsToAlarm, EvaluationPeriods, Period } = alarmOf(id)
    return [DatapointsToAlarm, EvaluationPeriods, Period]
  }

  // Kills: the mean in place of the oldest; an age of more than the receipts promise.
  test('once an entry has waited for the 60 s that receipts promise, and stays as it is in a silent minute', () => {
    expect(alarmOf('EntryUnsealed')).toMatchObject({
      MetricName: 'UnsealedSeconds',
      Statistic: 'Maximum',
      ComparisonOperator: 'GreaterThanOrEqualToThreshold',
      Threshold: 60,
      TreatMissingData: 'ignore',
    })
    expect(minutes('EntryUnsealed')).toEqual([1, 1, 60])
  })

  // Kills: missing data that counts as well.
  test('if nobody looked for 5 min, which is no data at all', () => {
    expect(alarmOf('SealerSilent')).toMatchObject({
      MetricName: 'UnsealedSeconds',
      Statistic: 'SampleCount',
      ComparisonOperator: 'LessThanThreshold',
      Threshold: 1,
      Period: 300,
      TreatMissingData: 'breaching',
    })
  })

  test.each([
    ['EntryOverwritten', 'Overwritten'],
    ['AgencyNotBelieved', 'NotBelieved'],
    ['LogHalted', 'Halted'],
    ['SignatureRefused', 'SignatureRefused'],
  ])('at the first line of what is never right: %s', (id, MetricName) => {
    expect(alarmOf(id)).toMatchObject({
      MetricName,
      Statistic: 'Sum',
      ComparisonOperator: 'GreaterThanOrEqualToThreshold',
      Threshold: 1,
      TreatMissingData: 'notBreaching',
    })
    expect(minutes(id)).toEqual([1, 1, 60])
  })

  test('while there are records in the queue of those that were given up', () => {
    expect(alarmOf('RecordsAbandoned')).toMatchObject({
      MetricName: 'ApproximateNumberOfMessagesVisible',
      Dimensions: [{ Name: 'QueueName', Value: `${idOf(resources, 'Abandoned')}.QueueName` }],
      Statistic: 'Maximum',
      Threshold: 1,
    })
  })

  // Kills: the mean age, which one late record does not move; an age in seconds.
  test('when the sealer is 5 min behind the stream, fails or has no instance, three minutes of five', () => {
    const Dimensions = [{ Name: 'FunctionName', Value: idOf(resources, 'Seal') }]
    const rest = { Dimensions, TreatMissingData: 'notBreaching', Namespace: 'AWS/Lambda' }
    const wanted = {
      StreamLate: { MetricName: 'IteratorAge', Statistic: 'Maximum', Threshold: 300_000 },
      SealErrors: { MetricName: 'Errors', Statistic: 'Sum', Threshold: 1 },
      SealFull: { MetricName: 'Throttles', Statistic: 'Sum', Threshold: 1 },
    }
    for (const [id, each] of Object.entries(wanted)) {
      expect(alarmOf(id)).toMatchObject({ ...rest, ...each })
      expect(minutes(id)).toEqual([3, 5, 60])
    }
  })

  test('when what may go well in the next minute has not for long', () => {
    expect(minutes('Unpublished')).toEqual([12, 15, 60])
    expect(minutes('SealingFails')).toEqual([8, 10, 60])
    for (const id of ['NotDurable', 'CallsTurnedAway', 'AccessFull', 'AuditFull', 'CallsRefused'])
      expect(minutes(id)).toEqual([3, 5, 60])
  })

  // Kills: a window that is left out; either window alone; a rate that is no multiple of the budget.
  test.each(['Access', 'Audit'])(
    'when the error budget of 99.9 %% burns 14.4 times too fast in 1 h and 5 min, or 6 times in 6 h and 30 min: %s',
    (of) => {
      const window = (min: number) => `ALARM("arn:${idOf(resources, `${of}BurnsFor${min}Min`)}")`
      expect(alarmOf(`${of}Burns`).AlarmRule).toBe(
        `((${window(60)} AND ${window(5)}) OR (${window(360)} AND ${window(30)}))`,
      )
      const burns = [60, 5, 360, 30].map((min) => {
        const { Threshold, ComparisonOperator, Metrics } = alarmOf(`${of}BurnsFor${min}Min`)
        expect(ComparisonOperator).toBe('GreaterThanThreshold')
        const stats = Metrics.flatMap(({ MetricStat }) => MetricStat ?? [])
        expect(stats.map(({ Metric }) => Metric.MetricName).sort()).toEqual(['5xx', 'Count'])
        expect(stats.map(({ Period }) => Period)).toEqual([min * 60, min * 60])
        return Threshold
      })
      expect(burns).toEqual([1.44, 1.44, 0.6, 0.6])
    },
  )

  test('for every table of ours, and for those of nobody else', () => {
    const tables = ofType(resources, 'AWS::DynamoDB::GlobalTable').length
    for (const [id, metric] of [
      ['TablesThrottled', 'ThrottledRequests'],
      ['TablesFail', 'SystemErrors'],
    ] as const) {
      const { Metrics } = alarmOf(id)
      const [{ Expression = '' } = {}] = Metrics
      expect(Expression).toMatch(
        new RegExp(
          `^SELECT SUM\\(${metric}\\) FROM SCHEMA\\("AWS/DynamoDB", Operation, TableName\\) WHERE `,
        ),
      )
      expect(Expression.match(/TableName = '/g)).toHaveLength(tables)
      for (const name of ['Decisions', 'Signatures'])
        expect(Expression).toContain(`'${idOf(resources, name)}'`)
    }
  })
})

describe('Whoever is woken', () => {
  const runbook = readFileSync(join(import.meta.dirname, '../../infra/RUNBOOK.md'), 'utf8')
  const sections = [...runbook.matchAll(/^## (.+)\n([\s\S]*?)(?=^## |$(?![\s\S]))/gm)].map(
    ([, title = '', text = '']) => ({ title, text }),
  )
  const anchors = new Map(sections.map(({ title }) => [runbookOf(title), title]))
  const linked = (description: string) => /infra\/RUNBOOK\.md#[a-z0-9-]+/.exec(description)?.[0]
  const isOfAlarm = ({ title, text }: (typeof sections)[number]) =>
    title !== 'Where to look' && !text.startsWith('\nNo alarm of its own')

  // Kills: an alarm without its section, or with another's; a section of an alarm that is gone.
  test('is told where the runbook says what to do, and every section is of an alarm', () => {
    const links = telling.map(({ AlarmDescription }) => linked(AlarmDescription))
    expect(links.filter((link) => !anchors.has(link ?? ''))).toEqual([])
    const asked = new Set(
      [...alarms, ...alarmsInTwo].map(({ AlarmDescription }) => linked(AlarmDescription)),
    )
    const unasked = sections.filter(isOfAlarm).filter(({ title }) => !asked.has(runbookOf(title)))
    expect(unasked.map(({ title }) => title)).toEqual([])
  })

  test('reads a sentence first: the alarm’s name is that of its section', () => {
    for (const { AlarmName = '', AlarmDescription } of telling)
      expect(AlarmName).toBe(`${anchors.get(linked(AlarmDescription) ?? '')} (Comity-dev)`)
  })

  test.each(
    sections
      .filter(({ title }) => title !== 'Where to look')
      .map(({ title, text }) => [title, text]),
  )(
    'reads what it means, who may be harmed, what to look at, what to do, and when it is over: %s',
    (_, text) => {
      const parts = ['It means', 'Who may be harmed', 'First look', 'Do', 'It is over']
      const places = parts.map((part) => text.indexOf(`**${part}`))
      expect(places).toEqual([...places].sort((a, b) => a - b))
      expect(places).not.toContain(-1)
    },
  )

  // Kills: a query for a line that no function writes any more.
  test('can paste every query: it asks for events that lines have', () => {
    const known = {
      'agency-not-believed': true,
      answered: true,
      'call-refused': true,
      failed: true,
      halted: true,
      'law-unheld': true,
      'not-looked-at': true,
      'jti-reused': true,
      overwritten: true,
      'rate-limited': true,
      'row-changed': true,
      'signature-refused': true,
      'store-away': true,
      swept: true,
      ticked: true,
      unpublished: true,
      unstamped: true,
      watched: true,
    } satisfies Readonly<Record<Lines[Door]['event'], true>>
    const asked = [...runbook.matchAll(/"([a-z-]+)"/g)].map(([, event = '']) => event)
    expect(asked.length).toBeGreaterThan(15)
    expect(asked.filter((event) => !Object.hasOwn(known, event))).toEqual([])
  })

  test('follows every link of the runbook to a section', () => {
    const links = [...runbook.matchAll(/\]\(#([a-z0-9-]+)\)/g)].map(
      ([, to]) => `infra/RUNBOOK.md#${to}`,
    )
    expect(links.filter((link) => !anchors.has(link))).toEqual([])
  })
})

describe('Alarms go', () => {
  test('to one topic, when they ring and when it is over', () => {
    for (const { AlarmActions, OKActions } of telling)
      expect([AlarmActions, OKActions]).toEqual([
        [idOf(resources, 'Alarms')],
        [idOf(resources, 'Alarms')],
      ])
  })

  // Kills: AWS's own key, with which CloudWatch cannot publish; a policy that lets other accounts in.
  test('encrypted, and CloudWatch may send them for this account alone', () => {
    expect(resourceOf(resources, 'Alarms').properties.KmsMasterKeyId).toBe(
      `arn:${idOf(resources, 'AlarmsKey')}`,
    )
    const own = { StringEquals: { 'aws:SourceAccount': [account] } }
    const cloudwatch = { Service: ['cloudwatch.amazonaws.com'] }
    expect(policyOf(resources, 'AlarmsKey')).toContainEqual(
      expect.objectContaining({
        Action: ['kms:Decrypt', 'kms:GenerateDataKey'],
        Principal: cloudwatch,
        Condition: own,
      }),
    )
    const [policy] = ofType(resources, 'AWS::SNS::TopicPolicy')
    const { Statement } = z
      .looseObject({ Statement: z.array(z.looseObject({ Effect: z.string() })) })
      .parse(policy?.properties.PolicyDocument)
    expect(Statement.filter(({ Effect }) => Effect === 'Allow')).toEqual([
      {
        Sid: 'TheAlarms',
        Effect: 'Allow',
        Action: 'sns:Publish',
        Principal: { Service: 'cloudwatch.amazonaws.com' },
        Resource: idOf(resources, 'Alarms'),
        Condition: { StringEquals: { 'aws:SourceAccount': account } },
      },
    ])
  })

  test('by mail, too, if the settings say to whom', () => {
    expect(ofType(resources, 'AWS::SNS::Subscription')).toEqual([])
    const given = readSettings((name) => ({ alarmEmail: 'night@comity.example' })[name])
    const mailed = resourcesOf(comityStack(newApp(), given, made))
    expect(ofType(mailed, 'AWS::SNS::Subscription')[0]?.properties).toMatchObject({
      Protocol: 'email',
      Endpoint: 'night@comity.example',
    })
    expect(() => readSettings((name) => ({ alarmEmail: 'night' })[name])).toThrow('alarmEmail: ')
    expect(settings.alarmEmail).toBeUndefined()
  })
})

describe('The dashboard', () => {
  test('shows what is answered, what fails, what waits, what is turned away, and DynamoDB', () => {
    const [dashboard] = ofType(resources, 'AWS::CloudWatch::Dashboard')
    const { widgets } = z
      .looseObject({
        widgets: z.array(z.looseObject({ properties: z.looseObject({ title: z.string() }) })),
      })
      .parse(JSON.parse(String(dashboard?.properties.DashboardBody)))
    expect(widgets.map(({ properties }) => properties.title)).toEqual([
      'Answers by outcome',
      'Problems by code',
      'Refused calls by reason',
      'Calls',
      'Calls that failed',
      'The slowest hundredth, ms',
      'Age of the oldest unsealed entry, s',
      'Logs that are in trouble',
      'What must never be',
      'Calls turned away',
      'Errors of sealer and signer',
      'DynamoDB',
    ])
  })
})
