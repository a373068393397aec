/** How a new build goes out, and back: read in the template, as CloudFormation and CodeDeploy would. */

import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Template } from 'aws-cdk-lib/assertions'
import { afterAll, describe, expect, test } from 'vitest'
import * as z from 'zod'
import { readSettings } from '../../infra/settings.ts'
import { comityStack, newApp } from '../../infra/stack.ts'
import { prod as deployed, functionOf, logins, standIns } from './deployment.ts'

const folder = mkdtempSync(join(tmpdir(), 'comity-release-'))
afterAll(() => rmSync(folder, { recursive: true }))

const templateSchema = z.object({
  Resources: z.record(
    z.string(),
    z.looseObject({
      Type: z.string(),
      Properties: z.record(z.string(), z.unknown()).default({}),
      DependsOn: z.array(z.string()).default([]),
      DeletionPolicy: z.string().optional(),
      UpdateReplacePolicy: z.string().optional(),
      UpdatePolicy: z.unknown().optional(),
    }),
  ),
})
type Resource = z.infer<typeof templateSchema>['Resources'][string]
type Resources = Readonly<Record<string, Resource>>

const bundles = standIns(folder)
function synthesise(given: Readonly<Record<string, string>> = {}, made = bundles): Resources {
  const settings = readSettings((name) => ({ logins, ...given })[name])
  return templateSchema.parse(Template.fromStack(comityStack(newApp(), settings, made)).toJSON())
    .Resources
}

const trial = synthesise()
const prod = synthesise(deployed)

const idOf = (resources: Resources, construct: string, suffix = /^[0-9A-F]{8}$/): string => {
  const id = Object.keys(resources).find(
    (each) => each.startsWith(construct) && suffix.test(each.slice(construct.length)),
  )
  if (id === undefined) throw new Error(`the stack has no ${construct}`)
  return id
}
const of = (resources: Resources, construct: string): Resource => {
  const resource = resources[idOf(resources, construct)]
  if (resource === undefined) throw new Error(`the stack has no ${construct}`)
  return resource
}
const versionOf = (resources: Resources, name: string) =>
  idOf(resources, `${name}CurrentVersion`, /^[0-9A-Fa-f]{40}$/)
const names = Object.values(functionOf)
const doors = ['Access', 'Audit', 'Console']

describe('Whoever calls a function', () => {
  // Kills: a permission, a right, a target or a variable that names the function itself: what is called
  // there is not the version that is out.
  test('calls it as it is out, and knows it in no other way', () => {
    const functions = new Set(names.map((name) => idOf(prod, name)))
    const naming = Object.entries(prod)
      // What only looks at a function.
      .filter(([, { Type }]) => !Type.startsWith('AWS::CloudWatch::'))
      .filter(([, { Properties }]) =>
        // A rule that matches what the trail says of a function calls nobody by it.
        [
          ...JSON.stringify({ ...Properties, EventPattern: undefined }).matchAll(
            // Its alias may be named by its ARN, where waiting for the alias would go round in a circle.
            /\{"(?:Ref":"|Fn::GetAtt":\[")(\w+)"(?!,"Arn"\]\},":live")/g,
          ),
        ].some(([, id = '']) => functions.has(id)),
      )
      .map(([id, { Type }]) => `${Type} ${id.replace(/[0-9A-F]{8}([0-9a-f]{32})?$/, '')}`)
    expect(naming.sort()).toEqual([
      // Whoever shifts may point the alias to another version.
      'AWS::IAM::Policy ReleaseRights',
      ...names.map((name) => `AWS::Lambda::Alias ${name}Live`),
      // With the alias as its qualifier: how long an event of the clock may wait.
      'AWS::Lambda::EventInvokeConfig SealLiveEventInvokeConfig',
      ...names.map((name) => `AWS::Lambda::Version ${name}CurrentVersion`),
    ])
  })

  test.each([
    ['RouteIntegration', 'Access'],
    ['AuditRouteAuditIntegration', 'Audit'],
    ['ConsoleRouteConsoleIntegration', 'Console'],
    ['Clock', 'Seal'],
    ['DueClock', 'Access'],
    ['Stream', 'Seal'],
    ['Audit', 'Seal'],
    ['Seal', 'Sign'],
  ])('%s calls %s by its alias', (caller, called) => {
    expect(JSON.stringify(of(prod, caller).Properties)).toContain(
      JSON.stringify({ Ref: idOf(prod, `${called}Live`) }),
    )
  })

  test('the console calls the API by its alias', () => {
    const { Environment } = of(prod, 'Console').Properties
    expect(JSON.stringify(Environment)).toContain(
      `{"Fn::GetAtt":["${idOf(prod, 'Access')}","Arn"]},":live"]`,
    )
  })
})

