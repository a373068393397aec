/** What AWS's rules find in what is deployed, and what is said to each finding. */

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { App, Stack } from 'aws-cdk-lib'
import { Policy, PolicyStatement } from 'aws-cdk-lib/aws-iam'
import { Bucket } from 'aws-cdk-lib/aws-s3'
import { AwsSolutionsChecks } from 'cdk-nag'
import { afterAll, describe, expect, test } from 'vitest'
import { explained, readTwice } from '../../infra/findings.ts'
import { functionRole } from '../../infra/function.ts'
import { readSettings } from '../../infra/settings.ts'
import { comityStack, newApp } from '../../infra/stack.ts'
import { prod, standIns } from './deployment.ts'

const folder = mkdtempSync(join(tmpdir(), 'comity-findings-'))
const bundles = standIns(folder)
afterAll(() => rmSync(folder, { recursive: true }))

/** A deployment with these settings, before it is read twice, or after. */
function made(given: Readonly<Record<string, string>> = {}, more?: (stack: Stack) => void) {
  const app = newApp()
  const stack = comityStack(
    app,
    readSettings((name) => given[name]),
    bundles,
  )
  more?.(stack)
  return { app, stack }
}

/** Every finding that nothing explains, with its construct. */
const findingsOf = (app: App): readonly string[] =>
  new AwsSolutionsChecks(app)
    .validateScope(app)
    .violations.flatMap(({ ruleName, violatingResources }) =>
      violatingResources.map(
        ({ constructPath = '' }) =>
          `${constructPath.replace(/^[^/]+\//, '').replace(/\/Resource$/, '')}: ${ruleName}`,
      ),
    )
    .sort()

describe('What AWS’s rules find', () => {
  // Kills: an explanation of what is no longer found; a finding without one.
  test('is what is explained, no more and no less', () => {
    const { app } = made()
    expect(findingsOf(app)).toEqual(explained.map(({ at, finding }) => `${at}: ${finding}`).sort())
  })

  test('is explained in sentences, once for each construct', () => {
    for (const { why } of explained) expect(why).toMatch(/^[A-Z].{80,}\.$/)
    const places = explained.map(({ at, finding }) => `${at}: ${finding}`)
    expect(new Set(places).size).toBe(places.length)
  })

  test.each([
    prod,
    {
      network:
        '{"vpc":"vpc-0a1b2c3d","subnets":["subnet-0a1b2c3d","subnet-0a1b2c3e"],"securityGroups":["sg-0a1b2c3d"],"routeTables":["rtb-0a1b2c3d"]}',
    },
    {
      domain: 'comity.example',
      certificate: 'arn:aws:acm:eu-central-1:1:certificate/1',
      auditDomain: 'audit.comity.example',
      auditCertificate: 'arn:aws:acm:eu-central-1:1:certificate/2',
    },
  ])('is explained whatever the settings: %o', (given) => {
    const { app, stack } = made(given)
    readTwice(app, stack)
    expect(findingsOf(app)).toEqual([])
  })
})

describe('A stack that was made worse', () => {
  const bare = (stack: Stack) => new Bucket(stack, 'Bare')
  const anything = new PolicyStatement({ actions: ['dynamodb:*'], resources: ['*'] })
  const wide = (stack: Stack) => functionRole(stack, 'Wide').addToPolicy(anything)
  const wider = (stack: Stack) => {
    const rights = stack.node.findChild('SealRights')
    if (rights instanceof Policy) rights.addStatements(anything)
  }

  // Kills: an explanation of a rule, or of a stack, where one of a finding at a construct is meant.
  test.each([
    ['a bucket that is reached without TLS', bare, 'Bare: AwsSolutions-S10'],
    ['another bucket with what was explained of one', bare, 'Bare: AwsSolutions-S1'],
    ['a role of any action', wide, 'WideRole/DefaultPolicy: AwsSolutions-IAM5[Action::dynamodb:*]'],
    [
      'a further right where one was explained',
      wider,
      'SealRights: AwsSolutions-IAM5[Resource::*]',
    ],
  ])('by %s is found', (_, worse, finding) => {
    const { app, stack } = made({}, worse)
    readTwice(app, stack)
    expect(findingsOf(app)).toContain(finding)
  })

  // Kills: explanations without the rules.
  test('is not synthesised, and it is said which rule of what construct', () => {
    const { app, stack } = made({}, bare)
    readTwice(app, stack)
    expect(() => app.synth()).toThrow(/require requests to use SSL[\s\S]*Comity-dev\/Bare/)
  })

  test('by taking away what is explained is not synthesised until that is struck out, too', () => {
    const { app, stack } = made()
    stack.node.tryRemoveChild('Abandoned')
    expect(() => readTwice(app, stack)).toThrow('the stack has no Abandoned; strike it in')
  })
})
