/**
 * Properties explore anew on each developer's run. A build machine repeats one seed, so that a build
 * says the same of the same commit; `COMITY_SEED=<number>` repeats another.
 */

import fc from 'fast-check'

const stated = process.env.COMITY_SEED ?? (process.env.CI === 'true' ? '20261125' : undefined)
if (stated !== undefined) fc.configureGlobal({ seed: Number(stated) })
