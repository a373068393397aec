/** What `cdk` runs. */

import { join } from 'node:path'
import { bundles } from './bundle.ts'
import { readTwice } from './findings.ts'
import { readSettings, refuseUnknown } from './settings.ts'
import { comityStack, newApp } from './stack.ts'

const app = newApp()
refuseUnknown(Object.keys(app.node.getAllContext()))
const settings = readSettings((name) => app.node.tryGetContext(name))
readTwice(app, comityStack(app, settings, bundles(join(import.meta.dirname, '../dist'))))
