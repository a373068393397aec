/** `comity doctor --account`, on a server that answers as AWS does, with each thing made bad that it looks at. */

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type IncomingMessage } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest'
import type { Check } from '../../functions/cli/doctor/check.ts'
import { addDoctor } from '../../functions/cli/doctor.ts'
import { openLocalStore } from '../../functions/demo/store.ts'
import { listen } from '../dynalite.ts'
import { run } from './in-process.ts'

const account = '111122223333'
const me = `arn:aws:sts::${account}:assumed-role/Deployer/anna`

/** What AWS says to a call, by the name of its action: a status and a body. */
type Says = readonly [status: number, body: string | object]
const xml = (tags: Readonly<Record<string, string>>) =>
  `<R>${Object.entries(tags)
    .map(([tag, value]) => `<${tag}>${value}</${tag}>`)
    .join('')}</R>`
const missing: Says = [
  400,
  '<ErrorResponse><Error><Code>ValidationError</Code></Error></ErrorResponse>',
]
const denied: Says = [
  403,
  '<ErrorResponse><Error><Code>AccessDenied</Code></Error></ErrorResponse>',
]
const bootstrap = (version: number): Says => [
  200,
  `<R><StackStatus>CREATE_COMPLETE</StackStatus><Outputs><member><OutputKey>BootstrapVersion</OutputKey><OutputValue>${version}</OutputValue></member></Outputs></R>`,
]
const simulated = (decide: (action: string) => boolean) => (asked: string) =>
  Array.from(new URLSearchParams(asked))
    .filter(([name]) => name.startsWith('ActionNames'))
    .map(([, action]) =>
      xml({
        EvalActionName: action,
        EvalDecision: decide(action) ? 'allowed' : 'implicitDeny',
      }),
    )
    .join('')

type Answers = Readonly<Record<string, Says | ((asked: string) => string)>>
/** An account in which everything is as it should be. */
const fit: Answers = {
  GetCallerIdentity: [200, xml({ Arn: me, UserId: 'A', Account: account })],
  'DescribeStacks CDKToolkit': bootstrap(27),
  'DescribeStacks Comity-prod': missing,
  'DescribeStacks Comity-dev': missing,
  SimulatePrincipalPolicy: simulated(() => true),
  DescribeTrails: [
    200,
    { trailList: [{ TrailARN: 'arn:aws:cloudtrail:eu-central-1:1:trail/all' }] },
  ],
  GetTrailStatus: [200, { IsLogging: true }],
  DescribeCertificate: [200, { Certificate: { Status: 'ISSUED' } }],
  ListTables: [200, { TableNames: ['Other'] }],
  'account-settings': [
    200,
    { AccountLimit: { ConcurrentExecutions: 1000, UnreservedConcurrentExecutions: 1000 } },
  ],
}

let answers: Answers = fit
let asked: string[] = []

function nameOf({ url = '', headers }: IncomingMessage, body: string): string {
  const target = headers['x-amz-target']
  if (typeof target === 'string') return target.split('.')[1] ?? ''
  if (url.includes('account-settings')) return 'account-settings'
  const form = new URLSearchParams(body)
  const stack = form.get('StackName')
  return `${form.get('Action')}${stack === null ? '' : ` ${stack}`}`
}

const server = createServer(async (request, response) => {
  const body = await text(request)
  const name = nameOf(request, body)
  const [, region = '', service = ''] =
    /Credential=AKIDEXAMPLE\/\d+\/([\w-]+)\/(\w+)\//.exec(request.headers.authorization ?? '') ?? []
  asked.push(`${service} ${region} ${name}`)
  const says = answers[name] ?? [400, { __type: 'UnknownOperationException' }]
  const [status, said] = typeof says === 'function' ? [200, says(body)] : says
  response.writeHead(status, {
    'content-type': typeof said === 'string' ? 'text/xml' : 'application/json',
  })
  response.end(typeof said === 'string' ? said : JSON.stringify(said))
})

const folder = mkdtempSync(join(tmpdir(), 'comity-account-'))
let endpoint = ''
beforeAll(async () => {
  endpoint = await listen(server)
})
afterAll(() => {
  server.close()
  rmSync(folder, { recursive: true })
})
beforeEach(() => {
  answers = fit
  asked = []
  vi.stubEnv('AWS_ENDPOINT_URL', endpoint)
  vi.stubEnv('AWS_ACCESS_KEY_ID', 'AKIDEXAMPLE')
  vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'secret-of-the-test')
  vi.stubEnv('AWS_REGION', undefined)
})
afterEach(() => vi.unstubAllEnvs())

const settings = { environment: 'prod', regions: 'eu-central-1,eu-west-1,eu-west-3' }
const ask = (context: object, args: readonly string[]) => {
  writeFileSync(join(folder, 'cdk.json'), JSON.stringify({ app: 'node', context }))
  const patient = {
    root: folder,
    data: folder,
    url: 'http://127.0.0.1:9',
    openStore: openLocalStore,
  }
  return run((program) => addDoctor(program, patient), '', ['doctor', '--account', ...args])
}

/** What the doctor finds in an account that is fit but for this. */
async function doctor(but: Answers, context: object = settings, args: readonly string[] = []) {
  answers = { ...fit, ...but }
  const { code, stdout } = await ask(context, [...args, '--json'])
  const { checks } = JSON.parse(stdout) as { readonly checks: readonly Check[] }
  const bad = checks.filter(({ mark }) => mark !== 'ok')
  return { code, checks, bad }
}

