/** Loading what is read once it is needed. */

/** Loads at the first call, and gives every other the same; what could not be loaded is loaded anew by the next. */
export function once<T>(load: () => Promise<T>): () => Promise<T> {
  let loading: Promise<T> | undefined
  return () => {
    loading ??= load().catch((error: unknown) => {
      loading = undefined
      throw error
    })
    return loading
  }
}
