/** Work in steps, so that whoever runs it may do other things between two of them, and say how far it is. */

/** How much of something is done. */
export type Progress = {
  readonly done: number
  /** Undefined while nobody knows how much there is. */
  readonly of?: number
  /** Of what, and what was done with it. */
  readonly what: string
}

/** Such as `3 of 9 changes tried`. */
export const progressWords = ({ done, of, what }: Progress): string =>
  `${done.toLocaleString('en')}${of === undefined ? '' : ` of ${of.toLocaleString('en')}`} ${what}`

/** Does all steps at once, and gives their result. */
export function allSteps<Step, T>(
  steps: Iterator<Step, T>,
  after: (step: Step) => void = () => undefined,
): T {
  for (;;) {
    const step = steps.next()
    if (step.done) return step.value
    after(step.value)
  }
}
