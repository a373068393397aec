/** Door: the commands of third parties, who check a log or evidence and have nothing of a gateway. Wiring only; see `proof/`. */

import { Command } from 'commander'
import packed from '../package.json' with { type: 'json' }
import { addEvidenceVerify } from './proof/commands/evidence-verify.ts'
import { addLogPin } from './proof/commands/log-pin.ts'
import { addLogVerify } from './proof/commands/log-verify.ts'
import { addLogWatch } from './proof/commands/log-watch.ts'
import { runProgram } from './terminal/run.ts'

const codes = `
Exit codes: 0 it is whole, 1 failed, 2 wrong usage, 5 it is not whole, 7 it is whole by keys that only whoever is
checked vouches for, 8 it is whole, but entries came into the log late.`

function program(): Command {
  const comity = new Command('comity')
    .version(packed.version, '--version', 'print the version')
    .description('Check the log of a gateway, or evidence of it, with nothing else of the gateway.')
    .showHelpAfterError('(add --help for what the command takes)')
    .exitOverride()
    .addHelpText('after', codes)
  const log = comity.command('log').description('Check what a gateway exported of its log.')
  for (const add of [addLogVerify, addLogWatch]) add(log)
  addLogPin(log)
  addEvidenceVerify(comity.command('evidence').description('Check a bundle of evidence.'))
  return comity
}

await runProgram(program)
