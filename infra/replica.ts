/**
 * What another Region holds, if the settings name one: replicas of the tables and of the keys that open
 * what is in them, and a copy of the archive. Nothing runs there; `README.md` says what that is good for.
 */

import { type App, CfnOutput, RemovalPolicy, Stack } from 'aws-cdk-lib'
import { ArnPrincipal, CfnRole, type PolicyStatement, type Role } from 'aws-cdk-lib/aws-iam'
import { CfnKey, CfnReplicaKey, type Key } from 'aws-cdk-lib/aws-kms'
import { CfnBucket } from 'aws-cdk-lib/aws-s3'
import { type ArchiveCopy, copyBucket } from './archive.ts'
import type { Door } from './bundle.ts'
import { keyPolicy, movesBetween, tablesKey, useOfCheckpoints, useOfSecrets } from './key.ts'
import type { Settings } from './settings.ts'

/** The replicas of the tables: where they are, and under which key. */
export type TableReplicas = {
  readonly region: string
  readonly witness: string
  readonly keyArn: string
}

/** The key of the tables there: in a stack of its own, before them, since a stack has one Region. */
export function tableReplicas(app: App, settings: Settings): TableReplicas | undefined {
  const { regions } = settings
  if (regions === undefined) return undefined
  const { replica: region, witness } = regions
  const key = tablesKey(stackThere(app, settings, region, 'TablesKey'), [], true)
  return { region, witness, keyArn: arnOf(key) }
}

/** The copy of the archive there: in a stack of its own, before the bucket that is copied. */
export function archiveReplica(app: App, settings: Settings): ArchiveCopy | undefined {
  const { regions, environment } = settings
  if (regions === undefined) return undefined
  const stack = stackThere(app, settings, regions.replica, 'Archive')
  const roleName = `Comity-${environment}-ArchiveCopies-${regions.home}`
  const bucket = copyBucket(stack, settings, roleName)
  new CfnOutput(stack, 'ArchiveCopyBucket', { value: bucket.bucketName })
  const { defaultChild } = bucket.node
  if (!(defaultChild instanceof CfnBucket)) throw new Error('couldn’t name the copy of the archive')
  return { bucketArn: defaultChild.attrArn, bucketName: defaultChild.ref, roleName }
}

/** The keys of the secrets and of the checkpoints there: after those here, for the same roles. */
export function keyReplicas(
  app: App,
  settings: Settings,
  keys: { readonly secrets: Key; readonly checkpoints: Key },
  {
    console,
    ...roles
  }: Readonly<Record<Exclude<Door, 'console'>, Role>> & { readonly console?: Role },
): void {
  const { regions } = settings
  if (regions === undefined) return
  const stack = stackThere(app, settings, regions.replica, 'Keys')
  const there = (role: Role) => new ArnPrincipal(arnOf(role))
  const { access, audit, seal, sign } = roles
  const users = {
    ...{ access: there(access), audit: there(audit), seal: there(seal), sign: there(sign) },
    ...(console && { console: there(console) }),
  }
  const replica = (key: Key, uses: readonly PolicyStatement[]) =>
    new CfnReplicaKey(stack, key.node.id, {
      description: `Replica of ${key.node.id} of Comity`,
      primaryKeyArn: arnOf(key),
      keyPolicy: keyPolicy([...uses, ...movesBetween(regions)]),
    }).applyRemovalPolicy(RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE)
  replica(keys.secrets, useOfSecrets(users))
  replica(keys.checkpoints, useOfCheckpoints(users))
}

/** What is of use in another Region: by its ARN, which the stack here tells the one there. */
function arnOf({ node: { defaultChild, path } }: Key | Role): string {
  if (defaultChild instanceof CfnKey || defaultChild instanceof CfnRole) return defaultChild.attrArn
  throw new Error(`couldn’t name ${path} in another Region`)
}

const stackThere = (app: App, { environment }: Settings, region: string, part: string): Stack =>
  new Stack(app, `Comity-${environment}-${part}`, {
    description: `Comity in another Region: ${part} (${environment})`,
    env: { region },
    terminationProtection: environment !== 'dev',
  })
