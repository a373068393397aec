/**
 * Serves the log under `/log/<log>/` as C2SP tlog-tiles has it. Anyone may read checkpoints and hash tiles,
 * since they show only that the log grew. Leaves are for auditors and are not served here.
 */

import { Hono } from 'hono'
import { fromDecimal } from '../ledger/checkpoint.ts'
import { tilePath, tileWidth } from '../ledger/tiles.ts'
import type { AuditWorld } from '../log-ports.ts'
import type { Guarded } from './guard.ts'
import type { Operations } from './openapi-document.ts'
import { problem } from './problem.ts'

const text = 'text/plain; charset=utf-8'
const bytes = 'application/octet-stream'
const log = '/log/{gateway}/{jurisdiction}/{year}'
const open = { open: true, problems: ['not-found', 'internal'] } as const

/** How the OpenAPI document describes these files. */
export const logFileOperations: Operations = {
  [`${log}/checkpoint`]: {
    get: {
      summary: 'The newest checkpoint of a log, with its cosignatures (C2SP tlog-checkpoint).',
      file: ['The signed note', text],
      ...open,
    },
  },
  [`${log}/checkpoints/{size}`]: {
    get: {
      summary: 'The checkpoint that was published at a size.',
      file: ['The signed note', text],
      ...open,
    },
  },
  [`${log}/tile/{level}/{index}`]: {
    get: {
      summary:
        'A tile of hashes. `index` is a path as C2SP tlog-tiles writes it, slashes included: `000`, ' +
        '`x001/234`, or `000.p/5` where only five hashes are there yet.',
      file: ['Hashes of 32 bytes each', bytes],
      ...open,
    },
  },
}

/** The files of a gateway's logs. */
export const logFiles = ({ gateway, archive }: Pick<AuditWorld, 'gateway' | 'archive'>) =>
  new Hono<{ Variables: Guarded }>().on(
    'GET',
    Object.keys(logFileOperations).map(routeOf),
    async (c) => {
      const file = fileOf(c.req.path, gateway)
      const found = file && (await archive.get(file.path))
      if (file === undefined || found === undefined) return problem(c.get('traceId'), 'not-found')
      return c.body(Uint8Array.from(found), 200, {
        'Content-Type': file.type,
        ...(file.lasts ? { 'Cache-Control': 'public, max-age=31536000, immutable' } : {}),
      })
    },
  )

/** A path of the document as a route. `index`, the last parameter, may hold slashes. */
const routeOf = (address: string): string =>
  address.replaceAll(/\{(\w+)\}/g, ':$1').replace(/:index$/, ':index{.+}')

/** A file of the archive, its media type, and whether it never changes once it is there. */
type Served = { readonly path: string; readonly type: string; readonly lasts: boolean }

/** The file that an address names. Addresses of any other form never reach the archive. */
function fileOf(address: string, gateway: string): Served | undefined {
  const [, log = '', rest = ''] =
    /^\/log\/([a-z0-9.-]+\/(?:[a-z]{2}|interpol|europol)\/[0-9]{4})\/(.+)$/.exec(address) ?? []
  if (!log.startsWith(`${gateway}/`)) return undefined
  const path = `${log}/${rest}`
  if (rest === 'checkpoint') return { path, type: text, lasts: false }
  const [, size = ''] = /^checkpoints\/(.*)$/.exec(rest) ?? []
  if (fromDecimal(size) !== undefined) return { path, type: text, lasts: true }
  return isTile(rest) ? { path, type: bytes, lasts: true } : undefined
}

/** Whether `path` names a hash tile exactly as the specification writes it, so that each tile has one path. */
function isTile(path: string): boolean {
  const [, level = '', place = '', width = tileWidth] =
    /^tile\/([0-9]{1,2})\/((?:x[0-9]{3}\/){0,4}[0-9]{3})(?:\.p\/([1-9][0-9]{0,2}))?$/.exec(path) ??
    []
  const index = Number(place.replaceAll(/[x/]/g, ''))
  return Number(level) <= 63 && path === tilePath(Number(level), index, Number(width))
}
