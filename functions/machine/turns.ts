/** Turns of the event loop: long work gives others' answers theirs in between. */

/** Does what `next` gives, one in each turn, once woken and as long as there is any. Returns what wakes it. */
export function eachTurn(next: () => (() => void) | undefined): () => void {
  let isAwake = false
  const take = () => {
    const act = next()
    isAwake = act !== undefined
    if (act === undefined) return
    act()
    setImmediate(take)
  }
  return () => {
    if (isAwake) return
    isAwake = true
    setImmediate(take)
  }
}

/** A promise of a turn of its own, after all that were promised before. */
export function turns(): () => Promise<void> {
  const waiting: (() => void)[] = []
  const wake = eachTurn(() => waiting.shift())
  return () =>
    new Promise((resolve) => {
      waiting.push(resolve)
      wake()
    })
}
