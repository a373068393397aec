/** Addresses, as settings and the files of commands name them. */

import { isAbsolute } from 'node:path'
import * as z from 'zod'

/** What may stand behind `?`, once each. Anything else would take the place of what the gateway sets. */
const addressParts = ['host', 'user', 'sslmode', 'sslrootcert', 'sslcert', 'sslkey']

/** Whether an address says no more than where the store is: `options`, say, would end that a commit waits for the disk. */
function isPlace(url: string): boolean {
  const { hostname, searchParams } = new URL(url)
  const names = [...searchParams.keys()]
  const socket = searchParams.get('host')
  return (
    names.every((name) => addressParts.includes(name)) &&
    new Set(names).size === names.length &&
    // A host there counts before the one in front. Without any, PGHOST would be asked.
    (socket === null ? hostname !== '' : hostname === '' && isAbsolute(socket))
  )
}

/** Whether nobody on the network can listen. Without a host it is a socket of this machine. */
function isPrivate(url: string): boolean {
  const { hostname, searchParams } = new URL(url)
  return (
    ['', '127.0.0.1', '[::1]', 'localhost'].includes(hostname) ||
    searchParams.get('sslmode') === 'verify-full'
  )
}

/** An address without a name or password: it stands in files and lines that others read. */
export const openAddress = (kind: { readonly protocol?: RegExp } = {}) =>
  z.url({ abort: true, ...kind }).refine((given) => {
    const { username, password } = new URL(given)
    return username === '' && password === ''
  }, 'take the name and password out of it: others read addresses; the keys of a store or S3 go into AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY')

/** `postgresql://comity@localhost/comity`: where it is and nothing else, and over a network by TLS alone. */
export const postgresAddress = z
  .url({ protocol: /^postgres(ql)?$/, abort: true })
  .refine((url) => new URL(url).password === '', 'put the password into PGPASSFILE')
  .refine(
    isPlace,
    'name a host, or a socket as ?host=/run/postgresql; besides, sslmode and the files of TLS alone, each once',
  )
  .refine(isPrivate, 'a store on another machine is reached by TLS alone: ?sslmode=verify-full')
