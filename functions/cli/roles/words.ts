/** The words for what IAM calls otherwise: actions, resources, conditions, services. */

import * as z from 'zod'
import { type TableName, tables } from '../../adapters/tables.ts'
import type { Conditions } from './statements.ts'
import { verbs } from './verbs.ts'

/** Words, and whether they were found; if not, they are what the template says. */
export type Words = { readonly says: string; readonly understood: boolean }

const understood = (says: string): Words => ({ says, understood: true })
const raw = (says: string): Words => ({ says, understood: false })

/** What is in a table. */
const inTable = {
  decisions: 'entries',
  keys: 'keys',
  records: 'records',
  attestations: 'attestations',
  register: 'agencies',
  sealing: 'marks of what is sealed',
  signatures: 'memories of what was signed',
  lookups: 'look-up rows',
} as const satisfies Readonly<Record<TableName, string>>

const isTable = (name: string): name is TableName => name in tables

/** The name that a construct has in the code: CDK adds eight digits. */
export const nameOf = (id: string): string => id.replace(/[0-9A-F]{8}$/, '')

/** `put and get`: what actions do. */
export function verbsOf(actions: readonly string[], last: 'and' | 'or' = 'and'): Words {
  const words = actions.map((action): Words => {
    if (action === '*' || action.endsWith(':*')) return understood('do anything with')
    const [service = '', name = ''] = action.split(':')
    const verb = Object.entries(verbs[service.toLowerCase()] ?? {}).find(
      ([each]) => each.toLowerCase() === name.toLowerCase(),
    )
    return verb === undefined ? raw(`call \`${action}\` on`) : understood(verb[1])
  })
  return together(words, last)
}

/** `a, b and c`. */
export const listed = (all: readonly string[], last: 'and' | 'or' | 'and also'): string =>
  all.length < 2 ? all.join('') : `${all.slice(0, -1).join(', ')} ${last} ${all.at(-1)}`

const together = (words: readonly Words[], last: 'and' | 'or' | 'and also'): Words => ({
  says: listed([...new Set(words.map(({ says }) => says))], last),
  understood: words.every((each) => each.understood),
})

/** What a resource is called, and what of it is meant by the rest of the pattern after its ARN. */
export function objectOf(id: string, type: string, part: string): Words {
  const name = nameOf(id)
  const odd = raw(`\`${part}\` of ${name}`)
  switch (type) {
    case 'AWS::DynamoDB::GlobalTable':
    case 'AWS::DynamoDB::Table': {
      const table = name.toLowerCase()
      const items = isTable(table) ? inTable[table] : 'items'
      const index = /^\/index\/([^*?]+)$/.exec(part)?.[1]
      if (index !== undefined) return understood(`${items} by the index ${index} (table ${name})`)
      if (part.startsWith('/stream/')) return understood(`the stream of ${items} (table ${name})`)
      if (part === '*') return understood(`${items} (table ${name}, with its indexes and streams)`)
      return part === '' ? understood(`${items} (table ${name})`) : odd
    }
    case 'AWS::S3::Bucket':
      if (part === '*') return understood(`files (bucket ${name}, with the bucket itself)`)
      if (part === '/*') return understood(`files (bucket ${name})`)
      if (part.startsWith('/')) return understood(`files ${part.slice(1)} (bucket ${name})`)
      return part === '' ? understood(`the bucket ${name}`) : odd
    case 'AWS::Lambda::Function':
      if (part === '' || part === '*') return understood(`the function ${name}`)
      return part === ':*'
        ? understood(`the versions of the function ${name}`)
        : understood(`the function ${name}, version ${part.slice(1)}`)
    default:
      return whole[type] !== undefined && ['', '*', ':*'].includes(part)
        ? understood(`the ${whole[type]} ${name}`)
        : odd
  }
}

/** What a resource of a type is called; it has no parts. */
const whole: Readonly<Record<string, string>> = {
  'AWS::CloudWatch::Alarm': 'alarm',
  'AWS::Events::Rule': 'rule',
  'AWS::IAM::ManagedPolicy': 'policy',
  'AWS::IAM::Role': 'role',
  'AWS::KMS::Key': 'key',
  'AWS::KMS::ReplicaKey': 'key',
  'AWS::Logs::LogGroup': 'log group',
  'AWS::SNS::Topic': 'topic',
  'AWS::SQS::Queue': 'queue',
}

/** What a resource outside of the template is called, for these actions. */
export function outside(pattern: string, actions: readonly string[]): string {
  if (pattern !== '*') return `\`${pattern}\`, outside of this template`
  const of = new Set(actions.map((action) => action.split(':')[0] ?? '').map(serviceWord))
  return of.has('*')
    ? 'anything else in this account'
    : `anything else of ${listed([...of], 'and')} in this account`
}

