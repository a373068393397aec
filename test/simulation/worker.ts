/** A thread of `cores.ts`: it does the jobs that it is sent. */

import { parentPort } from 'node:worker_threads'
import { type Job, search } from './search.ts'

parentPort?.on('message', async (job: Job) => parentPort?.postMessage(await search(job)))
