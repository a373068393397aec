/** Installs what only the benchmark runs, before its first run: `npm ci` at the root has none of it. */

import { execSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'

const cwd = import.meta.dirname
if (!existsSync(join(cwd, 'node_modules')))
  execSync('npm ci --prefix . --ignore-scripts', { cwd, stdio: 'inherit' })