describe('An account that is fit', () => {
  // Kills: a look that is left out; the second Region taken for the first; a call that changes something.
  test('is found to be so, by reading alone, in both Regions', async () => {
    const { code, bad, checks } = await doctor({})
    expect(bad).toEqual([])
    expect(code).toBe(0)
    expect(checks.map(({ looked }) => looked)).toEqual([
      ...['Account', 'Bootstrap in eu-central-1', 'Bootstrap in eu-west-1', 'Stack Comity-prod'],
      ...['Tables', 'Instances of Lambda', 'Trail', 'Rights'],
    ])
    expect(asked).toContain('cloudformation eu-west-1 DescribeStacks CDKToolkit')
    expect(asked).toContain('iam us-east-1 SimulatePrincipalPolicy')
    for (const each of asked) expect(each).toMatch(/ (Get|Describe|List|Simulate|account-settings)/)
  })

  test('is asked for by its Region, which a trial need not name in its settings', async () => {
    expect((await doctor({}, {}, ['--region', 'eu-north-1'])).bad).toEqual([])
    expect(asked).toContain('sts eu-north-1 GetCallerIdentity')
    const unsaid = await ask({}, [])
    expect([unsaid.code, unsaid.stderr]).toEqual([2, expect.stringContaining('--region')])
    const elsewhere = await doctor({}, settings, ['--region', 'eu-north-1'])
    expect(elsewhere.bad).toEqual([expect.objectContaining({ mark: 'fault', looked: 'Region' })])
  })

  test('is told of in words, without the secret that signs', async () => {
    const { stdout } = await ask(settings, [])
    expect(stdout).toContain(`Account: ${account}, as ${me}.`)
    expect(stdout).toContain('All is well.')
    expect(stdout).not.toContain('secret-of-the-test')
  })
})

describe('The doctor finds', () => {
  const limit = (all: number, free: number): Says => [
    200,
    { AccountLimit: { ConcurrentExecutions: all, UnreservedConcurrentExecutions: free } },
  ]
  const own = { ...settings, certificate: 'arn:aws:acm:eu-central-1:1:certificate/1' }
  const there = { ...settings, certificate: 'arn:aws:acm:us-east-1:1:certificate/1' }

  test.each<[string, Answers, object, Partial<Check>]>([
    [
      'that nobody is logged in',
      { GetCallerIdentity: [403, '<E><Code>InvalidClientTokenId</Code></E>'] },
      settings,
      { mark: 'fault', looked: 'Account' },
    ],
    [
      'a Region without a bootstrap',
      { 'DescribeStacks CDKToolkit': missing },
      settings,
      { mark: 'fault', looked: 'Bootstrap in eu-west-1' },
    ],
    [
      'a bootstrap of long ago',
      { 'DescribeStacks CDKToolkit': bootstrap(5) },
      {},
      { mark: 'fault', looked: 'Bootstrap in eu-central-1' },
    ],
    [
      'a first try that was taken back',
      { 'DescribeStacks Comity-prod': [200, xml({ StackStatus: 'ROLLBACK_FAILED' })] },
      settings,
      { mark: 'fault', looked: 'Stack Comity-prod' },
    ],
    [
      'tables that an earlier deployment left',
      { ListTables: [200, { TableNames: ['Comity-prod-Decisions1-X'] }] },
      settings,
      { mark: 'warning', looked: 'Tables' },
    ],
    [
      // A new account: 31 are reserved, and AWS keeps 100.
      'too few instances, and how many to ask for',
      { 'account-settings': limit(130, 130) },
      settings,
      {
        mark: 'fault',
        looked: 'Instances of Lambda',
        found: expect.stringContaining('131 are needed'),
      },
    ],
    [
      'too few instances for what the settings say',
      { 'account-settings': limit(150, 150) },
      { ...settings, functions: '{"access":{"instancesMax":40}}' },
      {
        mark: 'fault',
        looked: 'Instances of Lambda',
        found: expect.stringContaining('151 are needed'),
      },
    ],
    [
      'no trail that logs',
      { GetTrailStatus: [200, { IsLogging: false }] },
      settings,
      { mark: 'warning', looked: 'Trail' },
    ],
    [
      'a right that is missing',
      { SimulatePrincipalPolicy: simulated((action) => action !== 'kms:GetPublicKey') },
      settings,
      { mark: 'warning', looked: 'Rights', found: expect.stringContaining('kms:GetPublicKey') },
    ],
    [
      'what it may not look at, which is not as if all were well',
      { SimulatePrincipalPolicy: denied },
      settings,
      { mark: 'warning', looked: 'Rights', found: 'not looked at: AccessDenied' },
    ],
    [
      'a certificate that is not issued',
      { DescribeCertificate: [200, { Certificate: { Status: 'PENDING_VALIDATION' } }] },
      own,
      { mark: 'fault', looked: 'Certificate' },
    ],
    ['a certificate of another Region', {}, there, { mark: 'fault', looked: 'Certificate' }],
  ])('%s', async (_, but, context, check) => {
    const { code, bad } = await doctor(but, context, ['--region', 'eu-central-1'])
    expect(bad).toContainEqual(expect.objectContaining(check))
    for (const { fix } of bad) expect(fix).toMatch(/\S{2,} \S/)
    expect(code).toBe(check.mark === 'fault' ? 1 : 0)
  })

  // Kills: a trial that is told to ask for what it does not reserve.
  test('room in a new account for a trial, which reserves nothing', async () => {
    const { bad } = await doctor({ 'account-settings': limit(50, 50) }, {}, [
      '--region',
      'eu-west-1',
    ])
    expect(bad).toEqual([])
  })
})

test('An account and a gateway are not looked at in one go', async () => {
  const { code, stderr } = await ask(settings, ['--url', 'http://127.0.0.1:9'])
  expect([code, stderr]).toEqual([2, expect.stringContaining('leave out the other options')])
})
