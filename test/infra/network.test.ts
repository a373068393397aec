/** Functions in a private network: where they run, how they reach AWS, and what goes through a proxy. */

import { execFile } from 'node:child_process'
import { createServer } from 'node:http'
import { promisify } from 'node:util'
import { afterAll, describe, expect, test } from 'vitest'
import * as z from 'zod'
import { proxyOf } from '../../infra/network.ts'
import { readSettings } from '../../infra/settings.ts'
import { comityStack, newApp } from '../../infra/stack.ts'
import { listen } from '../dynalite.ts'
import { functionOf, logins, synthesise } from './deployment.ts'
import { may, roleOf } from './iam.ts'
import { ofType, resourceOf, resourcesOf } from './template.ts'

const { made, resources: open, end } = synthesise()
afterAll(end)

const network = {
  vpc: 'vpc-0a1b2c3d',
  subnets: ['subnet-0a1b2c3d', 'subnet-0a1b2c3e'],
  securityGroups: ['sg-0a1b2c3d'],
  routeTables: ['rtb-0a1b2c3d'],
  proxy: 'http://proxy.internal:3128',
}
const read = (given: object) =>
  readSettings((name) => ({ logins, network: JSON.stringify(given) })[name])
const deployed = (given: object) => resourcesOf(comityStack(newApp(), read(given), made))
const inside = deployed(network)

describe('Functions in a private network', () => {
  // Kills: one function that runs outside, from where the network’s rules do not hold.
  test.each(Object.values(functionOf))('run in its subnets, each of them: %s', (id) => {
    expect(resourceOf(inside, id).properties.VpcConfig).toEqual({
      SubnetIds: network.subnets,
      SecurityGroupIds: network.securityGroups,
    })
    expect(resourceOf(open, id).properties).not.toHaveProperty('VpcConfig')
  })

  // Kills: a service that is called and not reached, so that every call fails.
  test('reach all that they call of AWS within it, unless it has the ways already', () => {
    const ways = ofType(inside, 'AWS::EC2::VPCEndpoint').map(({ properties }) => [
      properties.ServiceName,
      properties.RouteTableIds ?? properties.SubnetIds,
    ])
    const { subnets, routeTables } = network
    expect(ways).toEqual([
      ['com.amazonaws.eu-central-1.dynamodb', routeTables],
      ['com.amazonaws.eu-central-1.s3', routeTables],
      ['com.amazonaws.eu-central-1.kms', subnets],
      ['com.amazonaws.eu-central-1.lambda', subnets],
    ])
    const own = deployed({ ...network, endpoints: false })
    expect(ofType(own, 'AWS::EC2::VPCEndpoint')).toEqual([])
    expect(ofType(open, 'AWS::EC2::VPCEndpoint')).toEqual([])
  })

  // Kills: code that makes itself another address in the network.
  test.each(['Access', 'Audit', 'Console', 'Seal', 'Sign'])(
    'have addresses that Lambda alone makes: %s',
    (id) => {
      const role = roleOf(inside, `${id}Role`)
      const ask = { action: 'ec2:CreateNetworkInterface', on: 'Api' }
      // The service’s own call, and one of the code, which says of which function it is.
      const all = {
        ...role,
        statements: role.statements.filter(({ Resource }) => Resource.includes('*')),
      }
      expect(may(all, ask, inside)).toBe(true)
      const context = { 'lambda:SourceFunctionArn': 'arn:aws:lambda:eu-central-1:1:function:x' }
      expect(may(all, { ...ask, context }, inside)).toBe(false)
      expect(may(roleOf(open, `${id}Role`), ask, open)).toBe(false)
    },
  )

  test('are told of the proxy, and of nothing if there is none', () => {
    const told = (of: typeof inside) =>
      z
        .looseObject({ Variables: z.record(z.string(), z.string()) })
        .parse(resourceOf(of, 'Seal').properties.Environment).Variables
    expect(told(inside)).toMatchObject({
      ...{ NODE_USE_ENV_PROXY: '1', HTTPS_PROXY: network.proxy },
      NO_PROXY: expect.stringContaining('.amazonaws.com'),
    })
    const { proxy: _, ...without } = network
    for (const of of [deployed(without), open]) expect(told(of)).not.toHaveProperty('HTTPS_PROXY')
  })

  // Kills: variables that Node does not heed, so that witnesses are asked past the proxy.
  test('ask witnesses through the proxy', async () => {
    const asked: string[] = []
    const proxy = createServer().on('connect', ({ url = '' }, socket) => {
      asked.push(url)
      socket.end('HTTP/1.1 403 Forbidden\r\n\r\n')
    })
    const settings = read({ ...network, proxy: await listen(proxy) })
    if (settings.network === undefined) throw new Error('the settings have no network')
    const post = new URL('../../functions/adapters/post.ts', import.meta.url).href
    const code = `const { post } = await import('${post}')
      const answer = await post('https://witness.invalid/add-checkpoint', { body: '', timeoutMs: 5000, bytesMax: 9 })
      console.log('why' in answer)`
    const env = { PATH: process.env.PATH, ...proxyOf(settings.network) }
    const args = ['--input-type=module', '--eval', code]
    const { stdout } = await promisify(execFile)(process.execPath, args, { env })
    proxy.close()
    expect([stdout.trim(), asked]).toEqual(['true', ['witness.invalid:443']])
  })
})

test.each([
  [{ vpc: 'my network' }, 'network.vpc: an id such as vpc-0a1b2c3d'],
  [{ subnets: ['subnet-0a1b2c3d'] }, 'network.subnets: subnets of two zones at least'],
  [{ securityGroups: [] }, 'network.securityGroups: '],
  [{ routeTables: [] }, 'network.routeTables: name those of the subnets'],
  [{ proxy: 'http://me:secret@proxy' }, 'network.proxy: without a name or password'],
  [{ proxy: 'proxy:3128' }, 'network.proxy: '],
  [{ zone: 'a' }, 'network: Unrecognized key: "zone"'],
])('A network that functions could not use is refused: %o', (wrong, why) => {
  expect(() => read({ ...network, ...wrong })).toThrow(why)
})
