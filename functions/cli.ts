#!/usr/bin/env node
const x: string = process.version
console.log('comity', x, process.argv.slice(2))
