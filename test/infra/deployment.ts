/** The stack as it is deployed without settings, read as AWS would. */

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import * as z from 'zod'
import { type TableName, tables } from '../../functions/adapters/tables.ts'
import { bundle } from '../../infra/bundle.ts'
import { readSettings } from '../../infra/settings.ts'
import { comityStack, newApp } from '../../infra/stack.ts'
import { roleOf } from './iam.ts'
import { resourceOf, resourcesOf } from './template.ts'

/** Bundles and synthesises, in a folder that `end` removes. */
export function synthesise() {
  const folder = mkdtempSync(join(tmpdir(), 'comity-stack-'))
  const made = bundle('access', join(folder, 'access'))
  const settings = readSettings(() => undefined)
  const resources = resourcesOf(comityStack(newApp(), settings, made))
  return {
    folder,
    made,
    settings,
    resources,
    access: roleOf(resources, 'AccessRole'),
    end: () => rmSync(folder, { recursive: true }),
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
