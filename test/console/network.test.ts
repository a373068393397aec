/** From which network somebody calls. */

import { expect, test } from 'vitest'
import { networkOf } from '../../functions/console/network.ts'

test.each([
  ['192.0.2.17', '192.0.2'],
  ['::ffff:192.0.2.17', '192.0.2'],
  ['2001:db8:1:2::3', '2001:db8:1:0'],
  ['2001:db8:1:2ff::3', '2001:db8:1:200'],
  ['2001:db8:1:300::3', '2001:db8:1:300'],
  ['2001:DB8::1', '2001:db8:0:0'],
  ['2001:0db8:0000:0:0:0:0:1', '2001:db8:0:0'],
  ['::1', '0:0:0:0'],
  ['fe80::1%eth0', 'fe80:0:0:0'],
  ['somewhere', undefined],
  ['', undefined],
  [undefined, undefined],
])('%s is of the network %s', (address, network) => {
  expect(networkOf(address)).toBe(network)
})
