/** Everything of one deployment, in one stack. */

import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { App, CfnOutput, Stack } from 'aws-cdk-lib'
import { Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam'
import recommended from 'aws-cdk-lib/recommended-feature-flags.json' with { type: 'json' }
import { accessDoor } from './access.ts'
import type { Bundle } from './bundle.ts'
import { secretsKey, tablesKey } from './key.ts'
import type { Settings } from './settings.ts'
import { dataTables } from './tables.ts'

/** An app without a past: wherever CDK changed its mind, the newer way holds. */
export const newApp = (): App => new App({ analyticsReporting: false, context: recommended })

/** The stack `Comity-<environment>`, for whichever account and region it is deployed to. */
export function comityStack(app: App, settings: Settings, access: Bundle): Stack {
  const { environment } = settings
  if (environment !== 'dev') refuseDemonstrationKeys(environment, access)
  const stack = new Stack(app, `Comity-${environment}`, {
    description: `Comity, a gateway for cross-border police data requests (${environment})`,
    terminationProtection: environment !== 'dev',
  })
  // The role comes first: the keys' policies name it, and what it may do names the tables.
  const role = new Role(stack, 'AccessRole', {
    assumedBy: new ServicePrincipal('lambda.amazonaws.com'),
  })
  const stores = dataTables(stack, tablesKey(stack, role), role)
  const origin = accessDoor(stack, settings, access, {
    role,
    stores,
    secretsKey: secretsKey(stack, role),
  })

  new CfnOutput(stack, 'Url', { value: origin, description: 'What agencies sign for' })
  for (const store of Object.values(stores))
    new CfnOutput(stack, `${store.node.id}Table`, { value: store.tableName })
  return stack
}

/** Whoever reads the repository has the private halves of these. */
function refuseDemonstrationKeys(environment: string, { folder }: Bundle): void {
  if (!readFileSync(join(folder, 'policies/sealers.json'), 'utf8').includes('"demonstration-'))
    return
  throw new Error(
    `couldn’t make \`${environment}\`: policies/sealers.json trusts demonstration keys, which only \`dev\` may; put your own sealers there and seal the policies anew`,
  )
}
