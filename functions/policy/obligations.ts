/**
 * The duties that a policy may impose, and their texts. A policy names a duty by its code, and states its
 * deadline or value if it has one.
 */

/** Who must keep a duty. */
export type Party = 'requester' | 'holder'

/** A duty in words. */
export type Duty = {
  readonly onWhom: Party
  /** A full sentence. `{value}` stands for the value that the policy states. */
  readonly text: string
  /** It can only be kept before data leaves, so no rule may impose it on data that leaves. */
  readonly before?: true
  /**
   * For duties with a value: each scale runs from loosest to strictest. Of two values on one scale, the
   * stricter applies.
   */
  readonly scales?: readonly (readonly string[])[]
}

/**
 * The markings of INTERPOL (RPD arts 112-114), of TLP 2.0 and of the British classifications. A marking on no
 * scale, such as Europol's handling codes, applies alongside the others.
 */
const markings = [
  ['INTERPOL FOR OFFICIAL USE ONLY', 'INTERPOL RESTRICTED', 'INTERPOL CONFIDENTIAL'],
  ['TLP:CLEAR', 'TLP:GREEN', 'TLP:AMBER', 'TLP:AMBER+STRICT', 'TLP:RED'],
  ['OFFICIAL', 'OFFICIAL-SENSITIVE', 'SECRET', 'TOP SECRET'],
] as const

const ofRequester = (text: string): Duty => ({ onWhom: 'requester', text })
const ofHolder = (text: string, more?: Pick<Duty, 'before' | 'scales'>): Duty => ({
  ...{ onWhom: 'holder', text, ...more },
})

/** Every duty, by code. */
export const duties: Readonly<Record<string, Duty>> = {
  'O-USE': ofRequester(
    'Use the data only for the stated purpose and case; any other use needs consent.',
  ),
  'O-SPEC': ofRequester(
    'Do not use the data against the person for another offence without consent.',
  ),
  'O-NOEVID': ofRequester(
    'Use the data as intelligence; use as evidence needs the consent of the holder state.',
  ),
  'O-ONWARD': ofRequester(
    'Pass nothing on to another state, organisation or agency without consent.',
  ),
  'O-DEL': ofRequester("Delete or review the data by the holder's date."),
  'O-NOTIFY-CORR': ofHolder(
    'Tell the recipient of later correction or erasure; the recipient acts on it.',
  ),
  'O-NOTIFY-SA': ofHolder('Inform the supervisory authority ({value}).', {
    scales: [['yearly', 'of the category', 'of this transfer']],
  }),
  'O-NOTIFY-ORIG': ofHolder('Tell the originating state without delay.'),
  'O-NOTIFY-COMP': ofHolder('Tell the competent authority of the third state.'),
  'O-NOTIFY-SECRETARIAT': ofHolder(
    'Report a possible violation to the INTERPOL General Secretariat.',
  ),
  'O-DOC': ofHolder('Document date and time, recipient, justification and data of the transfer.'),
  'O-LOG': ofHolder('Log who disclosed what to whom, when and why.'),
  'O-MARK': ofHolder('Apply the marking {value}.', { scales: markings }),
  'O-DP': ofRequester('Do not use the data in a proceeding that leads to a death sentence.'),
  'O-CONF': ofRequester('Keep the request and its answer confidential.'),
  'O-FEEDBACK': ofRequester('Report use and outcome when the holder asks.'),
  'O-FOLLOWUP': ofRequester('Follow up with a formal request.'),
  'O-VICTIM': ofRequester('Handle data on victims and witnesses protectively.'),
  'O-MINOR': ofRequester('Have a child specialist handle data on minors.'),
  'O-STATED': ofRequester(
    'This rests on what you stated: {value}. Use the data on no other footing, and tell the holder if it is not so.',
  ),
  'O-CONFIRM': ofHolder('An officer confirms the release.', { before: true }),
  'O-VALID': ofRequester(
    'Before any coercive measure, check with the holder that the data still holds.',
  ),
  'O-ANSWER': ofHolder('Answer the request in time.'),
  'O-REASONS': ofHolder('Give the reasons for the refusal in time.'),
}
