/** The shipped law of a few states, so that a demonstration starts in little time. */

import { globSync, readdirSync, rmdirSync, rmSync, statSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { sealAgain } from '../cli/in-process.ts'

/** The law of two holders, and what binds both: enough for most questions, and read in little time. */
const fewStates = [
  /^coe\/echr\//,
  /^de\//,
  /^eu\/(2023-977|charter|led-data|led-transfers|sis)\//,
  /^gb\//,
  /^interpol\//,
  /^lists\/(cat|cets-224|echr|elements|eu-2023-977|eu-members|eu-us-mla)\//,
  /^lists\/(gb-approved|iccpr|led-adequacy|led-states|log-retention|refugee-convention|un-cybercrime)\//,
  // Their cases ask law that is left out.
  /^lists\/(arrangements|asean-mlat|ets-30|europol-agreements|siena-duty)\/[^/]*(?<!\.test)\.json$/,
  /^scenarios\/(eu-to-germany|member-states|third-states-to-germany|to-britain)\./,
  /^un\/human-rights-floor\//,
]
const isOfFew = (path: string) => fewStates.some((each) => each.test(path))

/** Takes away the law of all but a few states. */
export function keepFewStates(folder: string): void {
  for (const path of globSync(['*/*/*.json', 'scenarios/*.json'], { cwd: folder }))
    if (!isOfFew(path.replaceAll('\\', '/'))) rmSync(join(folder, path))
  // What is said of all of the law need not be so of a part.
  rmSync(join(folder, 'statements'), { recursive: true, force: true })
  // The deepest first, so that what holds an empty folder alone is empty in its turn.
  for (const path of [...globSync('*/*', { cwd: folder }), ...globSync('*', { cwd: folder })]) {
    const each = join(folder, path)
    if (statSync(each).isDirectory() && readdirSync(each).length === 0) rmdirSync(each)
  }
  for (const name of globSync('*/seals.json', { cwd: folder }).map(dirname))
    sealAgain(folder, name, (said) => said.filter(({ body }) => isOfFew(body.path)))
}
