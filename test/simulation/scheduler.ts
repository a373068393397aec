/**
 * One order for everything: whatever a process asks of the outside waits here for its turn, and
 * whoever holds the scheduler says who is next and what goes wrong with it. Between two turns the
 * processes run until each of them waits again, so that a run is what its seed says and nothing else.
 */

/** A store or service that gave no answer, or said that it could not. */
export class StoreAway extends Error {
  override name = 'StoreAway'
}

/** A process: it can end at any moment, and then does nothing any more. */
export type Process = {
  readonly name: string
  readonly number: number
  /** How far its clock is ahead of the true one, ms. */
  readonly ahead: number
  readonly bornAt: number
  alive: boolean
  /** Until which step it is not looked at. */
  asleepUntil: number
}

/** How a process ended: with a value, with an error, or with nothing because it crashed. */
export type Ended<T> = { readonly value: T } | { readonly error: unknown } | 'crashed'

/** What goes wrong with an operation. */
export const faults = [
  /** Its process ends before it took effect. */
  'crash-before',
  /** Its process ends after it took effect. */
  'crash-after',
  /** It took effect, and the answer was lost. */
  'lost',
  /** It did not take effect, and was refused or not answered. */
  'away',
  /** It took effect, the client heard nothing and sent it again. */
  'twice',
  /** It took effect; the answer comes later. */
  'slow',
] as const
export type Fault = (typeof faults)[number]

type Waiting = {
  readonly process: Process
  readonly name: string
  readonly act: () => unknown
  readonly resolve: (value: unknown) => void
  readonly reject: (error: unknown) => void
  /** Gives the answer of what took effect already. */
  answer?: () => void
}

export type Scheduler = ReturnType<typeof startScheduler>

/** A scheduler whose clock shows `start`, ms; `afterEach` is called after each step. */
export function startScheduler(start: number, afterEach: () => void, trace?: string[]) {
  const waiting: Waiting[] = []
  const live = new Map<Process, () => void>()
  const count = { steps: 0, crashes: 0, faults: 0, processes: 0 }
  const tried = new Map<string, number>()
  let [now, hash] = [start, 0x811c9dc5]

  const note = (what: string): void => {
    for (let at = 0; at < what.length; at++)
      hash = Math.imul(hash ^ what.charCodeAt(at), 0x01000193) >>> 0
    trace?.push(`${String(count.steps).padStart(5)} ${new Date(now).toISOString()} ${what}`)
  }

  const crash = (process: Process): void => {
    if (!process.alive) return
    process.alive = false
    count.crashes += 1
    for (let at = waiting.length - 1; at >= 0; at--)
      if (waiting[at]?.process === process) waiting.splice(at, 1)
    live.get(process)?.()
    live.delete(process)
  }

  const settle = ({ act, resolve, reject }: Waiting): (() => void) => {
    try {
      const value = act()
      return () => resolve(value)
    } catch (error) {
      return () => reject(error)
    }
  }

  const scheduler = {
    waiting,
    count,
    /** How often each fault befell each operation: `ledger.put lost`. */
    tried,
    note,
    crash,
    get now() {
      return now
    },
    get hash() {
      return hash
    },
    pass(ms: number) {
      now += ms
    },

    /** Starts a process on a journey. What it asks for is asked through `operate`. */
    spawn<T>(
      name: string,
      ahead: number,
      journey: (process: Process) => Promise<T>,
      then: (ended: Ended<T>) => void,
    ): Process {
      count.processes += 1
      const process: Process = {
        name,
        number: count.processes,
        ahead,
        bornAt: now,
        alive: true,
        asleepUntil: 0,
      }
      live.set(process, () => then('crashed'))
      const end = (ended: Ended<T>) => {
        if (!live.delete(process)) return
        note(`${idOf(process)} ${'error' in Object(ended) ? 'fails' : 'is done'}`)
        then(ended)
      }
      note(`${idOf(process)} starts`)
      journey(process).then(
        (value) => end({ value }),
        (error: unknown) => end({ error }),
      )
      return process
    },

    /** One operation on something outside: it takes effect when its turn comes, at once and whole. */
    operate<T>(process: Process, name: string, act: () => T): Promise<T> {
      return new Promise<T>((resolve, reject) => {
        if (!process.alive) return
        // A cast: what `act` gives is what `resolve` takes.
        waiting.push({ process, name, act, resolve: resolve as (value: unknown) => void, reject })
      })
    },

    /** Lets one waiting operation have its turn. */
    turn(at: number, fault?: Fault): void {
      const [one] = waiting.splice(at, 1)
      if (one === undefined) throw new Error(`couldn’t go on: nothing waits at ${at}`)
      count.steps += 1
      const wrong = one.answer === undefined ? fault : undefined
      if (wrong !== undefined && wrong !== 'slow') {
        count.faults += 1
        const what = `${one.name} ${wrong}`
        tried.set(what, 1 + (tried.get(what) ?? 0))
      }
      note(`${idOf(one.process)} ${one.name}${wrong === undefined ? '' : ` ${wrong}`}`)
      one.answer === undefined ? take(one, wrong) : one.answer()
      afterEach()
    },

    /** Runs every process that is not asleep until it waits, ends, or asks for nothing more. */
    quiet: (): Promise<void> =>
      // Asked from a microtask, Node calls this back once no other is left: however deep they go, and
      // without a timer. Asked from anywhere else, it would call first of all.
      new Promise((resolve) => queueMicrotask(() => process.nextTick(resolve))),
  }

  const take = (one: Waiting, fault: Fault | undefined): void => {
    const away = (why: string) => one.reject(new StoreAway(why))
    switch (fault) {
      case 'crash-before':
        crash(one.process)
        break
      case 'crash-after':
        settle(one)
        crash(one.process)
        break
      case 'lost':
        settle(one)
        away('its answer was lost')
        break
      case 'away':
        away('it is away')
        break
      case 'twice':
        settle(one)
        settle(one)()
        break
      case 'slow':
        waiting.push({ ...one, answer: settle(one) })
        break
      case undefined:
        settle(one)()
    }
  }

  return scheduler
}

const idOf = ({ name, number }: Process): string => `${name}#${number}`
