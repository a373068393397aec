/** What AWS says of an account before anything is deployed there. Only reads, and keeps nothing. */

import {
  DynamoDBClient,
  ListTablesCommand,
  type ListTablesCommandOutput,
} from '@aws-sdk/client-dynamodb'
import {
  GetAccountSettingsCommand,
  LambdaClient,
  type LambdaClientConfig,
} from '@aws-sdk/client-lambda'
import * as z from 'zod'
import { post } from './post.ts'
import { signerFor } from './signature-v4.ts'

/** What was asked for; or why there is no answer: AWS’s code, or the kind of failure. */
export type AwsAnswer<T> = { readonly answer: T } | { readonly why: string }

/** An account, as seen by whoever asks. */
export type AwsAccount = ReturnType<typeof awsAccount>

/** Longest we wait for an answer, ms, and the longest one that we read, bytes. */
const limits = { timeoutMs: 10_000, bytesMax: 1_000_000 }
/** Most tables that are looked through: an account may have 2,500 in a Region. */
const tablesMax = 3000

/**
 * The account in a Region, with the credentials that the AWS CLI would take. `endpoint` is where a test plays AWS.
 * Each call resolves: what goes wrong is an answer, too.
 */
export function awsAccount(region: string, endpoint = process.env.AWS_ENDPOINT_URL) {
  const client = {
    region,
    maxAttempts: 2,
    requestHandler: { connectionTimeout: 3000, requestTimeout: limits.timeoutMs },
    ...(endpoint !== undefined && { endpoint }),
  }
  const dynamodb = new DynamoDBClient(client)
  const ask = asking(region, () => dynamodb.config.credentials(), endpoint)
  return {
    /** Who asks: the account and the ARN. */
    caller: () =>
      answered(ask('sts', form('GetCallerIdentity', '2011-06-15')), (text) => ({
        account: tagged(text, 'Account')[0] ?? '',
        arn: tagged(text, 'Arn')[0] ?? '',
      })),
    /** The state of a stack, and its outputs by name; undefined if there is none. */
    stack: async (name: string) => {
      const parameters = { StackName: name }
      const said = await ask('cloudformation', form('DescribeStacks', '2010-05-15', parameters))
      if ('why' in said && said.why === 'ValidationError') return { answer: undefined }
      return answered(said, (text) => ({
        status: tagged(text, 'StackStatus')[0] ?? '',
        version: /<OutputKey>BootstrapVersion<\/OutputKey>\s*<OutputValue>(\d+)</.exec(text)?.[1],
      }))
    },
    /** Which of these actions IAM would allow whoever has an ARN. */
    allowed: (arn: string, actions: readonly string[]) =>
      answered(
        ask(
          'iam',
          form('SimulatePrincipalPolicy', '2010-05-08', {
            PolicySourceArn: arn,
            ...Object.fromEntries(
              actions.map((each, i) => [`ActionNames.member.${i + 1}`, each] as const),
            ),
          }),
        ),
        (text) => {
          const decisions = tagged(text, 'EvalDecision')
          return tagged(text, 'EvalActionName').filter((_, i) => decisions[i] === 'allowed')
        },
      ),
    /** Whether each trail that covers the Region logs; their names are not needed. */
    trails: async () => {
      const said = await ask('cloudtrail', json('CloudTrail_20131101.DescribeTrails', {}))
      return answered(
        said,
        (text) =>
          z
            .object({ trailList: z.array(z.looseObject({ TrailARN: z.string() })) })
            .parse(JSON.parse(text)).trailList,
      )
    },
    isLogging: (trail: string) =>
      answered(
        ask('cloudtrail', json('CloudTrail_20131101.GetTrailStatus', { Name: trail })),
        (text) => z.looseObject({ IsLogging: z.boolean() }).parse(JSON.parse(text)).IsLogging,
      ),
    /** The state of a certificate of ACM, such as `ISSUED`. */
    certificate: (arn: string) =>
      answered(
        ask('acm', json('CertificateManager.DescribeCertificate', { CertificateArn: arn })),
        (text) =>
          z.object({ Certificate: z.looseObject({ Status: z.string() }) }).parse(JSON.parse(text))
            .Certificate.Status,
      ),
    ...readBySdk(client, dynamodb),
  }
}

