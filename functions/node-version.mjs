// Plain JavaScript, so that a Node too old to read TypeScript can still say what is wrong.
if (Number(process.versions.node.split('.')[0]) < 24) {
  console.error(
    `Comity needs Node 24 or later; this is Node ${process.versions.node}. On Linux (x64, arm64) and Windows (x64) \`npm ci\` brings it; elsewhere install it from nodejs.org.`,
  )
  process.exit(1)
}
