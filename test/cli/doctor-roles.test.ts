/**
 * `comity doctor --roles`, held to what IAM would answer: `test/infra/iam.ts` works that out by itself,
 * from the same template, and knows nothing of sentences.
 */

import { mkdirSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterAll, describe, expect, test } from 'vitest'
import * as z from 'zod'
import { addDoctor } from '../../functions/cli/doctor.ts'
import { may } from '../infra/iam.ts'
import { ofType, resourcesIn } from '../infra/template.ts'
import { run } from './in-process.ts'
import {
  adding,
  arnOf,
  asked,
  at,
  changed,
  deployed,
  differences,
  end,
  everybody,
  folder,
  type Json,
  logicalId,
  nouns,
  questions,
  type Statement,
  saidIn,
  statementsOf,
  template,
  templateOf,
  without,
  words,
} from './roles-and-iam.ts'

afterAll(end)

describe('The sentences', () => {
  const said = saidIn(template)

  // Kills: a key’s policy that is not read; bans that are forgotten, or taken for whole; a context dropped.
  test('cover every right of every role, and no other: IAM would answer the same', () => {
    expect(questions.length).toBeGreaterThan(1000)
    expect(differences(said, deployed)).toEqual([])
    expect(ofType(deployed, 'AWS::IAM::Role')).toHaveLength(said.roles.length)
  })

  // Kills: a verb that is another action’s; a right that is in the data and in no line.
  test('name what IAM lets a role do with a table or key, each action by its own words', () => {
    for (const [name, principal] of everybody(said, deployed))
      for (const [construct, noun] of name === 'administrator' ? [] : Object.entries(nouns)) {
        const allowed = questions
          .filter(({ id, path }) => id.slice(0, -8) === construct && path === '')
          .filter(({ action, context }) =>
            may(principal, { action, on: construct, context }, deployed),
          )
          .map(({ action }) => words[action] ?? action)
        const lines = said.lines.filter(
          (line) =>
            line.startsWith(`  ${name} may `) &&
            new RegExp(`(?<!stream of )${escaped(noun)}[.,]`).test(line),
        )
        const told = lines.flatMap((line) =>
          line.slice(`  ${name} may `.length, line.indexOf(` ${noun}`)).split(/, | and /),
        )
        expect(told.toSorted(), `${name}, ${noun}`).toEqual([...new Set(allowed)].sort())
      }
  })

  test('leave nothing out that they do not understand', () => {
    expect(said.unread).toEqual([])
    expect(said.lines.join('\n')).not.toContain('not understood')
    expect(said.complete).toBe(true)
  })

  test('can be read by somebody who knows no IAM', () => {
    expect(said.lines).toEqual(
      expect.arrayContaining([
        '  Only Lambda (lambda.amazonaws.com) may take this role.',
        '  Access may batch-get, get and put entries (table Decisions).',
        '  Access may decrypt with and encrypt with the key SecretsKey, only with the context purpose = “comity secrets” and also with nothing but purpose in the context.',
        '  Access may do nothing else.',
        '  Audit may delete, get, put, query, scan and update keys (table Keys).',
        '  Seal may query entries by the index sweep (table Decisions).',
        '  Seal may put files (bucket Archive), but never without TLS, and never by TLS older than 1.2, and never without If-None-Match (other than `*/checkpoint`), and never files */checkpoint (bucket Archive) without If-None-Match and also without If-Match.',
        '  Sign may sign with the key CheckpointKey, only for messages that come as RAW and also by ED25519_SHA_512.',
        '  Nobody but Access and Audit may put entries (table Decisions, with its indexes and streams), an administrator included.',
        '  Nobody may delete or delete versions of files (bucket Archive), an administrator included.',
        '  Nobody but Seal may put files (bucket Archive), an administrator included.',
        '  Nobody may do anything with files (bucket Archive, with the bucket itself) by TLS older than 1.2, an administrator included.',
        '  An administrator may do anything with the queue Abandoned, but never without TLS.',
      ]),
    )
    expect(said.lines.find((line) => line.includes('update entries'))).toMatch(
      /^ {2}Nobody may batch-write, delete, .+ or update entries .+, an administrator included\.$/,
    )
  })

  // Kills: an account that is only known by the name that it has where no Region is set.
  test('are as true of a gateway that is kept in several Regions', () => {
    const there = templateOf({ regions: 'eu-central-1,eu-west-1,eu-west-3' })
    const saidThere = saidIn(there)
    expect(differences(saidThere, resourcesIn(there), asked, ['administrator'])).toEqual([])
    expect(saidThere.complete).toBe(true)
  })

  test('say who calls which function, and on whose behalf', () => {
    const calls = said.lines.filter((line) => / may call the function /.test(line))
    expect(
      calls.map((line) => line.replace(/(?:, version \w+)?(?:, only.*)?\.$/, '').trim()).sort(),
    ).toEqual([
      'API Gateway (apigateway.amazonaws.com) may call the function Access',
      'API Gateway (apigateway.amazonaws.com) may call the function Audit',
      'Audit may call the function Seal',
      'EventBridge (events.amazonaws.com) may call the function Seal',
      'Seal may call the function Sign',
    ])
    for (const line of calls.filter((each) => each.includes('amazonaws.com)')))
      expect(line).toMatch(/, only on behalf of arn:\S+$/)
  })

  test('say for how long Object Lock keeps what is archived, and from whom', () => {
    const lock = (Mode: string, Days: number) =>
      saidIn(
        changed((resources) => {
          Object.assign(resources[logicalId('Archive')]?.Properties ?? {}, {
            ObjectLockConfiguration: { Rule: { DefaultRetention: { Mode, Days } } },
          })
        }),
      ).lines
    expect(said.lines).toContain(
      '  What is put into the bucket Archive is locked for 1 day: nobody but whoever may lift the lock (s3:BypassGovernanceRetention) can remove it sooner or shorten that.',
    )
    expect(lock('COMPLIANCE', 3650)).toContain(
      '  What is put into the bucket Archive is locked for 3650 days: nobody, the owner of the account included, can remove it sooner or shorten that.',
    )
  })
})

