/** What is made once it is used: most starts need only some of what a file has. */

/** Gives what `make` makes, which is called with the first use. */
export function onFirstUse<T>(make: () => T): () => T {
  let made: { readonly value: T } | undefined
  return () => {
    made ??= { value: make() }
    return made.value
  }
}
