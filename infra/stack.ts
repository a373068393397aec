/** Everything of one deployment, in one stack. */

import { App, CfnOutput, ReferenceStrength, Stack } from 'aws-cdk-lib'
import recommended from 'aws-cdk-lib/recommended-feature-flags.json' with { type: 'json' }
import { isDemonstrationKey } from '../functions/policy/demonstration.ts'
import { accessDoor } from './access.ts'
import { archiveBucket } from './archive.ts'
import { auditDoor } from './audit.ts'
import type { Bundle, Door } from './bundle.ts'
import { consoleDoor } from './console.ts'
import { functionRole } from './function.ts'
import { checkpointKey, secretsKey, tablesKey } from './key.ts'
import { endpoints } from './network.ts'
import { gradualRelease } from './release.ts'
import { archiveReplica, keyReplicas, tableReplicas } from './replica.ts'
import { sealer } from './seal.ts'
import type { Settings } from './settings.ts'
import { signer } from './sign.ts'
import { dataTables } from './tables.ts'
import { watch } from './watch.ts'

/** An app without a past: wherever CDK changed its mind, the newer way holds. */
export const newApp = (): App =>
  new App({
    analyticsReporting: false,
    context: {
      ...recommended,
      // Between Regions, a stack reads another's outputs; else functions would carry them over.
      '@aws-cdk/core:defaultCrossStackReferences': ReferenceStrength.WEAK,
    },
  })

/** The stack `Comity-<environment>`, for whichever account and region it is deployed to. */
export function comityStack(
  app: App,
  settings: Settings,
  bundles: Readonly<Record<Door, Bundle>>,
): Stack {
  const { environment, regions, witnesses, quorum, logins } = settings
  if (environment !== 'dev') refuseDemonstrationKeys(environment, bundles.access)
  const stack = new Stack(app, `Comity-${environment}`, {
    description: `Comity, a gateway for cross-border police data requests (${environment})`,
    terminationProtection: environment !== 'dev',
    ...(regions === undefined ? {} : { env: { region: regions.home } }),
  })
  const replicas = tableReplicas(app, settings)
  // Roles come first: the policies of keys, tables and the archive name them.
  const roles = {
    access: functionRole(stack, 'Access'),
    audit: functionRole(stack, 'Audit'),
    ...(logins.length > 0 && { console: functionRole(stack, 'Console') }),
    seal: functionRole(stack, 'Seal'),
    sign: functionRole(stack, 'Sign'),
  }
  const tables = tablesKey(stack, Object.values(roles), replicas !== undefined)
  const stores = dataTables(stack, tables, {
    protectedFromDeletion: environment !== 'dev',
    entries: [roles.access, roles.audit, ...(roles.console ? [roles.console] : [])],
    signatures: roles.sign,
    replicas,
  })
  const copy = archiveReplica(app, settings)
  const archive = archiveBucket(stack, settings, { writer: roles.seal, copy })
  const secrets = secretsKey(stack, roles, regions)
  const checkpoints = checkpointKey(stack, roles, regions)
  keyReplicas(app, settings, { secrets, checkpoints }, roles)
  const log = {
    COMITY_KMS_KEY: secrets.keyArn,
    COMITY_CHECKPOINT_KEY: checkpoints.keyArn,
    COMITY_ARCHIVE: archive.bucketName,
    COMITY_WITNESSES: JSON.stringify(witnesses),
    COMITY_QUORUM: String(quorum),
  }

  endpoints(stack, settings.network)
  const signs = signer(stack, settings, {
    role: roles.sign,
    bundle: bundles.sign,
    stores,
    checkpointKey: checkpoints,
  })
  const seals = sealer(stack, settings, {
    role: roles.seal,
    bundle: bundles.seal,
    stores,
    archive,
    signer: signs,
    log: {
      ...log,
      ...(settings.stamps && { COMITY_STAMPS: JSON.stringify(settings.stamps) }),
    },
  })
  const access = accessDoor(stack, settings, {
    role: roles.access,
    bundle: bundles.access,
    stores,
    archive,
    secretsKey: secrets,
    after: [signs, seals],
  })
  const audit = auditDoor(stack, settings, {
    role: roles.audit,
    bundle: bundles.audit,
    stores,
    archive,
    sealer: seals,
    after: [signs, seals],
    log,
  })
  const pages =
    roles.console &&
    consoleDoor(stack, settings, audit, {
      ...{ role: roles.console, bundle: bundles.console, stores, archive, access, log },
      after: [signs, seals],
    })
  const doors = [access, audit, ...(pages ? [pages] : [])]
  watch(stack, settings, {
    ...{ stores, archive, copy, keys: [tables, secrets, checkpoints] },
    functions: [...doors.map(({ live }) => live), seals, signs].map(({ lambda }) => lambda),
  })
  gradualRelease(stack, settings, { doors, before: [signs, seals] })

  const output = (id: string, value: string, description?: string) =>
    new CfnOutput(stack, id, { value, ...(description === undefined ? {} : { description }) })
  output('Url', access.origin, 'What agencies sign for')
  output('AuditUrl', audit.origin, 'What auditors and holders sign for; the log is under /log/')
  output('CheckpointKeyArn', checkpoints.keyArn, 'Whoever verifies pins its public half')
  output('ArchiveBucket', archive.bucketName)
  for (const store of Object.values(stores)) output(`${store.node.id}Table`, store.tableName)
  return stack
}

/** Whoever reads the repository has the private halves of these. */
function refuseDemonstrationKeys(environment: string, { keys }: Bundle): void {
  if (!keys.public.some(isDemonstrationKey)) return
  throw new Error(
    `couldn’t make \`${environment}\`: policies/sealers.json or release-keys.json trusts demonstration keys, which only \`dev\` may; put your own there, begin your own chains (comity policy begin), and sign a set`,
  )
}
