/** Settings that there are not. */

import { describe, expect, test } from 'vitest'
import { refuseUnknown } from '../../infra/settings.ts'
import { newApp } from '../../infra/stack.ts'

describe('A setting that there is not', () => {
  // Kills: names that are looked up one by one, so that others are left aside.
  test.each([
    ['callPerSecond', 'there is no setting `callPerSecond`; did you mean `callsPerSecond`?'],
    ['Environment', 'there is no setting `Environment`; did you mean `environment`?'],
    ['env', 'there is no setting `env`'],
  ])('is refused, with the one that was meant if one is near: %s', (name, why) => {
    expect(() => refuseUnknown(['environment', name])).toThrow(why)
  })

  test('is named with every other at once', () => {
    expect(() => refuseUnknown(['quorom', 'witness'])).toThrow(/`quorom`.*`quorum`.*`witness`/)
  })

  // Kills: a refusal of what CDK itself puts into the context, with which nothing would deploy.
  test('is not what CDK keeps beside settings', () => {
    const ofCdk = [
      'cli-telemetry',
      'aws:cdk:version-reporting',
      'hosted-zone:account=1:domainName=a',
    ]
    expect(() => refuseUnknown([...ofCdk, 'environment'])).not.toThrow()
    expect(() => refuseUnknown(Object.keys(newApp().node.getAllContext()))).not.toThrow()
  })
})
