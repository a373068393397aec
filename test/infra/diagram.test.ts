/** What `infra/README.md` draws and counts, held to the template: no more and no less. */

import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import * as z from 'zod'
import { constructOf, names, synthesise } from './deployment.ts'
import { type Ask, may, roleOf } from './iam.ts'
import { idOf, ofType, region } from './template.ts'

const { resources, end } = synthesise()
afterAll(end)

/** Whoever has a role, and what each can touch. */
const functions = ['Access', 'Audit', 'Console', 'Seal', 'Sign']
const roles = new Map(
  [...functions, 'Release'].map((who) => [who, roleOf(resources, `${who}Role`)] as const),
)
const things = [
  ...names.map(constructOf),
  'Archive',
  'SecretsKey',
  'CheckpointKey',
  'LoginKey',
  'Abandoned',
  ...functions,
]
/** Of a table, a bucket or a function: all, an index, a stream, an object, the alias that is called. */
const paths = ['', '/index/sweep', '/stream/label', '/any/object', ':live']
/** Where a word means one of them alone. */
const pathsOf: Readonly<Record<string, readonly string[]>> = {
  query: [''],
  index: ['/index/sweep'],
}

/** What an arrow says, and the actions that each word stands for. */
const words: Readonly<Record<string, readonly string[]>> = {
  put: ['dynamodb:PutItem', 's3:PutObject'],
  get: ['dynamodb:GetItem', 's3:GetObject'],
  'batch get': ['dynamodb:BatchGetItem'],
  query: ['dynamodb:Query'],
  index: ['dynamodb:Query'],
  scan: ['dynamodb:Scan'],
  update: ['dynamodb:UpdateItem'],
  delete: ['dynamodb:DeleteItem', 's3:DeleteObject'],
  'batch write': ['dynamodb:BatchWriteItem'],
  stream: [
    'dynamodb:DescribeStream',
    'dynamodb:GetRecords',
    'dynamodb:GetShardIterator',
    'dynamodb:ListStreams',
  ],
  list: ['s3:ListBucket'],
  encrypt: ['kms:Encrypt'],
  decrypt: ['kms:Decrypt'],
  sign: ['kms:Sign'],
  'read its public half': ['kms:GetPublicKey'],
  call: ['lambda:InvokeFunction'],
  send: ['sqs:SendMessage'],
  'shift callers': [
    'lambda:GetAlias',
    'lambda:GetProvisionedConcurrencyConfig',
    'lambda:UpdateAlias',
  ],
}

/** A call as the functions make it: over TLS, with the gateway's context, for Ed25519. */
const context: NonNullable<Ask['context']> = {
  'aws:SecureTransport': 'true',
  's3:TlsVersion': '1.3',
  's3:if-none-match': '*',
  'kms:EncryptionContext:purpose': 'comity secrets',
  'kms:EncryptionContextKeys': ['purpose'],
  'kms:MessageType': 'RAW',
  'kms:SigningAlgorithm': 'ED25519_SHA_512',
  'kms:ViaService': `dynamodb.${region}.amazonaws.com`,
}

/** The key of the console signs by another algorithm. */
const contextOf = (on: string) =>
  on === 'LoginKey' ? { ...context, 'kms:SigningAlgorithm': 'ECDSA_SHA_256' } : context

/** An arrow, with its words in one order. */
const arrow = (who: string, said: readonly string[], on: string) =>
  `${who} -->|${[...said].sort().join(', ')}| ${on}`

/** Arrows for what roles may do. */
const granted = [...roles].flatMap(([who, role]) =>
  things.flatMap((on) => {
    const said = Object.entries(words).filter(([word, actions]) =>
      actions.some((action) =>
        (pathsOf[word] ?? paths).some((path) =>
          may(role, { action, on, path, context: contextOf(on) }, resources),
        ),
      ),
    )
    return said.length === 0
      ? []
      : [
          arrow(
            who,
            said.map(([word]) => word),
            on,
          ),
        ]
  }),
)

/** Arrows for those who may call a function because it lets them. */
const callers = ofType(resources, 'AWS::Lambda::Permission').map(({ properties }) => {
  const { FunctionName, SourceArn } = z
    .object({ FunctionName: z.string(), SourceArn: z.string() })
    .parse(properties)
  const named = (arn: string, among: readonly string[]) =>
    among.find((each) => arn.includes(idOf(resources, each))) ?? arn
  return arrow(
    named(SourceArn, ['Api', 'AuditApi', 'Clock', 'DueClock', 'AlarmClock']),
    ['call'],
    named(FunctionName, functions),
  )
})