const escaped = (text: string) => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')

describe('A template that was made worse', () => {
  /** It is said, and IAM would answer the same. */
  function saidTruly(json: Json, who: readonly string[], about = asked) {
    const said = saidIn(json)
    expect(differences(said, resourcesIn(json), about, who)).toEqual([])
    return said
  }

  test('a right that the table’s own policy forbids is said to be of no effect', () => {
    const { lines, complete } = saidTruly(
      adding('SealRights', {
        Effect: 'Allow',
        Action: 'dynamodb:PutItem',
        Resource: arnOf('Decisions'),
      }),
      ['Seal'],
    )
    expect(lines).toContain(
      '  Seal is granted to no effect to put entries (table Decisions): Decisions is against it.',
    )
    expect(complete).toBe(true)
  })

  // Kills: a right over a key that is said though only the role’s own policy gives it.
  test('so is one over a key whose policy leaves nothing to IAM', () => {
    const { lines } = saidTruly(
      adding('SealRights', {
        Effect: 'Allow',
        Action: 'kms:Sign',
        Resource: arnOf('CheckpointKey'),
      }),
      ['Seal'],
    )
    expect(lines).toContain(
      '  Seal is granted to no effect to sign with the key CheckpointKey: CheckpointKey is against it.',
    )
  })

  // Kills: what lies outside of the template forgotten.
  test('a wildcard is said for each thing that it takes in, less what is forbidden', () => {
    const { lines, holder } = saidTruly(
      adding('SignRights', { Effect: 'Allow', Action: '*', Resource: '*' }),
      ['Sign'],
      questions,
    )
    const everything = lines.find((line) => line.startsWith('  Sign may do anything with the role'))
    expect(everything).toContain('records (table Records, with its indexes and streams)')
    expect(everything).toMatch(/ and anything else in this account\.$/)
    expect(lines.find((line) => line.startsWith('  Sign may do anything with entries'))).toMatch(
      /, but never batch-write, delete, .+ or update them, and never put them\.$/,
    )
    expect(holder('Sign').may.find(({ says: text }) => text.includes('disable'))?.on).toMatch(/Key/)
  })

  // Kills: conditions that stand in the words and not in the statement.
  test('a condition that is gone is gone from the sentence', () => {
    const said = saidTruly(
      changed((resources) => {
        for (const each of statementsOf(resources, 'SecretsKey'))
          if (each.Sid === 'TheOpeners') Object.assign(each, { Condition: undefined })
      }),
      ['Audit', 'Seal'],
    )
    expect(said.lines).toContain('  Audit may decrypt with the key SecretsKey.')
  })

  test('what a table’s policy no longer forbids is no longer said to be forbidden', () => {
    const { lines } = saidTruly(without('Decisions', 'AppendOnly'), ['administrator'])
    expect(lines.some((line) => /Nobody may .*entries/.test(line))).toBe(false)
    expect(lines.find((line) => /administrator may do anything with entries/.test(line))).toMatch(
      /, but never put them\.$/,
    )
  })

  // Kills: what is excepted from a ban, told as if it were forbidden.
  test('a right over checkpoints alone is told with what is forbidden of them, and of nothing else', () => {
    const { lines } = saidTruly(
      adding('SealRights', {
        Effect: 'Allow',
        Action: 's3:PutObject',
        Resource: arnOf('Archive', '/l/*/checkpoint'),
      }),
      ['Seal'],
    )
    expect(lines).toContain(
      '  Seal may put files l/*/checkpoint (bucket Archive), but never without TLS, and never by TLS older than 1.2, and never without If-None-Match and also without If-Match.',
    )
  })

  test('who else may write is named', () => {
    const { lines } = saidTruly(without('ArchivePolicy', 'OneWriter'), ['administrator'])
    expect(lines.some((line) => line.startsWith('  Nobody but Seal may put files'))).toBe(false)
  })

  // Kills: “only” before one of several.
  test('whoever may take a role is named, from another account, too', () => {
    const { lines } = saidIn(
      changed((resources) => {
        const trust = at(
          resources[logicalId('AccessRole')],
          'Properties',
          'AssumeRolePolicyDocument',
        )
        // A cast: policies of CDK have lists.
        ;(at(trust, 'Statement') as Statement[]).push({
          Effect: 'Allow',
          Action: 'sts:AssumeRole',
          Principal: { AWS: 'arn:aws:iam::999999999999:root' },
        })
      }),
    )
    expect(lines).toContain('  `arn:aws:iam::999999999999:root` may take this role.')
    expect(lines.filter((line) => /^ {2}Only Lambda/.test(line))).toHaveLength(3)
  })

  // Kills: everybody in a policy who is nobody of the template.
  test('a function that anybody may call is said to be so', () => {
    const { lines } = saidIn(
      changed((resources) => {
        resources.Open = {
          Type: 'AWS::Lambda::Permission',
          Properties: {
            Action: 'lambda:InvokeFunction',
            FunctionName: { Ref: logicalId('Sign') },
            Principal: '*',
          },
        }
      }),
    )
    expect(lines).toContain('  Anybody, in whatever account, may call the function Sign.')
    expect(lines).toContain('  Access may call the function Sign.')
  })

  const bucket = { Effect: 'Allow', Resource: arnOf('Archive', '/*') }
  const role = (properties: object) =>
    changed((resources) => {
      Object.assign(resources[logicalId('AccessRole')]?.Properties ?? {}, properties)
    })
  const allowsAll = { Effect: 'Allow', Action: '*', Resource: '*' }

  // Kills: a statement that is passed over since it is not understood.
  test.each<[string, Json, string]>([
    ['an action', adding('SignRights', { ...bucket, Action: 's3:Odd' }), 's3:Odd'],
    ['a pattern of actions', adding('SignRights', { ...bucket, Action: 's3:Get*' }), 's3:Get*'],
    ['all actions but some', adding('SignRights', { ...bucket, NotAction: 's3:Odd' }), 'NotAction'],
    [
      'all resources but some',
      adding('SignRights', {
        Effect: 'Allow',
        Action: 's3:GetObject',
        NotResource: 'arn:aws:s3:::odd',
      }),
      'NotResource',
    ],
    [
      'a condition',
      adding('SignRights', {
        ...bucket,
        Action: 's3:GetObject',
        Condition: { IpAddress: { 'aws:SourceIp': '192.0.2.0/24' } },
      }),
      '192.0.2.0/24',
    ],
    [
      'a condition of what is denied',
      adding('ArchivePolicy', {
        Effect: 'Deny',
        Action: 's3:GetObject',
        Resource: arnOf('Archive', '/*'),
        Principal: '*',
        Condition: { StringNotEquals: { 'aws:SourceVpce': 'vpce-1' } },
      }),
      'vpce-1',
    ],
    [
      'a principal',
      adding('SecretsKey', {
        Effect: 'Allow',
        Action: 'kms:Decrypt',
        Resource: '*',
        Principal: { Federated: 'idp.example' },
      }),
      'idp.example',
    ],
    [
      'all principals but some',
      adding('SecretsKey', {
        Effect: 'Allow',
        Action: 'kms:Decrypt',
        Resource: '*',
        NotPrincipal: { AWS: 'arn:aws:iam::999999999999:root' },
      }),
      'NotPrincipal',
    ],
    [
      'a variable of IAM',
      adding('SecretsKey', {
        Effect: 'Allow',
        Action: 'kms:Decrypt',
        Resource: '*',
        Principal: { AWS: { 'Fn::GetAtt': [logicalId('SignRole'), 'Arn'] } },
        // biome-ignore lint/suspicious/noTemplateCurlyInString: as IAM writes it.
        Condition: { StringEquals: { 'kms:EncryptionContext:purpose': '${aws:username}' } },
      }),
      'aws:username',
    ],
    [
      'a choice of CloudFormation',
      adding('SignRights', {
        'Fn::If': ['Odd', { ...allowsAll }, { Ref: 'AWS::NoValue' }],
      }),
      'Fn::If',
    ],
    [
      'a managed policy',
      role({ ManagedPolicyArns: ['arn:aws:iam::aws:policy/Odd'] }),
      'policy/Odd',
    ],
    ['a boundary', role({ PermissionsBoundary: 'arn:aws:iam::aws:policy/Odd' }), 'policy/Odd'],
    [
      'rights of people',
      changed((resources) => {
        resources.Odd = {
          Type: 'AWS::IAM::Policy',
          Properties: { PolicyDocument: { Statement: [allowsAll] }, Groups: ['odd-people'] },
        }
      }),
      'odd-people',
    ],
    [
      'a role of another stack',
      changed((resources) => {
        resources.Odd = {
          Type: 'AWS::IAM::Policy',
          Properties: { PolicyDocument: { Statement: [allowsAll] }, Roles: ['odd-role'] },
        }
      }),
      'odd-role',
    ],
    [
      'a policy of another kind of resource',
      changed((resources) => {
        resources.Odd = {
          Type: 'AWS::Logs::ResourcePolicy',
          Properties: { PolicyDocument: JSON.stringify({ Statement: [allowsAll] }) },
        }
      }),
      'Odd',
    ],
    [
      'a template within it',
      changed((resources) => {
        resources.Odd = {
          Type: 'AWS::CloudFormation::Stack',
          Properties: { TemplateURL: 'https://odd.example' },
        }
      }),
      'https://odd.example',
    ],
  ])('%s that is not understood is printed as it stands, and marked', (_, json, raw) => {
    const { lines, complete } = saidIn(json)
    const marked = lines.filter((line) => line.startsWith('  not understood: read it yourself: '))
    expect(marked.some((line) => line.includes(raw))).toBe(true)
    expect(complete).toBe(false)
    expect(lines.some((line) => line.includes('nothing else'))).toBe(false)
  })

  test('rights written into a role, or into a policy of its own, are said like others', () => {
    const PolicyDocument = {
      Statement: { Effect: 'Allow', Action: 'dynamodb:Scan', Resource: arnOf('Records') },
    }
    const scans = '  Sign may scan records (table Records).'
    const sign = logicalId('SignRole')
    const inline = changed((resources) => {
      Object.assign(resources[sign]?.Properties ?? {}, {
        Policies: [{ PolicyName: 'own', PolicyDocument }],
      })
    })
    const managed = changed((resources) => {
      resources.Own = { Type: 'AWS::IAM::ManagedPolicy', Properties: { PolicyDocument } }
      Object.assign(resources[sign]?.Properties ?? {}, { ManagedPolicyArns: [{ Ref: 'Own' }] })
    })
    for (const json of [inline, managed]) {
      expect(saidIn(json).lines).toContain(scans)
      expect(saidIn(json).complete).toBe(true)
    }
  })

  const roleArn = (role: string) => ({ 'Fn::GetAtt': [logicalId(`${role}Role`), 'Arn'] })
  const anywhere = ['*', 'Decisions', 'Records', 'Archive', 'CheckpointKey', 'SecretsKey', 'Sign']
  const something = fc.record({
    Effect: fc.constantFrom('Allow', 'Deny'),
    Action: fc.subarray(
      [
        '*',
        'dynamodb:*',
        'dynamodb:PutItem',
        'dynamodb:Get*',
        's3:*',
        's3:PutObject',
        'kms:Decrypt',
        'kms:Sign',
        'kms:*',
      ],
      { minLength: 1, maxLength: 2 },
    ),
    on: fc.constantFrom(...anywhere),
    part: fc.constantFrom('', '*', '/*', '/index/*', '/*/checkpoint'),
    Condition: fc.constantFrom(
      {},
      { Bool: { 'aws:SecureTransport': 'false' } },
      { StringEquals: { 'kms:MessageType': 'RAW' } },
      { Null: { 's3:if-match': 'true' } },
      { ArnNotEquals: { 'aws:PrincipalArn': roleArn('Access') } },
    ),
    to: fc.constantFrom(
      'AccessRights',
      'SealRights',
      'SignRights',
      'Decisions',
      'ArchivePolicy',
      'SecretsKey',
    ),
    Principal: fc.constantFrom('*', 'Sign', 'account'),
  })

  const actionsTried = /:(GetItem|PutItem|PutObject|GetObject|Decrypt|Sign)$/
  const tried = asked.filter(({ action }) => actionsTried.test(action))

  // Kills: a pattern that covers where it only meets; an exception taken for the rule; bans by another place.
  test('whatever statement is added anywhere, IAM would answer what is said', () => {
    fc.assert(
      fc.property(something, ({ on, part, to, Principal, Condition, ...rest }) => {
        const isOfResource = !to.endsWith('Rights')
        // In the policy of a table or key, `*` is the thing itself.
        const inPolicy = to === 'ArchivePolicy' ? arnOf('Archive', part) : '*'
        const anything = ['/*', '*'].includes(part) ? '*' : `*${part}`
        const own = on === '*' ? anything : arnOf(on, part)
        const who = {
          '*': '*',
          Sign: roleArn('Sign'),
          account: {
            'Fn::Join': [
              '',
              ['arn:', { Ref: 'AWS::Partition' }, ':iam::', { Ref: 'AWS::AccountId' }, ':root'],
            ],
          },
        }[Principal]
        // Of a deny to the whole account, the oracle knows nothing.
        fc.pre(!(isOfResource && Principal === 'account' && rest.Effect === 'Deny'))
        const json = adding(to, {
          ...rest,
          Resource: isOfResource ? inPolicy : own,
          Condition,
          ...(isOfResource ? { Principal: { AWS: who } } : {}),
        })
        saidTruly(json, ['Access', 'Sign', 'administrator'], tried)
      }),
      { numRuns: 25 },
    )
  })
})

