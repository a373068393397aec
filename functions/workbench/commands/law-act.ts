/** What a command that signs law tells: people line by line, or with `--json` a program, in one shape for all of them. */

/** The options of a command that signs law, as far as it has them. */
export type SigningOptions = {
  readonly key: readonly string[]
  readonly why?: string
  readonly deployed?: string
  readonly dryRun?: true
  readonly yes?: true
  readonly json?: true
}

/** What was done to one file, or to a set of the law. */
type Signed = {
  /** A file below `policies/`, or else the digest of a set. */
  readonly path?: string
  readonly set?: string
  readonly sha256?: string
  /** Whether what was signed counts now: the last signature is there, and it is stated. */
  readonly counts: boolean
  /** Whose signature is missing. */
  readonly waitsFor?: string
}

/** What `--json` prints, with `says`: the lines that people are told (`policies/README.md`). */
type LawAct = {
  readonly act:
    | 'seal'
    | 'retire'
    | 'withdraw'
    | 'begin'
    | 'set'
    | 'floor'
    | 'suspend'
    | 'lift'
    | 'confirm'
    | 'anchor'
    | 'stop'
    | 'resume'
  /** False if nothing was signed or stated: of a dry run, or of a statement that is only written down. */
  readonly done: boolean
  readonly of: readonly Signed[]
  /** The number of the statement in the chain of the law. */
  readonly statement?: number
}

/** The option, the same everywhere. */
export const asJson = ['--json', 'print as JSON'] as const

/**
 * Tells what is to be signed, then what was done. With `--json` people read it on standard error, where they are asked,
 * too, and standard output has one object.
 */
export function telling(json: true | undefined) {
  const said: string[] = []
  return {
    show(lines: readonly string[]): void {
      if (lines.length === 0) return
      said.push(...lines)
      const text = lines.join('\n')
      if (json) console.error(text)
      else console.log(text)
    },
    end(act: LawAct, lines: readonly string[] = []): void {
      const says = [...said, ...lines].filter((line) => line !== '')
      if (json) console.log(JSON.stringify({ ...act, says }, null, 2))
      else if (lines.length > 0) console.log(lines.join('\n'))
    },
  }
}
