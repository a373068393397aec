/**
 * The documents of operators and of legal teams, step by step, held to what there is: commands and their options, settings,
 * outputs, files, and the rights that each step needs.
 */

import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Template } from 'aws-cdk-lib/assertions'
import type { Command } from 'commander'
import { afterAll, describe, expect, test } from 'vitest'
import * as z from 'zod'
import { programOf } from '../../functions/cli/program.ts'
import { readSettings, refuseUnknown } from '../../infra/settings.ts'
import { comityStack, newApp } from '../../infra/stack.ts'
import { wordsAfter } from '../page-commands.ts'
import { prod, synthesise } from './deployment.ts'
import { administrator, may, type Principal } from './iam.ts'
import { ofType, resourcesOf } from './template.ts'

const { made, end } = synthesise()
afterAll(end)

const own = {
  domain: 'comity.example',
  certificate: 'arn:aws:acm:eu-central-1:1:certificate/1',
  auditDomain: 'audit.comity.example',
  auditCertificate: 'arn:aws:acm:eu-central-1:1:certificate/2',
  regions: 'eu-central-1,eu-west-1,eu-west-3',
}
const deployed = (given: Readonly<Record<string, string>>) =>
  comityStack(
    newApp(),
    readSettings((name) => ({ ...prod, ...given })[name]),
    made,
  )
const stack = deployed(own)
const resources = resourcesOf(stack)
const outputsIn = (of: typeof stack) =>
  Object.keys(z.record(z.string(), z.unknown()).parse(Template.fromStack(of).toJSON().Outputs))
const outputs = [
  ...outputsIn(stack),
  // That of the stack of the copy, in the second Region.
  'ArchiveCopyBucket',
]

const root = join(import.meta.dirname, '../..')
const documents = [
  ...['README.md', 'DRILLS.md', 'RUNBOOK.md'].map((name) => `infra/${name}`),
  'policies/README.md',
].map((name) => [name, readFileSync(join(root, name), 'utf8')] as const)
const readme = documents[0]?.[1] ?? ''
/** The text of a section, up to the next heading. */
const sectionOf = (heading: string) => {
  const [, text] = new RegExp(`^#+ ${heading}\n([\\s\\S]*?)(?=^#)`, 'm').exec(readme) ?? []
  if (text === undefined) throw new Error(`README.md has no section “${heading}”`)
  return text
}
const first = sectionOf('First deployment in ten steps')
const steps = first
  .split(/^(?=\d+\. )/m)
  .filter((each) => /^\d/.test(each))
  .map((text) => [Number.parseInt(text, 10), text] as const)

