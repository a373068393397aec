/**
 * What each deployed function is made of: `npm run closure` prints it, by room. Type-only imports are no
 * part of it, since nothing of them is left when it runs.
 */

import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'

const root = join(import.meta.dirname, '..')

/** The doors that are deployed as functions. */
export const deployed = ['access', 'audit', 'console', 'seal', 'sign'] as const
/** The door of machines of one's own. */
export const onMachines = ['serve'] as const
/** Rooms that no such door reaches. */
export const neverDeployed = ['terminal/', 'proof/', 'client/', 'workbench/', 'demo/', 'cli/']

/** Doors of a machine where somebody works. */
const localDoors = ['cli.ts', 'local.ts', 'verify.ts']

/** The files of ours that a file runs with, itself among them; without those that it reads only once they are wanted. */
export function closureOf(
  file: string,
  seen = new Set<string>(),
  withLater = true,
): ReadonlySet<string> {
  if (seen.has(file)) return seen
  seen.add(file)
  const text = readFileSync(join(root, file), 'utf8')
  const imports = /(?:^|\n)import\s+(?!type\b)(?<names>[^'"]*?)\s*from\s*'(?<from>\.[^']+)'/g
  for (const { groups } of text.matchAll(imports))
    if (!isTypes(groups?.names ?? ''))
      closureOf(join(dirname(file), groups?.from ?? '').replaceAll('\\', '/'), seen, withLater)
  if (!withLater) return seen
  for (const [, from = ''] of text.matchAll(/\bimport\('(\.[^']+)'\)/g))
    closureOf(join(dirname(file), from).replaceAll('\\', '/'), seen)
  return seen
}

/** Whether every name in braces is a type. */
const isTypes = (names: string): boolean => {
  const [, inner] = /^\{([\s\S]*)\}$/.exec(names.trim()) ?? []
  const each = inner?.split(',').map((name) => name.trim()) ?? []
  return inner !== undefined && each.filter(Boolean).every((name) => name.startsWith('type '))
}

/** The room of a file: its folder, or for a file beside the doors its own name. */
export const roomOf = (file: string): string => {
  const [, room = '', ...rest] = file.split('/')
  return rest.length === 0 ? room : `${room}/`
}

/** Prints what each door is made of, then all of `functions/`: rooms of what is deployed, and of what never is. */
function print(): void {
  const lines = (file: string) => readFileSync(join(root, file), 'utf8').split('\n').length - 1
  const sum = (some: readonly string[]) => some.reduce((all, file) => all + lines(file), 0)
  const say = (what: string, files: readonly string[]) => {
    console.log(`${what}: ${files.length} files, ${sum(files)} lines`)
    for (const [room, own] of Map.groupBy(files, roomOf))
      console.log(`  ${room.padEnd(14)} ${String(own.length).padStart(3)} ${sum(own)}`)
  }
  for (const door of [...deployed, ...onMachines])
    say(door, [...closureOf(`functions/${door}.ts`)].sort())
  const all = readdirSync(join(root, 'functions'), { recursive: true, encoding: 'utf8' })
    .map((file) => `functions/${file.replaceAll('\\', '/')}`)
    .filter((file) => file.endsWith('.ts'))
    .sort()
  const isNever = (file: string) =>
    neverDeployed.includes(roomOf(file)) || localDoors.includes(roomOf(file))
  say(
    'deployed',
    all.filter((file) => !isNever(file)),
  )
  say('never deployed', all.filter(isNever))
}

if (process.argv[1] === import.meta.filename) print()
