/** `cdk synth`, whole: references between stacks are worked out before AWS’s rules read a template. */

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { readTwice } from '../../infra/findings.ts'
import { readSettings } from '../../infra/settings.ts'
import { comityStack, newApp } from '../../infra/stack.ts'
import { prod, standIns } from './deployment.ts'

const folder = mkdtempSync(join(tmpdir(), 'comity-synth-'))
const bundles = standIns(folder)
afterAll(() => rmSync(folder, { recursive: true }))

const regions = 'eu-central-1,eu-west-1,eu-west-3'
const network = JSON.stringify({
  vpc: 'vpc-0a1b2c3d',
  subnets: ['subnet-0a1b2c3d', 'subnet-0a1b2c3e'],
  securityGroups: ['sg-0a1b2c3d'],
  routeTables: ['rtb-0a1b2c3d'],
  proxy: 'http://proxy.internal:3128',
})
const functions = '{"access":{"memoryMb":1769,"provisioned":2}}'

// Kills: an explanation of a finding under the name that it has before references are worked out.
test.each<[string, Readonly<Record<string, string>>, readonly string[]]>([
  ['a trial', {}, ['Comity-dev']],
  ['one Region', { ...prod, functions }, ['Comity-prod']],
  [
    'two Regions and a private network',
    { ...prod, regions, network },
    ['Comity-prod-TablesKey', 'Comity-prod-Archive', 'Comity-prod', 'Comity-prod-Keys'],
  ],
])(
  'A deployment of %s is synthesised, with no finding that is not explained',
  (_, given, stacks) => {
    const app = newApp()
    const stack = comityStack(
      app,
      readSettings((name) => given[name]),
      bundles,
    )
    readTwice(app, stack)
    expect(
      app
        .synth()
        .stacks.map(({ stackName }) => stackName)
        .sort(),
    ).toEqual([...stacks].sort())
  },
)