const readme = readFileSync(join(import.meta.dirname, '../../infra/README.md'), 'utf8')
const diagrams = [...readme.matchAll(/```mermaid\n(.*?)```/gs)].map(([, text = '']) => text)
const drawn = diagrams.flatMap((text) =>
  [...text.matchAll(/^ *(\w+)[^|\n]* -->\|([^|]+)\| (\w+)/gm)].map(
    ([, who = '', said = '', on = '']) => arrow(who, said.split(', '), on),
  ),
)

describe('The diagrams', () => {
  // Kills: an arrow left out, one too many, and a word of an arrow that is wrong.
  test('draw every right that the template gives, and no other', () => {
    expect([...drawn].sort()).toEqual([...granted, ...new Set(callers)].sort())
  })

  // Kills: a right by an action for which there is no word, which no arrow would show.
  test('have a word for every action that a role has, but for its own log and for a look at alarms', () => {
    const known = Object.values(words).flat()
    const beside = [...roles.values()].flatMap(({ statements }) =>
      statements
        .filter(({ Action }) => Action.some((action) => !known.includes(action)))
        .map(({ Action, Resource }) => [...Action, ...Resource]),
    )
    const logs = functions.map((who) => [
      'logs:CreateLogStream',
      'logs:PutLogEvents',
      `arn:${idOf(resources, `${who}Log`)}`,
    ])
    expect(beside).toEqual([...logs, ['cloudwatch:DescribeAlarms', '*']])
  })

  test('have no line that is not read here as an arrow, a node or a group', () => {
    const lines = diagrams.flatMap((text) => text.trim().split('\n'))
    const strange = lines.filter(
      (line) =>
        !/^(flowchart LR| *subgraph .*| *end| *\w+\[\(.*\)\]| *\w+[^|\n]* -->\|[^|]+\| \w+.*)$/.test(
          line,
        ),
    )
    expect(strange).toEqual([])
    expect(lines.filter((line) => line.includes('--')).length).toBe(drawn.length)
  })
})

describe('What it costs', () => {
  const counted = (what: string) => Number(new RegExp(`(\\d+) ${what}`).exec(readme)?.[1])
  /** Of an alarm on an expression, those that it is made of; one that searches is one at least. */
  const isPaidFor = z.union([
    z.looseObject({ MetricStat: z.unknown() }),
    z.looseObject({ Expression: z.string().startsWith('SELECT') }),
  ])
  const metricsOf = (alarm: unknown): number =>
    z
      .looseObject({ Metrics: z.array(z.unknown()).optional() })
      .parse(alarm)
      .Metrics?.filter((each) => isPaidFor.safeParse(each).success).length ?? 1

  // Kills: a key, an alarm or a metric that nobody budgeted for.
  test('counts everything that is paid for while nobody calls', () => {
    const metrics = ofType(resources, 'AWS::CloudWatch::Alarm').map(({ properties }) =>
      metricsOf(properties),
    )
    const read = ofType(resources, 'AWS::Logs::MetricFilter').map(({ properties }) =>
      JSON.stringify(properties.MetricTransformations),
    )
    expect({
      keys: counted('KMS keys'),
      metrics: counted('metrics under alarms'),
      made: counted('alarms made of others'),
      read: counted('metrics read off lines'),
    }).toEqual({
      keys: ofType(resources, 'AWS::KMS::Key').length,
      metrics: metrics.reduce((sum, each) => sum + each, 0),
      made: ofType(resources, 'AWS::CloudWatch::CompositeAlarm').length,
      read: new Set(read).size,
    })
  })

  // Kills: an instance, a bound or a reserve that is paid for by the hour.
  test('is for what is called for alone: nothing is provisioned', () => {
    for (const { properties } of ofType(resources, 'AWS::DynamoDB::GlobalTable')) {
      expect(properties.BillingMode).toBe('PAY_PER_REQUEST')
      expect(properties).not.toHaveProperty('WarmThroughput')
    }
    for (const { properties } of ofType(resources, 'AWS::Lambda::Alias'))
      expect(properties).not.toHaveProperty('ProvisionedConcurrencyConfig')
  })
})
