// Plain JavaScript, so that a Node too old to read TypeScript can still say what is wrong.
import module from 'node:module'
import { fileURLToPath } from 'node:url'

if (Number(process.versions.node.split('.')[0]) < 24) {
  console.error(
    `Comity needs Node 24 or later; this is Node ${process.versions.node}. In a clone, on Linux (x64, arm64) and Windows (x64), \`npm ci\` brings it; elsewhere install it from nodejs.org.`,
  )
  process.exit(1)
}

// Half of what a short command takes is reading TypeScript. Not in the folder that all users share, where
// another could put code.
module.enableCompileCache(fileURLToPath(new URL('../node_modules/.cache/comity', import.meta.url)))
