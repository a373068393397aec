/** The doctor's look at this machine: Node, packages, key files, room on the disk. */

import { existsSync, globSync, statfsSync, statSync } from 'node:fs'
import { join } from 'node:path'
import * as z from 'zod'
import { readJson } from '../files.ts'
import { type Check, fault, few, ok, warning } from './check.ts'

/** The version with which everything is tested. An older one does not come this far. */
const nodeMajor = 24

/** Whether this is the Node that the gateway is made for. */
export function checkNode(version: string): Check {
  const major = Number(version.split('.')[0])
  if (major === nodeMajor) return ok('Node', version)
  const fix = `use Node ${nodeMajor}: \`npm ci\` brings it on Linux and Windows, and \`npx comity\` takes it`
  return major < nodeMajor
    ? fault('Node', `${version} is too old`, fix)
    : warning('Node', `nothing was tested with ${version}`, fix)
}

const versions = z.record(z.string(), z.string()).default({})
const wanted = z.looseObject({ dependencies: versions, devDependencies: versions })
const installed = z.looseObject({ version: z.string() })

/** Whether what is installed is what the project was tested with. */
export function checkPackages(root: string): Check {
  const { dependencies, devDependencies } = readJson(join(root, 'package.json'), wanted)
  const all = Object.entries({ ...dependencies, ...devDependencies })
  const wrong = all.flatMap(([name, version]) => {
    const file = join(root, 'node_modules', name, 'package.json')
    if (!existsSync(file)) return [`${name} is not there`]
    const found = readJson(file, installed).version
    return found === version ? [] : [`${name} is ${found}, not ${version}`]
  })
  return wrong.length === 0
    ? ok('Packages', `${all.length} as package.json names them`)
    : fault('Packages', few(wrong), 'run `npm ci`')
}

/** What of the data folder has secrets in it. */
const secret = ['*.key', '*.pem', 'agencies/*.json']

/** Whether nobody but the owner of the data folder can read the keys in it. */
export function checkKeyFiles(data: string): Check {
  const looked = 'Key files'
  // Its access lists say who may read, and Node does not see them.
  if (process.platform === 'win32') return ok(looked, 'not looked at on Windows')
  const files = globSync(secret, { cwd: data }).sort()
  if (files.length === 0)
    return fault(
      looked,
      `there are none in \`${data}\``,
      'start the gateway once with `npm start`, or set COMITY_DATA',
    )
  const open = files.filter((file) => (statSync(join(data, file)).mode & 0o077) !== 0)
  return open.length === 0
    ? ok(looked, `${files.length} that their owner alone may read`)
    : fault(
        looked,
        `others can read ${few(open)}`,
        `run \`chmod 600\` on them in \`${data}\`, and replace these keys: they may be known`,
      )
}

/** Bytes on the disk: with less, it soon ends; with even less, entries cannot be written. */
const roomLow = 1_000_000_000
const roomMin = 100_000_000

/** Whether there is room for more entries. */
export function checkDisk(data: string): Check {
  const looked = 'Disk'
  const { bavail, bsize } = statfsSync(existsSync(data) ? data : '.')
  const bytes = bavail * bsize
  const found = `${(bytes / 1e9).toFixed(1)} GB are free for \`${data}\``
  const fix = 'make room: without it nothing can be entered, and so nothing is answered'
  if (bytes < roomMin) return fault(looked, found, fix)
  return bytes < roomLow ? warning(looked, found, fix) : ok(looked, found)
}
