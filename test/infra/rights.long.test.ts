/**
 * Every statement about rights in the template, one a line, for whoever answers for them to read and sign:
 * who may or may never do what, on what. `rights.golden.txt` is what was agreed;
 *
 *     COMITY_RENEW_GOLDEN=1 npm run test:long -- test/infra/rights.long.test.ts
 *
 * agrees to what the template says now. What the statements come to together, `stack.test.ts` holds.
 */

import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Stack } from 'aws-cdk-lib'
import { Template } from 'aws-cdk-lib/assertions'
import { afterAll, describe, expect, test } from 'vitest'
import { readSettings } from '../../infra/settings.ts'
import { comityStack, newApp } from '../../infra/stack.ts'
import { logins, standIns } from './deployment.ts'
import { rightsIn } from './rights.ts'
import { resourcesIn, resourcesOf } from './template.ts'

const folder = mkdtempSync(join(tmpdir(), 'comity-rights-'))
const bundles = standIns(folder)
afterAll(() => rmSync(folder, { recursive: true }))

type Change = (resources: Record<string, { Type: string; Properties: object }>) => void

const made = (given: Readonly<Record<string, string>>): Stack =>
  comityStack(
    newApp(),
    readSettings((name) => ({ logins, ...given })[name]),
    bundles,
  )

function templateOf(given: Readonly<Record<string, string>> = {}, change: Change = () => {}) {
  const stack = made(given)
  const template = Template.fromStack(stack).toJSON()
  change(template.Resources)
  return template
}

const rightsOf = (given?: Readonly<Record<string, string>>, change?: Change) =>
  rightsIn(resourcesIn(templateOf(given, change)))

/** The lines of a list that another has not. */
const without = (lines: readonly string[], others: readonly string[]) =>
  lines.filter((line) => !others.includes(line))

describe('Whoever answers for the rights', () => {
  // Kills: any right, ban or condition that comes, goes or changes.
  test('reads every statement of the template in one file', () => {
    const { statements, others } = rightsOf()
    const stack = made({ regions: 'eu-central-1,eu-west-1,eu-west-3' })
    const regions = rightsIn(resourcesOf(stack))
    const there = stack.node.root.node.children
      .filter((each): each is Stack => each instanceof Stack && each !== stack)
      .flatMap((each) => rightsIn(resourcesOf(each)).statements)
    const text = [
      ...statements,
      '',
      'With a second Region, in the stack of the first:',
      ...without(statements, regions.statements).map((line) => `- ${line}`),
      ...without(regions.statements, statements).map((line) => `+ ${line}`),
      '',
      'In the stacks of the second Region:',
      ...[...new Set(there)].sort(),
      '',
      'Resources of these types have no statement of their own:',
      ...new Set([...others, ...regions.others]),
      '',
    ].join('\n')
    const golden = join(import.meta.dirname, 'rights.golden.txt')
    if (process.env.COMITY_RENEW_GOLDEN !== undefined) writeFileSync(golden, text)
    expect(text).toBe(readFileSync(golden, 'utf8'))
  })

  test('need not ask what AWS makes of the template: no macro changes it', () => {
    expect(templateOf()).not.toHaveProperty('Transform')
  })

  const of = (id: RegExp, properties: object): Change => {
    return (resources) => {
      const [, resource] = Object.entries(resources).find(([each]) => id.test(each)) ?? []
      Object.assign(resource?.Properties ?? {}, properties)
    }
  }
  const adding = (Type: string, Properties: object): Change => {
    return (resources) => {
      resources.Odd = { Type, Properties }
    }
  }
  const all = { Effect: 'Allow', Action: '*', Resource: '*' }
  const policy = (statement: object, more: object = { Roles: ['odd'] }) =>
    adding('AWS::IAM::Policy', { PolicyDocument: { Statement: [statement] }, ...more })

  // Kills: a statement that is passed over since it is not understood.
  test.each<[string, Change]>([
    ['rights of people', policy(all, { Groups: ['odd'] })],
    ['all actions but some', policy({ Effect: 'Allow', NotAction: 's3:Odd', Resource: '*' })],
    ['a choice of CloudFormation', policy({ 'Fn::If': ['Odd', all, { Ref: 'AWS::NoValue' }] })],
    ['a managed policy', of(/^AccessRole/, { ManagedPolicyArns: ['arn:aws:iam::aws:policy/Odd'] })],
    ['a boundary', of(/^AccessRole/, { PermissionsBoundary: 'arn:aws:iam::aws:policy/Odd' })],
    ['rights within a role', of(/^AccessRole/, { Policies: [{ PolicyDocument: {} }] })],
    [
      'all principals but some',
      of(/^SecretsKey/, { KeyPolicy: { Statement: [{ ...all, NotPrincipal: { AWS: '*' } }] } }),
    ],
  ])('%s would not be passed over', (_, change) => {
    expect(() => rightsOf({}, change)).toThrow()
  })

  test('is told of a policy of whatever resource, and of a kind of resource that is new', () => {
    const PolicyDocument = { Statement: [{ ...all, Principal: '*' }] }
    const { statements } = rightsOf({}, adding('AWS::Odd::Policy', { PolicyDocument }))
    expect(statements).toContain('anybody may * → Odd')
    const { others } = rightsOf({}, adding('AWS::CloudFormation::Stack', {}))
    expect(others).toContain('AWS::CloudFormation::Stack')
  })
})