describe.each(documents)('What %s has its readers type', (_, text) => {
  const nobody = async () => {
    throw new Error('no command is run here')
  }
  const at = {
    policies: 'policies',
    version: '0.0.0',
    data: '.comity',
    url: 'http://localhost:8787',
  }
  const program = programOf({ ...at, openStore: nobody, openDesk: nobody, makeKey: nobody })

  // Kills: a command or an option that was renamed, which fails on the day that it is needed.
  test('are commands that comity has, with options that it has', () => {
    // Every command has `--help`.
    const typed = wordsAfter(/^(?:\w+=\S+ )?npx comity (.*)$/, text).map((words) =>
      words.filter((each) => each !== '--help'),
    )
    expect(typed.length).toBeGreaterThan(5)
    const wrong = typed.flatMap((words) => {
      let command: Command = program
      for (const word of words) {
        const next = command.commands.find((each) => each.name() === word)
        if (next === undefined) break
        command = next
      }
      const known = command.options.map(({ long }) => long)
      const strange = words.filter((each) => each.startsWith('--') && !known.includes(each))
      const isNone = command.commands.length > 0 && command !== program && words.length > 1
      return strange.length > 0 || isNone ? [`${words.join(' ')}: ${strange.join(' ')}`] : []
    })
    expect(wrong).toEqual([])
  })

  // Kills: a flag that CDK does not have, or a setting that there is not.
  test('are commands that CDK has, for settings that there are', () => {
    const option = z.looseObject({ alias: z.union([z.string(), z.array(z.string())]).optional() })
    const group = z.looseObject({ options: z.record(z.string(), option).default({}) })
    const { globalOptions, commands } = z
      .looseObject({
        globalOptions: z.record(z.string(), option),
        commands: z.record(z.string(), group),
      })
      .parse(
        JSON.parse(
          readFileSync(join(root, 'node_modules/aws-cdk/lib/cli/cli-type-registry.json'), 'utf8'),
        ),
      )
    for (const [verb = '', ...words] of wordsAfter(/^npx cdk (.*)$/, text)) {
      const all = Object.entries({ ...globalOptions, ...commands[verb]?.options })
      const known = all.flatMap(([name, { alias = [] }]) => [
        ...[`--${name}`, `--no-${name}`],
        ...[alias].flat().map((each) => `-${each}`),
      ])
      expect(Object.keys(commands)).toContain(verb)
      for (const word of words.filter((each) => each.startsWith('-')))
        expect(known, `npx cdk ${verb} ${words.join(' ')}`).toContain(word)
    }
    const settings = [...text.matchAll(/-c ([a-zA-Z]+)=/g)].map(([, name = '']) => name)
    expect(() => refuseUnknown(settings)).not.toThrow()
  })

  test('asks for outputs that the stack has', () => {
    const named = [
      ...[...text.matchAll(/outputs?(?: |\n +)`(\w+)`(?: and `(\w+)`)?/g)].flatMap(
        ([, ...each]) => each,
      ),
      ...[...text.matchAll(/\(out (\w+)\)/g)].map(([, each]) => each),
      ...[...text.matchAll(/\(table (\w+)\)/g)].map(([, each]) => `${each}Table`),
    ].filter((each) => each !== undefined)
    expect(named.filter((each) => !outputs.includes(each))).toEqual([])
  })
})

