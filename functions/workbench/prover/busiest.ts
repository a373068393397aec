/** Variables by how often they had a part in conflicts of late: the busiest is asked first (VSIDS). A binary heap. */

/** A queue of variables. */
export type Busiest = ReturnType<typeof busiest>

/** An empty queue. */
export function busiest() {
  const heap: number[] = []
  /** Where each stands in the heap, if it does. */
  const places = new Map<number, number>()
  const activity = new Map<number, number>()
  let step = 1
  const of = (variable: number | undefined) => activity.get(variable ?? 0) ?? 0
  const put = (place: number, variable: number) => {
    heap[place] = variable
    places.set(variable, place)
  }
  function rise(variable: number, from: number): void {
    let place = from
    for (let above = (place - 1) >> 1; place > 0; above = (place - 1) >> 1) {
      const parent = heap[above] ?? 0
      if (of(parent) >= of(variable)) break
      put(place, parent)
      place = above
    }
    put(place, variable)
  }
  function sink(variable: number): void {
    let place = 0
    for (let left = 1; left < heap.length; left = 2 * place + 1) {
      const child = of(heap[left + 1]) > of(heap[left]) ? left + 1 : left
      const below = heap[child] ?? 0
      if (of(variable) >= of(below)) break
      put(place, below)
      place = child
    }
    put(place, variable)
  }
  return {
    /** Adds a variable that is open again. */
    add(variable: number): void {
      if (!places.has(variable)) rise(variable, heap.length)
    },
    /** A variable had a part in a conflict. */
    bump(variable: number): void {
      activity.set(variable, of(variable) + step)
      const place = places.get(variable)
      if (place !== undefined) rise(variable, place)
    },
    /** A conflict is over: what was before counts less. */
    decay(): void {
      step /= 0.95
      if (step < 1e100) return
      for (const [variable, value] of activity) activity.set(variable, value * 1e-100)
      step *= 1e-100
    },
    /** Takes the busiest of those that are still open. */
    next(isOpen: (variable: number) => boolean): number | undefined {
      for (;;) {
        const [first] = heap
        const last = heap.pop()
        if (first === undefined || last === undefined) return undefined
        places.delete(first)
        if (heap.length > 0) sink(last)
        if (isOpen(first)) return first
      }
    },
  }
}
