/** What `cdk` runs. */

import { join } from 'node:path'
import { bundles } from './bundle.ts'
import { readTwice } from './findings.ts'
import { readSettings, refuseUnknown } from './settings.ts'
import { comityStack, newApp } from './stack.ts'

/** Whoever deploys wants to know why it does not go, not where in the program. */
process.on('uncaughtException', (error) => {
  console.error(error.message.startsWith('couldn’t ') ? error.message : error)
  process.exit(1)
})

const app = newApp()
refuseUnknown(Object.keys(app.node.getAllContext()))
const settings = readSettings((name) => app.node.tryGetContext(name))
readTwice(app, comityStack(app, settings, bundles(join(import.meta.dirname, '../dist'))))
