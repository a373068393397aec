/** What a bundle of evidence says of itself, in sentences. */

import type { Completeness } from '../ledger/evidence.ts'
import type { ShownEntry } from './evidence-files.ts'
import type { PublishedHead } from './sealed-entries.ts'

/** What the sentences about a bundle are made from. */
type Told = {
  readonly by: 'case' | 'subject' | 'entries'
  /** The jurisdiction whose logs the office could look through. */
  readonly jurisdiction: string
  readonly shown: readonly ShownEntry[]
  readonly tooEarly: readonly string[]
  readonly heads: readonly PublishedHead[]
  readonly completeness?: Completeness
}

/** Says what is in the bundle, what is not, and whether there is more, for the manifest and the page. */
export function sayingsOf(told: Told): string[] {
  const { shown, tooEarly, heads } = told
  const closed = (why: string) => shown.filter(({ file }) => file.closed === why).length
  const sides = shown.filter(({ file }) => file.side === 'requester').length
  const ofThem = (count: number, one: string, many: string) =>
    count === 0
      ? []
      : [
          shown.length === 1
            ? `It ${one}.`
            : counted(count, `1 of them ${one}.`, `# of them ${many}.`),
        ]
  return [
    `There ${counted(shown.length, 'is 1 entry', 'are # entries')} in it.`,
    ...ofThem(
      closed('erased'),
      'was erased: nobody can read it any more, and it is still proved',
      'were erased: nobody can read them any more, and they are still proved',
    ),
    ...ofThem(
      closed('restricted'),
      'is restricted to proceedings in court and not shown',
      'are restricted to proceedings in court and not shown',
    ),
    ...ofThem(
      sides,
      'is shown as its requester knows it: the reasons it was told stand on the gateway’s word',
      'are shown as their requesters know them: the reasons they were told stand on the gateway’s word',
    ),
    ...(tooEarly.length === 0
      ? []
      : [
          `Asked for too early, since the checkpoints do not have them yet: ${tooEarly.join(', ')}. Ask again later.`,
        ]),
    ...heads.map(
      ({ log, size }) =>
        `It is as of the first ${counted(size, 'entry', '# entries')} of the log ${log}.`,
    ),
    ...completenessWords(told),
  ]
}

function completenessWords({ by, jurisdiction, heads, completeness }: Told): string[] {
  if (by === 'entries' || completeness === undefined)
    return [
      'Entries were asked for by their ids: whether others are about the same person or case is not said.',
    ]
  const {
    claimed,
    examined,
    tagged = 0,
    erased,
    damaged,
    notExamined,
    looks,
    records,
  } = completeness
  const matter = by === 'case' ? 'this case' : 'this person, by the identifier that was given'
  const leftOut = [
    ...(looks === 0 ? [] : [counted(looks, '1 look at the log', '# looks at the log')]),
    ...(records === 0
      ? []
      : [counted(records, '1 change of the record', '# changes of the record')]),
  ]
  const but = leftOut.length === 0 ? '' : `, but for ${leftOut.join(' and ')}, left out here`
  const whole = [
    `${counted(examined, '1 entry was', '# entries were')} opened and looked through.`,
    ...(tagged === 0
      ? []
      : [
          `Of ${counted(tagged, '1 other', '# others')} it is known by what this gateway noted when it sealed them, bound to their places in the log.`,
        ]),
  ].join(' ')
  const isOwn = ({ log }: PublishedHead) => log.split('/')[1] === jurisdiction.toLowerCase()
  const own = heads.filter(isOwn).map(({ log }) => log)
  const said = claimed
    ? [
        `No other entry of ${own.join(' or ')}, as far as that went then, is about ${matter}${but}. ${whole}`,
      ]
    : [
        `Whether any other entry is about ${matter}${by === 'case' ? '' : ','} is not claimed. ${whole}`,
        ...entriesThat(
          erased,
          'was erased, and nobody can read it any more',
          'were erased, and nobody can read them any more',
        ),
        ...entriesThat(damaged, 'is not what was sealed', 'are not what was sealed'),
        ...entriesThat(notExamined, 'was not looked through', 'were not looked through'),
        ...(own.length > 0 && erased + damaged + notExamined === 0
          ? ['A log of another year has entries, and no checkpoint of it is there.']
          : []),
      ]
  const others = heads.filter((head) => !isOwn(head)).map(({ log }) => log)
  return [
    ...said,
    ...(others.length === 0
      ? []
      : [
          `Nothing is claimed of other entries of ${others.join(' or ')}: only auditors of that jurisdiction can look through them.`,
        ]),
    'This is the gateway’s own signed statement. Whoever checks this file can see that the logs were signed and witnessed at these sizes; the other entries are encrypted, so only auditors of their jurisdiction can count again, as of the same checkpoints.',
  ]
}

/** A sentence about `count` entries; no sentence if there are none. */
const entriesThat = (count: number, one: string, many: string): string[] =>
  count === 0 ? [] : [counted(count, `1 entry ${one}.`, `# entries ${many}.`)]

const counted = (count: number, one: string, many: string): string =>
  count === 1 ? one : many.replace('#', String(count))

/** `README.txt`: what the files are and how to check them. */
export const readmeOf = (gateway: string): string => `Evidence from the decision log of ${gateway}

page.html        the same for people: read it in a browser or print it; it needs no network. It is a convenience:
                 the gateway wrote it, and nothing compares it with the entries; what counts is what the check prints
manifest.json    what is in here, as of which checkpoints, the SHA-256 of every file, every key
manifest.jws     the gateway's signature over manifest.json (JWS, Ed25519, detached)
entries/         entries of the log: the leaf that is hashed, and what of the rest may be seen
proofs/          that each entry is in the log (C2SP tlog-proof)
stamps/          where there are any: by when a time-stamping authority says that an entry was there (RFC 3161),
                 and that it is in the checkpoint that was stamped
policies/        the law that decided, word for word: an engineering reading, not legal advice

To check all of it, without a network:

  comity evidence verify THIS-FILE.zip --trust TRUST-FILE --fingerprint FINGERPRINT

FINGERPRINT is that of the gateway's key of evidence. Take it from the gateway itself or from an
authority that you trust (it is the id of the EdDSA key in /.well-known/jwks.json), never from the
bundle: whoever forges a bundle signs it with a key of their own.

TRUST-FILE is yours: the keys of the log, its witnesses and the agencies, time-stamping authorities, and where you had each from
(functions/ledger/FORMAT.md, Trust). Without it these keys come from the bundle, and all of it is the
gateway's own word. The exit code is 0 if all of it holds by keys from outside, 7 if it agrees by keys
that only the gateway or the bundle vouches for, and 5 if something is wrong, with the file and what.
`
