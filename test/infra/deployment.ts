/** The stack as it is deployed with a console and without other settings, read as AWS would. */

import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import * as z from 'zod'
import { type TableName, tables } from '../../functions/adapters/tables.ts'
import { type Bundle, bundle, type Door } from '../../infra/bundle.ts'
import { readSettings, unwitnessed } from '../../infra/settings.ts'
import { comityStack, newApp } from '../../infra/stack.ts'
import { pairOf, registrarsOf } from '../identity/registering.ts'
import { roleOf } from './iam.ts'
import { resourceOf, resourcesOf } from './template.ts'

/**
 * Synthesises, in a folder that `end` removes; code is bundled only for the doors where it matters,
 * since that takes seconds.
 */
export function synthesise(
  bundled: readonly Door[] = [],
  given: Readonly<Record<string, string>> = {},
) {
  const folder = mkdtempSync(join(tmpdir(), 'comity-stack-'))
  const standing = standIns(folder)
  const real = bundled.map((door) => [door, bundle(door, join(folder, door))] as const)
  const made = { ...standing, ...Object.fromEntries(real) }
  const settings = readSettings((name) => ({ logins, ...given })[name])
  const resources = resourcesOf(comityStack(newApp(), settings, made))
  return {
    folder,
    made,
    settings,
    resources,
    roles: {
      access: roleOf(resources, 'AccessRole'),
      audit: roleOf(resources, 'AuditRole'),
      console: roleOf(resources, 'ConsoleRole'),
      seal: roleOf(resources, 'SealRole'),
      sign: roleOf(resources, 'SignRole'),
    } satisfies Record<Door, unknown>,
    end: () => rmSync(folder, { recursive: true }),
  }
}

/** A login provider, without which no console is deployed. */
export const logins = JSON.stringify([
  { iss: 'https://login.example', name: 'Police login', clientId: 'comity' },
])

/** Registrars that nobody else knows, as settings take them from the command line. */
export const ownRegistrars = JSON.stringify(
  registrarsOf(...['anna', 'bert', 'cleo'].map((kid) => pairOf(kid))),
)

/** The least that a deployment must say beyond a trial. */
export const prod = {
  environment: 'prod',
  archiveDays: '3650',
  holds: 'DE',
  registrars: ownRegistrars,
  quorumAgreed: unwitnessed,
} as const

/** The construct of each door's function. */
export const functionOf = {
  access: 'Access',
  audit: 'Audit',
  console: 'Console',
  seal: 'Seal',
  sign: 'Sign',
} as const satisfies Record<Door, string>

/** Bundles with nothing in them that could run. */
export function standIns(
  folder: string,
  trusted: readonly string[] = [],
): Readonly<Record<Door, Bundle>> {
  const standIn = (door: Door): Bundle => {
    const own = join(folder, door)
    mkdirSync(own, { recursive: true })
    writeFileSync(join(own, 'index.mjs'), '')
    const bytes = { start: 0, later: 0, law: 0 }
    const keys = { digest: '0'.repeat(64), public: trusted }
    return { folder: own, digest: door.padEnd(64, '0'), keys, bytes }
  }
  return {
    access: standIn('access'),
    audit: standIn('audit'),
    console: standIn('console'),
    seal: standIn('seal'),
    sign: standIn('sign'),
  }
}

/** Every table, by its role. */
export const names = Object.keys(tables) as readonly TableName[]

/** The id of a table's construct. */
export const constructOf = (name: TableName) => `${name[0]?.toUpperCase()}${name.slice(1)}`

const replicaSchema = z.looseObject({
  DeletionProtectionEnabled: z.boolean(),
  PointInTimeRecoverySpecification: z.looseObject({ PointInTimeRecoveryEnabled: z.boolean() }),
  SSESpecification: z.looseObject({ KMSMasterKeyId: z.string() }),
})
const tableSchema = z.looseObject({
  KeySchema: z.array(z.unknown()),
  GlobalSecondaryIndexes: z.array(z.unknown()).default([]),
  Replicas: z.tuple([replicaSchema]),
  SSESpecification: z.unknown(),
  StreamSpecification: z.looseObject({ StreamViewType: z.string() }).optional(),
})

/** A table of a template, with its one replica. */
export function tableOf(resources: Parameters<typeof resourceOf>[0], name: TableName) {
  const { properties, deletionPolicy } = resourceOf(resources, constructOf(name))
  const { Replicas, ...table } = tableSchema.parse(properties)
  return { ...table, deletionPolicy, replica: Replicas[0] }
}
