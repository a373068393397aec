/** What the answering wing needs from outside for the files of records. */

/** A key that opens the content of one file, and its id. */
type ContentKey = { readonly kid: string; readonly kek: Uint8Array }

/**
 * The contents of files, each encrypted under a key of its own among those of the person's record: once that key is
 * destroyed, no copy of the table opens it.
 *
 * INVARIANT (whole or not at all): a content can be read once `put` returned, and never in part.
 */
export type FileContents = {
  /**
   * Durable once it returns. `key` is asked for only if the content is not there. Repeating it changes nothing, but that
   * it came `at` a later time.
   */
  put(of: FilePlace, content: Uint8Array, key: () => Promise<ContentKey>, at: string): Promise<void>
  /** Whether the content is there. */
  has(of: FilePlace): Promise<boolean>
  /** The id of the key of a content, and what opens it with that key; undefined if it is not there. */
  get(
    of: FilePlace,
  ): Promise<{ readonly kid: string; open(kek: Uint8Array): Uint8Array } | undefined>
  /**
   * The contents of a record, each with the id of its key, and when it came, which an earlier build did not note; what a
   * crash left in part is among them.
   */
  list(
    holder: string,
    record: string,
  ): Promise<readonly { readonly digest: string; readonly kid: string; readonly at?: string }[]>
  /**
   * Says that a content under a key is about to go, so that `put` brings it anew; false if it came again since it was
   * listed with `at`. Repeating it changes nothing.
   */
  take(of: FilePlace, kid: string, at: string | undefined): Promise<boolean>
  /**
   * Removes what there is of a content under a key, and nothing that came anew under another. After a crash, calling it
   * again removes what is left.
   */
  remove(of: FilePlace, kid: string): Promise<void>
  /** Notes that a change begins which may leave contents that the record does not name. Durable once it returns. */
  begin(holder: string, change: ContentChange): Promise<void>
  /** Forgets a change, once nothing is left of what it replaced. */
  end(holder: string, change: ContentChange): Promise<void>
  /** Changes that began before a moment and did not end, the oldest first, at most a hundred. */
  begun(holder: string, before: string): Promise<readonly ContentChange[]>
}

/** A change of a record’s contents: when it began, and an id by chance, since two may begin at once. */
export type ContentChange = { readonly record: string; readonly at: string; readonly id: string }

/** Where a content is: a record of a holder, and its salted digest. */
export type FilePlace = {
  readonly holder: string
  readonly record: string
  readonly digest: string
}

/** That a file of an answer was given: which, by which entry, when. */
export type FileFetch = { readonly item: string; readonly id: string; readonly at: string }

/** The files of an answer that were given. */
export type FilesGiven = {
  of(request: string): Promise<readonly FileFetch[]>
  /** Durable once it returns. Repeating it changes nothing. */
  put(request: string, given: FileFetch): Promise<FileFetch>
}