/** What needs another method than `POST`, or comes in pages. */
const readBySdk = (client: LambdaClientConfig, dynamodb: DynamoDBClient) => ({
  /** Instances of Lambda that the account may have at a time, and those that nothing has reserved. */
  instances: () =>
    sent(async () => {
      const { AccountLimit } = await new LambdaClient(client).send(
        new GetAccountSettingsCommand({}),
      )
      return z
        .looseObject({
          ConcurrentExecutions: z.number(),
          UnreservedConcurrentExecutions: z.number(),
        })
        .transform((limit) => ({
          all: limit.ConcurrentExecutions,
          free: limit.UnreservedConcurrentExecutions,
        }))
        .parse(AccountLimit)
    }),
  /** The tables whose names begin so. */
  tables: (prefix: string) =>
    sent(async () => {
      const names: string[] = []
      let from: string | undefined
      do {
        const page: ListTablesCommandOutput = await dynamodb.send(
          new ListTablesCommand(from === undefined ? {} : { ExclusiveStartTableName: from }),
        )
        names.push(...(page.TableNames ?? []))
        from = page.LastEvaluatedTableName
      } while (from !== undefined && names.length < tablesMax)
      return names.filter((name) => name.startsWith(prefix))
    }),
})

type Message = {
  readonly type: string
  readonly target?: string
  readonly body: string
}

const form = (
  Action: string,
  Version: string,
  parameters: Readonly<Record<string, string>> = {},
): Message => ({
  type: 'application/x-www-form-urlencoded',
  body: new URLSearchParams({ Action, Version, ...parameters }).toString(),
})
const json = (target: string, body: object): Message => ({
  type: 'application/x-amz-json-1.1',
  target,
  body: JSON.stringify(body),
})

/** IAM has one place for all Regions. */
const everywhere: Readonly<Record<string, string>> = { iam: 'us-east-1' }

type Credentials = Awaited<ReturnType<DynamoDBClient['config']['credentials']>>

/** Posts a signed call; the text of its answer, or AWS’s code for why not. */
const asking =
  (region: string, credentials: () => Promise<Credentials>, endpoint: string | undefined) =>
  async (service: string, { type, target, body }: Message): Promise<AwsAnswer<string>> => {
    const of = everywhere[service] ?? region
    const suffix = region.startsWith('cn-') ? 'amazonaws.com.cn' : 'amazonaws.com'
    const host = service in everywhere ? `${service}.${suffix}` : `${service}.${of}.${suffix}`
    const url = new URL(endpoint ?? `https://${host}`)
    const headers = {
      'content-type': type,
      host: url.host,
      ...(target !== undefined && { 'x-amz-target': target }),
    }
    const signed = await credentials().then(
      (found) => signerFor(of, service)(found, { headers, path: '/', body }, new Date()),
      () => undefined,
    )
    if (signed === undefined) return { why: 'there are no credentials' }
    const { host: _, ...sentHeaders } = signed
    const said = await post(`${url.origin}/`, { body, headers: sentHeaders, ...limits })
    if ('why' in said) return said
    const text = Buffer.from(said.bytes).toString()
    return said.status === 200
      ? { answer: text }
      : { why: codeIn(text) ?? `it answered ${said.status}` }
  }

/** AWS’s code for an error, in XML or in JSON. */
const codeIn = (text: string): string | undefined =>
  /<Code>(\w+)<\/Code>/.exec(text)?.[1] ?? /"__type"\s*:\s*"(?:[^"#]*#)?(\w+)"/.exec(text)?.[1]

const tagged = (text: string, tag: string): readonly string[] =>
  [...text.matchAll(new RegExp(`<${tag}>([^<]*)</${tag}>`, 'g'))].map(([, value = '']) => value)

/** What an answer says; one that is not read as it should be is no answer. */
async function answered<T>(
  asked: AwsAnswer<string> | Promise<AwsAnswer<string>>,
  read: (text: string) => T,
): Promise<AwsAnswer<T>> {
  const said = await asked
  if ('why' in said) return said
  try {
    return { answer: read(said.answer) }
  } catch {
    return { why: 'its answer is not understood' }
  }
}

/** The same of a call by the SDK. */
const sent = async <T>(call: () => Promise<T>): Promise<AwsAnswer<T>> =>
  call().then(
    (answer) => ({ answer }),
    (error: unknown) => ({ why: error instanceof Error ? error.name : 'it failed' }),
  )