describe('A new build', () => {
  const groupOf = (resources: Resources, door: string) => of(resources, `${door}Release`).Properties
  const shift = (resources: Resources, door: string) =>
    groupOf(resources, door).DeploymentConfigName

  test.each(doors)('gets one call in ten for ten minutes, and then all: %s', (door) => {
    expect(shift(prod, door)).toBe('CodeDeployDefault.LambdaCanary10Percent10Minutes')
    expect(of(prod, `${door}Live`).UpdatePolicy).toEqual({
      CodeDeployLambdaAliasUpdate: {
        ApplicationName: { Ref: idOf(prod, 'Releases') },
        DeploymentGroupName: { Ref: idOf(prod, `${door}Release`) },
      },
    })
  })

  test('is out at once in a trial, or where somebody says so: whatever is ringing', () => {
    const repair = { ...deployed, canaryMinutes: '0' }
    for (const resources of [trial, synthesise(repair)])
      for (const door of doors) {
        expect(shift(resources, door)).toBe('CodeDeployDefault.LambdaAllAtOnce')
        expect(groupOf(resources, door).AlarmConfiguration).toMatchObject({ Enabled: false })
      }
  })

  test.each(doors)('is taken back when one of these goes off: %s', (door) => {
    const alarms = [
      // By these, a sealer or a signer that works wrongly is seen, too.
      ...['EntryUnsealed', 'LogHalted', 'SignatureRefused'],
      ...['SignFails', 'SealFails', `${door}Fails`, `${door}Answers5xx`],
    ]
    expect(groupOf(prod, door)).toMatchObject({
      AlarmConfiguration: {
        Enabled: true,
        Alarms: alarms.map((alarm) => ({ Name: { Ref: idOf(prod, alarm) } })),
      },
      AutoRollbackConfiguration: {
        Enabled: true,
        Events: expect.arrayContaining([
          'DEPLOYMENT_FAILURE',
          'DEPLOYMENT_STOP_ON_ALARM',
          'DEPLOYMENT_STOP_ON_REQUEST',
        ]),
      },
    })
    // They listen before a call goes there.
    expect(of(prod, `${door}Live`).DependsOn).toContain(idOf(prod, `${door}Release`))
  })

  // Kills: an alarm on all versions: what the old one did would speak against its repair.
  test.each(names)('is listened to by itself: %s', (name) => {
    const version = { 'Fn::GetAtt': [versionOf(prod, name), 'Version'] }
    expect(of(prod, `${name}Live`).Properties.FunctionVersion).toEqual(version)
    expect(of(prod, `${name}Fails`).Properties).toMatchObject({
      Namespace: 'AWS/Lambda',
      MetricName: 'Errors',
      Statistic: 'Sum',
      Period: 60,
      Threshold: 1,
      ComparisonOperator: 'GreaterThanOrEqualToThreshold',
      TreatMissingData: 'notBreaching',
      Dimensions: [
        { Name: 'ExecutedVersion', Value: version },
        { Name: 'FunctionName', Value: { Ref: idOf(prod, name) } },
        {
          Name: 'Resource',
          Value: { 'Fn::Join': ['', [{ Ref: idOf(prod, name) }, ':live']] },
        },
      ],
    })
  })

  test.each([
    ['Access', 'Api'],
    ['Audit', 'AuditApi'],
    ['Console', 'AuditApi'],
  ])('is taken back when an API answers with 5xx, more than once: %s', (door, api) => {
    expect(of(prod, `${door}Answers5xx`).Properties).toMatchObject({
      Namespace: 'AWS/ApiGateway',
      MetricName: '5xx',
      Statistic: 'Sum',
      Dimensions: [{ Name: 'ApiId', Value: { Ref: idOf(prod, api) } }],
      Threshold: 1,
      DatapointsToAlarm: 2,
      EvaluationPeriods: 5,
    })
  })

  test('leads whoever sees it go back to what the runbook says', () => {
    const runbook = readFileSync(join(import.meta.dirname, '../../infra/RUNBOOK.md'), 'utf8')
    expect(runbook).toContain('\n## A new version fails\n')
    for (const id of [
      ...names.map((name) => `${name}Fails`),
      'AccessAnswers5xx',
      'AuditAnswers5xx',
      'ConsoleAnswers5xx',
    ])
      expect(of(prod, id).Properties.AlarmDescription).toMatch(
        /^The .+\. See infra\/RUNBOOK\.md#a-new-version-fails\.$/,
      )
  })

  test('of the signer or the sealer is out at once, and before the doors begin', () => {
    for (const name of ['Seal', 'Sign']) {
      expect(of(prod, `${name}Live`).UpdatePolicy).toBeUndefined()
      for (const door of doors)
        expect(of(prod, `${door}Live`).DependsOn).toContain(idOf(prod, `${name}Live`))
    }
  })

  // Kills: doors without `after`: a signer that changes alone would be watched by nothing.
  test('of the signer or the sealer makes new versions of the doors, whose canary watches it', () => {
    const changed = (door: keyof typeof bundles) => {
      const made = { ...bundles, [door]: { ...bundles[door], digest: 'f'.repeat(64) } }
      const resources = synthesise(deployed, made)
      return names.filter((name) => versionOf(resources, name) !== versionOf(prod, name))
    }
    expect(changed('sign').sort()).toEqual(['Access', 'Audit', 'Console', 'Seal', 'Sign'])
    expect(changed('seal').sort()).toEqual(['Access', 'Audit', 'Console', 'Seal'])
    expect(changed('access')).toEqual(['Access'])
    expect(changed('audit')).toEqual(['Audit'])
    expect(changed('console')).toEqual(['Console'])
  })

  // Kills: versions that go with the next one; and `Retain`, by which one that was taken back stays and
  // keeps Lambda from publishing the same code again.
  test.each(names)('leaves the earlier ones there, unless it was taken back: %s', (name) => {
    expect(prod[versionOf(prod, name)]).toMatchObject({
      DeletionPolicy: 'RetainExceptOnCreate',
      UpdateReplacePolicy: 'Retain',
    })
  })

  test.each(['7', '-5', 'soon', ''])('is not tried for %j minutes', (canaryMinutes) => {
    expect(() => readSettings((name) => ({ canaryMinutes })[name])).toThrow(
      'canaryMinutes: one of 0, 5, 10, 15 and 30',
    )
  })
})
