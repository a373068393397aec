/** The package, installed in a folder that has nothing else of us, as without a network. */

import { execFileSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { plainEnvironment, root, temporaryFolder } from '../demo/process.ts'

/** Makes and installs it; gives the folder, and the names of what is packed. */
export function installPackage(): { readonly folder: string; readonly files: readonly string[] } {
  const args = ['infra/package.ts', temporaryFolder()]
  const made = execFileSync(process.execPath, args, { cwd: root, encoding: 'utf8' }).trim()
  const files = execFileSync('tar', ['tzf', made], { encoding: 'utf8' }).trim().split('\n')
  const folder = temporaryFolder()
  writeFileSync(join(folder, 'package.json'), '{"type": "module"}')
  const install = ['install', '--offline', '--no-audit', '--ignore-scripts', made]
  execFileSync('npm', install, { cwd: folder, env: plainEnvironment })
  return { folder, files }
}
