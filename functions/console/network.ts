/** The network that an address is of: what one household, office or server has as a rule. */

import { isIPv4, isIPv6 } from 'node:net'

/**
 * The /24 of an IPv4 address, since who rents servers is given a few of one, and the /56 of an IPv6 address, which is
 * what one customer is given (RFC 6177 §2): `192.0.2` or `2001:db8:0:100`; undefined if it is no address.
 */
export function networkOf(address: string | undefined): string | undefined {
  if (address === undefined) return undefined
  const [, mapped] = /^::ffff:([\d.]+)$/i.exec(address) ?? []
  const plain = mapped ?? address
  if (isIPv4(plain)) return plain.split('.').slice(0, 3).join('.')
  if (!isIPv6(plain)) return undefined
  // What `::` stands for is as many zeros as are missing (RFC 4291 §2.2).
  const [before = '', after] = plain.replace(/%.*$/, '').split('::')
  const groups = before === '' ? [] : before.split(':')
  const last = after === undefined || after === '' ? [] : after.split(':')
  const zeros = Array<string>(Math.max(0, 8 - groups.length - last.length)).fill('0')
  const whole = [...groups, ...(after === undefined ? [] : zeros), ...last]
  return whole
    .slice(0, 4)
    .map((group, i) => (Number.parseInt(group, 16) & (i === 3 ? 0xff00 : 0xffff)).toString(16))
    .join(':')
}