const serviceWord = (service: string): string => services[service] ?? service

/** A service by its principal. */
export const serviceName = (principal: string): string => {
  const name = services[principal.replace('.amazonaws.com', '')]
  return name === undefined ? principal : `${name} (${principal})`
}

const services: Readonly<Record<string, string>> = {
  apigateway: 'API Gateway',
  cloudwatch: 'CloudWatch',
  codedeploy: 'CodeDeploy',
  dynamodb: 'DynamoDB',
  events: 'EventBridge',
  lambda: 'Lambda',
  sns: 'SNS',
}

/** What conditions say of a call, where all of them hold: `without TLS`, `through DynamoDB`. */
export function conditionWords(conditions: Conditions): Words {
  const words = Object.entries(conditions).flatMap(([operator, keys]) =>
    Object.entries(keys).map(([key, values]): Words => {
      const says =
        phrases[`${operator} ${key.toLowerCase()}`]?.(values) ?? ofContext(operator, key, values)
      return says === undefined
        ? raw(`where \`${operator}\` holds of \`${key}\` and \`${values.join('`, `')}\``)
        : understood(says)
    }),
  )
  return together(words, 'and also')
}

const one = (values: readonly string[]): string => listed(values, 'or')

const phrases: Readonly<Record<string, (values: readonly string[]) => string | undefined>> = {
  'Bool aws:securetransport': (values) => (values.join() === 'false' ? 'without TLS' : undefined),
  'NumericLessThan s3:tlsversion': (values) =>
    values.length === 1 ? `by TLS older than ${values.join()}` : undefined,
  'Null s3:if-none-match': (values) => withOrWithout(values, 'If-None-Match'),
  'Null s3:if-match': (values) => withOrWithout(values, 'If-Match'),
  'StringEquals kms:viaservice': (values) => `through ${one(values.map(viaName))}`,
  'StringEquals kms:messagetype': (values) => `for messages that come as ${one(values)}`,
  'StringEquals kms:signingalgorithm': (values) => `by ${one(values)}`,
  'StringEquals kms:replicaregion': (values) => `to the Region ${one(values)}`,
  'ForAllValues:StringEquals kms:encryptioncontextkeys': (values) =>
    `with nothing but ${one(values)} in the context`,
  'ForAllValues:StringLike dynamodb:leadingkeys': (values) =>
    `of items whose key is like ${one(values)}`,
  'StringEquals aws:sourceaccount': (values) => `on behalf of the account ${one(values)}`,
  'StringEquals aws:sourceowner': (values) => `on behalf of the account ${one(values)}`,
  'ArnLike aws:sourcearn': (values) => `on behalf of ${one(values)}`,
  'ArnEquals aws:sourcearn': (values) => `on behalf of ${one(values)}`,
}

/** Whether a header is there: IAM asks whether there is none. */
const withOrWithout = (values: readonly string[], header: string): string | undefined =>
  ({ true: `without ${header}`, false: `with ${header}` })[values.join()]

/** A service by the name under which it calls KMS. */
const viaName = (value: string): string => {
  const [service = ''] = value.split('.')
  return services[service] === undefined ? value : `${services[service]} (${value})`
}

function ofContext(operator: string, key: string, values: readonly string[]): string | undefined {
  const name = /^kms:EncryptionContext:(.+)$/i.exec(key)?.[1]
  if (operator !== 'StringEquals' || name === undefined) return undefined
  return `with the context ${name} = “${one(values)}”`
}

const lockSchema = z.looseObject({
  ObjectLockConfiguration: z.looseObject({
    Rule: z.looseObject({
      DefaultRetention: z.strictObject({
        Mode: z.enum(['COMPLIANCE', 'GOVERNANCE']),
        Days: z.number().optional(),
        Years: z.number().optional(),
      }),
    }),
  }),
})

/** For how long nobody can remove what is put into a bucket (S3 Object Lock). */
export function lockOf(bucket: string, properties: unknown): Words {
  const lock = lockSchema.safeParse(properties).data
  if (lock === undefined) return understood(`No lock keeps what is put into the bucket ${bucket}.`)
  const { Mode, Days, Years } = lock.ObjectLockConfiguration.Rule.DefaultRetention
  const kept = Days === undefined ? `${Years} years` : `${Days} day${Days === 1 ? '' : 's'}`
  const who =
    Mode === 'COMPLIANCE'
      ? 'nobody, the owner of the account included,'
      : 'nobody but whoever may lift the lock (s3:BypassGovernanceRetention)'
  return understood(
    `What is put into the bucket ${bucket} is locked for ${kept}: ${who} can remove it sooner or shorten that.`,
  )
}
