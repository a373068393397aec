/**
 * `npm run observe`: plays lives of requests in worlds with a hit that is not told and with none, and looks whether
 * any party could tell them apart. `test/README.md` says more.
 */

import { Command } from 'commander'
import { leaksOf, saysOf } from './compare.ts'
import { lifeOf, tour } from './life.ts'
import { play } from './play.ts'
import { type StateName, stateNames } from './scene.ts'

const number = (text: string): number => Number.parseInt(text, 10)
const options = new Command('npm run observe --')
  .option('--seeds <count>', 'how many lives', number, 100)
  .option('--seed <seed>', 'the first one', number, 0)
  .option('--state <name>', 'of one state alone')
  .option('--most <count>', 'how many leaks to print', number, 12)
  .option('--tour', 'the life that has each kind of step')
  .parse()
  .opts<{ seeds: number; seed: number; most: number; state?: StateName; tour?: true }>()

let found = 0
const count = options.tour ? 1 : options.seeds
for (let seed = options.seed; seed < options.seed + count; seed++) {
  const steps = options.tour ? tour() : lifeOf(seed)
  // One state for each seed, in turn; the tour has all.
  const states =
    options.state !== undefined
      ? [options.state]
      : options.tour
        ? stateNames
        : stateNames.slice(seed % stateNames.length).slice(0, 1)
  for (const state of states) {
    const started = performance.now()
    const hit = await play({ seed, state, side: 'hit', steps })
    const none = await play({ seed, state, side: 'none', steps })
    const leaks = leaksOf(hit, none)
    found += leaks.length
    const seconds = ((performance.now() - started) / 1000).toFixed(1)
    const sights = [...none.seen.values()].reduce((sum, each) => sum + each.length, 0)
    console.log(`seed ${seed}, ${state}: ${leaks.length} leaks, ${sights} sights, ${seconds} s`)
    if (leaks.length > 0) console.log(saysOf(leaks.slice(0, options.most)))
  }
}
if (found > 0) process.exitCode = 1
