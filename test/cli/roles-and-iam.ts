/**
 * The template, as the doctor puts it into sentences and as IAM would answer: `test/infra/iam.ts` works that
 * out by itself, and knows nothing of sentences.
 */

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Template } from 'aws-cdk-lib/assertions'
import type { Holder } from '../../functions/cli/roles/said.ts'
import { saidLines, saidOf } from '../../functions/cli/roles.ts'
import { readSettings } from '../../infra/settings.ts'
import { comityStack, newApp } from '../../infra/stack.ts'
import { standIns } from '../infra/deployment.ts'
import { administrator, may, type Principal, roleOf } from '../infra/iam.ts'
import { type Resources, region, resourcesIn } from '../infra/template.ts'

export const folder = mkdtempSync(join(tmpdir(), 'comity-roles-'))
export const end = (): void => rmSync(folder, { recursive: true })

export type Json = {
  Resources: Record<string, { Type: string; Properties: Record<string, unknown> }>
}
/** The template of a gateway with these settings. */
export const templateOf = (settings: Readonly<Record<string, string>>): Json => {
  const read = readSettings((name) => settings[name])
  // A cast: this is what a template is.
  return Template.fromStack(comityStack(newApp(), read, standIns(folder))).toJSON() as Json
}
export const template = templateOf({})
export const deployed = resourcesIn(template)
export const logicalId = (construct: string): string =>
  Object.keys(template.Resources).find((id) => new RegExp(`^${construct}[0-9A-F]{8}$`).test(id)) ??
  construct

/** The template, changed. */
export function changed(change: (resources: Json['Resources']) => void): Json {
  const copy = structuredClone(template)
  change(copy.Resources)
  return copy
}

export type Statement = Readonly<Record<string, unknown>>
export const arnOf = (construct: string, path = '') => ({
  'Fn::Join': ['', [{ 'Fn::GetAtt': [logicalId(construct), 'Arn'] }, path]],
})
export const statementsOf = (resources: Json['Resources'], construct: string): Statement[] => {
  const { Type, Properties = {} } = resources[logicalId(construct)] ?? {}
  const document =
    Type === 'AWS::KMS::Key'
      ? Properties.KeyPolicy
      : Type === 'AWS::DynamoDB::GlobalTable'
        ? at(Properties, 'Replicas', 0, 'ResourcePolicy', 'PolicyDocument')
        : Properties.PolicyDocument
  // A cast: policies of CDK have lists.
  return at(document, 'Statement') as Statement[]
}
export const at = (value: unknown, ...path: readonly (string | number)[]): unknown =>
  // A cast: a path through JSON.
  path.reduce((each, key) => (each as Record<string, unknown>)[key], value)
export const adding = (construct: string, statement: Statement) =>
  changed((resources) => statementsOf(resources, construct).push(statement))
export const without = (construct: string, sid: string) =>
  changed((resources) => {
    const all = statementsOf(resources, construct)
    all.splice(0, all.length, ...all.filter(({ Sid }) => Sid !== sid))
  })

/** What the doctor says of a template. */
export function saidIn(json: unknown) {
  const file = join(folder, 'one.template.json')
  writeFileSync(file, JSON.stringify(json))
  const all = saidOf('', file)
  return { ...all, lines: saidLines(all), holder: (name: string) => holderIn(all.roles, name) }
}

function holderIn(roles: readonly Holder[], name: string): Holder {
  const holder = roles.find((each) => each.name === name)
  if (holder === undefined) throw new Error(`nothing is said of ${name}`)
  return holder
}

type Context = Readonly<Record<string, string | readonly string[]>>
const tls = { 'aws:SecureTransport': 'true', 's3:TlsVersion': '1.3' }
const purpose = {
  'kms:EncryptionContext:purpose': 'comity secrets',
  'kms:EncryptionContextKeys': ['purpose'],
}
const ed25519 = { 'kms:MessageType': 'RAW', 'kms:SigningAlgorithm': 'ED25519_SHA_512' }
const contexts: Readonly<Record<string, readonly Context[]>> = {
  dynamodb: ['A#DE-POL#request#1', 'P#1', 'O#DE-POL', 'SECRETS'].map((key) => ({
    ...tls,
    'dynamodb:LeadingKeys': [key],
  })),
  kms: [
    tls,
    { ...purpose },
    { ...purpose, 'kms:EncryptionContext:purpose': 'another' },
    { ...purpose, 'kms:EncryptionContextKeys': ['purpose', 'more'] },
    { 'kms:ViaService': `dynamodb.${region}.amazonaws.com` },
    { 'kms:ViaService': `s3.${region}.amazonaws.com` },
    ed25519,
    { ...ed25519, 'kms:MessageType': 'DIGEST' },
  ],
  s3: [
    tls,
    { ...tls, 's3:if-none-match': '*' },
    { ...tls, 's3:if-match': '"a"' },
    { ...tls, 'aws:SecureTransport': 'false', 's3:if-none-match': '*' },
    { ...tls, 's3:TlsVersion': '1.1', 's3:if-none-match': '*' },
  ],
}