describe('Each step of the first deployment', () => {
  test('is there, in order, and there are ten', () => {
    expect(steps.map(([number]) => number)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10])
  })

  test.each(steps)('names files and settings that there are: %i', (_, text) => {
    const files = [...text.matchAll(/`((?:policies|test|infra|functions)\/[\w./-]+)`/g)]
    for (const [, file = ''] of files) expect(existsSync(join(root, file)), file).toBe(true)
    const settings = [...text.matchAll(/`"(\w+)"/g)].map(([, name = '']) => name)
    expect(() => refuseUnknown(settings)).not.toThrow()
  })

  test('names the stack, and what it reserves, as they are', () => {
    expect(stack.stackName).toBe('Comity-prod')
    expect(first.match(/Comity-\w+/g)?.every((each) => each === stack.stackName)).toBe(true)
    const reserved = ofType(resources, 'AWS::Lambda::Function').map(({ properties }) =>
      Number(properties.ReservedConcurrentExecutions),
    )
    const [, said] = /it reserves (\d+) instances/.exec(first) ?? []
    expect(Number(said)).toBe(reserved.reduce((sum, each) => sum + each, 0))
  })

  /** Whoever deploys: IAM lets them do everything, so that only our own policies can be against it. */
  const operator = administrator
  const nobody: Principal = { ...administrator, statements: [] }
  /** What each command of AWS and of ours asks for, and on what. */
  const needs: Readonly<Record<string, readonly (readonly [action: string, on: string])[]>> = {
    'aws kms get-public-key': [['kms:GetPublicKey', 'CheckpointKey']],
    'comity policy floor': [
      ['dynamodb:PutItem', 'Register'],
      ['dynamodb:Query', 'Register'],
      ['dynamodb:Scan', 'Register'],
    ],
    'comity agency add': [
      ['dynamodb:PutItem', 'Register'],
      ['dynamodb:Query', 'Register'],
      ['dynamodb:Scan', 'Register'],
    ],
    'comity agency sign': [['dynamodb:PutItem', 'Register']],
    // These ask the gateway, this machine, or nothing that the template has a say in.
    'comity policy begin': [],
    'comity policy check': [],
    'comity log pin': [],
    'comity doctor --account': [],
    'comity doctor --url': [],
  }
  const asked = steps.flatMap(([, text]) => [
    ...wordsAfter(/^(aws .*)$/, text).map((words) => words.slice(0, 3).join(' ')),
    ...wordsAfter(/^npx (comity .*)$/, text).map((words) => words.slice(0, 3).join(' ')),
  ])

  // Kills: a step that is denied by our own key policy, as the tenth was; a new command of which nobody asked
  // what it needs.
  test('may be done by whoever IAM lets do it, whatever our own policies say', () => {
    expect([...new Set(asked)].sort()).toEqual(Object.keys(needs).sort())
    const context = { 'kms:ViaService': 'dynamodb.eu-central-1.amazonaws.com' }
    for (const [command, rights] of Object.entries(needs))
      for (const [action, on] of rights) {
        expect(may(operator, { action, on }, resources), `${command}: ${action}`).toBe(true)
        // And by nobody else: the right is IAM's to give.
        expect(may(nobody, { action, on }, resources), `${command}: ${action}`).toBe(false)
      }
    // Whoever reads and writes the table does so under its key.
    for (const action of ['kms:Decrypt', 'kms:Encrypt', 'kms:GenerateDataKey'])
      expect(may(operator, { action, on: 'TablesKey', context }, resources)).toBe(true)
  })
})

describe('If the first try fails', () => {
  const text = sectionOf('If the first try fails')

  // Kills: a resource that stays by name, which the next try cannot make; one that is not said to stay.
  test('what stays beyond a trial is what the section says: tables', () => {
    for (const [given, kinds] of [
      [{}, ['AWS::DynamoDB::GlobalTable']],
      [{ environment: 'dev' }, []],
    ] as const) {
      const of = resourcesOf(deployed(given))
      const kept = [...of.values()].filter(
        ({ type, properties, deletionPolicy }) =>
          deletionPolicy === 'Retain' ||
          (type === 'AWS::DynamoDB::GlobalTable' &&
            JSON.stringify(properties).includes('"DeletionProtectionEnabled":true')),
      )
      expect([...new Set(kept.map(({ type }) => type))]).toEqual(kinds)
      // What stays has no name of its own that a next try would want again.
      for (const { properties } of kept) expect(properties).not.toHaveProperty('TableName')
    }
    expect(text).toContain('AWS::DynamoDB::GlobalTable')
  })

  test('whoever IAM lets may do what it has them type', () => {
    const actions: Readonly<Record<string, string>> = {
      'aws dynamodb scan': 'dynamodb:Scan',
      'aws dynamodb update-table': 'dynamodb:UpdateTable',
      'aws dynamodb wait': 'dynamodb:DescribeTable',
      'aws dynamodb delete-table': 'dynamodb:DeleteTable',
    }
    const typed = wordsAfter(/^\[? ?"?(aws dynamodb .*)$/, text).map((words) =>
      words.slice(0, 3).join(' '),
    )
    expect([...new Set(typed)].sort()).toEqual(Object.keys(actions).sort())
    for (const action of Object.values(actions))
      for (const on of ['Decisions', 'Signatures', 'Keys'])
        expect(may(administrator, { action, on }, resources), action).toBe(true)
  })
})

test('What nobody has run yet is a list of commands, and nothing in it is called done', () => {
  const items = sectionOf('What nobody has run yet')
    .split(/^(?=- )/m)
    .slice(1)
  expect(items.length).toBeGreaterThan(10)
  for (const item of items) {
    const [what = '', held = '', run = ''] = item.split(/^ {2}- (?=it held if |run: )/m)
    expect(what).toMatch(/^- \*\*.+\*\*:\s[\s\S]*(`[a-z]+ |\]\()/)
    expect(held, what).toMatch(/^it held if \S/)
    // A day, with who ran it; nothing, if nobody did.
    expect(run.trim(), what).toMatch(/^(run: \d{4}-\d{2}-\d{2}, .+)?$/)
  }
})
