#!/usr/bin/env node
import './runtime.mjs'

await import('./cli.ts')