/** What is asked of each type of resource: the service, and the parts that have an ARN. */
const types: Readonly<Record<string, readonly [string, readonly string[]]>> = {
  'AWS::DynamoDB::GlobalTable': ['dynamodb', ['', '/index/sweep', '/index/other', '/stream/label']],
  'AWS::IAM::Role': ['iam', ['']],
  'AWS::KMS::Key': ['kms', ['']],
  'AWS::Lambda::Function': ['lambda', ['', ':live', ':7']],
  'AWS::Logs::LogGroup': ['logs', ['']],
  'AWS::S3::Bucket': ['s3', ['', '/l/de/2026/tile/0/000', '/l/de/2026/checkpoint']],
  'AWS::SQS::Queue': ['sqs', ['']],
}

/** The actions that are named in a part of a template. */
function namesIn(part: unknown): readonly string[] {
  return JSON.stringify(part).match(/(?<=")[a-z0-9]+:[A-Z]\w+(?=")/g) ?? []
}

/** Actions that a template might give: those in it, and those that it should not give. */
const actions = [
  ...new Set([
    ...namesIn(template),
    ...['DeleteTable', 'PartiQLSelect', 'RestoreTableToPointInTime', 'Scan', 'UpdateItem'].map(
      (each) => `dynamodb:${each}`,
    ),
    ...['CreateGrant', 'GenerateMac', 'ImportKeyMaterial', 'Verify'].map((each) => `kms:${each}`),
    ...['BypassGovernanceRetention', 'DeleteBucketPolicy', 'PutObjectAcl'].map((e) => `s3:${e}`),
    ...['lambda:UpdateFunctionCode', 'sqs:ReceiveMessage', 'logs:DeleteLogGroup', 'iam:PassRole'],
  ]),
].sort()

/** What only manages a key depends on no condition. */
const [administration, ...uses] = statementsOf(template.Resources, 'TablesKey')
const manages = new Set(namesIn(administration).filter((each) => !namesIn(uses).includes(each)))

/** Every question about one template: who may do what, with what, how. */
export const questions = [...deployed].flatMap(([id, { type }]) => {
  const [service, paths] = types[type] ?? ['', []]
  return paths.flatMap((path) =>
    actions
      .filter((action) => action.startsWith(`${service}:`))
      .flatMap((action) =>
        (manages.has(action) ? [tls] : (contexts[service] ?? [tls])).map((context) => ({
          ...{ id, type, path, action, context },
        })),
      ),
  )
})
type Question = (typeof questions)[number]

/** Whether the doctor says that a principal may: by the patterns and conditions of each right. */
function says({ may: rights }: Holder, { id, type, path, action, context }: Question): boolean {
  // A log group's ARN takes in its streams.
  const arn = `arn:${id}${type === 'AWS::Logs::LogGroup' ? ':*' : path}`
  return rights.some(
    (right) =>
      right.on === id &&
      right.actions.some((each) => fits(each, action)) &&
      fits(right.resource, arn) &&
      right.only.every((each) => holds(each, context)) &&
      !right.never.some(
        (ban) =>
          ban.actions.some((each) => fits(each, action)) &&
          ban.scope.some((each) => fits(each, arn)) &&
          !ban.except.some((each) => fits(each, arn)) &&
          holds(ban.conditions, context),
      ),
  )
}

/** Whether a pattern fits, once AWS has given names as the oracle does. */
function fits(pattern: string, text: string): boolean {
  const named = pattern
    .replace(/arn:<AWS::Partition>:[^<]*(?:<AWS::(?:Region|AccountId)>[^<]*)*<(\w+)>/, 'arn:$1')
    .replace(/<\w+\.StreamLabel>/, 'label')
  const quoted = named.split('*').map((each) => each.replace(/[.+?^${}()|[\]\\]/g, '\\$&'))
  return new RegExp(`^${quoted.join('.*')}$`, 'i').test(text)
}