describe('comity doctor --roles', () => {
  const nowhere = async () => {
    throw new Error('no store is needed')
  }
  const ask = (root: string, ...args: readonly string[]) =>
    run(
      (program) =>
        addDoctor(program, { root, data: root, url: 'http://localhost:1', openStore: nowhere }),
      '',
      ['doctor', '--roles', ...args],
    )
  const write = (file: string, json: unknown, seconds = 0) => {
    const path = join(folder, file)
    mkdirSync(join(path, '..'), { recursive: true })
    writeFileSync(path, JSON.stringify(json))
    if (seconds > 0) utimesSync(path, seconds, seconds)
    return path
  }

  // Kills: the part of a gateway in another Region taken for the gateway.
  test('reads the newest template that was made, and names those beside it', async () => {
    write(
      'made/cdk.out/Comity-old.template.json',
      adding('SignRights', { Odd: true }),
      1_700_000_000,
    )
    write('made/cdk.out/Comity-dev.template.json', template, 1_800_000_000)
    write('made/cdk.out/Comity-dev-Keys.template.json', template, 1_800_000_001)
    const { code, stdout } = await ask(join(folder, 'made'))
    expect(stdout).toMatch(/^What \S+Comity-dev\.template\.json says\.\n/)
    expect(stdout).toContain(
      '\nNot read: Comity-dev-Keys.template.json, Comity-old.template.json.\n',
    )
    expect(code).toBe(0)
  })

  test('says first what to do where none was made', async () => {
    const { code, stderr } = await ask(folder)
    expect(stderr).toBe(
      'couldn’t find a template in `cdk.out`: run `npx cdk synth` first, or name one',
    )
    expect(code).toBe(2)
  })

  test('reads what AWS gives of a stack that is deployed', async () => {
    const got = { TemplateBody: template, StagesAvailable: ['Original', 'Processed'] }
    const { code, stdout } = await ask('', write('got.json', got))
    expect(stdout).toContain('\n  Access may batch-get, get and put entries (table Decisions).\n')
    expect(code).toBe(0)
  })

  test('ends with 1 if something is not understood', async () => {
    const { code, stdout } = await ask('', write('odd.json', adding('SignRights', { Odd: true })))
    expect(stdout).toContain('read yourself what is marked')
    expect(code).toBe(1)
  })

  test('refuses what is no template', async () => {
    const { code, stderr } = await ask('', write('none.json', { Resources: [] }))
    expect(stderr).toMatch(/^couldn’t read `\S+none\.json`: it is not a CloudFormation template$/)
    expect(code).toBe(2)
  })

  test('gives programs the same', async () => {
    const file = write('one.json', template)
    const { stdout } = await ask('', file, '--json')
    const { roles, complete } = z
      .looseObject({
        complete: z.boolean(),
        roles: z.array(
          z.looseObject({
            name: z.string(),
            may: z.array(z.looseObject({ before: z.string(), object: z.string() })),
          }),
        ),
      })
      .parse(JSON.parse(stdout))
    const told = (await ask('', file)).stdout.split('\n')
    expect(complete).toBe(true)
    expect(roles.map(({ name }) => name)).toEqual(expect.arrayContaining(['Access', 'Sign']))
    for (const { before, object } of roles.flatMap((each) => each.may)) {
      const lines = told.filter((line) => line.startsWith(`  ${before} `))
      expect(
        lines.some((line) => line.includes(object)),
        `${before} ${object}`,
      ).toBe(true)
    }
  })
})
