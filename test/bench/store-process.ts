/** A store in a process of its own, so that none of its CPU counts as the gateway's. */

import { startDynalite } from '../dynalite.ts'

const store = await startDynalite()
process.send?.(store.endpoint)
process.once('disconnect', () => process.exit(0))