type Conditions = Readonly<Record<string, Readonly<Record<string, readonly string[]>>>>
const holds = (conditions: Conditions, context: Context): boolean =>
  Object.entries(conditions).every(([operator, keys]) =>
    Object.entries(keys).every(([key, values]) => {
      const named = values.map((each) => each.replace('<AWS::Region>', region))
      const given = context[key]
      const all = [given ?? []].flat()
      const isOne = all.length === 1 && named.includes(all[0] ?? '')
      const tests: Readonly<Record<string, boolean>> = {
        Bool: isOne,
        StringEquals: isOne,
        Null: named.includes(String(given === undefined)),
        NumericLessThan: all.length === 1 && named.every((each) => Number(all[0]) < Number(each)),
        'ForAllValues:StringEquals': all.every((each) => named.includes(each)),
        'ForAllValues:StringLike': all.every((each) =>
          named.some((one) => one.endsWith('*') && each.startsWith(one.slice(0, -1))),
        ),
      }
      const result = tests[operator]
      if (result === undefined) throw new Error(`the operator ${operator} is not expected here`)
      return result
    }),
  )

/** Every role of a template and its administrator, as the oracle and as the doctor know them. */
export function everybody(said: ReturnType<typeof saidIn>, resources: Resources) {
  const roles = [...resources].filter(([, { type }]) => type === 'AWS::IAM::Role')
  return [
    ...roles.map(([id]): readonly [string, Principal, Holder] => {
      const construct = id.slice(0, -8)
      const name = construct.replace(/Role$/, '')
      return [name, roleOf(resources, construct), said.holder(name)]
    }),
    ['administrator', administrator, said.administrator] as const,
  ]
}

/** Where the doctor and the oracle differ. */
export const differences = (
  said: ReturnType<typeof saidIn>,
  resources: Resources,
  asked: readonly Question[] = questions,
  who?: readonly string[],
) =>
  everybody(said, resources).flatMap(([name, principal, holder]) =>
    (who?.includes(name) === false ? [] : asked)
      .filter((question) => {
        const { id, action, path, context } = question
        const ask = { action, on: id.slice(0, -8), path, context }
        return may(principal, ask, resources) !== says(holder, question)
      })
      .map(({ id, action, path, context }) =>
        [name, action, id + path, JSON.stringify(context)].join(' '),
      ),
  )

/** Of what the templates below change, and of one that they do not. */
export const asked = questions.filter(({ id, action }) => {
  const isNear = /^(Decisions|Records|Archive|SecretsKey|CheckpointKey)[0-9A-F]{8}$/.test(id)
  return isNear && !manages.has(action)
})

/** What actions are called: the words are theirs, and stand in no other sentence. */
export const words: Readonly<Record<string, string>> = {
  'dynamodb:BatchGetItem': 'batch-get',
  'dynamodb:BatchWriteItem': 'batch-write',
  'dynamodb:DeleteItem': 'delete',
  'dynamodb:GetItem': 'get',
  'dynamodb:PutItem': 'put',
  'dynamodb:Query': 'query',
  'dynamodb:Scan': 'scan',
  'dynamodb:UpdateItem': 'update',
  'kms:Decrypt': 'decrypt with',
  'kms:DescribeKey': 'describe',
  'kms:Encrypt': 'encrypt with',
  'kms:GenerateDataKey': 'make data keys with',
  'kms:GenerateDataKeyWithoutPlaintext': 'make wrapped data keys with',
  'kms:GetPublicKey': 'read the public half of',
  'kms:ReEncryptFrom': 're-encrypt from',
  'kms:ReEncryptTo': 're-encrypt to',
  'kms:Sign': 'sign with',
  's3:GetObject': 'get',
  's3:ListBucket': 'list',
  's3:PutObject': 'put',
}
/** What tables hold, and what else there is. */
export const nouns: Readonly<Record<string, string>> = {
  Decisions: 'entries (table Decisions)',
  Keys: 'keys (table Keys)',
  Records: 'records (table Records)',
  Attestations: 'attestations (table Attestations)',
  Register: 'agencies (table Register)',
  Sealing: 'marks of what is sealed (table Sealing)',
  Signatures: 'memories of what was signed (table Signatures)',
  Lookups: 'look-up rows (table Lookups)',
  TablesKey: 'the key TablesKey',
  SecretsKey: 'the key SecretsKey',
  CheckpointKey: 'the key CheckpointKey',
}
