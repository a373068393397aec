/** Asks holders' own systems over HTTPS. What the register says of a system is all that leads there. */

import { isUtf8 } from 'node:buffer'
import { lookup } from 'node:dns/promises'
import type { IncomingMessage } from 'node:http'
import { request } from 'node:https'
import { BlockList, isIP, isIPv6 } from 'node:net'
import { answerBytesMax } from '../decision/question.ts'
import type { HolderSystem, Systems } from '../question-ports.ts'
import { leftMs } from './aws-post.ts'
import { bytesUpTo } from './bytes-up-to.ts'

/** Finds the addresses of a name. */
type LookUp = (name: string) => Promise<readonly { readonly address: string }[]>

/**
 * Systems at their addresses. The name is looked up once, and the connection goes to the address that was checked,
 * so that a name that moves in between leads nowhere else. No redirection is followed.
 */
export const httpsSystems = (
  lookUp: LookUp = (name) => lookup(name, { all: true, verbatim: true }),
): Systems => ({
  async ask(system, signed, waitMs) {
    if (system.address === undefined) return { refused: 'no-address' }
    const url = new URL(system.address)
    // Whole milliseconds, and at least one.
    const signal = AbortSignal.timeout(Math.ceil(Math.min(waitMs, leftMs())))
    const found = await Promise.race([
      lookUp(url.hostname.replace(/^\[|\]$/g, '')).catch(() => []),
      ended(signal),
    ])
    const [first] = found
    if (first === undefined) return { refused: 'no-such-name' }
    // One address that is not allowed is enough: a name that leads to both is not to be trusted.
    if (!found.every(({ address }) => isAllowed(address, system))) return { refused: 'address' }
    return send(url, first.address, system, signed, signal)
  },
})

const ended = (signal: AbortSignal): Promise<readonly never[]> =>
  new Promise((resolve) => signal.addEventListener('abort', () => resolve([])))

/**
 * Addresses that no public system has (IANA special-purpose registries, RFC 6890): private, link-local, loopback,
 * shared, documentation, multicast, reserved; and IPv6 forms that carry an IPv4 address.
 */
const specialNetworks: readonly string[] = [
  ...['0.0.0.0/8', '10.0.0.0/8', '100.64.0.0/10', '127.0.0.0/8', '169.254.0.0/16', '172.16.0.0/12'],
  ...['192.0.0.0/24', '192.0.2.0/24', '192.88.99.0/24', '192.168.0.0/16', '198.18.0.0/15'],
  ...['198.51.100.0/24', '203.0.113.0/24', '224.0.0.0/4', '240.0.0.0/4'],
  ...[
    '::/96',
    '64:ff9b::/96',
    '64:ff9b:1::/48',
    '100::/64',
    '2001::/23',
    '2001:db8::/32',
    '2002::/16',
  ],
  ...['fc00::/7', 'fe80::/10', 'fec0::/10', 'ff00::/8'],
]

/**
 * Whether we may connect: to the networks that the register names; where it names none, to public addresses. A
 * network that is named lets a special address through only if it lies within what is special, as `10.1.0.0/16`
 * does: `0.0.0.0/0` names everybody, and means neither this machine nor its neighbours.
 */
function isAllowed(address: string, { network }: HolderSystem): boolean {
  const around = specialNetworks.filter((each) => isIn(address, each))
  if (network === undefined) return around.length === 0
  return network.some(
    (named) =>
      isIn(address, named) && (around.length === 0 || around.some((each) => isWithin(named, each))),
  )
}

function isIn(address: string, network: string): boolean {
  const [start = '', bits] = network.split('/')
  const list = new BlockList()
  list.addSubnet(start, Number(bits), familyOf(start))
  return list.check(address, familyOf(address))
}

const familyOf = (address: string) => (isIPv6(address) ? 'ipv6' : 'ipv4')

function isWithin(inner: string, outer: string): boolean {
  const [address = '', bits] = inner.split('/')
  return Number(bits) >= Number(outer.split('/')[1]) && isIn(address, outer)
}

/** Longest header with a signature, as in a call. */
const headersBytesMax = 8192

function send(
  { hostname, port }: URL,
  address: string,
  { ca }: HolderSystem,
  signed: string,
  signal: AbortSignal,
): ReturnType<Systems['ask']> {
  const body = JSON.stringify({ question: signed })
  return new Promise((resolve) => {
    const refused = ({ code = 'failed' }: NodeJS.ErrnoException) =>
      resolve({ refused: signal.aborted ? 'late' : code })
    const asking = request(
      {
        ...{ host: hostname, port: port || 443, path: '/v1/questions', method: 'POST', signal },
        headers: { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) },
        // The certificate is checked against the name, the connection goes to the address.
        lookup: (_name, _options, found) =>
          found(null, [{ address, family: isIPv6(address) ? 6 : 4 }]),
        ...(isIP(hostname) === 0 && { servername: hostname }),
        ...(ca !== undefined && { ca }),
        ...{ minVersion: 'TLSv1.2', agent: false, maxHeaderSize: headersBytesMax },
      },
      (response) => answerIn(response).then(resolve, refused),
    )
    asking.on('error', refused)
    // Without this, Node ends the connection of one that changes protocols, and says nothing of it.
    asking.on('upgrade', (_response, socket) => {
      socket.destroy()
      resolve({ refused: 'status-101' })
    })
    asking.end(body)
  })
}

async function answerIn(response: IncomingMessage): Promise<Awaited<ReturnType<Systems['ask']>>> {
  const { statusCode = 0, headers } = response
  if (statusCode !== 200) {
    response.destroy()
    return {
      refused: statusCode >= 300 && statusCode < 400 ? 'redirected' : `status-${statusCode}`,
    }
  }
  const body = await bytesUpTo(answerBytesMax, response)
  if (body === undefined) return { refused: 'too-large' }
  const signature = headers['comity-signature']
  if (typeof signature !== 'string') return { refused: 'not-signed' }
  // It is kept as text, which must be the bytes that were signed.
  return isUtf8(body) ? { signature, body } : { refused: 'not-utf-8' }
}
