/** Every core of the machine at work: jobs go to whichever thread is free, in their order. */

import { availableParallelism } from 'node:os'
import { Worker } from 'node:worker_threads'
import type { Job, Tally } from './search.ts'

/** Threads that do jobs. */
export type Cores = {
  readonly count: number
  /**
   * Does jobs, and gives what they came to, each with its number among them, as they are done. After a
   * `stop` no further one is begun, and those under way are still given.
   */
  work(jobs: readonly Job[], done: (tally: Tally, at: number) => 'stop' | undefined): Promise<void>
  end(): Promise<void>
}

/** Starts a thread on each core. */
export function startCores(): Cores {
  const workers = Array.from(
    { length: availableParallelism() },
    () => new Worker(new URL('worker.ts', import.meta.url)),
  )
  const ask = (worker: Worker, job: Job): Promise<Tally> =>
    new Promise((resolve, reject) => {
      worker.once('error', reject)
      worker.once('message', (tally: Tally) => {
        worker.off('error', reject)
        resolve(tally)
      })
      worker.postMessage(job)
    })
  return {
    count: workers.length,
    async work(jobs, done) {
      let next = 0
      let isOver = false
      await Promise.all(
        workers.map(async (worker) => {
          while (!isOver && next < jobs.length) {
            const at = next++
            const job = jobs[at]
            if (job === undefined) return
            if (done(await ask(worker, job), at) === 'stop') isOver = true
          }
        }),
      )
    },
    end: async () => {
      await Promise.all(workers.map((worker) => worker.terminate()))
    },
  }
}
