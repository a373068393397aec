/**
 * A folder in which somebody types what a page says, as a shell runs it.
 *
 *     const folder = folderToType()
 *     const { stdout, stderr, failed } = await typed('npx comity policy check', folder, { PORT: '8787' })
 */

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { text } from 'node:stream/consumers'
import { plainEnvironment, root, temporaryFolder } from './process.ts'

/**
 * A folder as the project's is for whoever types: `policies`, and an `npx` that runs this `comity`, or that of a copy of
 * the project. Of the commands in `unasked`, such as `agency sign`, nobody is there to answer the question.
 */
export function folderToType(project = root, unasked: readonly string[] = []): string {
  const folder = temporaryFolder()
  symlinkSync(join(project, 'policies'), join(folder, 'policies'))
  mkdirSync(join(folder, 'bin'))
  const answer = unasked.map((each) => `case "$*" in "${each} "*) set -- "$@" --yes;; esac\n`)
  const comity = `"${process.execPath}" "${join(project, 'functions/comity.mjs')}"`
  const npx = `#!/bin/sh\nshift\n${answer.join('')}exec ${comity} "$@"\n`
  writeFileSync(join(folder, 'bin/npx'), npx, { mode: 0o755 })
  return folder
}

/** Runs commands as a shell does in the folder; `failed` has each that ended with another code than 0. */
export async function typed(
  commands: string,
  folder: string,
  environment: Readonly<Record<string, string>>,
) {
  // What fails is written with its code, and the next command runs, as for whoever types them.
  const start = `trap 'echo "failed $?: $BASH_COMMAND" >&9' ERR\n`
  const child = spawn('bash', ['-uo', 'pipefail', '-c', `exec 9> failed\n${start}${commands}`], {
    cwd: folder,
    env: {
      ...plainEnvironment,
      PATH: `${join(folder, 'bin')}${delimiter}${process.env.PATH}`,
      COMITY_DATA: '.comity',
      ...environment,
    },
  })
  const [stdout, stderr] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    once(child, 'close'),
  ])
  const failed = readFileSync(join(folder, 'failed'), 'utf8').split('\n').slice(0, -1)
  return { stdout, stderr, failed }
}
