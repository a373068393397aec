/** What the answering wing needs from outside to ask holders' own systems: questions that wait, and systems at an address. */

import type { Question } from './decision/question.ts'

/** What a holder's own system answered: its signed call, and the question as the gateway signed it. */
export type Exchange = { readonly question: string; readonly answer: string }

/** A system that is asked at its address: by which private CA, and in which networks, as the register says. */
export type HolderSystem = {
  readonly address?: string | undefined
  readonly ca?: string | undefined
  readonly network?: readonly string[] | undefined
}

/** Holders' own systems that are asked at their addresses. */
export type Systems = {
  /** Asks a signed question, and waits `waitMs` at most. Gives what came, unchecked, or why nothing is taken. */
  ask(
    system: HolderSystem,
    question: string,
    waitMs: number,
  ): Promise<
    | { readonly signature: string; readonly body: Uint8Array<ArrayBuffer> }
    | { readonly refused: string }
  >
}

/** The same with the body of the answer. */
export type KeptExchange = Exchange & { readonly body: string }

/** Questions to holders' own systems. Each waits until its `exp`; the first answer stands for a quarter of an hour. */
export type Questions = {
  /**
   * Signs a question and puts it, durably, unless one of its id waits already. Returns the one that stands, as it
   * was signed; undefined if too many of the holder wait.
   */
  ask(question: Question): Promise<string | undefined>
  /** The questions that wait for a holder, as signed; the first at most `waitMs` from now, 100 at most. */
  waiting(holder: string, waitMs: number): Promise<readonly string[]>
  /** A question that waits, as signed; undefined if none does. */
  get(holder: string, id: string): Promise<string | undefined>
  /** Keeps an answer, durable once it returns; false if there is one already. */
  answer(holder: string, id: string, exchange: KeptExchange): Promise<boolean>
  /** What was answered; undefined if nothing is, `waitMs` from now. */
  answered(holder: string, id: string, waitMs: number): Promise<KeptExchange | undefined>
  /** Removes what a holder was asked and answered that was kept long enough; false if more may be left. */
  forget(holder: string): Promise<boolean>
}
